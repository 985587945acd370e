//! `/v1/permission`: what a person may be allowed to do.

use super::{Row, read, read::terms};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/permission", |read| terms(read, "permissions", |it| it["Grantable"] == true)),
];
