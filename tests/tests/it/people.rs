//! Two people who write at the same moment: what no scenario can order.

use serde_json::json;
use tagtrail_conformance::player::client::Reply;

use crate::stand::{Headers, Stand, header};

const LAB: &str = "OCM-CPL-90011";

/// The last administrator stays. Each asked while the other still was one, so that only the order in
/// the world's queue decides; who comes second may also find that the session has just ended.
const LAST: &str = "ACCT-53";
const ENDED: &str = "ACCT-40";

/// More than enough for one of them to meet the two in the queue; most do.
const TRIES: usize = 100;

#[tokio::test]
async fn two_administrators_who_deactivate_each_other_leave_one() {
    let stand = Stand::new().await;
    let admin = stand.log_in_lab("admin@cedar-assay.example", LAB).await;
    let analyst = stand.log_in_lab("analyst@cedar-assay.example", LAB).await;
    stand.ok("PUT /v1/lab/user/2", &admin, Some(&json!({"Admin": true}))).await;
    for _ in 0..TRIES {
        let late = deactivate_each_other(&stand, &admin, &analyst).await;
        let rule = late.header("x-tagtrail-rule").unwrap();
        if rule == LAST {
            return;
        }
        assert_eq!(rule, ENDED);
    }
    panic!("the two never met");
}

/// In a world of its own; the reply to the one who came too late.
async fn deactivate_each_other(stand: &Stand, admin: &Headers, analyst: &Headers) -> Reply {
    stand.control("POST /worlds/default/fork", json!({"name": "try"})).await;
    let there = |headers: &Headers| {
        let mut headers = headers.clone();
        headers.push(header("X-Tagtrail-World", "try"));
        headers
    };
    let (admin, analyst) = (there(admin), there(analyst));
    let (one, other) = tokio::join!(
        stand.call("DELETE /v1/lab/user/2", &admin, None),
        stand.call("DELETE /v1/lab/user/1", &analyst, None),
    );
    assert_ne!(one.is_success(), other.is_success(), "one goes and one stays");
    let (stays, late) = if one.is_success() { (&admin, other) } else { (&analyst, one) };
    let people = stand.ok("GET /v1/lab/user?Active=true", stays, None).await;
    assert_eq!(people["LabUsers"].as_array().unwrap().len(), 1, "{people}");
    stand.control("DELETE /worlds/try", json!(null)).await;
    late
}
