//! Changes as the tests ask about them.

use freezegate::change::TerraformPlan;
use freezegate::decision::openings::{Opening, openings};
use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::standing::{TimelessFinding, standing};
use freezegate::decision::{Decision, Schedule, Verdict};
use freezegate::policy::{KindSet, Policy};
use freezegate::reach::{Declared, DeclaredNames, Reach, RefSide, Shown, TargetMatcher, add_plan, reach};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

/// What is said and shown of a change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// What is said.
    pub(crate) said: DeclaredNames,
    /// The paths that it touches, where they are looked at.
    pub(crate) paths: Option<Vec<String>>,
    /// The time that it takes, in seconds.
    pub(crate) duration: Option<Seconds>,
    /// True if it is shown to return to a former state.
    pub(crate) is_rollback: bool,
    /// The default branch, where it is known to be what changes.
    pub(crate) branch: Option<&'static str>,
    /// The plan that is to be applied.
    pub(crate) plan: Option<TerraformPlan>,
}

impl Change {
    /// One that is said to go to `environment`.
    pub(crate) fn to(environment: &str) -> Self {
        Self::default().and_to(environment)
    }

    /// One of which only `paths` are known.
    pub(crate) fn of(paths: &[&str]) -> Self {
        Self { paths: Some(paths.iter().map(|path| (*path).to_owned()).collect()), ..Self::default() }
    }

    pub(crate) fn and_to(mut self, environment: &str) -> Self {
        self.said.environments.push(environment.to_owned());
        self
    }

    pub(crate) fn region(mut self, region: &str) -> Self {
        self.said.regions.push(region.to_owned());
        self
    }

    pub(crate) fn service(mut self, service: &str) -> Self {
        self.said.services.push(service.to_owned());
        self
    }

    pub(crate) fn kind(mut self, kind: &str) -> Self {
        self.said.kinds.push(kind.to_owned());
        self
    }

    /// The same, with a plan that is to be applied.
    pub(crate) fn planned(self, plan: TerraformPlan) -> Self {
        Self { plan: Some(plan), ..self }
    }

    /// The same, shown to return to a former state.
    pub(crate) fn returning(mut self) -> Self {
        self.is_rollback = true;
        self
    }

    /// The change as `policy` understands it.
    pub(crate) fn under<'p>(&self, policy: &'p Policy) -> Asked<'p> {
        let declared = Declared::resolve(&self.said, policy).unwrap();
        let shown = self.paths.as_ref().map(|paths| {
            let mut shown = Shown::default();
            let matcher = TargetMatcher::new(policy);
            let side = self
                .branch
                .map_or(RefSide::Unknown, |name| RefSide::Named { name: name.as_bytes(), default_branch: Some(true) });
            let of_ref = matcher.of_ref(side).unwrap();
            of_ref.alone(&mut shown).unwrap();
            for path in paths {
                of_ref.path(path.as_bytes(), &mut shown).unwrap();
            }
            shown
        });
        let mut reach = reach(policy, &declared, shown, false);
        if let Some(plan) = &self.plan {
            add_plan(policy, plan, &mut reach);
        }
        if self.is_rollback {
            reach.reached.iter_mut().for_each(|reached| reached.kinds = KindSet::ROLLBACK);
        }
        let standing = standing(&reach);
        Asked { policy, declared, reach, standing, duration: self.duration }
    }
}

/// A change under a policy.
#[derive(Debug)]
pub(crate) struct Asked<'p> {
    policy: &'p Policy,
    declared: Declared,
    pub(crate) reach: Reach,
    pub(crate) standing: Vec<TimelessFinding>,
    duration: Option<Seconds>,
}

impl Asked<'_> {
    pub(crate) fn question(&self) -> DecisionQuestion<'_> {
        DecisionQuestion {
            policy: self.policy,
            reach: &self.reach,
            declared: &self.declared,
            duration: self.duration,
            granted: &[],
        }
    }

    /// The decision at `at`, a second or an instant in RFC 3339.
    pub(crate) fn decide(&self, at: impl AsInstant) -> Decision {
        Schedule::decide_at(&self.question(), &self.standing, at.second()).unwrap()
    }

    pub(crate) fn is_allowed(&self, at: impl AsInstant) -> bool {
        self.decide(at).verdict == Verdict::Allowed
    }

    pub(crate) fn openings(&self, at: impl AsInstant, count: usize) -> Vec<Opening> {
        openings(&self.question(), &self.standing, at.second(), count).unwrap()
    }
}

/// What can be asked about.
pub(crate) trait AsInstant {
    fn second(self) -> Instant;
}

impl AsInstant for Instant {
    fn second(self) -> Instant {
        self
    }
}

impl AsInstant for &str {
    fn second(self) -> Instant {
        second(self)
    }
}

/// The second of an instant in RFC 3339.
pub(crate) fn second(instant: &str) -> Instant {
    instant.parse::<jiff::Timestamp>().unwrap().into()
}

/// A second as an instant in RFC 3339.
pub(crate) fn instant(second: Instant) -> String {
    second.timestamp().unwrap().to_string()
}

/// The codes and ids of what refuses, in their order.
pub(crate) fn refusals(decision: &Decision) -> Vec<(&'static str, &'static str)> {
    let refusing = decision.findings.iter().filter(|finding| finding.refuses());
    refusing.map(|finding| (finding.code.as_str(), &*finding.id.to_string().leak())).collect()
}
