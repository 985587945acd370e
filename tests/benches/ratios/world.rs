//! A sandbox of its own that a bench fills, and watches while it works.

use std::{mem, net::SocketAddr, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    client::{Client, log_in, request},
    process::Child,
};

/// What the server still does once it has answered.
const REST: Duration = Duration::from_millis(5);
/// The most rows that a call may bring.
const MANY: usize = 1_000;

/// Whose world it is, in the eyes of the bench.
pub struct Company {
    pub ubi: &'static str,
    pub person: &'static str,
    pub license: &'static str,
}

pub struct World {
    pub server: Child,
    pub address: SocketAddr,
    pub session: String,
    company: &'static Company,
    client: Client,
}

impl World {
    pub async fn start(company: &'static Company) -> Self {
        Self::of(company, &["serve-sandbox"]).await
    }

    /// One that is kept in a folder.
    pub async fn start_in(company: &'static Company, folder: &Path) -> Self {
        Self::of(company, &["serve-sandbox", &folder.display().to_string()]).await
    }

    async fn of(company: &'static Company, args: &[&str]) -> Self {
        let (server, address) = Child::server(args);
        let client = Client::connect(address).await;
        Self { server, address, session: String::new(), company, client }
    }

    /// As the seed world, with tags for all that a bench may make.
    pub async fn reset(&mut self) {
        let Company { ubi, person, .. } = self.company;
        self.reconnect().await;
        self.call("POST /_tagtrail/worlds/default/reset", &json!({})).await;
        let tags = format!("PUT /_tagtrail/worlds/default/tags/{ubi}");
        self.call(&tags, &json!({"Available": 1_000_000})).await;
        self.session = log_in(&mut self.client, ubi, person).await;
    }

    /// The server hangs up on those who were silent while another world was filled.
    pub async fn reconnect(&mut self) {
        self.client = Client::connect(self.address).await;
    }

    pub async fn call(&mut self, start: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request(start, &self.session, &body);
        serde_json::from_slice(self.client.call(&request).await.body).unwrap()
    }

    /// The number of the world's last write.
    pub async fn highest(&mut self) -> u64 {
        let bound = "GET /v1/vehicle?TransactionID=4000000000&Limit=1";
        let said = self.call(bound, &Value::Null).await;
        said["NextTransactionID"].as_u64().unwrap() - 1
    }

    /// Brings so many items that are alike, and tells their identifiers.
    pub async fn bring(&mut self, row: &Value, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let rows = vec![row; MANY.min(count - ids.len())];
            let body = json!({"LocationLicense": self.company.license, "Data": rows});
            let made = self.call("POST /v1/inventory/initial", &body).await;
            assert_eq!(made["errorCount"], 0, "{}", made["Data"][0]);
            let rows = made["Data"].as_array().unwrap().iter();
            ids.extend(rows.map(|row| text(&row["TraceabilityBarcodeID"])));
        }
        ids
    }

    /// The server's time for each of so many things since the watch was last read.
    pub async fn lap(&self, watch: &mut u64, count: u64) -> u64 {
        tokio::time::sleep(REST).await;
        let now = self.server.cpu_nanos();
        (now - mem::replace(watch, now)) / count
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
