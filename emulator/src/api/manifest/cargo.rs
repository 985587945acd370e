//! What travels: items, their states, the transfer rules, the invoices (MAN-28 to MAN-40). Asked when a
//! trip is planned, and again when it is shipped (XFER-15).

use std::sync::Arc;

use super::{description, route::NamedItem};
use crate::{
    api::{lookup::once, partner::Partner},
    fault::Fault,
    lifecycle::{
        invoice::{self, Verb},
        item,
        item_type::ItemType,
        testing::PENDING,
        trade::{self, DELIVERY, DISTRIBUTOR, SAMPLING_FIRM, TransferRule},
    },
    model::{
        Barcode, Inventory, Invoice, InvoiceFacts, LabSample, Manifest, ManifestItem, ManifestType,
        QaStatus, Quantity,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        counters::Piece,
        txn::{Held, Txn},
    },
};

/// Whose goods travel, and how.
pub struct Cargo {
    pub sender: Arc<Site>,
    pub kind: ManifestType,
    /// The transporter, where there is one.
    pub carrier: Option<Arc<Site>>,
    /// The manifest on which the goods stand already.
    pub own: Option<Barcode>,
}

/// What is unloaded at one stop.
pub struct Load {
    pub number: u32,
    pub to: Partner,
    pub items: Vec<Held<Inventory>>,
    /// The identifier that the stop names, and the invoice if there is one.
    pub invoice: Option<(String, Option<Held<Invoice>>)>,
}

impl Cargo {
    /// What a manifest carries already.
    pub fn of(manifest: &Manifest, sender: &Arc<Site>, carrier: Option<Arc<Site>>) -> Self {
        let (sender, kind) = (Arc::clone(sender), manifest.kind);
        Self { sender, kind, carrier, own: Some(manifest.manifest_id) }
    }

    /// Asks again what was asked when some stops of a manifest were planned (XFER-15).
    pub fn recheck(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        manifest: &Manifest,
        places: &[usize],
    ) -> Result<Vec<Load>, Fault> {
        let mut loads = Vec::new();
        for stop in places.iter().map(|place| &manifest.stop[*place]) {
            let to = txn.partner(&stop.location_license).filter(Partner::is_active);
            let to = to.ok_or_else(|| refuse("MAN-16"))?;
            let named =
                |item: &ManifestItem| NamedItem { inventory_id: item.inventory_id.to_string() };
            let items: Vec<NamedItem> = stop.item.iter().map(named).collect();
            let invoice = stop.invoice_id.map(|id| id.to_string());
            loads.push(self.load(txn, stop.stop_number, to, &items, invoice.as_deref())?);
        }
        self.check(txn, &loads)?;
        Ok(loads)
    }

    /// Finds what a stop names: the sender's items, and its invoice.
    pub fn load(
        &self,
        txn: &Txn<'_, '_, '_>,
        number: u32,
        to: Partner,
        items: &[NamedItem],
        invoice: Option<&str>,
    ) -> Result<Load, Fault> {
        let mut found = Vec::new();
        for item in items {
            let id = &item.inventory_id;
            let held = txn.own_item(id)?.filter(|it| it.scopes.contains(&self.sender.scope()));
            found.push(held.ok_or_else(|| refuse("INV-10").with("id", id))?);
        }
        let named = invoice.filter(|id| !id.is_empty());
        let invoice = named.map(|id| {
            let known = Barcode::parse(id).map_or(Ok(None), |id| txn.invoice(id));
            known.map(|known| (id.to_owned(), known))
        });
        Ok(Load { number, to, items: found, invoice: invoice.transpose()? })
    }

    /// The guards on items and invoices, each over all stops, in the rulebook's order.
    pub fn check(&self, txn: &mut Txn<'_, '_, '_>, loads: &[Load]) -> Result<(), Fault> {
        for (_, item) in each(loads) {
            item::permit_shipment(&item.wire, &item.facts, self.own, self.returns())?;
        }
        for (_, item) in each(loads) {
            require(!txn.is_expired(&item.wire), || expired("MAN-30", &item.wire))?;
        }
        for (load, item) in each(loads) {
            self.check_sample(txn, load, item)?;
        }
        for (_, item) in each(loads) {
            self.check_carrier(txn, item)?;
        }
        check_mix(loads)?;
        for (load, item) in each(loads) {
            self.check_return(load, item)?;
        }
        for (load, item) in each(loads) {
            self.rule(load, item)?;
        }
        for (load, item) in each(loads) {
            let needed = self.rule(load, item)?.qa_pass_required && !self.returns();
            let passed = item.wire.qa_status == QaStatus::Passed;
            require(passed || !needed, || refuse("MAN-37").with("id", item.wire.id))?;
        }
        self.check_invoices(txn, loads)
    }

