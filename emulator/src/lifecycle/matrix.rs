//! What may become what: cultivation → lot → intermediate → end product, one way only (rulebook 10.5).

use serde_json::Value;

use super::item_type::ItemType;

/// Whether a lot of one type may be made of items of another.
pub fn may_lot(from: u32, to: u32) -> bool {
    pairs("lot").any(|pair| is(pair, from, to))
}

/// The lot that items of a type give where none is named (LOT-05).
pub fn lot_of(from: u32) -> Option<u32> {
    let pair = pairs("lot").find(|pair| pair["From"] == from)?;
    pair["To"].as_u64().and_then(|id| u32::try_from(id).ok())
}

/// Whether an item of one type may be converted into another. Rework takes a failed product back (LOT-63).
pub fn may_convert(from: u32, to: u32, rework: bool) -> bool {
    let open = |pair: &Value| is(pair, from, to) && (rework || pair["Rework"] == false);
    pairs("conversion").any(open)
}

/// Pairs that the older systems refused (LOT-48).
pub fn was_refused(from: u32, to: u32) -> bool {
    tagtrail_schemas::catalogue("conversion_refusals").iter().any(|pair| is(pair, from, to))
}

/// An intermediate or end product as a lot or a cultivation type (LOT-51).
pub fn goes_back(from: ItemType, to: ItemType) -> bool {
    let made = from.is("IntermediateStage") || from.is("FinalStage");
    made && ["cultivation", "lot"].contains(&to.stage())
}

fn pairs(call: &'static str) -> impl Iterator<Item = &'static Value> {
    tagtrail_schemas::catalogue("conversions").iter().filter(move |pair| pair["Call"] == call)
}

fn is(pair: &Value, from: u32, to: u32) -> bool {
    pair["From"] == from && pair["To"] == to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_back_but_a_failed_product() {
        assert!(may_convert(13, 31, false));
        assert!(!may_convert(31, 17, false));
        assert!(may_convert(31, 17, true));
        assert!(!may_convert(17, 13, true));
        assert_eq!((lot_of(6), lot_of(9), lot_of(13)), (Some(13), Some(14), None));
    }
}
