//! The routes that are alive: one row each, the whole path as it is published.
//!
//! What a route is called, what it asks for and what its reply looks like stands in the contract
//! (`schemas/contract`). A row here says which code answers. A route without a row is planned.

mod access;
mod composed;
pub mod courier;
mod employee;
mod goods;
mod harvest_batch;
mod inventory;
mod invoice;
mod lab;
pub mod lineage;
mod lookup;
mod manifest;
mod partner;
mod permission;
mod plant;
mod query;
mod read;
mod reply;
mod room;
mod sale;
mod site;
mod sync;
mod tax;
mod transfer;
mod uom;
mod upload;
mod user;
mod vehicle;
mod vendor;
mod verdict;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use access::open_session;
pub use query::{Query, pairs};
pub use read::Read;
pub use reply::Reply;
pub use upload::ROW_REFUSAL;

use crate::{
    fault::Fault,
    world::{Work, txn::Txn},
};

/// Rules that speak in place of the general one, by field: (field, rule).
pub type OwnRules = &'static [(&'static str, &'static str)];

/// A write: the fields of its body, and what it does with them.
pub trait Action: DeserializeOwned + Send + 'static {
    /// Required fields whose absence a guard of the action refuses, after the look-ups: by their name, or
    /// by their path (`Stop.Item`). `Stop[]` is a list that may also be empty or too long for the decoder.
    const GUARDED: &'static [&'static str] = &[];

    /// Required fields whose absence a rule of their own refuses, before the look-ups.
    const OWN_RULES: OwnRules = &[];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault>;
}

/// One live route.
pub struct Row {
    /// Method and path as published.
    pub route: &'static str,
    pub handler: Handler,
}

/// The code behind a row.
#[derive(Clone, Copy)]
pub enum Handler {
    Read(fn(&Read<'_>) -> Result<Reply, Fault>),
    Write {
        guarded: &'static [&'static str],
        own_rules: OwnRules,
        prepare: fn(Map<String, Value>) -> Result<Work, Fault>,
    },
}

const fn read(route: &'static str, read: fn(&Read<'_>) -> Result<Reply, Fault>) -> Row {
    Row { route, handler: Handler::Read(read) }
}

const fn act<A: Action>(route: &'static str) -> Row {
    let handler =
        Handler::Write { guarded: A::GUARDED, own_rules: A::OWN_RULES, prepare: prepare::<A> };
    Row { route, handler }
}

/// The decoded body as an action.
fn prepare<A: Action>(body: Map<String, Value>) -> Result<Work, Fault> {
    let action: A = serde_json::from_value(Value::Object(body))
        .map_err(|error| Fault::Broken(format!("a decoded body does not fit: {error}")))?;
    Ok(Box::new(move |txn| {
        action.apply(txn)?;
        composed::compose_reply(txn)
    }))
}

/// Every live route, by first path segment.
pub const FAMILIES: &[&[Row]] = &[
    user::ROUTES,
    permission::ROUTES,
    plant::ROUTES,
    harvest_batch::ROUTES,
    inventory::ROUTES,
    transfer::ROUTES,
    lab::ROUTES,
    invoice::ROUTES,
    manifest::ROUTES,
    sale::ROUTES,
    employee::ROUTES,
    vehicle::ROUTES,
    vendor::ROUTES,
    uom::ROUTES,
    sync::ROUTES,
];

pub fn rows() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.iter())
}
