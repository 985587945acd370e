//! Who somebody is, by name and password: the one place that asks (ACCT-32).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    access::{Party, Person},
    software::Integrator,
    txn::Txn,
};
use crate::{
    fault::Fault,
    model::Moment,
    password,
    refusal::{refuse, require},
};

/// A name that was tried too often rests so long, in seconds.
const REST: i64 = 15 * 60;
/// With more names than these, those whose rest is over are forgotten.
const NAMES_MAX: usize = 1_000;

/// Counts failed sign-ins, where the sandbox was told to. It forgets when the process ends.
#[derive(Debug, Default)]
pub struct Lockout {
    /// So many failures close a name; none counts nothing.
    tries: Option<u32>,
    failed: Mutex<BTreeMap<String, (u32, Moment)>>,
}

impl Lockout {
    pub fn after(tries: Option<u32>) -> Self {
        Self { tries, ..Self::default() }
    }

    /// Whether a name may try, and its password fits. One answer for both.
    fn admits(&self, name: &str, now: Moment, fits: impl FnOnce() -> bool) -> bool {
        // Asked in any case, so that the time of an answer tells nobody that a name rests.
        let fits = fits();
        let Some(tries) = self.tries else { return fits };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= NAMES_MAX {
            failed.retain(|_, (_, at)| at.plus_seconds(REST) > now);
        }
        let known = failed.get(name).filter(|(_, at)| at.plus_seconds(REST) > now);
        match known.map_or(0, |(count, _)| *count) {
            // Trying on does not make the rest longer.
            count if count >= tries => false,
            _ if fits => {
                failed.remove(name);
                true
            }
            count => {
                failed.insert(name.to_owned(), (count.saturating_add(1), now));
                false
            }
        }
    }
}

impl Txn<'_, '_, '_> {
    /// The active person of a party with this name and password (ACCT-32).
    pub fn sign_in(
        &self,
        party: &Party,
        username: &str,
        password: &str,
    ) -> Result<Arc<Person>, Fault> {
        let person = self.around.access.person_named(party, username);
        let person = person.filter(|person| person.active);
        let hash = person.map(|person| person.password_hash.as_str());
        let (Party::Company(of) | Party::Lab(of)) = party;
        self.admit(&format!("{of}/{}", username.to_lowercase()), hash, password)?;
        Ok(person.cloned().ok_or_else(|| refuse("ACCT-32"))?)
    }

    /// The integrator with this e-mail address and password.
    pub fn sign_in_integrator(&self, email: &str, password: &str) -> Result<Integrator, Fault> {
        let key = Integrator::key(email);
        let integrator: Option<Integrator> = self.state(&key)?;
        let hash = integrator.as_ref().map(|it| it.password_hash.as_str());
        self.admit(&key, hash, password)?;
        Ok(integrator.ok_or_else(|| refuse("ACCT-32"))?)
    }

    fn admit(&self, name: &str, hash: Option<&str>, password: &str) -> Result<(), Fault> {
        let fits = || password::verify(hash, password);
        let admitted = self.around.lockout.admits(name, self.now, fits);
        Ok(require(admitted, || refuse("ACCT-32"))?)
    }

    /// What is kept of a password or a client's secret.
    pub fn password_hash(&self, owner: &str, password: &str) -> String {
        let memory = u32::try_from(self.profile().number("password.memory_kib"));
        password::hash(self.around.secret, memory.unwrap_or(u32::MAX), owner, password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_second(second).unwrap()
    }

    #[test]
    fn a_name_that_failed_too_often_rests_for_a_quarter_of_an_hour() {
        let lockout = Lockout::after(Some(2));
        assert!(!lockout.admits("a", at(0), || false));
        assert!(!lockout.admits("a", at(1), || false));
        assert!(!lockout.admits("a", at(2), || true));
        assert!(lockout.admits("b", at(2), || true));
        assert!(lockout.admits("a", at(2 + REST), || true));
    }

    #[test]
    fn a_success_forgets_the_failures_before_it() {
        let lockout = Lockout::after(Some(2));
        assert!(!lockout.admits("a", at(0), || false));
        assert!(lockout.admits("a", at(0), || true));
        assert!(!lockout.admits("a", at(0), || false));
        assert!(lockout.admits("a", at(0), || true));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let lockout = Lockout::after(None);
        assert!((0..100).all(|_| !lockout.admits("a", at(0), || false)));
        assert!(lockout.admits("a", at(0), || true));
    }
}
