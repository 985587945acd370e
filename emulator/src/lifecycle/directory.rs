//! Guards of the company's own lists: employees and vehicles.

use serde_json::{Value, json};

use crate::{
    model::Day,
    refusal::{Refusal, refuse, require},
};

/// Looks like an address: something, an @, a name with a dot, no blanks.
pub fn email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let dotted =
        host.split_once('.').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
    !name.is_empty() && dotted && !host.contains('@') && !text.contains(char::is_whitespace)
}

pub fn not_after(day: Option<Day>, latest: Day, field: &'static str) -> Result<(), Refusal> {
    require(day.is_none_or(|day| day <= latest), || refuse("DIR-04").with("Field", field))
}

/// Whether an open manifest of the company names this driver or vehicle.
pub fn in_use(manifests: &[Value], field: &str, id: u64) -> bool {
    // A manifest shows its vehicle's number as text.
    let is = |entry: &Value| entry["ID"] == json!(id) || entry["ID"] == json!(id.to_string());
    let open = |manifest: &&Value| {
        manifest["Completed"] == json!(false) && manifest["Deleted"] == json!(false)
    };
    manifests.iter().filter(open).any(|manifest| {
        let entry = &manifest[field];
        entry.as_array().map_or_else(|| is(entry), |entries| entries.iter().any(is))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_host_with_a_dot() {
        assert!(email("ada@hollow-birch.example"));
        for wrong in ["", "ada", "@x.y", "ada@", "ada@host", "ada@ho st.x", "a@b@c.d", "a@.d"] {
            assert!(!email(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_driver_of_an_open_manifest_is_in_use() {
        let manifest = |completed| json!({"Completed": completed, "Deleted": false, "Driver": [{"ID": 5}], "Vehicle": {"ID": "4"}});
        assert!(in_use(&[manifest(false)], "Driver", 5));
        assert!(in_use(&[manifest(false)], "Vehicle", 4));
        assert!(!in_use(&[manifest(true)], "Driver", 5));
        assert!(!in_use(&[manifest(false)], "Driver", 6));
    }
}
