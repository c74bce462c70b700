//! The cases that `freezegate init` drafts hold for its policy.

use freezegate::cases::judge::judge;
use freezegate::cases::read::read as read_cases;
use freezegate::draft::{PolicyDraft, Survey};
use freezegate::time::instant::Instant;
use freezegate::time::zone::Zone;

use crate::init::judged::read;
use crate::init::repository::{Repository, text};

/// Returns the number of cases, and at how many instants; all of them hold.
pub(crate) fn assert_cases_hold(draft: &PolicyDraft, at: &str) -> (usize, usize) {
    let at = Instant::from(at.parse::<jiff::Timestamp>().unwrap());
    let text = draft.cases(at).unwrap();
    assert_eq!(text, draft.cases(at).unwrap());
    let file = match read_cases("freezegate.test.toml", text.clone().into_bytes()) {
        Ok(file) => file,
        Err(faults) => {
            assert_eq!(format!("{:?}", faults.diagnostics), "", "{text}");
            return (0, 0);
        }
    };
    for (case, result) in file.cases.iter().zip(judge(&read(&draft.text()), &file.cases, 1).unwrap()) {
        assert!(result.passed(), "{}: {:?}\n{text}", case.name, result.answers);
    }
    let reached: usize = file.cases.iter().map(|case| case.names.environments.len()).sum();
    assert!(reached >= draft.environments().len());
    (file.cases.len(), file.cases.iter().map(|case| case.at.len()).sum())
}

#[test]
fn cases_hold_in_every_zone_and_year() {
    let (mut zones, mut changing) = (0, 0);
    for name in Zone::names() {
        let draft = PolicyDraft::new(&Survey { timezones: vec![name.to_owned()], ..Survey::default() });
        for at in ["1999-12-31T23:59:59Z", "2026-11-28T12:00:00Z", "2027-01-01T00:00:00Z", "2040-06-01T00:00:00Z"] {
            let (cases, instants) = assert_cases_hold(&draft, at);
            changing += usize::from(cases == 3);
            assert!(cases == 2 && instants == 2 || cases == 3 && instants > 3, "{name}");
        }
        zones += 1;
    }
    assert!(zones > 400 && changing > 400, "{zones} {changing}");
    let berlin = PolicyDraft::new(&Survey { timezones: vec!["Europe/Berlin".to_owned()], ..Survey::default() });
    let text = berlin.cases("2026-11-28T12:00:00Z".parse::<jiff::Timestamp>().unwrap().into()).unwrap();
    let around = "[2026-03-27T08:00:00, 2026-03-30T08:00:00, 2026-10-23T08:00:00, 2026-10-26T08:00:00]";
    assert!(text.contains(around), "{text}");
}

#[test]
fn cases_are_written_beside_the_policy_and_never_over_others() {
    let repository = Repository::with(&["deploy/prod/x", "deploy/dev/x"]);
    let report = repository.init(&["--timezone", "Europe/Berlin"]);
    assert!(report.starts_with("wrote: freezegate.toml and freezegate.test.toml\n"), "{report}");
    for part in ["\n              freezegate test\n", "\n  4. commit   git add freezegate.toml freezegate.test.toml\n"]
    {
        assert!(report.contains(part), "{report}");
    }
    let held = repository.run(&["test"]);
    assert_eq!(held.status.code(), Some(0), "{held:?}");
    assert_eq!(text(&held.stdout), "passed: 4 cases of freezegate.test.toml, by freezegate.toml\n");
    let path = repository.root().join("freezegate.test.toml");
    std::fs::write(&path, "mine\n").unwrap();
    let report = repository.init(&["--force"]);
    assert!(report.starts_with("wrote: freezegate.toml\n"), "{report}");
    assert!(report.contains("freezegate.test.toml was not changed, and may not fit"), "{report}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine\n");

    let report = repository.init(&["--output", "other.toml"]);
    assert!(report.starts_with("wrote: other.toml and other.test.toml\n"), "{report}");
    assert!(report.contains("freezegate test other.test.toml\n"), "{report}");
    assert_eq!(repository.run(&["test", "other.test.toml"]).status.code(), Some(0));
    let report = repository.init(&["--output", "policy"]);
    assert!(report.starts_with("wrote: policy\n") && !report.contains("freezegate test"), "{report}");

    let linked = Repository::bare();
    std::os::unix::fs::symlink("nowhere", linked.root().join("freezegate.test.toml")).unwrap();
    let report = linked.init(&[]);
    assert!(report.contains("freezegate.test.toml was not changed, and may not fit"), "{report}");
    assert!(!linked.root().join("nowhere").exists());
}

/// The draft asks for every other zone of the customers: with them the cases still hold.
#[test]
fn cases_hold_when_zones_are_added() {
    // the first and the last that have people, and those where most people are at work
    let others =
        ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Auckland", "America/Los_Angeles", "Europe/London"];
    let at = Instant::from("2026-11-28T12:00:00Z".parse::<jiff::Timestamp>().unwrap());
    for name in Zone::names() {
        let draft = PolicyDraft::new(&Survey { timezones: vec![name.to_owned()], ..Survey::default() });
        let one = format!("timezones  = [{name:?}]");
        let all: Vec<&str> = [name].into_iter().chain(others.into_iter().filter(|other| *other != name)).collect();
        let policy = draft.text().replace(&one, &format!("timezones  = {all:?}"));
        assert!(policy.contains(&format!("{all:?}")), "{policy}");
        let file = read_cases("freezegate.test.toml", draft.cases(at).unwrap().into_bytes()).unwrap();
        for (case, result) in file.cases.iter().zip(judge(&read(&policy), &file.cases, 1).unwrap()) {
            assert!(result.passed(), "{name} {}: {:?}", case.name, result.answers);
        }
    }
}

/// The zones of customers are a guess until somebody writes them, in both files: then the cases still hold.
#[test]
fn cases_hold_once_the_zones_are_filled_in() {
    let draft = PolicyDraft::new(&Survey::default());
    assert_cases_hold(&draft, "2026-11-28T12:00:00Z");
    let at = Instant::from("2026-11-28T12:00:00Z".parse::<jiff::Timestamp>().unwrap());
    let (policy, cases) = (draft.text(), draft.cases(at).unwrap());
    assert!(
        policy.contains("timezones  = [\"UTC\"]") && cases.contains("timezone = \"UTC\" # TODO"),
        "{policy}{cases}"
    );
    for zones in [
        &["Europe/Berlin"][..],
        &["Asia/Tokyo"],
        &["America/New_York", "America/Los_Angeles"],
        &["America/Los_Angeles", "Pacific/Auckland"],
        &["Pacific/Auckland", "America/Los_Angeles", "Europe/London"],
    ] {
        let policy = policy.replace("timezones  = [\"UTC\"]", &format!("timezones  = {zones:?}"));
        let cases = cases.replace("timezone = \"UTC\"", &format!("timezone = \"{}\"", zones[0]));
        let file = read_cases("freezegate.test.toml", cases.into_bytes()).unwrap();
        for (case, result) in file.cases.iter().zip(judge(&read(&policy), &file.cases, 1).unwrap()) {
            assert!(result.passed(), "{zones:?} {}: {:?}", case.name, result.answers);
        }
    }
}
