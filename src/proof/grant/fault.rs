//! Why a grant does not count: each condition on its own, with by how much it fails.

use crate::fact::FactKey;
use crate::hex::short_id;
use crate::policy::Level;
use crate::policy::duration::spoken;
use crate::policy::roster::KeyFault;
use crate::proof::grant::Untold;
use crate::proof::signature::SignatureFault;
use crate::shell::shell_word;
use crate::time::seconds::Seconds;

/// One condition that a grant does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantFault {
    /// It does not count yet, for so many seconds.
    NotYet(Seconds),
    /// It does not count any more, since so many seconds.
    Expired(Seconds),
    /// It says something else than what is at hand.
    Differs {
        /// The condition that it is about.
        condition: Condition,
        /// Its content.
        signed: String,
        /// The value at hand.
        here: String,
    },
    /// Its command acts on something else than what it was signed for.
    ActsElsewhere {
        /// The differing key.
        key: FactKey,
        /// The signed value, for people.
        signed: String,
        /// The current value, for people.
        here: String,
    },
    /// A fact at hand is not known, and so can't be compared.
    Unknown(Condition),
    /// It is for a change of a ref, and a command is started.
    NoCommand,
    /// It is for a change of a ref or a command, and a plan is applied.
    NoPlan,
    /// It is for a command, and a change of a ref is judged too.
    NoDifference,
    /// The authors of the change can't be determined, so that one of them may have signed.
    UnknownAuthors(String),
    /// The difference of the change can't be determined.
    UnknownDifference(String),
    /// It names a finding that the policy can't have.
    UnknownFinding(String),
    /// It names an environment or a region that the policy does not have.
    UnknownName {
        /// `environment` or `region`.
        noun: &'static str,
        /// The name.
        name: String,
    },
    /// It names a finding that never refuses there, so that there is nothing to lift.
    LiftsNothing(String),
    /// It is good for one use, and there is no record in which that could be noted.
    NoRecord,
    /// It is good for one use, and was used.
    Spent,
    /// The policy names nobody who may sign.
    NoRoster,
    /// The policy lets nobody lift findings of this level.
    NotLiftable(Level),
    /// No signature stands below it.
    Unsigned,
    /// The signature of this number, from 1, does not count.
    Signature {
        /// Its number.
        number: usize,
        /// The person, if the roster knows the key.
        person: Option<String>,
        /// The reason.
        fault: SignatureFault,
    },
    /// The signature of this number is of a key that the roster doesn't list.
    Stranger {
        /// Its number.
        number: usize,
        /// The key.
        fingerprint: String,
        /// The path of the roster.
        roster: String,
    },
    /// The roster does not let the person's key sign this, now.
    Key {
        /// The person.
        person: String,
        /// The reason.
        fault: KeyFault,
    },
    /// The same person signed more than once, which counts once.
    Again {
        /// The person.
        person: String,
        /// By which other name of the roster it was, or by the same.
        other: Option<String>,
        /// True if it was with another key.
        other_key: bool,
    },
    /// No lift asks for an incident and nothing else.
    NotAlone,
    /// No lift asks for an incident at all.
    NotForIncidents,
    /// The text given for an incident names none.
    Untold(Untold),
    /// Nothing would say that an incident lifted something.
    Unrecorded,
    /// The person may not sign: the requester, the pusher or an author of the change.
    Party {
        /// The person, as the roster has it.
        person: String,
        /// By what name they ask for it, push or wrote it.
        known_as: String,
        /// What they are.
        part: &'static str,
    },
    /// A lift asks for an incident.
    NoIncident(Level),
    /// It lasts longer than a lift lets it, by so many seconds.
    TooLong(Level, Seconds),
    /// Signatures are missing.
    Missing {
        /// The level of the findings.
        level: Level,
        /// The number of signatures that are asked for.
        wanted: usize,
        /// Those that are missing, one for each person.
        missing: Vec<MissingSignature>,
    },
}

/// A signature that is missing, and who can give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSignature {
    /// The group; `None` for any approver.
    pub group: Option<String>,
    /// The people who may give it, as the policy has them, in its order.
    pub by: Vec<String>,
}

/// What whoever pushes a change, or starts its job, is to it.
pub(super) const PUSHER: &str = "the pusher of the change";

/// The most people who are named for one missing signature.
const MOST_NAMED: usize = 3;

impl std::fmt::Display for MissingSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.group {
            Some(group) => write!(f, "one of `{group}`")?,
            None => f.write_str("any approver")?,
        }
        let mut names: Vec<String> = self.by.iter().take(MOST_NAMED).cloned().collect();
        let more = self.by.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        if names.is_empty() { f.write_str(" (nobody is left who may)") } else { write!(f, " ({})", names.join(", ")) }
    }
}

