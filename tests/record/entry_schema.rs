//! The published schema of entries takes every entry that is written, as it is kept and as it is shown, and nothing that the
//! reader would not take.

use std::collections::BTreeSet;
use std::fs;

use freezegate::change::CommandLine;
use freezegate::policy::{Kind, KindSet, Level, OrganisationVersion};
use freezegate::proof::record::{
    CommandDigest, Decided, Digest, ENTRY_SCHEMA, Fingerprint, JudgedPlan, MOST_LISTED, PlanValue, RecordEntry,
    RecordedChange, RecordedFinding, RecordedMode, RecordedOutcome, RecordedPlace, RecordedStanding,
};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use serde_json::{Value, json};

use crate::record::decisions::{MORNING, append, decided, finding};
use crate::record::workshop::Workshop;
use crate::support::schema_objects::objects;
use crate::support::validator::Validator;

fn schema() -> Value {
    serde_json::from_str(ENTRY_SCHEMA).unwrap()
}

fn validator() -> Validator {
    Validator::new(&schema())
}

#[track_caller]
fn is_right(validator: Validator, entry: &Value) {
    assert_eq!(validator.faults(entry), Vec::<String>::new(), "{entry}");
}

fn id(letter: &str) -> Option<String> {
    Some(letter.repeat(40))
}

/// A comparison in which nothing is left out.
fn full_change() -> RecordedChange {
    RecordedChange {
        reference: Some("refs/heads/größe".to_owned()),
        environments: vec!["production".to_owned(), "staging".to_owned()],
        whole: vec!["staging".to_owned()],
        tree_wide: vec!["production".to_owned()],
        narrowed: Some("only=production region=eu".to_owned()),
        scope: Some("0".repeat(64)),
        proposed: true,
        deployed: true,
        holds_policy: true,
        keeps_policy: true,
        settles_refused: true,
        asked_too: vec!["e".repeat(40)],
        base: "--range".to_owned(),
        everything: false,
        by_others: true,
        commit: id("a"),
        tree: id("b"),
        base_commit: id("c"),
        base_tree: id("d"),
    }
}

/// A decision in which nothing is left out.
fn full() -> Decided {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let value = PlanValue {
        address: "aws_dynamodb_table.chats".to_owned(),
        attribute: "billing_mode".to_owned(),
        before: Digest::of(b"before"),
        after: Digest::of(b"after"),
    };
    Decided {
        repository: Some("example.com/team/shop".to_owned()),
        reached: vec![RecordedPlace {
            environment: "production".to_owned(),
            region: Some("eu".to_owned()),
            service: Some("billing".to_owned()),
        }],
        changes: vec![full_change()],
        kinds: Kind::ALL.into_iter().collect(),
        findings: Level::ALL
            .map(|level| RecordedFinding {
                policy_level: Some(Level::Hard),
                ..finding("core-hours/eu", level, Some("grant 7"))
            })
            .to_vec(),
        reasons: names(&["login down"]),
        incident: Some("INC-7".to_owned()),
        actor: Some("ada".to_owned()),
        requesters: names(&["ada"]),
        signers: names(&["ben", "cleo"]),
        spent: names(&["7"]),
        administrators_policy: true,
        organisation: Some(OrganisationVersion { name: "example".to_owned(), serial: 7 }),
        rollback_within: Some(Seconds::new(72 * 3600)),
        command: Some(CommandDigest::of(&CommandLine {
            program: b"/bin/reboot".to_vec(),
            words: vec![b"reboot".to_vec()],
            facts: None,
        })),
        plan: Some(JudgedPlan {
            changes: 1,
            values: vec![value],
            state: Some(Digest::of(b"state")),
            replaced: vec![Fingerprint::of(&Digest::of(b"other"))],
            brought: vec![Fingerprint::of(&Digest::of(b"one more"))],
            is_cut: true,
        }),
        policy_commit: Some("3".repeat(40)),
        ..decided(MORNING, RecordedOutcome::Allowed)
    }
}

/// Decisions of every kind: by each way, of each standing and verdict; with all members, and with as few as there can be.
fn all_kinds() -> Vec<Decided> {
    let mut all = Vec::new();
    for mode in [RecordedMode::Check, RecordedMode::PreReceive, RecordedMode::Run] {
        for standing in [RecordedStanding::Advice, RecordedStanding::Enforcement] {
            for decision in [RecordedOutcome::Allowed, RecordedOutcome::Refused] {
                all.push(Decided { mode, standing, decision, ..full() });
                let bare = Decided { repository: None, reached: Vec::new(), ..decided(MORNING, decision) };
                all.push(Decided { mode, standing, ..bare });
            }
        }
    }
    let created = RecordedChange {
        base_commit: None,
        base_tree: None,
        whole: Vec::new(),
        tree_wide: Vec::new(),
        narrowed: None,
        scope: None,
        ..full_change()
    };
    let deleted = RecordedChange { commit: None, tree: None, reference: None, ..full_change() };
    let nowhere = finding("target-mismatch", Level::Hard, None);
    all.push(Decided {
        reached: vec![RecordedPlace { environment: "production".to_owned(), region: None, service: None }],
        changes: vec![created, deleted],
        findings: vec![RecordedFinding { environment: None, region: None, ..nowhere }],
        kinds: KindSet::NONE,
        ..full()
    });
    // a refused push of which the entry counts a part
    all.push(Decided {
        mode: RecordedMode::PreReceive,
        decision: RecordedOutcome::Refused,
        changes: vec![full_change(); MOST_LISTED + 1],
        findings: vec![finding("core-hours/eu", Level::Hard, None); MOST_LISTED + 1],
        ..full()
    });
    for at in [-377_705_023_201, -1, 0, 253_402_207_200] {
        all.push(decided(Instant::from_second(at), RecordedOutcome::Allowed));
    }
    all
}

