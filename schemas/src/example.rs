//! Examples: for each route the calls that lead to it in a fresh world, and the reply that it gave.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::embed::parse;
use crate::request::request_example;
use crate::route::{Method, Route, routes};

const EXAMPLES: &str = include_str!("../examples.json");

/// The example of one route.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub operation: String,
    /// What has to be done before, and last the call of the route.
    pub calls: Vec<Call>,
    /// What the last call gave in a fresh default world at its first moment; of each list, the
    /// beginning.
    #[serde(default)]
    pub reply: Value,
}

/// One call of an example. `$NAME` in a path or a body stands for what an earlier call kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// A company that calls with its access token, a laboratory that logs in first, or `$TOKEN`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Method and path. `{world}` stands for the name of the world.
    pub call: String,
    /// Absent where the contract's own example of the body is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What later calls need of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
}

/// The last value of a key in a reply, kept under a name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub name: String,
    pub of: String,
}

/// Every example, in the order of the routes.
pub fn examples() -> &'static [Example] {
    static CELL: OnceLock<Vec<Example>> = OnceLock::new();
    CELL.get_or_init(|| parse("examples", EXAMPLES))
}

/// The example of an operation, such as `harvestBatchCreate`.
pub fn example(operation: &str) -> Option<&'static Example> {
    static CELL: OnceLock<BTreeMap<&'static str, &'static Example>> = OnceLock::new();
    let by_operation =
        CELL.get_or_init(|| examples().iter().map(|it| (&*it.operation, it)).collect());
    by_operation.get(operation).copied()
}

impl Call {
    /// The method and the path.
    pub fn start(&self) -> (&str, &str) {
        self.call.split_once(' ').unwrap_or(("GET", &self.call))
    }

    /// What is sent: its own body, or that of the contract.
    pub fn sent(&self) -> Option<Value> {
        self.body.clone().or_else(|| {
            let (method, path) = self.start();
            let path = path.split('?').next().unwrap_or_default();
            let called = |it: &&Route| it.method.as_str() == method && fits(&it.path, path);
            // A path without parameters comes first: `/plant/room` is no plant.
            let route = routes().iter().filter(called).min_by_key(|it| it.path_params.len())?;
            if route.method == Method::Get { None } else { request_example(route) }
        })
    }
}

/// Whether a path is one of a route's.
fn fits(template: &str, path: &str) -> bool {
    let [mut template, mut path] = [template, path].map(|it| it.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(known), Some(part)) if known == part || known.starts_with('{') => {}
            _ => return false,
        }
    }
}
