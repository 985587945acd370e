//! The generated schemas as files, so that a review sees the contract move. `GOLDEN=write` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tagtrail_schemas::{error_schema, lay_out, reply_schema, request_schema, routes};

#[test]
fn the_request_schemas_are_as_filed() {
    let schemas =
        routes().iter().filter_map(|it| Some((it.operation.clone(), request_schema(it)?)));
    check("requests", schemas.collect());
}

#[test]
fn the_reply_schemas_are_as_filed() {
    let replies = routes().iter().map(|it| (it.operation.clone(), reply_schema(it)));
    check("replies", replies.chain([("error".to_owned(), error_schema())]).collect());
}

/// The folder holds exactly these schemas.
fn check(folder: &str, schemas: BTreeMap<String, Value>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let expected: BTreeMap<_, _> =
        schemas.iter().map(|(name, schema)| (format!("{name}.json"), lay_out(schema))).collect();
    if std::env::var("GOLDEN").is_ok_and(|it| it == "write") {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &expected {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let filed = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let filed: BTreeMap<_, _> = filed
        .map(|it| (it.file_name().into_string().unwrap(), fs::read_to_string(it.path()).unwrap()))
        .collect();
    let stale = expected.iter().filter(|(name, text)| filed.get(*name) != Some(text));
    let surplus = filed.iter().filter(|(name, _)| !expected.contains_key(*name));
    let wrong: Vec<_> = stale.chain(surplus).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "stale in {}: {wrong:?}; run with GOLDEN=write", folder.display());
}
