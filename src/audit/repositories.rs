//! Which repositories ask the gate, and by which policy.

use std::collections::BTreeMap;

use crate::audit::counts::{AuditCounts, AuditOutcome, AuditTooLarge, MOST_REPOSITORIES};
use crate::policy::OrganisationVersion;
use crate::proof::record::{Decided, Digest, RecordedStanding};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The repositories that are expected, and how old their last decision may be.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedRepositories<'e> {
    /// Their names, as grants know them.
    pub repositories: &'e [String],
    /// The instant for which it is asked, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// For how long a repository may be without a decision, in seconds; `None`: for ever.
    pub stale: Option<Seconds>,
}

/// A problem with a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryState {
    /// It is expected, and there is no decision on it at all.
    NoGate,
    /// It is expected, and there is no decision on it that is enforcement.
    AdviceOnly,
    /// Its last decision is older than allowed.
    Stale {
        /// The time from that decision to the instant of the question, in seconds.
        age: Seconds,
    },
    /// It was judged by an older serial of its organisation's policy than another repository before, or, if it follows none, by an
    /// administrator's file that another repository had seen replaced before.
    OldPolicy {
        /// The other repository.
        by: String,
        /// The time when that one was first judged by a later policy, in seconds since 1970-01-01T00:00:00Z.
        since: Instant,
    },
}

impl RepositoryState {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoGate => "no-gate",
            Self::AdviceOnly => "advice-only",
            Self::Stale { .. } => "stale",
            Self::OldPolicy { .. } => "old-policy",
        }
    }
}

/// A repository in a report.
#[derive(Debug, Clone)]
pub struct RepositoryReport {
    /// Its name, as grants know it; `None` for the decisions that name none.
    pub name: Option<String>,
    /// Its decisions of the time.
    pub counts: AuditCounts,
    /// Its last decision up to the end of the time, in seconds since 1970-01-01T00:00:00Z; `None` if there is none.
    pub last: Option<Instant>,
    /// The policy by which it was last enforced.
    pub policy: Option<EnforcedPolicy>,
    /// The problem; nothing if it is as it should be.
    pub states: Vec<RepositoryState>,
}

/// The policy by which a repository was enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnforcedPolicy {
    /// The time, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// Its digest.
    pub digest: Digest,
    /// True if it was an administrator's file, which several repositories may share, and not the repository's own.
    pub is_administrators: bool,
    /// The version of the organisation's policy that it follows, if it follows one.
    pub organisation: Option<OrganisationVersion>,
    /// The release of the time zone database.
    pub tzdb: String,
}

/// The known facts about a repository.
#[derive(Debug, Default)]
struct SeenRepository {
    counts: AuditCounts,
    last: Option<Instant>,
    /// The last enforcement.
    enforced: Option<EnforcedPolicy>,
    /// The administrators' files that it was enforced by before, and when it was first enforced by another one after each.
    replaced: BTreeMap<Digest, Instant>,
}

/// Of each organisation, by serial: when a repository was first enforced by that version, and which.
type Versions = BTreeMap<String, BTreeMap<u64, (Instant, String)>>;

/// The repository that replaced each policy first, and when.
type ReplacedPolicies<'r> = BTreeMap<Digest, (Instant, &'r str)>;

/// All repositories.
#[derive(Debug, Default)]
pub(super) struct Repositories {
    seen: BTreeMap<Option<String>, SeenRepository>,
    /// The number of policies that were replaced, in all of them.
    replaced: usize,
    versions: Versions,
}

/// The most policies that are remembered as replaced, in all repositories.
const MOST_REPLACED: usize = 100_000;

