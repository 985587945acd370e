//! The load generator: one thread, one call in flight per connection.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{client::Client, process::Child};

/// What one round of load gave.
#[derive(Clone, Debug)]
pub struct Round {
    pub per_second: u64,
    /// Processor time of the server per call.
    pub cpu_nanos: u64,
    /// In microseconds.
    pub p50: u64,
    pub p99: u64,
}

/// Connections to a server, each with its own request.
pub struct Load {
    connections: Vec<(Client, Vec<u8>)>,
}

impl Load {
    pub async fn new(address: SocketAddr, requests: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut connections = Vec::new();
        for request in requests {
            connections.push((Client::connect(address).await, request));
        }
        Self { connections }
    }

    /// Calls for a while on all connections at once.
    pub async fn round(&mut self, server: &Child, length: Duration) -> Round {
        let cpu = server.cpu_nanos();
        let start = Instant::now();
        let mut tasks = Vec::new();
        for (mut client, request) in self.connections.drain(..) {
            tasks.push(tokio::task::spawn_local(async move {
                let mut waits = Vec::new();
                let mut sent = Instant::now();
                while sent - start < length {
                    client.call(&request).await;
                    let done = Instant::now();
                    waits.push((done - sent).as_micros() as u64);
                    sent = done;
                }
                (client, request, waits)
            }));
        }
        let mut waits = Vec::new();
        for task in tasks {
            let (client, request, more) = task.await.unwrap();
            self.connections.push((client, request));
            waits.extend(more);
        }
        let nanos = start.elapsed().as_nanos() as u64;
        waits.sort_unstable();
        let calls = waits.len() as u64;
        Round {
            per_second: calls * 1_000_000_000 / nanos,
            cpu_nanos: (server.cpu_nanos() - cpu) / calls,
            p50: waits[waits.len() / 2],
            p99: waits[waits.len() * 99 / 100],
        }
    }
}

/// Runs on the generator's one thread.
pub fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}
