//! Windows of other programs as policies: the same minutes, there and back, or a list of all that a policy cannot say.

use freezegate::exchange::import::{Imported, NotImported};
use freezegate::exchange::sync_windows::ArgoApplication;
use freezegate::exchange::{freeze_periods, sync_windows};

use super::{AppProject, SAYABLE, agrees, argo, fugit, load, now, to_argo, to_gitlab};

fn from_argo(text: &str, application: &ArgoApplication, stricter: bool) -> Result<Imported, NotImported> {
    sync_windows::import(("project.yaml", text), application, "production", stricter, now()).unwrap()
}

fn from_gitlab(text: &str) -> Result<Imported, NotImported> {
    freeze_periods::import(("periods.json", text), "production", now()).unwrap()
}

fn project(windows: &[&str]) -> String {
    let windows: Vec<String> =
        windows.iter().map(|window| format!("  - {{ {window}, applications: [\"*\"] }}\n")).collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nspec:\n  sourceRepos: ['*']\n  syncWindows:\n{}",
        windows.concat()
    )
}

/// What teams write.
const PROJECTS: &[&[&str]] = &[
    &["kind: deny, schedule: '0 22 * * *', duration: 8h, timeZone: Europe/Amsterdam"],
    &["kind: deny, schedule: '0 17 * * 5', duration: 62h", "kind: deny, schedule: '30 8,12 * * 1-4', duration: 90m"],
    &["kind: allow, schedule: '0 9 * * 1-5', duration: 8h", "kind: deny, schedule: '0 12 1,15 * *', duration: 30h"],
    &["kind: allow, schedule: '0 20 * * 0,6', duration: 26h, timeZone: America/New_York"],
    &["kind: deny, schedule: '0 0 20 12 *', duration: 384h", "kind: deny, schedule: '*/30 6-8 1 */3 ?', duration: 10m"],
    // a day of the month or a weekday; weekdays of any day
    &["kind: deny, schedule: '0 4 13 * 5', duration: 2h", "kind: deny, schedule: '0 6 */1 * 2', duration: 2h"],
];

const PERIODS: &[&str] = &[
    r#"[{"id": 1, "freeze_start": "0 23 * * 5", "freeze_end": "0 7 * * 1", "cron_timezone": "UTC", "created_at": "2020-05-15T17:03:35.702Z"}]"#,
    r#"[{"freeze_start": "0 8,14 * * mon-fri", "freeze_end": "0 12,18 * * 1-5", "cron_timezone": "Europe/Berlin"}]"#,
    r#"[{"freeze_start": "0 12 L * *", "freeze_end": "0 9 2 * *", "cron_timezone": "America/New_York"},
        {"freeze_start": "0 5 * 11 4#4", "freeze_end": "0 23 * nov thu#4", "cron_timezone": "America/New_York"},
        {"freeze_start": "0 9 * * 5#L", "freeze_end": "0 21 * * 5#last", "cron_timezone": "UTC"},
        {"freeze_start": "0 0 20 12 *", "freeze_end": "0 0 5 1 *", "cron_timezone": "UTC"}]"#,
];

#[test]
fn a_policy_refuses_at_each_minute_what_argo_cd_denies() {
    for windows in PROJECTS {
        let text = project(windows);
        let imported = from_argo(&text, &ArgoApplication::default(), false).map_err(|not| not.items).unwrap();
        let policy = load(imported.text.split_once("version = 1\n").unwrap().1);
        let read: AppProject =
            serde_saphyr::from_str(&text.replace(", applications: [\"*\"]", ", applications: ['*']")).unwrap();
        let mut read = argo::SyncWindows::new(read.spec.sync_windows);
        let seen = agrees(&policy, &[], &text, |at| !read.can_sync(at.as_second()));
        assert!(seen.0 > 1000 && seen.1 > 1000, "{text}: {seen:?}");
        // and back
        let again = to_argo(&policy, &[], false).unwrap();
        assert!(from_argo(&again.text, &ArgoApplication::default(), false).is_ok(), "{}", again.text);
    }
}

