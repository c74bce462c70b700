//! `freezegate export` and `freezegate import`, as people and jobs run it. What it writes is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::clean::command;

const POLICY: &str = "version = 1
[regions.us]
timezones  = [\"America/New_York\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[regions.eu]
timezones  = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
aliases = [\"prod\"]
[environments.staging]
regions = [\"eu\"]
exempt = []
";

fn run(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    fs::write(folder.join("freezegate.toml"), POLICY).unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments.split_whitespace()).env("COLUMNS", "120").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn it_writes_windows_for_the_applications_that_are_asked_for() {
    let folder = TempDir::new().unwrap();
    let (status, printed, errors) =
        run(folder.path(), "export argocd --applications {environment}-{region}-* --stricter");
    assert_eq!(status, Some(0), "{errors}");
    for pattern in ["production-us-*", "production-eu-*", "staging-eu-*"] {
        assert_eq!(printed.matches(&format!("applications: [\"{pattern}\"]")).count(), 1, "{printed}");
    }
    assert!(errors.starts_with("warning[inexact]: changes of kind `rollback` are exempt"), "{errors}");
    let (status, printed, errors) = run(folder.path(), "export argocd staging --clusters eu-1 --output windows.yaml");
    assert_eq!((status, printed.as_str(), errors.as_str()), (Some(0), "", ""));
    let written = fs::read_to_string(folder.path().join("windows.yaml")).unwrap();
    assert!(written.contains("timeZone: Europe/Berlin\n      clusters: [\"eu-1\"]\n"), "{written}");
    let (status, printed, errors) = run(folder.path(), "export gitlab prod --region us --stricter");
    assert_eq!(status, Some(0), "{errors}");
    assert_eq!(
        printed,
        "[\n  {\"freeze_start\":\"0 8 * * 1-5\",\"freeze_end\":\"0 18 * * 1-5\",\"cron_timezone\":\"America/New_York\"}\n]\n"
    );
}

#[test]
fn what_it_cannot_write_is_an_error_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    for (arguments, cause, help) in [
        ("export gitlab", "2 environments, and a freeze period is for the whole project", "name one environment"),
        ("export gitlab staging --clusters one", "`--clusters` is for Argo CD only", "leave it out"),
        ("export ics --stricter", "2 environments, and an event does not name its environment", "a file for each"),
        ("export ics staging --applications one", "`--applications` is for Argo CD only", "leave it out"),
        ("export ics staging --until 2020-02-02", "`--until 2020-02-02` is over", "give a day to come"),
        ("export gitlab staging --until 2099-01-01", "`--until` is for events of a calendar only", "leave it out"),
        ("export argocd --stricter", "the applications of each are not known", "--applications '{environment}-*'"),
        ("export argocd staging --region us", "`staging` serves none of these regions", "leave out `--region`"),
        ("export argocd prodution", "there is no environment `prodution`", "did you mean `production`?"),
        ("export argocd production", "changes of kind `rollback` are exempt", "`--stricter` exports"),
        ("export argocd staging --clusters a --applications b", "can't be used with", ""),
    ] {
        let (status, printed, errors) = run(folder.path(), arguments);
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments}: {errors}");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments}: {errors}");
    }
}

const PROJECT: &str = "spec:
  syncWindows:
  - kind: deny
    schedule: '0 8 * * 1-5'
    duration: 10h
    applications: ['*-prod']
    manualSync: true
";

#[test]
fn it_reads_windows_from_files_and_standard_input() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("project.yaml"), PROJECT).unwrap();
    let asked = "import argocd project.yaml --application shop-prod";
    let (status, printed, errors) = run(folder.path(), asked);
    assert_eq!((status, printed.as_str()), (Some(2), ""));
    assert!(errors.contains("it allows manual syncs") && errors.contains(" --> project.yaml:3:1"), "{errors}");
    let (status, printed, errors) = run(folder.path(), &format!("{asked} --stricter --environment live"));
    assert_eq!(status, Some(0), "{errors}");
    let policy = "# Sync windows of Argo CD, by `freezegate import argocd`.\nversion = 1\n\n[environments.live]\nexempt = []\n\n\
                  [[freezes]]\nname     = \"argocd 1\"\nenvironments = [\"live\"]\nhours    = [\"Mon-Fri 08:00-18:00\"]\ntimezone = \"UTC\"\nexempt   = []\n";
    assert_eq!(printed, policy);
    assert!(errors.starts_with("warning[inexact]: it allows manual syncs"), "{errors}");
    let periods = "[{\"freeze_start\": \"0 23 * * 5\", \"freeze_end\": \"0 7 * * 1\", \"cron_timezone\": \"UTC\"}]";
    fs::write(folder.path().join("periods.json"), periods).unwrap();
    let asked = "import gitlab periods.json --output new.toml";
    assert_eq!(run(folder.path(), asked), (Some(0), String::new(), String::new()));
    let (status, _, errors) = run(folder.path(), asked);
    assert!(status == Some(2) && errors.contains("`new.toml` exists"), "{errors}");
    let (status, printed, errors) = run(folder.path(), "check production --policy new.toml --at 2026-11-28T12:00:00Z");
    assert_eq!(status, Some(1), "{printed}{errors}");
}

