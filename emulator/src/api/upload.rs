//! What both initial uploads have in common: the window, and rows that succeed or fail by themselves
//! (rulebook 17).

use std::{collections::BTreeSet, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    fault::Fault,
    model::{Barcode, Key, Kind, Plant},
    refusal::{Refusal, refuse, require},
    world::{
        access::{Site, hex},
        txn::Txn,
    },
};

/// Under which name decoding leaves the refusal of a row; no published field begins in lower case.
pub const ROW_REFUSAL: &str = "refused";

/// The identifiers that rows of this call have taken.
pub type Taken = BTreeSet<Barcode>;

/// What a row's answer says.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RowAnswer {
    error_code: &'static str,
    error_data: Vec<String>,
    item_index: usize,
    message: String,
    #[serde(rename = "ProviderBarcodeID")]
    provider_barcode_id: String,
    success: bool,
    #[serde(rename = "TraceabilityBarcodeID")]
    traceability_barcode_id: String,
    #[serde(rename = "TransactionID")]
    transaction_id: u64,
}

/// A row's error code and the fields it is about, by the rule that refused it.
pub type Codes = fn(&str) -> (&'static str, &'static [&'static str]);

/// The site that enters its stock: an upload refuses the call, not its rows (INIT-04).
pub fn joining(txn: &Txn<'_, '_, '_>, license: &str) -> Result<Arc<Site>, Refusal> {
    txn.acting_for(license).map_err(|refusal| match refusal.rule {
        "LIC-10" | "LIC-11" => refuse("INIT-04"),
        _ => refusal,
    })
}

/// Enters row by row, in their order; each succeeds or fails by itself (INIT-07).
pub fn enter_rows<R: DeserializeOwned>(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    data: Vec<Value>,
    codes: Codes,
    mut enter: impl FnMut(&mut Txn<'_, '_, '_>, R, &mut Taken) -> Result<Barcode, Fault>,
) -> Result<(), Fault> {
    check_window(txn, site)?;
    let sent = Value::from(data.clone()).to_string();
    let mut taken = Taken::new();
    let mut answers = Vec::new();
    for (index, row) in data.into_iter().enumerate() {
        let id = row["ProviderBarcodeID"].as_str().unwrap_or_default().to_owned();
        let entered = match refused(&row) {
            Some(refusal) => Err(refusal.into()),
            None => {
                let row = serde_json::from_value(row)
                    .map_err(|error| Fault::Broken(format!("a row does not fit: {error}")))?;
                enter(txn, row, &mut taken)
            }
        };
        answers.push(answer(txn, index, id, entered, codes)?);
    }
    let unnamed = |it: &RowAnswer| it.success && it.provider_barcode_id.is_empty();
    if answers.iter().any(unnamed) {
        note_repetition(txn, site, &sent)?;
    }
    let failures = answers.iter().filter(|answer| !answer.success).count();
    let extras = &mut txn.done.extras;
    extras.insert("Data".to_owned(), serde_json::to_value(answers).unwrap_or_default());
    extras.insert("errorCount".to_owned(), json!(failures));
    Ok(())
}

/// What decoding found wrong with the values of a row; it fails by itself, not the call.
fn refused(row: &Value) -> Option<Refusal> {
    let said = row[ROW_REFUSAL].as_array()?;
    let rule = tagtrail_schemas::rule(said.first()?.as_str()?)?;
    let facts = [("Field", said.get(1)?), ("n", said.get(2)?)];
    Some(facts.into_iter().fold(refuse(&rule.id), |refusal, (name, value)| {
        refusal.with(name, value.as_str().unwrap_or_default())
    }))
}

/// The identifier that a row sent, where it is free in the whole state and no row before it took it
/// (INIT-10 to INIT-12).
pub fn kept(
    txn: &mut Txn<'_, '_, '_>,
    sent: Option<Barcode>,
    taken: &Taken,
) -> Result<Option<Barcode>, Fault> {
    let Some(id) = sent else { return Ok(None) };
    if taken.contains(&id) {
        txn.note("INIT-12");
        return Ok(None);
    }
    Ok(txn.is_free(id)?.then_some(id))
}

/// Gives a row the identifier that it keeps, or a new one, and uses its tag.
pub fn issue(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    kept: Option<Barcode>,
    taken: &mut Taken,
) -> Result<Barcode, Fault> {
    require(kept.is_some() || txn.profile().is("init.bad_id", "mint"), || refuse("INIT-11"))?;
    if txn.profile().on("init.uses_tags") {
        txn.use_row_tag(site)?;
    }
    let id = match kept {
        Some(id) => {
            txn.claim(id);
            id
        }
        None => txn.mint()?,
    };
    taken.insert(id);
    Ok(id)
}

/// Open for some days from the day on which the license became integrated; where no days are named, it
/// never closes (INIT-05).
fn check_window(txn: &Txn<'_, '_, '_>, site: &Site) -> Result<(), Refusal> {
    let end = txn.open_until(site, "init.window_days");
    require(end.is_none_or(|end| txn.now <= end), || refuse("INIT-05"))
}

/// Rows without an identifier that are sent again are entered again; the tester is told (INIT-09).
fn note_repetition(txn: &mut Txn<'_, '_, '_>, site: &Site, data: &str) -> Result<(), Fault> {
    let key = format!("uploaded/{}/{}", site.license, hex(&Sha256::digest(data)));
    if txn.state::<bool>(&key)?.is_some() {
        txn.soften("init.repeat", refuse("INIT-09"))?;
    }
    txn.set_state(&key, &true)
}

fn answer(
    txn: &mut Txn<'_, '_, '_>,
    item_index: usize,
    sent: String,
    entered: Result<Barcode, Fault>,
    codes: Codes,
) -> Result<RowAnswer, Fault> {
    let mut answer = RowAnswer {
        error_code: "",
        error_data: Vec::new(),
        item_index,
        message: String::new(),
        provider_barcode_id: sent,
        success: true,
        traceability_barcode_id: String::new(),
        transaction_id: 0,
    };
    match entered {
        Ok(id) => {
            answer.traceability_barcode_id = id.to_string();
            answer.transaction_id = txn.transaction();
            if answer.traceability_barcode_id != answer.provider_barcode_id {
                answer.message = refuse("INIT-11").sentence();
                txn.note("INIT-11");
            }
        }
        Err(Fault::Refused(refusal)) => {
            let (code, fields) = codes(refusal.rule);
            answer.error_code = code;
            let named = refusal.facts().iter().find(|(name, _)| *name == "Field");
            answer.error_data = match named {
                Some((_, field)) => vec![field.clone()],
                None => fields.iter().map(|field| (*field).to_owned()).collect(),
            };
            answer.message = refusal.sentence();
            answer.success = false;
            txn.note(refusal.rule);
        }
        Err(broken) => return Err(broken),
    }
    Ok(answer)
}

/// The same site does not enter the same identifier twice (INIT-22); within one call the second row
/// gets a new one instead (INIT-12).
pub fn refuse_repeated(
    txn: &Txn<'_, '_, '_>,
    site: &Site,
    sent: Option<Barcode>,
    taken: &Taken,
) -> Result<(), Fault> {
    let Some(id) = sent.filter(|id| !taken.contains(id)) else { return Ok(()) };
    let items = txn.custody(id)?;
    let own = items.iter().any(|held| held.facts.uploaded_by.as_ref() == Some(&site.license));
    let plant = txn.find::<Plant>(Key::new(Kind::Plant, txn.number_of(id)))?;
    let grown = plant.is_some_and(|it| it.facts.uploaded && it.scopes.contains(&site.scope()));
    Ok(require(!own && !grown, || refuse("INIT-22").with("id", id))?)
}
