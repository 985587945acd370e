//! Nothing but a place to hang the tests of the whole on: `tests/it` holds them, `benches` the
//! measurements.
