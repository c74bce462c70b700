//! The oracle: when a change is refused, by the decisions themselves.

use freezegate::change::plan::PlannedChange;
use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::standing::standing;
use freezegate::decision::{FindingCode, Granted, Schedule};
use freezegate::fact::PlannedAction;
use freezegate::policy::compare::COMPARED_AHEAD;
use freezegate::policy::{KindSet, Level, Policy};
use freezegate::reach::{Declared, DeclaredNames, Reach, RefSide, Shown, TargetMatcher, add_manifests, reach};
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;

/// A change, as text: nothing in it depends on a policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tried {
    pub(crate) said: DeclaredNames,
    pub(crate) paths: Option<Vec<Vec<u8>>>,
    /// `None` for an unknown ref.
    pub(crate) reference: Option<&'static str>,
    pub(crate) duration: Option<Seconds>,
    pub(crate) is_rollback: bool,
    /// The levels that somebody overrides under the old policy, and under the new one.
    pub(crate) overridden: [Vec<Level>; 2],
    /// True if it is judged while enforcing: `evidence = "required"` counts.
    pub(crate) is_enforced: bool,
    /// The types of resources of a plan, one of each of which is updated.
    pub(crate) planned: Vec<&'static str>,
}

/// When a policy refuses a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It gives no decision: a name is unknown.
    Undecided,
    /// At any hour.
    Always,
    /// At these instants, of those that are compared.
    Then(Intervals),
}

impl Tried {
    fn declared(&self, policy: &Policy) -> Option<Declared> {
        Declared::resolve(&self.said, policy).ok()
    }

    /// Returns what the change reaches, by the code that judges changes.
    pub(crate) fn reach(&self, policy: &Policy) -> Option<(Declared, Reach)> {
        let declared = self.declared(policy)?;
        let mut reach = reach(policy, &declared, self.shown(policy), false);
        let changes = self.planned.iter().map(|kind| PlannedChange {
            address: format!("{kind}.a"),
            resource_type: (*kind).into(),
            module: None,
            provider: None,
            action: PlannedAction::Update,
            attributes: Vec::new(),
            is_unclear: true,
            facts: Vec::new(),
        });
        add_manifests(policy, &changes.collect::<Vec<_>>(), &mut reach);
        if self.is_rollback {
            for reached in &mut reach.reached {
                reached.kinds = reached.kinds.union(KindSet::ROLLBACK);
            }
        }
        Some((declared, reach))
    }

    /// Returns what its ref and its paths show.
    pub(crate) fn shown(&self, policy: &Policy) -> Option<Shown> {
        self.paths.as_ref().map(|paths| {
            let matcher = TargetMatcher::new(policy);
            let side = match self.reference {
                None => RefSide::Unknown,
                Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: Some(name == "refs/heads/main") },
            };
            let of_ref = matcher.of_ref(side).unwrap();
            let mut shown = Shown::default();
            of_ref.alone(&mut shown).unwrap();
            paths.iter().for_each(|path| of_ref.path(path, &mut shown).unwrap());
            shown
        })
    }

    /// Returns when `policy` refuses it from `at` on; what is refused only as unknown does not count, if `unknown_counts` is false.
    /// `overridden` are the levels that somebody overrides.
    pub(crate) fn refused(&self, policy: &Policy, at: Instant, unknown_counts: bool, overridden: &[Level]) -> Refused {
        let Some((declared, reach)) = self.reach(policy) else {
            return Refused::Undecided;
        };
        let is_lacking = reach.only_said().iter().any(|environment| environment.requires_evidence);
        if self.is_enforced && is_lacking && (unknown_counts || reach.unknown.is_empty()) {
            return Refused::Always;
        }
        let mut standing = standing(&reach);
        if !unknown_counts {
            standing.retain(|one| one.code != FindingCode::UnknownTarget);
        }
        let granted = if overridden.is_empty() {
            Vec::new()
        } else {
            vec![Granted {
                by: "a grant".to_owned(),
                ids: None,
                levels: overridden.to_vec(),
                environments: None,
                regions: None,
                until: Instant::MAX,
                share: None,
            }]
        };
        let question =
            DecisionQuestion { policy, reach: &reach, declared: &declared, duration: self.duration, granted: &granted };
        let near = Interval { from: at, until: at + COMPARED_AHEAD };
        // longer than any change of the tests takes
        let wide = Interval { until: near.until + Seconds::new(100_000), ..near };
        let schedule = Schedule::compile(&question, &standing, wide).unwrap();
        if schedule.stands_refused() {
            return Refused::Always;
        }
        let within = Intervals::union(vec![near]);
        Refused::Then(schedule.refused().intersection(&within))
    }

    /// Returns when `old` refuses it and `new` allows it; `None` if `old` gives no decision.
    pub(crate) fn opened(&self, old: &Policy, new: &Policy, at: Instant) -> Option<Intervals> {
        let [overridden, overridden_now] = &self.overridden;
        let after = match self.refused(new, at, true, overridden_now) {
            Refused::Undecided | Refused::Always => return Some(Intervals::union(Vec::new())),
            Refused::Then(after) => after,
        };
        let near = Interval { from: at, until: at + COMPARED_AHEAD };
        let allowed = after.complement(near);
        match self.refused(old, at, false, overridden) {
            Refused::Undecided => None,
            Refused::Always => Some(allowed),
            Refused::Then(before) => Some(before.intersection(&allowed)),
        }
    }
}
