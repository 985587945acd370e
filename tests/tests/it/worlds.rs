//! Worlds are apart from one another, and are made, reset, copied and dropped as asked.

use serde_json::{Value, json};
use tagtrail_emulator::Config;
use tagtrail_schemas::Method;

use crate::example::live;
use crate::stand::{ADMIN, BIRCH, Headers, PASSWORD, STAFF, Stand, header, is_error, text};

const SITE: &str = "OCM-CULT-25-900101";
const ROOM: &str = "POST /v1/plant/room";

fn in_world(headers: &Headers, world: &str) -> Headers {
    let mut headers = headers.clone();
    headers.push(header("X-Tagtrail-World", world));
    headers
}

fn room(name: &str) -> Value {
    json!({"LocationLicense": SITE, "Name": name})
}

async fn rooms(stand: &Stand, headers: &Headers) -> Vec<String> {
    let said = stand.ok("GET /v1/plant/room", headers, None).await;
    let rooms = said["Room"].as_array().unwrap().iter();
    rooms.map(|it| it["Name"].as_str().unwrap().to_owned()).collect()
}

/// Creates an item, which takes a new identifier.
async fn mint(stand: &Stand, headers: &Headers) -> Value {
    let route = tagtrail_schemas::route("inventoryCreate").unwrap();
    let body = tagtrail_schemas::request_example(route).unwrap();
    let said = stand.ok("POST /v1/inventory", headers, Some(&body)).await;
    said["Inventory"][0]["ID"].clone()
}

/// What a world shows first: sessions, sync, every list, and the numbers of its first writes.
async fn first_sights(stand: &Stand, world: &str) -> Vec<(String, String)> {
    let prefix = format!("/worlds/{world}");
    let clock = stand.control(&format!("GET /worlds/{world}/clock"), Value::Null).await;
    let mut seen = vec![("clock".to_owned(), clock.to_string())];
    let mut last = Headers::new();
    for name in [STAFF, ADMIN] {
        let headers = stand.log_in_at(&prefix, name, BIRCH).await;
        seen.push((format!("session of {name}"), format!("{headers:?}")));
        last = in_world(&headers, world);
        let lists = live().into_iter().filter(|it| it.method == Method::Get);
        for route in lists.filter(|it| !it.path.contains('{')) {
            let start = format!("GET {}", route.path);
            let reply = stand.call(&start, &last, None).await;
            seen.push((format!("{start} as {name}"), text(&reply)));
        }
    }
    seen.push(("first item".to_owned(), mint(stand, &last).await.to_string()));
    let made = stand.ok(ROOM, &last, Some(&room("The first"))).await;
    seen.push(("first room".to_owned(), made.to_string()));
    seen.push(("sync at the end".to_owned(), stand.sync(&last).await.to_string()));
    seen
}

#[track_caller]
fn alike(seen: &[(String, String)], wanted: &[(String, String)], world: &str) {
    assert_eq!(seen.len(), wanted.len(), "{world}");
    for ((what, seen), (_, wanted)) in seen.iter().zip(wanted) {
        assert_eq!(seen, wanted, "{what} in {world}");
    }
}

#[tokio::test]
async fn an_unknown_world_is_not_found_by_prefix_or_header() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    let reply = stand.call("GET /worlds/nowhere/v1/user", &session, None).await;
    assert_eq!(reply.status, 404, "{}", text(&reply));
    is_error(&reply, "by prefix");
    let reply = stand.call("GET /v1/user", &in_world(&session, "nowhere"), None).await;
    assert_eq!(reply.status, 404, "{}", text(&reply));
    is_error(&reply, "by header");
    for start in ["GET /_tagtrail/worlds/nowhere", "DELETE /_tagtrail/worlds/nowhere"] {
        let reply = stand.call(start, &Vec::new(), None).await;
        assert_eq!(reply.status, 404, "{start}: {}", text(&reply));
        is_error(&reply, start);
    }
}

#[tokio::test]
async fn what_is_written_in_one_world_is_not_seen_in_another() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({"name": "other"})).await;
    let here = stand.log_in(STAFF, BIRCH).await;
    let there = in_world(&stand.log_in_at("/worlds/other", STAFF, BIRCH).await, "other");
    let before = (stand.sync(&there).await, rooms(&stand, &there).await);
    stand.ok(ROOM, &here, Some(&room("Only here"))).await;
    assert!(rooms(&stand, &here).await.contains(&"Only here".to_owned()));
    assert_eq!((stand.sync(&there).await, rooms(&stand, &there).await), before);
    stand.control("POST /worlds/other/clock/step", json!({"by": "1 d"})).await;
    let clock = stand.control("GET /worlds/default/clock", Value::Null).await;
    assert_eq!(clock["Now"], "2025-07-28T13:00:00Z");
}