#[test]
fn what_it_cannot_read_is_an_error_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("project.yaml"), PROJECT).unwrap();
    fs::write(folder.path().join("large"), vec![b' '; (4 << 20) + 1]).unwrap();
    fs::write(folder.path().join("bytes"), b"\xff\xfe").unwrap();
    // nine levels of nine aliases each
    let bomb: String = (1..10)
        .map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(",")))
        .collect();
    fs::write(folder.path().join("bomb"), format!("a0: &a0 x\n{bomb}")).unwrap();
    for (arguments, cause, help) in [
        ("argocd nowhere", "`nowhere` can't be read", "check the path and its permissions"),
        ("argocd large", "`large` is larger than 4 MiB", "one project, or fewer events"),
        ("gitlab bytes", "`bytes` is not UTF-8", "save it as UTF-8"),
        ("argocd bomb", "the file is not what is expected", "give the YAML of one AppProject"),
        ("gitlab project.yaml", "the file is not what is expected", "`GET /projects/:id/freeze_periods`"),
        ("argocd project.yaml", "it chooses `applications` (*-prod)", "`--application NAME`"),
        ("gitlab project.yaml --cluster one", "are for Argo CD only", "leave them out"),
        ("argocd project.yaml --environment a.b", "`a.b` can't be the name", "use ASCII letters"),
    ] {
        let (status, printed, errors) = run(folder.path(), &format!("import {arguments}"));
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments}: {errors}");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments}: {errors}");
    }
}

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nBEGIN:VEVENT\r\nSUMMARY:Nights\r\n\
                        DTSTART;TZID=Europe/Berlin:20260105T220000\r\nDURATION:PT8H\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n\
                        BEGIN:VEVENT\r\nSUMMARY:Far off\r\nDTSTART;VALUE=DATE:22260101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn it_reads_events_of_a_calendar() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("all.ics"), CALENDAR).unwrap();
    let (status, printed, errors) = run(folder.path(), "import ics all.ics");
    assert_eq!((status, printed.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("--> all.ics:12:1") && errors.contains("`--timezone Europe/Berlin`"), "{errors}");
    let asked = "import ics all.ics --timezone Europe/Berlin --environment live --output new.toml";
    let (status, printed, errors) = run(folder.path(), asked);
    assert_eq!((status, printed.as_str()), (Some(0), ""), "{errors}");
    let policy = fs::read_to_string(folder.path().join("new.toml")).unwrap();
    assert!(
        policy.starts_with("# Events of a calendar, by `freezegate import ics`.\nversion = 1\n\n[environments.live]")
    );
    assert!(policy.contains("hours    = [\"daily 22:00-06:00\"]") && policy.contains("from     = 2226-01-01T00:00:00"));
    let (status, printed, errors) = run(folder.path(), "check live --policy new.toml --at 2026-12-28T23:00:00+01:00");
    assert!(status == Some(1) && printed.contains("Nights"), "{printed}{errors}");
    fs::write(folder.path().join("two-weeks.ics"), CALENDAR.replace("FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2")).unwrap();
    for (arguments, cause, help) in [
        ("ics two-weeks.ics --timezone UTC", "a policy has no rule for its `RRULE`", "`--until 2027-12-31` writes"),
        ("ics all.ics --timezone CET", "`CET` is not an IANA name", "write the zone of a city"),
        ("ics all.ics --until tomorrow", "`--until tomorrow` is not a date", "`2026-12-01`"),
        ("ics all.ics --until 2020-01-01", "`--until 2020-01-01` is over", "give a day to come"),
        (
            "ics all.ics --cluster one",
            "`--application`, `--namespace` and `--cluster` are for Argo CD only",
            "leave it out",
        ),
        ("gitlab all.ics --timezone UTC", "are for events of a calendar only", "leave them out"),
        ("ics freezegate.toml", "a line without a `:`", "export the calendar again"),
    ] {
        let (status, printed, errors) = run(folder.path(), &format!("import {arguments}"));
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments}: {errors}");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments}: {errors}");
    }
}

#[test]
fn it_writes_events_that_it_reads_again() {
    let folder = TempDir::new().unwrap();
    let asked = "export ics staging --until 2099-01-01 --output staging.ics";
    assert_eq!(run(folder.path(), asked), (Some(0), String::new(), String::new()));
    let written = fs::read_to_string(folder.path().join("staging.ics")).unwrap();
    assert!(written.starts_with("BEGIN:VCALENDAR\r\n") && written.ends_with("END:VCALENDAR\r\n"), "{written}");
    for line in
        ["TZID:Europe/Berlin", "SUMMARY:staging closed: core-hours/eu", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    {
        assert_eq!(written.matches(&format!("{line}\r\n")).count(), 1, "{written}");
    }
    let (status, printed, errors) = run(folder.path(), "import ics staging.ics --environment staging");
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(printed.contains("hours    = [\"Mon-Fri 08:00-18:00\"]\ntimezone = \"Europe/Berlin\""), "{printed}");
}
