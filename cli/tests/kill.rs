//! What was acknowledged survives `kill -9`, byte for byte; a clean stop finishes what is in flight.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    process::{self, Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const ROUNDS: u32 = 6;
const WORKERS: usize = 24;
const TOKEN: &str = "tagtrail-dev-token-604900101";
const LICENSE: &str = "OCM-CULT-25-900101";

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let ready = folder.join("ready.json");
        // It is there from the second start on.
        let _ = fs::remove_file(&ready);
        let child = Command::new(env!("CARGO_BIN_EXE_tagtrail"))
            .args(["serve", "--listen", "127.0.0.1:0", "--clock", "frozen:2025-07-28T13:00:00Z"])
            .arg("--data")
            .arg(folder.join("worlds"))
            .arg("--ready-file")
            .arg(&ready)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, address: String::new() };
        let began = Instant::now();
        while server.address.is_empty() {
            assert!(began.elapsed() < Duration::from_secs(20), "the server is not ready");
            thread::sleep(Duration::from_millis(5));
            let told = fs::read_to_string(&ready).unwrap_or_default();
            let told: Value = serde_json::from_str(&told).unwrap_or_default();
            let url = told["url"].as_str().unwrap_or_default();
            server.address = url.trim_start_matches("http://").to_owned();
        }
        server
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client { stream }
    }

    /// The highest number of the world.
    fn highest(&self) -> u64 {
        let list = "GET /v1/vehicle?TransactionID=4000000000";
        let list = self.client().call(list, None).unwrap();
        list["NextTransactionID"].as_u64().unwrap() - 1
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Client {
    stream: TcpStream,
}

impl Client {
    /// A whole reply that says 200, or the way in which the connection ended.
    fn call(&mut self, start: &str, body: Option<&Value>) -> io::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{start} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 8 << 10];
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                assert!(bytes.is_empty(), "half a reply: {}", String::from_utf8_lossy(&bytes));
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend(&chunk[..read]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                assert!(head.starts_with("HTTP/1.1 200"), "{start}: {text}");
                return Ok(serde_json::from_str(body).unwrap());
            }
        }
    }
}

/// What a caller was told, and what it asked for last without an answer.
#[derive(Default)]
struct Told {
    /// The latest row of each record, by the call that shows it.
    rows: BTreeMap<String, String>,
    numbers: BTreeSet<u64>,
    in_doubt: Option<String>,
}

impl Told {
    fn write(
        &mut self,
        client: &mut Client,
        start: &str,
        body: &Value,
        show: impl Fn(&Value) -> String,
    ) -> io::Result<Value> {
        self.in_doubt = Some(start.split(' ').nth(1).unwrap().replace("/adjust", ""));
        let reply = client.call(start, Some(body))?;
        self.in_doubt = None;
        self.numbers.insert(number(&reply));
        let row = record(&reply).unwrap();
        self.rows.insert(show(&row), row.to_string());
        Ok(row)
    }
}

/// The first record in a reply, under whatever wrappers; its text is that of the wire.
fn record(reply: &Value) -> Option<Value> {
    match reply {
        Value::Object(fields) if fields.contains_key("ID") => Some(reply.clone()),
        Value::Object(fields) => fields.values().find_map(record),
        Value::Array(rows) => rows.iter().find_map(record),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn number(reply: &Value) -> u64 {
    record(reply).unwrap()["TransactionID"].as_u64().unwrap()
}

/// Writes until the connection ends.
fn work(mut client: Client) -> Told {
    let mut told = Told::default();
    let ended = write_on(&mut client, &mut told);
    assert!(ended.is_err());
    told
}

fn write_on(client: &mut Client, told: &mut Told) -> io::Result<()> {
    let item = json!({"LocationLicense": LICENSE, "Inventory": [{
        "SourcePlantID": "0073518842960417", "InventoryType": 10, "Amount": 1, "RoomID": 1,
    }]});
    let shown = |row: &Value| format!("/v1/inventory/{}", row["ID"].as_str().unwrap());
    let item = told.write(client, "POST /v1/inventory", &item, shown)?;
    let adjust = format!("PUT {}/adjust", shown(&item));
    for count in 1_u64.. {
        let body = json!({"LocationLicense": LICENSE, "Name": format!("Room {count}")});
        let show = |row: &Value| format!("/v1/inventory/room/{}", row["ID"]);
        let room = told.write(client, "POST /v1/inventory/room", &body, show)?;
        let rename = format!("PUT {}", show(&room));
        for name in ["Bench", "Bench – \"3\""] {
            told.write(client, &rename, &json!({"Name": name}), show)?;
        }
        let body = json!({"Amount": count, "Type": 1, "Reason": "Counted."});
        told.write(client, &adjust, &body, shown)?;
    }
    Ok(())
}

fn workers(server: &Server) -> Vec<JoinHandle<Told>> {
    let clients = (0..WORKERS).map(|_| server.client());
    clients.map(|client| thread::spawn(move || work(client))).collect()
}

/// Everything that was told is there; a record with a call in doubt may be newer.
fn check(server: &Server, rows: &BTreeMap<String, String>, doubts: &BTreeSet<String>) {
    let mut client = server.client();
    for (path, told) in rows {
        let shown = client.call(&format!("GET {path}"), None).unwrap();
        let shown = record(&shown).unwrap();
        if doubts.contains(path) {
            let told: Value = serde_json::from_str(told).unwrap();
            assert!(number(&shown) >= number(&told), "{path} fell back to {shown}");
        } else {
            assert_eq!(shown.to_string(), *told, "{path}");
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = BTreeMap::new();
    let mut numbers = BTreeSet::new();
    let mut server = Server::start(folder.path());
    for round in 0..ROUNDS {
        let running = workers(&server);
        // A moment that differs from round to round and from run to run.
        let chance = u64::from(process::id().wrapping_mul(7_919) + round * 104_729) % 250;
        thread::sleep(Duration::from_millis(30 + chance));
        server.child.kill().unwrap();
        let mut doubts = BTreeSet::new();
        for worker in running {
            let told = worker.join().unwrap();
            rows.extend(told.rows);
            doubts.extend(told.in_doubt);
            for number in told.numbers {
                assert!(numbers.insert(number), "{number} was given twice");
            }
        }
        server.child.wait().unwrap();
        server = Server::start(folder.path());
        let highest = server.highest();
        assert!(Some(&highest) >= numbers.last(), "{highest} is behind {:?}", numbers.last());
        check(&server, &rows, &doubts);
        // What the doubtful calls left is from now on as certain as the rest.
        let mut client = server.client();
        for (path, told) in rows.iter_mut().filter(|(path, _)| doubts.contains(*path)) {
            let shown = client.call(&format!("GET {path}"), None).unwrap();
            *told = record(&shown).unwrap().to_string();
        }
    }
    assert!(numbers.len() > 100, "only {} writes were acknowledged", numbers.len());
}

#[test]
fn a_clean_stop_finishes_the_calls_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let running = workers(&server);
    thread::sleep(Duration::from_millis(200));
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let told: Vec<Told> = running.into_iter().map(|worker| worker.join().unwrap()).collect();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let server = Server::start(folder.path());
    let numbers: BTreeSet<u64> = told.iter().flat_map(|it| &it.numbers).copied().collect();
    // Nothing was written that nobody was told of.
    assert_eq!(Some(&server.highest()), numbers.last());
    assert_eq!(numbers.last().unwrap() - numbers.first().unwrap() + 1, numbers.len() as u64);
    let rows = told.into_iter().flat_map(|it| it.rows).collect();
    check(&server, &rows, &BTreeSet::new());
}
