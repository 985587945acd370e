//! The contract: routes, entities, rules, profiles, lists and seed worlds as data, served to the
//! emulator and to the conformance player alike. Knows no HTTP and no other crate of the project.

mod catalogue;
mod embed;
mod entity;
mod profile;
mod route;
mod rule;
mod shape;
mod world;

pub use catalogue::{catalogue, catalogue_names, catalogue_note};
pub use entity::{entity_names, entity_schema, nested, zero};
pub use profile::{Knob, knobs, profile, profile_names};
pub use route::{
    Audience, Field, FieldKind, Format, Items, Method, Param, PathParam, Route, route, routes,
};
pub use rule::{
    Basis, Message, Rule, RuleKind, Source, Wording, rule, rules, sources, write_rules,
};
pub use shape::{ScalarKind, Shape};
pub use world::{world, world_names};

#[cfg(test)]
mod tests {
    use super::{entity_names, knobs, profile_names, routes, rules};

    #[test]
    fn the_whole_contract_is_there() {
        assert_eq!(routes().len(), 169);
        assert_eq!(rules().len(), 1_077);
        assert_eq!(entity_names().len(), 46);
        assert_eq!(knobs().len(), 295);
        assert_eq!(profile_names(), ["family-72h", "ny-2025-07"]);
    }
}
