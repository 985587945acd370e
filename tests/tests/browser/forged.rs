//! Forms that no page of ours gave: a cookie alone does nothing.

use serde_json::Value;

use crate::stage::{ADMIN, EMAIL, HERE, PASSWORD, SECRET_WORD, Software, Stage, UBI, refused};

const FORM: &str = "application/x-www-form-urlencoded";
const PORTAL_COOKIE: &str = "tagtrail_portal";
const PERSON_COOKIE: &str = "tagtrail_person";

/// Sends to a door with the cookie and without the right key, in all the ways in which a browser could be
/// made to.
async fn forge(stage: &Stage, start: &str, cookie: &str, fields: &str, foreign_key: &str) {
    let json = r#"{"Name":"x","RedirectURI":["http://evil.example/"],"BlockSize":100,"Blocks":1}"#;
    let attempts = [
        (FORM, fields.to_owned()),
        (FORM, format!("{fields}&FormKey=")),
        (FORM, format!("{fields}&FormKey=0123456789abcdef")),
        (FORM, format!("{fields}&FormKey={foreign_key}")),
        (FORM, format!("{fields}&FormKey={foreign_key}&FormKey={foreign_key}")),
        ("application/json", json.to_owned()),
        ("text/plain", json.to_owned()),
        ("multipart/form-data; boundary=x", String::new()),
    ];
    for (kind, body) in attempts {
        let headers = [("content-type", kind), ("cookie", cookie), ("accept", "text/html")];
        let reply = stage.call(start, &headers, &body).await;
        refused(&reply, 401, "ACCT-36", &format!("{start} {kind} {body}"));
    }
}

/// The key that a page gave to the browser.
async fn key_on_page(stage: &Stage) -> String {
    stage.browser.find("[name=FormKey]").await.prop("value").await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_portal_without_its_key_is_refused_and_changes_nothing() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    give_consent(&stage, &software).await;
    stage.sign_in_to_portal().await;
    let foreign = key_on_page(&stage).await;
    stage.browser.press("Sign out").await;
    stage.sign_in_to_portal().await;
    let cookie = stage.cookie(PORTAL_COOKIE).await;
    let before = stage.listed(&software).await;
    let app = format!("POST /devportal/app/{}", software.id);
    let consent = before[1]["Consent"][0]["ID"].to_string();
    let address = "Name=x&RedirectURI=http://evil.example/";
    for (start, fields) in [
        ("POST /devportal/app".to_owned(), address),
        (app.clone(), address),
        (app.replace("POST", "PUT"), address),
        (app.replace("POST", "DELETE"), "a=b"),
        (format!("{app}/secret"), "a=b"),
        (format!("{app}/close"), "a=b"),
        (format!("{app}/consent/{consent}/revoke"), "a=b"),
        (format!("{app}/consent/{consent}").replace("POST", "DELETE"), "a=b"),
        ("POST /devportal/logout".to_owned(), "a=b"),
    ] {
        forge(&stage, &start, &cookie, fields, &foreign).await;
    }
    assert_eq!(stage.listed(&software).await, before);
    stage.goto("/devportal").await;
    assert!(stage.browser.has("form[action$='/devportal/logout']").await, "it was signed out");
}

async fn give_consent(stage: &Stage, software: &Software) {
    stage.sign_in_to_consent(&software.id, ADMIN, PASSWORD).await;
    stage.browser.press("Allow").await;
    assert!(stage.callback.arrival().await.contains_key("code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_tags_page_without_its_key_is_refused_and_buys_nothing() {
    let Some(stage) = Stage::open().await else { return };
    stage.sign_in_to_tags(ADMIN).await;
    let foreign = key_on_page(&stage).await;
    stage.browser.press(&format!("Sign out {ADMIN}")).await;
    stage.sign_in_to_tags(ADMIN).await;
    let cookie = stage.cookie(PERSON_COOKIE).await;
    let path = format!("GET /_tagtrail/worlds/default/tags/{UBI}");
    let before = stage.ok(&path, "", Value::Null).await;
    forge(&stage, "POST /tags", &cookie, "BlockSize=100&Blocks=1", &foreign).await;
    forge(&stage, "POST /tags/logout", &cookie, "a=b", &foreign).await;
    assert_eq!(stage.ok(&path, "", Value::Null).await, before);
    stage.goto("/tags").await;
    assert!(stage.browser.has("form[action$='/tags/logout']").await, "it was signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_the_pages_opens_no_call_of_the_api() {
    let Some(stage) = Stage::open().await else { return };
    stage.sign_in_to_tags(ADMIN).await;
    let cookie = stage.cookie(PERSON_COOKIE).await;
    let headers = [("cookie", cookie.as_str()), ("x-license", HERE)];
    refused(&stage.call("GET /v1/user", &headers, "").await, 401, "ACCT-36", "a cookie alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_signs_nobody_in() {
    let Some(stage) = Stage::open().await else { return };
    stage.software("Till").await;
    let portal = [("Email", EMAIL), ("Password", SECRET_WORD)];
    let tags = [("UBI", UBI), ("Username", ADMIN), ("Password", PASSWORD)];
    for (path, fields) in [("/devportal", portal.as_slice()), ("/tags", tags.as_slice())] {
        let field = |(name, value): &(&str, &str)| format!("<input name='{name}' value='{value}'>");
        let fields: String = fields.iter().map(field).collect();
        let action = format!("{}{path}/login", stage.origin());
        let page =
            format!("<form method=post action='{action}'>{fields}<button>Go</button></form>");
        stage.browser.client.goto(&format!("data:text/html,{page}")).await.unwrap();
        stage.browser.press("Go").await;
        stage.is_at(&format!("{path}/login")).await;
        stage.goto(path).await;
        assert!(!stage.browser.has(&format!("form[action$='{path}/logout']")).await, "{path}");
        assert!(stage.browser.client.get_all_cookies().await.unwrap().is_empty(), "{path}");
    }
}
