//! A forgotten password: asked for by a program, mailed, chosen on a page.

use serde_json::json;

use crate::stage::{ADMIN, STAFF, Stage, UBI, refused};

const NEW: &str = "lantern-light-7";

async fn log_in(stage: &Stage, password: &str) -> u16 {
    let body = json!({ "UBI": UBI, "Username": STAFF, "Password": password }).to_string();
    let kind = [("content-type", "application/json")];
    stage.call("POST /v1/user/login", &kind, &body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_chosen_anew_by_a_link_that_works_once() {
    let Some(stage) = Stage::open().await else { return };
    let body = json!({ "UBI": UBI, "Username": STAFF });
    stage.ok("POST /v1/user/password-reset-request", "", body).await;
    stage.goto("/mailbox").await;
    let mail = stage.browser.text("article").await;
    assert!(mail.contains(STAFF) && !mail.contains(ADMIN), "{mail}");
    stage.browser.follow("article a").await;
    stage.is_at("/password").await;
    let link = stage.browser.url().await;
    assert_eq!(link.query_pairs().count(), 1, "{link}");

    stage.browser.fill("/password", &[("Password", "short")]).await;
    stage.browser.press("Set it").await;
    assert!(stage.browser.text("[role=alert]").await.contains("too simple"));
    assert_eq!(log_in(&stage, "short").await, 401);

    stage.browser.fill("/password", &[("Password", NEW)]).await;
    stage.browser.press("Set it").await;
    assert!(stage.browser.text("[role=status]").await.contains("has been set"));
    assert_eq!(log_in(&stage, NEW).await, 200);
    assert_eq!(log_in(&stage, crate::stage::PASSWORD).await, 401);

    stage.browser.client.goto(link.as_str()).await.unwrap();
    assert_eq!(stage.browser.text("[role=alert]").await, "This link is no longer valid.");
    assert!(!stage.browser.has("form").await);
    let (_, token) = link.query_pairs().next().unwrap();
    let body = json!({ "Token": token, "Password": "another-light-8" }).to_string();
    let reply = stage.call("POST /password", &[("content-type", "application/json")], &body).await;
    refused(&reply, 400, "ACCT-61", "a link used twice");
    assert_eq!(log_in(&stage, NEW).await, 200);
}
