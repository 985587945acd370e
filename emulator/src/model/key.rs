//! How records are named and ordered: kinds, scopes, keys and stamps.

use super::Barcode;

/// What a record is. The number is its place on disk and never changes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Kind {
    User = 1,
    LabUser = 2,
    Vendor = 3,
    Lab = 4,
    Employee = 5,
    Vehicle = 6,
    GrowRoom = 7,
    InventoryRoom = 8,
    Plant = 9,
    PlantAdditive = 10,
    HarvestBatch = 11,
    Harvest = 12,
    HarvestDerivative = 13,
    PlantCure = 14,
    CureDerivative = 15,
    Inventory = 16,
    InventoryAdjustment = 17,
    InventoryIngredient = 18,
    InventoryConversion = 19,
    LabSample = 20,
    Invoice = 21,
    Manifest = 22,
    InventoryTransfer = 23,
    Sale = 24,
}

impl Kind {
    #[rustfmt::skip]
    pub const ALL: &[Self] = &[
        Self::User, Self::LabUser, Self::Vendor, Self::Lab, Self::Employee, Self::Vehicle,
        Self::GrowRoom, Self::InventoryRoom, Self::Plant, Self::PlantAdditive, Self::HarvestBatch,
        Self::Harvest, Self::HarvestDerivative, Self::PlantCure, Self::CureDerivative,
        Self::Inventory, Self::InventoryAdjustment, Self::InventoryIngredient,
        Self::InventoryConversion, Self::LabSample, Self::Invoice, Self::Manifest,
        Self::InventoryTransfer, Self::Sale,
    ];

    /// The entity's published name.
    #[rustfmt::skip]
    pub fn entity(self) -> &'static str {
        match self {
            Self::User => "User", Self::LabUser => "LabUser", Self::Vendor => "Vendor", Self::Lab => "Lab",
            Self::Employee => "Employee", Self::Vehicle => "Vehicle", Self::GrowRoom => "GrowRoom",
            Self::InventoryRoom => "InventoryRoom", Self::Plant => "Plant", Self::PlantAdditive => "PlantAdditive",
            Self::HarvestBatch => "HarvestBatch", Self::Harvest => "Harvest",
            Self::HarvestDerivative => "HarvestDerivative", Self::PlantCure => "PlantCure",
            Self::CureDerivative => "CureDerivative", Self::Inventory => "Inventory",
            Self::InventoryAdjustment => "InventoryAdjustment", Self::InventoryIngredient => "InventoryIngredient",
            Self::InventoryConversion => "InventoryConversion", Self::LabSample => "LabSample",
            Self::Invoice => "Invoice", Self::Manifest => "Manifest",
            Self::InventoryTransfer => "InventoryTransfer", Self::Sale => "Sale",
        }
    }

    /// What messages call it.
    #[rustfmt::skip]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user", Self::LabUser => "laboratory user", Self::Vendor => "vendor", Self::Lab => "laboratory",
            Self::Employee => "employee", Self::Vehicle => "vehicle", Self::GrowRoom | Self::InventoryRoom => "room",
            Self::Plant => "plant", Self::PlantAdditive => "additive", Self::HarvestBatch => "harvest batch",
            Self::Harvest => "harvest", Self::PlantCure => "cure",
            Self::HarvestDerivative | Self::CureDerivative => "derivative", Self::Inventory => "inventory",
            Self::InventoryAdjustment => "adjustment", Self::InventoryIngredient => "ingredient",
            Self::InventoryConversion => "conversion", Self::LabSample => "sample", Self::Invoice => "invoice",
            Self::Manifest => "manifest", Self::InventoryTransfer => "transfer", Self::Sale => "sale",
        }
    }

    pub fn of_entity(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.entity() == name)
    }
}

/// Whose list a record stands in.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// The directory that everybody reads.
    State,
    /// One license, by its number in the vendor list.
    Site(u32),
    /// One company, by its UBI.
    Company(u32),
    /// One laboratory, by its number in the list of laboratories.
    Lab(u32),
    /// What stands at the door of a site and is not settled yet.
    Inbound(u32),
    /// The same of a laboratory.
    LabInbound(u32),
    /// What a receiver refused and its site has not taken back yet.
    Returning(u32),
    /// Trips to a site that have not begun; counted, never shown (XFER-21).
    Announced(u32),
    /// The same to a laboratory.
    LabAnnounced(u32),
}

const COMPANY: u32 = 0b0100 << 28;
const LAB: u32 = 0b1000 << 28;
const INBOUND: u32 = 0b1001 << 28;
const LAB_INBOUND: u32 = 0b1010 << 28;
const RETURNING: u32 = 0b1011 << 28;
const ANNOUNCED: u32 = 0b1100 << 28;
const LAB_ANNOUNCED: u32 = 0b1101 << 28;
/// The four bits that tell the others apart; a UBI has nine digits, so it fits below 2^30.
const OWNER: u32 = 0b1111 << 28;

impl Scope {
    /// All of them in one space of numbers.
    pub fn code(self) -> u32 {
        match self {
            Self::State => 0,
            Self::Site(number) => number,
            Self::Company(ubi) => COMPANY | ubi,
            Self::Lab(number) => LAB | number,
            Self::Inbound(number) => INBOUND | number,
            Self::LabInbound(number) => LAB_INBOUND | number,
            Self::Returning(number) => RETURNING | number,
            Self::Announced(number) => ANNOUNCED | number,
            Self::LabAnnounced(number) => LAB_ANNOUNCED | number,
        }
    }

