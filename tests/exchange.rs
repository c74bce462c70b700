//! Windows of other programs: at every minute of a year they close what the policy closes, as those programs' own sources read them.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

mod argo;
mod events;
mod fugit;
mod ics;
mod imported;
mod refused;

use std::sync::Arc;

use freezegate::exchange::argocd::{self, SelectedPlace, Selector};
use freezegate::exchange::{Exported, ExportedPlace, gitlab, refused as native};
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::Interval;
use freezegate::time::seconds::Seconds;
use serde::Deserialize;

use crate::policies::files::Memory;

const YEAR: Seconds = Seconds::days(365);

pub(crate) fn second(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// Returns when the windows are written.
fn now() -> Instant {
    second("2026-11-29T12:00:00Z")
}

pub(crate) fn load(text: &str) -> Policy {
    Memory::one(format!("version = 1\n{text}")).load().map_err(|faults| format!("{text}: {faults:?}")).unwrap()
}

pub(crate) fn place(policy: &Policy, regions: &[&str]) -> ExportedPlace {
    let environment = Arc::clone(policy.environment("production").unwrap());
    let is_asked = |name: &str| regions.is_empty() || regions.contains(&name);
    let regions = environment.regions.iter().filter(|region| is_asked(&region.name)).cloned().collect();
    ExportedPlace { environment, regions }
}

pub(crate) fn to_argo(policy: &Policy, regions: &[&str], stricter: bool) -> Result<Exported, Vec<String>> {
    let selected = [SelectedPlace { place: place(policy, regions), patterns: vec!["*".to_owned()] }];
    let written = argocd::export(policy, &selected, Selector::Applications, stricter, now()).unwrap();
    written.map_err(|items| items.into_iter().map(|item| item.cause).collect())
}

pub(crate) fn to_gitlab(policy: &Policy, regions: &[&str], stricter: bool) -> Result<Exported, Vec<String>> {
    let written = gitlab::export(policy, &place(policy, regions), stricter, now()).unwrap();
    written.map_err(|items| items.into_iter().map(|item| item.cause).collect())
}

#[derive(Debug, Deserialize)]
struct AppProject {
    spec: Spec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    sync_windows: Vec<argo::SyncWindow>,
}

/// What both can say, with nothing that only freezegate knows: name, lines, whether Argo CD can say it too.
const SAYABLE: &[(&str, &str, bool)] = &[
    (
        "core hours of two zones",
        "[regions.us]\ntimezones = [\"America/New_York\", \"America/Los_Angeles\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
         [environments.production]\nexempt = []",
        true,
    ),
    (
        "time that a change takes",
        "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Thu 08:00-18:00\", \"Fri 08:00-14:30\"]\n\
         [environments.production]\nexempt = []\nduration = \"10m\"\nsettle = \"50m\"",
        true,
    ),
    (
        "nights and whole days",
        "[regions.au]\ntimezones = [\"Australia/Sydney\"]\ncore_hours = [\"Fri-Mon 22:00-06:00\", \"Wed 00:00-24:00\"]\n\
         [environments.production]\nexempt = []",
        true,
    ),
    (
        "half an hour of summer time",
        "[regions.lh]\ntimezones = [\"Australia/Lord_Howe\"]\ncore_hours = [\"daily 09:00-17:00\"]\n\
         [environments.production]\nexempt = []",
        true,
    ),
    (
        "change windows",
        "[environments.production]\nexempt = []\nsettle = \"30m\"\n\
         change_windows = [{ hours = [\"Mon-Thu 06:00-12:00\", \"Mon-Thu 12:00-22:00\"], timezone = \"Europe/Berlin\" }]",
        true,
    ),
    (
        "freezes of each sort",
        "[environments.production]\nexempt = []\n\
         [[freezes]]\nname = \"weekend\"\nfrom = \"Fri 17:00\"\nuntil = \"Mon 07:00\"\ntimezone = \"Europe/London\"\nexempt = []\n\
         [[freezes]]\nname = \"month\"\nfrom = \"day 1 00:00\"\nuntil = \"day 3 09:00\"\ntimezone = \"America/New_York\"\nexempt = []\n\
         [[freezes]]\nname = \"mid\"\nfrom = \"day 15 00:00\"\nuntil = \"+1d 24:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"year end\"\nfrom = \"Dec 20 23:00\"\nuntil = \"Jan 5 09:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"hours\"\nhours = [\"Tue 12:00-13:00\"]\ntimezone = \"Europe/London\"\nlevel = \"soft\"\nexempt = []\n\
         [[freezes]]\nname = \"told only\"\nfrom = 2027-03-01T00:00:00\nuntil = 2027-04-01T00:00:00\ntimezone = \"UTC\"\nlevel = \"warn\"\nexempt = []",
        true,
    ),
    (
        "days by their place in the month",
        "[environments.production]\nexempt = []\n\
         [[freezes]]\nname = \"patch day\"\nfrom = \"2nd Tue 06:00\"\nuntil = \"+0d 20:00\"\ntimezone = \"Europe/Berlin\"\nexempt = []\n\
         [[freezes]]\nname = \"close\"\nfrom = \"last day 18:00\"\nuntil = \"day 2 09:00\"\ntimezone = \"America/New_York\"\nexempt = []\n\
         [[freezes]]\nname = \"last friday\"\nfrom = \"last Fri 12:00\"\nuntil = \"last Fri 23:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"thanksgiving\"\nfrom = \"4th Thu of Nov 05:00\"\nuntil = \"+0d 23:00\"\ntimezone = \"America/New_York\"\nexempt = []",
        false,
    ),
];

/// At every minute of a year from now; both changes of clocks are in it.
fn agrees(policy: &Policy, regions: &[&str], of: &str, mut is_closed: impl FnMut(Instant) -> bool) -> (usize, usize) {
    let place = place(policy, regions);
    let range = Interval { from: now(), until: now() + YEAR };
    let native = native(policy, &place.environment, &place.regions, range).unwrap();
    let (mut open_minutes, mut closed_minutes) = (0, 0);
    for minute in (range.from.as_second()..range.until.as_second()).step_by(60) {
        let at = Instant::from_second(minute + 30);
        let closed = native.containing(at).is_some();
        assert_eq!(is_closed(at), closed, "{of} at {}", at.timestamp().unwrap());
        if closed { closed_minutes += 1 } else { open_minutes += 1 }
    }
    (open_minutes, closed_minutes)
}

#[test]
fn argo_cd_denies_at_each_minute_what_the_policy_refuses() {
    for (name, text, is_sayable) in SAYABLE {
        let policy = load(text);
        let written = to_argo(&policy, &[], false);
        assert_eq!(written.is_ok(), *is_sayable, "{name}: {written:?}");
        let Ok(written) = written else { continue };
        assert!(written.stricter.is_empty());
        let project: AppProject = serde_saphyr::from_str(&written.text).unwrap();
        assert!(!project.spec.sync_windows.is_empty());
        let mut windows = argo::SyncWindows::new(project.spec.sync_windows);
        let seen = agrees(&policy, &[], name, |at| !windows.can_sync(at.as_second()));
        assert!(seen.0 > 1000 && seen.1 > 1000, "{name}: {seen:?}");
    }
}

#[test]
fn gitlab_is_frozen_at_each_minute_at_which_the_policy_refuses() {
    for (name, text, _) in SAYABLE {
        let policy = load(text);
        let written = to_gitlab(&policy, &[], false).unwrap_or_else(|items| panic!("{name}: {items:?}"));
        let periods: Vec<fugit::FreezePeriod> = serde_json::from_str(&written.text).unwrap();
        assert!(!periods.is_empty());
        let mut periods = fugit::FreezePeriods::new(periods);
        let seen = agrees(&policy, &[], name, |at| periods.is_active(at.as_second()));
        assert!(seen.0 > 1000 && seen.1 > 1000, "{name}: {seen:?}");
    }
}

/// Other programs have no levels: what a roll-out holds back they would stop.
#[test]
fn an_environment_is_exported_after_its_roll_out() {
    let staged = |date: &str| {
        let policy = load(&format!(
            "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             [environments.production]\nexempt = []\nrollout = [{{ from = {date}, level = \"hard\" }}]"
        ));
        [to_argo(&policy, &[], true), to_gitlab(&policy, &[], true)]
    };
    for written in staged("2026-11-29T12:00:01Z") {
        let items = written.map(|exported| exported.text).unwrap_err();
        assert!(items.iter().any(|item| item.contains("rolled out by stages")), "{items:?}");
    }
    assert!(staged("2026-11-29T12:00:00Z").iter().all(Result::is_ok));
}
