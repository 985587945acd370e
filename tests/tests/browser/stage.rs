//! A sandbox, a browser and a software's callback, and the steps that several tests take.

use std::io::Write;

use bytes::Bytes;
use serde_json::{Value, json};
use tagtrail_conformance::{
    Target,
    player::client::{Client, Reply, Request},
};
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};
use url::Url;

use crate::{callback::Callback, chromium::Chromium};

pub(crate) const UBI: &str = "604900161";
pub(crate) const ADMIN: &str = "admin@lantern-street.example";
pub(crate) const STAFF: &str = "staff@lantern-street.example";
pub(crate) const PASSWORD: &str = "tagtrail-dev-1";
pub(crate) const HERE: &str = "OCM-RETL-25-900161";
pub(crate) const WEST: &str = "OCM-RETL-25-900162";
/// Whatever a software sends along has to come back as it was.
pub(crate) const STATE: &str = "a b+c/%2F&d=ü";

/// An integrator's own.
pub(crate) const EMAIL: &str = "ada@northlight.example";
pub(crate) const SECRET_WORD: &str = "northlight-1";

pub(crate) struct Stage {
    pub(crate) browser: Chromium,
    pub(crate) callback: Callback,
    sandbox: Sandbox,
    client: Client,
}

/// A software and the portal session of who made it.
pub(crate) struct Software {
    pub(crate) id: String,
    session: String,
}

pub(crate) fn is_left_out() -> bool {
    let off = std::env::var("TAGTRAIL_BROWSER").is_ok_and(|said| said == "off");
    if off {
        // Past the harness, which keeps to itself what a test prints that passes.
        let _ =
            writeln!(std::io::stderr(), "TAGTRAIL_BROWSER=off: a test in the browser was left out");
    }
    off
}

impl Stage {
    /// Nothing if the browser is to be left out.
    pub(crate) async fn open() -> Option<Self> {
        if is_left_out() {
            return None;
        }
        let at = Moment::parse("2025-07-28T13:00:00Z").unwrap();
        let config = Config { clock: Some(Clock::Frozen { at }), ..Config::default() };
        let sandbox = Sandbox::start(config).await.unwrap();
        let target: Target = sandbox.url().parse().unwrap();
        let (browser, callback) = (Chromium::start().await, Callback::listen().await);
        Some(Self { browser, callback, sandbox, client: Client::new(target) })
    }

    pub(crate) fn origin(&self) -> String {
        self.sandbox.url()
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.browser.client.goto(&format!("{}{path}", self.origin())).await.unwrap();
    }

    /// The browser is still at a page of ours, on this path.
    pub(crate) async fn is_at(&self, path: &str) {
        let url = self.browser.url().await;
        assert_eq!(url.origin(), Url::parse(&self.origin()).unwrap().origin(), "the browser left");
        assert_eq!(url.path(), path);
    }

    /// A call of a program. `start` is `METHOD /path`.
    pub(crate) async fn call(&self, start: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let (method, path) = start.split_once(' ').unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers.collect(),
            body: (!body.is_empty()).then(|| Bytes::from(body.to_owned())),
        };
        self.client.send(&request).await.unwrap()
    }

    /// A call with JSON and a bearer token that has to succeed.
    pub(crate) async fn ok(&self, start: &str, bearer: &str, body: Value) -> Value {
        let bearer = format!("Bearer {bearer}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.call(start, &headers, &body).await;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.is_success(), "{start}: {} {text}", reply.status);
        reply.json.unwrap_or_default()
    }

    /// A call of the API with an access token.
    pub(crate) async fn api(&self, path: &str, token: &str, license: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("x-license", license)];
        self.call(&format!("GET {path}"), &headers, "").await
    }

    pub(crate) async fn pass_time(&self, by: &str) {
        self.ok("POST /_tagtrail/worlds/default/clock/step", "", json!({ "by": by })).await;
    }

    /// A registered integrator's software, without the browser.
    pub(crate) async fn software(&self, name: &str) -> Software {
        let integrator = json!({
            "Company": "Northlight", "Contact": "Ada", "Email": EMAIL, "Password": SECRET_WORD, "Kind": "POS",
        });
        self.ok("POST /devportal/register", "", integrator).await;
        let login = json!({ "Email": EMAIL, "Password": SECRET_WORD });
        let session = self.ok("POST /devportal/login", "", login).await["Session"].take();
        let session = session.as_str().unwrap().to_owned();
        let app = json!({ "Name": name, "RedirectURI": [self.callback.address(), self.callback.onward()] });
        let app = self.ok("POST /devportal/app", &session, app).await["App"].take();
        let text = |key: &str| app[key].as_str().unwrap().to_owned();
        Software { id: text("ClientID"), session }
    }

    /// Everything the portal lists of a software: itself and its consents.
    pub(crate) async fn listed(&self, software: &Software) -> Value {
        let apps = self.ok("GET /devportal/app", &software.session, Value::Null).await;
        let path = format!("GET /devportal/app/{}/consent", software.id);
        let consents = self.ok(&path, &software.session, Value::Null).await;
        json!([apps, consents])
    }

    /// The consents of a software, as the portal lists them.
    pub(crate) async fn consents(&self, software: &Software) -> Vec<Value> {
        let mut listed = self.listed(software).await;
        listed[1]["Consent"].take().as_array().unwrap().clone()
    }

    /// Where a software sends an administrator.
    pub(crate) fn consent_path(&self, client_id: &str) -> String {
        self.consent_path_to(client_id, &self.callback.address())
    }

    pub(crate) fn consent_path_to(&self, client_id: &str, address: &str) -> String {
        let fields = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", address),
            ("state", STATE),
        ];
        let url = Url::parse_with_params("http://localhost/oauth", fields).unwrap();
        format!("{}?{}", url.path(), url.query().unwrap())
    }

    /// Opens the consent page and signs in.
    pub(crate) async fn sign_in_to_consent(&self, client_id: &str, username: &str, password: &str) {
        self.goto(&self.consent_path(client_id)).await;
        self.sign_in_here(username, password).await;
    }

    /// Signs in on the consent page that is open.
    pub(crate) async fn sign_in_here(&self, username: &str, password: &str) {
        let fields = [("UBI", UBI), ("Username", username), ("Password", password)];
        self.browser.fill("/oauth", &fields).await;
        self.browser.press("Sign in").await;
    }

    pub(crate) async fn sign_in_to_portal(&self) {
        self.goto("/devportal").await;
        let fields = [("Email", EMAIL), ("Password", SECRET_WORD)];
        self.browser.fill("/devportal/login", &fields).await;
        self.browser.press("Sign in").await;
        self.is_at("/devportal").await;
    }

    pub(crate) async fn sign_in_to_tags(&self, username: &str) {
        self.goto("/tags").await;
        let fields = [("UBI", UBI), ("Username", username), ("Password", PASSWORD)];
        self.browser.fill("/tags/login", &fields).await;
        self.browser.press("Sign in").await;
    }

    /// The browser's cookie of this name, as a program would send it.
    pub(crate) async fn cookie(&self, name: &str) -> String {
        let cookie = self.browser.client.get_named_cookie(name).await.unwrap();
        format!("{name}={}", cookie.value())
    }
}

/// Fails unless the reply refuses by this rule.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, rule: &str, what: &str) {
    let seen = (reply.status, reply.header("x-tagtrail-rule").unwrap_or("(none)"));
    assert_eq!(seen, (status, rule), "{what}: {}", String::from_utf8_lossy(&reply.body));
}
