//! `freezegate status`: each environment says what `freezegate check` would.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean::command;
use crate::support::validator::Validator;

use freezegate::time::instant::Instant;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_policy = |path: &PathBuf| {
        let name = path.to_str().unwrap();
        name.ends_with(".toml") && !name.ends_with(".test.toml") && !name.ends_with("hazards.toml")
    };
    let mut files: Vec<PathBuf> = files.filter(is_policy).collect();
    files.sort();
    files
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments).env("COLUMNS", "80").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

/// Instants around three outages, a clock change and the end of a year, in UTC.
const INSTANTS: [&str; 5] = [
    "2025-07-09T21:45:00Z",
    "2025-10-26T00:30:00Z",
    "2025-12-24T12:00:00Z",
    "2026-01-05T16:40:00Z",
    "2026-08-14T11:00:00Z",
];

#[test]
fn every_environment_and_region_of_every_shipped_policy_is_as_check_says() {
    let folder = TempDir::new().unwrap();
    let mut verdicts = [0_usize; 2];
    for policy in shipped() {
        let policy = policy.to_str().unwrap();
        for at in INSTANTS {
            let (status, printed, errors) =
                run(folder.path(), &["status", "--policy", policy, "--at", at, "--format", "json"]);
            assert_eq!(status, Some(0), "{policy}: {errors}");
            let told: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!((&told["schema"], &told["hypothetical"]), (&"freezegate/status/v1".into(), &true.into()));
            for one in told["environments"].as_array().unwrap() {
                let environment = one["environment"].as_str().unwrap();
                let regions = one["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
                for region in regions.map(Some).chain(one["regions"].as_array().unwrap().is_empty().then_some(None)) {
                    let mut arguments =
                        vec!["check", environment, "--policy", policy, "--at", at, "--no-ci", "--format", "json"];
                    arguments.extend(region.into_iter().flat_map(|region| ["--region", region]));
                    let (_, printed, errors) = run(folder.path(), &arguments);
                    let checked: Value = serde_json::from_str(&printed).unwrap();
                    for key in ["decision", "valid_until", "next_open"] {
                        assert_eq!(one[key], checked[key], "{arguments:?}: {key}: {errors}");
                    }
                    verdicts[usize::from(one["decision"] == "refused")] += 1;
                }
            }
        }
    }
    assert!(verdicts.iter().all(|count| *count >= 10), "{verdicts:?}");
}

/// Each row: the hours of two regions, and the lines that tell of them on a Wednesday at 10:00.
#[test]
fn regions_are_told_as_one_where_the_same_line_closes_them_or_both_are_open_as_long() {
    let rows: [(&str, &str, &str, &[&str]); 4] = [
        (
            "08:00-18:00",
            "08:00-18:00",
            "",
            &[
                "closed: production/eu, since Wed 08:00 UTC",
                "closed: production/us, since Wed 08:00 UTC",
                "closed: production, to a change of all regions at once",
            ],
        ),
        (
            "08:00-18:00",
            "11:00-12:00",
            "",
            &[
                "closed: production/eu, since Wed 08:00 UTC",
                "open: production/us, since Tue 12:00 UTC",
                "closed: production, to a change of all regions at once",
            ],
        ),
        ("11:00-12:00", "11:00-13:00", "", &["open: production, since Tue 13:00 UTC"]),
        (
            "11:00-12:00",
            "11:00-12:00",
            "[[freezes]]\nname = \"all\"\nfrom = 2025-07-09T09:00:00\nuntil = 2025-07-09T11:30:00\ntimezone = \"UTC\"\n",
            &["closed: production, since Wed 09:00 UTC"],
        ),
    ];
    for (one, other, freeze, expected) in rows {
        let region = |name: &str, hours: &str| {
            format!("[regions.{name}]\ntimezones = [\"UTC\"]\ncore_hours = [\"Mon-Fri {hours}\"]\n")
        };
        let text =
            ["version = 1\n", &region("eu", one), &region("us", other), "[environments.production]\n", freeze].concat();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), text).unwrap();
        let (_, printed, errors) = run(folder.path(), &["status", "--at", "2025-07-09T10:00:00Z"]);
        let heads: Vec<&str> = printed.lines().filter(|line| !line.starts_with(' ')).skip(1).collect();
        assert_eq!(heads, expected, "{printed}{errors}");
    }
}

