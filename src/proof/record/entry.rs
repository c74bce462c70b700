//! One entry: a decision, its place in the chain, and what it rests on.

use serde::{Deserialize, Serialize};

use super::Digest;
use super::plan::JudgedPlan;
use super::written::{kinds, level, optional_level, utc};
use crate::change::CommandLine;
use crate::change::command::FactValue;
use crate::change::git::RefName;
use crate::decision::EXEMPT;
use crate::policy::{KindSet, Level, OrganisationVersion};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The JSON Schema of an entry (draft 7): as it is kept, and as `record show --format json` prints it, with its place.
///
/// It asks for what every entry has that this program wrote, and so for more than the reader does.
pub const ENTRY_SCHEMA: &str = include_str!("entry.schema.json");

/// The name of the form of an entry. One that this program does not know is not read, rather than misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schema {
    /// `freezegate/record/v1`
    #[serde(rename = "freezegate/record/v1")]
    V1,
}

/// A decision in its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordEntry {
    /// The form it is written in.
    pub schema: Schema,
    /// Its number, from 1.
    pub sequence: u64,
    /// The hash of the entry before it; `None` of the first.
    pub previous: Option<Digest>,
    /// By chance, so that two decisions that are alike in all else, of the same second, are still two.
    pub run: String,
    /// The decision.
    pub decided: Decided,
    /// The number of refused pushes between the entry before and this one that are not recorded, see
    /// [`MOST_REFUSALS_AN_HOUR`](super::MOST_REFUSALS_AN_HOUR).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// Of a checkpoint, the digest of what all entries before it come to, see [`Folded::to_bytes`](super::Folded::to_bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Digest>,
    /// Its own hash, see [the chain](super#the-chain).
    pub hash: Digest,
}

/// A decision: of what, by which policy, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The instant of the decision, in seconds since 1970-01-01T00:00:00Z.
    #[serde(with = "utc")]
    pub at: Instant,
    /// By which way the question came.
    pub mode: RecordedMode,
    /// The standing of the decision.
    pub standing: RecordedStanding,
    /// The verdict.
    pub decision: RecordedOutcome,
    /// By what name grants know the repository of the change; `None` in entries of older versions, and if nothing was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The places that the change reaches; the last item may count those that are not listed.
    pub reached: Vec<RecordedPlace>,
    /// Everything that was compared, ref by ref; empty where nothing but a declaration was judged.
    pub changes: Vec<RecordedChange>,
    /// The kinds of the change, declared and shown. [`crate::policy::Kind::Rollback`] is among them only if it was shown.
    #[serde(with = "kinds")]
    pub kinds: KindSet,
    /// Everything that the change met, also what was lifted.
    pub findings: Vec<RecordedFinding>,
    /// The reason why findings were lifted, in the words of the grants.
    pub reasons: Vec<String>,
    /// The incident, where one was named.
    pub incident: Option<String>,
    /// The person who made the change go, as the server or the CI provider reports.
    pub actor: Option<String>,
    /// The people who asked for the grants.
    pub requesters: Vec<String>,
    /// The people who signed them.
    pub signers: Vec<String>,
    /// The ids of the grants that are spent by this decision.
    pub spent: Vec<String>,
    /// The digest of the policy, see [`crate::diagnostic::Sources::digest`].
    pub policy: Digest,
    /// The commit that the policy was read from; `None` if it was an administrator's file, and in entries of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<String>,
    /// True if the policy was an administrator's file. Edits of the repository's own policy were not judged then, so the state is
    /// not one whose policy is in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub administrators_policy: bool,
    /// The policy of an organisation that the repository's follows; `None` if it follows none, and in entries of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationVersion>,
    /// The release of the time zone database.
    pub tzdb: String,
    /// For how long a state that was replaced can be gone back to by the policy, in seconds; `None` in entries of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_within: Option<Seconds>,
    /// The command that `freezegate run` was to start; `None` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandDigest>,
    /// The plan of infrastructure that was judged; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<JudgedPlan>,
}

/// A command that was judged. Its arguments are not told, because they may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandDigest {
    /// The path of the program that was found, with `\x` escapes where it is not UTF-8.
    pub program: String,
    /// The digest of that path, of all arguments and of what the command acts on, see [`CommandDigest::of`].
    pub sha256: Digest,
}

