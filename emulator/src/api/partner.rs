//! The other end of a trade: a site or a laboratory of the directory, its address, its license type.

use std::sync::Arc;

use crate::{
    fault::Fault,
    lifecycle::trade::LABORATORY,
    model::{Key, Kind, Lab, Scope, Vendor},
    refusal::{Refusal, refuse, require},
    world::{
        access::{Laboratory, Site},
        txn::Txn,
    },
};

/// Who gets goods, or an invoice.
#[derive(Clone)]
pub enum Partner {
    Site(Arc<Site>),
    Lab(Arc<Laboratory>),
}

impl Partner {
    pub fn license(&self) -> &str {
        match self {
            Self::Site(site) => &site.license,
            Self::Lab(lab) => &lab.license,
        }
    }

    pub fn scope(&self) -> Scope {
        match self {
            Self::Site(site) => site.scope(),
            Self::Lab(lab) => Scope::Lab(lab.number),
        }
    }

    pub fn location_type(&self) -> u32 {
        match self {
            Self::Site(site) => site.location_type,
            Self::Lab(_) => LABORATORY,
        }
    }

    pub fn is_lab(&self) -> bool {
        matches!(self, Self::Lab(_))
    }

    /// Whether it belongs to the same company as a site; a laboratory belongs to none (LIC-06).
    pub fn is_of(&self, site: &Site) -> bool {
        matches!(self, Self::Site(own) if own.ubi == site.ubi)
    }

    /// Whether it reports through the interface; laboratories do from the start (OFF-10).
    pub fn is_integrated(&self) -> bool {
        match self {
            Self::Site(site) => site.integrated_on.is_some(),
            Self::Lab(_) => true,
        }
    }

    /// Neither suspended nor closed (LIC-24).
    pub fn is_active(&self) -> bool {
        match self {
            Self::Site(site) => !site.suspended && !site.closed,
            Self::Lab(lab) => !lab.suspended && !lab.closed,
        }
    }
}

/// What the directory says of a license.
#[derive(Clone, Debug, Default)]
pub struct Address {
    pub name: String,
    pub phone: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub zip: String,
}

impl From<Vendor> for Address {
    fn from(vendor: Vendor) -> Self {
        Self {
            name: vendor.name,
            phone: vendor.phone,
            street: vendor.address,
            city: vendor.city,
            state: vendor.state,
            zip: vendor.zip,
        }
    }
}

impl From<Lab> for Address {
    fn from(lab: Lab) -> Self {
        Self {
            name: lab.name,
            phone: lab.phone,
            street: lab.address1,
            city: lab.city,
            state: lab.state,
            zip: lab.zip,
        }
    }
}

impl Txn<'_, '_, '_> {
    /// The site or laboratory of a license number, whatever its standing.
    pub fn partner(&self, license: &str) -> Option<Partner> {
        let access = self.around.access;
        let site = access.sites.get(license).cloned().map(Partner::Site);
        site.or_else(|| access.labs.get(license).cloned().map(Partner::Lab))
    }

    /// In whose lists the records of a license stand.
    pub fn scope_of(&self, license: &str) -> Option<Scope> {
        self.partner(license).map(|partner| partner.scope())
    }

    /// The same of a license that a record names, and that is in the directory therefore.
    pub fn known_partner(&self, license: &str) -> Result<Partner, Fault> {
        let missing = || Fault::Broken(format!("license {license} is not in the directory"));
        self.partner(license).ok_or_else(missing)
    }

    /// Whether the other end of a trade reports through the interface, where that is asked (LIC-23).
    pub fn require_integrated(&self, partner: &Partner) -> Result<(), Refusal> {
        let blocks = self.profile().on("license.block_not_integrated");
        let holds = partner.is_integrated() || !blocks;
        require(holds, || refuse("LIC-23").with("n", partner.license()))
    }

    pub fn address_of(&self, partner: &Partner) -> Result<Address, Fault> {
        Ok(match partner {
            Partner::Site(site) => {
                let key = Key::new(Kind::Vendor, u64::from(site.number));
                self.known::<Vendor>(key)?.wire.into()
            }
            Partner::Lab(lab) => {
                let key = Key::new(Kind::Lab, u64::from(lab.number));
                self.known::<Lab>(key)?.wire.into()
            }
        })
    }
}
