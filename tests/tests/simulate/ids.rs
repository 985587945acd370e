//! Identifiers by the million.

use tagtrail_emulator::ids::Minter;

/// Nothing is minted twice, however long a world lives (UID-06).
#[test]
fn ten_million_identifiers_are_distinct() {
    let minter = Minter::new(7, "default");
    let mut ids: Vec<u64> = (0..10_000_000).map(|number| minter.mint(number).number()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10_000_000, "{}", "UID-06");
    assert!(ids[0] >= 1_000_000_000_000_000, "an identifier has fewer than sixteen digits");
    assert!(ids[ids.len() - 1] <= 9_999_999_999_999_999);
}
