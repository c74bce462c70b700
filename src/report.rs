//! What a decision looks like to people and to machines.
//!
//! [`Answer`] holds everything that any format may print; each format is a file of its own and decides nothing.

use std::collections::BTreeSet;

use crate::change::CommandLine;
use crate::change::ci::Pipeline;
use crate::change::git::RefName;
use crate::change::git::Revision;
use crate::decision::Decision;
use crate::decision::Finding;
use crate::decision::Verdict;
use crate::decision::openings::Opening;
use crate::diagnostic::SourceLayer;
use crate::policy::Environment;
use crate::policy::KindSet;
use crate::policy::Policy;
use crate::proof::record::RecordEntry;
use crate::reach::{DeclaredNames, Reach};
use crate::report::lint::against::ComparedPolicy;
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

pub mod audit;
pub mod backtest;
pub mod calendar;
pub mod cases;
pub mod clock;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod glance;
pub mod grant;
pub mod json;
pub mod json_parts;
pub mod junit;
pub mod lint;
pub mod markdown;
pub mod note;
pub mod record;
pub mod routes;
pub mod rows;
pub mod shift;
pub mod spans;
pub mod stop;
mod stopped_kinds;
mod table;
pub mod text;
pub mod ways;
pub mod whereabouts;
mod window_text;

/// The standing of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The one asked could have chosen the policy.
    Advice,
    /// The policy comes from where the change could not touch it.
    Enforcement,
}

/// What a change has to do with the first policy of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstPolicy {
    /// It brings the policy, so nothing judges it.
    Brought,
    /// The remote has no policy yet, so a clone judges it by its own.
    NotAtRemote,
}

/// The base of what a push is compared with: what the ref points to where it is pushed to.
pub const REMOTE_TIP: &str = "the remote tip";

/// How the warning begins that a change brings the first policy, for formats that list warnings.
pub const FIRST_POLICY: &str = "this is the first policy";

/// The command that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerMode {
    /// `check`
    Check,
    /// `next`
    Next,
    /// `run`
    Run,
    /// `hook pre-push`
    PrePush,
    /// `hook pre-receive`
    PreReceive,
}

impl AnswerMode {
    /// Its name, such as `pre-push`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Next => "next",
            Self::Run => "run",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// Returns whether somebody asks with a command, rather than git by a hook.
    #[must_use]
    pub const fn is_question(self) -> bool {
        match self {
            Self::Check | Self::Next | Self::Run => true,
            Self::PrePush | Self::PreReceive => false,
        }
    }
}

/// An answer in the form that was asked for.
#[derive(Debug, Default)]
pub struct Rendered {
    /// For people, with terminal styles; empty if the answer is for machines alone.
    pub people: String,
    /// The same in a line for each edit of the policy, if a push meets nothing else and opens nothing; with terminal styles.
    pub brief: Option<String>,
    /// For machines, where that was asked for.
    pub machine: Option<String>,
    /// The page and the outputs of a step of GitHub Actions.
    pub summary: Option<(String, String)>,
}

/// In printed commands: a file that lies on the server, or where a CI job runs, and that the reader has to ask for.
pub const SERVER_FILE: &str = "FILE";

