//! Roll-out by stages: a window is as strict as its stage for the starts of changes in it, and never stricter than the policy says.

use std::collections::BTreeMap;

use freezegate::decision::{Decision, FindingCode, Granted, Schedule, Verdict};
use freezegate::policy::load::{Fragment, load};
use freezegate::policy::{Level, Policy};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq};
use proptest::sample::subsequence;
use proptest::test_runner::TestCaseError;

use crate::policies::change::{Change, instant as told, second};
use crate::policies::drafts::{asking, draft, instant};
use crate::policies::files::Memory;
use crate::policies::properties::{check, read, read_draft};

/// The stages of an environment: from when on, at which level.
type Stages = Vec<(Instant, Level)>;

/// Stages of about two years, the last of which is hard.
pub(crate) fn stages() -> impl Strategy<Value = Stages> {
    let (first, last) = (second("2025-01-01T00:00:00Z"), second("2028-03-01T00:00:00Z"));
    let levels = subsequence(vec![Level::Warn, Level::Soft], 0..=2);
    (levels, vec(first.as_second()..last.as_second(), 3)).prop_map(|(mut levels, mut instants)| {
        levels.push(Level::Hard);
        instants.sort_unstable();
        instants.into_iter().map(Instant::from_second).zip(levels).collect()
    })
}

/// `text` with the roll-out of each environment `eN` that has one.
pub(crate) fn with_rollouts(text: &str, rollouts: &[Option<Stages>]) -> String {
    let mut text = text.to_owned();
    for (index, stages) in rollouts.iter().enumerate() {
        let Some(stages) = stages else { continue };
        let stages =
            stages.iter().map(|(from, level)| format!("{{ from = {}, level = \"{}\" }}", told(*from), level.as_str()));
        let stages: Vec<String> = stages.collect();
        let header = format!("[environments.e{index}]\n");
        text = text.replace(&header, &format!("{header}rollout = [{}]\n", stages.join(", ")));
    }
    text
}

/// The oracle: the strictest level at `at`.
fn cap(stages: Option<&Stages>, at: Instant) -> Level {
    let Some(stages) = stages else { return Level::Hard };
    stages.iter().filter(|(from, _)| *from <= at).map(|(_, level)| *level).next_back().unwrap_or(Level::Warn)
}

