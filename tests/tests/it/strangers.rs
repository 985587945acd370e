//! What one company owns does not exist for another: by no id in a path, in no list, by no filter.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_schemas::{Audience, Method, Route, request_example, routes};
use tagtrail_tests::world::{WORLD, identifiers};

use crate::example::{begin, everyone, id_of};
use crate::stand::{Headers, Stand, header, refused, text};

/// The rule by which a record of another is as one that was never there.
const HIDDEN: &[(&str, &str)] = &[
    ("/v1/user/{id}", "ACCT-50"),
    ("/v1/plant/room/{id}", "ROOM-07"),
    ("/v1/inventory/room/{id}", "ROOM-07"),
    ("/v1/plant/{id}", "WIRE-31"),
    ("/v1/harvest-batch/cure/{cureid}", "HARV-64"),
    ("/v1/harvest-batch/harvest/{harvestid}", "HARV-64"),
    ("/v1/harvest-batch/{batchid}", "HARV-64"),
    ("/v1/harvest-batch/{batchid}/cure", "HARV-64"),
    ("/v1/harvest-batch/{batchid}/harvest", "HARV-64"),
    ("/v1/inventory/adjustment/{id}", "INV-97"),
    ("/v1/inventory/{id}", "INV-11"),
    ("/v1/inventory/{id}/ingredient", "INV-11"),
    ("/v1/inventory/lab/sample/{id}", "LAB-84"),
    ("/v1/employee/{id}", "DIR-08"),
    ("/v1/vehicle/{id}", "DIR-16"),
    ("/v1/invoice/{id}", "BILL-01"),
    ("/v1/manifest/thirdparty/{id}", "MAN-06"),
    ("/v1/manifest/{id}", "MAN-06"),
    ("/v1/inventory/transfer/inbound/{id}", "XFER-04"),
    ("/v1/inventory/transfer/{id}", "XFER-04"),
    ("/v1/sale/{id}", "SALE-32"),
    ("/v1/lab/sample/{id}", "LAB-39"),
    ("/v1/lab/user/{id}", "ACCT-67"),
];

/// The state's own lists, the same for everyone.
const PUBLIC: &[&str] = &[
    "/v1/inventory/type/{id}",
    "/v1/lab/test/medical/{id}",
    "/v1/lab/test/{id}",
    "/v1/lab/{id}",
    "/v1/vendor/{id}",
];

/// Writes whose id is of no record: a new vehicle has none yet.
const UNOWNED: &[&str] = &["vehicleCreate"];

/// Lists of what a path names by an id, where they are not the path before it.
const LISTS: &[(&str, &str)] = &[
    ("/v1/lab/inventory/transfer", "/v1/lab/inventory/transfer/inbound"),
    ("/v1/inventory/conversion", "/v1/inventory"),
    ("/v1/manifest/pickup", "/v1/manifest"),
];

/// An id that no record has.
const NEVER: &str = "9999999999999999";
/// How many records of every owner each stranger asks for.
const SOME: usize = 3;

/// The seed world has no cure.
const CURE: &str = "POST /v1/harvest-batch/{batchid}/cure";

/// A company or laboratory with its administrator's session.
struct Party {
    name: &'static str,
    headers: Headers,
    is_lab: bool,
    licenses: BTreeSet<String>,
}

/// A record as its owner sees it.
struct Record {
    id: String,
    shown: String,
    /// Its identifier and that of its manifest, which names the transporter too.
    names: Vec<String>,
}

#[test]
fn every_id_in_the_path_of_a_read_is_either_hidden_or_public() {
    let reads = routes().iter().filter(|it| it.method == Method::Get && it.path.contains('{'));
    let reads: BTreeSet<&str> = reads.map(|it| it.path.as_str()).collect();
    let hidden = HIDDEN.iter().map(|(path, _)| *path);
    let known: BTreeSet<&str> = hidden.chain(PUBLIC.iter().copied()).collect();
    assert_eq!(reads, known);
}

