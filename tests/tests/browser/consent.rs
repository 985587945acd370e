//! Consent that is not given: the browser goes back with a "no", or does not leave at all.

use crate::stage::{ADMIN, PASSWORD, STAFF, STATE, Software, Stage, UBI};

const WRONG: &str = "Invalid username or password.";
const NO_ADMINISTRATOR: &str =
    "Only an administrator of the license can authorize a software vendor.";
const UNKNOWN: &str = "The app or its redirect address is unknown.";

/// The browser came back with a "no" and the state as it was, and nothing was granted.
async fn denied(stage: &Stage, software: &Software) {
    let arrival = stage.callback.arrival().await;
    assert_eq!(arrival.get("error").map(String::as_str), Some("access_denied"), "{arrival:?}");
    assert_eq!(arrival.get("state").map(String::as_str), Some(STATE));
    assert_eq!(arrival.len(), 2, "{arrival:?}");
    assert!(stage.consents(software).await.is_empty());
}

/// The page stands as it was with this sentence, the browser did not leave, and nothing was granted.
async fn stayed(stage: &Stage, software: &Software, sentence: &str) {
    stage.is_at("/oauth").await;
    assert_eq!(stage.browser.text("[role=alert]").await, sentence);
    assert!(stage.callback.arrivals().is_empty());
    assert!(stage.consents(software).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_denies_goes_back_with_a_no_after_signing_in_or_before() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    stage.sign_in_to_consent(&software.id, ADMIN, PASSWORD).await;
    stage.browser.press("Deny").await;
    denied(&stage, &software).await;
    stage.goto(&stage.consent_path(&software.id)).await;
    stage.browser.press("Cancel").await;
    denied(&stage, &software).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_shows_the_page_again_with_what_was_written_but_the_password() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    stage.sign_in_to_consent(&software.id, ADMIN, "tagtrail-dev-2").await;
    stayed(&stage, &software, WRONG).await;
    for (name, value) in [("UBI", UBI), ("Username", ADMIN), ("Password", "")] {
        let field = stage.browser.find(&format!("[name={name}]")).await;
        assert_eq!(field.prop("value").await.unwrap().as_deref(), Some(value), "{name}");
    }
    stage.browser.fill("/oauth", &[("Password", PASSWORD)]).await;
    stage.browser.press("Sign in").await;
    stage.browser.press("Allow").await;
    let arrival = stage.callback.arrival().await;
    assert!(arrival.contains_key("code"), "{arrival:?}");
    assert_eq!(arrival.get("state").map(String::as_str), Some(STATE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_no_administrator_cannot_consent() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    stage.sign_in_to_consent(&software.id, STAFF, PASSWORD).await;
    stayed(&stage, &software, NO_ADMINISTRATOR).await;
    assert!(!stage.browser.has("[name=License]").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn none_ticked_is_none_granted() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    stage.sign_in_to_consent(&software.id, ADMIN, PASSWORD).await;
    while stage.browser.has("[name=License]:checked").await {
        stage.browser.find("[name=License]:checked").await.click().await.unwrap();
    }
    stage.browser.press("Allow").await;
    stayed(&stage, &software, "Please select at least one license.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_software_may_send_the_browser_on_to_another_site() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    for answer in ["Allow", "Deny"] {
        stage.goto(&stage.consent_path_to(&software.id, &stage.callback.onward())).await;
        stage.sign_in_here(ADMIN, PASSWORD).await;
        stage.browser.press(answer).await;
        let arrival = stage.callback.arrival().await;
        assert_eq!(arrival.get("state").map(String::as_str), Some(STATE), "{answer}");
        assert_eq!(stage.browser.url().await.host_str(), Some("localhost"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_software_or_a_foreign_address_shows_an_error_and_the_browser_stays() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    let own = stage.callback.address();
    let foreign = [
        stage.consent_path("nobody"),
        format!("/oauth?response_type=code&client_id={}&redirect_uri={own}/more", software.id),
        format!("/oauth?response_type=code&client_id={}&redirect_uri={own}%3Fa=b", software.id),
        format!(
            "/oauth?response_type=code&client_id={}&redirect_uri=https://evil.example/",
            software.id
        ),
        format!("/oauth?response_type=token&client_id=nobody&redirect_uri={own}"),
    ];
    for path in foreign {
        stage.goto(&path).await;
        stayed(&stage, &software, UNKNOWN).await;
        assert!(!stage.browser.has("form").await, "{path}");
    }
}
