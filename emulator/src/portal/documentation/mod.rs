//! `/documentation`: the contract as pages that need no network: each operation with its basis, its
//! fields, the rules that govern it and an example that works when it is pasted.

mod entity;
mod list;
mod operation;
mod rulebook;
mod shell;

use std::{collections::BTreeSet, fmt};

use askama::Template;
use tagtrail_schemas::{Basis, Route, openapi, routes};

use self::operation::Operation;
use super::{
    Door,
    page::Shown,
    show,
    visit::{Pass, Visit},
};
use crate::{fault::Fault, http::router::planned, refusal::refuse};

pub fn doors() -> Vec<Door> {
    vec![
        show("GET /documentation", Pass::Anyone, entrance),
        show("GET /documentation/", Pass::Anyone, entrance),
        show("GET /documentation/index.html", Pass::Anyone, index),
        show("GET /documentation/openapi.json", Pass::Anyone, document),
        show("GET /documentation/rules.html", Pass::Anyone, rulebook::page),
        show("GET /documentation/entities.html", Pass::Anyone, entity::page),
        show("GET /documentation/lists.html", Pass::Anyone, list::page),
        show("GET /documentation/{family}", Pass::Anyone, family),
        show("GET /pages/documentation.js", Pass::Anyone, |_| Ok(Shown::file(SCRIPT_KIND, SCRIPT))),
    ]
}

const SCRIPT: &str = include_str!("../../../templates/documentation.js");
const SCRIPT_KIND: &str = "text/javascript; charset=utf-8";

/// The families, in the order of the published interface: name, title.
#[rustfmt::skip]
const FAMILIES: &[(&str, &str)] = &[
    ("access",      "Log-in and people with passwords"),
    ("reference",   "Units and sync"),
    ("directory",   "Licensed sites and laboratories"),
    ("people",      "Employees and vehicles"),
    ("room",        "Rooms"),
    ("plant",       "Plants"),
    ("harvest",     "Harvest batches, cuts and cures"),
    ("inventory",   "Inventory"),
    ("adjustment",  "Adjustments"),
    ("destruction", "Destruction"),
    ("conversion",  "Lots, sublots and conversions"),
    ("ingredient",  "Ingredients"),
    ("sample",      "Samples"),
    ("lab",         "The laboratory's work"),
    ("invoice",     "Invoices"),
    ("payment",     "Payments"),
    ("manifest",    "Manifests"),
    ("pickup",      "Pickups by the buyer"),
    ("thirdparty",  "Transporters"),
    ("transfer",    "Transfers"),
    ("sale",        "Sales"),
];

/// A family with its routes.
struct Family {
    name: &'static str,
    title: &'static str,
    routes: Vec<&'static Route>,
}

fn families() -> Vec<Family> {
    let members = |name| routes().iter().filter(move |route| route.family == name).collect();
    let family = |(name, title): &(&'static str, &'static str)| Family {
        name,
        title,
        routes: members(*name),
    };
    FAMILIES.iter().map(family).collect()
}

/// A basis with what the word means.
#[derive(Clone, Copy)]
struct Ground(Basis);

impl Ground {
    const ALL: [Self; 4] = [
        Self(Basis::Documented),
        Self(Basis::Family),
        Self(Basis::Regulation),
        Self(Basis::Inferred),
    ];

    fn means(&self) -> &'static str {
        match self.0 {
            Basis::Documented => "a document about New York says so, or the published interface",
            Basis::Family => "seen in a sibling BioTrack system of another state",
            Basis::Regulation => "New York law, regulation or guidance",
            Basis::Inferred => "our decision, taken to close a gap; no fact",
        }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[derive(Template)]
#[template(path = "documentation.html")]
struct Index<'a> {
    visit: &'a Visit<'a>,
    origin: String,
    world: &'a str,
    families: Vec<Family>,
    grounds: [Ground; 4],
}

#[derive(Template)]
#[template(path = "documentation_family.html")]
struct FamilyPage<'a> {
    visit: &'a Visit<'a>,
    family: Family,
    operations: Vec<Operation>,
}

fn entrance(visit: &Visit<'_>) -> Result<Shown, Fault> {
    Ok(Shown::see(visit, "/documentation/index.html"))
}

fn index(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let (origin, world) = (visit.origin(), world(visit));
    Shown::page(&Index { visit, origin, world, families: families(), grounds: Ground::ALL })
}

fn family(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let asked = visit.guest.param("family");
    let mut known = families().into_iter();
    let family = known.find(|family| asked.strip_suffix(".html") == Some(family.name));
    let family = family.ok_or_else(|| {
        refuse("WIRE-02").with("method", "GET").with("path", format!("/documentation/{asked}"))
    })?;
    let (origin, world) = (visit.origin(), world(visit));
    let operation = |route: &&'static Route| Operation::new(route, &origin, world);
    let operations = family.routes.iter().map(operation).collect();
    Shown::page(&FamilyPage { visit, family, operations })
}

/// The OpenAPI document, whose server is the one that was asked.
fn document(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let planned: BTreeSet<&str> = planned().map(|route| route.operation.as_str()).collect();
    Ok(Shown::json(&openapi(&planned, &visit.origin())))
}

/// The world in which the pasted examples act.
fn world<'a>(visit: &Visit<'a>) -> &'a str {
    visit.base.strip_prefix("/worlds/").unwrap_or("default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_stands_on_the_page_of_its_family_and_every_family_has_one() {
        let families = families();
        assert!(families.iter().all(|family| !family.routes.is_empty()));
        let shown: usize = families.iter().map(|family| family.routes.len()).sum();
        assert_eq!(shown, routes().len());
    }
}
