//! A client that does as little as a client can: fixed requests, replies read to their end.

use std::net::SocketAddr;

use tokio::net::TcpStream;

/// A connection that is kept alive.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A reply's head and body, as they came.
pub struct Received<'a> {
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 8 << 20] }
    }

    /// Sends a request and waits for the whole reply, which must say 200.
    pub async fn call(&mut self, request: &[u8]) -> Received<'_> {
        self.send(request).await;
        let mut filled = 0;
        loop {
            filled += self.receive(filled).await;
            if let Some((head, end)) = ends(&self.buffer[..filled])
                && filled >= end
            {
                let (head, body) = self.buffer[..end].split_at(head);
                assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(body));
                return Received { head, body };
            }
        }
    }

    async fn send(&self, mut rest: &[u8]) {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.stream.writable().await.unwrap();
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn receive(&mut self, filled: usize) -> usize {
        loop {
            self.stream.readable().await.unwrap();
            match self.stream.try_read(&mut self.buffer[filled..]) {
                Ok(0) => panic!("the server hung up"),
                Ok(read) => return read,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Where the head and the whole reply end, once the head is there.
fn ends(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let name = b"content-length: ";
    let length = bytes[..head].windows(name.len()).position(|it| it == name)? + name.len();
    let digits = bytes[length..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    Some((head, head + length))
}

/// The bytes of a request.
pub fn request(start: &str, session: &str, body: &str) -> Vec<u8> {
    let token = match session {
        "" => String::new(),
        session => format!("X-Session-Token: {session}\r\n"),
    };
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    format!("{start} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}{length}\r\n{body}").into_bytes()
}

/// Opens a session for a person of the seed world.
pub async fn log_in(client: &mut Client, ubi: &str, name: &str) -> String {
    let body = format!(r#"{{"UBI":"{ubi}","Username":"{name}","Password":"tagtrail-dev-1"}}"#);
    let start = "POST /v1/user/login HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    let token = format!("Authorization: Bearer tagtrail-dev-token-{ubi}\r\n");
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let reply = client.call(format!("{start}{token}{length}{body}").as_bytes()).await;
    let reply: serde_json::Value = serde_json::from_slice(reply.body).unwrap();
    reply["session"].as_str().unwrap().to_owned()
}
