//! The bytes that the tables are ordered by.

use crate::model::{Key, Kind, Link, Scope, Stamp};

/// The key of a row in a scope's list of one kind.
pub(super) fn index_key(scope: Scope, kind: Kind, stamp: Stamp) -> [u8; 17] {
    let mut bytes = [0; 17];
    bytes[..4].copy_from_slice(&scope.code().to_be_bytes());
    bytes[4] = kind as u8;
    bytes[5..13].copy_from_slice(&stamp.transaction.to_be_bytes());
    bytes[13..].copy_from_slice(&stamp.place.to_be_bytes());
    bytes
}

pub(super) fn stamp_of_index_key(bytes: &[u8]) -> Stamp {
    let transaction = bytes.get(5..13).and_then(|it| it.try_into().ok()).map(u64::from_be_bytes);
    let place = bytes.get(13..17).and_then(|it| it.try_into().ok()).map(u32::from_be_bytes);
    Stamp { transaction: transaction.unwrap_or_default(), place: place.unwrap_or_default() }
}

/// Where everything stands that links to one record.
pub(super) fn link_prefix(link: Link) -> [u8; 9] {
    let mut bytes = [0; 9];
    bytes[0] = link.to as u8;
    bytes[1..].copy_from_slice(&link.number.to_be_bytes());
    bytes
}

/// Where everything of one kind stands that links to one record.
pub(super) fn link_prefix_of(link: Link, kind: Kind) -> [u8; 10] {
    let mut bytes = [kind as u8; 10];
    bytes[..9].copy_from_slice(&link_prefix(link));
    bytes
}

pub(super) fn link_key(link: Link, from: Key) -> Vec<u8> {
    [&link_prefix(link)[..], &from.to_bytes()[..]].concat()
}
