//! `freezegate calendar`, as people and jobs run it. What it says is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean::command;
use crate::support::validator::Validator;

const POLICY: &str = "version = 1
[regions.us]
timezones  = [\"America/New_York\", \"America/Los_Angeles\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[regions.eu]
timezones  = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
aliases  = [\"prod\"]
duration = \"10m\"
[environments.staging]
during_core_hours = \"off\"
[services.shop]
regions = [\"us\"]
[[freezes]]
name     = \"all of it\"
from     = 2020-01-01T00:00:00
until    = 2027-01-01T00:00:00
timezone = \"UTC\"
level    = \"warn\"
kinds    = [\"migration\"]
services = [\"shop\"]
reason   = \"<i>x</i>\"
";

fn calendar(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    fs::write(folder.join("freezegate.toml"), POLICY).unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.arg("calendar").args(arguments.split_whitespace()).env("COLUMNS", "80").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn it_shows_what_is_asked_for_and_writes_it_where_it_should() {
    let folder = TempDir::new().unwrap();
    let from = "--from 2026-07-06 --timezone America/New_York";
    let show = |arguments: &str| {
        let (status, printed, errors) = calendar(folder.path(), &format!("{arguments} {from}"));
        assert_eq!((status, errors.as_str()), (Some(0), ""), "{arguments}");
        printed
    };
    let week = show("");
    assert!(week.starts_with("week: Mon 6 Jul to Sun 12 Jul 2026, New York time\n"), "{week}");
    assert!(week.contains("\nproduction: ") && week.contains("\nstaging: "), "{week}");
    assert!(!week.contains('\u{1b}'));
    assert!(!show("prod").contains("staging") && show("--month").starts_with("month: Mon 6 Jul to Wed 5 Aug 2026"));
    assert!(show("--year prod").starts_with("year: Mon 6 Jul 2026 to Mon 5 Jul 2027"));
    // a service of one region has no other, and a freeze of other kinds is left out
    let narrowed = show("prod --service shop --kind config");
    assert!(narrowed.contains("; service shop; kind config\n") && narrowed.contains(" in us\n"), "{narrowed}");
    assert!(!narrowed.contains("all of it") && week.contains("freeze all of it"), "{narrowed}");
    for (format, begin) in [("ics", "BEGIN:VCALENDAR\r\n"), ("html", "<!DOCTYPE html>\n"), ("json", "{\"schema\"")] {
        let printed = show(&format!("--format {format}"));
        assert!(printed.starts_with(begin), "{printed}");
        assert_eq!(show(&format!("--format {format} --output out")), "");
        let written = fs::read_to_string(folder.path().join("out")).unwrap();
        assert_eq!(written.len(), printed.len());
    }
    assert!(!show("--format html").contains("<i>x"));
    // a file that people subscribe to holds a year
    let events = |arguments: &str| show(&format!("{arguments} --format ics")).matches("BEGIN:VEVENT").count();
    assert_eq!(events(""), events("--year"));
    assert!(events("") > events("--month") && events("--month") > events("--week"));
}

#[test]
fn what_it_cannot_show_is_an_error_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    for (arguments, cause, help) in [
        ("--from 2026-7-6", "`--from 2026-7-6` is not a date", "`2026-12-01`"),
        ("--from 2026-02-30", "`--from 2026-02-30` is not a date", "`2026-12-01`"),
        ("--from tomorrow", "`--from tomorrow` is not a date", "`2026-12-01`"),
        ("--from 9998-12-30 --year", "the instant is beyond the range of dates", "the years 1 to 9000"),
        ("prodution", "there is no environment `prodution`", "did you mean `production`?"),
        ("--kind deployment", "there is no kind `deployment`", "did you mean `deploy`?"),
        ("--timezone EST", "EST", "America/"),
        ("--service shop --region eu", "none of these environments serves", "leave out"),
        ("--policy nowhere.toml", "nowhere.toml", ""),
        ("--week --year", "can't be used with", ""),
    ] {
        let (status, printed, errors) = calendar(folder.path(), arguments);
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments}: {errors}");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments}: {errors}");
    }
}

#[test]
fn the_schema_takes_every_calendar_and_no_other() {
    let folder = TempDir::new().unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    let schema = program.args(["schema", "calendar"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = Validator::new(&schema);
    let mut last = Value::Null;
    for arguments in ["", "--year", "prod --service shop --kind config --region us", "nowhere", "--policy nowhere.toml"]
    {
        let (status, printed, _) =
            calendar(folder.path(), &format!("{arguments} --from 2026-10-24 --timezone UTC --format json"));
        let answer: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(validator.faults(&answer), Vec::<String>::new(), "{answer}");
        let result = if arguments.contains("nowhere") { (Some(2), "undecided") } else { (Some(0), "answered") };
        assert_eq!((status, answer["result"].as_str().unwrap()), result);
        for key in answer.as_object().unwrap().keys() {
            let mut without = answer.clone();
            without.as_object_mut().unwrap().remove(key);
            assert!(!validator.is_valid(&without), "without {key}");
        }
        if result.0 == Some(0) {
            last = answer;
        }
    }
    for (pointer, value) in [
        ("/schema", json!("freezegate/calendar/v2")),
        ("/from", json!(5)),
        ("/environments/0/lanes/0/spans/0/state", json!("ajar")),
        ("/environments/0/windows/0/level", json!("firm")),
    ] {
        let mut wrong = last.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
    let core = &last["environments"][0]["windows"][0];
    assert_eq!((&core["code"], &core["policy"]), (&json!("core-hours"), &json!("freezegate.toml:4")));
}
