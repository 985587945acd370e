//! The rulebook is whole, and knobs, profiles and sources agree with it.

use std::collections::{BTreeMap, BTreeSet};

use tagtrail_schemas::{
    RuleKind, Wording, knobs, profile, profile_names, rule, rules, sources, write_rules,
};

#[test]
fn the_rulebook_has_all_its_rules() {
    assert_eq!(rules().len(), 1_077);
    assert!(rules().iter().all(|(id, rule)| *id == rule.id));
}

#[test]
fn every_rule_named_by_another_exists() {
    for rule in rules().values() {
        for id in &rule.same_as {
            assert!(rules().contains_key(id), "{}: {id}", rule.id);
        }
    }
    assert!(write_rules().iter().all(|id| rule(id).is_some()));
}

#[test]
fn a_refusal_has_a_status_and_anything_else_has_none_above_399() {
    for rule in rules().values() {
        let refuses = rule.status.iter().any(|status| *status >= 400);
        assert_eq!(refuses, rule.kind == RuleKind::Refusal, "{}", rule.id);
    }
}

#[test]
fn every_refusal_has_a_sentence_but_the_two_that_lend_it() {
    let silent = rules().values().filter(|it| it.kind == RuleKind::Refusal);
    let silent: Vec<_> = silent.filter(|it| it.messages.is_empty()).map(|it| &it.id).collect();
    assert_eq!(silent, ["WIRE-12", "WIRE-50"]);
}

#[test]
fn a_sentence_has_no_marks_of_the_rulebook_left() {
    for rule in rules().values() {
        for message in &rule.messages {
            let text = &message.text;
            let marked = ["(ours", "(family", " | ", "that guard", "see "];
            assert!(!marked.iter().any(|mark| text.contains(mark)), "{}: {text}", rule.id);
            assert!(!text.starts_with('"') && !text.starts_with("as "), "{}: {text}", rule.id);
        }
    }
}

#[test]
fn a_sentence_has_one_wording_wherever_it_stands() {
    let mut known = BTreeMap::new();
    for rule in rules().values() {
        for message in &rule.messages {
            let wording = *known.entry(&message.text).or_insert(message.wording);
            assert_eq!(wording, message.wording, "{}: {}", rule.id, message.text);
        }
    }
}

#[test]
fn a_place_in_a_sentence_has_one_name() {
    for rule in rules().values() {
        for message in &rule.messages {
            let places = message.text.split('<').skip(1).filter_map(|it| it.split('>').next());
            assert!(
                !places.into_iter().any(|it| it.contains(',')),
                "{}: {}",
                rule.id,
                message.text
            );
        }
    }
}

#[test]
fn a_family_sentence_is_the_same_wherever_it_stands() {
    let sentence = "You do not currently have possession of identifier <id>.";
    for id in ["INV-10", "INV-12", "WIRE-32", "BILL-12"] {
        let message = &rule(id).unwrap().messages[0];
        assert_eq!((message.text.as_str(), message.wording), (sentence, Wording::Family), "{id}");
    }
}

#[test]
fn a_sentence_is_filled_from_its_facts() {
    let facts = [("id", "7488625091874927".to_owned())];
    let filled = "You do not currently have possession of identifier 7488625091874927.";
    assert_eq!(rule("INV-10").unwrap().sentence(&facts), filled);
    let other = "Stop number 2 is not parked.";
    assert_eq!(rule("MAN-82").unwrap().sentence_at(0, &[("n", "2".to_owned())]), other);
}

#[test]
fn every_knob_of_a_rule_is_in_every_profile() {
    for rule in rules().values() {
        for knob in &rule.knobs {
            assert!(knobs()[knob].rules.contains(&rule.id), "{}: {knob}", rule.id);
            for name in profile_names() {
                assert!(profile(name).unwrap().contains_key(knob), "{name}: {knob}");
            }
        }
    }
}

#[test]
fn the_profiles_have_the_same_knobs() {
    assert_eq!(profile_names(), ["family-72h", "ny-2025-07"]);
    for name in profile_names() {
        assert!(profile(name).unwrap().keys().eq(knobs().keys()), "{name}");
    }
    assert!(profile("nothing").is_none());
}

#[test]
fn a_rule_is_off_only_where_a_knob_could_turn_it_on() {
    let off = rules().values().filter(|rule| rule.off);
    assert!(off.into_iter().all(|rule| !rule.knobs.is_empty()));
}

#[test]
fn every_source_is_explained() {
    let keys: BTreeSet<_> = sources().iter().flat_map(|it| it.key.split(' ')).collect();
    for rule in rules().values() {
        for source in &rule.source {
            let chapter = source.trim_start_matches('§').split(['.', '(']).next().unwrap();
            let part = ["123.x", "125.x", "§130.x"].iter().any(|it| it.contains(chapter));
            assert!(part || keys.contains(source.as_str()), "{}: {source}", rule.id);
        }
    }
}
