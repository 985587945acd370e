//! `/password`: the page of a mailed link, and what it sends (ACCT-60 to ACCT-63).

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Act, Door, act,
    page::{self, Shown},
    show,
    visit::{Guest, Pass, Visit},
};
use crate::{
    fault::Fault,
    world::{mail, txn::Txn},
};

pub fn doors() -> Vec<Door> {
    vec![
        show("GET /password", Pass::Anyone, choose),
        act::<SetPassword>("POST /password", Pass::Anyone, told),
    ]
}

#[derive(Template)]
#[template(path = "password.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    token: &'a str,
    least: u64,
    wrong: Option<String>,
    done: bool,
}

fn page(visit: &Visit<'_>, wrong: Option<String>, done: bool) -> Result<Shown, Fault> {
    let token = visit.said("token").or_else(|| visit.said("Token")).unwrap_or_default();
    let least = visit.core.profile.number("password.min_length");
    Shown::page(&Page { visit, token, least, wrong, done })
}

fn choose(visit: &Visit<'_>) -> Result<Shown, Fault> {
    mail::check_link(visit.core, visit.said("token").unwrap_or_default())?;
    page(visit, None, false)
}

/// `POST /password`
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SetPassword {
    token: String,
    password: String,
}

impl Act for SetPassword {
    fn apply(self, _: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        mail::set_password(txn, &self.token, &self.password)?;
        Ok(json!({ "Message": "The password has been set." }))
    }
}

fn told(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    page::told(
        visit,
        done,
        |visit, _| page(visit, None, true),
        |visit, wrong| page(visit, Some(wrong), false),
    )
}
