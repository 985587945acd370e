//! What a door answers: a page, JSON, or the way to somewhere else.

use askama::Template;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use super::visit::Visit;
use crate::{
    fault::Fault,
    http::answer::{Answer, RULE_HEADER},
};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// An answer under way.
pub struct Shown {
    status: StatusCode,
    kind: &'static str,
    body: Bytes,
    headers: Vec<(HeaderName, String)>,
    rule: Option<&'static str>,
    /// Whether a form of the page may lead to others than us.
    leads_away: bool,
}

impl Shown {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { status, kind, body, headers: Vec::new(), rule: None, leads_away: false }
    }

    pub fn json(value: &Value) -> Self {
        Self::new(StatusCode::OK, JSON, value.to_string())
    }

    pub fn file(kind: &'static str, text: impl Into<Bytes>) -> Self {
        Self::new(StatusCode::OK, kind, text)
    }

    pub fn page(page: &impl Template) -> Result<Self, Fault> {
        let page = page.render().map_err(|error| Fault::Broken(error.to_string()))?;
        Ok(Self::new(StatusCode::OK, HTML, page))
    }

    /// After something was done in a form: the browser asks for a page anew (303).
    pub fn see(visit: &Visit<'_>, path: &str) -> Self {
        let to = format!("{}{path}", visit.base);
        Self::new(StatusCode::SEE_OTHER, HTML, "").with("location", to)
    }

    /// To an address that is not ours, as it was registered (302).
    pub fn away(to: String) -> Self {
        Self::new(StatusCode::FOUND, HTML, "").with("location", to)
    }

    /// What went wrong, as a page for people and as `{"Error": …}` for programs.
    pub fn fault(visit: &Visit<'_>, fault: &Fault) -> Self {
        let page = Refused { visit, sentence: fault.to_string(), rule: fault.rule() };
        let shown = match page.render() {
            Ok(page) if visit.wants_page() => Self::new(StatusCode::OK, HTML, page),
            _ => Self::json(&json!({ "Error": fault.to_string() })),
        };
        shown.because(fault)
    }

    /// With the status and the rule of a fault.
    pub fn because(mut self, fault: &Fault) -> Self {
        self.status = fault.status();
        self.rule = fault.rule();
        self
    }

    /// Names a rule without being a refusal.
    pub fn by(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    pub fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((HeaderName::from_static(name), value));
        self
    }

    /// Sets a cookie that no script and no other site can use, for the pages below a path.
    pub fn with_cookie(self, name: &str, value: &str, path: &str) -> Self {
        let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
        let cookie = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict{ends}");
        self.with("set-cookie", cookie)
    }

    /// Lets the forms of the page lead to a software, and on from there to wherever it sends a browser:
    /// browsers hold every redirect after a form against the policy of its page.
    pub fn leading_away(mut self) -> Self {
        self.leads_away = true;
        self
    }

    pub fn answer(self) -> Answer {
        let mut answer = Response::new(Full::new(self.body));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        let away = if self.leads_away { " http: https:" } else { "" };
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             base-uri 'none'; frame-ancestors 'none'; form-action 'self'{away}"
        );
        let policy = (header::CONTENT_SECURITY_POLICY, policy);
        for (name, value) in std::iter::once(policy).chain(self.headers) {
            if let Ok(value) = value.parse() {
                headers.append(name, value);
            }
        }
        if let Some(rule) = self.rule {
            headers.insert(&RULE_HEADER, HeaderValue::from_static(rule));
        }
        answer
    }
}

/// How something that was done is told: a program reads JSON; for people a page follows, or the same
/// again with what went wrong.
pub fn told(
    visit: &Visit<'_>,
    done: Result<Value, Fault>,
    follow: impl FnOnce(&Visit<'_>, Value) -> Result<Shown, Fault>,
    again: impl FnOnce(&Visit<'_>, String) -> Result<Shown, Fault>,
) -> Result<Shown, Fault> {
    match done {
        Ok(said) if visit.wants_page() => follow(visit, said),
        Ok(said) => Ok(Shown::json(&said)),
        Err(fault) if visit.wants_page() => Ok(again(visit, fault.to_string())?.because(&fault)),
        Err(fault) => Err(fault),
    }
}

/// A door that did not open.
#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    visit: &'a Visit<'a>,
    sentence: String,
    rule: Option<&'static str>,
}