#[test]
fn the_schema_is_one_of_draft_7_with_a_name() {
    validator();
    assert_eq!(schema()["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema()["$id"], "urn:freezegate:record:v1");
}

#[test]
fn every_kind_of_entry_is_right_by_the_schema_as_it_is_kept_and_as_it_is_shown() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    for decided in all_kinds() {
        append(&path, decided);
    }
    let validator = validator();
    let kept = fs::read_to_string(&path).unwrap();
    assert_eq!(kept.lines().count(), all_kinds().len());
    for line in kept.lines() {
        is_right(validator, &serde_json::from_str(line).unwrap());
    }
    let shown = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]).json_lines();
    assert_eq!(shown.len(), all_kinds().len());
    for entry in &shown {
        is_right(validator, entry);
    }
}

#[test]
fn what_the_program_itself_records_is_right_by_the_schema() {
    let workshop = Workshop::with_repository();
    for (location, environment) in
        [("record.jsonl", "production"), ("record.jsonl", "staging"), ("refs/freezegate/record", "staging")]
    {
        workshop.run(&["check", environment, "--range", "HEAD..HEAD", "--record", location]);
        workshop.run(&["check", environment, "--record", location]);
        let shown = workshop.run(&["record", "show", location, "--format", "json"]).json_lines();
        assert!(!shown.is_empty(), "{location}");
        for entry in &shown {
            is_right(validator(), entry);
        }
    }
}

/// As older versions wrote them.
#[test]
fn entries_without_a_repository_and_without_whole_trees_are_right() {
    let mut entry = full_entry();
    entry["decided"].as_object_mut().unwrap().remove("repository").unwrap();
    entry["decided"]["changes"][0].as_object_mut().unwrap().remove("whole").unwrap();
    is_right(validator(), &entry);
    serde_json::from_value::<RecordEntry>(entry).unwrap();
}

/// An entry with every member there is.
fn full_entry() -> Value {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    append(&path, decided(MORNING, RecordedOutcome::Allowed));
    let entry = append(&path, full());
    serde_json::to_value(RecordEntry { left_out: 3, folded: Some(Digest::of(b"a state")), ..entry }).unwrap()
}

