//! The whole way of a software: from registration to its first call, until the consent lapses, and on.

use serde_json::Value;

use crate::stage::{ADMIN, EMAIL, HERE, PASSWORD, SECRET_WORD, STATE, Stage, UBI, WEST, refused};

/// Keys as the page shows them.
struct Keys {
    id: String,
    secret: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_software_goes_the_whole_way_from_registration_to_the_renewal_of_its_consent() {
    let Some(stage) = Stage::open().await else { return };
    register(&stage).await;
    stage.sign_in_to_portal().await;
    let keys = make_keys(&stage).await;

    let code = consent(&stage, &keys).await;
    let token = exchange(&stage, &keys, &code).await;
    let first = stage.api("/v1/user", &token, HERE).await;
    assert_eq!(first.status, 200, "{}", String::from_utf8_lossy(&first.body));
    refused(&stage.api("/v1/user", &token, WEST).await, 403, "ACCT-20", "a license not ticked");
    stage.goto("/devportal").await;
    let row = stage.browser.text("tbody tr").await;
    for shown in [UBI, HERE, ADMIN, "2025-11-05T13:00:00Z", "Active 100"] {
        assert!(row.contains(shown), "{shown} is missing in {row}");
    }
    assert!(!row.contains(WEST), "{row}");

    stage.pass_time("100 d").await;
    refused(&stage.api("/v1/user", &token, HERE).await, 403, "ACCT-17", "after a hundred days");
    stage.sign_in_to_portal().await;
    let row = stage.browser.text("tbody tr").await;
    assert!(row.contains("Lapsed 0"), "{row}");

    let code = consent(&stage, &keys).await;
    let renewed = exchange(&stage, &keys, &code).await;
    assert_eq!(stage.api("/v1/user", &renewed, HERE).await.status, 200);
    stage.goto("/devportal").await;
    let row = stage.browser.text("tbody tr").await;
    assert!(row.contains("Active 100"), "{row}");
}

async fn register(stage: &Stage) {
    stage.goto("/devportal").await;
    let fields = [
        ("Company", "Northlight"),
        ("Contact", "Ada"),
        ("Email", EMAIL),
        ("Password", SECRET_WORD),
        ("Kind", "POS"),
    ];
    stage.browser.fill("/devportal/register", &fields).await;
    stage.browser.press("Register").await;
    stage.is_at("/devportal").await;
    assert!(stage.browser.text("[role=status]").await.starts_with("Registered."));
}

/// The page after the form shows the secret; no other does.
async fn make_keys(stage: &Stage) -> Keys {
    let fields = [("Name", "Till"), ("RedirectURI", &stage.callback.address())];
    stage.browser.fill("/devportal/app", &fields).await;
    stage.browser.press("Make keys").await;
    let id = stage.browser.text("#client-id").await;
    let secret = stage.browser.text("#client-secret").await;
    assert!(!secret.is_empty() && secret != id);
    stage.browser.follow("section.done a").await;
    stage.is_at("/devportal").await;
    for look in ["once", "and once more"] {
        let page = stage.browser.client.source().await.unwrap();
        assert!(page.contains(&id), "{look}");
        assert!(!page.contains(&secret), "the secret can be read {look}");
        stage.browser.client.refresh().await.unwrap();
    }
    Keys { id, secret }
}

/// The administrator consents for one of two sites; the code that arrives.
async fn consent(stage: &Stage, keys: &Keys) -> String {
    stage.sign_in_to_consent(&keys.id, ADMIN, PASSWORD).await;
    stage.browser.find(&format!("[name=License][value='{WEST}']")).await.click().await.unwrap();
    stage.browser.press("Allow").await;
    let url = stage.browser.url().await;
    assert!(url.as_str().starts_with(&stage.callback.address()), "{url}");
    let mut arrival = stage.callback.arrival().await;
    assert_eq!(arrival.remove("state").as_deref(), Some(STATE));
    let code = arrival.remove("code").unwrap();
    assert!(arrival.is_empty(), "{arrival:?}");
    code
}

/// An access token for a code.
async fn exchange(stage: &Stage, keys: &Keys, code: &str) -> String {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", &keys.id),
        ("client_secret", &keys.secret),
        ("code", code),
        ("redirect_uri", &stage.callback.address()),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let reply = stage.call("POST /oauth/token", &kind, &form).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let said = reply.json.unwrap();
    assert_eq!(said["expires_in"], Value::from(8_640_000));
    said["access_token"].as_str().unwrap().to_owned()
}