/// A decision with all that was asked and all that it rests on.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The command that asks.
    pub mode: AnswerMode,
    /// Its standing.
    pub trust: Trust,
    /// True if it is about another time than now.
    pub hypothetical: bool,
    /// True if a refusal is only reported, not enforced (`--dry-run`).
    pub dry_run: bool,
    /// The policy.
    pub policy: &'a Policy,
    /// The place where the policy was read from, such as `work tree`.
    pub policy_from: &'a str,
    /// The declared names, as given.
    pub declared: &'a DeclaredNames,
    /// Further options of the question, such as `--policy` and a file, that a command repeats which is printed to follow it;
    /// not quoted.
    pub repeated: &'a [String],
    /// The incident that the question names, which printed commands repeat.
    pub incident: Option<&'a str>,
    /// The kinds that were declared.
    pub kinds: KindSet,
    /// The time that the change is taken to last, in seconds: the longest of all environments reached.
    pub duration: Seconds,
    /// The examined parts of the change, if anything was.
    pub evidence: Option<&'a Examined>,
    /// The command that is started if it is allowed.
    pub command: Option<&'a CommandLine>,
    /// Whoever wrote it, by the names that are known.
    pub authors: &'a [String],
    /// Whoever pushes it, by the names that are known.
    pub pushers: &'a [String],
    /// The CI job in which it was asked, if it was in one.
    pub pipeline: Option<&'a Pipeline>,
    /// The places that it reaches.
    pub reach: &'a Reach,
    /// The verdict and its reasons.
    pub decision: &'a Decision,
    /// The edits of the policy that it makes, each compared with the policy in force.
    pub edits: &'a [ComparedPolicy<'a>],
    /// What it has to do with the first policy; `None` if there was one before.
    pub first_policy: Option<FirstPolicy>,
    /// The command that takes the change back, for people, where it is known that this passes now.
    pub undo: Option<&'a str>,
    /// The known facts about going back to the state before, where that was looked at.
    pub way_back: Option<&'a WayBack>,
    /// The openings ahead, where they were asked for.
    pub openings: Option<&'a [Opening]>,
    /// The time that a change may take at most, in seconds, if this one never opens.
    pub longest: Option<Seconds>,
    /// The zone of the one who asks, where it is known.
    pub asker: Option<&'a Zone>,
    /// Everything that is doubtful about the machine or the program, such as an old time zone database.
    pub warnings: &'a [String],
    /// The grants that would override something if one thing were done.
    pub unfinished: &'a [UnfinishedGrant],
    /// The entry of the record that holds this decision, if it is recorded.
    pub recorded: Option<&'a RecordEntry>,
}

/// A grant for the change at hand that lacks nothing but signatures, or a record of its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedGrant {
    /// Its id.
    pub id: String,
    /// The ids of the findings that it names.
    pub lifts: Vec<String>,
    /// What it lacks.
    pub lack: GrantLack,
}

/// What a grant lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantLack {
    /// Signatures.
    Signatures {
        /// Those that are missing, in words; not escaped.
        missing: String,
        /// The id or the file that `grant sign` takes; not quoted. `None` if the grant came as a text.
        signed_as: Option<String>,
    },
    /// A record in which its use is kept.
    Record,
}

/// The known facts about going back to the state before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    /// True if this is what the change does.
    pub shown: bool,
    /// The commit that it goes back to, or that would pass.
    pub to: Option<String>,
    /// For people: what is shown, what is missing, or what would pass.
    pub message: String,
}

/// The examined parts of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// The two commits, `OLD..NEW` in full; zeros for none. `None` where nothing says what was: then all that a target names may have changed.
    pub range: Option<String>,
    /// The new tree.
    pub tree: Option<String>,
    /// The full name of the ref.
    pub reference: Option<String>,
    /// The way in which the old tree was chosen: `explicit`, or what a provider gave, such as `github: before`; behind `none:`, why there is none.
    pub base: String,
    /// The number of changed paths.
    pub paths: u64,
    /// The place where parts of the change say of themselves where they go, for people.
    pub said: Vec<String>,
    /// Everything that was compared, ref by ref, for the record.
    pub compared: Vec<Compared>,
    /// The name of the program of a command that targets know.
    pub command: Option<String>,
    /// The plan of infrastructure that was looked at.
    pub plan: Option<PlanSummary>,
    /// The rendered manifests that were looked at.
    pub manifests: Option<ManifestSummary>,
}

impl Examined {
    /// Returns whether nothing but a command was looked at.
    #[must_use]
    pub fn is_command_alone(&self) -> bool {
        let Self { range, tree, compared, command, plan, manifests, .. } = self;
        let is_change = range.is_some() || tree.is_some() || !compared.is_empty();
        command.is_some() && !is_change && plan.is_none() && manifests.is_none()
    }
}

/// Rendered manifests, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ManifestSummary {
    /// The number of objects.
    pub objects: usize,
    /// The number of those that differ from those before, removed ones included; `None` if nothing says what was before.
    pub changed: Option<usize>,
}

