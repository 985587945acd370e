//! The tests as they are served to both sides: one row for each panel and type of goods (LAB-81,
//! LAB-86).

use serde::Serialize;

use crate::{
    api::{Read, Reply, reply::ReplyRow},
    fault::Fault,
    lifecycle::panel::{self, Condition, Panel, Program, Test},
    refusal::refuse,
};

/// A test as it is published.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LabTest<'a> {
    #[serde(rename = "ID")]
    id: u32,
    name: &'a str,
    panels: Vec<LabTestPanel<'a>>,
}

/// A panel as it is published, for one type.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LabTestPanel<'a> {
    add_to_total: bool,
    inventory_type: u32,
    name: &'a str,
    pass_fail_condition: Condition,
    pass_fail_conditional: bool,
    pass_fail_limit: &'a str,
    test_value_record_only: bool,
    total_panel: bool,
    #[serde(rename = "UOM")]
    uom: &'a str,
}

/// `GET …/lab/test` and `GET …/lab/test/medical`: every test of a program.
pub fn list(read: &Read<'_>, program: Program) -> Result<Reply, Fault> {
    reply(read, program, panel::tests().iter())
}

/// `GET …/lab/test/{id}` and `GET …/lab/test/medical/{id}`: one test, in a list.
pub fn show(read: &Read<'_>, program: Program) -> Result<Reply, Fault> {
    let test = read.id().parse().ok().and_then(panel::test);
    let test = test.ok_or_else(|| refuse("LAB-81").with("id", read.id()).in_path())?;
    reply(read, program, [test].into_iter())
}

fn reply(
    read: &Read<'_>,
    program: Program,
    tests: impl Iterator<Item = &'static Test>,
) -> Result<Reply, Fault> {
    let wanted = read.query.filters.iter().find(|filter| filter.field == "InventoryType");
    let fits = |kind: u32| wanted.is_none_or(|filter| filter.wanted == kind);
    let mut rows = Vec::new();
    for test in tests {
        let panels = test.panels(program);
        let panels = panels.flat_map(|panel| {
            let kinds = panel.inventory_types.iter().copied().filter(|kind| fits(*kind));
            kinds.map(move |kind| shown(panel, kind))
        });
        let test = LabTest { id: test.id, name: &test.name, panels: panels.collect() };
        let wire = serde_json::to_vec(&test).map_err(|error| Fault::Broken(error.to_string()))?;
        rows.push(ReplyRow { entity: "LabTest", role: None, wire });
    }
    Ok(Reply { rows, ..Reply::default() })
}

fn shown(panel: &Panel, inventory_type: u32) -> LabTestPanel<'_> {
    LabTestPanel {
        add_to_total: panel.add_to_total,
        inventory_type,
        name: &panel.name,
        pass_fail_condition: panel.pass_fail_condition,
        pass_fail_conditional: panel.pass_fail_conditional,
        pass_fail_limit: &panel.pass_fail_limit,
        test_value_record_only: panel.test_value_record_only,
        total_panel: panel.total_panel,
        uom: &panel.uom,
    }
}
