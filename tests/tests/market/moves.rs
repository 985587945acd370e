//! The states of documents and how they may change, written from the tables 12.4, 13.10, 14.5 and 15.6
//! of the rulebook.

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{ensure, verdict::Verdict};

use crate::{
    kind::{Key, Kind, each, text},
    market::Market,
};

/// From, to, and the verbs that may do it; what is not here never happens. `-` is what is not there yet.
type Move = (&'static str, &'static str, &'static [&'static str]);

const RECEIPTS: &[&str] = &["receive", "receive at the laboratory"];
const MANIFESTS: &[&str] = &["plan", "plan a pickup", "offer", "plan a delivery"];
const SHIPPING: &[&str] = &["ship"];

const INVOICE: &[Move] = &[
    ("-", "Open", &["bill"]),
    ("Open", "Accepted", RECEIPTS),
    ("Open", "Voided", &["void invoice", "receive", "receive at the laboratory"]),
];

const PAYMENT: &[Move] = &[
    ("-", "Pending", &["pay"]),
    ("Pending", "Accepted", &["accept payment"]),
    ("Pending", "Rejected", &["reject payment"]),
    ("Pending", "Withdrawn", &["withdraw payment", "void invoice", "receive"]),
];

const MANIFEST: &[Move] = &[
    ("-", "Planned", MANIFESTS),
    ("-", "InTransit", RECEIPTS),
    ("Planned", "Accepted", &["accept"]),
    ("Planned", "Voided", &["void manifest", "decline"]),
    ("Accepted", "Voided", &["void manifest", "decline"]),
    ("InTransit", "Voided", &["void manifest", "change delivery"]),
    ("Planned", "InTransit", SHIPPING),
    ("Accepted", "InTransit", SHIPPING),
    ("InTransit", "Planned", &["void transfer"]),
    ("InTransit", "Accepted", &["void transfer"]),
    (
        "InTransit",
        "Completed",
        &["receive", "receive at the laboratory", "arrive", "change delivery"],
    ),
];

const STOP: &[Move] = &[
    (
        "-",
        "Planned",
        &[
            "plan",
            "plan a pickup",
            "offer",
            "plan a delivery",
            "change stops",
            "change pickup",
            "change offer",
            "change delivery",
        ],
    ),
    ("-", "Arrived", RECEIPTS),
    ("Planned", "-", &["change stops", "change pickup", "change offer", "change delivery"]),
    ("Shipped", "-", &["change delivery"]),
    ("Planned", "Shipped", SHIPPING),
    ("Shipped", "Parked", &["park"]),
    ("Parked", "Shipped", &["resume"]),
    ("Shipped", "Arrived", &["arrive", "arrive for others"]),
    ("Arrived", "Shipped", &["undo arrival"]),
    ("Arrived", "Settled", RECEIPTS),
    ("Shipped", "Planned", &["void transfer", "void manifest"]),
    ("Parked", "Planned", &["void transfer", "void manifest"]),
    ("Arrived", "Planned", &["void transfer", "void manifest"]),
];

const TRANSFER: &[Move] = &[
    ("-", "InTransit", SHIPPING),
    ("-", "ComingBack", RECEIPTS),
    ("InTransit", "Arrived", &["arrive", "arrive for others"]),
    ("Arrived", "InTransit", &["undo arrival"]),
    ("Arrived", "Received", RECEIPTS),
    ("Arrived", "Rejected", RECEIPTS),
    ("ComingBack", "TakenBack", &["receive"]),
    ("InTransit", "Voided", &["void transfer", "void manifest"]),
    ("Arrived", "Voided", &["void transfer", "void manifest"]),
];

const SALE: &[Move] =
    &[("-", "Live", &["sell"]), ("-", "Refund", &["refund"]), ("Live", "Voided", &["void sale"])];

fn table(kind: &str) -> &'static [Move] {
    match kind {
        "Invoice" => INVOICE,
        "Payment" => PAYMENT,
        "Manifest" => MANIFEST,
        "Stop" => STOP,
        "Transfer" => TRANSFER,
        _ => SALE,
    }
}

