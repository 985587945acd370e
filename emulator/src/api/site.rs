//! For which site a write acts, and whether that site may (rulebook 3).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    model::{Moment, Scope},
    refusal::{Refusal, refuse, require},
    world::{
        access::{Site, company_scope},
        caller::Caller,
        txn::Txn,
    },
};

/// A kind of work that a license type may do or not (LIC-15).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Right {
    Grow,
    Cut,
    Lot,
    Convert,
    Hold,
    Trade,
    Carry,
    Deliver,
    Sell,
    SellMedical,
}

impl Right {
    /// The catalogue's word for the right, and the message's words for the work.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Grow => ("grow", "grow plants"),
            Self::Cut => ("cut", "harvest plants"),
            Self::Lot => ("lot", "make lots"),
            Self::Convert => ("convert", "convert inventory"),
            Self::Hold => ("hold", "hold inventory"),
            Self::Trade => ("trade", "trade inventory"),
            Self::Carry => ("carry", "transport for others"),
            Self::Deliver => ("deliver", "deliver to consumers"),
            Self::Sell => ("sell", "sell to consumers"),
            Self::SellMedical => ("sell_medical", "sell to patients"),
        }
    }
}

impl Txn<'_, '_, '_> {
    /// The site that a body's `LocationLicense` names, if the caller may act for it.
    pub fn acting_for(&self, license: &str) -> Result<Arc<Site>, Refusal> {
        let caller = self.caller.as_ref();
        let unknown = || refuse("LIC-10");
        let site = caller.and_then(|caller| named(caller, license)).ok_or_else(|| {
            let closed = self.around.access.sites.get(license).filter(|site| site.closed);
            let own = closed.filter(|site| caller.is_some_and(|it| owns(it, site)));
            own.map_or_else(unknown, |site| refuse("LIC-14").with("n", &site.license))
        })?;
        require(self.acting().is_none_or(|acting| acting.number == site.number), || {
            refuse("LIC-11")
        })?;
        self.writable(&site)?;
        Ok(site)
    }

    /// The site of a record that the caller sees.
    pub fn site_of(&self, scopes: &[Scope]) -> Result<Arc<Site>, Refusal> {
        let mut sites = self.caller.iter().flat_map(|caller| caller.sites.iter());
        let site = sites.find(|site| scopes.contains(&site.scope()));
        let site = site.cloned().ok_or_else(|| refuse("LIC-10"))?;
        self.writable(&site)?;
        Ok(site)
    }

    /// The site that the call says it acts for, if it says so.
    pub fn acting(&self) -> Option<&Arc<Site>> {
        self.caller.as_ref().and_then(|caller| caller.acting.as_ref())
    }

    /// The license that the call says it acts for must be of a type that does such work, whatever it
    /// names (LIC-15).
    pub fn acting_may(&self, right: Right) -> Result<(), Refusal> {
        self.acting_may_any(&[right])
    }

    /// The same for work that is of one kind or another, as its record will say.
    pub fn acting_may_any(&self, rights: &[Right]) -> Result<(), Refusal> {
        let Some(site) = self.acting() else { return Ok(()) };
        self.writable(site)?;
        if rights.iter().any(|right| self.may(site, *right)) {
            return Ok(());
        }
        rights.first().map_or(Ok(()), |right| self.require_right(site, *right))
    }

    /// The caller's own site of a license, if it may write for it.
    pub fn own_site(&self, license: &str) -> Result<Option<Arc<Site>>, Refusal> {
        let mut sites = self.caller.iter().flat_map(|caller| caller.sites.iter());
        let site = sites.find(|site| site.license == license).cloned();
        if let Some(site) = &site {
            self.writable(site)?;
        }
        Ok(site)
    }

    fn writable(&self, site: &Site) -> Result<(), Refusal> {
        let blocked = site.suspended && self.profile().on("license.suspended_blocks");
        require(!blocked, || refuse("LIC-13").with("n", &site.license))
    }

    /// The end of the days after joining for which a knob opens something; none where it says 0, or the
    /// site has not joined.
    pub fn open_until(&self, site: &Site, knob: &str) -> Option<Moment> {
        let days = self.profile().days(knob);
        site.integrated_on.filter(|_| days > 0).map(|joined| joined.plus_seconds(days))
    }

    /// Refuses work that the license type may not do.
    pub fn require_right(&self, site: &Site, right: Right) -> Result<(), Refusal> {
        require(self.may(site, right), || {
            refuse("LIC-15").with("Name", type_name(site)).with("work", right.words().1)
        })
    }

    /// Whether the license type may do such work; for chapters that refuse it in words of their own.
    pub fn may(&self, site: &Site, right: Right) -> bool {
        !self.profile().on("license.type_gate") || has_right(site, right)
    }
}

fn named(caller: &Caller, license: &str) -> Option<Arc<Site>> {
    caller.ticked.iter().find(|site| site.license == license).cloned()
}

fn owns(caller: &Caller, site: &Site) -> bool {
    caller.home() == company_scope(&site.ubi)
}

fn location_type(site: &Site) -> Option<&'static Value> {
    let types = tagtrail_schemas::catalogue("location_types");
    types.iter().find(|it| it["ID"] == json!(site.location_type))
}

/// What a license type is for, also where nothing asks for it.
pub fn has_right(site: &Site, right: Right) -> bool {
    let (right, _) = right.words();
    let may = location_type(site).and_then(|it| it["May"].as_array());
    may.is_some_and(|rights| rights.contains(&json!(right)))
}

pub fn type_name(site: &Site) -> &'static str {
    location_type(site).and_then(|it| it["Name"].as_str()).unwrap_or_default()
}
