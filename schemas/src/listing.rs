//! The golden list of routes: a line each.

use std::collections::BTreeSet;

use crate::route::{Route, routes};

/// Every route on a line of its own, in aligned columns: method, path, operation, permission, shape
/// of the reply, basis of the request, and whether it is live or still planned.
pub fn routes_txt(planned: &BTreeSet<&str>) -> String {
    let lines: Vec<_> = routes().iter().map(|route| columns(route, planned)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Whether the route is answered or refused as planned.
pub(crate) fn state(route: &Route, planned: &BTreeSet<&str>) -> &'static str {
    if planned.contains(route.operation.as_str()) { "planned" } else { "live" }
}

fn columns(route: &Route, planned: &BTreeSet<&str>) -> [String; 7] {
    [
        route.method.to_string(),
        route.path.clone(),
        route.operation.clone(),
        route.permission.clone(),
        route.response_shape.clone(),
        route.basis.to_string(),
        state(route, planned).to_owned(),
    ]
}
