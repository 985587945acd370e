//! The portal on the wire: who may send which form, what cookies and pages carry, what stays in its world.

use bytes::Bytes;
use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_emulator::Config;

use crate::doors::exchange;
use crate::stand::{ADMIN, BIRCH, Headers, PASSWORD, Stand, header, text};

const FORM: &str = "application/x-www-form-urlencoded";
const DEVELOPER: &str = "dev@example-integrations.example";
const REQUEST: &str =
    "response_type=code&client_id=tagtrail-dev-client&redirect_uri=http://localhost/callback";

/// Every page that anybody may open.
const PAGES: [&str; 5] =
    ["GET /", "GET /devportal", "GET /tags", "GET /mailbox", "GET /documentation/index.html"];

/// What a browser sends with a form.
fn browser(cookie: &str) -> Headers {
    let accept = header("Accept", "text/html,application/xhtml+xml");
    vec![accept, header("Content-Type", FORM), header("Cookie", cookie)]
}

async fn send(stand: &Stand, start: &str, headers: &Headers, form: &str) -> Reply {
    stand.send(start, headers, Some(Bytes::copy_from_slice(form.as_bytes()))).await
}

/// The cookie of an integrator who signed in with a form.
async fn signed_in(stand: &Stand, base: &str) -> String {
    let form = format!("Email={DEVELOPER}&Password={PASSWORD}");
    let start = format!("POST {base}/devportal/login");
    let reply = send(stand, &start, &browser(""), &form).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    assert_eq!(reply.header("location"), Some(format!("{base}/devportal").as_str()));
    let cookie = reply.header("set-cookie").unwrap();
    let path = format!("; Path={base}/devportal; HttpOnly; SameSite=Strict");
    assert!(cookie.ends_with(&path), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

/// The key that a page of the integrator puts into its forms.
async fn form_key(stand: &Stand, base: &str, cookie: &str) -> String {
    let page = stand.call(&format!("GET {base}/devportal"), &browser(cookie), None).await;
    let page = text(&page);
    let after = page.split("name=\"FormKey\" value=\"").nth(1).unwrap();
    after.split('"').next().unwrap().to_owned()
}

async fn apps(stand: &Stand) -> usize {
    let body = json!({ "Email": DEVELOPER, "Password": PASSWORD });
    let session = stand.ok("POST /devportal/login", &Vec::new(), Some(&body)).await;
    let session = session["Session"].as_str().unwrap();
    let headers = vec![header("Authorization", &format!("Bearer {session}"))];
    let apps = stand.ok("GET /devportal/app", &headers, None).await;
    apps["App"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_form_that_rests_on_a_cookie_needs_the_key_of_a_page_of_ours() {
    let stand = Stand::new().await;
    let cookie = signed_in(&stand, "").await;
    let key = form_key(&stand, "", &cookie).await;
    let form = "Name=A&RedirectURI=http://a.example/";
    let mut wrong = key.clone();
    wrong.replace_range(..1, if key.starts_with('0') { "1" } else { "0" });
    for form in [form.to_owned(), format!("{form}&FormKey="), format!("{form}&FormKey={wrong}")] {
        let reply = send(&stand, "POST /devportal/app", &browser(&cookie), &form).await;
        assert_eq!(reply.status, 401, "{form}");
        assert_eq!(reply.header("x-tagtrail-rule"), Some("ACCT-36"));
    }
    let json = vec![header("Cookie", &cookie), header("Content-Type", "application/json")];
    let body = r#"{"Name": "A", "RedirectURI": ["http://a.example/"]}"#;
    assert_eq!(send(&stand, "POST /devportal/app", &json, body).await.status, 401);
    assert_eq!(apps(&stand).await, 1);
    let form = format!("{form}&FormKey={key}");
    let reply = send(&stand, "POST /devportal/app", &browser(&cookie), &form).await;
    assert_eq!(reply.status, 200);
    assert!(text(&reply).contains("id=\"client-secret\""));
    assert_eq!(apps(&stand).await, 2);
}

#[tokio::test]
async fn no_page_of_another_site_signs_anybody_in() {
    let stand = Stand::new().await;
    let form = format!("Email={DEVELOPER}&Password={PASSWORD}");
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "http://evil.example"),
    ] {
        let mut headers = browser("");
        headers.push(header(name, value));
        let reply = send(&stand, "POST /devportal/login", &headers, &form).await;
        assert_eq!((reply.status, reply.header("set-cookie")), (401, None), "{name}: {value}");
    }
}

#[tokio::test]
async fn a_session_of_one_world_is_nobody_in_another() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({ "name": "twin" })).await;
    stand.control("POST /worlds", json!({ "name": "other", "seed": 2 })).await;
    // Worlds of one seed repeat their tokens, so somebody else has to sign in first.
    let body = json!({
        "Company": "X", "Contact": "Y", "Email": "x@x.example", "Password": "long-enough-1",
    });
    stand.ok("POST /worlds/other/devportal/register", &Vec::new(), Some(&body)).await;
    stand.ok("POST /worlds/other/devportal/login", &Vec::new(), Some(&body)).await;
    let cookie = signed_in(&stand, "/worlds/twin").await;
    let page = stand.call("GET /worlds/twin/devportal", &browser(&cookie), None).await;
    assert!(text(&page).contains("action=\"/worlds/twin/devportal/logout\""));
    assert!(!text(&page).contains("\"/devportal"), "a link leads out of the world");
    for base in ["", "/worlds/other"] {
        let page = stand.call(&format!("GET {base}/devportal"), &browser(&cookie), None).await;
        assert!(text(&page).contains("Sign in"), "{base}");
    }
}