/// Missing signatures in one line, such as `` one of `leads` (cleo@example.com) ``; not escaped.
#[must_use]
pub fn in_words(missing: &[MissingSignature]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A condition of a grant that must hold where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The repository.
    Repository,
    /// The environments that are reached.
    Environment,
    /// The regions that are reached.
    Region,
    /// The ref that is changed.
    Ref,
    /// The difference.
    Difference,
    /// The program of the command.
    Program,
    /// The command, its arguments included.
    Command,
    /// The incident.
    Incident,
    /// The policy.
    Policy,
}

impl Condition {
    const fn noun(self) -> &'static str {
        match self {
            Self::Repository => "the repository",
            Self::Environment => "the environment",
            Self::Region => "the region",
            Self::Ref => "the ref",
            Self::Difference => "the difference",
            Self::Program => "the program",
            Self::Command => "the command",
            Self::Incident => "the incident",
            Self::Policy => "the policy",
        }
    }

    const fn unknown(self) -> &'static str {
        match self {
            Self::Repository => {
                "the name of this repository is unknown: set it with `git config freezegate.repository NAME`"
            }
            Self::Difference => {
                "it is for one change, and no change was looked at: give `--range OLD..NEW` and `--ref REF`"
            }
            Self::Command => "it is for one command: start that with `freezegate run … -- COMMAND`",
            Self::Ref => "it is for one ref, and which ref is changed is not known: give `--ref REF`",
            Self::Environment | Self::Region | Self::Program | Self::Incident | Self::Policy => {
                "what is at hand is not known"
            }
        }
    }
}

impl GrantFault {
    /// Returns whether it is about signatures, which one more could fix, or about a time that is still to come.
    #[must_use]
    pub const fn is_of_signatures(&self) -> bool {
        match self {
            Self::Unsigned
            | Self::Missing { .. }
            | Self::Signature { .. }
            | Self::Stranger { .. }
            | Self::Key { .. }
            | Self::Again { .. }
            | Self::Party { .. }
            | Self::NotYet(_) => true,
            Self::Expired(_)
            | Self::Differs { .. }
            | Self::ActsElsewhere { .. }
            | Self::Unknown(_)
            | Self::NoCommand
            | Self::NoPlan
            | Self::NoDifference
            | Self::UnknownAuthors(_)
            | Self::UnknownDifference(_)
            | Self::UnknownFinding(_)
            | Self::UnknownName { .. }
            | Self::LiftsNothing(_)
            | Self::NoRecord
            | Self::Spent
            | Self::NoRoster
            | Self::NotLiftable(_)
            | Self::NotAlone
            | Self::NotForIncidents
            | Self::Untold(_)
            | Self::Unrecorded
            | Self::NoIncident(_)
            | Self::TooLong(_, _) => false,
        }
    }
}

impl GrantFault {
    /// Returns whether it is why one of the signatures does not count, not what the grant lacks.
    #[must_use]
    pub const fn is_of_one_signature(&self) -> bool {
        match self {
            Self::Signature { .. }
            | Self::Stranger { .. }
            | Self::Key { .. }
            | Self::Again { .. }
            | Self::Party { .. } => true,
            Self::NotYet(_)
            | Self::Expired(_)
            | Self::Differs { .. }
            | Self::ActsElsewhere { .. }
            | Self::Unknown(_)
            | Self::NoCommand
            | Self::NoPlan
            | Self::NoDifference
            | Self::UnknownAuthors(_)
            | Self::UnknownDifference(_)
            | Self::UnknownFinding(_)
            | Self::UnknownName { .. }
            | Self::LiftsNothing(_)
            | Self::NoRecord
            | Self::Spent
            | Self::NoRoster
            | Self::NotLiftable(_)
            | Self::Unsigned
            | Self::NotAlone
            | Self::NotForIncidents
            | Self::Untold(_)
            | Self::Unrecorded
            | Self::NoIncident(_)
            | Self::TooLong(_, _)
            | Self::Missing { .. } => false,
        }
    }

    /// Returns the person whose signature does not count although the key does: whoever may not sign.
    #[must_use]
    pub fn barred(&self) -> Option<&str> {
        if let Self::Party { person, .. } = self { Some(person) } else { None }
    }
}