    fn returns(&self) -> bool {
        self.kind == ManifestType::Return
    }

    /// Samples go to their laboratory, nothing else goes there (MAN-38, LAB-27, XFER-84).
    fn check_sample(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        load: &Load,
        held: &Held<Inventory>,
    ) -> Result<(), Fault> {
        let (id, license) = (held.wire.id, load.to.license());
        let fits = held.wire.is_sample == load.to.is_lab();
        require(fits, || refuse("MAN-38").with("id", id).with("n", license))?;
        if !held.wire.is_sample {
            return Ok(());
        }
        let sample = txn.sample_of_item(id)?.wire;
        let open = sample.result == PENDING;
        require(open, || refuse("LAB-40"))?;
        require(sample.lab_license == license, || refuse("LAB-27").with("id", id))?;
        self.note_own_driver(txn, &sample);
        Ok(())
    }

    /// Samples for release are to travel with a sampling firm (MAN-85).
    fn note_own_driver(&self, txn: &mut Txn<'_, '_, '_>, sample: &LabSample) {
        let firm = self.carrier.as_ref().is_some_and(|it| it.location_type == SAMPLING_FIRM);
        if !sample.rnd && !firm && txn.profile().on("finding.sampling_firm") {
            txn.note("MAN-85");
        }
    }

    /// What a transporter may carry by its type (MAN-70).
    fn check_carrier(&self, txn: &Txn<'_, '_, '_>, held: &Held<Inventory>) -> Result<(), Refusal> {
        let carrier = self.carrier.as_ref().filter(|_| txn.profile().on("transport.enforce"));
        let Some(carrier) = carrier else { return Ok(()) };
        let kind = ItemType::find(held.wire.inventory_type)?;
        let sample = held.wire.is_sample;
        let may = match carrier.location_type {
            SAMPLING_FIRM => sample,
            DISTRIBUTOR => sample || kind.is("FinalStage"),
            DELIVERY => false,
            _ => true,
        };
        let license = &carrier.license;
        require(may, || refuse("MAN-70").with("n", license).with("type", kind.name()))
    }

    /// What goes back goes to the license that it came from (MAN-40).
    fn check_return(&self, load: &Load, held: &Held<Inventory>) -> Result<(), Refusal> {
        let license = load.to.license();
        let came = held.facts.came_from(license);
        let fits = came || !self.returns();
        require(fits, || refuse("MAN-40").with("id", held.wire.id).with("n", license))
    }

