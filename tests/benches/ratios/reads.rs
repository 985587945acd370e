//! What a read costs above the bare server that sends the same bytes.

use std::{fs, time::Duration};

use super::{
    client::{Client, log_in, request},
    load::{Load, Round, on_one_thread},
    process::{Child, scratch},
    table::{Ratio, Table, median, per_second},
};

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 7;
const LENGTH: Duration = Duration::from_millis(400);

pub fn measure(table: &mut Table) {
    #[rustfmt::skip]
    let reads = [
        ("show against bare hyper",        "GET /v1/inventory/8232298306650252", 75),
        ("page of 100 against bare hyper", "GET /v1/inventory?Limit=100",         0),
        ("sync against bare hyper",        "GET /v1/sync",                        0),
    ];
    let (sandbox, address) = Child::server(&["serve-sandbox"]);
    let folder = scratch("reads");
    for (what, start, target) in reads {
        let body = folder.join("body");
        let (own, bare) = on_one_thread(async {
            let mut client = Client::connect(address).await;
            let session = log_in(&mut client, "604900101", "staff@hollow-birch.example").await;
            fill(&mut client, &session).await;
            let request = request(start, &session, "");
            let reply = client.call(&request).await;
            fs::write(&body, reply.body).unwrap();
            let head = lines(reply.head);
            let (bare, bare_address) = Child::server(&["serve-bare", body.to_str().unwrap()]);
            let mut bare_client = Client::connect(bare_address).await;
            assert_eq!(head, lines(bare_client.call(&request).await.head), "the heads differ");
            let requests = || (0..CONNECTIONS).map(|_| request.clone());
            let mut own_load = Load::new(address, requests()).await;
            let mut bare_load = Load::new(bare_address, requests()).await;
            let (mut own_rounds, mut bare_rounds) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                bare_rounds.push(bare_load.round(&bare, LENGTH).await);
                own_rounds.push(own_load.round(&sandbox, LENGTH).await);
            }
            (own_rounds, bare_rounds)
        });
        add(table, what, target, &own, &bare);
    }
}

/// Enough rows for a whole page.
async fn fill(client: &mut Client, session: &str) {
    let rows = vec![r#"{"InventoryType":13,"Amount":10,"RoomID":1,"Strain":"Hudson Haze"}"#; 120];
    let license = "OCM-CULT-25-900101";
    let body = format!(r#"{{"LocationLicense":"{license}","Data":[{}]}}"#, rows.join(","));
    client.call(&request("POST /v1/inventory/initial", session, &body)).await;
}

/// The names of a head's lines; the date moves on.
fn lines(head: &[u8]) -> Vec<String> {
    let head = String::from_utf8_lossy(head);
    head.lines().map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
}

fn add(table: &mut Table, what: &str, target: u64, own: &[Round], bare: &[Round]) {
    let pairs = own.iter().zip(bare);
    let ratio =
        median(pairs.map(|(own, bare)| Ratio::of(own.per_second, bare.per_second)).collect());
    let wanted = format!("≥ {}", Ratio(target));
    let target = (target > 0).then(|| (wanted.as_str(), ratio >= Ratio(target)));
    let rate =
        |rounds: &[Round]| per_second(median(rounds.iter().map(|it| it.per_second).collect()));
    let cpu = |rounds: &[Round]| median(rounds.iter().map(|it| it.cpu_nanos).collect::<Vec<_>>());
    let (own_cpu, bare_cpu) = (cpu(own), cpu(bare));
    let p99 = median(own.iter().map(|it| it.p99).collect::<Vec<_>>());
    let details = format!(
        "{} against {}; CPU per call {own_cpu} ns against {bare_cpu} ns; p99 {p99} µs",
        rate(own),
        rate(bare)
    );
    table.add(what, ratio, target, details);
}