impl ManifestSummary {
    /// The same for people, such as `the manifests: 12 objects, 3 changed`.
    #[must_use]
    pub fn text(&self) -> String {
        let objects = if self.objects == 1 { "1 object".to_owned() } else { format!("{} objects", self.objects) };
        match self.changed {
            Some(changed) => format!("the manifests: {objects}, {changed} changed"),
            None => format!("the manifests: {objects}, not compared"),
        }
    }
}

/// The actions of an infrastructure plan, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanSummary {
    /// The number of changes and invoked actions.
    pub changes: usize,
    /// The number of resources that only get another address.
    pub moved: usize,
    /// The number of resources that are imported.
    pub imported: usize,
    /// The number of changes that are deferred to a later plan.
    pub deferred: usize,
    /// The number of resources that differ from the state already.
    pub drifted: usize,
    /// True if it leaves out changes.
    pub is_partial: bool,
    /// The release of the program that made it, escaped.
    pub made_by: Option<String>,
}

impl PlanSummary {
    /// The same for people, such as `the plan: 3 changes, 1 moved`.
    #[must_use]
    pub fn text(&self) -> String {
        let changes = match self.changes {
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        let besides = [(self.moved, "moved"), (self.imported, "imported"), (self.deferred, "deferred")];
        let besides = besides.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        format!("the plan: {changes}{}", besides.collect::<String>())
    }
}

/// Two states that were compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The ref, if one was given.
    pub reference: Option<RefName>,
    /// The old state; `None` for nothing.
    pub old: Option<Revision>,
    /// True if nothing says what was, so that everything counts as changed.
    pub everything: bool,
    /// The new state; `None` for nothing.
    pub new: Option<Revision>,
    /// The environments that this comparison shows; `None`: it is the only one, and judged for all that the change reaches.
    pub environments: Option<Vec<String>>,
    /// The part of the tree that it is judged for.
    pub breadth: Breadth,
    /// True if the old state is what another ref, or another job, brought the environments to since.
    pub is_by_others: bool,
}

/// The part of a tree that a comparison is judged for, and in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breadth {
    /// The environments that a target shows which names neither paths nor a region, a service or kinds: all of the tree is judged for them,
    /// for everything.
    pub whole: BTreeSet<String>,
    /// Further ones for which all of the tree is judged: a target without paths shows them, or the change says so itself.
    pub tree_wide: BTreeSet<String>,
    /// A digest of the targets, regions, services and kinds by which it is judged; `None` if that is plain, or if a branch is judged by paths:
    /// which ones depends on what differs.
    pub scope: Option<String>,
}

/// The verdict in one word for machines: `allowed` or `refused`.
#[must_use]
pub const fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Refused => "refused",
    }
}

impl Answer<'_> {
    /// Returns whether a finding comes from a freeze file, and not from a stop, that was added where the decision was made, and that whoever reads
    /// the answer may not have.
    #[must_use]
    pub fn is_from_elsewhere(&self, finding: &Finding) -> bool {
        let is_elsewhere = self.mode == AnswerMode::PreReceive || self.pipeline.is_some();
        let file = finding.place.and_then(|place| self.policy.sources.file(place.file));
        let is_stop = self.policy.stops.of_finding(&finding.id).is_some();
        is_elsewhere
            && !is_stop
            && file.is_some_and(|file| file.layer == SourceLayer::Fragment && !self.repeated.contains(&file.path))
    }

    /// Returns whether the change is refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self.decision.verdict {
            Verdict::Refused => true,
            Verdict::Allowed => false,
        }
    }
}

/// An environment in some of its regions, for people: `production` if that is all of several, else `production/eu, production/us`.
fn environment_in(environment: &Environment, regions: &[&str]) -> String {
    let name = &environment.name;
    if regions.len() == environment.regions.len() && regions.len() != 1 {
        return name.clone();
    }
    regions.iter().map(|region| format!("{name}/{region}")).collect::<Vec<_>>().join(", ")
}
