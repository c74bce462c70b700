//! The schema for editors takes what the reader takes, refuses what is wrong in form, and knows the same keys.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where its data is not as it should be")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use freezegate::cases::{CASES_SCHEMA, CaseOutcome};
use freezegate::policy::{Kind, Level, SCHEMA, keys};
use freezegate::time::zone::Zone;
use proptest::prelude::{Strategy, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::schema_objects::objects;
use crate::support::validator::Validator;

/// Wrong policies whose fault is not one of form: what a schema of one file can't see, and why.
const UNSEEN: &[(&str, &[&str])] = &[
    (
        "what another table or another file defines",
        &[
            "alias-of-two-environments",
            "alias-that-is-an-environment-of-another-file",
            "alias-that-is-another-environment",
            "approvers-in-two-files",
            "environment-defined-in-two-files",
            "environment-of-unknown-region",
            "environments-table-empty",
            "exempt-hazards-unknown",
            "evidence-that-no-target-gives",
            "freeze-in-the-time-of-the-region-without-regions",
            "freeze-name-in-two-files",
            "freeze-name-twice",
            "freeze-of-unknown-environment",
            "freeze-of-unknown-hazard",
            "freeze-of-unknown-region",
            "freeze-of-unknown-service",
            "group-member-misspelled",
            "help-in-two-files",
            "holidays-of-unknown-calendar",
            "lift-of-unknown-hazard",
            "lift-signed-by-a-person",
            "lift-signed-by-unknown-group",
            "moment-around-unknown-calendar",
            "moment-around-unknown-calendar-at-its-end",
            "no-environments",
            "organisation-in-two-files",
            "region-defined-in-two-files",
            "region-where-the-policy-has-none",
            "routes-all-off",
            "routes-together-not-captured",
            "routes-with-no-owner",
            "service-of-unknown-region",
            "target-of-unknown-environment",
            "target-of-unknown-region",
            "target-of-unknown-service",
        ],
    ),
    (
        "what other files are and hold",
        &[
            "group-member-not-in-the-roster",
            "include-a-folder",
            "include-in-a-circle",
            "include-itself",
            "include-missing",
            "lift-signed-by-any-with-a-faulty-roster",
            "roster-empty",
            "roster-is-no-roster",
            "roster-missing",
            "roster-with-a-certificate-authority",
            "roster-with-a-pattern-for-a-person",
            "roster-with-a-time-in-no-zone",
            "roster-with-an-unknown-option",
            "roster-with-half-a-key",
            "roster-with-one-key-for-two-persons",
            "roster-with-two-persons-on-one-line",
        ],
    ),
    (
        "which values go together",
        &[
            "absolute-until-before-from",
            "absolute-until-before-from-by-its-offset",
            "absolute-until-equals-from",
            "alias-of-its-own-environment",
            "calendar-date-after-valid-until",
            "core-hours-equal-start-and-end",
            "core-hours-with-a-day-twice",
            "freeze-always-with-a-lift-of-its-hazards-alone",
            "freeze-always-without-a-lift",
            "freeze-hours-equal-start-and-end",
            "freeze-of-rollbacks-which-are-exempt",
            "freeze-region-outside-its-environments",
            "freeze-region-outside-its-services",
            "freeze-whose-kinds-are-all-exempt",
            "freeze-until-further-notice-each-year",
            "freeze-until-further-notice-without-a-lift",
            "freeze-without-an-end-or-a-lift",
            "from-absolute-with-an-offset-until-without",
            "hazard-of-attributes-of-an-invoked-action",
            "lift-signed-by-any-without-a-roster",
            "lift-that-needs-more-persons-than-there-are",
            "mixed-moment-sorts-absolute-and-yearly",
            "mixed-moment-sorts-calendar-and-weekly",
            "mixed-moment-sorts-monthly-and-weekly",
            "mixed-moment-sorts-weekly-and-yearly",
            "moments-around-two-calendars",
            "more-regions-of-environments-than-are-decided-about",
            "rollout-milder-than-before",
            "rollout-never-hard",
            "rollout-offset-and-zone",
            "rollout-out-of-order",
            "rollout-same-level-twice",
            "rollout-time-of-no-zone",
            "rollout-two-stages-at-once",
            "same-capture-twice-in-one-path",
            "service-region-outside-every-environment",
            "target-environment-named-and-captured",
            "target-of-a-command-and-labels",
            "target-of-a-command-that-captures-twice",
            "target-of-contexts-and-profiles",
            "target-of-contexts-of-another-program",
            "target-of-images-and-states",
            "target-of-namespaces-that-capture-by-chance",
            "target-region-named-and-captured",
            "target-region-outside-its-environment",
            "target-region-outside-its-service",
            "target-service-outside-its-environment",
            "target-with-a-path-that-lacks-the-capture",
            "target-without-environment",
            "until-equals-from",
            "until-relative-on-the-same-day-too-early",
            "until-relative-to-an-offset-on-the-same-day",
            "weekday-range-mon-mon",
            "window-that-never-occurs",
        ],
    ),
    (
        "JSON has neither dates nor times, and knows no float that is whole",
        &[
            "absolute-moment-as-a-string",
            "calendar-date-as-a-string",
            "calendar-valid-until-as-a-string",
            "duration-as-a-time-of-day",
            "holidays-as-dates",
            "rollout-from-quoted",
            "version-as-float",
        ],
    ),
    (
        "words that are no calendar's name, zones that are none, amounts, what can't be seen: more than a regular expression should say",
        &[
            "calendar-named-day",
            "calendar-named-like-a-month",
            "calendar-named-like-a-weekday",
            "calendar-named-like-a-weekday-in-full",
            "calendar-named-like-a-word-of-order",
            "duration-larger-than-any-number",
            "duration-of-32-days",
            "duration-of-two-months",
            "duration-of-unknown-unit",
            "duration-with-a-fraction-of-a-second",
            "freeze-name-with-a-terminal-control",
            "freeze-named-like-closed-holidays",
            "lift-max-duration-too-short",
            "line-ends-of-windows",
            "moment-last-without-weekday",
            "moment-offset-larger-than-any-number",
            "moment-offset-of-a-million-days",
            "moment-weekday-in-full",
            "target-capture-in-except",
            "target-of-a-context-as-a-regular-expression",
            "target-of-a-context-with-two-stars",
            "target-path-out-of-the-repository",
            "target-path-with-a-double-star-inside-a-segment",
            "zone-misspelled",
        ],
    ),
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    Validator::new(&schema())
}

/// TOML as an editor hands it to the schema: dates are strings.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(datetime) => Value::String(datetime.to_string()),
        toml::Value::Array(items) => items.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
    }
}

