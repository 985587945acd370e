//! A record as it lies on disk: the bytes that the wire shows, then what only the world knows.

use super::key::link_prefix;
use crate::model::{Key, Link, Scope, Stamp};

/// A record with its place in the lists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The JSON that the wire shows, spliced into replies as it is.
    pub wire: Vec<u8>,
    /// In whose lists the record stands.
    pub scopes: Vec<Scope>,
    /// What the record belongs to.
    pub links: Vec<Link>,
    pub stamp: Stamp,
    /// What the world keeps beside the published fields, as JSON.
    pub facts: Vec<u8>,
}

impl Row {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.wire.len() + self.facts.len() + 64);
        let wire_len = u32::try_from(self.wire.len()).unwrap_or(u32::MAX);
        bytes.extend(wire_len.to_le_bytes());
        bytes.extend(&self.wire);
        bytes.extend(count_of(&self.scopes));
        for scope in &self.scopes {
            bytes.extend(scope.code().to_le_bytes());
        }
        bytes.extend(count_of(&self.links));
        for link in &self.links {
            bytes.extend(link_prefix(*link));
        }
        bytes.extend(self.stamp.transaction.to_le_bytes());
        bytes.extend(self.stamp.place.to_le_bytes());
        bytes.extend(&self.facts);
        bytes
    }

    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (wire, mut rest) = split_wire(bytes)?;
        let scopes = scopes(&mut rest)?;
        let mut links = Vec::new();
        for _ in 0..u16::from_le_bytes(take::<2>(&mut rest)?) {
            let link = take::<9>(&mut rest)?;
            let to = Key::of_bytes(&[&link[..], &[0; 4]].concat())?;
            links.push(Link { to: to.kind, number: to.number });
        }
        let transaction = u64::from_le_bytes(take::<8>(&mut rest)?);
        let place = u32::from_le_bytes(take::<4>(&mut rest)?);
        let stamp = Stamp { transaction, place };
        Some(Self { wire: wire.to_vec(), scopes, links, stamp, facts: rest.to_vec() })
    }
}

/// What a read needs of a stored row, without copying any of it.
pub struct View<'a> {
    pub wire: &'a [u8],
    tail: &'a [u8],
}

impl<'a> View<'a> {
    pub fn of_bytes(bytes: &'a [u8]) -> Option<Self> {
        split_wire(bytes).map(|(wire, tail)| Self { wire, tail })
    }

    pub fn stands_in(&self, visible: impl Fn(Scope) -> bool) -> bool {
        let mut rest = self.tail;
        let count = take::<2>(&mut rest).map(u16::from_le_bytes).unwrap_or_default();
        let codes = rest.chunks_exact(4).take(usize::from(count));
        codes
            .filter_map(|code| code.try_into().ok().map(u32::from_le_bytes))
            .any(|code| visible(Scope::of_code(code)))
    }
}

/// How many follow. A call names 1,000 records at most, so a record never belongs to more than fit.
fn count_of<T>(list: &[T]) -> [u8; 2] {
    debug_assert!(list.len() <= usize::from(u16::MAX), "a row belongs to too much");
    u16::try_from(list.len()).unwrap_or(u16::MAX).to_le_bytes()
}

fn split_wire(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    let wire_len = usize::try_from(u32::from_le_bytes(take::<4>(&mut rest)?)).ok()?;
    rest.split_at_checked(wire_len)
}

fn scopes(rest: &mut &[u8]) -> Option<Vec<Scope>> {
    let count = u16::from_le_bytes(take::<2>(rest)?);
    (0..count).map(|_| take::<4>(rest).map(u32::from_le_bytes).map(Scope::of_code)).collect()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// One stored record with its key.
pub struct Stored {
    pub key: Key,
    pub row: Row,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_row_survives_its_bytes() {
        let row = Row {
            wire: br#"{"ID":1}"#.to_vec(),
            scopes: vec![Scope::Site(3), Scope::Lab(1)],
            links: (0..1_000).map(|number| Link { to: Kind::InventoryRoom, number }).collect(),
            stamp: Stamp { transaction: 77, place: 2 },
            facts: br#"{"hold":true}"#.to_vec(),
        };
        let bytes = row.to_bytes();
        assert_eq!(Row::of_bytes(&bytes), Some(row));
        let view = View::of_bytes(&bytes).unwrap();
        assert_eq!(view.wire, br#"{"ID":1}"#);
        assert!(view.stands_in(|scope| scope == Scope::Lab(1)));
        assert!(!view.stands_in(|scope| scope == Scope::Site(1)));
    }

    #[test]
    fn cut_off_bytes_are_no_row() {
        assert_eq!(Row::of_bytes(&[9, 0, 0, 0, 1]), None);
    }
}
