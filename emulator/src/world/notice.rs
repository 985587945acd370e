//! Notices about updates of the system, which the portal shows to integrators (ACCT-01).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::txn::Txn;
use crate::{
    fault::Fault,
    model::Moment,
    refusal::{refuse, require},
};

pub const NOTICE: &str = "notice/";

/// A notice as the portal shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notice {
    #[serde(rename = "ID")]
    pub id: u64,
    pub title: String,
    pub body: String,
    pub created_on: Moment,
}

/// A notice that the operator writes, or a seed file has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct NewNotice {
    title: String,
    #[serde(default)]
    body: String,
    /// Now, if it does not say.
    created_on: Option<Moment>,
}

impl NewNotice {
    pub fn publish(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        require(!self.title.trim().is_empty(), || refuse("WIRE-22").with("Field", "Title"))?;
        let id = txn.state::<u64>("notices")?.unwrap_or_default() + 1;
        txn.set_state("notices", &id)?;
        let created_on = self.created_on.unwrap_or(txn.now);
        let notice = Notice { id, title: self.title, body: self.body, created_on };
        txn.set_state(&format!("{NOTICE}{id:020}"), &notice)?;
        txn.done.extras.insert("Notice".to_owned(), json!(notice));
        Ok(())
    }
}