    /// The transfer rule that lets an item go to a stop (MAN-36, XFER-81).
    fn rule(&self, load: &Load, held: &Held<Inventory>) -> Result<&'static TransferRule, Refusal> {
        let (from, to) = (self.sender.location_type, load.to.location_type());
        let row = trade::rule(from, to, held.wire.inventory_type);
        let row = row.filter(|row| !row.returns || self.returns());
        let kind = ItemType::find(held.wire.inventory_type)?;
        row.ok_or_else(|| {
            let ends =
                refuse("MAN-36").with("a", &self.sender.license).with("b", load.to.license());
            ends.with("type", kind.name())
        })
    }

    /// An invoice for each stop of another company, with exactly its items (MAN-32 to MAN-35).
    fn check_invoices(&self, txn: &Txn<'_, '_, '_>, loads: &[Load]) -> Result<(), Fault> {
        let wanted = txn.profile().on("invoice.required_across_ubi");
        for load in loads.iter().filter(|load| wanted && load.invoice.is_none()) {
            let free = load.to.is_lab() || load.to.is_of(&self.sender);
            let first = load.items.first().map(|held| held.wire.id.to_string());
            require(free, || refuse("MAN-32").with("id", first.unwrap_or_default()))?;
        }
        for load in loads {
            if let Some((id, invoice)) = &load.invoice {
                let unfit = || refuse("MAN-33").with("n", id).with("k", load.number);
                let invoice = invoice.as_ref().filter(|held| self.bills(load, held));
                let invoice = invoice.ok_or_else(unfit)?;
                let alike = lists_alike(&invoice.wire, load);
                require(alike, || refuse("MAN-34").with("n", id).with("k", load.number))?;
            }
        }
        for (load, held) in each(loads) {
            let named = load.invoice.as_ref().and_then(|(_, it)| it.as_ref());
            let named = named.map(|it| it.wire.invoice_id);
            let other = held.facts.invoice.filter(|on| Some(*on) != named);
            require(other.is_none(), || {
                let other = other.map(|id| id.to_string()).unwrap_or_default();
                refuse("BILL-22").with("id", held.wire.id).with("n", other)
            })?;
        }
        Ok(())
    }

    /// Whether an invoice can stand for what a stop unloads (MAN-33).
    fn bills(&self, load: &Load, held: &Held<Invoice>) -> bool {
        let Held { wire, facts, .. } = held;
        let manifest = facts.manifest.filter(|on| Some(*on) != self.own);
        let facts = InvoiceFacts { manifest, shipped: false, ..facts.clone() };
        invoice::permit(wire, &facts, Verb::Name).is_ok()
            && wire.location_license == self.sender.license
            && wire.buyer_location_license == load.to.license()
            && wire.refund == self.returns()
    }
}

/// Refund invoices travel by themselves (MAN-39).
fn check_mix(loads: &[Load]) -> Result<(), Refusal> {
    let named = loads.iter().filter_map(|load| load.invoice.as_ref());
    let mut refunds = named.filter_map(|(_, it)| it.as_ref()).map(|it| it.wire.refund);
    let first = refunds.next();
    require(refunds.all(|refund| Some(refund) == first), || refuse("MAN-39"))
}

fn lists_alike(invoice: &Invoice, load: &Load) -> bool {
    let mut billed: Vec<(Barcode, Quantity)> =
        invoice.live_lines().map(|line| (line.inventory_id, line.amount)).collect();
    let items = load.items.iter().map(|held| (held.wire.id, held.wire.remaining_amount));
    let mut unloaded: Vec<(Barcode, Quantity)> = items.collect();
    billed.sort_unstable();
    unloaded.sort_unstable();
    billed == unloaded
}

fn each(loads: &[Load]) -> impl Iterator<Item = (&Load, &Held<Inventory>)> {
    loads.iter().flat_map(|load| load.items.iter().map(move |held| (load, held)))
}

/// One call names each item once, and not too many over all stops (MAN-11, WIRE-28).
pub fn check_item_count<'a>(
    txn: &Txn<'_, '_, '_>,
    items: impl Iterator<Item = &'a NamedItem> + Clone,
) -> Result<(), Refusal> {
    let most = txn.profile().number("manifest.max_items");
    require(items.clone().count() as u64 <= most, || refuse("MAN-11").with("n", most))?;
    once(items.map(|item| item.inventory_id.as_str()), "WIRE-28")
}

/// The refusal of goods that are out of date.
pub fn expired(rule: &'static str, item: &Inventory) -> Refusal {
    let day = item.expiration_date.map(|day| day.to_string()).unwrap_or_default();
    refuse(rule).with("id", item.id).with("date", day)
}

impl Txn<'_, '_, '_> {
    /// Over from the next midnight in New York on (TIME-16).
    pub fn is_expired(&self, item: &Inventory) -> bool {
        let over = item.expiration_date.is_some_and(|last| last < self.today());
        over && self.profile().on("expiry.enforce")
    }

    /// An item as a stop shows it.
    pub fn manifest_item(
        &mut self,
        manifest: Barcode,
        stop: u32,
        item: &Inventory,
    ) -> Result<ManifestItem, Fault> {
        Ok(ManifestItem {
            deleted: false,
            description: description(item)?,
            id: self.counters.next_piece(Piece::ManifestItem),
            inventory_id: item.id,
            manifest_id: manifest,
            quantity: item.remaining_amount,
            quantity_received: Quantity::ZERO,
            session_time: 0,
            stop_number: stop,
            transaction_id: 0,
        })
    }
}
