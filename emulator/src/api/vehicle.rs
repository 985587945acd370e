//! `/v1/vehicle`: what carries the company's goods (rulebook 6).

use serde::Deserialize;

use super::{
    Action, OwnRules, Row, act, read,
    read::{list, not_found, show},
};
use crate::{
    fault::Fault,
    lifecycle::directory::in_use,
    model::{Key, Kind, Record, Vehicle},
    refusal::{refuse, require},
    world::txn::{Held, Txn},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/vehicle",         list::<Vehicle>),
    act::<CreateVehicle>("POST /v1/vehicle/{id}"),
    read("GET /v1/vehicle/{id}",    show::<Vehicle>),
    act::<UpdateVehicle>("PUT /v1/vehicle/{id}"),
    act::<RemoveVehicle>("DELETE /v1/vehicle/{id}"),
];

/// The fields of a vehicle that a body may carry, and the id of the path.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    #[serde(default, rename = "id")]
    id: String,
    name: Option<String>,
    make: Option<String>,
    model: Option<String>,
    year: Option<String>,
    color: Option<String>,
    plate: Option<String>,
    vin: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Fields {
    /// Puts what was given into the record; false when nothing was.
    fn put_into(self, vehicle: &mut Vehicle) -> bool {
        let places = [
            (self.name, &mut vehicle.name),
            (self.make, &mut vehicle.make),
            (self.model, &mut vehicle.model),
            (self.year, &mut vehicle.year),
            (self.color, &mut vehicle.color),
            (self.plate, &mut vehicle.plate),
            (self.vin, &mut vehicle.vin),
            (self.external_id, &mut vehicle.external_id),
        ];
        let mut any = false;
        for (given, place) in places {
            if let Some(text) = given {
                *place = text;
                any = true;
            }
        }
        any
    }
}

/// `POST /v1/vehicle/{id}`: adds a vehicle; the id in the path is ignored (DIR-13).
#[derive(Deserialize)]
struct CreateVehicle(Fields);

impl Action for CreateVehicle {
    const OWN_RULES: OwnRules = &[("Name", "DIR-14")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut wire = Vehicle::default();
        self.0.put_into(&mut wire);
        wire.id = txn.next_number(Kind::Vehicle);
        let scopes = vec![txn.home()];
        txn.save(&mut Held { key: Key::new(Vehicle::KIND, wire.id), wire, facts: (), scopes })
    }
}

/// `PUT /v1/vehicle/{id}`: changes what is given.
#[derive(Deserialize)]
struct UpdateVehicle(Fields);

impl Action for UpdateVehicle {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.0.id)?;
        require(self.0.put_into(&mut held.wire), || refuse("DIR-17"))?;
        require(!held.wire.name.trim().is_empty(), || refuse("DIR-14"))?;
        txn.save(&mut held)
    }
}

/// `DELETE /v1/vehicle/{id}`: removes a vehicle that is on no open manifest.
#[derive(Deserialize)]
struct RemoveVehicle {
    id: String,
}

impl Action for RemoveVehicle {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.id)?;
        if txn.profile().is("dir.delete_in_use", "refuse") {
            let driving = in_use(&txn.company_manifests()?, "Vehicle", held.wire.id);
            require(!driving, || refuse("DIR-18").with("id", &self.id))?;
        }
        held.wire.deleted = true;
        txn.save(&mut held)
    }
}

fn own(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Held<Vehicle>, Fault> {
    let held = txn.own_numbered::<Vehicle>(id)?.ok_or_else(|| not_found(Kind::Vehicle, id))?;
    require(!held.wire.deleted, || refuse("DIR-19").in_path())?;
    Ok(held)
}
