//! On whose behalf a call runs, as the session, the consent and the license header left it.

use std::sync::Arc;

use super::access::{Access, Laboratory, Party, Person, Site, Sites, company_scope};
use crate::model::Scope;

/// The person, the company and the sites of one call.
#[derive(Clone)]
pub struct Caller {
    pub person: Arc<Person>,
    /// The sites that the call may see: those ticked in the consent, or the one of `X-License`.
    pub sites: Sites,
    /// All sites ticked in the consent, whatever the header says.
    pub ticked: Sites,
    /// The site that `X-License` names.
    pub acting: Option<Arc<Site>>,
    pub lab: Option<Arc<Laboratory>>,
}

impl Caller {
    /// The caller as the state's directory stands now: what was suspended or closed while the call
    /// waited for its turn is so.
    pub fn renewed(mut self, access: &Access) -> Self {
        let now = |site: &Arc<Site>| access.sites.get(&site.license).filter(|site| !site.closed);
        let old = |site: &Arc<Site>| now(site).is_none_or(|known| !Arc::ptr_eq(known, site));
        if self.ticked.iter().chain(self.sites.iter()).any(old) {
            self.sites = self.sites.iter().filter_map(now).cloned().collect();
            self.ticked = self.ticked.iter().filter_map(now).cloned().collect();
            self.acting = self.acting.as_ref().and_then(now).cloned();
        }
        self
    }

    /// The company's own lists, or the laboratory's.
    pub fn home(&self) -> Scope {
        match (&self.person.party, &self.lab) {
            (_, Some(lab)) => Scope::Lab(lab.number),
            (Party::Company(ubi), None) => company_scope(ubi),
            (Party::Lab(_), None) => Scope::State,
        }
    }

    /// The scopes of goods and rooms that the call may see.
    pub fn places(&self) -> Vec<Scope> {
        match &self.lab {
            Some(lab) => vec![Scope::Lab(lab.number)],
            None => self.sites.iter().map(|site| site.scope()).collect(),
        }
    }

    pub fn sees(&self, scope: Scope) -> bool {
        match scope {
            Scope::State => true,
            Scope::Announced(_) | Scope::LabAnnounced(_) => false,
            Scope::Site(number) | Scope::Inbound(number) | Scope::Returning(number) => {
                self.sites.iter().any(|site| site.number == number)
            }
            Scope::Company(_) => scope == self.home(),
            Scope::Lab(number) | Scope::LabInbound(number) => {
                self.lab.as_ref().is_some_and(|lab| lab.number == number)
            }
        }
    }
}
