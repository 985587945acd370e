//! `/oauth/token`, `/oauth/revoke` and the metadata document: codes buy tokens, tokens are renewed and
//! given back (RFC 6749, 7009, 7636, 8414; ACCT-21 to ACCT-28). Errors carry the RFC's word beside ours.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hyper::{StatusCode, header::HeaderMap};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::{
    Act, Door, act,
    oauth::Asked,
    page::Shown,
    show,
    visit::{Guest, Pass, Visit},
};
use crate::{
    fault::Fault,
    ids,
    model::Moment,
    password,
    refusal::{Refusal, refuse, require},
    world::{
        software::{App, Consent, ConsentState, Issued, kept},
        txn::Txn,
    },
};

/// The door behind the profile's `oauth.token_path`.
pub const PATH: &str = "/oauth/token";
/// Where client libraries look for the metadata document.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
const REVOKE: &str = "/oauth/revoke";

pub fn doors() -> Vec<Door> {
    vec![
        act::<Exchange>("POST /oauth/token", Pass::Anyone, told),
        act::<Revoke>("POST /oauth/revoke", Pass::Anyone, told),
        show("GET /.well-known/oauth-authorization-server", Pass::Anyone, metadata),
    ]
}

/// What a code bought a second time must not buy, and what it bought the first time.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Code {
    client_id: String,
    ubi: String,
    consent: u64,
    /// Where the code was sent, and whether the software had said so.
    to: String,
    said: bool,
    ends_on: Moment,
    used: bool,
    challenge: Option<Challenge>,
}

/// What only the software that asked can answer (RFC 7636).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Challenge {
    pub challenge: String,
    /// `S256`, not `plain`.
    pub hashed: bool,
}

impl Challenge {
    fn is_met(&self, verifier: &str) -> bool {
        let shown = match self.hashed {
            true => URL_SAFE_NO_PAD.encode(ids::digest(verifier)),
            false => verifier.to_owned(),
        };
        shown.as_bytes().ct_eq(self.challenge.as_bytes()).into()
    }
}

impl Code {
    fn key(code: &str) -> String {
        format!("code/{}", kept(code))
    }

    /// A code for a consent that was just given.
    pub fn issue(
        txn: &mut Txn<'_, '_, '_>,
        consent: &Consent,
        asked: &Asked,
        challenge: Option<Challenge>,
    ) -> Result<String, Fault> {
        let number = txn.counters.next_token();
        let code = txn.around.secret.token("code", number);
        let kept = Self {
            client_id: consent.client_id.clone(),
            ubi: consent.ubi.clone(),
            consent: consent.id,
            to: asked.to.clone(),
            said: !asked.request.redirect_uri.is_empty(),
            ends_on: txn.now.plus_seconds(txn.profile().seconds("oauth.code_life")),
            used: false,
            challenge,
        };
        txn.set_state(&Self::key(&code), &kept)?;
        Ok(code)
    }
}

/// What a refresh token was made for.
#[derive(Deserialize, Serialize)]
struct Refresh {
    client_id: String,
    ubi: String,
    consent: u64,
}

impl Refresh {
    fn key(token: &str) -> String {
        format!("refresh/{}", kept(token))
    }
}

/// The software, if its secret is right; HTTP's Basic scheme goes before the body (ACCT-22).
fn client(
    guest: &Guest,
    txn: &Txn<'_, '_, '_>,
    (id, secret): (&str, &str),
) -> Result<App, Refusal> {
    let basic = guest.client.as_ref().map(|(id, secret)| (id.as_str(), secret.as_str()));
    let (id, secret) = basic.unwrap_or((id, secret));
    let app = txn.around.access.app(id).filter(|app| app.active);
    let fits = password::verify(app.map(|app| app.secret_hash.as_str()), secret);
    app.filter(|_| fits).cloned().ok_or_else(|| refuse("ACCT-22"))
}

/// Name and secret as HTTP's Basic scheme carries them; both are form-encoded first (RFC 6749, 2.3.1).
pub fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(hyper::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, coded) = value.split_once(' ')?;
    let text =
        STANDARD.decode(coded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(text).ok()?;
    let (name, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    Some((decoded(name), decoded(secret)))
}

/// `POST /oauth/token`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
    client_id: String,
    client_secret: String,
}

impl Act for Exchange {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let unsupported = refuse("ACCT-25").with("x", &self.grant_type);
        require(guest.by_form, || unsupported.clone())?;
        let client = client(guest, txn, (&self.client_id, &self.client_secret))?;
        match self.grant_type.as_str() {
            "authorization_code" => self.by_code(&client, txn),
            "refresh_token" if txn.profile().on("oauth.refresh") => self.by_refresh(&client, txn),
            _ => Err(unsupported.into()),
        }
    }
}

