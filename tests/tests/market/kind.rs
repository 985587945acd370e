//! The kinds of records that the market is about.

use serde_json::Value;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Inventory,
    Adjustment,
    Sample,
    Invoice,
    Manifest,
    Transfer,
    Sale,
}

impl Kind {
    pub(crate) const ALL: &[Self] = &[
        Self::Inventory,
        Self::Adjustment,
        Self::Sample,
        Self::Invoice,
        Self::Manifest,
        Self::Transfer,
        Self::Sale,
    ];

    /// Where a licensee lists them.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Inventory => "/v1/inventory",
            Self::Adjustment => "/v1/inventory/adjustment",
            Self::Sample => "/v1/inventory/lab/sample",
            Self::Invoice => "/v1/invoice",
            Self::Manifest => "/v1/manifest",
            Self::Transfer => "/v1/inventory/transfer",
            Self::Sale => "/v1/sale",
        }
    }

    /// Their name in `GET /v1/sync`.
    pub(crate) fn sync(self) -> &'static str {
        match self {
            Self::Inventory => "Inventory",
            Self::Adjustment => "InventoryAdjustment",
            Self::Sample => "LabSample",
            Self::Invoice => "Invoice",
            Self::Manifest => "Manifest",
            Self::Transfer => "InventoryTransfer",
            Self::Sale => "Sale",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Invoice => "InvoiceID",
            Self::Manifest => "ManifestID",
            Self::Inventory | Self::Adjustment | Self::Sample | Self::Transfer | Self::Sale => "ID",
        }
    }
}

/// A row's name; goods that change hands have a row at each site.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) site: String,
}

impl Key {
    pub(crate) fn new(kind: Kind, id: &str) -> Self {
        Self { kind, id: id.to_owned(), site: String::new() }
    }

    pub(crate) fn item(id: &str, site: &str) -> Self {
        Self { kind: Kind::Inventory, id: id.to_owned(), site: site.to_owned() }
    }

    pub(crate) fn of(kind: Kind, wire: &Value) -> Self {
        let id = text(&wire[kind.id()]);
        let site =
            if kind == Kind::Inventory { text(&wire["LocationLicense"]) } else { String::new() };
        Self { kind, id, site }
    }
}

/// An identifier, whether it is shown as text or as a number.
pub(crate) fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The elements of a list, none of anything else.
pub(crate) fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
