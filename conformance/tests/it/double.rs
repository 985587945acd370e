//! A target that gives canned answers and remembers what it was asked.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tagtrail_conformance::scenario::load::Source;
use tagtrail_conformance::{Options, People, Reporter};
use tokio::net::TcpListener;

pub(crate) const SESSION: &str = "session-token-of-the-farm";
pub(crate) const PASSWORD: &str = "password-of-the-farm";

/// A request as the double saw it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Method and path with query.
    pub(crate) start: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A status, headers and a body.
pub(crate) type Canned = (u16, &'static [(&'static str, &'static str)], Value);

type Script = dyn Fn(&Call, usize) -> Canned + Send + Sync;

/// The running double; its calls can be read at any time.
pub(crate) struct Double {
    pub(crate) address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Double {
    /// A tagtrail with a control plane; `script` answers `/v1` calls and knows how often the same was asked before.
    pub(crate) async fn tagtrail(
        script: impl Fn(&Call, usize) -> Canned + Send + Sync + 'static,
    ) -> Self {
        Self::start(true, Arc::new(script)).await
    }

    /// A foreign system without control plane.
    pub(crate) async fn foreign(
        script: impl Fn(&Call, usize) -> Canned + Send + Sync + 'static,
    ) -> Self {
        Self::start(false, Arc::new(script)).await
    }

    async fn start(control: bool, script: Arc<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                let service = service_fn(move |request| {
                    answer(request, control, Arc::clone(&seen), Arc::clone(&script))
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, calls }
    }

    pub(crate) fn options(&self, scenarios: &[(&str, &str)]) -> Options {
        let sources = scenarios.iter().map(|(file, text)| Source::new(*file, text)).collect();
        let target = format!("http://{}", self.address).parse().unwrap();
        Options { people: Some(people()), ..Options::new(target, sources) }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Method and path of every call, in order.
    pub(crate) fn starts(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.start).collect()
    }
}

fn people() -> People {
    let text = json!({
        "Users": [{"UBI": "604900101", "Username": "staff@hollow-birch.example", "Password": PASSWORD}],
        "Integrators": [{"Consents": [{"UBI": "604900101", "AccessToken": "access-token-of-the-app"}]}],
    });
    People::parse(&text.to_string()).unwrap()
}

async fn answer(
    request: Request<Incoming>,
    control: bool,
    seen: Arc<Mutex<Vec<Call>>>,
    script: Arc<Script>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let call = Call {
        start: format!("{} {}", head.method, head.uri),
        headers: headers.collect(),
        body: String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|other| other.start == call.start).count();
        seen.push(call.clone());
        before
    };
    let (status, headers, body) = canned(&call, before, control, &script);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = if body == json!("not json") { "<html>".to_owned() } else { body.to_string() };
    Ok(response.body(Full::new(Bytes::from(body))).unwrap())
}

fn canned(call: &Call, before: usize, control: bool, script: &Arc<Script>) -> Canned {
    match call.start.as_str() {
        "GET /_tagtrail/health" if control => (200, &[], json!({"instance": "double"})),
        "POST /_tagtrail/worlds" if control => (201, &[], json!({})),
        "POST /v1/user/login" if call.body.contains(PASSWORD) => {
            (200, &[], json!({"session": SESSION, "Session": SESSION}))
        }
        start if control && start.contains("/_tagtrail/") => (200, &[], json!({})),
        start if start.contains("/_tagtrail/") => (404, &[], json!({"Error": "Not found."})),
        _ => script(call, before),
    }
}

/// A plant room as the interface has it.
pub(crate) fn room(id: u32, name: &str) -> Value {
    let mut room = tagtrail_schemas::zero("GrowRoom");
    room.insert("ID".to_owned(), json!(id));
    room.insert("Name".to_owned(), json!(name));
    Value::Object(room)
}

/// The answer to a write of a room.
pub(crate) fn receipt(room: &Value) -> Value {
    json!({"GrowRoom": room, "SessionTime": 1, "TransactionID": 1})
}

/// The answer to a read of many rooms.
pub(crate) fn list(rooms: &[Value]) -> Value {
    json!({"NextCursor": 0, "NextTransactionID": 1, "Room": rooms})
}

/// Every call of the API is refused for want of a name.
pub(crate) fn nameless(_: &Call, _: usize) -> Canned {
    (400, &[("X-Tagtrail-Rule", "ROOM-03")], json!({"Error": "Please provide a value for Name."}))
}

/// No reporters at all.
pub(crate) fn nobody() -> Vec<Box<dyn Reporter>> {
    Vec::new()
}
