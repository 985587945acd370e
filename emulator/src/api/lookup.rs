//! Look-ups that the writes of several families share.

use std::{collections::BTreeSet, fmt::Display, sync::Arc};

use serde_json::Value;

use super::site::Right;
use crate::{
    fault::Fault,
    model::{Barcode, Inventory, Key, Kind, Plant, Record, Scope, unit},
    refusal::{Refusal, refuse, require},
    world::{
        access::{Person, Site, company_scope},
        caller::Caller,
        txn::{Held, Txn},
    },
};

/// One call names each record once.
pub fn once<T: Copy + Ord + Display>(
    ids: impl Iterator<Item = T>,
    rule: &'static str,
) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for id in ids {
        require(seen.insert(id), || refuse(rule).with("id", id))?;
    }
    Ok(())
}

impl Txn<'_, '_, '_> {
    /// A counted record by the id of a path, if the caller sees it.
    pub fn own_numbered<R: Record>(&self, id: &str) -> Result<Option<Held<R>>, Fault> {
        let Ok(number) = id.parse() else { return Ok(None) };
        let Some(held) = self.find::<R>(Key::new(R::KIND, number))? else { return Ok(None) };
        self.if_seen(held)
    }

    /// A record with an identifier of its own, by the text of a path or a body, if the caller sees it.
    pub fn own_coded<R: Record>(&self, id: &str) -> Result<Option<Held<R>>, Fault> {
        let Some(barcode) = Barcode::parse(id) else { return Ok(None) };
        let key = Key::new(R::KIND, self.number_of(barcode));
        let Some(held) = self.find::<R>(key)? else { return Ok(None) };
        self.if_seen(held)
    }

    /// The caller's plants by the ids of a body, in their order: each named once, all of one site
    /// (LIC-12).
    pub fn named_plants<'a>(
        &self,
        ids: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Vec<Held<Plant>>, Fault> {
        let plants = self.plants_by_id(ids, "WIRE-32")?;
        self.one_site(&plants)?;
        Ok(plants)
    }

    /// The caller's plants by the ids of a body, each named once, of whatever site.
    pub fn plants_by_id<'a>(
        &self,
        ids: impl Iterator<Item = &'a str> + Clone,
        unknown: &'static str,
    ) -> Result<Vec<Held<Plant>>, Fault> {
        self.acting_may(Right::Grow)?;
        let found = |id| self.own_coded::<Plant>(id);
        let all = ids.clone();
        let plants: Vec<_> = all
            .map(|id| found(id)?.ok_or_else(|| refuse(unknown).with("id", id).into()))
            .collect::<Result<_, Fault>>()?;
        once(ids, "WIRE-28")?;
        Ok(plants)
    }

    /// The records of one call belong to one license, which may write (LIC-12, LIC-13).
    pub fn one_site<R: Record>(&self, records: &[Held<R>]) -> Result<(), Refusal> {
        let one = records.windows(2).all(|pair| pair[0].scopes == pair[1].scopes);
        require(one, || refuse("LIC-12"))?;
        records.first().map_or(Ok(()), |held| self.site_of(&held.scopes).map(drop))
    }

    /// The caller's row of an item; the open one, where several sites of the company have had it.
    pub fn own_item(&self, id: &str) -> Result<Option<Held<Inventory>>, Fault> {
        let Some(barcode) = Barcode::parse(id) else { return Ok(None) };
        let (own, others): (Vec<_>, Vec<_>) =
            self.custody(barcode)?.into_iter().partition(|held| self.sees_any(&held.scopes));
        let own = own.into_iter().min_by_key(|held| held.facts.transferred);
        // What a site holds is its own to use, whatever became of those that held it before.
        if own.as_ref().is_none_or(|held| held.facts.transferred) {
            for held in others {
                self.not_closed(&held.scopes)?;
            }
        }
        Ok(own)
    }

    /// An item's row on the books of a site, which is there.
    pub fn item_at(&self, id: Barcode, scopes: &[Scope]) -> Result<Held<Inventory>, Fault> {
        self.known(Key::item(self.number_of(id), scopes[0]))
    }

    /// A record that another one names, and that is there therefore.
    pub fn known<R: Record>(&self, key: Key) -> Result<Held<R>, Fault> {
        let missing = || Fault::Broken(format!("{} {} has no row", R::KIND.word(), key.number));
        self.find(key)?.ok_or_else(missing)
    }

    /// A record that the caller sees. One between two sites of a company stays with the other when one
    /// of them is closed.
    fn if_seen<R: Record>(&self, held: Held<R>) -> Result<Option<Held<R>>, Fault> {
        if self.sees_any(&held.scopes) {
            return Ok(Some(held));
        }
        self.not_closed(&held.scopes)?;
        Ok(None)
    }

    fn sees_any(&self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.sees(*scope))
    }

    /// Nothing is done with the records of an own site that was closed (LIC-14).
    pub fn not_closed(&self, scopes: &[Scope]) -> Result<(), Refusal> {
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

    /// The manifests that the company's sites sent.
    pub fn company_manifests(&self) -> Result<Vec<Value>, Fault> {
        let mut found = Vec::new();
        for site in self.caller.iter().flat_map(|caller| caller.sites.iter()) {
            found.extend(self.list_wires(site.scope(), Kind::Manifest)?);
        }
        Ok(found)
    }
}

/// Any unit of the ingredient list, in its listed spelling (WIRE-37).
pub fn ingredient_unit(name: &str) -> Result<String, Refusal> {
    let found = unit(name).filter(|unit| unit.ingredient);
    Ok(found.ok_or_else(|| refuse("WIRE-37").with("uom", name))?.name.clone())
}
