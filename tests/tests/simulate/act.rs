//! Random calls, each with what the rulebook says will come of it.

mod additive;
mod batch;
mod conversion;
mod cure;
mod cut;
mod doom;
mod dry;
mod forget;
mod goods;
mod item;
mod lot;
mod part;
mod person;
mod plant;
mod room;
mod sample;
mod weigh;

use serde_json::{Value, json};
use tagtrail_tests::dice::Dice;

use crate::{
    books::Posting,
    kind::{Key, Kind},
    model::{COMPANIES, Model, Row, Site},
};

/// A write, and what will come of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) ubi: &'static str,
    pub(crate) start: String,
    pub(crate) body: Option<Value>,
    pub(crate) forecast: Forecast,
}

/// The id of a rule.
pub(crate) type Refused = &'static str;

pub(crate) type Forecast = Result<Outcome, Refused>;

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) changes: Vec<Change>,
    pub(crate) tags: u64,
    /// For each row of an upload the code with which it fails, or none.
    pub(crate) uploaded: Option<Vec<Option<&'static str>>>,
    /// Rows that count as used from now on, though they do not change.
    pub(crate) uses: Vec<Key>,
    pub(crate) postings: Vec<Posting>,
}

impl Outcome {
    fn of(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    fn posting(mut self, posting: Posting) -> Self {
        self.postings.push(posting);
        self
    }
}

/// A row as it will be, but for its stamp and for what it shows of other rows.
#[derive(Debug)]
pub(crate) struct Change {
    /// A new row has none yet.
    pub(crate) key: Option<Key>,
    pub(crate) kind: Kind,
    pub(crate) row: Row,
    /// Fields that take the identifier of another row of the call, by its place.
    pub(crate) links: Vec<(&'static str, usize)>,
    /// The write that made the row corrects it: that is no use (WIRE-54).
    pub(crate) corrects: bool,
}

impl Change {
    fn to(key: &Key, row: Row) -> Self {
        Self { key: Some(key.clone()), ..Self::new(key.kind, row) }
    }

    fn new(kind: Kind, row: Row) -> Self {
        Self { key: None, kind, row, links: Vec::new(), corrects: false }
    }

    /// A row with other values in some of its fields.
    fn set(key: &Key, row: &Row, fields: Value) -> Self {
        let mut row = row.clone();
        for (field, value) in fields.as_object().into_iter().flatten() {
            row.wire[field] = value.clone();
        }
        Self::to(key, row)
    }

    fn linked(mut self, field: &'static str, place: usize) -> Self {
        self.links.push((field, place));
        self
    }

