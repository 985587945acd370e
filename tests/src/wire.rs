//! A sandbox of one test's own, and a client that waits for each reply.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};
use tokio::runtime::Runtime;

pub const START: &str = "2025-07-28T13:00:00Z";

/// A call that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A sandbox in memory with a clock that stands still.
pub struct Stand {
    address: String,
    _sandbox: Sandbox,
    _runtime: Runtime,
}

impl Stand {
    #[expect(clippy::new_without_default, reason = "a sandbox that starts is no default")]
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let clock = Some(Clock::Frozen { at: Moment::parse(START).unwrap() });
        let sandbox = runtime.block_on(Sandbox::start(Config { clock, ..Config::default() }));
        let sandbox = sandbox.unwrap();
        let address = sandbox.url().trim_start_matches("http://").to_owned();
        Self { address, _sandbox: sandbox, _runtime: runtime }
    }

    pub fn client(&self) -> Client {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Client { stream }
    }
}

/// The seed world's access token of a company.
pub fn token(ubi: &str) -> String {
    format!("tagtrail-dev-token-{ubi}")
}

/// What a call got.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    pub status: u16,
    /// The rule that refused.
    pub rule: String,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

pub struct Client {
    stream: TcpStream,
}

impl Client {
    /// Calls with the access token of a company, which acts as the administrator who consented.
    pub fn call(&mut self, ubi: &str, start: &str, body: Option<&Value>) -> Reply {
        self.call_with(&token(ubi), start, body)
    }

    /// Calls with an access token or a session.
    pub fn call_with(&mut self, bearer: &str, start: &str, body: Option<&Value>) -> Reply {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{start} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Authorization: Bearer {bearer}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = self.stream.write_all(request.as_bytes());
        let reply = sent.and_then(|()| self.reply());
        // A call that hangs or is hung up on is a finding, not the end of the test.
        reply.unwrap_or_else(|error| Reply {
            status: 0,
            rule: String::new(),
            text: format!("no answer: {error}"),
        })
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 16 << 10];
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend(&chunk[..read]);
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let header = |name: &str| {
                let line = head.lines().find_map(|line| line.strip_prefix(name));
                line.map(|value| value.trim().to_owned()).unwrap_or_default()
            };
            let length: usize = header("content-length:").parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Ok(Reply {
                    status: head[9..12].parse().unwrap(),
                    rule: header("x-tagtrail-rule:"),
                    text: String::from_utf8(bytes.split_off(end + 4)).unwrap(),
                });
            }
        }
    }
}