#[tokio::test]
async fn every_page_says_what_it_may_load_and_is_never_kept() {
    let stand = Stand::new().await;
    let consent = format!("GET /oauth?{REQUEST}");
    for start in PAGES.into_iter().chain([consent.as_str()]) {
        let reply = stand.call(start, &browser(""), None).await;
        assert_eq!(reply.status, 200, "{start}");
        let policy = reply.header("content-security-policy").unwrap();
        for said in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(said), "{start}: {policy}");
        }
        let away = policy.ends_with("form-action 'self' http: https:");
        assert_eq!(away, start == consent, "{start}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{start}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{start}");
        let scripts = text(&reply).matches("<script").count();
        let own = text(&reply).matches("<script src=\"/").count();
        assert_eq!(scripts, own, "{start}");
        assert!(!text(&reply).contains("style=\""), "{start}");
    }
}

#[tokio::test]
async fn what_a_visitor_wrote_is_shown_and_never_run() {
    let stand = Stand::new().await;
    let cookie = signed_in(&stand, "").await;
    let key = form_key(&stand, "", &cookie).await;
    let named = format!("Name=%3Cscript%3Ex%3C/script%3E&RedirectURI=http://a/&FormKey={key}");
    send(&stand, "POST /devportal/app", &browser(&cookie), &named).await;
    let page = stand.call("GET /devportal", &browser(&cookie), None).await;
    assert!(text(&page).contains("&#60;script&#62;x"), "{}", text(&page));
    assert!(!text(&page).contains("<script>x"));
    let script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let form = format!("{REQUEST}&state={script}&UBI={script}&Username={script}&Password=x");
    let reply = send(&stand, "POST /oauth", &browser(""), &form).await;
    assert_eq!(reply.status, 401);
    assert!(text(&reply).contains("&#62;&#60;script&#62;"), "{}", text(&reply));
    assert!(!text(&reply).contains("<script"), "{}", text(&reply));
}

#[tokio::test]
async fn where_the_control_plane_asks_for_a_token_the_mailbox_does_too() {
    let token = Some("a-token".to_owned());
    let stand = Stand::with(Config { control_token: token, ..Config::default() }).await;
    let reply = stand.call("GET /mailbox", &Vec::new(), None).await;
    assert_eq!(reply.status, 401);
    let headers = vec![header("Authorization", "Bearer a-token")];
    assert_eq!(stand.call("GET /mailbox", &headers, None).await.status, 200);
}