/// The file as JSON; `None` if it is not TOML, which an editor says without a schema.
fn read(path: &Path) -> Option<Value> {
    let text = String::from_utf8(std::fs::read(path).unwrap()).ok()?;
    text.parse::<toml::Table>().ok().map(|table| as_json(toml::Value::Table(table)))
}

/// The policies of a folder by name: a file, or all files of a folder of its own.
fn cases(folder: &str) -> BTreeMap<String, Vec<PathBuf>> {
    let tomls = |folder: &Path| -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "toml") {
                    found.push(path);
                }
            }
        }
        found
    };
    let mut cases = BTreeMap::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            cases.insert(name, tomls(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") && !name.ends_with(".test") {
            cases.insert(name, vec![path]);
        }
    }
    assert!(!cases.is_empty(), "{folder}");
    cases
}

#[test]
fn the_schema_is_one_of_draft_7() {
    validator();
    assert_eq!(schema()["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema()["$id"], "urn:freezegate:policy:v1");
}

#[test]
fn every_right_policy_is_right_by_the_schema() {
    let validator = validator();
    for folder in ["policies", "tests/valid-policies"] {
        for path in cases(folder).values().flatten() {
            let policy = read(path).unwrap();
            assert_eq!(validator.faults(&policy), Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn wrong_policies_are_wrong_by_the_schema_but_for_a_list() {
    let validator = validator();
    let mut unseen = BTreeSet::new();
    for (name, files) in cases("tests/invalid-policies") {
        let read: Option<Vec<Value>> = files.iter().map(|path| read(path)).collect();
        if read.is_some_and(|files| files.iter().all(|policy| validator.is_valid(policy))) {
            unseen.insert(name);
        }
    }
    let listed: BTreeSet<String> =
        UNSEEN.iter().flat_map(|(_, names)| names.iter()).map(|name| (*name).to_owned()).collect();
    assert_eq!(unseen, listed);
}

/// Returns what a reference of the schema refers to, or the schema itself.
fn resolved<'s>(schema: &'s Value, part: &'s Value) -> &'s Value {
    match part.get("$ref") {
        Some(reference) => schema.pointer(reference.as_str().unwrap().strip_prefix('#').unwrap()).unwrap(),
        None => part,
    }
}

/// The schema of a sort of table, as [`keys`] names it.
fn table<'s>(schema: &'s Value, name: &str) -> &'s Value {
    name.split('.').filter(|step| !step.is_empty()).fold(schema, |table, step| {
        let (key, item) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
        let value = if key == "NAME" {
            table["patternProperties"].as_object().unwrap().values().next().unwrap()
        } else {
            resolved(schema, &table["properties"][key])
        };
        resolved(schema, if item { &value["items"] } else { value })
    })
}

#[test]
fn the_schema_has_the_keys_of_the_reader() {
    let schema = schema();
    for (name, keys) in keys() {
        let table = table(&schema, name);
        let properties: BTreeSet<&str> = table["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(properties, keys.iter().copied().collect(), "`{name}`");
    }
}

#[test]
fn every_table_is_closed_and_every_key_is_described() {
    let schema = schema();
    let mut tables = 0;
    objects(&schema, "", &mut |path, object| {
        if object.get("type").is_some_and(|kind| kind == "object") {
            tables += 1;
            assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)), "{path}");
            for (key, value) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let text = resolved(&schema, value)["description"].as_str();
                assert!(text.is_some_and(|text| !text.is_empty()), "{path}/{key}");
            }
        }
        // draft 7 and Taplo read nothing that stands beside a reference
        assert!(!object.contains_key("$ref") || object.len() == 1, "{path}");
    });
    // those with keys of their own, the root, and the six that hold names
    assert_eq!(tables, keys().len() + 6);
}

#[test]
fn kinds_and_levels_are_those_of_the_policy() {
    let schema = schema();
    let words = |pointer: &str| -> BTreeSet<String> {
        let list = schema.pointer(pointer).unwrap().as_array().unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let named = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let kinds = Kind::ALL.map(Kind::as_str);
    let levels = Level::ALL.map(Level::as_str);
    let mut shown = named(&kinds);
    shown.remove("rollback");
    assert_eq!(words("/definitions/kind/enum"), named(&kinds));
    assert_eq!(words("/definitions/shown_kind/enum"), shown);
    assert_eq!(words("/definitions/freeze/properties/level/enum"), named(&levels));
    assert_eq!(words("/definitions/lift/properties/level/enum"), named(&["soft", "hard"]));
    let mut with_off = named(&levels);
    with_off.insert("off".to_owned());
    assert_eq!(words("/definitions/environment/properties/during_core_hours/enum"), with_off);
}

/// A validator for the part of the schema at `pointer`.
fn part(pointer: &str) -> Validator {
    let whole = schema();
    let mut part = whole.pointer(pointer).unwrap().clone();
    part["definitions"] = whole["definitions"].clone();
    Validator::new(&part)
}

#[test]
fn every_zone_name_is_one_for_the_schema_and_no_abbreviation_is() {
    let zone = part("/definitions/zone");
    assert!(Zone::names().count() > 500);
    let names: Vec<Value> = Zone::names().map(Value::from).collect();
    for (name, faults) in names.iter().zip(zone.faults_of_each(&names)) {
        assert_eq!(faults, Vec::<String>::new(), "{name}");
    }
    for name in ["EST", "CEST", "EST5EDT", "GMT", "UTC+2", "+02:00", "europe/berlin", "", "local", "region"] {
        assert!(!zone.is_valid(&json!(name)), "{name}");
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TIMES: [&str; 9] = ["00:00", "09:30", "19:59", "23:00", "24:00", "24:01", "25:00", "9:00", "12:60"];

#[test]
fn every_moment_that_the_reader_takes_is_one_for_the_schema() {
    let mut days: Vec<String> = vec![String::new(), "release".into(), "Release_2.x-y".into(), "_x".into()];
    days.extend(DAYS.map(str::to_owned));
    days.extend((0..=32).flat_map(|day| [format!("day {day}"), format!("day {day:02}"), format!("Feb {day}")]));
    for nth in ["1st", "2nd", "3rd", "4th", "5th", "last"] {
        for day in DAYS.into_iter().chain(["day"]) {
            days.push(format!("{nth} {day}"));
            days.extend(MONTHS.map(|month| format!("{nth}\t{day}  of {month}")));
        }
    }
    days.extend(MONTHS.iter().flat_map(|month| (0..=32).map(move |day| format!("{month} {day:02}"))));
    let (from, until) = (part("/definitions/freeze/properties/from"), part("/definitions/freeze/properties/until"));
    let (mut relative, mut others) = (Vec::new(), Vec::new());
    for day in &days {
        for shift in ["", "+1d ", "-14d ", "-0d ", "+366d ", "+367d ", "+0001d "] {
            for time in TIMES {
                let text = format!(" {day} {shift}{time}\t");
                match text.parse::<freezegate::time::moment::Moment>() {
                    Ok(freezegate::time::moment::Moment::Relative(_)) => relative.push(json!(text)),
                    Ok(_) => others.push(json!(text)),
                    Err(_) => {}
                }
            }
        }
    }
    let taken = relative.len() + others.len();
    assert!(taken > 10_000 && !relative.is_empty(), "{taken}");
    for (texts, in_from) in [(relative, false), (others, true)] {
        for (text, faults) in texts.iter().zip(until.faults_of_each(&texts)) {
            assert_eq!(faults, Vec::<String>::new(), "{text}");
        }
        for (text, faults) in texts.iter().zip(from.faults_of_each(&texts)) {
            assert_eq!(faults.is_empty(), in_from, "{text}: {faults:?}");
        }
    }
}

#[test]
fn every_duration_that_the_reader_takes_is_one_for_the_schema() {
    const UNITS: [&str; 22] = [
        "w", "wk", "weeks", "d", "day", "days", "h", "hr", "hrs", "hour", "hours", "m", "min", "mins", "minutes", "s",
        "sec", "seconds", "ms", "us", "µs", "ns",
    ];
    let duration = part("/definitions/environment/properties/duration");
    let mut texts: Vec<String> =
        ["00:10:00", "1d 00:10:00", "PT1H30M", "P2DT3H", "pt5m", "+5m", "10", "-5m", "", "h"].map(str::to_owned).into();
    for unit in UNITS {
        texts.extend(["0", "1", "2.5", "2,5", "1000", "-3", "+4"].map(|number| format!("{number}{unit}")));
        texts.push(format!("1 {unit}"));
        texts.extend(UNITS.into_iter().flat_map(|other| {
            [format!("2{unit}30{other}"), format!("2 {unit} 30 {other}"), format!("2{unit}, 1{other}")]
        }));
    }
    texts.retain(|text| freezegate::policy::duration::seconds(text).is_ok());
    assert!(texts.len() > 100, "{}", texts.len());
    let taken: Vec<Value> = texts.into_iter().map(Value::from).collect();
    for (text, faults) in taken.iter().zip(duration.faults_of_each(&taken)) {
        assert_eq!(faults, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_version_of_the_program_that_the_reader_takes_is_one_for_the_schema_and_no_other_text() {
    let requires = part("/properties/requires");
    let parts = ["0", "1", "10", "01", "999999999", "1000000000", "", "x", "-1", "+1", " 1", "1 ", "1-rc", "\u{661}"];
    let mut texts: Vec<String> = parts.map(str::to_owned).into();
    for major in parts {
        for minor in parts {
            texts.push(format!("{major}.{minor}"));
            texts.extend(parts.map(|patch| format!("{major}.{minor}.{patch}")));
            texts.push(format!("{major}.{minor}.0.0"));
        }
    }
    let mut taken = 0;
    let documents: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    for (text, faults) in texts.iter().zip(requires.faults_of_each(&documents)) {
        let is_read = text.parse::<freezegate::policy::requires::ProgramVersion>().is_ok();
        assert_eq!(faults.is_empty(), is_read, "{text:?}: {faults:?}");
        taken += u32::from(is_read);
    }
    assert_eq!(taken, 4 * 4 + 4 * 4 * 4);
}

proptest! {
    /// Spans of hours: what one takes, so does the other, but for what a regular expression can't compare.
    #[test]
    fn hours_are_the_same_to_reader_and_schema(
        items in proptest::collection::vec((select(&DAYS[..]), select(&DAYS[..]), proptest::bool::ANY), 1..3),
        daily in proptest::bool::weighted(0.2),
        start in select(&TIMES[..]),
        end in select(&TIMES[..]),
        gap in prop_oneof![" ", "\t ", "  "].prop_map(|gap: String| gap),
    ) {
        let listed: Vec<String> = items
            .iter()
            .map(|(first, last, range)| if *range { format!("{first}-{last}") } else { (*first).to_owned() })
            .collect();
        let days = if daily { "daily".to_owned() } else { listed.join(",") };
        let text = format!("{days}{gap}{start}-{end}");
        let reader = text.parse::<freezegate::time::hours::Hours>();
        let schema = part("/definitions/hours").is_valid(&json!(text));
        let comparing = ["names a day twice", "is a range of one day", "starts and ends at the same time"];
        match reader {
            Ok(_) => assert!(schema, "{text:?}"),
            Err(error) => {
                let only_by_comparing = comparing.iter().any(|cause| error.cause.contains(cause));
                assert!(!schema || only_by_comparing, "{text:?}: {}", error.cause);
            }
        }
    }
}

#[test]
fn the_command_prints_the_schema() {
    let output = Command::new(env!("CARGO_BIN_EXE_freezegate")).arg("schema").env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), SCHEMA);
}

#[test]
fn the_command_writes_the_schema_to_a_file_and_to_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let run = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
        command.args(["schema", "--output"]).arg(path).env_clear().output().unwrap()
    };
    let path = folder.path().join("freezegate.schema.json");
    for _ in 0..2 {
        let written = run(&path);
        assert_eq!(written.status.code(), Some(0));
        assert_eq!(String::from_utf8(written.stderr).unwrap(), format!("wrote {}\n", path.display()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), SCHEMA);
    }
    assert_eq!(run(folder.path()).status.code(), Some(2));
}

/// The schema of files of cases has the keys of their reader, describes each, and takes no other.
#[test]
fn the_schema_of_cases_has_the_keys_of_their_reader() {
    let schema: Value = serde_json::from_str(CASES_SCHEMA).unwrap();
    Validator::new(&schema);
    assert_eq!(schema["$id"], "urn:freezegate:cases:v1");
    for (name, keys) in freezegate::cases::read::keys() {
        let table = table(&schema, name);
        let properties = table["properties"].as_object().unwrap();
        let known: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(known, keys.iter().copied().collect(), "`{name}`");
        assert_eq!(table["additionalProperties"], false, "`{name}`");
        for (key, value) in properties {
            assert!(value["description"].as_str().is_some_and(|text| !text.is_empty()), "{key}");
        }
    }
    let words = |pointer: &str| -> BTreeSet<&str> {
        schema.pointer(pointer).unwrap().as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    };
    let kinds = words("/definitions/case/properties/kind/anyOf/0/enum");
    assert_eq!(kinds, Kind::ALL.map(Kind::as_str).into_iter().collect());
    let outcomes = CaseOutcome::ALL.map(CaseOutcome::as_str).into_iter().collect();
    assert_eq!(words("/definitions/case/properties/decision/enum"), outcomes);
}

/// What is wrong with these is not a matter of one file alone, or of its form.
const CASES_UNSEEN: [&str; 3] = ["commands-and-targets.test", "plans.test", "zone-of-the-file.test"];

#[test]
fn files_of_cases_are_right_by_their_schema_and_wrong_ones_are_not() {
    let schema: Value = serde_json::from_str(CASES_SCHEMA).unwrap();
    let validator = Validator::new(&schema);
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_str().unwrap().ends_with(".test.toml"))
            .collect()
    };
    for path in files("policies") {
        let file = read(&path).unwrap();
        assert_eq!(validator.faults(&file), Vec::<String>::new(), "{}", path.display());
    }
    let mut unseen = BTreeSet::new();
    for path in files("tests/cases/wrong") {
        if read(&path).is_some_and(|file| validator.is_valid(&file)) {
            unseen.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(unseen, CASES_UNSEEN.map(str::to_owned).into_iter().collect());
    let right = json!({ "name": "a", "at": "2026-07-15T12:00:00", "decision": "allowed", "ref": "refs/heads/main" });
    let is_valid = |case: &Value| validator.is_valid(&json!({ "version": 1, "cases": [case] }));
    assert!(is_valid(&right));
    for (key, values) in [
        ("at", [json!("2026-07-15"), json!([])]),
        ("command", [json!([]), json!(["", "x"])]),
        ("plan", [json!("/plan.json"), json!("")]),
        ("paths", [json!(["/a"]), json!([])]),
        ("kind", [json!("boat"), json!([])]),
        ("decision", [json!("perhaps"), json!(null)]),
        ("next_open", [json!("soon"), json!(3)]),
        ("environment", [json!([]), json!("")]),
    ] {
        for value in values {
            let mut wrong = right.clone();
            wrong[key] = value;
            assert!(!is_valid(&wrong), "{wrong}");
        }
    }
}
