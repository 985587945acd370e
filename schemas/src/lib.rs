//! The contract: routes, entities, rules, profiles, lists and seed worlds as data, served to the
//! emulator and to the conformance player alike. Knows no HTTP and no other crate of the project.

mod catalogue;
mod embed;
mod entity;
mod example;
mod layout;
mod listing;
mod openapi;
mod profile;
mod reply;
mod request;
mod route;
mod rule;
mod shape;
mod world;

pub use catalogue::{catalogue, catalogue_names, catalogue_note};
pub use entity::{entity_names, entity_schema, nested, zero};
pub use example::{Call, Example, Keep, example, examples};
pub use layout::lay_out;
pub use listing::routes_txt;
pub use openapi::openapi;
pub use profile::{Knob, knobs, profile, profile_names};
pub use reply::{error_schema, reply_schema};
pub use request::{request_example, request_schema};
pub use route::{
    Audience, Field, FieldKind, Format, Items, Method, Param, PathParam, Route, route, routes,
};
pub use rule::{
    Basis, Message, Rule, RuleKind, Source, Wording, chapters, rule, rules, sources, write_rules,
};
pub use shape::{ScalarKind, Shape};
pub use world::{world, world_names};