    pub fn of_code(code: u32) -> Self {
        let number = code & !OWNER;
        match code & OWNER {
            _ if code == 0 => Self::State,
            LAB => Self::Lab(number),
            INBOUND => Self::Inbound(number),
            LAB_INBOUND => Self::LabInbound(number),
            RETURNING => Self::Returning(number),
            ANNOUNCED => Self::Announced(number),
            LAB_ANNOUNCED => Self::LabAnnounced(number),
            _ if code & COMPANY != 0 => Self::Company(code & !COMPANY),
            _ => Self::Site(code),
        }
    }

    /// The list of what stands at the door of a site or a laboratory; others have none.
    pub fn door(self) -> Option<Self> {
        match self {
            Self::Lab(number) => Some(Self::LabInbound(number)),
            Self::Site(number) => Some(Self::Inbound(number)),
            Self::State
            | Self::Company(_)
            | Self::Inbound(_)
            | Self::LabInbound(_)
            | Self::Returning(_)
            | Self::Announced(_)
            | Self::LabAnnounced(_) => None,
        }
    }

    /// The list of what comes back to a site; others have none.
    pub fn returning(self) -> Option<Self> {
        if let Self::Site(number) = self { Some(Self::Returning(number)) } else { None }
    }

    /// The list of trips to a site or a laboratory that have not begun; others have none.
    pub fn announced(self) -> Option<Self> {
        match self.door()? {
            Self::LabInbound(number) => Some(Self::LabAnnounced(number)),
            Self::Inbound(number) => Some(Self::Announced(number)),
            Self::State
            | Self::Site(_)
            | Self::Company(_)
            | Self::Lab(_)
            | Self::Returning(_)
            | Self::Announced(_)
            | Self::LabAnnounced(_) => None,
        }
    }
}

/// Where a record lies: its kind, its number and, for goods that change hands, the site on whose
/// books this row stands (0 where one row is all there is).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Key {
    pub kind: Kind,
    pub number: u64,
    pub site: u32,
}

impl Key {
    pub const LEN: usize = 13;

    pub fn new(kind: Kind, number: u64) -> Self {
        Self { kind, number, site: 0 }
    }

    /// An item's row on the books of one site.
    pub fn item(number: u64, scope: Scope) -> Self {
        Self { kind: Kind::Inventory, number, site: scope.code() }
    }

    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0] = self.kind as u8;
        bytes[1..9].copy_from_slice(&self.number.to_be_bytes());
        bytes[9..].copy_from_slice(&self.site.to_be_bytes());
        bytes
    }

    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let kind = Kind::ALL.iter().copied().find(|kind| Some(&(*kind as u8)) == bytes.first())?;
        let number = u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?);
        let site = u32::from_be_bytes(bytes.get(9..Self::LEN)?.try_into().ok()?);
        Some(Self { kind, number, site })
    }
}

/// When a row was last written: the call and the place within it. Lists go by it (SYNC-10).
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Stamp {
    pub transaction: u64,
    pub place: u32,
}

const PLACE_BITS: u32 = 20;

impl Stamp {
    /// The first row of a transaction.
    pub fn first_of(transaction: u64) -> Self {
        Self { transaction, place: 0 }
    }

    /// The cursor of a page that ended with this row: TransactionID × 2^20 + place (SYNC-14).
    pub fn cursor(self) -> u64 {
        (self.transaction << PLACE_BITS) + u64::from(self.place)
    }

    /// The place behind the row of a cursor, at which the list goes on.
    pub fn of_cursor(cursor: u64) -> Self {
        let place = u32::try_from(cursor & ((1 << PLACE_BITS) - 1)).unwrap_or_default();
        Self { transaction: cursor >> PLACE_BITS, place: place + 1 }
    }
}

/// What a record belongs to: the room that an item lies in, say.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Link {
    pub to: Kind,
    pub number: u64,
}

impl Link {
    /// To a record with an identifier, by its digits.
    pub fn to_barcode(to: Kind, barcode: Barcode) -> Self {
        Self { to, number: barcode.number() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_survive_their_codes() {
        let site = [Scope::Site(7), Scope::Inbound(7), Scope::Returning(7), Scope::Announced(7)];
        let lab = [Scope::Lab(2), Scope::LabInbound(2), Scope::LabAnnounced(2)];
        let companies =
            [Scope::Company(999_999_999), Scope::Company(1), Scope::Company(604_900_101)];
        for scope in site.into_iter().chain(lab).chain(companies).chain([Scope::State]) {
            assert_eq!(Scope::of_code(scope.code()), scope);
        }
    }

    #[test]
    fn keys_survive_their_bytes() {
        for kind in Kind::ALL {
            let key = Key { kind: *kind, number: 1 << 63 | 5, site: 9 };
            assert_eq!(Key::of_bytes(&key.to_bytes()), Some(key));
            assert_eq!(Kind::of_entity(kind.entity()), Some(*kind));
        }
    }

    #[test]
    fn a_cursor_goes_on_behind_its_row() {
        let stamp = Stamp { transaction: 12, place: 3 };
        assert_eq!(stamp.cursor(), 12 * (1 << 20) + 3);
        assert_eq!(Stamp::of_cursor(stamp.cursor()), Stamp { transaction: 12, place: 4 });
    }
}
