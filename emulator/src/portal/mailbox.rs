//! `/mailbox`: what this world would have mailed (ACCT-59). Where the control plane asks for a token,
//! so does this page: a link in a mail is as good as a password.

use askama::Template;

use super::{
    Door,
    page::Shown,
    show,
    visit::{Pass, Visit},
};
use crate::{
    fault::Fault,
    world::mail::{Mail, mails},
};

pub fn doors() -> Vec<Door> {
    vec![show("GET /mailbox", Pass::Operator, mailbox)]
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    mails: Vec<Mail>,
}

fn mailbox(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let mut mails = mails(&visit.core.snapshot())?;
    mails.reverse();
    Shown::page(&Page { visit, mails })
}
