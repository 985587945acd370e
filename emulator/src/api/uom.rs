//! `/v1/uom`: the units of inventory.

use super::{Row, read, read::terms};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/uom", |read| terms(read, "uoms", |it| it["Inventory"] == true)),
];
