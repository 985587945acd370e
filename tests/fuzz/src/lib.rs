//! A sandbox for the fuzzers, in their own process, so that they see which code a request reaches.
//!
//! Every request has to get an answer below 500 within a moment. `cargo +nightly fuzz run bodies`.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::{Value, json};
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};

/// An answer that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so many requests the goods are as at the start again.
const FRESH_EVERY: u64 = 500;
const PASSWORD: &str = "tagtrail-dev-1";

/// Who sends: between them they may do everything.
const PEOPLE: &[(&str, &str)] = &[
    ("admin@hollow-birch.example", "604900101"),
    ("admin@copper-kettle.example", "604900121"),
    ("admin@long-pier.example", "604900131"),
    ("admin@three-larks.example", "604900141"),
    ("admin@lantern-street.example", "604900161"),
    ("admin@fair-draw.example", "604900191"),
    ("admin@cedar-assay.example", "OCM-CPL-90011"),
];

/// The sandbox and its people.
pub struct Stand {
    address: SocketAddr,
    stream: TcpStream,
    sessions: Vec<String>,
    sent: u64,
    _runtime: tokio::runtime::Runtime,
    _sandbox: Sandbox,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Stand {
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let at = Moment::parse("2025-07-28T13:00:00Z").unwrap();
        let config = Config { clock: Some(Clock::Frozen { at }), ..Config::default() };
        let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
        let address = sandbox.url().trim_start_matches("http://").parse().unwrap();
        let stream = connect(address);
        let (sessions, sent) = (Vec::new(), 0);
        let mut stand = Self { address, stream, sessions, sent, _runtime: runtime, _sandbox: sandbox };
        stand.log_in();
        stand
    }

    fn log_in(&mut self) {
        self.sessions.clear();
        for (name, party) in PEOPLE {
            let lab = party.starts_with("OCM");
            let path = if lab { "/v1/lab/login" } else { "/v1/user/login" };
            let key = if lab { "LicenseNumber" } else { "UBI" };
            let body = json!({key: party, "Username": name, "Password": PASSWORD}).to_string();
            let head = if lab { String::new() } else { bearer(party) };
            let said = self.send(&request("POST", path, &head, body.as_bytes())).body;
            let said: Value = serde_json::from_slice(&said).unwrap();
            let session = said["Session"].as_str().or(said["session"].as_str()).unwrap();
            let head = format!("X-Session-Token: {session}\r\n{head}");
            self.sessions.push(head);
        }
    }

    /// The headers of one of the people.
    pub fn person(&self, at: usize) -> &str {
        &self.sessions[at % self.sessions.len()]
    }

    /// A whole request; the answer has to be one, and no failure of ours.
    pub fn ask(&mut self, request: &[u8]) -> Answer {
        self.sent += 1;
        if self.sent.is_multiple_of(FRESH_EVERY) {
            let reset = self::request("POST", "/_tagtrail/worlds/default/reset", "", b"");
            assert_eq!(self.send(&reset).status, 200);
            self.log_in();
        }
        let answer = self.send(request);
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 500, "{} {text}", answer.status);
        answer
    }

    fn send(&mut self, request: &[u8]) -> Answer {
        for _ in 0..2 {
            let sent = self.stream.write_all(request);
            if let Some(answer) = sent.ok().and_then(|()| read_answer(&mut self.stream)) {
                return answer;
            }
            // The server may have closed the connection after the answer before.
            self.stream = connect(self.address);
        }
        panic!("no answer to {}", String::from_utf8_lossy(request));
    }

    /// Bytes that may be no request at all: an answer below 500, or a clean close.
    pub fn ask_odd(&mut self, bytes: &[u8]) {
        let mut stream = connect(self.address);
        if stream.write_all(bytes).is_err() {
            return;
        }
        let _ = stream.shutdown(Shutdown::Write);
        let mut said = Vec::new();
        match stream.read_to_end(&mut said) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("no answer and no close: {error}"),
        }
        if let Some(status) = status_of(&said) {
            assert!(status < 500, "{}", String::from_utf8_lossy(&said));
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn bearer(ubi: &str) -> String {
    format!("Authorization: Bearer tagtrail-dev-token-{ubi}\r\n")
}

/// A request with the headers of a person.
pub fn request(method: &str, path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {length}\r\n\r\n")
            .into_bytes();
    request.extend(body);
    request
}

fn status_of(said: &[u8]) -> Option<u16> {
    std::str::from_utf8(said.get(9..12)?).ok()?.parse().ok()
}

/// One answer with a length, or nothing if the connection ended first.
fn read_answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut said = Vec::new();
    let mut block = [0; 16 << 10];
    loop {
        let head = said.windows(4).position(|it| it == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&said[..head]).to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
            if said.len() - head >= length {
                let body = said[head..head + length].to_vec();
                return Some(Answer { status: status_of(&said)?, body });
            }
        }
        match stream.read(&mut block).ok()? {
            0 => return None,
            read => said.extend(&block[..read]),
        }
    }
}
