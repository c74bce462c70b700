//! What can only close, never open: for every policy and every change.

use std::cell::Cell;

use freezegate::decision::Verdict;
use freezegate::policy::load::{Fragment, load};
use freezegate::reach::DeclaredNames;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assume};
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use crate::policies::change::{Asked, Change, instant as told};
use crate::policies::drafts::{Asking, Draft, TargetDraft, asking, draft, freeze, hours, instant, target, zone};
use crate::policies::files::Memory;
use crate::policies::properties::{check, read_draft, said};

/// How often something was tried, and how often it made a difference.
#[derive(Debug, Default)]
struct Tally {
    refused: Cell<u32>,
    closed: Cell<u32>,
}

impl Tally {
    /// Nothing that `less` refuses is allowed by `more`.
    fn only_closes(&self, less: &Asked<'_>, more: &Asked<'_>, instants: &[Instant]) -> Result<(), TestCaseError> {
        for at in instants {
            let (before, after) = (less.decide(*at), more.decide(*at));
            match (before.verdict, after.verdict) {
                (Verdict::Refused, Verdict::Refused) => self.refused.set(self.refused.get() + 1),
                (Verdict::Allowed, Verdict::Refused) => self.closed.set(self.closed.get() + 1),
                (Verdict::Allowed, Verdict::Allowed) => {}
                (Verdict::Refused, Verdict::Allowed) => {
                    let (before, after) = (said(&before), said(&after));
                    prop_assert!(false, "opened at {}\nbefore {before:?}\nafter {after:?}", told(*at));
                }
            }
        }
        Ok(())
    }

    /// That the trials were no idle ones.
    fn check(&self, least_refused: u32, least_closed: u32) {
        let (refused, closed) = (self.refused.get(), self.closed.get());
        assert!(refused >= least_refused && closed >= least_closed, "{refused} refused, {closed} closed");
    }
}

#[test]
fn another_freeze_only_closes() {
    let tally = Tally::default();
    check(250, (draft(), freeze(), asking(true), vec(instant(), 6)), |(draft, more, asking, instants)| {
        let mut larger = draft.clone();
        larger.freezes.push(more);
        let change = draft.change(&asking);
        let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
        tally.only_closes(&change.under(&one), &change.under(&other), &instants)
    });
    tally.check(500, 50);
}

#[test]
fn a_fragment_only_closes() {
    let tally = Tally::default();
    check(150, (draft(), freeze(), asking(true), vec(instant(), 6)), |(draft, more, asking, instants)| {
        let one = read_draft(&draft)?;
        let fragment = Fragment { name: "stop".to_owned(), bytes: draft.freeze("stop", &more).into_bytes() };
        let with = load(&Memory::one(draft.text()), &["freezegate.toml".to_owned()], &[fragment]);
        prop_assume!(with.is_ok());
        let other = with.unwrap();
        let change = draft.change(&asking);
        tally.only_closes(&change.under(&one), &change.under(&other), &instants)
    });
    tally.check(300, 25);
}

/// A policy that has regions, and the number of one of them.
fn draft_and_region() -> impl Strategy<Value = (Draft, usize)> {
    (draft(), any::<usize>()).prop_filter("no region", |(draft, _)| !draft.regions.is_empty()).prop_map(
        |(draft, which)| {
            let which = which % draft.regions.len();
            (draft, which)
        },
    )
}

#[test]
fn another_span_of_core_hours_only_closes() {
    let tally = Tally::default();
    check(
        150,
        (draft_and_region(), hours(), asking(true), vec(instant(), 6)),
        |((draft, which), more, asking, instants)| {
            let mut larger = draft.clone();
            larger.regions[which].core_hours.push(more);
            prop_assume!(draft.regions[which].core_hours != larger.regions[which].core_hours[1..]);
            let change = draft.change(&asking);
            let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
            tally.only_closes(&change.under(&one), &change.under(&other), &instants)
        },
    );
    tally.check(300, 15);
}

#[test]
fn another_zone_of_a_region_only_closes() {
    let tally = Tally::default();
    check(
        150,
        (draft_and_region(), zone(), asking(true), vec(instant(), 6)),
        |((draft, which), more, asking, instants)| {
            let mut larger = draft.clone();
            prop_assume!(!larger.regions[which].zones.contains(&more));
            larger.regions[which].zones.push(more);
            let change = draft.change(&asking);
            let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
            tally.only_closes(&change.under(&one), &change.under(&other), &instants)
        },
    );
    tally.check(300, 5);
}

