//! Everything can be done without a mouse.

use fantoccini::key::Key;
use serde_json::Value;

use crate::stage::{ADMIN, HERE, PASSWORD, STATE, Stage, UBI, WEST};

/// More stops than any page has.
const STOPS_MAX: usize = 60;

/// Goes on by Tab until the focus is at the element.
async fn tab_to(stage: &Stage, css: &str) {
    for _ in 0..STOPS_MAX {
        stage.browser.key(Key::Tab).await;
        let at = format!("return document.activeElement.matches(\"{css}\")");
        if stage.browser.probe(&at).await == Value::Bool(true) {
            return;
        }
    }
    panic!("Tab does not lead to {css}");
}

async fn write(stage: &Stage, text: &str) {
    let field = stage.browser.client.active_element().await.unwrap();
    field.send_keys(text).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_can_be_given_with_the_keyboard_alone() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    stage.goto(&stage.consent_path(&software.id)).await;
    for (name, value) in [("UBI", UBI), ("Username", ADMIN), ("Password", PASSWORD)] {
        tab_to(&stage, &format!("[name={name}]")).await;
        write(&stage, value).await;
    }
    // Enter in the last field signs in; it does not cancel.
    stage.browser.key(Key::Enter).await;
    stage.browser.wait_for("[name=License]").await;
    tab_to(&stage, &format!("[value='{WEST}']")).await;
    stage.browser.key(Key::Space).await;
    tab_to(&stage, "[value=allow]").await;
    stage.browser.key(Key::Enter).await;
    let arrival = stage.callback.arrival().await;
    assert!(arrival.contains_key("code"), "{arrival:?}");
    assert_eq!(arrival.get("state").map(String::as_str), Some(STATE));
    let consents = stage.consents(&software).await;
    assert_eq!(consents[0]["License"], serde_json::json!([HERE]), "{consents:?}");
}
