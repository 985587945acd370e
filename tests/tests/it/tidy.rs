//! Style is a test: who may import whom, how long things are, and words that are not used.

use regex::Regex;

use crate::source::{File, files};

const FILE_LINES_MAX: usize = 450;
const FUNCTION_LINES_MAX: usize = 70;

const CRATES: [&str; 5] = ["emulator", "conformance", "schemas", "cli", "tests"];

fn all() -> Vec<File> {
    CRATES.iter().flat_map(|name| files(name)).collect()
}

fn product() -> Vec<File> {
    CRATES.iter().flat_map(|name| files(&format!("{name}/src"))).collect()
}

/// Fails with every complaint at once.
#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n  {}", complaints.join("\n  "));
}

/// Lines of a file on which the code matches, as `path:line: what stands there`.
fn matches(file: &File, pattern: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let lines = file.code.lines().zip(file.text.lines()).enumerate();
    let found = lines.filter(|(_, (code, _))| pattern.is_match(code));
    found.map(|(at, (_, text))| format!("{}:{}: {}", file.path, at + 1, text.trim())).collect()
}

/// Files outside `places` whose code matches; a place is a folder or a file.
fn outside(files: Vec<File>, places: &[&str], pattern: &str) -> Vec<String> {
    let strangers = files.iter().filter(|it| !places.iter().any(|at| it.path.starts_with(at)));
    strangers.flat_map(|file| matches(file, pattern)).collect()
}

#[track_caller]
fn imports_only(folder: &str, allowed: &[&str]) {
    let mut complaints = Vec::new();
    for file in files(folder) {
        let strange = file.modules().into_iter().filter(|it| !allowed.contains(&it.as_str()));
        complaints.extend(strange.map(|it| format!("{} imports {it}", file.path)));
    }
    none(complaints);
}

#[test]
fn the_model_imports_no_other_module() {
    imports_only("emulator/src/model", &["model"]);
}

#[test]
fn the_life_cycles_import_only_the_model_and_refusals() {
    imports_only("emulator/src/lifecycle", &["lifecycle", "model", "refusal"]);
}

#[test]
fn the_store_imports_only_the_model() {
    imports_only("emulator/src/store", &["model", "store"]);
}

#[test]
fn only_the_doors_and_the_status_mapping_name_the_http_library() {
    let places = [
        "emulator/src/http/",
        "emulator/src/control/",
        "emulator/src/portal/",
        "emulator/src/fault.rs",
    ];
    none(outside(files("emulator/src"), &places, r"\b(hyper|hyper_util|http_body_util)::"));
}

#[test]
fn only_the_store_names_the_database() {
    none(outside(files("emulator/src"), &["emulator/src/store/"], r"\bredb\b"));
}

#[test]
fn the_player_knows_nothing_of_the_emulator() {
    none(outside(files("conformance"), &[], r"\btagtrail_emulator\b"));
    let manifest = std::fs::read_to_string(crate::source::root().join("conformance/Cargo.toml"));
    assert!(!manifest.unwrap().contains("emulator"));
}

#[test]
fn the_contract_knows_no_other_crate() {
    none(outside(files("schemas"), &[], r"\btagtrail_(emulator|conformance)\b"));
}

#[test]
fn only_the_rim_waits() {
    let places = [
        "cli/src/",
        "conformance/src/player/",
        "emulator/src/control/",
        "emulator/src/http/",
        "emulator/src/portal/mod.rs",
        "emulator/src/sandbox.rs",
        "emulator/src/world/mod.rs",
    ];
    none(outside(product(), &places, r"\basync (fn|move|\{)|\.await\b"));
}

#[test]
fn only_the_clock_reads_the_time_of_day() {
    let pattern = r"\bSystemTime\b|\bTimestamp::now\b|\bZoned::now\b";
    none(outside(files("emulator/src"), &["emulator/src/clock.rs"], pattern));
    none(outside(files("schemas"), &[], pattern));
    none(outside(files("conformance/src"), &[], pattern));
}

#[test]
fn only_the_identifiers_are_drawn_at_random() {
    none(outside(product(), &["emulator/src/ids.rs"], r"\brand::"));
}

#[test]
fn nothing_is_kept_in_an_order_that_changes() {
    none(outside(all(), &[], r"\bHash(Map|Set)\b"));
}

#[test]
fn every_file_opens_with_a_sentence_about_itself() {
    let silent = all().into_iter().filter(|it| !it.text.starts_with("//! "));
    none(silent.map(|it| it.path).collect());
}

#[test]
fn no_file_is_longer_than_450_lines() {
    let long = all().into_iter().map(|it| (it.text.lines().count(), it.path));
    let long = long.filter(|(lines, _)| *lines > FILE_LINES_MAX);
    none(long.map(|(lines, path)| format!("{path} has {lines} lines")).collect());
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut complaints = Vec::new();
    for file in all() {
        for (name, lines) in functions(&file.code) {
            if lines > FUNCTION_LINES_MAX {
                complaints.push(format!("{}: {name} has {lines} lines", file.path));
            }
        }
    }
    none(complaints);
}

/// Every function with the number of its lines, from `fn` to the closing brace.
fn functions(code: &str) -> Vec<(String, usize)> {
    let head = Regex::new(r"\bfn ([a-z_0-9]+)").unwrap();
    let mut found = Vec::new();
    for start in head.captures_iter(code) {
        let rest = &code[start.get(0).unwrap().start()..];
        let mut depth = 0;
        for (at, character) in rest.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => break,
                _ => continue,
            }
            if depth == 0 {
                found.push((start[1].to_owned(), rest[..=at].lines().count()));
                break;
            }
        }
    }
    found
}

#[test]
fn the_lines_of_a_function_are_counted_to_its_own_brace() {
    let code = "trait T { fn no(&self); }\nfn a() {\n  if b {}\n}\nfn c() {}\n";
    assert_eq!(functions(code), [("a".to_owned(), 3), ("c".to_owned(), 1)]);
}

#[test]
fn nothing_is_called_by_a_name_that_says_nothing() {
    let word = r"(utils?|helpers?|managers?|common|misc)";
    let name = format!(r"\b(fn|struct|enum|trait|mod|type|const) ([a-z_]*_)?{word}(_[a-z_]*)?\b");
    let camel = r"\b(struct|enum|trait|type) \w*(Utils?|Helper|Manager|Common|Misc)\b";
    let mut complaints = outside(all(), &[], &name);
    complaints.extend(outside(all(), &[], camel));
    let file = Regex::new(&format!(r"/([a-z_]*_)?{word}(_[a-z_]*)?(\.rs|/)")).unwrap();
    complaints.extend(all().into_iter().map(|it| it.path).filter(|it| file.is_match(it)));
    none(complaints);
}

#[test]
fn nothing_is_left_to_be_done() {
    let word = Regex::new(r"\b(TO[D]O|FIX[M]E|X[X]X)\b").unwrap();
    let mut complaints = Vec::new();
    for file in all() {
        let lines = file.text.lines().enumerate().filter(|(_, line)| word.is_match(line));
        complaints.extend(lines.map(|(at, line)| format!("{}:{}: {line}", file.path, at + 1)));
    }
    none(complaints);
}

#[test]
fn no_test_is_switched_off_or_happy_with_a_panic() {
    none(outside(all(), &[], r"#\[(ignore|should_panic)\b"));
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_allowed() {
    none(outside(all(), &[], r"#!?\[allow\("));
    let complaints = all().into_iter().filter(|file| {
        let expects = file.code.matches("#[expect(").count();
        expects > file.code.matches("reason =").count()
    });
    none(complaints.map(|it| it.path).collect());
}
