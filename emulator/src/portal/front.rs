//! The front door: the list of routes, the heartbeat, and what all pages are dressed in.

use askama::Template;
use serde_json::json;

use super::{
    Door,
    page::Shown,
    show,
    visit::{Pass, Visit},
};
use crate::{
    fault::Fault,
    refusal::{refuse, require},
};

pub fn doors() -> Vec<Door> {
    vec![
        show("GET /", Pass::Anyone, front),
        show("GET /heartbeat", Pass::Anyone, heartbeat),
        show("GET /pages/style.css", Pass::Anyone, |_| Ok(Shown::file("text/css", STYLE))),
    ]
}

const STYLE: &str = include_str!("../../templates/style.css");

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    visit: &'a Visit<'a>,
    routes: String,
}

/// A page that lists the routes (WIRE-14).
fn front(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let routes = tagtrail_schemas::routes_txt(&std::collections::BTreeSet::new());
    Shown::page(&Front { visit, routes })
}

fn heartbeat(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let on = visit.core.profile.on("wire.heartbeat");
    require(on, || refuse("WIRE-02").with("method", "GET").with("path", "/heartbeat"))?;
    Ok(Shown::json(&json!({ "Status": "success" })))
}