#[test]
fn a_policy_refuses_at_each_minute_at_which_gitlab_is_frozen() {
    for text in PERIODS {
        let imported = from_gitlab(text).map_err(|not| not.items).unwrap();
        let policy = load(imported.text.split_once("version = 1\n").unwrap().1);
        let plain = text
            .replace("mon-fri", "1-5")
            .replace("nov thu#4", "11 4#4")
            .replace("5#last", "5#-1")
            .replace("5#L", "5#-1");
        let plain = plain.replace("\"id\": 1, ", "").replace(", \"created_at\": \"2020-05-15T17:03:35.702Z\"", "");
        let periods: Vec<fugit::FreezePeriod> = serde_json::from_str(&plain).unwrap();
        let mut periods = fugit::FreezePeriods::new(periods);
        let seen = agrees(&policy, &[], text, |at| periods.is_active(at.as_second()));
        assert!(seen.0 > 1000 && seen.1 > 1000, "{text}: {seen:?}");
    }
}

/// What is written for another program and read again closes the same minutes.
#[test]
fn there_and_back_closes_the_same_minutes() {
    for (name, text, is_of_argo) in SAYABLE {
        let policy = load(text);
        let mut back = Vec::new();
        if *is_of_argo {
            let there = to_argo(&policy, &[], false).unwrap();
            back.push(from_argo(&there.text, &ArgoApplication::default(), false).map_err(|not| not.items));
        }
        // a fourth Thursday that ends on the same day is said by two moments there
        let there = to_gitlab(&policy, &[], false).unwrap();
        back.push(from_gitlab(&there.text).map_err(|not| not.items));
        for back in back {
            let again = load(back.unwrap().text.split_once("version = 1\n").unwrap().1);
            let place = super::place(&again, &[]);
            let range = freezegate::exchange::model::horizon(now());
            let closed = super::native(&again, &place.environment, &[], range).unwrap();
            let seen = agrees(&policy, &[], name, |at| closed.containing(at).is_some());
            assert!(seen.0 > 1000 && seen.1 > 1000, "{name}: {seen:?}");
        }
    }
}

#[test]
fn windows_are_those_of_the_application() {
    let text = "spec:\n  syncWindows:\n\
                \x20 - { kind: deny, schedule: '0 1 * * *', duration: 1h, applications: ['*-prod', other] }\n\
                \x20 - { kind: deny, schedule: '0 2 * * *', duration: 1h, namespaces: ['sh?p'], clusters: [in-cluster] }\n\
                \x20 - { kind: deny, schedule: '0 3 * * *', duration: 1h, namespaces: [shop], applications: ['*'], andOperator: true }\n\
                \x20 - { kind: deny, schedule: '0 4 * * *', duration: 1h }\n";
    let hours = |name: &str, namespace: &str, cluster: &str| {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let application = ArgoApplication { name: given(name), namespace: given(namespace), cluster: given(cluster) };
        from_argo(text, &application, false)
            .map(|imported| {
                imported.text.lines().filter_map(|line| line.strip_prefix("hours    = ")).collect::<String>()
            })
            .map_err(|not| not.items.into_iter().map(|item| item.cause).collect::<Vec<_>>())
    };
    assert_eq!(
        hours("shop-prod", "shop", "x").unwrap(),
        "[\"daily 01:00-02:00\"][\"daily 02:00-03:00\"][\"daily 03:00-04:00\"]"
    );
    assert_eq!(hours("shop", "ship", "x").unwrap(), "[\"daily 02:00-03:00\"]");
    assert_eq!(hours("shop", "web", "in-cluster").unwrap(), "[\"daily 02:00-03:00\"]");
    assert_eq!(hours("shop", "web", "x").unwrap_err(), ["none of the 4 windows is for this application"]);
    let unknown = hours("", "", "").unwrap_err();
    assert_eq!(unknown.len(), 3, "{unknown:?}");
}