    fn corrected(self) -> Self {
        Self { corrects: true, ..self }
    }
}

/// A random write.
pub(crate) fn step(model: &Model, dice: &mut Dice) -> Step {
    // Most of what is new happens where plants grow.
    let growers = &["604900101", "604900103", "604900101", "604900141"];
    let ubi = if dice.one_in(2) { *dice.pick(growers) } else { *dice.pick(COMPANIES) };
    let mut cast = Cast { model, dice, ubi };
    if cast.dice.one_in(4) {
        return cast.make();
    }
    let grows = cast.model.sites.iter().any(|site| site.ubi == ubi && site.grows);
    if grows && !cast.dice.one_in(4) || cast.dice.one_in(20) {
        let step = cast.cultivate();
        return if dice.one_in(40) { forget::forget(step, dice) } else { step };
    }
    match cast.dice.below(24) {
        0 | 1 => cast.create_room(),
        2 | 3 => cast.update_room(),
        4 => cast.remove_room(),
        5 | 6 => cast.create_from_paper(),
        7 => cast.create_from_plant(),
        8 => cast.adjust_one(),
        9 | 10 => cast.adjust_many(),
        11 | 12 => cast.relocate(),
        13 | 14 => cast.schedule(),
        15 => cast.unschedule(),
        16 => cast.destroy(),
        17 => cast.describe(),
        18 | 19 => cast.upload(),
        20 => cast.employee(),
        21 => cast.vehicle(),
        _ => cast.user(),
    }
}

/// Who acts, and on what.
struct Cast<'a> {
    model: &'a Model,
    dice: &'a mut Dice,
    ubi: &'static str,
}

impl<'a> Cast<'a> {
    /// What is done with plants and batches; where it would have no object, a season goes on.
    fn cultivate(&mut self) -> Step {
        let harvests = self.model.sites.iter().any(|it| it.ubi == self.ubi && it.harvests);
        let verbs = if harvests || self.dice.one_in(8) { 44 } else { 18 };
        let has = |kind| self.model.of(self.ubi, kind).next().is_some();
        let lacks = [Kind::Batch, Kind::Cut, Kind::Cure].map(|kind| !has(kind) && harvests);
        match self.dice.below(verbs) {
            0..=3 => self.plant(),
            4 | 5 => self.update_plant(),
            6 => self.move_plants(),
            7 => self.waste(),
            8 => self.convert(),
            9 => self.undo_planting(),
            10 => self.upload_plants(),
            11 => self.schedule_plants(),
            12 => self.unschedule_plants(),
            13 => self.destroy_plants(),
            14 => self.treat(),
            15 => self.correct_treatment(),
            16 => self.dry(),
            17 => self.undo_drying(),
            18..=20 => self.gather(),
            _ if lacks[0] => self.gather(),
            21 => self.add_plants(),
            22 => self.take_plants_out(),
            23 => self.delete_batch(),
            24..=26 => self.schedule_batch(),
            27 => self.unschedule_batch(),
            28..=32 => self.cut(),
            33..=35 if lacks[1] => self.go_on(),
            33 | 34 => self.correct_cut(),
            35 => self.undo_cut(),
            36..=39 => self.cure(),
            _ if lacks[2] => self.go_on(),
            40 | 41 => self.correct_cure(),
            _ => self.undo_cure(),
        }
    }

    /// What becomes of goods where they are processed.
    fn make(&mut self) -> Step {
        let makers = &["604900101", "604900121", "604900141", "604900121"];
        if !self.dice.one_in(8) {
            self.ubi = *self.dice.pick(makers);
        }
        match self.dice.below(14) {
            0 | 1 => self.split(),
            2..=4 => self.lot(),
            5..=7 => self.process(),
            8 | 9 => self.sample(),
            10 | 11 => self.void_sample(),
            _ => self.undo_making(),
        }
    }

    /// The next step of a batch that has one.
    fn go_on(&mut self) -> Step {
        let batches = || self.model.of(self.ubi, Kind::Batch).filter(|it| !it.1.is("Deleted"));
        let any = |state: &str| batches().any(|(_, row)| row.wire["CurrentState"] == state);
        if any("Harvested") {
            self.cure()
        } else if any("Scheduled") {
            self.cut()
        } else if any("Open") {
            self.schedule_batch()
        } else {
            self.gather()
        }
    }

    fn step(&self, start: impl Into<String>, body: Value, forecast: Forecast) -> Step {
        let body = (!body.is_null()).then_some(body);
        Step { ubi: self.ubi, start: start.into(), body, forecast }
    }

    fn own_site(&mut self) -> &'a Site {
        let own: Vec<&Site> = self.model.sites.iter().filter(|it| it.ubi == self.ubi).collect();
        own[self.dice.below(own.len())]
    }

