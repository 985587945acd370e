//! `/v1/vendor`: the state's directory of licenses, for everybody to read (DIR-21).

use super::{
    Row, read,
    read::{list, show},
};
use crate::model::Vendor;

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/vendor",      list::<Vendor>),
    read("GET /v1/vendor/{id}", show::<Vendor>),
];