impl Repositories {
    /// Takes a decision in; it counts if its outcome is given. Those of one repository need not come in the order of time, as
    /// records are read one after the other.
    pub(super) fn add(&mut self, decided: &Decided, outcome: Option<AuditOutcome>) -> Result<(), AuditTooLarge> {
        let is_full = self.seen.len() >= MOST_REPOSITORIES;
        if is_full && !self.seen.contains_key(&decided.repository) {
            return Err(AuditTooLarge::Repositories);
        }
        let seen = self.seen.entry(decided.repository.clone()).or_default();
        if let Some(outcome) = outcome {
            seen.counts.add(outcome, decided);
        }
        seen.last = seen.last.max(Some(decided.at));
        if decided.standing == RecordedStanding::Advice {
            return Ok(());
        }
        if let Some(version) = &decided.organisation {
            let this = (decided.at, decided.repository.clone().unwrap_or_default());
            let serials = self.versions.entry(version.name.clone()).or_default();
            match serials.get_mut(&version.serial) {
                Some(known) if this < *known => *known = this,
                Some(_) => {}
                None => {
                    serials.insert(version.serial, this);
                    self.replaced = self.replaced.saturating_add(1);
                }
            }
        }
        if seen.enforced.as_ref().is_some_and(|policy| policy.at > decided.at) {
            return Ok(());
        }
        let policy = EnforcedPolicy {
            at: decided.at,
            digest: decided.policy,
            is_administrators: decided.administrators_policy,
            organisation: decided.organisation.clone(),
            tzdb: decided.tzdb.clone(),
        };
        if let Some(before) = seen.enforced.replace(policy)
            && before.digest != decided.policy
        {
            // whoever goes back to a policy has not replaced it
            let is_back = seen.replaced.remove(&decided.policy).is_some();
            // that a repository edits its own policy says nothing of another's, even if they began as copies
            let is_shared = before.is_administrators && decided.administrators_policy;
            let is_new = is_shared && seen.replaced.insert(before.digest, decided.at).is_none();
            self.replaced = self.replaced.saturating_sub(usize::from(is_back)).saturating_add(usize::from(is_new));
        }
        if self.replaced > MOST_REPLACED { Err(AuditTooLarge::Repositories) } else { Ok(()) }
    }

    /// All repositories, with what is wrong with each.
    pub(super) fn finish(
        mut self,
        expected: &ExpectedRepositories<'_>,
    ) -> Result<Vec<RepositoryReport>, AuditTooLarge> {
        for name in expected.repositories {
            self.seen.entry(Some(name.clone())).or_default();
            if self.seen.len() > MOST_REPOSITORIES {
                return Err(AuditTooLarge::Repositories);
            }
        }
        // who replaced each policy first
        let mut first: ReplacedPolicies<'_> = BTreeMap::new();
        for (name, seen) in &self.seen {
            for (policy, at) in &seen.replaced {
                let this = (*at, name.as_deref().unwrap_or_default());
                let known = first.entry(*policy).or_insert(this);
                *known = this.min(*known);
            }
        }
        let report = |(name, seen): (&Option<String>, &SeenRepository)| RepositoryReport {
            name: name.clone(),
            counts: seen.counts,
            last: seen.last,
            policy: seen.enforced.clone(),
            // of what names no repository nothing can be expected
            states: name
                .as_ref()
                .map_or_else(Vec::new, |name| states((name, seen), expected, (&first, &self.versions))),
        };
        Ok(self.seen.iter().map(report).collect())
    }
}

fn states(
    (name, seen): (&String, &SeenRepository),
    expected: &ExpectedRepositories<'_>,
    (replaced, versions): (&ReplacedPolicies<'_>, &Versions),
) -> Vec<RepositoryState> {
    let Some(last) = seen.last else {
        return vec![RepositoryState::NoGate];
    };
    let mut states = Vec::new();
    let age = expected.at.since(last);
    if expected.stale.is_some_and(|stale| age > stale) {
        states.push(RepositoryState::Stale { age });
    }
    match &seen.enforced {
        None if expected.repositories.contains(name) => states.push(RepositoryState::AdviceOnly),
        None => {}
        Some(policy) => {
            let later = match &policy.organisation {
                Some(version) => versions.get(&version.name).and_then(|serials| {
                    let later = serials.range(version.serial.saturating_add(1)..);
                    later.map(|(_, (since, by))| (*since, by.as_str())).min()
                }),
                None if policy.is_administrators => replaced.get(&policy.digest).copied(),
                None => None,
            };
            if let Some((since, by)) = later.filter(|(since, _)| *since < policy.at) {
                states.push(RepositoryState::OldPolicy { by: by.to_owned(), since });
            }
        }
    }
    states
}
