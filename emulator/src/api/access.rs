//! Opening and ending sessions (rulebook 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{
    fault::Fault,
    ids,
    world::{
        access::{Party, Person, Session, session_key},
        txn::{Touched, Txn},
    },
};

/// Opens a session for somebody who signed in, bound to the software that called (ACCT-30 to ACCT-35).
pub fn open_session(
    txn: &mut Txn<'_, '_, '_>,
    person: &Person,
    client_id: Option<String>,
) -> Result<String, Fault> {
    let ends_on = txn.now.plus_seconds(txn.profile().seconds("session.life"));
    let number = txn.counters.next_token();
    let token = if txn.profile().is("session.format", "jwt") {
        signed(txn, person, ends_on.second(), number)
    } else {
        txn.around.secret.token("session", number)
    };
    let session =
        Session { kind: person.kind as u8, person: person.id, client_id, ends_on, ended: false };
    let key = session_key(&ids::digest(&token));
    txn.set_state(&key, &session)?;
    txn.touched.push(Touched::Session(key));
    Ok(token)
}

/// A JWT with the family's claims; `jti` is ours, so that two log-ins of one second differ.
fn signed(txn: &Txn<'_, '_, '_>, person: &Person, exp: i64, number: u64) -> String {
    let (Party::Company(org) | Party::Lab(org)) = &person.party;
    let claims = json!({
        "authorized": true,
        "exp": exp,
        "jti": number,
        "orgid": org,
        "readonly": false,
        "training": false,
        "userid": person.id,
        "username": person.username,
    });
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signature = txn.around.secret.sign("jwt", &format!("{head}.{body}"));
    format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode(signature))
}
