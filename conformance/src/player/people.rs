//! Who can log in: the people of the target and the access tokens of their companies.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::scenario::ast::Role;

/// The people of a target; the same three keys as in a world file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct People {
    pub users: Vec<User>,
    pub lab_users: Vec<LabUser>,
    pub integrators: Vec<Integrator>,
}

/// A person of a licensee.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    #[serde(rename = "UBI")]
    pub ubi: String,
    #[serde(rename = "Username")]
    pub username: String,
    #[serde(rename = "Password")]
    pub password: String,
}

/// A person of a laboratory.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LabUser {
    pub license_number: String,
    pub username: String,
    pub password: String,
}

/// A vendor's app and the companies that consented to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Integrator {
    #[serde(rename = "Consents")]
    pub consents: Vec<Consent>,
}

/// The access token that a company's consent yielded.
#[derive(Clone, Debug, Deserialize)]
pub struct Consent {
    #[serde(rename = "UBI")]
    pub ubi: String,
    #[serde(rename = "AccessToken", default)]
    pub access_token: Option<String>,
}

/// A log-in call, ready to be sent.
#[derive(Clone, Debug)]
pub struct LogIn {
    pub path: &'static str,
    pub body: Value,
    pub access_token: Option<String>,
}

impl People {
    /// The people of the default world.
    pub fn of_seed_world() -> Self {
        let world = tagtrail_schemas::world("default").unwrap_or("{}");
        serde_json::from_str(world).unwrap_or_default()
    }

    /// People from a credentials file.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// How this role logs in; the reason if nobody fits.
    pub fn log_in(&self, role: &Role) -> Result<LogIn, String> {
        match (&role.user, &role.lab) {
            (Some(name), _) => self.user(name, role),
            (None, Some(name)) => self.lab_user(name),
            (None, None) => Err("the role names nobody".to_owned()),
        }
    }

    fn user(&self, name: &str, role: &Role) -> Result<LogIn, String> {
        let is_meant = |user: &&User| {
            user.username.eq_ignore_ascii_case(name)
                && role.ubi.as_ref().is_none_or(|ubi| *ubi == user.ubi)
        };
        let user = self.users.iter().find(is_meant).ok_or_else(|| unknown(name))?;
        let body = json!({"UBI": user.ubi, "Username": user.username, "Password": user.password});
        let access_token = if role.token.is_some() { None } else { self.access_token(&user.ubi) };
        Ok(LogIn { path: "/v1/user/login", body, access_token })
    }

    fn lab_user(&self, name: &str) -> Result<LogIn, String> {
        let user = self.lab_users.iter().find(|user| user.username.eq_ignore_ascii_case(name));
        let user = user.ok_or_else(|| unknown(name))?;
        let body = json!({"LicenseNumber": user.license_number, "Username": user.username, "Password": user.password});
        Ok(LogIn { path: "/v1/lab/login", body, access_token: None })
    }

    fn access_token(&self, ubi: &str) -> Option<String> {
        let consents = self.integrators.iter().flat_map(|integrator| &integrator.consents);
        consents
            .filter(|consent| consent.ubi == ubi)
            .find_map(|consent| consent.access_token.clone())
    }
}

fn unknown(name: &str) -> String {
    format!("no credentials are known for {name}")
}
