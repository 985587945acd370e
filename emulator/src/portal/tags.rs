//! `/tags`: a company sees its balance, and its administrators buy tags (UID-18, UID-19, UID-23, UID-26).

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Act, Door, act, form,
    page::{self, Shown},
    show,
    visit::{Guest, PERSON_COOKIE, Pass, Visit},
};
use crate::{
    api::open_session,
    fault::Fault,
    model::Quantity,
    profile::Profile,
    refusal::{refuse, require},
    world::{
        access::{Party, end_session, json as json_of},
        tags::{TagBalance, tag_key},
        txn::Txn,
    },
};

/// So many blocks are sold at a time (UID-18).
const BLOCKS_MAX: u64 = 100;

pub fn doors() -> Vec<Door> {
    vec![
        show("GET /tags", Pass::MaybePerson, |visit| page(visit, None)),
        act::<SignIn>("POST /tags/login", Pass::Anyone, signed_in),
        act::<SignOut>("POST /tags/logout", Pass::Person, signed_out),
        act::<BuyTags>("POST /tags", Pass::Administrator, bought),
    ]
}

#[derive(Template)]
#[template(path = "tags.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    wrong: Option<String>,
    bought: bool,
    ubi: &'a str,
    balance: TagBalance,
    price: Quantity,
    /// Each block with what it costs.
    blocks: Vec<(u64, Quantity)>,
}

/// The balance, to a program as JSON; to a browser also without a session, with the sign-in.
fn page(visit: &Visit<'_>, wrong: Option<String>) -> Result<Shown, Fault> {
    let profile = visit.core.profile;
    let ubi = ubi_of(&visit.guest);
    let kept = visit.core.snapshot().state(&tag_key(ubi))?;
    let balance: TagBalance = kept.map(|bytes| json_of(&bytes)).transpose()?.unwrap_or_default();
    if !visit.wants_page() {
        require(!ubi.is_empty(), || refuse("ACCT-36"))?;
        return Ok(Shown::json(&balance.told(ubi)));
    }
    let bought = visit.said("said") == Some("bought");
    let price = profile.quantity("tags.price");
    let cost = |size: &u64| (*size, cost(profile, *size));
    let blocks = sizes(profile).iter().map(cost).collect();
    Shown::page(&Page { visit, wrong, bought, ubi, balance, price, blocks })
}

/// The company of who signed in; nothing for a laboratory.
fn ubi_of(guest: &Guest) -> &str {
    match guest.person.as_ref().map(|person| &person.party) {
        Some(Party::Company(ubi)) => ubi,
        Some(Party::Lab(_)) | None => "",
    }
}

fn sizes(profile: Profile) -> Vec<u64> {
    profile.numbers("tags.blocks")
}

/// What so many tags cost, in dollars.
fn cost(profile: Profile, tags: u64) -> Quantity {
    let count = u32::try_from(tags).map(Quantity::whole).ok();
    count.and_then(|count| profile.quantity("tags.price").times(count)).unwrap_or_default()
}

/// `POST /tags/login`: a session of the API, kept in a cookie of these pages.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SignIn {
    #[serde(rename = "UBI")]
    ubi: String,
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Password")]
    password: String,
}

impl Act for SignIn {
    fn apply(self, _: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let party = Party::Company(self.ubi);
        let person = txn.sign_in(&party, &self.username, &self.password)?;
        require(person.admin, || refuse("UID-19"))?;
        let token = open_session(txn, &person, None)?;
        Ok(json!({ "Session": token }))
    }
}

fn signed_in(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, said| {
        let token = said["Session"].as_str().unwrap_or_default();
        let path = format!("{}/tags", visit.base);
        Shown::see(visit, "/tags").with_cookie(PERSON_COOKIE, token, &path)
    })
}

/// `POST /tags/logout`
#[derive(Deserialize)]
struct SignOut {}

impl Act for SignOut {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        end_session(txn, guest.token.as_deref().unwrap_or_default())?;
        Ok(json!({}))
    }
}

fn signed_out(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, _| {
        let path = format!("{}/tags", visit.base);
        Shown::see(visit, "/tags").with_cookie(PERSON_COOKIE, "", &path)
    })
}

/// `POST /tags`: available at once, payment is pretended (UID-18).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct BuyTags {
    #[serde(deserialize_with = "form::count")]
    block_size: u64,
    #[serde(deserialize_with = "form::count")]
    blocks: u64,
}

impl Act for BuyTags {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let profile = txn.profile();
        guest.administrator(txn.around.access)?;
        let ubi = ubi_of(guest);
        let sold = sizes(profile).contains(&self.block_size);
        require(sold && (1..=BLOCKS_MAX).contains(&self.blocks), || refuse("UID-18"))?;
        let tags = self.block_size * self.blocks;
        let mut balance: TagBalance = txn.state(&tag_key(ubi))?.unwrap_or_default();
        balance.bought = balance.bought.saturating_add(tags);
        txn.set_state(&tag_key(ubi), &balance)?;
        Ok(
            json!({ "Purchase": { "Tags": tags, "Price": cost(profile, tags) }, "Balance": balance.told(ubi) }),
        )
    }
}

fn bought(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, _| Shown::see(visit, "/tags?said=bought"))
}

fn told(
    visit: &Visit<'_>,
    done: Result<Value, Fault>,
    follow: fn(&Visit<'_>, Value) -> Shown,
) -> Result<Shown, Fault> {
    let follow = |visit: &Visit<'_>, said| Ok(follow(visit, said));
    page::told(visit, done, follow, |visit, wrong| page(visit, Some(wrong)))
}