/// The pointers to all values in a document, and to the objects among them.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found))
        }
        Value::Array(items) => {
            (0..)
                .zip(items)
                .for_each(|(index, value): (usize, &Value)| pointers(value, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every value of an entry replaced, taken away, or given company: what the schema takes, the reader takes. What the reader alone
/// takes is listed.
#[test]
fn what_is_right_by_the_schema_can_be_read_and_the_other_way_round_but_for_a_list() {
    let validator = validator();
    let good = full_entry();
    let mut all = Vec::new();
    pointers(&good, "", &mut all);
    assert!(all.len() > 50, "{all:?}");
    let mut reader_alone: BTreeSet<String> = BTreeSet::new();
    let mut right = 0;
    let mut hold = |what: String, entry: &Value| {
        let can_be_read = serde_json::from_value::<RecordEntry>(entry.clone()).is_ok();
        match (validator.is_valid(entry), can_be_read) {
            (true, true) => right += 1,
            (false, false) => {}
            (true, false) => panic!("right by the schema alone: {what}: {entry}"),
            (false, true) => {
                reader_alone.insert(what);
            }
        }
    };
    for pointer in &all {
        for other in [json!(null), json!(true), json!(0), json!(-1), json!("x"), json!(""), json!([]), json!({})] {
            let mut entry = good.clone();
            *entry.pointer_mut(pointer).unwrap() = other.clone();
            hold(format!("{pointer} = {other}"), &entry);
        }
        let mut entry = good.clone();
        if let Some(members) = entry.pointer_mut(pointer).unwrap().as_object_mut() {
            members.insert("other".to_owned(), json!(1));
            hold(format!("{pointer} + other"), &entry);
            for key in good.pointer(pointer).unwrap().as_object().unwrap().keys() {
                let mut entry = good.clone();
                entry.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
                hold(format!("{pointer}/{key} -"), &entry);
            }
        }
    }
    // that which can be null is always written, numbers count from 1, and names of objects are hexadecimal
    let mut wanted: BTreeSet<String> = ["/sequence = 0", "/run = \"\"", "/run = \"x\""].map(str::to_owned).into();
    for nullable in ["/previous", "/decided/incident", "/decided/actor"] {
        wanted.insert(format!("{nullable} -"));
    }
    for name in ["commit", "tree", "base_commit", "base_tree"] {
        let at = format!("/decided/changes/0/{name}");
        wanted.extend([format!("{at} -"), format!("{at} = \"\""), format!("{at} = \"x\"")]);
    }
    wanted.insert("/decided/changes/0/ref -".to_owned());
    for name in ["region", "service"] {
        wanted.insert(format!("/decided/reached/0/{name} -"));
    }
    wanted.extend(["\"\"", "\"x\""].map(|text| format!("/decided/policy_commit = {text}")));
    // null, and not left out, in those that the program writes
    for name in [
        "/decided/repository",
        "/decided/rollback_within",
        "/decided/command",
        "/decided/plan",
        "/decided/plan/state",
        "/decided/policy_commit",
        "/decided/organisation",
        "/decided/changes/0/narrowed",
        "/decided/changes/0/scope",
        "/folded",
    ] {
        wanted.insert(format!("{name} = null"));
    }
    wanted.insert("/left_out = 0".to_owned());
    wanted.insert("/decided/organisation/serial = 0".to_owned());
    for index in 0..Level::ALL.len() {
        for name in ["environment", "region", "lifted_by"] {
            wanted.insert(format!("/decided/findings/{index}/{name} -"));
        }
    }
    assert_eq!(reader_alone, wanted);
    assert!(right > 50, "{right}");
}

#[test]
fn every_object_is_closed_and_has_the_members_of_the_entry_and_each_is_described() {
    let schema = schema();
    let mut tables = 0;
    objects(&schema, "", &mut |path, object| {
        if object.get("type").is_some_and(|kind| kind == "object") {
            tables += 1;
            assert_eq!(object.get("additionalProperties"), Some(&json!(false)), "{path}");
            for (key, value) in object.get("properties").and_then(Value::as_object).unwrap() {
                assert!(value["description"].as_str().is_some_and(|text| !text.is_empty()), "{path}/{key}");
            }
        }
    });
    assert_eq!(tables, 9);
    let entry = full_entry();
    for (of_schema, of_entry) in [
        ("/properties", ""),
        ("/properties/decided/properties", "/decided"),
        ("/properties/decided/properties/reached/items/properties", "/decided/reached/0"),
        ("/properties/decided/properties/changes/items/properties", "/decided/changes/0"),
        ("/properties/decided/properties/findings/items/properties", "/decided/findings/0"),
        ("/properties/decided/properties/command/properties", "/decided/command"),
        ("/properties/decided/properties/plan/properties", "/decided/plan"),
        ("/properties/decided/properties/plan/properties/values/items/properties", "/decided/plan/values/0"),
    ] {
        let keys = |value: &Value, pointer: &str| -> BTreeSet<String> {
            value.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
        };
        let mut wanted = keys(&entry, of_entry);
        // what is shown has its place
        if of_entry.is_empty() {
            wanted.insert("place".to_owned());
        }
        assert_eq!(keys(&schema, of_schema), wanted, "{of_entry}");
    }
}

#[test]
fn words_are_those_of_the_program() {
    let schema = schema();
    let words = |pointer: &str| -> Vec<String> {
        let list = schema.pointer(&format!("/properties/decided/properties/{pointer}/enum")).unwrap();
        list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words("kinds/items"), Kind::ALL.map(Kind::as_str));
    assert_eq!(words("findings/items/properties/level"), Level::ALL.map(Level::as_str));
    assert_eq!(
        words("mode"),
        [RecordedMode::Check, RecordedMode::PreReceive, RecordedMode::Run].map(RecordedMode::as_str)
    );
    assert_eq!(words("decision"), [RecordedOutcome::Allowed, RecordedOutcome::Refused].map(RecordedOutcome::as_str));
}

#[test]
fn the_command_prints_the_schema_of_entries() {
    let workshop = Workshop::new();
    let printed = workshop.run(&["schema", "record"]);
    assert_eq!((printed.status, printed.printed.as_str()), (Some(0), ENTRY_SCHEMA));
    let written = workshop.run(&["schema", "record", "--output", "entry.json"]);
    assert_eq!((written.status, written.printed.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(workshop.join("entry.json")).unwrap(), ENTRY_SCHEMA);
    for arguments in [&["schema"][..], &["schema", "policy"]] {
        assert_eq!(workshop.run(arguments).printed, freezegate::policy::SCHEMA);
    }
    assert_eq!(workshop.run(&["schema", "decision"]).printed, freezegate::report::json::DECISION_SCHEMA);
    assert_eq!(workshop.run(&["schema", "decisions"]).status, Some(2));
}
