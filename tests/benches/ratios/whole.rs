//! Identifiers, the start of the command, and the whole scenario suite.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tagtrail_emulator::ids::Minter;

use super::{
    process::{Child, release_binary, scratch},
    table::{Table, median, per_second},
};

const IDS: u64 = 10_000_000;
const STARTS: usize = 11;

pub fn measure_ids(table: &mut Table) {
    let minter = Minter::new(1, "default");
    let mut rates = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let mut ids: Vec<u64> = (0..IDS).map(|number| minter.mint(number).number()).collect();
        rates.push(IDS * 1_000_000 / start.elapsed().as_micros() as u64);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len() as u64, IDS, "identifiers collide");
    }
    let rate = median(rates);
    let target = Some(("≥ 5000 k/s", rate >= 5_000_000));
    table.add("identifiers", per_second(rate), target, format!("{IDS} without a collision"));
}

pub fn measure_start(table: &mut Table) {
    let binary = release_binary();
    let ready = scratch("start").join("ready");
    let mut waits = Vec::new();
    let mut memory = 0;
    for _ in 0..STARTS {
        // It is there from the second start on.
        let _ = fs::remove_file(&ready);
        let start = Instant::now();
        let args = ["serve", "--listen", "127.0.0.1:0", "--ready-file"];
        let server =
            Child::start(Command::new(&binary).args(args).arg(&ready).stdout(Stdio::null()));
        let url = loop {
            let told = fs::read_to_string(&ready).ok();
            let told = told.and_then(|text| serde_json::from_str(&text).ok());
            if let Some(told) = told.map(|it: serde_json::Value| it["url"].clone()) {
                break told.as_str().unwrap().trim_start_matches("http://").to_owned();
            }
            thread::sleep(Duration::from_micros(100));
        };
        first_reply(&url);
        waits.push(start.elapsed().as_micros() as u64);
        thread::sleep(Duration::from_millis(50));
        memory = memory.max(server.memory_kib());
    }
    let wait = median(waits);
    let shown = format!("{}.{} ms", wait / 1000, wait % 1000 / 100);
    let details = format!("median of {STARTS} starts, with the seed world in memory");
    table.add("start to first reply", shown, Some(("< 25 ms", wait < 25_000)), details);
    let shown = format!("{} MB", memory / 1000);
    let details = "VmRSS after the first reply".to_owned();
    table.add("idle memory", shown, Some(("< 25 MB", memory * 1024 < 25_000_000)), details);
}

fn first_reply(address: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let ask = "GET /v1/user HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
        Authorization: Bearer tagtrail-dev-token-604900101\r\n\r\n";
    stream.write_all(ask.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
}

pub fn measure_suite(table: &mut Table) {
    let binary = release_binary();
    let start = Instant::now();
    let played = Command::new(&binary).arg("test").output().unwrap();
    let wait = start.elapsed().as_millis();
    let said = String::from_utf8_lossy(&played.stdout);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let details = format!("exit {}: {}", played.status.code().unwrap_or(-1), last.trim());
    table.add("all built-in scenarios", format!("{wait} ms"), None, details);
}