#[tokio::test]
async fn a_record_of_another_looks_as_if_it_had_never_been() {
    let stand = Stand::new().await;
    let parties = parties(&stand).await;
    let told = told();
    for (path, id) in HIDDEN {
        let route = routes().iter().find(|it| it.method == Method::Get && it.path == *path);
        let route = route.unwrap();
        let list = path.split("/{").next().unwrap();
        let owned = owned(&stand, &parties, route, list).await;
        let mut tried = 0;
        for stranger in parties.iter().filter(|it| it.suits(route)) {
            let nothing = ask(&stand, stranger, route, NEVER).await;
            refused(&nothing, 404, id, &format!("{path} {NEVER}"));
            for record in not_shared(&owned, stranger, &told, SOME) {
                let what = format!("{path} {} as {}", record.id, stranger.name);
                let reply = ask(&stand, stranger, route, &record.id).await;
                refused(&reply, 404, id, &what);
                assert_eq!(text(&reply), text(&nothing).replace(NEVER, &record.id), "{what}");
                let listed = owned[stranger.name].iter().any(|it| it.id == record.id);
                assert!(!listed, "{what} is in the list");
                tried += 1;
            }
        }
        assert!(tried > 0, "nobody owns a record for {path}");
    }
}

#[tokio::test]
async fn no_write_tells_a_record_of_another_from_none_at_all() {
    let stand = Stand::new().await;
    let parties = parties(&stand).await;
    let told = told();
    let writes = routes().iter().filter(|it| it.method != Method::Get && it.path.contains('{'));
    for route in writes.filter(|it| !UNOWNED.contains(&it.operation.as_str())) {
        let before = route.path.split("/{").next().unwrap();
        let list = LISTS.iter().find(|(path, _)| *path == before).map_or(before, |(_, it)| *it);
        let owned = owned(&stand, &parties, route, list).await;
        let mut tried = 0;
        for stranger in parties.iter().filter(|it| it.suits(route)) {
            let nothing = ask(&stand, stranger, route, NEVER).await;
            if let Some(record) = not_shared(&owned, stranger, &told, 1).first() {
                let what = format!("{} {} as {}", route.operation, record.id, stranger.name);
                let reply = ask(&stand, stranger, route, &record.id).await;
                refused(&reply, 404, nothing.header("x-tagtrail-rule").unwrap(), &what);
                assert_eq!(text(&reply), text(&nothing).replace(NEVER, &record.id), "{what}");
                tried += 1;
            }
        }
        assert!(tried > 0, "nobody owns a record for {} {}", route.method, route.path);
    }
}

/// Calls a route with this id, with the body of its example if it takes one.
async fn ask(stand: &Stand, party: &Party, route: &Route, id: &str) -> Reply {
    let parts = route.path.split(['{', '}']).enumerate();
    let filled = parts.map(|(at, part)| match at {
        1 => id,
        _ if at % 2 == 0 => part,
        _ => "1",
    });
    let path: String = filled.collect();
    let mut body = request_example(route);
    if let Some(license) = body.as_mut().and_then(|it| it.get_mut("LocationLicense")) {
        *license = json!(party.licenses.first());
    }
    stand.call(&format!("{} {path}", route.method), &party.headers, body.as_ref()).await
}

/// Some records of every other party that name no license of this one.
fn not_shared<'a>(
    owned: &'a BTreeMap<&str, Vec<Record>>,
    stranger: &Party,
    told: &[String],
    most: usize,
) -> Vec<&'a Record> {
    let others = owned.iter().filter(|(name, _)| **name != stranger.name);
    let strange = |records: &'a Vec<Record>| {
        records.iter().filter(|it| !stranger.shares(it, told)).take(most)
    };
    others.flat_map(|(_, records)| strange(records)).collect()
}

