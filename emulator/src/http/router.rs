//! From method and path to a route of the contract, and to the code behind it.

use std::collections::BTreeMap;

use matchit::Router as Paths;
use percent_encoding::percent_decode_str;
use tagtrail_schemas::Route;

use crate::{
    api::{self, Handler},
    profile::Profile,
    refusal::{Refusal, refuse},
};

/// Paths whose other methods a chapter refuses by a rule of its own.
const READ_ONLY: &[(&str, &str)] = &[("/v1/vendor", "DIR-24"), ("/v1/vendor/{id}", "DIR-24")];

/// All published routes, live and planned.
pub struct Router {
    paths: Paths<BTreeMap<&'static str, Target>>,
}

/// A published route and, if it is alive, its code.
#[derive(Clone, Copy)]
pub struct Target {
    pub route: &'static Route,
    pub handler: Option<Handler>,
}

/// Names and values of a path's parameters.
pub type Params = Vec<(&'static str, String)>;

/// A route that was found, with the parameters of its path.
pub struct Found {
    pub target: Target,
    pub params: Params,
}

impl Router {
    pub fn new() -> Self {
        let mut by_path: BTreeMap<String, BTreeMap<&'static str, Target>> = BTreeMap::new();
        for route in tagtrail_schemas::routes() {
            let handler = handler_of(route);
            let own = std::iter::once(route.path.as_str());
            let aliases = route.aliases.iter().map(String::as_str).map(path_of);
            for path in own.chain(aliases) {
                let methods = by_path.entry(trimmed(path).to_owned()).or_default();
                methods.insert(route.method.as_str(), Target { route, handler });
            }
        }
        let mut paths = Paths::new();
        for (path, methods) in by_path {
            paths
                .insert(path, methods)
                .unwrap_or_else(|error| unreachable!("a test routes every path: {error}"));
        }
        Self { paths }
    }

    /// Finds a route, or says why there is none (WIRE-02, WIRE-03, WIRE-05).
    pub fn find(&self, method: &str, path: &str, profile: Profile) -> Result<Found, NoRoute> {
        let unknown = || refuse("WIRE-02").with("method", method).with("path", path);
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let wanted = if profile.hot.trailing_slash { trimmed(&decoded) } else { &decoded };
        let Ok(found) = self.paths.at(wanted) else {
            return Err(NoRoute { refusal: unknown(), allow: None });
        };
        // HEAD is answered like GET, without the body (WIRE-07).
        let asked = if method == "HEAD" { "GET" } else { method };
        let Some(target) = found.value.get(asked).copied() else {
            let allow = found.value.keys().copied().collect::<Vec<_>>().join(", ");
            let own = READ_ONLY
                .iter()
                .find(|(known, _)| found.value.values().any(|it| it.route.path == *known));
            let rule = own.map_or("WIRE-03", |(_, rule)| rule);
            let refusal = refuse(rule).with("method", method).with("path", path);
            return Err(NoRoute { refusal, allow: Some(allow) });
        };
        let names = target.route.path_params.iter().map(|param| param.name.as_str());
        let value = |name| found.params.get(name).unwrap_or_default().to_owned();
        let params = names.map(|name| (name, value(name))).collect();
        Ok(Found { target, params })
    }
}

/// Why no route was found; with a wrong method also the right ones.
pub struct NoRoute {
    pub refusal: Refusal,
    pub allow: Option<String>,
}

fn handler_of(route: &Route) -> Option<Handler> {
    let name = format!("{} {}", route.method.as_str(), route.path);
    api::rows().find(|row| row.route == name).map(|row| row.handler)
}

/// An alias carries its method in front.
fn path_of(alias: &str) -> &str {
    alias.split_once(' ').map_or(alias, |(_, path)| path)
}

fn trimmed(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest,
        _ => path,
    }
}

/// The published routes that no code answers yet.
pub fn planned() -> impl Iterator<Item = &'static Route> {
    tagtrail_schemas::routes().iter().filter(|route| handler_of(route).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_route_is_found_under_its_own_path() {
        let router = Router::new();
        let profile = Profile::named("ny-2025-07").unwrap();
        for route in tagtrail_schemas::routes() {
            let path = route.path.replace(['{', '}'], "");
            let found = router.find(route.method.as_str(), &path, profile);
            let found = found.unwrap_or_else(|_| panic!("{} {path}", route.method.as_str()));
            assert_eq!(found.target.route.operation, route.operation);
        }
    }

    #[test]
    fn every_row_of_code_is_a_published_route() {
        for row in api::rows() {
            let found = tagtrail_schemas::routes()
                .iter()
                .find(|route| format!("{} {}", route.method.as_str(), route.path) == row.route);
            assert!(found.is_some(), "{} is not published", row.route);
        }
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        let profile = Profile::named("ny-2025-07").unwrap();
        let Err(no) = Router::new().find("PATCH", "/v1/user", profile) else { panic!("found") };
        assert_eq!(no.refusal.rule, "WIRE-03");
        assert_eq!(no.allow.as_deref(), Some("GET, POST"));
    }
}