/// Returns what `decision` would find with these roll-outs: windows at the level of their stage, and what only warns runs into nothing.
fn capped(decision: &Decision, rollouts: &[Option<Stages>]) -> Vec<(FindingCode, String, Level)> {
    let found = decision.findings.iter().filter_map(|finding| {
        let index: usize = finding.environment.as_ref()?.strip_prefix('e')?.parse().ok()?;
        let stages = rollouts.get(index).and_then(Option::as_ref).filter(|_| finding.window.is_some());
        let level = finding.level.min(cap(stages, decision.at));
        let is_gone = finding.code == FindingCode::WindowTooShort && !level.refuses();
        (!is_gone).then(|| (finding.code, format!("{} {:?}", finding.id, finding.region), level))
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn a_window_is_as_strict_as_its_stage_for_each_start() {
    let values = (draft(), vec(option::of(stages()), 3), asking(true), instant());
    check(1_000, values, |(draft, rollouts, asking, at)| {
        let plain = read_draft(&draft)?;
        let staged = read(&Memory::one(with_rollouts(&draft.text(), &rollouts)))?;
        let change = draft.change(&asking);
        let (before, now) = (change.under(&plain), change.under(&staged));
        let edges = rollouts.iter().flatten().flatten().flat_map(|(from, _)| [*from - Seconds::new(1), *from]);
        for at in edges.chain([at]) {
            let decision = now.decide(at);
            // what does not depend on the time is the same, which `capped` leaves to the rest
            prop_assert_eq!(capped(&decision, &[]), capped(&before.decide(at), &rollouts), "at {}", told(at));
            let refuses = decision.findings.iter().any(|finding| finding.refuses());
            prop_assert_eq!(refuses, decision.verdict == Verdict::Refused);
            check_ends(&decision, |at| now.is_allowed(at))?;
            for finding in &decision.findings {
                let Some(held_back) = finding.held_back else { continue };
                prop_assert!(held_back.from > at && finding.level < held_back.own);
                prop_assert!(finding.level < held_back.next && held_back.next <= held_back.own);
            }
        }
        Ok(())
    });
}

/// The verdict holds up to `valid_until`, and the change is allowed from `next_open` on and not before.
fn check_ends(decision: &Decision, is_allowed: impl Fn(Instant) -> bool) -> Result<(), TestCaseError> {
    let is_open = decision.verdict == Verdict::Allowed;
    if let Some(until) = decision.valid_until {
        prop_assert_eq!(
            (is_allowed(until - Seconds::new(1)), is_allowed(until)),
            (is_open, !is_open),
            "until {}",
            told(until)
        );
    }
    if let Some(open) = decision.next_open {
        prop_assert!(is_allowed(open), "{}", told(open));
        prop_assert!(is_open || !is_allowed(open - Seconds::new(1)));
    }
    Ok(())
}

const HEAD: &str =
    "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n";
const ROLLOUT: &str = "rollout = [{ from = 2027-01-11, level = \"warn\" }, { from = 2027-02-01, level = \"soft\" }, \
                       { from = 2027-03-01, level = \"hard\" }]\n";

fn policy(rest: &str) -> Policy {
    Memory::one(format!("{HEAD}{rest}")).load().unwrap()
}

#[test]
fn each_form_of_a_date_is_one_instant() {
    let policy = crate::policies::files::policy("tests/valid-policies", "rollouts-of-every-form.toml");
    let starts = |name: &str| -> Vec<(String, Level)> {
        let rollout = policy.environment(name).unwrap().rollout.as_ref().unwrap();
        rollout.stages().iter().map(|stage| (told(stage.from), stage.level)).collect()
    };
    let stage = |from: &str, level| (from.to_owned(), level);
    assert_eq!(
        starts("production"),
        [
            stage("2027-01-11T00:00:00Z", Level::Warn),
            stage("2027-02-01T08:00:00Z", Level::Soft),
            stage("2027-03-01T08:00:00Z", Level::Hard)
        ]
    );
    assert_eq!(
        starts("staging"),
        [stage("2027-01-10T23:00:00Z", Level::Soft), stage("2027-01-11T00:00:00Z", Level::Hard)]
    );
    assert_eq!(starts("lab"), [stage("2027-03-28T01:00:00Z", Level::Hard)]);
}

/// What is found: the verdict, the level, and what it comes to and when.
type Found = (Verdict, Level, Option<(Level, String)>);

#[test]
fn a_finding_says_what_it_comes_to_and_when() {
    let policy = policy(&format!("[environments.production]\n{ROLLOUT}"));
    let change = Change::to("production");
    let asked = change.under(&policy);
    // Fridays at 11:00 in Berlin
    let levels: BTreeMap<&str, Found> =
        ["2026-12-04T10:00:00Z", "2027-01-29T10:00:00Z", "2027-02-05T10:00:00Z", "2027-03-05T10:00:00Z"]
            .into_iter()
            .map(|at| {
                let decision = asked.decide(at);
                let finding = &decision.findings[0];
                (at, (decision.verdict, finding.level, finding.held_back.map(|one| (one.next, told(one.from)))))
            })
            .collect();
    let (soft, hard) = ("2027-02-01T00:00:00Z".to_owned(), "2027-03-01T00:00:00Z".to_owned());
    let expected = [
        ("2026-12-04T10:00:00Z", (Verdict::Allowed, Level::Warn, Some((Level::Soft, soft.clone())))),
        ("2027-01-29T10:00:00Z", (Verdict::Allowed, Level::Warn, Some((Level::Soft, soft)))),
        ("2027-02-05T10:00:00Z", (Verdict::Refused, Level::Soft, Some((Level::Hard, hard)))),
        ("2027-03-05T10:00:00Z", (Verdict::Refused, Level::Hard, None)),
    ];
    assert_eq!(levels, BTreeMap::from(expected));
}

/// Whoever stops changes now does not wait for a stage.
#[test]
fn a_freeze_from_outside_closes_in_every_stage() {
    let files = Memory::one(format!("{HEAD}[environments.production]\nduring_core_hours = \"off\"\n{ROLLOUT}"));
    let freeze =
        "[[freezes]]\nname = \"stop\"\nfrom = 2026-12-04T00:00:00\nuntil = 2026-12-05T00:00:00\ntimezone = \"UTC\"\n";
    let fragment = Fragment { name: "stop.toml".to_owned(), bytes: freeze.into() };
    let stopped = load(&files, &["freezegate.toml".to_owned()], &[fragment]).unwrap();
    assert!(!Change::to("production").under(&stopped).is_allowed("2026-12-04T10:00:00Z"));
    // the same line in the policy waits for its stage
    let written =
        Memory::one(format!("{HEAD}[environments.production]\nduring_core_hours = \"off\"\n{ROLLOUT}{freeze}"));
    assert!(Change::to("production").under(&written.load().unwrap()).is_allowed("2026-12-04T10:00:00Z"));
}

/// What somebody may override in a soft stage is refused again in the hard one.
#[test]
fn an_override_is_of_the_level_of_the_stage() {
    let policy = policy(&format!("[environments.production]\n{ROLLOUT}"));
    let change = Change::to("production");
    let asked = change.under(&policy);
    let granted = |levels: Vec<Level>| Granted {
        by: "a grant".to_owned(),
        ids: None,
        levels,
        environments: None,
        regions: None,
        until: second("2027-06-01T00:00:00Z"),
        share: None,
    };
    for (level, soft_stage, hard_stage) in
        [(Level::Soft, Verdict::Allowed, Verdict::Refused), (Level::Hard, Verdict::Refused, Verdict::Allowed)]
    {
        let granted = [granted(vec![level])];
        let question = freezegate::decision::schedule::DecisionQuestion { granted: &granted, ..asked.question() };
        let verdict = |at| Schedule::decide_at(&question, &asked.standing, second(at)).unwrap().verdict;
        assert_eq!(verdict("2027-02-05T10:00:00Z"), soft_stage, "{level:?}");
        assert_eq!(verdict("2027-03-05T10:00:00Z"), hard_stage, "{level:?}");
    }
}

/// A stage far ahead is seen, as a window is that comes only then.
#[test]
fn what_is_said_of_a_change_reaches_to_the_next_stage() {
    let rollout = "rollout = [{ from = 2027-10-04T06:30:00Z, level = \"hard\" }]\n";
    let policy = policy(&format!("[environments.production]\n{rollout}"));
    let change = Change::to("production");
    let asked = change.under(&policy);
    let decision = asked.decide("2027-01-04T10:00:00Z");
    // within core hours, as they are in Berlin on a Monday of that month
    assert_eq!(decision.valid_until.map(told).as_deref(), Some("2027-10-04T06:30:00Z"));
    assert_eq!(asked.openings("2027-01-04T10:00:00Z", 1)[0].until.map(told).as_deref(), Some("2027-10-04T06:30:00Z"));
    let refused = asked.decide("2027-10-04T06:30:00Z");
    // the finding tells the whole window, not what the stage leaves of it
    let met = refused.findings[0].window.as_ref().unwrap();
    assert_eq!(met.from.map(told).as_deref(), Some("2027-10-04T06:00:00Z"));
}