#[tokio::test]
async fn a_name_that_failed_too_often_rests_when_the_sandbox_was_told_so() {
    let stand = Stand::with(Config { lockout: Some(3), ..Config::default() }).await;
    let log_in = |password: &str| json!({ "UBI": BIRCH, "Username": ADMIN, "Password": password });
    for _ in 0..3 {
        let reply = stand.call("POST /v1/user/login", &Vec::new(), Some(&log_in("no"))).await;
        assert_eq!(reply.status, 401);
    }
    let right = log_in(PASSWORD);
    let resting = stand.call("POST /v1/user/login", &Vec::new(), Some(&right)).await;
    assert_eq!(resting.status, 401);
    // The consent page asks the same person, so it rests there, too.
    let form = format!("{REQUEST}&UBI={BIRCH}&Username={ADMIN}&Password={PASSWORD}&Decision=allow");
    let reply = send(&stand, "POST /oauth", &browser(""), &form).await;
    assert_eq!(reply.header("x-tagtrail-rule"), Some("ACCT-13"));
    stand.control("POST /worlds/default/clock/step", json!({ "by": "15 min" })).await;
    stand.ok("POST /v1/user/login", &Vec::new(), Some(&right)).await;
}

#[tokio::test]
async fn forms_that_are_too_large_or_make_no_sense_are_refused_and_answered() {
    let stand = Stand::new().await;
    let large = format!("grant_type={}", "x".repeat(11 << 20));
    let reply = send(&stand, "POST /oauth/token", &browser(""), &large).await;
    assert_eq!(reply.status, 413);
    let doors = [
        "POST /devportal/register",
        "POST /devportal/login",
        "POST /devportal/app",
        "POST /oauth",
        "POST /oauth/token",
        "POST /oauth/revoke",
        "POST /password",
        "POST /tags",
        "POST /tags/login",
    ];
    let odd = ["", "&&&===", "%ff%fe=%00", "a=1&a=2", "License=&License=", "Email[]=x", "\u{0}"];
    let json = ["", "[]", "null", "{", r#"{"Email": 1}"#, r#"{"License": {}}"#, "\"x\""];
    for start in doors {
        for form in odd {
            refused(start, &send(&stand, start, &browser("tagtrail_portal=x"), form).await);
        }
        for body in json {
            refused(start, &send(&stand, start, &Headers::new(), body).await);
        }
    }
}

fn refused(start: &str, reply: &Reply) {
    assert!((400..500).contains(&reply.status), "{start}: {} {}", reply.status, text(reply));
    let page = text(reply).starts_with("<!doctype html>");
    let error = reply.json.as_ref().is_some_and(|body: &Value| body["Error"].is_string());
    assert!(page || error, "{start}: {}", text(reply));
}

#[tokio::test]
async fn a_door_knows_its_methods() {
    let stand = Stand::new().await;
    let reply = stand.call("DELETE /devportal/login", &Vec::new(), None).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
    let reply = stand.call("PUT /oauth", &Vec::new(), None).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST")));
}

#[tokio::test]
async fn a_name_elsewhere_that_leads_here_opens_neither_mailbox_nor_control_plane() {
    let stand = Stand::new().await;
    for start in ["GET /mailbox", "GET /_tagtrail/worlds"] {
        for (host, fits) in [
            ("evil.example", false),
            ("evil.example:8910", false),
            ("127.0.0.1.evil.example", false),
            ("localhost:8910", true),
            ("[::1]:8910", true),
        ] {
            let request = format!("{start} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let reply = exchange(&stand.address(), &[request.as_bytes()]).await;
            let head = reply.lines().next().unwrap_or_default();
            assert_eq!(head == "HTTP/1.1 200 OK", fits, "{start} at {host}: {head}");
        }
    }
}

#[tokio::test]
async fn looking_at_the_portal_and_changing_it_at_once_blocks_nobody() {
    let stand = Stand::new().await;
    let body = json!({ "Email": DEVELOPER, "Password": PASSWORD });
    let session = stand.ok("POST /devportal/login", &Vec::new(), Some(&body)).await;
    let token = format!("Bearer {}", session["Session"].as_str().unwrap());
    let headers = vec![header("Authorization", &token)];
    let looks = async {
        for _ in 0..60 {
            stand.ok("GET /devportal/credential", &headers, None).await;
        }
    };
    let changes = async {
        for number in 0..60 {
            let app = json!({ "Name": number.to_string(), "RedirectURI": ["http://a.example/"] });
            stand.ok("POST /devportal/app", &headers, Some(&app)).await;
        }
    };
    tokio::join!(looks, changes);
}
