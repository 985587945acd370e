//! Who may ship what to whom: the transfer rules of rulebook 14.4, as the catalogue has them.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

/// Location types that rules name, by their numbers in the catalogue.
pub const DISTRIBUTOR: u32 = 5;
pub const MICROBUSINESS: u32 = 6;
pub const DELIVERY: u32 = 14;
/// Laboratories have no type of their own on the wire; the transfer rules name them so.
pub const LABORATORY: u32 = 15;
pub const SAMPLING_FIRM: u32 = 16;

/// One published row: one type of goods from one type of license to another.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransferRule {
    deleted: bool,
    destination_is_lab: bool,
    pub destination_location_type: u32,
    #[serde(rename = "ID")]
    pub id: u32,
    pub inventory_type: u32,
    #[serde(rename = "QAPassRequired")]
    pub qa_pass_required: bool,
    #[serde(rename = "RnDSampleAllowed")]
    pub rnd_sample_allowed: bool,
    pub source_location_type: u32,
    #[serde(rename = "TransportLicenseeTypeID")]
    transport_licensee_type_id: u32,
    /// The reverse of a forward row; it serves manifests of type Return only (XFER-81).
    #[serde(skip)]
    pub returns: bool,
}

/// An entry of the catalogue: as many rows as it has types, numbered on from the first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(rename = "ID")]
    id: u32,
    inventory_types: Vec<u32>,
    source_location_type: u32,
    destination_location_type: u32,
    destination_is_lab: bool,
    #[serde(rename = "QAPassRequired")]
    qa_pass_required: bool,
    #[serde(rename = "RnDSampleAllowed")]
    rnd_sample_allowed: bool,
    #[serde(rename = "TransportLicenseeTypeID")]
    transport_licensee_type_id: u32,
    deleted: bool,
    r#return: bool,
}

impl Entry {
    fn rows(self) -> impl Iterator<Item = TransferRule> {
        self.inventory_types.into_iter().zip(self.id..).map(move |(inventory_type, id)| {
            TransferRule {
                deleted: self.deleted,
                destination_is_lab: self.destination_is_lab,
                destination_location_type: self.destination_location_type,
                id,
                inventory_type,
                qa_pass_required: self.qa_pass_required,
                rnd_sample_allowed: self.rnd_sample_allowed,
                source_location_type: self.source_location_type,
                transport_licensee_type_id: self.transport_licensee_type_id,
                returns: self.r#return,
            }
        })
    }
}

/// All rows, forward before return (XFER-24).
pub fn rules() -> &'static [TransferRule] {
    static RULES: OnceLock<Vec<TransferRule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let entries = tagtrail_schemas::catalogue("transfer_rules").iter();
        let entries = entries.map(|entry| {
            Entry::deserialize(entry)
                .unwrap_or_else(|_| unreachable!("the catalogue is of one shape"))
        });
        let mut rows: Vec<_> = entries.flat_map(Entry::rows).collect();
        rows.sort_by_key(|row| (row.returns, row.id));
        rows
    })
}

/// The row for goods of a type between two types of license; the earliest where several fit (XFER-80).
pub fn rule(from: u32, to: u32, goods: u32) -> Option<&'static TransferRule> {
    static BY_ENDS: OnceLock<BTreeMap<(u32, u32, u32), &'static TransferRule>> = OnceLock::new();
    let by_ends = BY_ENDS.get_or_init(|| {
        let live = rules().iter().filter(|row| !row.deleted).rev();
        let ends = |row: &TransferRule| {
            (row.source_location_type, row.destination_location_type, row.inventory_type)
        };
        live.map(|row| (ends(row), row)).collect()
    });
    by_ends.get(&(from, to, goods)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// More of them, and inventory types.
    const CULTIVATOR: u32 = 1;
    const PROCESSOR: u32 = 3;
    const SHOP: u32 = 7;
    const FLOWER_LOT: u32 = 13;
    const GUMMIES: u32 = 22;

    #[test]
    fn every_row_has_a_number_of_its_own() {
        let ids: BTreeSet<u32> = rules().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), rules().len());
    }

    #[test]
    fn goods_go_down_the_chain_and_back_only_as_returns() {
        assert!(rule(CULTIVATOR, PROCESSOR, FLOWER_LOT).is_some_and(|row| !row.returns));
        assert!(rule(PROCESSOR, CULTIVATOR, FLOWER_LOT).is_some_and(|row| row.returns));
        assert!(rule(DISTRIBUTOR, SHOP, GUMMIES).is_some_and(|row| row.qa_pass_required));
        assert!(rule(PROCESSOR, SHOP, GUMMIES).is_none());
        assert!(rule(PROCESSOR, LABORATORY, GUMMIES).is_some_and(|row| row.rnd_sample_allowed));
    }
}
