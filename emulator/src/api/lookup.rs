//! Look-ups that the writes of several families share.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    fault::Fault,
    model::{Barcode, Inventory, Key, Kind, Record, Scope},
    refusal::{Refusal, refuse},
    world::{
        access::{Person, Site, company_scope},
        caller::Caller,
        txn::{Held, Txn},
    },
};

impl Txn<'_, '_, '_> {
    /// A counted record by the id of a path, if the caller sees it.
    pub fn own_numbered<R: Record>(&self, id: &str) -> Result<Option<Held<R>>, Fault> {
        let Ok(number) = id.parse() else { return Ok(None) };
        let Some(held) = self.find::<R>(Key::new(R::KIND, number))? else { return Ok(None) };
        self.not_closed(&held.scopes)?;
        Ok(Some(held).filter(|held| held.scopes.iter().any(|scope| self.sees(*scope))))
    }

    /// The caller's row of an item; the open one, where several sites of the company have had it.
    pub fn own_item(&self, id: &str) -> Result<Option<Held<Inventory>>, Fault> {
        let Some(barcode) = Barcode::parse(id) else { return Ok(None) };
        let rows = self.custody(barcode)?.into_iter();
        for held in rows.as_slice() {
            self.not_closed(&held.scopes)?;
        }
        let mut own: Vec<_> =
            rows.filter(|held| held.scopes.iter().any(|scope| self.sees(*scope))).collect();
        own.sort_by_key(|held| held.facts.transferred);
        Ok(own.into_iter().next())
    }

    /// Nothing is done with the records of an own site that was closed (LIC-14).
    fn not_closed(&self, scopes: &[Scope]) -> Result<(), Refusal> {
        let home = self.home();
        let closed = |site: &&Arc<Site>| {
            site.closed && company_scope(&site.ubi) == home && scopes.contains(&site.scope())
        };
        let found = self.around.access.sites.values().find(closed);
        found.map_or(Ok(()), |site| Err(refuse("LIC-14").with("n", &site.license)))
    }

    pub fn sees(&self, scope: Scope) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.sees(scope))
    }

    /// The person on whose behalf the write runs.
    pub fn person(&self) -> Result<Arc<Person>, Refusal> {
        let caller = self.caller.as_ref().ok_or_else(|| refuse("ACCT-36"))?;
        Ok(Arc::clone(&caller.person))
    }

    /// The company's own lists.
    pub fn home(&self) -> Scope {
        self.caller.as_ref().map_or(Scope::State, Caller::home)
    }

    /// The published bytes of a record that stands in a list.
    pub fn wire_of(&self, key: Key, scope: Scope) -> Result<Option<Vec<u8>>, Fault> {
        let stored = self.stored(key)?.filter(|row| row.scopes.contains(&scope));
        Ok(stored.map(|row| row.wire))
    }

    /// The manifests that the company's sites sent.
    pub fn company_manifests(&self) -> Result<Vec<Value>, Fault> {
        let mut found = Vec::new();
        for site in self.caller.iter().flat_map(|caller| caller.sites.iter()) {
            found.extend(self.list_wires(site.scope(), Kind::Manifest)?);
        }
        Ok(found)
    }
}
