//! Software that reports for licensees: its makers, its keys, and the consents that companies give it
//! (rulebook 2). What is kept of a secret is its hash.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    access::{Person, Site, hex},
    txn::{Touched, Txn},
};
use crate::{
    fault::Fault,
    ids,
    model::{Key, Kind, Moment, Vendor},
    refusal::{Refusal, refuse, require},
};

pub const CONSENT: &str = "consent/";
pub const APP: &str = "app/";
const INTEGRATOR: &str = "integrator/";

/// Who makes software and registered in the portal (ACCT-01).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Integrator {
    pub id: u64,
    pub company: String,
    pub contact: String,
    pub email: String,
    pub password_hash: String,
    pub kind: SoftwareKind,
    pub created_on: Moment,
}

impl Integrator {
    /// An e-mail address registers once, whatever its case (ACCT-02).
    pub fn key(email: &str) -> String {
        format!("{INTEGRATOR}{}", email.to_lowercase())
    }
}

/// What an integrator's software is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum SoftwareKind {
    #[default]
    Inventory,
    #[serde(rename = "POS")]
    Pos,
    #[serde(rename = "LIMS")]
    Lims,
}

impl SoftwareKind {
    pub const ALL: [Self; 3] = [Self::Inventory, Self::Pos, Self::Lims];

    /// What the portal calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inventory => "Inventory",
            Self::Pos => "POS",
            Self::Lims => "LIMS",
        }
    }
}

/// An integrator's software.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct App {
    pub client_id: String,
    pub name: String,
    pub secret_hash: String,
    pub redirect_uris: Vec<String>,
    pub integrator: u64,
    pub created_on: Moment,
    pub active: bool,
}

impl App {
    pub fn key(client_id: &str) -> String {
        format!("{APP}{client_id}")
    }
}

/// An administrator's leave for a software to report for a company.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Consent {
    pub id: u64,
    pub client_id: String,
    pub ubi: String,
    pub licenses: Vec<String>,
    /// Who gave it, and what that person was called then.
    pub administrator: u64,
    pub granted_by: String,
    pub granted_on: Moment,
    pub ends_on: Moment,
    pub revoked: bool,
    /// The tokens that it bought; none until its code is exchanged.
    pub tokens: Option<Tokens>,
}

/// Hashes of the tokens of a consent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Tokens {
    pub access: String,
    /// When the access token ends; never after the consent.
    pub ends_on: Moment,
    /// None where refreshing is off.
    pub refresh: Option<String>,
}

/// How a consent stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConsentState {
    Active,
    Lapsed,
    Revoked,
}

impl ConsentState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Lapsed => "Lapsed",
            Self::Revoked => "Revoked",
        }
    }
}

impl Consent {
    pub fn key(client_id: &str, ubi: &str) -> String {
        format!("{CONSENT}{client_id}/{ubi}")
    }

    pub fn state(&self, now: Moment) -> ConsentState {
        match () {
            () if self.revoked => ConsentState::Revoked,
            () if now >= self.ends_on => ConsentState::Lapsed,
            () => ConsentState::Active,
        }
    }

    /// Whole days until it ends; none where it is over.
    pub fn days_left(&self, now: Moment) -> i64 {
        let active = self.state(now) == ConsentState::Active;
        if active { (self.ends_on.second() - now.second()) / 86_400 } else { 0 }
    }

    /// Neither withdrawn nor over (ACCT-19, ACCT-17).
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        match self.state(now) {
            ConsentState::Active => Ok(()),
            ConsentState::Lapsed => Err(refuse("ACCT-17")),
            ConsentState::Revoked => Err(refuse("ACCT-19")),
        }
    }

    /// Whether its access token still works; one that ends with the consent ends by the consent's rule
    /// (ACCT-37).
    pub fn check_token(&self, now: Moment) -> Result<(), Refusal> {
        let over = self.tokens.as_ref().is_none_or(|tokens| now >= tokens.ends_on);
        let own = over && self.state(now) == ConsentState::Active;
        require(!own, || refuse("ACCT-37"))
    }
}

