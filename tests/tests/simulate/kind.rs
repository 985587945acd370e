//! The kinds of records, and what a record is called.

use serde_json::Value;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    GrowRoom,
    InventoryRoom,
    Inventory,
    Adjustment,
    Employee,
    Vehicle,
    User,
    Plant,
    Additive,
    Batch,
    Cut,
    CutYield,
    Cure,
    CureYield,
    Sample,
    /// What a lot or conversion was made of; no route lists it.
    Conversion,
}

/// How a kind is published.
struct Face {
    /// Where it is listed, and below it shown.
    path: &'static str,
    entity: &'static str,
    id: &'static str,
    /// Its name in `GET /v1/sync`.
    sync: Option<&'static str>,
    shown: bool,
}

impl Kind {
    #[rustfmt::skip]
    pub(crate) const ALL: &[Self] = &[
        Self::GrowRoom, Self::InventoryRoom, Self::Inventory, Self::Adjustment, Self::Employee,
        Self::Vehicle, Self::User, Self::Plant, Self::Additive, Self::Batch, Self::Cut,
        Self::CutYield, Self::Cure, Self::CureYield, Self::Sample,
    ];

    #[rustfmt::skip]
    fn face(self) -> Face {
        let face = |path, entity, id, sync, shown| Face { path, entity, id, sync, shown };
        match self {
            Self::GrowRoom => face("/v1/plant/room", "GrowRoom", "ID", Some("GrowRoom"), true),
            Self::InventoryRoom => face("/v1/inventory/room", "InventoryRoom", "ID", Some("InventoryRoom"), true),
            Self::Inventory => face("/v1/inventory", "Inventory", "ID", Some("Inventory"), true),
            Self::Adjustment => face("/v1/inventory/adjustment", "InventoryAdjustment", "ID", Some("InventoryAdjustment"), true),
            Self::Employee => face("/v1/employee", "Employee", "ID", Some("Employee"), true),
            Self::Vehicle => face("/v1/vehicle", "Vehicle", "ID", Some("Vehicle"), true),
            Self::User => face("/v1/user", "User", "ID", Some("User"), true),
            Self::Plant => face("/v1/plant", "Plant", "ID", Some("Plant"), true),
            Self::Additive => face("/v1/plant/additive", "PlantAdditive", "ID", None, false),
            Self::Batch => face("/v1/harvest-batch", "HarvestBatch", "HarvestBatchID", Some("HarvestBatch"), true),
            Self::Cut => face("/v1/harvest-batch/harvest", "Harvest", "HarvestID", Some("PlantHarvest"), true),
            Self::CutYield => face("/v1/harvest-batch/harvest/derivative", "HarvestDerivative", "ID", Some("HarvestDerivative"), false),
            Self::Cure => face("/v1/harvest-batch/cure", "PlantCure", "CureID", Some("PlantCure"), true),
            Self::CureYield => face("/v1/harvest-batch/cure/derivative", "CureDerivative", "ID", Some("CureDerivative"), false),
            Self::Sample => face("/v1/inventory/lab/sample", "LabSample", "ID", Some("LabSample"), true),
            Self::Conversion => face("/v1/inventory/conversion", "InventoryConversion", "ID", None, false),
        }
    }

    pub(crate) fn path(self) -> &'static str {
        self.face().path
    }

    /// The entity's published name.
    pub(crate) fn entity(self) -> &'static str {
        self.face().entity
    }

    /// The field that holds its identifier or number.
    pub(crate) fn id(self) -> &'static str {
        self.face().id
    }

    pub(crate) fn sync(self) -> Option<&'static str> {
        self.face().sync
    }

    /// Whether one record is shown below the list.
    pub(crate) fn shown(self) -> bool {
        self.face().shown
    }

    /// Whether a new record is minted an identifier; the others are numbered.
    pub(crate) fn minted(self) -> bool {
        match self {
            Self::Inventory
            | Self::Plant
            | Self::Batch
            | Self::Cut
            | Self::CutYield
            | Self::Cure
            | Self::CureYield => true,
            Self::GrowRoom
            | Self::InventoryRoom
            | Self::Adjustment
            | Self::Employee
            | Self::Vehicle
            | Self::User
            | Self::Additive
            | Self::Sample
            | Self::Conversion => false,
        }
    }

    /// The kind that stands under a key of a reply.
    pub(crate) fn under(name: &str, row: &Value) -> Option<Self> {
        match name {
            "SourceInventory" | "inventory" | "Flower" | "OtherMaterial" | "Waste"
            | "WetFlower" => Some(Self::Inventory),
            "Derivative" | "Item" if row["InventoryParentID"].is_array() => Some(Self::Inventory),
            "Derivative" if row["HarvestID"].is_string() => Some(Self::CutYield),
            "Derivative" => Some(Self::CureYield),
            "LabSampleInventory" | "Parent" => Some(Self::Inventory),
            "Sample" => Some(Self::Sample),
            "InventoryConversion" => Some(Self::Conversion),
            _ => Self::ALL.iter().copied().find(|kind| kind.entity() == name),
        }
    }
}

/// A row's name. Goods that change hands have a row at each site, so the site is part of it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) site: String,
}

impl Key {
    pub(crate) fn of(kind: Kind, wire: &Value) -> Self {
        let id = &wire[kind.id()];
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let site = if kind == Kind::Plant { &wire["Location"] } else { &wire["LocationLicense"] };
        Self { kind, id, site: site.as_str().unwrap_or_default().to_owned() }
    }
}