/// Windows with a part of each item, the line of each.
const UNSAYABLE: &[(&str, &[(&str, usize)])] = &[
    ("kind: deny, schedule: '0 0 31 * *', duration: 1h", &[("names day 31", 6)]),
    ("kind: deny, schedule: '0 0 * 12 1-5', duration: 1h", &[("weekdays of some months", 6)]),
    ("kind: deny, schedule: '0 0 * 12 *', duration: 1h", &[("every day of some months", 6)]),
    ("kind: deny, schedule: '0 0 29 2 *', duration: 1h", &[("day 29 of month 2", 6)]),
    ("kind: deny, schedule: '* * 1 * *', duration: 1h", &[("more than 24 times", 6)]),
    ("kind: deny, schedule: '@daily', duration: 1h", &[("has 1 fields", 6)]),
    ("kind: deny, schedule: '0 25 * * *', duration: 1h", &[("outside 0 to 23", 6)]),
    ("kind: deny, schedule: '0 0 * * 7', duration: 1h", &[("outside 0 to 6", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 90s", &[("not some whole minutes", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 0h", &[("not some whole minutes", 6)]),
    ("kind: deny, schedule: '0 0 1 * *', duration: 9000h", &[("longer than a year", 6)]),
    ("kind: allow, schedule: '0 0 1 * *', duration: 1h", &[("days of a month or year", 6)]),
    ("kind: freeze, schedule: '0 0 * * *', duration: 1h", &[("neither `allow` nor `deny`", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 1h, timeZone: EST", &[("EST", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 1h, timeZone: Mars/Olympus", &[("Mars/Olympus", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 1h, manualSync: true", &[("allows manual syncs", 6)]),
    ("kind: deny, schedule: '0 0 * * *', duration: 1h, when: now", &[("not what is expected", 1)]),
    // 02:30 comes twice when the clocks go back
    (
        "kind: deny, schedule: '30 1 * * 0', duration: 1h, timeZone: Europe/Berlin",
        &[("the policy is closed and Argo CD is open", 1)],
    ),
];

#[test]
fn everything_that_a_policy_cannot_say_is_listed() {
    for (window, expected) in UNSAYABLE {
        let not = from_argo(&project(&[window]), &ArgoApplication::default(), false).unwrap_err();
        assert_eq!(not.items.len(), expected.len(), "{window}: {:?}", not.items);
        for (item, (cause, line)) in not.items.iter().zip(*expected) {
            assert!(item.cause.contains(cause), "{window}: {}", item.cause);
            assert_eq!(not.sources.line(item.place.unwrap()), *line, "{window}");
        }
    }
    let both = project(&[
        "kind: deny, schedule: '0 0 31 * *', duration: 1h",
        "kind: deny, schedule: '0 0 * 12 *', duration: 1h",
    ]);
    assert_eq!(from_argo(&both, &ArgoApplication::default(), false).unwrap_err().items.len(), 2);
    let manual = project(&["kind: deny, schedule: '0 0 * * *', duration: 1h, manualSync: true"]);
    assert_eq!(
        from_argo(&manual, &ArgoApplication::default(), true).map_err(|not| not.items).unwrap().stricter.len(),
        1
    );
    for text in ["", "spec: 1", "[1, 2]", "a: &a [*a]", "spec: {}\n---\nspec: {}\n"] {
        assert_eq!(from_argo(text, &ArgoApplication::default(), false).unwrap_err().items.len(), 1, "{text}");
    }
    for (period, cause) in [
        (r#""freeze_start": "0 0 1 * *", "freeze_end": "0 0 * * 1", "cron_timezone": "UTC""#, "mixes several days"),
        (
            r#""freeze_start": "0 0 1,15 * *", "freeze_end": "0 0 2,16 * *", "cron_timezone": "UTC""#,
            "mixes several days",
        ),
        (r#""freeze_start": "0 0 * * 5#5", "freeze_end": "0 0 * * 1", "cron_timezone": "UTC""#, "weekday 5"),
        (r#""freeze_start": "0 0 * * 1", "freeze_end": "0 0 * * 2", "cron_timezone": "Berlin""#, "Berlin"),
        (r#""freeze_start": "soon", "freeze_end": "0 0 * * 2", "cron_timezone": "UTC""#, "has 1 fields"),
        (
            r#""freeze_start": "0 0 * * 6", "freeze_end": "30 2 * * 0", "cron_timezone": "Europe/Berlin""#,
            "GitLab is closed",
        ),
    ] {
        let not = from_gitlab(&format!("[{{{period}}}]")).unwrap_err();
        assert!(not.items.len() == 1 && not.items[0].cause.contains(cause), "{period}: {:?}", not.items);
    }
}