impl CommandDigest {
    /// The digest of a command: SHA-256 of the program's path, of each argument, the name of the program included, and of what the command
    /// acts on, each after its length in bytes as 8 bytes, the highest first. So `a b` and `"a b"` differ.
    ///
    /// What it acts on begins with a NUL, which no argument holds, and has of each fact the key of the policy, the number of its values in decimal, or `?` if
    /// they can't be determined, and the values in the order of their bytes. Programs whose facts are not known have nothing of it.
    ///
    /// ```
    /// use freezegate::change::CommandLine;
    /// use freezegate::proof::record::CommandDigest;
    ///
    /// let line = |words: &[&str]| CommandLine {
    ///     program: b"/bin/echo".to_vec(),
    ///     words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
    ///     facts: None,
    /// };
    /// let two = CommandDigest::of(&line(&["echo", "a", "b"]));
    /// assert_eq!(two.program, "/bin/echo");
    /// assert_ne!(two, CommandDigest::of(&line(&["echo", "a b"])));
    /// ```
    #[must_use]
    pub fn of(line: &CommandLine) -> Self {
        let mut bytes = Vec::new();
        let mut add = |part: &[u8]| {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        };
        add(&line.program);
        line.words.iter().for_each(|word| add(word));
        let mut facts: Vec<_> = line.facts.iter().flat_map(|facts| facts.values()).collect();
        facts.sort_unstable_by_key(|(key, _)| *key);
        if !facts.is_empty() {
            // no argument holds it
            add(b"\0");
        }
        for (key, value) in facts {
            add(key.as_str().as_bytes());
            match value {
                FactValue::AnyOf(values) => {
                    let mut values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
                    values.sort_unstable();
                    values.dedup();
                    add(values.len().to_string().as_bytes());
                    values.into_iter().for_each(&mut add);
                }
                FactValue::NotUnderstood(_) => add(b"?"),
            }
        }
        let program = match str::from_utf8(&line.program) {
            Ok(text) => text.to_owned(),
            Err(_) => line.program.escape_ascii().to_string(),
        };
        Self { program, sha256: Digest::of(&bytes) }
    }
}

/// By which way a question came that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedMode {
    /// `freezegate check`
    Check,
    /// `freezegate hook pre-receive`
    PreReceive,
    /// `freezegate run`: the command was permitted, and may still not have started.
    Run,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl RecordedMode {
    /// The name, as in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::PreReceive => "pre-receive",
            Self::Run => "run",
        }
    }
}

/// The standing of a recorded decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedStanding {
    /// The one asked could have chosen the policy.
    Advice,
    /// The policy came from where the change could not touch it.
    Enforcement,
}

/// The verdict of a recorded decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedOutcome {
    /// The change could go.
    Allowed,
    /// It could not.
    Refused,
}

impl RecordedOutcome {
    /// The name, as in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
        }
    }
}

/// One environment in one region that a change reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedPlace {
    /// The environment.
    pub environment: String,
    /// The region.
    pub region: Option<String>,
    /// The service.
    pub service: Option<String>,
}

/// Two trees that were compared. What does not exist, of a ref that is created or deleted, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedChange {
    /// The full name of the ref, if one was given, as [`ref_text`] writes it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The environments that this very comparison was judged for.
    pub environments: Vec<String>,
    /// Those of them for which it was judged as a whole tree: they are declared, or a target without paths shows them, and
    /// nothing narrowed what was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<String>,
    /// Further environments for which all of the tree was judged, and not just paths: in the regions, for the services or kinds that
    /// were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tree_wide: Vec<String>,
    /// The declared names that narrow the decision: `only`, regions, services and kinds. Such decisions say nothing about what others
    /// were not asked about, so their states are kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed: Option<String>,
    /// By which targets it was judged, in which regions, for which services and kinds: equal texts mean the same. `None` where that is
    /// plain, or not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// True if it was proposed alone, as by a pull request: then the ref did not move by this decision.
    pub proposed: bool,
    /// True if the job of a proposal named the environments, so that it deploys there what is proposed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deployed: bool,
    /// True if it is the branch that policies are read from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds_policy: bool,
    /// True if its policy is that by which it was judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_policy: bool,
    /// True if what refused commits of that branch had closed is not asked any more from here on: their policies would have allowed to
    /// take it back, or the command line named the policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settles_refused: bool,
    /// Further commits of that branch whose policies were asked: of those no job may have told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_too: Vec<String>,
    /// The way in which the base was chosen, such as `explicit`.
    pub base: String,
    /// True if nothing told what was, so that everything counted as changed.
    pub everything: bool,
    /// True if what was is what another ref, or another job, brought the environments to since: it is compared too, and makes no state.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_others: bool,
    /// The commit that shall be.
    pub commit: Option<String>,
    /// Its tree.
    pub tree: Option<String>,
    /// The commit that was.
    pub base_commit: Option<String>,
    /// Its tree.
    pub base_tree: Option<String>,
}

