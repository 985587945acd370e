//! Whole lists, page by page.

use serde_json::Value;

use crate::{ensure, verdict::Verdict, wire::Client};

pub struct Listed {
    pub rows: Vec<Value>,
    /// The bound for the next poll.
    pub next: u64,
}

/// Follows a list from a bound to its end (SYNC-10 to SYNC-17).
pub fn list(
    client: &mut Client,
    bearer: &str,
    path: &str,
    from: u64,
    limit: usize,
) -> Verdict<Listed> {
    let mut rows: Vec<Value> = Vec::new();
    let mut cursor = 0;
    loop {
        let start = format!("GET {path}?TransactionID={from}&Limit={limit}&Cursor={cursor}");
        let reply = client.call_with(bearer, &start, None);
        ensure!(reply.status == 200, "{start}: {reply:?}");
        let reply = reply.json();
        let page = reply.as_object().into_iter().flatten().find_map(|(_, it)| it.as_array());
        let page = page.cloned().unwrap_or_default();
        ensure!(page.len() <= limit, "{start}: {} rows", page.len());
        rows.extend(page);
        let next = &reply["NextCursor"];
        let next = if next.is_null() { &reply["nextCursor"] } else { next };
        cursor = next.as_u64().ok_or_else(|| format!("{start}: no cursor"))?;
        if cursor == 0 {
            let number = |row: &Value| row["TransactionID"].as_u64().unwrap_or_default();
            ensure!(rows.is_sorted_by_key(number), "{start}: rows out of order");
            let next = reply["NextTransactionID"].as_u64().unwrap_or_default();
            return Ok(Listed { rows, next });
        }
    }
}

/// The world's highest number, as a company learns it (SYNC-29).
pub fn highest(client: &mut Client, bearer: &str) -> Verdict<u64> {
    let start = "GET /v1/vehicle?TransactionID=4000000000&Limit=1";
    let next = client.call_with(bearer, start, None).json()["NextTransactionID"].as_u64();
    next.map(|next| next - 1).ok_or_else(|| "a list shows no NextTransactionID".to_owned())
}
