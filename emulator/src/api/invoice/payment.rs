//! Payments: the buyer records what it paid, the seller decides, once (rulebook 12.3).

use serde::Deserialize;

use crate::{
    api::{Action, site::Right},
    fault::Fault,
    lifecycle::{
        invoice::{self, Verb as Billing},
        payment::{self, Verb},
    },
    model::{Invoice, InvoicePayment, Quantity},
    refusal::{refuse, require},
    world::{
        counters::Piece,
        txn::{Held, Txn},
    },
};

/// `POST /v1/invoice/{id}/payment`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordPayment {
    #[serde(rename = "id")]
    id: String,
    amount: Quantity,
}

impl Action for RecordPayment {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.invoice_in_path(&self.id)?;
        as_buyer(txn, &held.wire)?;
        invoice::permit(&held.wire, &held.facts, Billing::Pay)?;
        check_amount(txn, &held.wire, Quantity::ZERO, self.amount)?;
        let person = txn.person()?.id;
        let id = txn.counters.next_piece(Piece::InvoicePayment);
        held.wire.payment.push(InvoicePayment {
            accepted: false,
            accepted_location_id: String::new(),
            accepted_on: None,
            amount: self.amount,
            buyer_location_license: held.wire.buyer_location_license.clone(),
            buyer_user_id: person,
            created_on: Some(txn.now),
            deleted: false,
            id,
            invoice_id: held.wire.invoice_id,
            rejected: false,
            rejected_location_license: String::new(),
            rejected_on: None,
            rejected_reason: String::new(),
            transaction_id: 0,
            updated_on: None,
        });
        answer(txn, held, id)
    }
}

/// The invoice and the payment that a path names.
#[derive(Deserialize)]
struct Named {
    id: String,
    paymentid: String,
}

impl Named {
    /// The invoice, and where on it the payment stands (BILL-01, BILL-51).
    fn find(&self, txn: &Txn<'_, '_, '_>) -> Result<(Held<Invoice>, usize), Fault> {
        let held = txn.invoice_in_path(&self.id)?;
        let number: Option<u64> = self.paymentid.parse().ok();
        let place = held.wire.payment.iter().position(|payment| Some(payment.id) == number);
        let unknown = || refuse("BILL-51").with("id", &self.paymentid).in_path();
        Ok((held, place.ok_or_else(unknown)?))
    }

    /// What the buyer does with its payment while nobody answered.
    fn by_buyer(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        verb: Verb,
    ) -> Result<(Held<Invoice>, usize), Fault> {
        let (held, place) = self.find(txn)?;
        as_buyer(txn, &held.wire)?;
        payment::permit(&held.wire.payment[place], verb)?;
        Ok((held, place))
    }

    /// What the seller decides.
    fn by_seller(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        verb: Verb,
    ) -> Result<(Held<Invoice>, usize), Fault> {
        let (held, place) = self.find(txn)?;
        let seller = txn.own_site(&held.wire.location_license)?;
        let seller = seller.ok_or_else(|| refuse("BILL-59"))?;
        txn.require_right(&seller, Right::Trade)?;
        payment::permit(&held.wire.payment[place], verb)?;
        invoice::permit(&held.wire, &held.facts, Billing::Pay)?;
        let wait = txn.profile().days("finding.undecided_payment_days");
        let made = held.wire.payment[place].created_on;
        if made.is_some_and(|made| made.plus_seconds(wait) < txn.now) {
            // A payment is decided within a month (TIME-40).
            txn.note("TIME-40");
        }
        Ok((held, place))
    }
}

/// `PUT /v1/invoice/{id}/payment/{paymentid}`: corrects what nobody answered.
#[derive(Deserialize)]
pub struct ChangePayment {
    id: String,
    paymentid: String,
    #[serde(rename = "Amount")]
    amount: Quantity,
}

impl Action for ChangePayment {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let named = Named { id: self.id, paymentid: self.paymentid };
        let (mut held, place) = named.by_buyer(txn, Verb::Change)?;
        invoice::permit(&held.wire, &held.facts, Billing::Pay)?;
        check_amount(txn, &held.wire, held.wire.payment[place].amount, self.amount)?;
        held.wire.payment[place].amount = self.amount;
        changed(txn, held, place)
    }
}

/// `DELETE /v1/invoice/{id}/payment/{paymentid}`: withdraws what nobody answered.
#[derive(Deserialize)]
pub struct WithdrawPayment(Named);

impl Action for WithdrawPayment {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, place) = self.0.by_buyer(txn, Verb::Withdraw)?;
        held.wire.payment[place].deleted = true;
        changed(txn, held, place)
    }
}

/// `PUT /v1/invoice/{id}/payment/{paymentid}/accept`
#[derive(Deserialize)]
pub struct AcceptPayment(Named);

impl Action for AcceptPayment {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, place) = self.0.by_seller(txn, Verb::Accept)?;
        let seller = held.wire.location_license.clone();
        let payment = &mut held.wire.payment[place];
        payment.accepted = true;
        payment.accepted_on = Some(txn.now);
        payment.accepted_location_id = seller;
        changed(txn, held, place)
    }
}

/// `PUT /v1/invoice/{id}/payment/{paymentid}/reject`: disputes a payment.
#[derive(Deserialize)]
pub struct RejectPayment {
    id: String,
    paymentid: String,
    #[serde(rename = "RejectedReason")]
    reason: String,
}

impl Action for RejectPayment {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let named = Named { id: self.id, paymentid: self.paymentid };
        let (mut held, place) = named.by_seller(txn, Verb::Reject)?;
        let seller = held.wire.location_license.clone();
        let payment = &mut held.wire.payment[place];
        payment.rejected = true;
        payment.rejected_on = Some(txn.now);
        payment.rejected_location_license = seller;
        payment.rejected_reason = self.reason;
        changed(txn, held, place)
    }
}

/// The buyer pays, nobody else (BILL-50).
fn as_buyer(txn: &Txn<'_, '_, '_>, invoice: &Invoice) -> Result<(), Fault> {
    let buyer = txn.own_site(&invoice.buyer_location_license)?;
    let buyer = buyer.ok_or_else(|| refuse("BILL-50"))?;
    Ok(txn.require_right(&buyer, Right::Trade)?)
}

/// Whole cents above zero, and no more than is open beside what stands already (BILL-52, BILL-53).
fn check_amount(
    txn: &Txn<'_, '_, '_>,
    invoice: &Invoice,
    before: Quantity,
    amount: Quantity,
) -> Result<(), Fault> {
    require(amount.is_positive() && amount == amount.to_cents(), || refuse("BILL-52"))?;
    let paid = invoice.paid() - before + amount;
    let fits = paid <= invoice.total() || txn.profile().on("payment.allow_overpay");
    Ok(require(fits, || refuse("BILL-53").with("n", invoice.invoice_id))?)
}

fn changed(txn: &mut Txn<'_, '_, '_>, mut held: Held<Invoice>, place: usize) -> Result<(), Fault> {
    held.wire.payment[place].transaction_id = 0;
    let id = held.wire.payment[place].id;
    answer(txn, held, id)
}

/// Stores the invoice, whose number moves with its payment (BILL-63); the reply shows the payment alone.
fn answer(txn: &mut Txn<'_, '_, '_>, mut held: Held<Invoice>, id: u64) -> Result<(), Fault> {
    txn.save(&mut held)?;
    let payment = held.wire.payment.iter().find(|payment| payment.id == id);
    txn.say("InvoicePayment", &payment)
}