/// Something that the change met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedFinding {
    /// By what a grant names it, such as `core-hours/us`.
    pub id: String,
    /// Its code, such as `window-too-short`.
    pub code: String,
    /// Its level.
    #[serde(with = "level")]
    pub level: Level,
    /// The level that the policy gives the window, if a roll-out holds it back; `None` otherwise, and in entries of older versions.
    #[serde(default, with = "optional_level", skip_serializing_if = "Option::is_none")]
    pub policy_level: Option<Level>,
    /// The environment, if one is meant.
    pub environment: Option<String>,
    /// The region, if one is meant.
    pub region: Option<String>,
    /// The cause that lifts it, if anything does.
    pub lifted_by: Option<String>,
}

impl RecordedFinding {
    /// Returns whether it would have refused the change, had it not been lifted.
    #[must_use]
    pub const fn is_lifted(&self) -> bool {
        self.level.refuses() && self.lifted_by.is_some()
    }

    /// Returns whether somebody overrode it, by a grant or for an incident: it is lifted, and not because its kind is exempt.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        self.is_lifted() && self.lifted_by.as_ref().is_some_and(|by| !by.starts_with(EXEMPT))
    }

    /// Returns whether it refuses nothing only because a roll-out holds it back.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        let refuses = self.policy_level.is_some_and(Level::refuses);
        refuses && !self.level.refuses() && self.lifted_by.is_none()
    }
}

impl Decided {
    /// Returns whether the change went although something refused it, which was lifted.
    #[must_use]
    pub fn is_lifted(&self) -> bool {
        match self.decision {
            RecordedOutcome::Allowed => self.findings.iter().any(RecordedFinding::is_lifted),
            RecordedOutcome::Refused => false,
        }
    }

    /// Returns whether it was allowed although something refuses, by a grant or for an incident.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        match self.decision {
            RecordedOutcome::Allowed => self.findings.iter().any(RecordedFinding::is_overridden),
            RecordedOutcome::Refused => false,
        }
    }

    /// The environments that it is about, one of them perhaps several times: those that were reached, and those that something
    /// was compared for.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let reached = self.reached.iter().filter(|reached| reached.unlisted().is_none());
        let reached = reached.map(|reached| reached.environment.as_str());
        reached.chain(self.changes.iter().flat_map(|change| &change.environments).map(String::as_str))
    }

    /// Everyone named: the actor, the requester and the signers.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        self.actor.iter().chain(&self.requesters).chain(&self.signers).map(String::as_str)
    }

    /// Returns why findings were overridden, each once: the reasons of the grants, else what did it; nothing if nothing was.
    #[must_use]
    pub fn override_reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<&str> = Vec::new();
        if self.is_overridden() {
            let lifted_by = self.findings.iter().filter(|finding| finding.is_overridden());
            let lifted_by = lifted_by.filter_map(|finding| finding.lifted_by.as_deref());
            let given: Vec<&str> = self.reasons.iter().map(String::as_str).collect();
            for reason in if given.is_empty() { lifted_by.collect() } else { given } {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        reasons
    }
}

/// The name of a ref as entries have it: as it is where it is UTF-8, else with `\x` escapes, which no ref name can hold.
///
/// ```
/// use freezegate::{change::git::RefName, proof::record::ref_text};
///
/// assert_eq!(ref_text(&RefName::new("refs/heads/größe")?), "refs/heads/größe");
/// assert_eq!(ref_text(&RefName::new(b"refs/heads/\xff")?), r"refs/heads/\xff");
/// # Ok::<(), freezegate::change::git::EvidenceError>(())
/// ```
#[must_use]
pub fn ref_text(name: &RefName) -> String {
    match str::from_utf8(name.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => name.as_bytes().escape_ascii().to_string(),
    }
}
