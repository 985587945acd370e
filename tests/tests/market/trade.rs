//! Who may ship what to whom, written from table 14.4 of the rulebook.

const PLANTING: &[u64] = &[7, 10, 11, 12];
const CULTIVATION: &[u64] = &[6, 9, 29];
const LOTS: &[u64] = &[13, 14, 38];
const INTERMEDIATE: &[u64] = &[5, 15, 16, 17, 18, 19, 20, 21, 30];
const END: &[u64] = &[22, 23, 24, 25, 26, 28, 31, 32, 34, 35, 36, 37];

const GROWING: &[u64] = &[1, 2, 6, 9, 12];
const PROCESSING: &[u64] = &[3, 4, 6, 9];
const RETAIL: &[u64] = &[6, 7, 8, 9];
const DISTRIBUTOR: u64 = 5;
const NURSERY: u64 = 12;

/// Whether goods of a type go from one license type to another, and whether they must have passed.
pub(crate) fn row(from: u64, to: u64, goods: u64) -> Option<bool> {
    let is = |group: &[u64]| group.contains(&goods);
    let early = is(CULTIVATION) || is(LOTS);
    match from {
        NURSERY if GROWING.contains(&to) && is(PLANTING) => Some(false),
        1 | 2 | 6 | 9 if GROWING.contains(&to) && is(PLANTING) => Some(false),
        1 | 2 if PROCESSING.contains(&to) && early => Some(false),
        3 | 4 if PROCESSING.contains(&to) && (is(LOTS) || is(INTERMEDIATE)) => Some(false),
        3 | 4 if (PROCESSING.contains(&to) || to == DISTRIBUTOR) && is(END) => Some(true),
        6 | 9 if PROCESSING.contains(&to) && (early || is(INTERMEDIATE)) => Some(false),
        6 | 9
            if (PROCESSING.contains(&to) || RETAIL.contains(&to) || to == DISTRIBUTOR)
                && is(END) =>
        {
            Some(true)
        }
        DISTRIBUTOR if (RETAIL.contains(&to) || to == DISTRIBUTOR) && is(END) => Some(true),
        _ => None,
    }
}

/// Whether an item type is sold to consumers.
pub(crate) fn is_end(goods: u64) -> bool {
    END.contains(&goods)
}

/// Whether a license type sells to consumers.
pub(crate) fn sells(kind: u64) -> bool {
    RETAIL.contains(&kind)
}

/// What a license type may plausibly buy on paper.
pub(crate) fn bought(kind: u64) -> &'static [u64] {
    match kind {
        1 | 2 => &[13, 6, 10],
        NURSERY => &[10],
        3 | 4 => &[13, 28, 22, 17],
        DISTRIBUTOR => &[28, 22, 24],
        6 => &[13, 28, 10],
        9 => &[28, 13, 35],
        _ => &[28, 22],
    }
}