#[tokio::test]
async fn prefix_and_header_name_the_same_world() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({"name": "other"})).await;
    let session = stand.log_in_at("/worlds/other", STAFF, BIRCH).await;
    stand.ok(ROOM, &in_world(&session, "other"), Some(&room("By header"))).await;
    let said = stand.ok("GET /worlds/other/v1/plant/room", &session, None).await;
    assert!(said.to_string().contains("By header"), "{said}");
}

#[tokio::test]
async fn a_world_that_is_reset_is_as_new_and_mints_the_same_again() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    let before = (stand.sync(&session).await, rooms(&stand, &session).await);
    let first = mint(&stand, &session).await;
    stand.ok(ROOM, &session, Some(&room("Soon gone"))).await;
    stand.control("POST /worlds/default/reset", Value::Null).await;
    let session = stand.log_in(STAFF, BIRCH).await;
    assert_eq!((stand.sync(&session).await, rooms(&stand, &session).await), before);
    assert_eq!(mint(&stand, &session).await, first);
}

/// The default world of a start is seeded anew; the worlds that are made after it are copies.
#[tokio::test]
async fn a_world_made_of_a_kept_store_is_as_one_that_was_seeded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let kinds =
        [(1, "ny-2025-07", None), (8, "family-72h", None), (1, "ny-2025-07", Some(&folder))];
    let asks = Stand::new().await;
    for (seed, profile, folder) in kinds {
        let data = folder.map(|it| it.path().to_owned());
        let config = Config { seed, profile: profile.to_owned(), data, ..Config::default() };
        let stand = Stand::with(config).await;
        let fresh = first_sights(&stand, "default").await;
        assert!(fresh.len() > 20, "{fresh:?}");
        for world in ["first", "second"] {
            stand.control("POST /worlds", json!({ "name": world })).await;
            alike(&first_sights(&stand, world).await, &fresh, world);
        }
        stand.control("POST /worlds/default/reset", Value::Null).await;
        alike(&first_sights(&stand, "default").await, &fresh, "the default world, reset");
        let name = format!("elsewhere-{seed}-{}", folder.is_some());
        let wish = json!({"name": name, "seed": seed, "profile": profile});
        asks.control("POST /worlds", wish).await;
        alike(&first_sights(&asks, &name).await, &fresh, &name);
    }
}

#[tokio::test]
async fn what_is_written_in_a_world_is_not_in_those_that_are_made_like_it() {
    let stand = Stand::new().await;
    let untouched = first_sights(&stand, "default").await;
    stand.control("POST /worlds", json!({"name": "before"})).await;
    stand.control("POST /worlds", json!({"name": "written"})).await;
    let session = stand.log_in_at("/worlds/written", STAFF, BIRCH).await;
    let session = in_world(&session, "written");
    mint(&stand, &session).await;
    stand.ok(ROOM, &session, Some(&room("Only here"))).await;
    stand.control("POST /worlds/written/clock/step", json!({"by": "1 d"})).await;
    stand.control("PUT /worlds/written/tags/604900101", json!({"Available": 1})).await;
    stand.control("POST /worlds", json!({"name": "after"})).await;
    for world in ["before", "after"] {
        alike(&first_sights(&stand, world).await, &untouched, world);
    }
    assert!(rooms(&stand, &session).await.contains(&"Only here".to_owned()));
}

#[tokio::test]
async fn a_copy_has_the_same_goods_sessions_and_identifiers_to_come() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    mint(&stand, &session).await;
    stand.control("POST /worlds/default/fork", json!({"name": "copy"})).await;
    let copied = in_world(&session, "copy");
    assert_eq!(stand.sync(&copied).await, stand.sync(&session).await);
    let next = mint(&stand, &session).await;
    assert_eq!(mint(&stand, &copied).await, next);
    stand.ok(ROOM, &copied, Some(&room("In the copy"))).await;
    assert!(!rooms(&stand, &session).await.contains(&"In the copy".to_owned()));
}

#[tokio::test]
async fn another_seed_mints_other_identifiers() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({"name": "same"})).await;
    stand.control("POST /worlds", json!({"name": "seven", "seed": 7})).await;
    let mut minted = Vec::new();
    for world in ["default", "same", "seven"] {
        let session = stand.log_in_at(&format!("/worlds/{world}"), STAFF, BIRCH).await;
        minted.push(mint(&stand, &in_world(&session, world)).await);
    }
    assert_eq!(minted[0], minted[1]);
    assert_ne!(minted[0], minted[2]);
}