/// A window is closed since it began, on its own clock; before that nothing starts that would run into it.
#[test]
fn since_when_it_is_closed_is_when_the_window_began() {
    let folder = TempDir::new().unwrap();
    let policy = "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
                  [environments.production]\nduration = \"10m\"\nsettle = \"30m\"\n";
    fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
    for (at, expected) in [
        ("2026-11-30T09:00:00Z", "closed: production/eu, since Mon 08:00 Berlin; no start since 07:20"),
        ("2026-11-30T06:30:00Z", "too late: production/eu, no start since Mon 07:20 Berlin"),
        ("2026-11-30T06:20:00Z", "open: production/eu, since Fri 18:00 Berlin"),
    ] {
        let (_, printed, errors) = run(folder.path(), &["status", "--at", at]);
        let head = printed.lines().find(|line| line.contains("production"));
        assert_eq!(head, Some(expected), "{printed}{errors}");
    }
}

/// Nobody knows of a stop before it begins, so nothing was too late before it.
#[test]
fn a_stop_closes_since_it_began_and_not_a_change_before() {
    let folder = TempDir::new().unwrap();
    let hours = "version = 1\n[regions.eu]\ntimezones = [\"UTC\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
                 [environments.production]\nduration = \"10m\"\nsettle = \"30m\"\n";
    fs::write(folder.path().join("freezegate.toml"), hours).unwrap();
    for (from, expected) in [
        // beyond all hours
        ("2026-11-30T21:00:00Z", "closed: production/eu, since Mon 21:00 UTC"),
        ("2026-11-30T21:00:33Z", "closed: production/eu, since Mon 21:00:33 UTC"),
        // less than a change and its settling after the hours
        ("2026-11-30T18:20:01Z", "closed: production/eu, since Mon 18:20:01 UTC"),
        // within the hours, which go on
        ("2026-11-30T17:00:00Z", "closed: production/eu, since Mon 08:00 UTC; no start since 07:20"),
    ] {
        let stop = format!(
            "[[freezes]]\nname = \"stop\"\nfrom = {from}\nuntil = 2026-11-30T23:00:00Z\ntimezone = \"UTC\"\nlevel = \"hard\"\n"
        );
        fs::write(folder.path().join("stop.toml"), stop).unwrap();
        let (_, printed, errors) =
            run(folder.path(), &["status", "--extra-freezes", "stop.toml", "--at", "2026-11-30T22:00:00Z"]);
        let head = printed.lines().find(|line| line.contains("production"));
        assert_eq!(head, Some(expected), "{from}: {printed}{errors}");
    }
    // before one that is announced, it is too late to start
    let (_, printed, errors) =
        run(folder.path(), &["status", "--extra-freezes", "stop.toml", "--at", "2026-11-30T07:30:00Z"]);
    assert!(printed.contains("too late: production/eu, no start since Mon 07:20 UTC"), "{printed}{errors}");
}

/// A change of what regions share goes to all of them: as `check` says of an environment without a region.
#[test]
fn all_regions_at_once_are_as_check_says_of_the_environment() {
    let folder = TempDir::new().unwrap();
    let region = |name: &str, hours: &str| {
        format!("[regions.{name}]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily {hours}\"]\n")
    };
    for (one, other) in [
        ("08:00-18:00", "16:00-20:00"),
        ("08:00-18:00", "18:00-08:00"),
        ("08:00-18:00", "08:00-18:00"),
        ("01:00-02:00", "03:00-04:00"),
    ] {
        let text =
            ["version = 1\n", &region("eu", one), &region("us", other), "[environments.production]\nsettle = \"5m\"\n"];
        fs::write(folder.path().join("freezegate.toml"), text.concat()).unwrap();
        for at in ["2026-11-30T07:00:00Z", "2026-11-30T17:00:00Z", "2026-11-30T19:00:00Z", "2026-11-30T22:00:00Z"] {
            let json = |arguments: &[&str]| -> Value {
                let all = [arguments, &["--at", at, "--format", "json"]].concat();
                let (_, printed, errors) = run(folder.path(), &all);
                serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{errors}"))
            };
            let status = json(&["status"]);
            let regions = status["environments"].as_array().unwrap().len();
            let together = status["all_regions"].as_array().unwrap();
            assert_eq!(together.len(), usize::from(regions > 1), "{status}");
            let checked = json(&["check", "production", "--no-ci"]);
            for key in ["decision", "valid_until", "next_open"] {
                assert!(together.iter().all(|one| one[key] == checked[key]), "{key}: {status} {checked}");
            }
            let (_, printed, _) = run(folder.path(), &["status", "--at", at]);
            let word = if checked["decision"] == "allowed" { "open" } else { "closed" };
            assert_eq!(
                printed.contains(&format!("\n{word}: production, to a change of all regions at once\n")),
                regions > 1,
                "{printed}"
            );
        }
    }
}