#[test]
fn another_target_only_closes_what_nothing_is_said_of() {
    let tally = Tally::default();
    check(300, (draft(), target(), asking(true), vec(instant(), 6)), |(draft, more, asking, instants)| {
        prop_assume!(asking.paths.is_some());
        let mut larger = draft.clone();
        larger.targets.push(more);
        let change = draft.change(&Asking { environments: Vec::new(), ..asking });
        let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
        tally.only_closes(&change.under(&one), &change.under(&other), &instants)
    });
    tally.check(100, 100);
}

/// Where something is said, a target may show what kind or service it is, and so keep freezes of others away: that is
/// proved, not said. One that shows neither only closes.
#[test]
fn another_target_that_shows_no_kind_and_no_service_only_closes() {
    let tally = Tally::default();
    check(300, (draft(), target(), asking(true), vec(instant(), 6)), |(draft, more, asking, instants)| {
        let mut larger = draft.clone();
        larger.targets.push(match more {
            TargetDraft::Captured(_) => TargetDraft::Captured(Vec::new()),
            TargetDraft::Shared(_) => TargetDraft::Shared(Vec::new()),
            TargetDraft::OfService(environment, _) => TargetDraft::Named(environment, None, Vec::new()),
            TargetDraft::Named(environment, region, _) => TargetDraft::Named(environment, region, Vec::new()),
            TargetDraft::Anything(environment, region, _) => TargetDraft::Anything(environment, region, Vec::new()),
            TargetDraft::OfRef(environment, _) => TargetDraft::OfRef(environment, Vec::new()),
        });
        let change = draft.change(&asking);
        let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
        tally.only_closes(&change.under(&one), &change.under(&other), &instants)
    });
    tally.check(100, 10);
}

#[test]
fn a_change_that_says_that_it_takes_longer_meets_more() {
    let tally = Tally::default();
    let values = (draft(), asking(true), vec(instant(), 6), 0..20_000_i64);
    check(200, values, |(draft, asking, instants, more)| {
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        let longer =
            Change { duration: Some(change.duration.unwrap_or(Seconds::ZERO) + Seconds::new(more)), ..change.clone() };
        let unsaid = Change { duration: None, ..change.clone() };
        tally.only_closes(&change.under(&policy), &longer.under(&policy), &instants)?;
        // to say a time opens nothing that is closed to one that says none, however short it is
        tally.only_closes(&unsaid.under(&policy), &change.under(&policy), &instants)
    });
    tally.check(100, 10);
}

#[test]
fn a_change_that_is_said_to_be_of_more_kinds_meets_more() {
    let tally = Tally::default();
    let kinds = select(vec!["deploy", "config", "migration", "infrastructure", "rollback"]);
    check(400, (draft(), asking(true), vec(instant(), 6), kinds), |(draft, asking, instants, more)| {
        // of one that is of no kind known at all, the first that is said tells which freezes are meant for it
        let is_only_said = !asking.environments.is_empty();
        prop_assume!(!(is_only_said && asking.kinds.is_empty()) || more == "rollback");
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        tally.only_closes(&change.under(&policy), &change.clone().kind(more).under(&policy), &instants)
    });
    tally.check(100, 10);
}

#[test]
fn a_change_that_is_said_to_go_to_more_places_meets_more() {
    let tally = Tally::default();
    check(300, (draft(), asking(false), vec(instant(), 6), any::<usize>()), |(draft, asking, instants, which)| {
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        let mut larger = Vec::new();
        let more = |said: &[String], prefix: &str, count: usize| -> Vec<String> {
            // the first region or service that is said narrows
            let count = if said.is_empty() { 0 } else { count };
            (0..count).map(|index| format!("{prefix}{index}")).filter(|name| !said.contains(name)).collect()
        };
        for name in more(&change.said.environments, "e", draft.environments.len()) {
            larger.push(change.clone().and_to(&name));
        }
        for name in more(&change.said.regions, "r", draft.regions.len()) {
            larger.push(change.clone().region(&name));
        }
        for name in more(&change.said.services, "s", draft.services.len()) {
            larger.push(change.clone().service(&name));
        }
        prop_assume!(!larger.is_empty());
        let larger = &larger[which % larger.len()];
        tally.only_closes(&change.under(&policy), &larger.under(&policy), &instants)
    });
    tally.check(300, 25);
}

#[test]
fn to_say_where_a_change_goes_opens_nothing_that_its_paths_reach() {
    let tally = Tally::default();
    check(300, (draft(), asking(true), vec(instant(), 6)), |(draft, asking, instants)| {
        prop_assume!(asking.paths.is_some() && !asking.is_rollback);
        let policy = read_draft(&draft)?;
        let said = draft.change(&asking);
        let unsaid = Change { said: DeclaredNames::default(), ..said.clone() };
        tally.only_closes(&unsaid.under(&policy), &said.under(&policy), &instants)
    });
    tally.check(100, 100);
}
