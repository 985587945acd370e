//! The world's mailbox: mails with password links lie here, nothing leaves the machine (ACCT-59).

use serde::{Deserialize, Serialize};

use super::{
    Core,
    access::{end_sessions, json as json_of},
    software::kept,
    txn::{Touched, Txn},
};
use crate::{
    fault::Fault,
    model::{Key, Kind, Member, Moment, Permissions},
    refusal::{refuse, require},
    store::{Snapshot, StoreError},
};

const MAIL: &str = "mail/";
const LINK: &str = "link/";

/// Why a link is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Occasion {
    Invitation,
    Reset,
}

/// A mail as the mailbox shows it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mail {
    #[serde(rename = "ID")]
    pub id: u64,
    pub to: String,
    pub subject: String,
    /// Where the person sets the password.
    pub link: String,
    /// The token of the link; it works once.
    pub token: String,
    pub created_on: Moment,
}

/// What is kept of a link: whom it is for, and until when.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Link {
    kind: u8,
    person: u64,
    ends_on: Moment,
    dead: bool,
}

/// Sends a link to choose a password; earlier links of the person end.
pub fn send_link(
    txn: &mut Txn<'_, '_, '_>,
    kind: Kind,
    person: u64,
    to: &str,
    occasion: Occasion,
) -> Result<(), Fault> {
    kill_links(txn, kind, person)?;
    let (life, subject) = match occasion {
        Occasion::Invitation => ("password.invite_life", "Choose your password"),
        Occasion::Reset => ("password.link_life", "Reset your password"),
    };
    let ends_on = txn.now.plus_seconds(txn.profile().seconds(life));
    let id = txn.counters.next_token();
    let token = txn.around.secret.token("link", id);
    let link = Link { kind: kind as u8, person, ends_on, dead: false };
    txn.set_state(&link_key(&token), &link)?;
    let mail = Mail {
        id,
        to: to.to_owned(),
        subject: subject.to_owned(),
        link: format!("/password?token={token}"),
        token,
        created_on: txn.now,
    };
    txn.set_state(&format!("{MAIL}{id:020}"), &mail)
}

/// Ends every link of a person for good: a newer one was sent, or the person was deactivated.
pub fn kill_links(txn: &mut Txn<'_, '_, '_>, kind: Kind, person: u64) -> Result<(), Fault> {
    for (key, link) in txn.states::<Link>(LINK)? {
        if link.kind == kind as u8 && link.person == person && !link.dead {
            txn.set_state(&key, &Link { dead: true, ..link })?;
        }
    }
    Ok(())
}

/// Every mail of a world, the oldest first.
pub fn mails(snapshot: &Snapshot) -> Result<Vec<Mail>, StoreError> {
    snapshot.states(MAIL)?.iter().map(|(_, bytes)| json_of(bytes)).collect()
}

/// Whether a link still works, for the page that it opens (ACCT-61).
pub fn check_link(core: &Core, token: &str) -> Result<(), Fault> {
    let dead = || refuse("ACCT-61");
    let bytes = core.snapshot().state(&link_key(token))?.ok_or_else(dead)?;
    let link: Link = json_of(&bytes)?;
    let kind = if link.kind == Kind::LabUser as u8 { Kind::LabUser } else { Kind::User };
    let active = core.access().person(kind, link.person).is_some_and(|person| person.active);
    Ok(require(!link.dead && core.now() < link.ends_on && active, dead)?)
}

/// Sets the password that a link was sent for (ACCT-60 to ACCT-63).
pub fn set_password(txn: &mut Txn<'_, '_, '_>, token: &str, new: &str) -> Result<(), Fault> {
    let dead = || refuse("ACCT-61");
    let key = link_key(token);
    let link: Link = txn.state(&key)?.ok_or_else(dead)?;
    require(!link.dead && txn.now < link.ends_on, dead)?;
    if link.kind == Kind::LabUser as u8 {
        keep::<()>(txn, link.person, new)?;
    } else {
        keep::<Vec<String>>(txn, link.person, new)?;
    }
    txn.set_state(&key, &Link { dead: true, ..link })?;
    Ok(())
}

fn keep<P: Permissions>(txn: &mut Txn<'_, '_, '_>, id: u64, new: &str) -> Result<(), Fault> {
    let found = txn.find::<Member<P>>(Key::new(P::KIND, id))?;
    let mut held = found.filter(|held| held.wire.active).ok_or_else(|| refuse("ACCT-61"))?;
    check_strength(txn, new, &held.wire.username)?;
    let owner = format!("{}/{id}", P::KIND.entity());
    held.facts.password_hash = txn.password_hash(&owner, new);
    txn.touched.push(Touched::Directory);
    end_sessions(txn, P::KIND, id)?;
    txn.save(&mut held)
}

/// Long enough, mixed, and not the name (ACCT-62, ACCT-63).
pub fn check_strength(txn: &Txn<'_, '_, '_>, new: &str, username: &str) -> Result<(), Fault> {
    require(!new.is_empty(), || refuse("ACCT-62"))?;
    let long = new.chars().count() as u64 >= txn.profile().number("password.min_length");
    let mixed = new.chars().any(char::is_alphabetic) && new.chars().any(|it| it.is_ascii_digit());
    let other = !new.eq_ignore_ascii_case(username);
    Ok(require(long && mixed && other, || refuse("ACCT-63"))?)
}

fn link_key(token: &str) -> String {
    format!("{LINK}{}", kept(token))
}
