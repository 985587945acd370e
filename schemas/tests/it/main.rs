//! The contract checked against itself: tables, schemas, golden files, the OpenAPI document.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken contract fails the test")]

mod entities;
mod golden;
mod openapi;
mod routes;
mod rules;
mod world;