/// The live transfers and the stops, each by manifest and number of the stop: who shows one part of a
/// shipment does not show the other.
#[derive(Default)]
pub(crate) struct Road<'a> {
    transfers: BTreeMap<String, &'a Value>,
    stops: BTreeMap<String, &'a Value>,
}

impl<'a> Road<'a> {
    pub(crate) fn of(market: &'a Market) -> Self {
        let transfers = market.own(Kind::Transfer).map(|(_, row)| row);
        let transfers = transfers.filter(|row| row["Deleted"] == false);
        let mut stops = BTreeMap::new();
        for (_, manifest) in market.own(Kind::Manifest) {
            for stop in each(&manifest["Stop"]) {
                let id = text(&manifest["ManifestID"]);
                stops.insert(format!("{id}/{}", stop["StopNumber"]), stop);
            }
        }
        Self { transfers: transfers.map(|row| (stop_of(row), row)).collect(), stops }
    }

    pub(crate) fn transfer(&self, manifest: &str, stop: &Value) -> Option<&'a Value> {
        self.transfers.get(&format!("{manifest}/{}", stop["StopNumber"])).copied()
    }
}

/// What a manifest says of the whole trip follows from its stops (MAN-53, MAN-60, MAN-82, SALE-69).
fn check_trip(wire: &Value, stops: &[&str]) -> Verdict {
    let delivery = wire["Type"] == "Delivery";
    let any = |states: &[&str]| stops.iter().any(|it| states.contains(it));
    let all = |state: &str| stops.iter().all(|it| *it == state);
    let road = any(&["Shipped", "Parked", "Arrived"]);
    let fits = match manifest(wire) {
        "Planned" | "Accepted" => all("Planned"),
        "InTransit" => road || any(&["Settled"]) && any(&["Planned"]),
        "Completed" => all(if delivery { "Arrived" } else { "Settled" }),
        // A delivery that was under way has no transfers that would be voided with it.
        _ => delivery || all("Planned"),
    };
    ensure!(fits, "{} with stops that are {stops:?}: {wire}", manifest(wire));
    let open = !is(wire, "Completed") && !is(wire, "Deleted");
    ensure!(!open || is(wire, "IsParked") == any(&["Parked"]), "IsParked with {stops:?}: {wire}");
    let arrived = each(&wire["Stop"]).all(|stop| is(stop, "DriverArrived"));
    ensure!(!open || is(wire, "DriverArrived") == arrived, "DriverArrived: {wire}");
    ensure!(open || !is(wire, "InTransit") || is(wire, "Deleted"), "InTransit: {wire}");
    Ok(())
}

/// The stop of a transfer.
fn stop_of(transfer: &Value) -> String {
    format!("{}/{}", text(&transfer["ManifestID"]), transfer["ManifestStopNumber"])
}

