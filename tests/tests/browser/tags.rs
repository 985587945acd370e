//! Tags are bought on a page.

use crate::stage::{ADMIN, STAFF, Stage};

async fn available(stage: &Stage) -> u64 {
    stage.browser.text("#available").await.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_buys_blocks_of_tags_and_the_balance_grows_by_them() {
    let Some(stage) = Stage::open().await else { return };
    stage.sign_in_to_tags(ADMIN).await;
    let before = available(&stage).await;
    let first = stage.browser.find("[name=BlockSize]:checked").await;
    let first: u64 = first.prop("value").await.unwrap().unwrap().parse().unwrap();
    stage.browser.press("Buy").await;
    stage.is_at("/tags").await;
    assert_eq!(available(&stage).await, before + first);

    stage.browser.find("label:nth-of-type(2) [name=BlockSize]").await.click().await.unwrap();
    let second = stage.browser.find("[name=BlockSize]:checked").await;
    let second: u64 = second.prop("value").await.unwrap().unwrap().parse().unwrap();
    assert_ne!(first, second);
    stage.browser.fill("/tags", &[("Blocks", "3")]).await;
    stage.browser.press("Buy").await;
    assert_eq!(available(&stage).await, before + first + 3 * second);

    // The page after a purchase can be loaded again without buying once more.
    stage.browser.client.refresh().await.unwrap();
    assert_eq!(available(&stage).await, before + first + 3 * second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_no_administrator_buys_no_tags() {
    let Some(stage) = Stage::open().await else { return };
    stage.sign_in_to_tags(STAFF).await;
    assert!(!stage.browser.text("[role=alert]").await.is_empty());
    assert!(!stage.browser.has("#available").await);
}
