//! Roll-outs: what an edit of stages opens is exactly the time for which a window is milder than before.

use freezegate::policy::compare::{ComparisonOptions, PolicyDifference, PolicyPart, compare};
use freezegate::policy::{Level, Policy};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::compare::edits::Chance;
use crate::policies::change::instant as told;
use crate::policies::files::Memory;
use crate::policies::rollout::{stages, with_rollouts};

/// 2027-01-01T00:00:00Z
const AT: Instant = Instant::from_second(1_798_761_600);

const HEAD: &str = "version = 1\n[regions.eu]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 10:00-12:00\"]\n";

fn policy(rest: &str) -> Policy {
    Memory::one(format!("{HEAD}{rest}")).load().unwrap_or_else(|faults| panic!("{rest}: {faults:?}"))
}

fn openings(old: &str, new: &str) -> Vec<PolicyDifference> {
    compare(&policy(old), &policy(new), &ComparisonOptions::at(AT)).openings
}

/// `production` with these stages.
fn staged(stages: &str) -> String {
    format!("[environments.production]\nrollout = [{stages}]\n")
}

const PLAIN: &str = "[environments.production]\n";
const SOFT_IN_FEBRUARY: &str = "{ from = 2027-02-01, level = \"soft\" }";
const HARD_IN_MARCH: &str = "{ from = 2027-03-01, level = \"hard\" }";

/// Each opening: its level, what remains, the first instant, the end of the last.
fn brief(found: &[PolicyDifference]) -> Vec<(Level, Option<Level>, String, String)> {
    let brief = |one: &PolicyDifference| {
        assert_eq!((one.part, &one.doubt), (PolicyPart::ClosedTime, &None));
        let spans = one.spans.as_slice();
        (one.level, one.remains, told(spans[0].from), told(spans.last().unwrap().until))
    };
    found.iter().map(brief).collect()
}

fn opening(level: Level, remains: Option<Level>, from: &str, until: &str) -> (Level, Option<Level>, String, String) {
    (level, remains, format!("2027-{from}:00:00Z"), format!("2027-{until}:00:00Z"))
}

#[test]
fn stages_of_what_is_enforced_open_it_until_they_are_over() {
    let found = openings(PLAIN, &staged(&format!("{SOFT_IN_FEBRUARY}, {HARD_IN_MARCH}")));
    let (hard, soft) = (Level::Hard, Some(Level::Soft));
    let expected = [opening(hard, None, "01-01T10", "01-31T12"), opening(hard, soft, "02-01T10", "02-28T12")];
    assert_eq!(brief(&found), expected, "{found:#?}");
    // the place is that of the stages, not of the hours
    assert!(found.iter().all(|one| one.new_place.is_some_and(|place| place.start > HEAD.len() as u32)), "{found:#?}");
}

#[test]
fn a_stage_that_is_moved_later_opens_what_lies_between() {
    let old = staged(HARD_IN_MARCH);
    let later = staged("{ from = 2027-03-02T11:00:00Z, level = \"hard\" }");
    assert_eq!(brief(&openings(&old, &later)), [opening(Level::Hard, None, "03-01T10", "03-02T11")]);
    assert!(openings(&later, &old).is_empty(), "earlier");
    // a stage that has begun
    let begun = staged(&format!("{{ from = 2026-12-01, level = \"soft\" }}, {HARD_IN_MARCH}"));
    assert_eq!(brief(&openings(&begun, &old)), [opening(Level::Soft, None, "01-01T10", "02-28T12")]);
    assert!(openings(&old, &begun).is_empty(), "a stage before the others");
    let milder = staged("{ from = 2026-12-01, level = \"soft\" }, { from = 2027-03-02, level = \"hard\" }");
    assert_eq!(brief(&openings(&begun, &milder)), [opening(Level::Hard, Some(Level::Soft), "03-01T10", "03-01T12")]);
}

#[test]
fn stages_of_what_was_not_there_and_stages_that_are_gone_open_nothing() {
    let old = staged(HARD_IN_MARCH);
    assert!(openings(&old, PLAIN).is_empty());
    let more = format!("{old}[environments.lab]\nrollout = [{HARD_IN_MARCH}]\n");
    assert!(openings(&old, &more).is_empty());
    // a stage that warns is as good as none
    assert!(openings(&old, &staged(&format!("{{ from = 2027-01-11, level = \"warn\" }}, {HARD_IN_MARCH}"))).is_empty());
    // and one that is over
    assert!(openings(PLAIN, &staged("{ from = 2027-01-01, level = \"hard\" }")).is_empty());
    assert_eq!(openings(PLAIN, &staged("{ from = 2027-01-01T11:00:00Z, level = \"hard\" }")).len(), 1);
}

/// Freezes that stand unchanged in both policies are held back all the same.
#[test]
fn stages_open_freezes_and_change_windows_that_nobody_touched() {
    let rest =
        "during_core_hours = \"off\"\nchange_windows = [{ hours = \"daily 00:00-20:00\", timezone = \"UTC\" }]\n";
    let freeze = "[[freezes]]\nname = \"f\"\nhours = [\"daily 13:00-14:00\"]\ntimezone = \"UTC\"\n";
    let found = openings(&format!("{PLAIN}{rest}{freeze}"), &format!("{}{rest}{freeze}", staged(HARD_IN_MARCH)));
    let mut texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["change windows of `production`", "freeze `f`"], "{found:#?}");
}

/// What recurs closes for the first time at a stage beyond the time that is compared in full.
#[test]
fn a_stage_far_ahead_that_is_moved_later_opens() {
    for (year, later) in [(2029, 2030), (2045, 2047), (2090, 2091)] {
        let [old, new] = [year, later].map(|year| staged(&format!("{{ from = {year}-06-01, level = \"hard\" }}")));
        let found = openings(&old, &new);
        assert_eq!(found.len(), 1, "{year}: {found:#?}");
        assert_eq!((found[0].part, &found[0].doubt), (PolicyPart::ClosedTime, &None));
        assert_eq!(told(found[0].spans.as_slice()[0].from), format!("{year}-06-01T10:00:00Z"));
        assert!(openings(&new, &old).is_empty());
    }
}

/// Roll-outs for both of two policies: the same, others, or of one alone.
pub(crate) fn staged_pair([before, after]: [String; 2], chance: &mut Chance) -> [String; 2] {
    let mut of_old = Vec::new();
    let mut of_new = Vec::new();
    for _ in 0..3 {
        let old = (chance.below(2) == 0).then(|| chance.one(&stages()));
        let new = match (&old, chance.below(4)) {
            (_, 0) => (chance.below(2) == 0).then(|| chance.one(&stages())),
            (Some(stages), 1) => {
                // one stage moves by up to two weeks
                let mut stages = stages.clone();
                let moved = chance.below(stages.len());
                stages[moved].0 += Seconds::new((i64::try_from(chance.below(28)).unwrap() - 14) * 40_000);
                Some(stages)
            }
            _ => old.clone(),
        };
        of_old.push(old);
        of_new.push(new);
    }
    [with_rollouts(&before, &of_old), with_rollouts(&after, &of_new)]
}