/// The states of all documents and of their parts, by a name such as `Stop 1234567890123456/1`.
#[derive(Debug, Default)]
pub(crate) struct States(BTreeMap<String, &'static str>);

impl States {
    pub(crate) fn of(&self, key: &Key) -> &'static str {
        self.0.get(&name(key)).copied().unwrap_or("-")
    }

    /// The state of a stop by its `ID`: its number changes when others before it are dropped.
    pub(crate) fn stop(&self, manifest: &str, id: &Value) -> &'static str {
        self.0.get(&format!("Stop {manifest}/{id}")).copied().unwrap_or("-")
    }

    /// Takes what a document says now; `verb` brought it there, unless the world began so.
    pub(crate) fn take(
        &mut self,
        (key, wire): (&Key, &Value),
        road: &Road<'_>,
        verb: Option<&str>,
    ) -> Verdict {
        let mut now = BTreeMap::new();
        match key.kind {
            Kind::Invoice => {
                now.insert(name(key), invoice(wire));
                for part in each(&wire["Payment"]) {
                    now.insert(format!("Payment {}/{}", key.id, part["ID"]), payment(part));
                }
            }
            Kind::Manifest => {
                now.insert(name(key), manifest(wire));
                let mut stops = Vec::new();
                for part in each(&wire["Stop"]) {
                    let number = format!("{}/{}", key.id, part["StopNumber"]);
                    let transfer = road.transfers.get(&number).copied();
                    stops.push(stop(wire, part, transfer));
                    let name = format!("Stop {}/{}", key.id, part["ID"]);
                    now.extend(stops.last().map(|state| (name, *state)));
                }
                check_trip(wire, &stops)?;
            }
            Kind::Transfer => {
                let stop = road.stops.get(&stop_of(wire)).copied();
                now.insert(name(key), transfer(wire, stop));
            }
            Kind::Sale => {
                now.insert(name(key), sale(wire));
            }
            Kind::Inventory | Kind::Adjustment | Kind::Sample => return Ok(()),
        }
        let parts = format!(" {}/", key.id);
        let gone = self.0.keys().filter(|it| it.contains(&parts) && !now.contains_key(*it));
        let gone: Vec<String> = gone.cloned().collect();
        now.extend(gone.into_iter().map(|part| (part, "-")));
        for (name, state) in now {
            let before = self.0.get(&name).copied().unwrap_or("-");
            self.0.insert(name.clone(), state);
            let Some(verb) = verb else { continue };
            let kind = name.split(' ').next().unwrap_or_default();
            let fits = |it: &Move| it.0 == before && it.1 == state && it.2.contains(&verb);
            if before != state && !table(kind).iter().any(fits) {
                return Err(format!("`{verb}` takes {name} from {before} to {state}: {wire}"));
            }
        }
        Ok(())
    }
}

fn name(key: &Key) -> String {
    format!("{:?} {}", key.kind, key.id)
}

fn is(wire: &Value, field: &str) -> bool {
    wire[field] == true
}

fn invoice(wire: &Value) -> &'static str {
    match (is(wire, "Deleted"), is(wire, "Accepted")) {
        (true, _) => "Voided",
        (_, true) => "Accepted",
        _ => "Open",
    }
}

fn payment(wire: &Value) -> &'static str {
    match (is(wire, "Deleted"), is(wire, "Accepted"), is(wire, "Rejected")) {
        (_, true, true) | (true, true, _) => "two states at once",
        (true, ..) => "Withdrawn",
        (_, true, _) => "Accepted",
        (_, _, true) => "Rejected",
        _ => "Pending",
    }
}

fn manifest(wire: &Value) -> &'static str {
    if is(wire, "Deleted") {
        "Voided"
    } else if is(wire, "Completed") {
        "Completed"
    } else if is(wire, "InTransit") {
        "InTransit"
    } else if is(wire, "IsAccepted") {
        "Accepted"
    } else {
        "Planned"
    }
}

fn stop(manifest: &Value, stop: &Value, transfer: Option<&Value>) -> &'static str {
    let delivery = manifest["Type"] == "Delivery";
    let road = transfer.is_some() || (delivery && is(manifest, "InTransit"));
    let settled = match transfer {
        Some(it) if it["TransferType"] == "Rejected" => is(it, "Received"),
        Some(it) => is(it, "Received") || is(it, "IsRejected"),
        None => false,
    };
    if settled {
        "Settled"
    } else if is(stop, "DriverArrived") {
        "Arrived"
    } else if is(stop, "TransporterParked") {
        "Parked"
    } else if road {
        "Shipped"
    } else {
        "Planned"
    }
}

fn transfer(wire: &Value, stop: Option<&Value>) -> &'static str {
    let arrived = stop.is_some_and(|it| is(it, "DriverArrived"));
    match (wire["TransferType"] == "Rejected", is(wire, "Received"), is(wire, "IsRejected")) {
        _ if is(wire, "Deleted") => "Voided",
        (true, true, _) => "TakenBack",
        (true, false, _) => "ComingBack",
        (false, true, _) => "Received",
        (false, false, true) => "Rejected",
        (false, false, false) if arrived => "Arrived",
        (false, false, false) => "InTransit",
    }
}

fn sale(wire: &Value) -> &'static str {
    match (is(wire, "Deleted"), wire["Type"] == "REFUND") {
        (true, _) => "Voided",
        (_, true) => "Refund",
        _ => "Live",
    }
}