#[tokio::test]
async fn a_dropped_world_is_gone_and_its_name_is_free() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({"name": "brief"})).await;
    let body = json!({"name": "brief"});
    let again = stand.call("POST /_tagtrail/worlds", &Vec::new(), Some(&body)).await;
    assert_eq!(again.status, 409);
    stand.control("DELETE /worlds/brief", Value::Null).await;
    let gone = stand.call("GET /worlds/brief/heartbeat", &Vec::new(), None).await;
    assert_eq!(gone.status, 404);
    stand.control("POST /worlds", json!({"name": "brief"})).await;
    let kept = stand.call("DELETE /_tagtrail/worlds/default", &Vec::new(), None).await;
    assert_eq!(kept.status, 400, "{}", text(&kept));
}

#[tokio::test]
async fn a_name_that_could_leave_the_folder_is_no_world() {
    let stand = Stand::new().await;
    for name in ["", "..", "../up", "a/b", "-a", "a b", "ä", &"a".repeat(65)] {
        let body = json!({ "name": name });
        let reply = stand.call("POST /_tagtrail/worlds", &Vec::new(), Some(&body)).await;
        assert_eq!(reply.status, 400, "{name}: {}", text(&reply));
        is_error(&reply, name);
    }
}

#[tokio::test]
async fn the_journal_tells_every_call_and_no_secret() {
    let stand = Stand::new().await;
    let session = stand.log_in(ADMIN, BIRCH).await;
    let secrets: Vec<String> = session
        .iter()
        .map(|(_, value)| value.trim_start_matches("Bearer ").to_owned())
        .chain([PASSWORD.to_owned()])
        .collect();
    stand.ok(ROOM, &session, Some(&room("Written down"))).await;
    let broken = format!("{{\"Password\": \"{PASSWORD}\"");
    stand.send("POST /v1/user/login", &session, Some(bytes::Bytes::from(broken))).await;
    let journal = stand.control("GET /worlds/default/journal", Value::Null).await.to_string();
    assert!(journal.contains("Written down") && journal.contains("/v1/user/login"), "{journal}");
    for secret in secrets {
        assert!(!journal.contains(&secret), "{secret} stands in {journal}");
    }
}

#[tokio::test]
async fn the_clock_does_not_go_back() {
    let stand = Stand::new().await;
    let back = json!({"mode": "frozen", "at": "2025-07-28T12:59:59Z"});
    let start = "PUT /_tagtrail/worlds/default/clock";
    let reply = stand.call(start, &Vec::new(), Some(&back)).await;
    assert_eq!(reply.status, 400, "{}", text(&reply));
    is_error(&reply, "setting the clock back");
}

#[tokio::test]
async fn the_operator_is_told_by_the_rules_what_cannot_be() {
    let stand = Stand::new().await;
    let consents = "POST /_tagtrail/worlds/default/consents";
    let stranger = json!({"UBI": BIRCH, "ClientID": "no-such-app"});
    let closed = json!({"State": "closed"});
    let nowhere = "PUT /_tagtrail/worlds/default/licenses/OCM-NONE-00-000000";
    for (start, body, id) in [(consents, stranger, "ACCT-10"), (nowhere, closed, "LIC-24")] {
        let reply = stand.call(start, &Vec::new(), Some(&body)).await;
        let rule = tagtrail_schemas::rule(id).unwrap();
        assert_eq!(reply.status, rule.status[0], "{start}: {}", text(&reply));
        assert_eq!(reply.json.unwrap()["Error"], rule.sentence(&[]), "{start}");
    }
}

#[tokio::test]
async fn worlds_in_a_folder_are_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config { data: Some(folder.path().to_owned()), ..Config::default() };
    let stand = Stand::with(config()).await;
    stand.control("POST /worlds", json!({"name": "kept"})).await;
    stand.control("POST /worlds", json!({"name": "dropped"})).await;
    stand.control("DELETE /worlds/dropped", Value::Null).await;
    let session = in_world(&stand.log_in_at("/worlds/kept", STAFF, BIRCH).await, "kept");
    stand.ok(ROOM, &session, Some(&room("Kept"))).await;
    let sync = stand.sync(&session).await;
    stand.sandbox.stop().await;
    let stand = Stand::with(config()).await;
    assert_eq!(stand.sync(&session).await, sync, "the session and the numbers are kept");
    assert!(rooms(&stand, &session).await.contains(&"Kept".to_owned()));
    let gone = stand.call("GET /worlds/dropped/heartbeat", &Vec::new(), None).await;
    assert_eq!(gone.status, 404);
}
