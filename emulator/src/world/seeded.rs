//! Stores that were seeded once and are kept, so that further worlds of their kind are copies of them.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Origin, Start, seed};
use crate::{fault::Fault, store::Store};

/// A suite uses few kinds of world by turns.
const STORES_MAX: usize = 4;

/// The stores that were used last, the latest at the end. Nobody writes to them.
#[derive(Default)]
pub struct SeededStores(Mutex<Vec<Arc<Slot>>>);

struct Slot {
    origin: Origin,
    /// Filled by the first who asks; others who want the same wait for that, and nobody else does.
    store: Mutex<Option<Store>>,
}

impl SeededStores {
    /// What a world of this origin is filled with. Nothing if that depends on when it is made.
    pub fn store(&self, origin: &Origin) -> Result<Option<Store>, Fault> {
        let Some(origin) = standing(origin) else { return Ok(None) };
        let slot = self.slot(origin);
        let mut kept = slot.store.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            let store = Store::memory()?;
            seed::fill(&store, &slot.origin)?;
            *kept = Some(store);
        }
        Ok(kept.clone())
    }

    fn slot(&self, origin: Origin) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = match slots.iter().position(|slot| slot.origin == origin) {
            Some(at) => slots.remove(at),
            None => Arc::new(Slot { origin, store: Mutex::default() }),
        };
        slots.push(Arc::clone(&slot));
        if slots.len() > STORES_MAX {
            slots.remove(0);
        }
        slot
    }
}

/// The same origin with a clock that stands still where it begins. Seeding reads the clock at that
/// moment alone, so what it writes is the same but for the clock and the origin themselves.
fn standing(origin: &Origin) -> Option<Origin> {
    match origin.start {
        Start::Real => None,
        Start::Running(at) | Start::Frozen(at) => {
            Some(Origin { start: Start::Frozen(at), ..origin.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        model::Moment,
        store::Table,
        world::{CLOCK, World, built_in},
    };

    fn origin(seed: u64) -> Origin {
        Origin {
            seed,
            name: "default".to_owned(),
            profile: "ny-2025-07".to_owned(),
            start: Start::Frozen(Moment::parse("2025-07-28T13:00:00Z").unwrap()),
            empty: false,
            people: built_in("default"),
            lockout: None,
        }
    }

    /// Everything that lies in a world's store, but for one state.
    fn entries(world: &World, without: &str) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        for table in [Table::Records, Table::Index, Table::Links, Table::State] {
            let entries = world.core().snapshot().all(table).unwrap().map(Result::unwrap);
            found.extend(entries.map(|(key, value)| (table, key, value)));
        }
        found.retain(|(_, key, _)| key != without.as_bytes());
        found
    }

    fn copy(stores: &SeededStores, origin: &Origin) -> World {
        let seeded = stores.store(origin).unwrap().unwrap();
        World::of_seeded(Store::memory().unwrap(), &seeded, origin.clone()).unwrap()
    }

    fn anew(origin: &Origin) -> World {
        World::in_store(Store::memory().unwrap(), origin.clone()).unwrap()
    }

    #[test]
    fn a_copy_has_the_very_bytes_of_a_world_that_was_seeded_anew() {
        let stores = SeededStores::default();
        let other = Origin { profile: "family-72h".to_owned(), ..origin(8) };
        let empty = Origin { empty: true, ..origin(1) };
        for origin in [origin(1), other, empty, origin(1)] {
            let fresh = anew(&origin);
            let copy = copy(&stores, &origin);
            assert!(entries(&copy, "") == entries(&fresh, ""), "{origin:?}");
            assert_eq!(copy.core().clock(), fresh.core().clock());
            assert_eq!(copy.core().origin, fresh.core().origin);
        }
    }

    #[test]
    fn a_copy_with_a_running_clock_differs_by_nothing_but_its_clock() {
        let stores = SeededStores::default();
        let start = origin(1).start.clock().now();
        let running = Origin { start: Start::Running(start), ..origin(1) };
        copy(&stores, &origin(1));
        let (fresh, copy) = (anew(&running), copy(&stores, &running));
        assert!(entries(&copy, CLOCK) == entries(&fresh, CLOCK));
        assert!(matches!(copy.core().clock(), Clock::Real { .. }));
        assert!(copy.core().now() >= start);
        assert_eq!(stores.0.lock().unwrap().len(), 1, "both begin at the same moment");
    }

    #[test]
    fn a_world_whose_records_bear_the_time_of_day_is_not_kept() {
        let stores = SeededStores::default();
        let real = Origin { start: Start::Real, ..origin(1) };
        assert!(stores.store(&real).unwrap().is_none());
    }

    #[test]
    fn the_store_that_was_not_used_for_longest_is_let_go() {
        let stores = SeededStores::default();
        let empty = |seed| Origin { empty: true, ..origin(seed) };
        for seed in [1, 2, 3, 4, 1, 5] {
            stores.store(&empty(seed)).unwrap();
        }
        let slots = stores.0.lock().unwrap();
        let kept: Vec<u64> = slots.iter().map(|slot| slot.origin.seed).collect();
        assert_eq!(kept, [3, 4, 1, 5]);
    }
}
