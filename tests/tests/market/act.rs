//! Random calls: most are what a company or a laboratory would do next, some are wrong on purpose.

pub(crate) mod bill;
mod goods;
mod laboratory;
mod plan;
mod road;
mod shop;
mod wrong;

use serde_json::{Value, json};
use tagtrail_tests::{amount::number, dice::Dice};

use crate::{
    kind::{Kind, text},
    ledger::Stock,
    market::Market,
};

/// A call, by whom, and what it is called in the tables of moves.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) party: usize,
    pub(crate) verb: &'static str,
    pub(crate) start: String,
    pub(crate) body: Option<Value>,
    pub(crate) operator: bool,
}

impl Act {
    fn new(party: usize, verb: &'static str, start: String, body: Value) -> Self {
        Self { party, verb, start, body: Some(body), operator: false }
    }

    fn bare(party: usize, verb: &'static str, start: String) -> Self {
        Self { party, verb, start, body: None, operator: false }
    }

    /// A segment of the path, counted from `v1`, which is the first.
    pub(crate) fn in_path(&self, at: usize) -> &str {
        self.start.split('/').nth(at).unwrap_or_default()
    }
}

/// Somebody who is about to call.
pub(crate) struct Chance<'a> {
    market: &'a Market,
    dice: &'a mut Dice,
    /// Whether states and rights are overlooked.
    wild: bool,
}

type Idea<'a> = fn(&mut Chance<'a>) -> Option<Act>;

/// What comes to mind how often.
#[rustfmt::skip]
fn ideas<'a>() -> Vec<(usize, Idea<'a>)> { vec![
    (10, Chance::buy_on_paper), (4, Chance::sublot), (9, Chance::lot), (3, Chance::convert),
    (3, Chance::adjust), (2, Chance::relocate), (2, Chance::schedule), (2, Chance::unschedule),
    (3, Chance::destroy), (2, Chance::hold), (3, Chance::release),
    (5, Chance::sample), (3, Chance::void_sample), (7, Chance::receive_samples), (5, Chance::result),
    (2, Chance::amend), (2, Chance::deliver_sample),
    (16, Chance::bill), (3, Chance::change_invoice), (2, Chance::change_buyer), (3, Chance::reprice),
    (2, Chance::void_invoice), (6, Chance::pay), (2, Chance::change_payment), (2, Chance::withdraw),
    (4, Chance::accept_payment), (2, Chance::reject_payment),
    (12, Chance::plan), (4, Chance::plan_return), (5, Chance::plan_pickup), (14, Chance::offer),
    (5, Chance::plan_samples), (8, Chance::plan_delivery), (3, Chance::change_stops),
    (2, Chance::change_driver), (4, Chance::change_pickup), (3, Chance::modify_pickup),
    (3, Chance::change_offer), (12, Chance::accept), (3, Chance::decline), (4, Chance::change_crew),
    (8, Chance::park), (4, Chance::resume), (2, Chance::void_manifest), (6, Chance::change_delivery),
    (14, Chance::ship), (9, Chance::ship_stop), (12, Chance::arrive), (7, Chance::arrive_for_others),
    (4, Chance::undo_arrival), (14, Chance::receive), (8, Chance::take_back), (3, Chance::void_transfer),
    (10, Chance::sell), (2, Chance::change_sale), (4, Chance::void_sale), (5, Chance::refund),
] }

/// A random call; now and then one of a sort that never succeeded yet.
pub(crate) fn act(market: &Market, dice: &mut Dice) -> Option<Act> {
    let choice = if dice.one_in(4) { 12 } else { 1 };
    let acts: Vec<Act> = (0..choice).filter_map(|_| sound(market, dice)).collect();
    let new = acts.iter().position(|act| !market.done.contains(act.verb));
    let act = acts.into_iter().nth(new.unwrap_or_default())?;
    let wrong = !act.operator && dice.one_in(7);
    Some(if wrong { wrong::spoil(market, act, dice) } else { act })
}

/// The first idea that leads to a call.
fn sound(market: &Market, dice: &mut Dice) -> Option<Act> {
    for _ in 0..40 {
        let ideas = ideas();
        let all: usize = ideas.iter().map(|(weight, _)| weight).sum();
        let wild = dice.one_in(9);
        let mut at = dice.below(all);
        let (_, idea) = ideas.iter().find(|(weight, _)| {
            let found = at < *weight;
            at = at.saturating_sub(*weight);
            found
        })?;
        let act = idea(&mut Chance { market, dice, wild });
        if act.is_some() {
            return act;
        }
    }
    None
}

