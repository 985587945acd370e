//! What plant rooms and inventory rooms have in common: two lists that never mix (rulebook 5).

use std::marker::PhantomData;

use serde::Deserialize;

use super::{Action, read::not_found, site::Right};
use crate::{
    fault::Fault,
    lifecycle::room,
    model::{GrowRoom, Inventory, InventoryRoom, Key, Kind, Record},
    refusal::{refuse, require},
    world::txn::{Held, Txn},
};

/// A room of either kind.
pub trait Room: Record + Default + Send {
    const RIGHT: Right;

    fn parts(&mut self) -> Parts<'_>;

    /// Only inventory rooms have the flag (ROOM-17). True when it changed.
    fn quarantine(&mut self, _: bool) -> bool {
        false
    }
}

/// The fields that both kinds have.
pub struct Parts<'a> {
    pub id: &'a mut u64,
    pub name: &'a mut String,
    pub license: &'a mut String,
    pub external_id: &'a mut String,
    pub deleted: &'a mut bool,
}

impl Room for GrowRoom {
    const RIGHT: Right = Right::Grow;

    fn parts(&mut self) -> Parts<'_> {
        Parts {
            id: &mut self.id,
            name: &mut self.name,
            license: &mut self.location_license,
            external_id: &mut self.external_id,
            deleted: &mut self.deleted,
        }
    }
}

impl Room for InventoryRoom {
    const RIGHT: Right = Right::Hold;

    fn parts(&mut self) -> Parts<'_> {
        Parts {
            id: &mut self.id,
            name: &mut self.name,
            license: &mut self.location_license,
            external_id: &mut self.external_id,
            deleted: &mut self.deleted,
        }
    }

    fn quarantine(&mut self, quarantine: bool) -> bool {
        std::mem::replace(&mut self.quarantine, quarantine) != quarantine
    }
}

/// `POST`: adds a room; the system numbers it (ROOM-01).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "")]
pub struct CreateRoom<R> {
    location_license: String,
    name: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
    quarantine: Option<bool>,
    #[serde(skip)]
    kind: PhantomData<fn() -> R>,
}

impl<R: Room + 'static> Action for CreateRoom<R> {
    const GUARDED: &'static [&'static str] = &["Name"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, R::RIGHT)?;
        let name = self.name.unwrap_or_default();
        room::named(&name)?;
        let mut wire = R::default();
        let number = txn.next_number(R::KIND);
        let parts = wire.parts();
        *parts.id = number;
        *parts.name = name;
        *parts.license = site.license.clone();
        *parts.external_id = self.external_id.unwrap_or_default();
        wire.quarantine(self.quarantine.unwrap_or_default());
        let key = Key::new(R::KIND, number);
        txn.save(&mut Held { wire, facts: R::Facts::default(), key, scopes: vec![site.scope()] })
    }
}

/// `PUT`: renames a room, or sets its flag.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "")]
pub struct UpdateRoom<R> {
    #[serde(rename = "id")]
    id: String,
    name: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
    quarantine: Option<bool>,
    #[serde(skip)]
    kind: PhantomData<fn() -> R>,
}

impl<R: Room + 'static> Action for UpdateRoom<R> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own_room::<R>(txn, &self.id)?;
        room::live(*held.wire.parts().deleted, &self.id)?;
        let given = self.name.is_some() || self.external_id.is_some() || self.quarantine.is_some();
        require(given, || refuse("ROOM-12"))?;
        if let Some(name) = self.name {
            room::named(&name)?;
            *held.wire.parts().name = name;
        }
        if let Some(external_id) = self.external_id {
            *held.wire.parts().external_id = external_id;
        }
        let switched = self.quarantine.is_some_and(|flag| held.wire.quarantine(flag));
        txn.save(&mut held)?;
        if switched { restamp(txn, &held, self.quarantine == Some(true)) } else { Ok(()) }
    }
}

/// ROOM-18: the status of what lies in the room changes with its flag.
fn restamp<R: Room>(
    txn: &mut Txn<'_, '_, '_>,
    room: &Held<R>,
    quarantine: bool,
) -> Result<(), Fault> {
    for mut held in txn.linked::<Inventory>(R::KIND, room.key.number)? {
        held.facts.quarantine_room = quarantine;
        txn.save(&mut held)?;
    }
    Ok(())
}

/// `DELETE`: removes an empty room; it stays in the list, marked.
#[derive(Deserialize)]
#[serde(bound = "")]
pub struct RemoveRoom<R> {
    id: String,
    #[serde(skip)]
    kind: PhantomData<fn() -> R>,
}

impl<R: Room + 'static> Action for RemoveRoom<R> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own_room::<R>(txn, &self.id)?;
        room::live(*held.wire.parts().deleted, &self.id)?;
        if txn.profile().is("room.delete_nonempty", "refuse") {
            let plants = R::KIND == Kind::GrowRoom;
            let number = held.key.number;
            let holds = if plants { holds_plants(txn, number) } else { holds_goods(txn, number) }?;
            let rule = if plants { "ROOM-13" } else { "ROOM-14" };
            require(!holds, || refuse(rule).with("id", &self.id))?;
        }
        *held.wire.parts().deleted = true;
        txn.save(&mut held)
    }
}

fn own_room<R: Room>(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Held<R>, Fault> {
    let held = txn.own_numbered::<R>(id)?.ok_or_else(|| not_found(R::KIND, id))?;
    let site = txn.site_of(&held.scopes)?;
    txn.require_right(&site, R::RIGHT)?;
    Ok(held)
}

/// Plants that were cured, converted, undone or destroyed do not link to their room.
fn holds_plants(txn: &Txn<'_, '_, '_>, number: u64) -> Result<bool, Fault> {
    txn.has_linked(Kind::Plant, Kind::GrowRoom, number)
}

/// Items with nothing left, destroyed or transferred away do not count.
fn holds_goods(txn: &Txn<'_, '_, '_>, number: u64) -> Result<bool, Fault> {
    let items = txn.linked::<Inventory>(Kind::InventoryRoom, number)?;
    Ok(items.iter().any(|held| held.wire.remaining_amount.is_positive() && !held.wire.deleted))
}
