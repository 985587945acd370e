//! The address to which a browser comes back with an answer: a listener that remembers what was asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

const PATH: &str = "/callback";
/// From here the browser is sent on, to another site.
const ONWARD: &str = "/onward";
/// Who takes longer was not sent.
const PATIENCE: Duration = Duration::from_secs(10);
const PAGE: &str = "<!doctype html><title>Arrived</title><h1>Arrived</h1>";

/// The fields of one arrival's query.
pub(crate) type Arrival = BTreeMap<String, String>;

/// A listener that runs as long as its test.
pub(crate) struct Callback {
    address: SocketAddr,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Callback {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let arrivals = Arc::default();
        let kept = Arc::clone(&arrivals);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, Arc::clone(&kept)));
            }
        });
        Self { address, arrivals }
    }

    /// What a software registers.
    pub(crate) fn address(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// What a software registers that answers elsewhere than it listens.
    pub(crate) fn onward(&self) -> String {
        format!("http://{}{ONWARD}", self.address)
    }

    /// Who arrived since the last look.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.arrivals.lock().unwrap())
    }

    /// The one who arrives; a browser may be on its way still.
    pub(crate) async fn arrival(&self) -> Arrival {
        let began = Instant::now();
        loop {
            let mut arrivals = self.arrivals();
            if let Some(arrival) = arrivals.pop() {
                assert!(arrivals.is_empty(), "{arrivals:?} arrived, too");
                return arrival;
            }
            assert!(began.elapsed() < PATIENCE, "nobody arrives");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Reads a request's head, remembers its query, answers with a page. A browser also asks for an icon and
/// opens connections that it never uses.
async fn welcome(mut stream: TcpStream, arrivals: Arc<Mutex<Vec<Arrival>>>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let port = stream.local_addr().unwrap().port();
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let asked = Url::parse("http://localhost").unwrap().join(path).unwrap();
    if asked.path() == ONWARD {
        let query = asked.query().unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:{port}{PATH}?{query}\r\nContent-Length: 0\r\n\r\n"
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    }
    if asked.path() == PATH {
        arrivals.lock().unwrap().push(asked.query_pairs().into_owned().collect());
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    // Whoever left does not want the answer.
    let _ = stream.write_all(answer.as_bytes()).await;
}