/// The verbs that the market must have seen succeed, as they are told apart.
pub(crate) const DEEDS: &[&str] = &[
    "buy on paper",
    "sublot",
    "lot",
    "convert",
    "adjust",
    "relocate",
    "schedule",
    "unschedule",
    "destroy",
    "hold",
    "release",
    "sample",
    "void sample",
    "receive at the laboratory",
    "reject at the laboratory",
    "result",
    "amend",
    "deliver sample",
    "bill",
    "change invoice",
    "change buyer",
    "reprice",
    "void invoice",
    "pay",
    "change payment",
    "withdraw payment",
    "accept payment",
    "reject payment",
    "plan",
    "plan a return",
    "plan samples",
    "plan a pickup",
    "offer",
    "plan a delivery",
    "change stops",
    "change driver",
    "change pickup",
    "modify pickup",
    "change offer",
    "accept",
    "decline",
    "change crew",
    "park",
    "resume",
    "void manifest",
    "change delivery",
    "ship",
    "ship a stop",
    "ship a delivery",
    "arrive",
    "deliver",
    "arrive for others",
    "undo arrival",
    "receive in full",
    "receive in part",
    "receive some items",
    "reject a transfer",
    "take back",
    "void transfer",
    "sell",
    "change sale",
    "void sale",
    "refund and restock",
    "refund money only",
];

impl<'a> Chance<'a> {
    /// A document of a kind that fits, in its owner's view.
    fn document(
        &mut self,
        kind: Kind,
        id: &str,
        fits: impl Fn(&Market, &Value) -> bool,
    ) -> Option<(usize, &'a Value)> {
        let market = self.market;
        let rows = market.own(kind).filter(|(_, row)| fits(market, row));
        self.dice.favorite(rows, |(_, row)| market.name_of(kind, &text(&row[id])))
    }

    /// An item that is free, unless states are overlooked.
    fn goods(
        &mut self,
        fits: impl Fn(&Market, &Stock, &Value) -> bool,
    ) -> Option<(&'a str, &'a Stock, &'a Value)> {
        let market = self.market;
        let name = |(id, ..): &(&str, &Stock, &Value)| market.name_of(Kind::Inventory, id);
        if self.wild {
            let all = market.goods().filter(|(_, stock, row)| fits(market, stock, row));
            return self.dice.favorite(all, name);
        }
        let free = market.free().filter(|(_, stock, row)| fits(market, stock, row));
        self.dice.favorite(free, name)
    }

    /// Some of an amount, in the unit's own steps; seldom all of it.
    fn some_of(&mut self, amount: i64, counted: bool) -> Value {
        let step = if counted { 1_000_000 } else { 250_000 };
        let steps = (amount / step).max(1) as usize;
        let part = 1 + self.dice.below(steps.min(40));
        number(step * part as i64)
    }

    /// A room of a site, seldom the quarantine.
    fn room(&mut self, license: &str) -> u64 {
        let Some(site) = self.market.site(license) else { return 0 };
        let open: Vec<u64> =
            site.rooms.iter().copied().filter(|it| !site.quarantine.contains(it)).collect();
        let rooms = if self.dice.one_in(12) || open.is_empty() { &site.rooms } else { &open };
        if rooms.is_empty() { 0 } else { *self.dice.pick(rooms) }
    }

    /// A price in cents.
    fn price(&mut self) -> Value {
        number((1 + self.dice.below(4_000)) as i64 * 10_000)
    }

    /// Driver and vehicle of a company.
    fn crew(&mut self, party: usize) -> (Value, Value) {
        let cast = &self.market.cast;
        let pick = |dice: &mut Dice, of: Option<&Vec<u64>>| {
            of.filter(|it| !it.is_empty()).map_or(0, |it| *dice.pick(it))
        };
        let driver = pick(self.dice, cast.drivers.get(&party));
        let vehicle = pick(self.dice, cast.vehicles.get(&party));
        (json!([{"ID": driver}]), json!({"ID": vehicle.to_string()}))
    }
}
