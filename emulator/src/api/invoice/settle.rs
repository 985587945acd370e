//! What manifests and receipts do to an invoice (BILL-38 to BILL-40).

use crate::{
    fault::Fault,
    lifecycle::payment,
    model::{Barcode, Invoice, InvoicePayment, Key, Kind, Quantity},
    world::txn::{Held, Txn},
};

/// Nothing is owed any more: invoice, lines and what was paid and not answered are gone (BILL-36).
pub fn void(invoice: &mut Invoice) {
    invoice.deleted = true;
    for line in invoice.inventory.iter_mut().filter(|line| !line.deleted) {
        line.deleted = true;
        line.transaction_id = 0;
    }
    let pending = |it: &&mut InvoicePayment| payment::state(it) == payment::State::Pending;
    for payment in invoice.payment.iter_mut().filter(pending) {
        payment.deleted = true;
        payment.transaction_id = 0;
    }
}

impl Txn<'_, '_, '_> {
    /// An invoice by its identifier, whoever may see it.
    pub fn invoice(&self, id: Barcode) -> Result<Option<Held<Invoice>>, Fault> {
        self.find::<Invoice>(Key::new(Kind::Invoice, self.number_of(id)))
    }

    /// The invoice that a stop or a transfer names.
    fn named_invoice(&self, id: Barcode) -> Result<Held<Invoice>, Fault> {
        self.known(Key::new(Kind::Invoice, self.number_of(id)))
    }

    /// An invoice comes on a manifest or off it; it shows neither.
    pub fn plan_invoice(&mut self, id: Barcode, manifest: Option<Barcode>) -> Result<(), Fault> {
        let mut held = self.named_invoice(id)?;
        held.facts.manifest = manifest;
        held.facts.shipped = false;
        self.keep_facts(&held)
    }

    /// Its goods leave, or are back where they were planned.
    pub fn ship_invoice(&mut self, id: Barcode, shipped: bool) -> Result<(), Fault> {
        let mut held = self.named_invoice(id)?;
        held.facts.shipped = shipped;
        self.keep_facts(&held)
    }

    /// The receiver has spoken: each line becomes what was accepted of it (BILL-38, BILL-39).
    pub fn settle_invoice(
        &mut self,
        id: Barcode,
        accepted: impl Fn(Barcode) -> Quantity,
    ) -> Result<(), Fault> {
        let mut held = self.named_invoice(id)?;
        let invoice = &mut held.wire;
        for line in invoice.inventory.iter_mut().filter(|line| !line.deleted) {
            let amount = accepted(line.inventory_id);
            if amount == line.amount {
                continue;
            }
            line.deleted = !amount.is_positive();
            line.amount = if line.deleted { line.amount } else { amount };
            line.transaction_id = 0;
        }
        let nothing = invoice.live_lines().next().is_none();
        invoice.accepted = !nothing;
        if nothing && !invoice.settled().is_positive() {
            void(invoice);
        }
        if invoice.total() < invoice.settled() && self.profile().on("finding.overpaid_invoice") {
            self.note("BILL-40");
        }
        held.facts.manifest = None;
        held.facts.shipped = false;
        self.save(&mut held)
    }
}