impl Exchange {
    /// A code buys tokens, once (ACCT-21, ACCT-23, ACCT-24).
    fn by_code(&self, client: &App, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let wrong = || refuse("ACCT-23");
        let key = Code::key(&self.code);
        let code: Code = txn.state(&key)?.ok_or_else(wrong)?;
        require(code.client_id == client.client_id, wrong)?;
        let consent = consent_of(txn, &code.client_id, &code.ubi, code.consent);
        if code.used {
            if let Some(consent) = consent {
                txn.keep_consent(&Consent { tokens: None, ..consent })?;
            }
            // The refusal is told once the tokens have ended for good.
            return Ok(json!({ "Refused": "ACCT-24" }));
        }
        let same = code.to == self.redirect_uri || (!code.said && self.redirect_uri.is_empty());
        let met = code.challenge.as_ref().is_none_or(|it| it.is_met(&self.code_verifier));
        require(same && met && txn.now < code.ends_on, wrong)?;
        let active = consent.filter(|it| it.state(txn.now) == ConsentState::Active);
        let consent = active.ok_or_else(wrong)?;
        txn.set_state(&key, &Code { used: true, ..code })?;
        issue(txn, consent)
    }

    /// A refresh token buys a new pair; the consent's end does not move (ACCT-27, ACCT-28).
    fn by_refresh(&self, client: &App, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let known: Option<Refresh> = txn.state(&Refresh::key(&self.refresh_token))?;
        let known = known.filter(|known| known.client_id == client.client_id);
        let known = known.ok_or_else(|| refuse("ACCT-27"))?;
        let consent = consent_of(txn, &known.client_id, &known.ubi, known.consent);
        let active = consent.filter(|it| it.state(txn.now) == ConsentState::Active);
        let consent = active.ok_or_else(|| refuse("ACCT-28"))?;
        let sent = Some(kept(&self.refresh_token));
        let latest = consent.tokens.as_ref().and_then(|tokens| tokens.refresh.clone());
        require(latest == sent, || refuse("ACCT-27"))?;
        issue(txn, consent)
    }
}

/// A consent, if it is still the one of that number.
fn consent_of(txn: &Txn<'_, '_, '_>, client_id: &str, ubi: &str, id: u64) -> Option<Consent> {
    let consent = txn.around.access.consent(client_id, ubi)?;
    (consent.id == id).then(|| (**consent).clone())
}

fn issue(txn: &mut Txn<'_, '_, '_>, mut consent: Consent) -> Result<Value, Fault> {
    let Issued { access, refresh, seconds } = txn.issue_tokens(&mut consent)?;
    let mut said = json!({ "access_token": access, "token_type": "Bearer", "expires_in": seconds });
    if let Some(refresh) = refresh {
        let Consent { client_id, ubi, id, .. } = consent;
        txn.set_state(&Refresh::key(&refresh), &Refresh { client_id, ubi, consent: id })?;
        said["refresh_token"] = json!(refresh);
    }
    Ok(said)
}

/// `POST /oauth/revoke`: a software gives its pair of tokens back; the consent stays (RFC 7009).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Revoke {
    token: String,
    client_id: String,
    client_secret: String,
}

impl Act for Revoke {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let client = client(guest, txn, (&self.client_id, &self.client_secret))?;
        let sent = kept(&self.token);
        let holds = |consent: &Consent| {
            let tokens = consent.tokens.as_ref();
            tokens.is_some_and(|it| it.access == sent || it.refresh.as_ref() == Some(&sent))
        };
        let own: Vec<_> = txn.around.access.consents_of(&client.client_id).cloned().collect();
        for consent in own.iter().filter(|consent| holds(consent)) {
            txn.keep_consent(&Consent { tokens: None, ..(**consent).clone() })?;
        }
        // A token that nobody knows is as good as given back.
        Ok(json!({}))
    }
}

fn told(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    let fault: Fault = match done {
        Ok(said) if said["Refused"] == "ACCT-24" => refuse("ACCT-24").into(),
        Ok(said) => return Ok(Shown::json(&said).with("pragma", "no-cache".to_owned())),
        Err(fault) => fault,
    };
    let sentence = fault.to_string();
    let error = word(visit, &fault);
    let body = json!({ "error": error, "error_description": sentence, "Error": sentence });
    let shown = Shown::json(&body).because(&fault).with("pragma", "no-cache".to_owned());
    Ok(match fault.status() {
        StatusCode::UNAUTHORIZED => {
            shown.with("www-authenticate", "Basic realm=\"tagtrail\"".to_owned())
        }
        _ => shown,
    })
}

/// The RFC's word for what went wrong (RFC 6749, 5.2).
fn word(visit: &Visit<'_>, fault: &Fault) -> &'static str {
    match fault.rule() {
        Some("ACCT-22") => "invalid_client",
        Some("ACCT-23" | "ACCT-24" | "ACCT-27" | "ACCT-28") => "invalid_grant",
        Some("ACCT-25") if visit.guest.by_form && visit.said("grant_type").is_some() => {
            "unsupported_grant_type"
        }
        Some("WIRE-12") => "server_error",
        _ => "invalid_request",
    }
}

/// What a client library can find out by itself (RFC 8414).
fn metadata(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let profile = visit.core.profile;
    let issuer = visit.origin();
    let mut grants = vec!["authorization_code"];
    if profile.on("oauth.refresh") {
        grants.push("refresh_token");
    }
    let mut said = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth"),
        "token_endpoint": format!("{issuer}{}", profile.hot.token_path),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "service_documentation": format!("{issuer}/documentation/index.html"),
    });
    if !profile.is("oauth.pkce", "off") {
        said["code_challenge_methods_supported"] = json!(["S256", "plain"]);
    }
    Ok(Shown::json(&said))
}
