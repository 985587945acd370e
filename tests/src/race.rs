//! Many callers at once.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use serde_json::Value;

use crate::wire::{Reply, Stand, token};

/// A call before it is made.
#[derive(Clone, Debug)]
pub struct Call {
    pub bearer: String,
    pub start: String,
    pub body: Option<Value>,
}

impl Call {
    /// With the seed world's access token of a company.
    pub fn of(ubi: &str, start: &str, body: Option<Value>) -> Self {
        Self { bearer: token(ubi), start: start.to_owned(), body }
    }
}

/// Each call by a client of its own, all let go at the same moment; the replies in the order of the calls.
pub fn race(stand: &Stand, calls: &[Call]) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(calls.len()));
    let tasks: Vec<_> = calls
        .iter()
        .map(|call| {
            let (mut client, call) = (stand.client(), call.clone());
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || {
                barrier.wait();
                client.call_with(&call.bearer, &call.start, call.body.as_ref())
            })
        })
        .collect();
    tasks.into_iter().map(|task| task.join().unwrap()).collect()
}
