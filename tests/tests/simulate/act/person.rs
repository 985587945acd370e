//! Employees, vehicles and users.

use serde_json::{Value, json};

use super::{Cast, Change, Forecast, Outcome, Refused, Step};
use crate::{
    kind::{Key, Kind},
    model::Row,
};

impl Cast<'_> {
    /// A record that the simulation made: those of the seed world may drive a manifest.
    pub(super) fn made(&mut self, kind: Kind) -> Option<String> {
        let made = |row: &Row| {
            row.wire["ExternalID"] == "sim"
                || row.wire["Username"].as_str().is_some_and(|it| it.starts_with("sim-"))
        };
        let own = self.model.of(self.ubi, kind).filter(|(_, row)| made(row));
        let own: Vec<(&Key, &Row)> = own.collect();
        self.one_of(&own).map(|(key, _)| key.id.clone())
    }

    pub(super) fn employee(&mut self) -> Step {
        let made = self.made(Kind::Employee);
        let name = self.word(8);
        let wire = json!({
            "BirthDate": "1990-01-02", "Deleted": false, "DriverLicense": "", "Email": "",
            "ExternalID": "sim", "HireDate": "", "Name": name, "StateIssue": "",
        });
        let body = json!({"Name": name, "BirthDate": "1990-01-02", "ExternalID": "sim"});
        self.person(Kind::Employee, made, wire, body, ["DIR-03", "DIR-08", "DIR-11"])
    }

    pub(super) fn vehicle(&mut self) -> Step {
        let made = self.made(Kind::Vehicle);
        let name = self.word(8);
        let wire = json!({
            "Color": "", "Deleted": false, "ExternalID": "sim", "Make": "", "Model": "",
            "Name": name, "Plate": "TAG-1", "Vin": "", "Year": "",
        });
        let body = json!({"Name": name, "Plate": "TAG-1", "ExternalID": "sim"});
        self.person(Kind::Vehicle, made, wire, body, ["DIR-14", "DIR-16", "DIR-19"])
    }

    /// Creates, changes or removes one of two kinds that live alike.
    pub(super) fn person(
        &mut self,
        kind: Kind,
        made: Option<String>,
        wire: Value,
        body: Value,
        [blank, unknown, removed]: [Refused; 3],
    ) -> Step {
        let unnamed = body["Name"].as_str().is_some_and(|name| name.trim().is_empty());
        let verb = self.dice.below(4);
        let Some(id) = made.filter(|_| verb > 1) else {
            let done = Outcome::of(vec![self.fresh(wire, kind)]);
            let forecast = if unnamed { Err(blank) } else { Ok(done) };
            let tail = if kind == Kind::Vehicle { "/7" } else { "" };
            return self.step(format!("POST {}{tail}", kind.path()), body, forecast);
        };
        let id = if self.dice.one_in(12) { "88888".to_owned() } else { id };
        let found = self.model.own(self.ubi, kind, &id).ok_or(unknown);
        let found =
            found.and_then(|it| if it.1.wire["Deleted"] == true { Err(removed) } else { Ok(it) });
        let removing = verb == 2;
        let forecast = found.and_then(|(key, row)| {
            let mut row = row.clone();
            if removing {
                row.wire["Deleted"] = json!(true);
            } else if unnamed {
                return Err(blank);
            } else {
                row.wire["Name"] = body["Name"].clone();
            }
            Ok(Outcome::of(vec![Change::to(key, row)]))
        });
        if removing {
            return self.step(format!("DELETE {}/{id}", kind.path()), Value::Null, forecast);
        }
        self.step(format!("PUT {}/{id}", kind.path()), json!({"Name": body["Name"]}), forecast)
    }

    pub(super) fn user(&mut self) -> Step {
        let kind = Kind::User;
        let permissions = [json!([]), json!(["ViewRoom"]), json!(["ViewRoom", "EditRoom"])];
        let permission = self.dice.pick(&permissions).clone();
        let made = self.made(kind);
        let verb = self.dice.below(4);
        let Some(id) = made.filter(|_| verb > 1) else {
            let name = match self.dice.below(6) {
                0 => "nobody".to_owned(),
                roll => format!("sim-{roll}{}@example.test", self.dice.below(5)),
            };
            let forecast = self.invited(&name, &permission);
            let body = json!({"Username": name, "Permission": permission});
            return self.step("POST /v1/user", body, forecast);
        };
        let id = if self.dice.one_in(12) { "88888".to_owned() } else { id };
        let found = self.model.own(self.ubi, kind, &id).ok_or("ACCT-50");
        let change = |key: &Key, row: Row| Outcome::of(vec![Change::to(key, row)]);
        if verb == 2 {
            let forecast = found.and_then(|(key, row)| {
                if row.wire["Active"] == false {
                    return Err("ACCT-51");
                }
                let mut row = row.clone();
                row.wire["Active"] = json!(false);
                Ok(change(key, row))
            });
            return self.step(format!("DELETE /v1/user/{id}"), Value::Null, forecast);
        }
        let forecast = found.map(|(key, row)| {
            let mut row = row.clone();
            row.wire["Permission"] = permission.clone();
            change(key, row)
        });
        self.step(format!("PUT /v1/user/{id}"), json!({"Permission": permission}), forecast)
    }

    pub(super) fn invited(&self, name: &str, permission: &Value) -> Forecast {
        if !name.contains('@') {
            return Err("ACCT-47");
        }
        if self.model.of(self.ubi, Kind::User).any(|(_, row)| row.wire["Username"] == name) {
            return Err("ACCT-46");
        }
        let wire = json!({
            "Active": true, "Admin": false, "Permission": permission, "Username": name,
        });
        Ok(Outcome::of(vec![self.fresh(wire, Kind::User)]))
    }
}