#[test]
fn a_name_that_the_policy_lacks_is_no_answer() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("freezegate.toml"), "version = 1\n[environments.production]\naliases = [\"prod\"]\n")
        .unwrap();
    let (status, printed, _) = run(folder.path(), &["status", "prod"]);
    assert_eq!((status, printed.as_str()), (Some(0), "open: production\n  closes      not within 400 days\n"));
    let (status, _, errors) = run(folder.path(), &["status", "prodution"]);
    assert_eq!(status, Some(2));
    assert!(
        errors.contains("there is no environment `prodution`") && errors.contains("did you mean `production`?"),
        "{errors}"
    );
}

/// Just before since when it is so, it was otherwise.
#[test]
fn since_when_it_is_so_is_when_the_answer_changed() {
    let folder = TempDir::new().unwrap();
    let mut told = 0;
    for policy in shipped().iter().filter(|policy| policy.ends_with("follow-the-sun.toml")) {
        let policy = policy.to_str().unwrap();
        for at in INSTANTS {
            let (_, printed, errors) =
                run(folder.path(), &["status", "--policy", policy, "--at", at, "--format", "json"]);
            let answer: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{errors}"));
            for one in answer["environments"].as_array().unwrap() {
                let Some(since) = one["since"].as_str() else {
                    continue;
                };
                let began = since.parse::<jiff::Timestamp>().unwrap().as_second();
                let asked = at.parse::<jiff::Timestamp>().unwrap().as_second();
                assert!(began <= asked, "{one}");
                let names = one["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
                let regions: Vec<&str> = names.collect();
                let is_so = |second: Instant, region: &&str| {
                    let at = second.timestamp().unwrap().to_string();
                    let environment = one["environment"].as_str().unwrap();
                    let arguments = ["check", environment, "--region", region, "--policy", policy, "--at", &at];
                    run(folder.path(), &arguments).0 == if one["decision"] == "refused" { Some(1) } else { Some(0) }
                };
                assert!(regions.iter().all(|region| is_so(Instant::from_second(began), region)), "{one}");
                assert!(!regions.iter().all(|region| is_so(Instant::from_second(began - 1), region)), "{one}");
                told += 1;
            }
        }
    }
    assert!(told > 10, "{told}");
}

#[test]
fn the_next_shift_reads_who_overrode_what_and_what_was_refused() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let policy = "version = 1\n[environments.staging]\n[environments.production]\n[[freezes]]\nname = \"audit\"\nfrom = 2020-01-01T00:00:00\nuntil = 2999-01-01T00:00:00\nlevel = \"soft\"\ntimezone = \"UTC\"\nenvironments = [\"production\"]\n[[lifts]]\nlevel = \"soft\"\nsigned = []\nincident = true\n";
    fs::write(here.join("freezegate.toml"), policy).unwrap();
    let check = |arguments: &[&str]| run(here, &[&["check", "--record", "record.jsonl"], arguments].concat()).0;
    assert_eq!(check(&["production"]), Some(1));
    assert_eq!(check(&["production", "--incident", "INC-7"]), Some(0));
    assert_eq!(check(&["staging"]), Some(0));
    let (status, printed, errors) = run(here, &["status", "--record", "record.jsonl", "--since", "12h"]);
    assert_eq!(status, Some(0), "{errors}");
    for line in [
        ": 3 decisions, 1 override, 1 refusal",
        "  override    ",
        "  refused     ",
        "production, freeze/audit",
        "incident INC-7",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    let json = |arguments: &str| -> Value {
        let arguments: Vec<&str> =
            ["status", "--format", "json"].into_iter().chain(arguments.split_whitespace()).collect();
        serde_json::from_str(&run(here, &arguments).1).unwrap()
    };
    let all = json("--record record.jsonl");
    assert_eq!(
        (&all["record"]["overrides"][0]["incident"], &all["record"]["refusals"][0]["findings"][0]),
        (&"INC-7".into(), &"freeze/audit".into())
    );
    assert_eq!(json("staging --record record.jsonl")["record"]["decisions"], 1);
    assert_eq!(json("--record record.jsonl --since 2099-01-01T00:00:00Z")["record"]["decisions"], 0);
    assert!(json("")["record"].is_null());
    let (status, _, errors) = run(here, &["status", "--since", "12h"]);
    assert!(status == Some(2) && errors.contains("--record"), "{errors}");
    let text = fs::read_to_string(here.join("record.jsonl")).unwrap();
    fs::write(here.join("record.jsonl"), text.replace("INC-7", "INC-8")).unwrap();
    assert_eq!(run(here, &["status", "--record", "record.jsonl"]).0, Some(2));
}

#[test]
fn the_schema_takes_every_status_and_no_other() {
    let folder = TempDir::new().unwrap();
    let (_, schema, _) = run(folder.path(), &["schema", "status"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = Validator::new(&schema);
    let policy = "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
                  [environments.production]\n[environments.staging]\nduring_core_hours = \"off\"\n\
                  [[freezes]]\nname = \"always\"\nenvironments = [\"production\"]\nfrom = 2000-01-01T00:00:00Z\nuntil = 2200-01-01T00:00:00Z\ntimezone = \"UTC\"\n\
                  reason = \"why\"\n[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n";
    fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
    let check = ["check", "production", "--record", "record.jsonl", "--no-ci"];
    assert_eq!(run(folder.path(), &check).0, Some(1));
    assert_eq!(run(folder.path(), &[&check[..], &["--incident", "INC-7"]].concat()).0, Some(0));
    let mut whole = Value::Null;
    for arguments in [
        &["status", "--record", "record.jsonl", "--since", "1h"][..],
        &["status", "--at", "2026-07-15T12:00:00Z"],
        &["status", "nowhere"],
        &["status", "--policy", "nowhere.toml"],
    ] {
        let (status, printed, errors) = run(folder.path(), &[arguments, &["--format", "json"]].concat());
        let answer: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{errors}"));
        assert_eq!(validator.faults(&answer), Vec::<String>::new(), "{answer}");
        assert_eq!(status == Some(0), answer["result"] == "answered", "{answer}");
        for key in answer.as_object().unwrap().keys() {
            let mut without = answer.clone();
            without.as_object_mut().unwrap().remove(key);
            assert!(!validator.is_valid(&without), "without {key}");
        }
        if arguments.contains(&"--record") {
            whole = answer;
        }
    }
    // the schema describes each key of the answer, and of its parts
    let described = |pointer: &str, of: &str| {
        let keys: Vec<&String> = whole.pointer(pointer).unwrap().as_object().unwrap().keys().collect();
        let known: Vec<&String> = schema.pointer(of).unwrap()["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, known, "{pointer}");
    };
    described("", "");
    described("/environments/0", "/properties/environments/items");
    described("/environments/0/findings/0", "/properties/environments/items/properties/findings/items");
    described("/record", "/properties/record/anyOf/0");
    described("/record/overrides/0", "/definitions/decision");
    described("/record/refusals/0", "/definitions/decision");
    for (pointer, value) in [
        ("/schema", "freezegate/status/v2".into()),
        ("/environments/0/decision", "perhaps".into()),
        ("/environments/0/findings/0/level", "firm".into()),
        ("/record/decisions", (-1).into()),
        ("/record/refusals/0/at", Value::Null),
    ] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}
