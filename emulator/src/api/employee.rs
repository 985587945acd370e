//! `/v1/employee`: the company's staff, kept for manifests and deliveries (rulebook 6).

use serde::Deserialize;

use super::{
    Action, OwnRules, Row, act, read,
    read::{list, not_found, show},
};
use crate::{
    fault::Fault,
    lifecycle::directory::{email, in_use, not_after},
    model::{Day, Employee, Key, Kind, Record},
    refusal::{refuse, require},
    world::txn::{Held, Txn},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/employee",         list::<Employee>),
    act::<CreateEmployee>("POST /v1/employee"),
    read("GET /v1/employee/{id}",    show::<Employee>),
    act::<UpdateEmployee>("PUT /v1/employee/{id}"),
    act::<RemoveEmployee>("DELETE /v1/employee/{id}"),
];

/// The fields of an employee that a body may carry, and the id of the path.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    #[serde(default, rename = "id")]
    id: String,
    name: Option<String>,
    birth_date: Option<String>,
    hire_date: Option<String>,
    driver_license: Option<String>,
    state_issue: Option<String>,
    email: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Fields {
    fn is_empty(&self) -> bool {
        let texts = [
            &self.name,
            &self.birth_date,
            &self.hire_date,
            &self.driver_license,
            &self.state_issue,
            &self.email,
            &self.external_id,
        ];
        texts.iter().all(|text| text.is_none())
    }

    /// Checks what was given and puts it into the record.
    fn put_into(self, employee: &mut Employee, today: Day) -> Result<(), Fault> {
        if let Some(name) = self.name {
            require(!name.trim().is_empty(), || refuse("DIR-03").with("Field", "Name"))?;
            employee.name = name;
        }
        if let Some(address) = self.email {
            require(address.is_empty() || email(&address), || refuse("DIR-05"))?;
            employee.email = address;
        }
        if let Some(born) = self.birth_date {
            let born = Day::parse(&born);
            require(born.is_some(), || refuse("DIR-03").with("Field", "BirthDate"))?;
            not_after(born, today, "BirthDate")?;
            employee.birth_date = born;
        }
        if let Some(hired) = self.hire_date {
            let hired = Day::parse(&hired);
            not_after(hired, today.plus_years(1), "HireDate")?;
            employee.hire_date = hired;
        }
        let places = [
            (self.driver_license, &mut employee.driver_license),
            (self.state_issue, &mut employee.state_issue),
            (self.external_id, &mut employee.external_id),
        ];
        for (given, place) in places {
            if let Some(text) = given {
                *place = text;
            }
        }
        Ok(())
    }
}

/// `POST /v1/employee`: adds a member of staff.
#[derive(Deserialize)]
struct CreateEmployee(Fields);

impl Action for CreateEmployee {
    const OWN_RULES: OwnRules = &[("Name", "DIR-03"), ("BirthDate", "DIR-03")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut wire = Employee::default();
        self.0.put_into(&mut wire, txn.today())?;
        wire.id = txn.next_number(Kind::Employee);
        let scopes = vec![txn.home()];
        txn.save(&mut Held { key: Key::new(Employee::KIND, wire.id), wire, facts: (), scopes })
    }
}

/// `PUT /v1/employee/{id}`: changes what is given.
#[derive(Deserialize)]
struct UpdateEmployee(Fields);

impl Action for UpdateEmployee {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.0.id)?;
        require(!self.0.is_empty(), || refuse("DIR-09"))?;
        self.0.put_into(&mut held.wire, txn.today())?;
        txn.save(&mut held)
    }
}

/// `DELETE /v1/employee/{id}`: removes a member of staff who drives no open manifest.
#[derive(Deserialize)]
struct RemoveEmployee {
    id: String,
}

impl Action for RemoveEmployee {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.id)?;
        if txn.profile().is("dir.delete_in_use", "refuse") {
            let driving = in_use(&txn.company_manifests()?, "Driver", held.wire.id);
            require(!driving, || refuse("DIR-10").with("id", &self.id))?;
        }
        held.wire.deleted = true;
        txn.save(&mut held)
    }
}

fn own(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Held<Employee>, Fault> {
    let held = txn.own_numbered::<Employee>(id)?.ok_or_else(|| not_found(Kind::Employee, id))?;
    require(!held.wire.deleted, || refuse("DIR-11").in_path())?;
    Ok(held)
}
