//! The web pages as people use them: in a real browser that runs no scripts, with and without a mouse.
//!
//! Needs Chromium and its WebDriver. `TAGTRAIL_BROWSER=off` leaves these tests out, `TAGTRAIL_SHOTS=<folder>`
//! keeps a picture of every page.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod callback;
mod chromium;
mod consent;
mod forged;
mod keyboard;
mod pages;
mod password;
mod stage;
mod tags;
mod tour;
mod walk;
