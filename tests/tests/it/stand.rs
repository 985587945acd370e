//! A sandbox of one test's own with a client, and the people of its seed world.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tagtrail_conformance::Target;
use tagtrail_conformance::player::client::{Client, Reply, Request};
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};

pub(crate) const BIRCH: &str = "604900101";
pub(crate) const ADMIN: &str = "admin@hollow-birch.example";
pub(crate) const STAFF: &str = "staff@hollow-birch.example";
pub(crate) const PASSWORD: &str = "tagtrail-dev-1";

/// A call that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Headers as they are sent.
pub(crate) type Headers = Vec<(String, String)>;

pub(crate) struct Stand {
    pub(crate) sandbox: Sandbox,
    client: Client,
}

/// The seed world's time, standing still.
pub(crate) fn frozen() -> Clock {
    Clock::Frozen { at: Moment::parse("2025-07-28T13:00:00Z").unwrap() }
}

impl Stand {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let clock = config.clock.or(Some(frozen()));
        let sandbox = Sandbox::start(Config { clock, ..config }).await.unwrap();
        let target: Target = sandbox.url().parse().unwrap();
        Self { client: Client::new(target), sandbox }
    }

    /// `127.0.0.1:port`, for those who write to the socket themselves.
    pub(crate) fn address(&self) -> String {
        self.client.target().authority.clone()
    }

    /// Sends bytes as they are. `start` is `METHOD /path`.
    pub(crate) async fn send(&self, start: &str, headers: &Headers, body: Option<Bytes>) -> Reply {
        let (method, path) = start.split_once(' ').unwrap();
        let headers = headers.clone();
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body };
        let reply = tokio::time::timeout(PATIENCE, self.client.send(&request)).await;
        let reply = reply.unwrap_or_else(|_| panic!("{start} hangs: {:?}", request.body));
        reply.unwrap_or_else(|trouble| panic!("{trouble}: {:?}", request.body))
    }

    pub(crate) async fn call(&self, start: &str, headers: &Headers, body: Option<&Value>) -> Reply {
        self.send(start, headers, body.map(|it| Bytes::from(it.to_string()))).await
    }

    /// A call that has to succeed; its JSON.
    pub(crate) async fn ok(&self, start: &str, headers: &Headers, body: Option<&Value>) -> Value {
        let reply = self.call(start, headers, body).await;
        assert!(reply.is_success(), "{start}: {} {}", reply.status, text(&reply));
        reply.json.unwrap_or_default()
    }

    /// A call of the control plane that has to succeed.
    pub(crate) async fn control(&self, start: &str, body: Value) -> Value {
        let (method, path) = start.split_once(' ').unwrap();
        let body = Some(&body).filter(|it| !it.is_null());
        self.ok(&format!("{method} /_tagtrail{path}"), &Vec::new(), body).await
    }

    /// The headers of a licensee's session, with the access token of the company.
    pub(crate) async fn log_in(&self, username: &str, ubi: &str) -> Headers {
        self.log_in_at("", username, ubi).await
    }

    /// The same in a world that is named by the path's prefix.
    pub(crate) async fn log_in_at(&self, prefix: &str, username: &str, ubi: &str) -> Headers {
        let token = header("Authorization", &format!("Bearer tagtrail-dev-token-{ubi}"));
        let body = json!({"UBI": ubi, "Username": username, "Password": PASSWORD});
        let start = format!("POST {prefix}/v1/user/login");
        let said = self.ok(&start, &vec![token.clone()], Some(&body)).await;
        vec![header("X-Session-Token", said["session"].as_str().unwrap()), token]
    }

    /// The headers of a session that no software asked for.
    pub(crate) async fn log_in_alone(&self, username: &str, ubi: &str, password: &str) -> Headers {
        let body = json!({"UBI": ubi, "Username": username, "Password": password});
        let said = self.ok("POST /v1/user/login", &Vec::new(), Some(&body)).await;
        vec![header("X-Session-Token", said["session"].as_str().unwrap())]
    }

    /// The headers of a laboratory's session.
    pub(crate) async fn log_in_lab(&self, username: &str, license: &str) -> Headers {
        let body = json!({"LicenseNumber": license, "Username": username, "Password": PASSWORD});
        let said = self.ok("POST /v1/lab/login", &Vec::new(), Some(&body)).await;
        vec![header("X-Session-Token", said["Session"].as_str().unwrap())]
    }

    /// What the caller may see, as one number per kind.
    pub(crate) async fn sync(&self, headers: &Headers) -> Value {
        self.ok("GET /v1/sync", headers, None).await["Sync"].take()
    }
}

pub(crate) fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

pub(crate) fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

/// Fails unless the reply refuses by this rule, with this status, in the shape of every refusal.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, rule: &str, what: &str) {
    let seen = (reply.status, reply.header("x-tagtrail-rule").unwrap_or("(none)"));
    assert_eq!(seen, (status, rule), "{what}: {}", text(reply));
    is_error(reply, what);
    let body = text(reply);
    assert!(!body.contains('<'), "{what} leaves a place unfilled: {body}");
}

/// Fails unless the reply is `{"Error": "<sentence>"}` as JSON.
#[track_caller]
pub(crate) fn is_error(reply: &Reply, what: &str) {
    let kind = reply.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/json"), "{what}: {kind}");
    let body = reply.json.as_ref().unwrap_or_else(|| panic!("{what}: {}", text(reply)));
    let schema = tagtrail_schemas::error_schema();
    assert!(jsonschema::is_valid(&schema, body), "{what}: {body}");
}
