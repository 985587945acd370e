//! Prepaid tags: one whole number per company; a new identifier costs one (rulebook 4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{access::Site, txn::Txn};
use crate::{
    fault::Fault,
    refusal::{Refusal, refuse},
};

/// A company's balance, as its three running totals.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagBalance {
    pub granted: u64,
    pub bought: u64,
    pub used: u64,
}

impl TagBalance {
    pub fn available(self) -> u64 {
        self.granted.saturating_add(self.bought).saturating_sub(self.used)
    }

    /// As the tag page and the control plane tell it (UID-26).
    pub fn told(self, ubi: &str) -> Value {
        let Self { granted, bought, used } = self;
        let available = self.available();
        json!({
            "UBI": ubi, "Granted": granted, "Bought": bought, "Used": used, "Available": available,
        })
    }
}

pub fn tag_key(ubi: &str) -> String {
    format!("tags/{ubi}")
}

impl Txn<'_, '_, '_> {
    /// Uses tags for new identifiers at a site, after all other guards (UID-20).
    pub fn use_tags(&mut self, site: &Site, count: u64) -> Result<(), Fault> {
        self.take_tags(site, count, || refuse("UID-20"))
    }

    /// Uses the tag of one row of an upload, which succeeds or fails by itself (UID-21).
    pub fn use_row_tag(&mut self, site: &Site) -> Result<(), Fault> {
        self.take_tags(site, 1, || refuse("UID-21"))
    }

    fn take_tags(
        &mut self,
        site: &Site,
        count: u64,
        short: impl Fn() -> Refusal,
    ) -> Result<(), Fault> {
        let exempt = self.profile().lists("tags.exempt_types", &json!(site.location_type));
        if exempt || self.profile().is("tags.zero_balance", "off") {
            return Ok(());
        }
        let key = tag_key(&site.ubi);
        let mut balance: TagBalance = self.state(&key)?.unwrap_or_default();
        let needed = count * self.profile().number("tags.cost");
        let available = balance.available();
        if needed > available && self.profile().is("tags.zero_balance", "refuse") {
            return Err(short().with("n", needed).with("m", available).into());
        }
        balance.used += needed;
        self.set_state(&key, &balance)
    }

    /// Books the free allotment of a license that has just become integrated (UID-16).
    pub fn grant_tags(&mut self, site: &Site, count: u64) -> Result<(), Fault> {
        let key = tag_key(&site.ubi);
        let mut balance: TagBalance = self.state(&key)?.unwrap_or_default();
        balance.granted += count;
        self.set_state(&key, &balance)
    }
}