impl std::fmt::Display for GrantFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotYet(seconds) => write!(f, "it starts in {}", spoken(*seconds)),
            Self::Expired(seconds) => write!(f, "expired {} ago: write a new grant", spoken(*seconds)),
            Self::Differs { condition, signed, here } => match condition {
                Condition::Difference => write!(
                    f,
                    "signed for another change of the same ref (difference {}, here {here}): write a new grant for this one",
                    short_id(signed)
                ),
                Condition::Command => write!(
                    f,
                    "signed for other arguments of the same program (digest {signed}, here {here}): write a new grant for this command",
                ),
                Condition::Policy => write!(
                    f,
                    "what it depends on in the policy is not what it was signed for (digest {}, here {}): write a new grant",
                    short_id(signed),
                    short_id(here)
                ),
                Condition::Environment | Condition::Region => {
                    write!(f, "signed for {} {signed}, this reaches {here}", condition.noun())
                }
                Condition::Repository => write!(
                    f,
                    "signed for {} `{signed}`, this is `{here}`: where it was written, run `git config freezegate.repository {}`, and write a new grant; if `{signed}` is right, run `git config freezegate.repository {}` here (on a server, its administrator)",
                    condition.noun(),
                    shell_word(here),
                    shell_word(signed)
                ),
                Condition::Ref | Condition::Program | Condition::Incident => {
                    write!(f, "signed for {} `{signed}`, this is `{here}`", condition.noun())
                }
            },
            Self::ActsElsewhere { key, signed, here } => write!(
                f,
                "signed for a command that acts on the {} {signed}, this acts on {here}: write a new grant, or start it as it was signed",
                key.noun()
            ),
            Self::Unknown(condition) => f.write_str(condition.unknown()),
            Self::NoCommand => f.write_str(
                "it is for a change of a ref, and a command is started: write a new grant with `-- COMMAND` at its end",
            ),
            Self::NoPlan => f.write_str(
                "it is for one change or one command, and a plan or manifests are applied, which may do anything: write a new grant with `--any-change --incident ID`",
            ),
            Self::NoDifference => f.write_str(
                "it is for a command, and a change of a ref is judged too: write a new grant that has `--range OLD..NEW --ref REF` too",
            ),
            Self::UnknownAuthors(cause) => write!(f, "the authors of the change are unknown: {cause}"),
            Self::UnknownDifference(cause) => write!(f, "the difference is unknown: {cause}"),
            Self::UnknownName { noun, name } => {
                write!(f, "it names the {noun} `{name}`, which the policy does not have")
            }
            Self::LiftsNothing(id) => write!(f, "it names the finding `{id}`, which refuses nothing there"),
            Self::UnknownFinding(id) => write!(f, "it names the finding `{id}`, which the policy does not have"),
            Self::NoRecord => {
                f.write_str("it is single use, and this gate keeps no record: give `--record FILE`; for a hook, `freezegate hook install --record FILE`")
            }
            Self::NotAlone => f.write_str("the policy asks for signatures too"),
            Self::NotForIncidents => {
                f.write_str("no `[[lifts]]` entry of this policy lets an incident override anything")
            }
            Self::Untold(untold) => write!(f, "the name of the incident {untold}"),
            Self::Unrecorded => {
                f.write_str("an override without signatures must be recorded: give `--record`")
            }
            Self::Spent => f.write_str("it is single use, and was used: write a new grant"),
            Self::NoRoster => f.write_str("`[approvers]` names no roster, so nobody can sign"),
            Self::NotLiftable(level) => write!(f, "the policy lets nobody override {} findings", level.as_str()),
            Self::Unsigned => f.write_str("it is not signed"),
            Self::Signature { number, person, fault } => match person {
                Some(person) => write!(f, "signature {number}, of `{person}`, is not valid: {fault}"),
                None => write!(f, "signature {number} is not valid: {fault}"),
            },
            Self::Stranger { number, fingerprint, roster } => {
                write!(f, "signature {number} does not count: its key {fingerprint} is not in the roster `{roster}`")
            }
            Self::Key { person, fault } => write!(f, "the signature of `{person}` is not valid: {fault}"),
            Self::Again { person, other: Some(other), .. } => {
                write!(f, "`{person}` and `{other}` are one person, whose signatures count once")
            }
            Self::Again { person, other: None, other_key: true } => {
                write!(f, "`{person}` signed with two keys, which counts once")
            }
            Self::Again { person, other: None, other_key: false } => {
                write!(f, "`{person}` signed twice, which counts once")
            }
            Self::Party { person, known_as, part } => {
                let known_as = if known_as == person { String::new() } else { format!(" (`{known_as}`)") };
                // the signature counts as soon as somebody else does that
                let fix = if *part == PUSHER { "; or let somebody who did not sign push it" } else { "" };
                write!(f, "`{person}` is {part}{known_as}, and may not sign{fix}")
            }
            Self::NoIncident(level) => {
                write!(f, "{} findings are overridden for an incident only, and none is named", level.as_str())
            }
            Self::TooLong(level, seconds) => {
                write!(f, "it lasts {} longer than a grant for {} findings may", spoken(*seconds), level.as_str())
            }
            Self::Missing { level, wanted, missing } => {
                let count = if *wanted == 1 { "1 signature".to_owned() } else { format!("{wanted} signatures") };
                write!(f, "{} findings need {count}; still missing: {}", level.as_str(), in_words(missing))
            }
        }
    }
}

impl std::error::Error for GrantFault {}

/// Names as people list them.
pub(super) fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