impl Txn<'_, '_, '_> {
    /// An administrator gives a software leave: a new consent takes the place of the old one, whose
    /// tokens end, and what is ticked becomes integrated (ACCT-16, ACCT-18, LIC-19).
    pub fn grant(
        &mut self,
        client_id: &str,
        ubi: &str,
        admin: &Person,
        ticked: Option<&[String]>,
    ) -> Result<Consent, Fault> {
        let own: Vec<_> = self.around.access.sites_of(ubi).cloned().collect();
        let stands = |site: &Site| {
            !site.closed && ticked.is_none_or(|ticked| ticked.contains(&site.license))
        };
        let sites: Vec<_> = own.into_iter().filter(|site| stands(site)).collect();
        require(!sites.is_empty(), || refuse("ACCT-16"))?;
        let id = self.state::<u64>("consents")?.unwrap_or_default() + 1;
        self.set_state("consents", &id)?;
        let consent = Consent {
            id,
            client_id: client_id.to_owned(),
            ubi: ubi.to_owned(),
            licenses: sites.iter().map(|site| site.license.clone()).collect(),
            administrator: admin.id,
            granted_by: admin.username.clone(),
            granted_on: self.now,
            ends_on: self.now.plus_seconds(self.profile().seconds("consent.life")),
            revoked: false,
            tokens: None,
        };
        self.keep_consent(&consent)?;
        for site in sites {
            self.integrate(&site)?;
        }
        Ok(consent)
    }

    pub fn keep_consent(&mut self, consent: &Consent) -> Result<(), Fault> {
        self.touched.push(Touched::Directory);
        self.set_state(&Consent::key(&consent.client_id, &consent.ubi), consent)
    }

    /// Gives a consent a new pair of tokens; the old pair ends (ACCT-26, ACCT-27).
    pub fn issue_tokens(&mut self, consent: &mut Consent) -> Result<Issued, Fault> {
        let profile = self.profile();
        let number = self.counters.next_token();
        let access = self.around.secret.token("bearer", number);
        let refresh = profile.on("oauth.refresh");
        let refresh = refresh.then(|| self.around.secret.token("refresh", number));
        let ends_on = match profile.text("oauth.access_token_life").as_str() {
            "consent" => consent.ends_on,
            _ => self.now.plus_seconds(profile.seconds("oauth.access_token_life")),
        };
        let ends_on = ends_on.min(consent.ends_on);
        consent.tokens =
            Some(Tokens { access: kept(&access), ends_on, refresh: refresh.as_deref().map(kept) });
        self.keep_consent(consent)?;
        Ok(Issued { access, refresh, seconds: ends_on.second() - self.now.second() })
    }

    /// Ends the consents that fit; says how many (ACCT-06, ACCT-19).
    pub fn revoke_consents(&mut self, fits: impl Fn(&Consent) -> bool) -> Result<usize, Fault> {
        let mut revoked = 0;
        for (_, consent) in self.states::<Consent>(CONSENT)? {
            // What has lapsed stays so.
            if fits(&consent) && consent.state(self.now) == ConsentState::Active {
                self.keep_consent(&Consent { revoked: true, ..consent })?;
                revoked += 1;
            }
        }
        Ok(revoked)
    }

    /// A license joins: from this second, for good, with its free tags, once (LIC-19, UID-16).
    fn integrate(&mut self, site: &Site) -> Result<(), Fault> {
        if site.integrated_on.is_some() {
            return Ok(());
        }
        let key = Key::new(Kind::Vendor, u64::from(site.number));
        let mut held = self.known::<Vendor>(key)?;
        held.facts.integrated_on = Some(self.now);
        held.wire.legacy_comply_date = Some(self.today());
        self.save(&mut held)?;
        let granted = format!("granted/{}", site.license);
        if self.state::<bool>(&granted)?.is_none() {
            self.set_state(&granted, &true)?;
            let types = tagtrail_schemas::catalogue("location_types");
            let own = types.iter().find(|it| it["ID"] == json!(site.location_type));
            self.grant_tags(site, own.and_then(|it| it["FreeTags"].as_u64()).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Tokens as they are told, once.
pub struct Issued {
    pub access: String,
    pub refresh: Option<String>,
    /// How long the access token lives.
    pub seconds: i64,
}

/// What is kept of a token.
pub fn kept(token: &str) -> String {
    hex(&ids::digest(token))
}
