//! A walk through every page, with a stop at each.

use serde_json::json;

use crate::stage::{ADMIN, EMAIL, PASSWORD, SECRET_WORD, STAFF, Stage, UBI};

/// Goes from page to page and looks at each; a page that only a form leads to is reached through it.
pub(crate) async fn tour(stage: &Stage, look: impl AsyncFn(&'static str)) {
    stage.goto("/").await;
    look("front").await;
    portal(stage, &look).await;
    consent(stage, &look).await;
    stage.goto("/devportal").await;
    look("portal with a consent").await;
    stage.browser.find("summary").await.click().await.unwrap();
    look("portal unfolded").await;
    tags(stage, &look).await;
    password(stage, &look).await;
}

async fn portal(stage: &Stage, look: &impl AsyncFn(&'static str)) {
    let browser = &stage.browser;
    stage.goto("/devportal").await;
    look("portal").await;
    let wrong = [("Email", EMAIL), ("Password", SECRET_WORD)];
    browser.fill("/devportal/login", &wrong).await;
    browser.press("Sign in").await;
    look("portal after a wrong sign-in").await;
    let fields = [
        ("Company", "Northlight Retail Systems"),
        ("Contact", "Ada Marlow"),
        ("Email", EMAIL),
        ("Password", SECRET_WORD),
    ];
    browser.fill("/devportal/register", &fields).await;
    browser.press("Register").await;
    look("portal after registration").await;
    stage.sign_in_to_portal().await;
    look("portal without software").await;
    let fields = [("Name", "Northlight Till"), ("RedirectURI", &stage.callback.address())];
    browser.fill("/devportal/app", &fields).await;
    browser.press("Make keys").await;
    look("portal with a secret").await;
}

async fn consent(stage: &Stage, look: &impl AsyncFn(&'static str)) {
    let browser = &stage.browser;
    let client_id = browser.text("#client-id").await;
    stage.goto(&stage.consent_path(&client_id)).await;
    look("consent").await;
    stage.sign_in_to_consent(&client_id, STAFF, PASSWORD).await;
    look("consent refused").await;
    stage.sign_in_to_consent(&client_id, ADMIN, PASSWORD).await;
    look("consent with licenses").await;
    browser.press("Allow").await;
    assert!(stage.callback.arrival().await.contains_key("code"));
    stage.goto(&stage.consent_path("nobody")).await;
    look("consent to nobody").await;
}

async fn tags(stage: &Stage, look: &impl AsyncFn(&'static str)) {
    stage.goto("/tags").await;
    look("tags before the sign-in").await;
    stage.sign_in_to_tags(ADMIN).await;
    look("tags").await;
    stage.browser.press("Buy").await;
    look("tags after a purchase").await;
}

async fn password(stage: &Stage, look: &impl AsyncFn(&'static str)) {
    let browser = &stage.browser;
    stage.goto("/mailbox").await;
    look("mailbox without mail").await;
    let body = json!({ "UBI": UBI, "Username": STAFF });
    stage.ok("POST /v1/user/password-reset-request", "", body).await;
    stage.goto("/mailbox").await;
    look("mailbox").await;
    browser.follow("article a").await;
    look("password").await;
    for (password, name) in [("short", "password too simple"), ("lantern-light-7", "password set")]
    {
        browser.fill("/password", &[("Password", password)]).await;
        browser.press("Set it").await;
        look(name).await;
    }
}
