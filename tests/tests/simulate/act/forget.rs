//! What a caller forgets to send is told before anything is looked up.

use tagtrail_tests::dice::Dice;

use super::{Refused, Step};

/// How a call begins and ends, a field that it must have, and the rule that asks for it.
#[rustfmt::skip]
const REQUIRED: &[(&str, &str, &str, Refused)] = &[
    ("POST /v1/plant", "/plant", "LocationLicense", "WIRE-22"),
    ("POST /v1/plant", "/plant", "RoomID", "WIRE-22"),
    ("POST /v1/plant", "/plant", "Quantity", "WIRE-22"),
    ("POST /v1/plant", "/waste/", "RoomID", "ROOM-08"),
    ("POST /v1/plant", "/waste/", "Weight", "WIRE-22"),
    ("PUT /v1/plant", "/destroy/schedule", "ReasonExtended", "WIRE-22"),
    ("POST /v1/harvest-batch", "-batch", "LocationLicense", "WIRE-22"),
    ("PUT /v1/harvest-batch", "/harvest/schedule", "HarvestScheduleDate", "WIRE-22"),
    ("POST /v1/harvest-batch", "/cure", "RoomID", "ROOM-21"),
    ("POST /v1/inventory", "/dry", "Amount", "WIRE-22"),
];

/// Takes a field away, where there is one that must be there.
pub(super) fn forget(mut step: Step, dice: &mut Dice) -> Step {
    let fits = |start: &str, end: &str| step.start.starts_with(start) && step.start.ends_with(end);
    let required: Vec<_> = REQUIRED.iter().filter(|it| fits(it.0, it.1)).collect();
    if required.is_empty() {
        return step;
    }
    let (_, _, field, rule) = dice.pick(&required);
    if let Some(body) = step.body.as_mut().and_then(|body| body.as_object_mut()) {
        body.remove(*field);
        step.forecast = Err(rule);
    }
    step
}