    /// Now and then somebody else's.
    fn site_of_somebody(&mut self) -> &'a Site {
        if self.dice.one_in(20) { self.dice.pick(&self.model.sites) } else { self.own_site() }
    }

    /// A site where plants grow, if the company has one, and mostly that.
    fn grower(&mut self) -> &'a Site {
        let own = self.model.sites.iter().find(|it| it.ubi == self.ubi && it.grows);
        own.filter(|_| !self.dice.one_in(20)).unwrap_or_else(|| self.site_of_somebody())
    }

    fn acting(&self, site: &Site) -> Result<(), Refused> {
        if site.ubi == self.ubi { Ok(()) } else { Err("LIC-10") }
    }

    fn word(&mut self, blank: usize) -> String {
        let words = ["Atrium", "Bench \"3\"", "Cold – room", "Drying", "Étage", "   ", ""];
        let count = if self.dice.one_in(blank) { 7 } else { 5 };
        (*self.dice.pick(&words[..count])).to_owned()
    }

    /// One of some rows, if there are any.
    fn one_of(&mut self, rows: &[(&'a Key, &'a Row)]) -> Option<(&'a Key, &'a Row)> {
        self.dice.favorite(rows.iter().copied(), |(_, row)| row.name)
    }

    /// The live rooms of a site.
    fn rooms(&self, kind: Kind, site: &Site) -> Vec<(&'a Key, &'a Row)> {
        let rooms = self.model.of(site.ubi, kind).filter(|(key, _)| key.site == site.license);
        rooms.filter(|(_, row)| !row.is("Deleted")).collect()
    }

    fn some_room(&mut self, kind: Kind, site: &Site) -> Value {
        let rooms = self.rooms(kind, site);
        self.one_of(&rooms).map_or(json!(9_999), |(_, row)| row.wire["ID"].clone())
    }

    fn has_room(&self, kind: Kind, site: &Site, room: &Value) -> bool {
        self.rooms(kind, site).iter().any(|(_, row)| row.wire["ID"] == *room)
    }

    /// A live room of a site; now and then one that does not fit.
    fn room_for(&mut self, site: &Site) -> Value {
        if self.dice.one_in(15) {
            return json!(*self.dice.pick(&[0, 1, 9_999]));
        }
        self.some_room(Kind::InventoryRoom, site)
    }

    fn check_room(&self, site: &Site, room: &Value) -> Result<(), Refused> {
        if *room == json!(0) {
            return Err("none");
        }
        if self.has_room(Kind::InventoryRoom, site, room) { Ok(()) } else { Err("wrong") }
    }

    fn fresh(&self, wire: Value, kind: Kind) -> Change {
        Change::new(kind, Row::new(wire, self.ubi))
    }

    /// The id of a record, mostly an own one.
    fn some_id(&mut self, kind: Kind) -> String {
        let foreign = self.dice.one_in(12);
        let ubi = if foreign { *self.dice.pick(COMPANIES) } else { self.ubi };
        let mut rows: Vec<(&Key, &Row)> = self.model.of(ubi, kind).collect();
        if self.dice.one_in(30) {
            rows.clear();
        }
        // The latest are the liveliest.
        if self.dice.one_in(2) {
            rows.sort_by_key(|(_, row)| row.born);
            rows.drain(..rows.len().saturating_sub(6));
        }
        let nobody = *self.dice.pick(&["99999", "zero", "-1"]);
        self.one_of(&rows).map_or_else(|| nobody.to_owned(), |(key, _)| key.id.clone())
    }

    /// The id of an own record that fits, if there is one; now and then any at all.
    fn fitting_id(&mut self, kind: Kind, fits: impl Fn(&Key, &Row) -> bool) -> String {
        let own = self.model.of(self.ubi, kind).filter(|(key, row)| fits(key, row));
        let own: Vec<(&Key, &Row)> = own.collect();
        match self.one_of(&own) {
            Some((key, _)) if !self.dice.one_in(6) => key.id.clone(),
            _ => self.some_id(kind),
        }
    }

    /// The tags that new identifiers of a site need, which is the last of all guards (UID-20).
    fn with_tags(&self, site: &Site, changes: Vec<Change>, count: usize) -> Forecast {
        let tags = if site.pays_tags { count as u64 } else { 0 };
        if tags > self.model.tags.get(site.ubi).copied().unwrap_or_default() {
            return Err("UID-20");
        }
        Ok(Outcome { changes, tags, ..Outcome::default() })
    }
}