#[tokio::test]
async fn no_list_is_widened_by_the_license_of_another() {
    let stand = Stand::new().await;
    let parties = parties(&stand).await;
    let mut tried = 0;
    let by_license = |it: &&Route| it.query.iter().any(|it| it.name == "LocationLicense");
    let lists = routes().iter().filter(|it| it.method == Method::Get).filter(by_license);
    for route in lists.filter(|it| it.permission != "ViewVendor") {
        for stranger in parties.iter().filter(|it| it.suits(route)) {
            let start = format!("GET {}", route.path);
            let whole = stand.ok(&start, &stranger.headers, None).await;
            for other in parties.iter().filter(|it| it.name != stranger.name) {
                for license in &other.licenses {
                    let start = format!("GET {}?LocationLicense={license}", route.path);
                    let said = stand.ok(&start, &stranger.headers, None).await;
                    let more = rows(&said).find(|it| !rows(&whole).any(|own| own == *it));
                    assert_eq!(more, None, "{start} as {}", stranger.name);
                    tried += usize::from(rows(&whole).next().is_some());
                }
            }
        }
    }
    assert!(tried > 100, "only {tried} lists had anything");
}

impl Party {
    fn suits(&self, route: &Route) -> bool {
        match route.audience {
            Audience::Lab => self.is_lab,
            Audience::Licensee => !self.is_lab,
            Audience::Both | Audience::Public => true,
        }
    }

    fn is_named(&self, text: &str) -> bool {
        self.licenses.iter().any(|it| text.contains(&format!("\"{it}\"")))
    }

    /// Two parties rightly share what names both, and what the seed world tells of both.
    fn shares(&self, record: &Record, told: &[String]) -> bool {
        let of_it = |told: &&String| record.names.iter().any(|name| told.contains(name));
        self.is_named(&record.shown) || told.iter().filter(of_it).any(|told| self.is_named(told))
    }
}

/// Every row of a reply, or of the seed world.
fn rows(said: &Value) -> impl Iterator<Item = &Value> {
    said.as_object().into_iter().flat_map(|it| it.values()).filter_map(Value::as_array).flatten()
}

/// What the seed world tells, row by row.
fn told() -> Vec<String> {
    let world = serde_json::from_str(WORLD).unwrap();
    rows(&world).map(Value::to_string).collect()
}

/// Everyone with a session, in a world in which there is a cure as well.
async fn parties(stand: &Stand) -> Vec<Party> {
    let people = everyone(stand).await;
    begin(stand, &in_try(&people[0].1), Some(CURE)).await;
    let world: Value = serde_json::from_str(WORLD).unwrap();
    let party = |(name, headers): (&'static str, Headers)| {
        let of = |list: &str| world[list].as_array().unwrap().iter();
        let user = of("Users").chain(of("LabUsers")).find(|it| it["Username"] == name).unwrap();
        let sites = of("Vendors").filter(|it| !user["UBI"].is_null() && it["UBI"] == user["UBI"]);
        let licenses = sites.map(|it| &it["LocationLicense"]).chain([&user["LicenseNumber"]]);
        let licenses = licenses.filter_map(|it| it.as_str().map(str::to_owned)).collect();
        let is_lab = user["UBI"].is_null();
        Party { name, headers: in_try(&headers), is_lab, licenses }
    };
    people.into_iter().map(party).collect()
}

fn in_try(headers: &Headers) -> Headers {
    let mut headers = headers.clone();
    headers.push(header("X-Tagtrail-World", "try"));
    headers
}

/// What each party finds in its own list.
async fn owned(
    stand: &Stand,
    parties: &[Party],
    route: &Route,
    list: &str,
) -> BTreeMap<&'static str, Vec<Record>> {
    let mut owned = BTreeMap::new();
    for party in parties.iter().filter(|it| it.suits(route)) {
        let said = stand.ok(&format!("GET {list}"), &party.headers, None).await;
        owned.insert(party.name, rows(&said).filter_map(record).collect());
    }
    owned
}

fn record(row: &Value) -> Option<Record> {
    let id = id_of(row)?;
    let names = [&json!(id), &row["ManifestID"]].map(Value::to_string);
    let names = names.into_iter().flat_map(|it| identifiers(&it).collect::<Vec<_>>()).collect();
    Some(Record { id, shown: row.to_string(), names })
}
