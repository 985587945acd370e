//! Tax periods, and what they close.

use crate::{
    fault::Fault,
    model::Moment,
    refusal::{refuse, require},
    world::txn::Txn,
};

impl Txn<'_, '_, '_> {
    /// Nothing of a closed tax period is changed, in states that close them (BILL-32, SALE-38).
    pub fn not_locked(&self, made: Option<Moment>, rule: &'static str) -> Result<(), Fault> {
        if self.profile().is("tax.locked_periods", "none") {
            return Ok(());
        }
        let period = |at: Moment| self.day_of(at).month();
        let open = made.is_none_or(|made| {
            let ((year, month), (now_year, now_month)) = (period(made), period(self.now));
            (now_year - year) * 12 + now_month - month < 2
        });
        let (year, month) = made.map(period).unwrap_or_default();
        Ok(require(open, || refuse(rule).with("m/yyyy", format!("{month}/{year}")))?)
    }
}
