//! Stops that others published: which of them hold, and whether enough people signed that one is over.
//!
//! A stop closes wherever it is read, whoever wrote it. It ends when its time is over, or when the signatures below resumes of it are those
//! that a `[[lifts]]` entry of its level asks for, under the policy and the roster of whoever reads it. Each resume is one person's
//! signature over a text that names the stop by the digest of its line, so that people sign apart, in any order.

use std::collections::HashMap;

use crate::policy::roster::without_person;
use crate::policy::{Level, Lift, Policy, Signers, StandingStop, StopPlace};
use crate::proof::grant::{MissingSignature, NAMESPACE, Signed, in_words, missing_signature};
use crate::proof::signature::Signature;
use crate::stop::entry::{MOST_HOLDING, PublishedStop, Resume, StopEntry};
use crate::time::instant::Instant;

mod memory;

pub use memory::StopMemory;

/// The level of every stop.
pub const LEVEL: Level = Level::Hard;

/// The most doubts about one stop that are listed one by one.
const MOST_DOUBTS: usize = 3;

/// A stop that is not over, with what others signed about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingStop {
    /// The stop.
    pub stop: PublishedStop,
    /// The place where it was read.
    pub place: StopPlace,
    /// The resumes, the oldest first.
    pub resumes: Vec<Resume>,
    /// True if it is not in the place any more, and only known from an earlier look.
    pub is_gone: bool,
}

/// The verdict on the resumes of a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResumeWorth {
    /// The stop is over.
    Resumed,
    /// It holds.
    Holds {
        /// The people of the roster who signed so far, each person once.
        signed: Vec<String>,
        /// The signatures that each entry by which it ends still lacks, in words, in the order of the policy; not escaped.
        missing: Vec<String>,
        /// The reason why other resumes count for nothing, for people.
        doubts: Vec<String>,
    },
}

/// Returns the stops of a place that are not over at `now`, in seconds since 1970-01-01T00:00:00Z, in the order in which they were
/// published. `remembered` is what an earlier look found there.
///
/// # Errors
///
/// How many there are, if there are more than [`MOST_HOLDING`].
pub fn holding(
    place: &StopPlace,
    entries: &[StopEntry],
    remembered: &[StopEntry],
    now: Instant,
) -> Result<Vec<HoldingStop>, usize> {
    let mut resumes: HashMap<&str, Vec<&Resume>> = HashMap::new();
    let gone = remembered.iter().filter(|one| !entries.iter().any(|known| known.id() == one.id()));
    let mut found: Vec<HoldingStop> = Vec::new();
    for (entry, is_gone) in gone.map(|one| (one, true)).chain(entries.iter().map(|one| (one, false))) {
        match entry {
            StopEntry::Stop(stop) if stop.holds(now) => {
                found.push(HoldingStop { stop: stop.clone(), place: place.clone(), resumes: Vec::new(), is_gone });
            }
            StopEntry::Stop(_) => {}
            StopEntry::Resume(resume) => resumes.entry(resume.stop.as_str()).or_default().push(resume),
        }
    }
    if found.len() > MOST_HOLDING {
        return Err(found.len());
    }
    for one in &mut found {
        one.resumes = resumes.get(one.stop.id.as_str()).into_iter().flatten().map(|resume| (*resume).clone()).collect();
    }
    Ok(found)
}

impl HoldingStop {
    /// Weighs its resumes by the lifts and the roster of `policy`, with keys that count at `at`, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn worth(&self, policy: &Policy, at: Instant) -> ResumeWorth {
        let mut doubts: Vec<String> = Vec::new();
        let mut principals: Vec<&str> = Vec::new();
        let approvers = policy.approvers.as_ref().and_then(|one| Some((one, one.roster.as_ref()?)));
        for resume in &self.resumes {
            match signer(resume, policy, at) {
                Ok(person) if principals.contains(&person) => {}
                Ok(person) => principals.push(person),
                Err(why) => doubts.push(format!(
                    "a resume of stop `{}` by {} does not count: {why}",
                    self.stop.id.short(),
                    resume.by
                )),
            }
        }
        let signed = Signed::persons(&principals);
        let mut missing: Vec<String> = Vec::new();
        let judged =
            approvers.iter().flat_map(|(approvers, _)| resuming_lifts(policy).map(move |lift| (*approvers, lift)));
        for (approvers, lift) in judged {
            let able = |signers: &Signers| -> Vec<&str> {
                signed.iter().filter(|person| person.belongs(signers, approvers)).map(Signed::name).collect()
            };
            let choices: Vec<Vec<&str>> = lift.signed.iter().map(able).collect();
            let lacking = without_person(&choices);
            if lacking.is_empty() {
                return ResumeWorth::Resumed;
            }
            let signers = lacking.iter().filter_map(|index| lift.signed.get(*index));
            let of_lift: Vec<MissingSignature> =
                signers.map(|signers| missing_signature(signers, approvers, &signed, None)).collect();
            missing.push(in_words(&of_lift));
        }
        let more = doubts.len().saturating_sub(MOST_DOUBTS);
        doubts.truncate(MOST_DOUBTS);
        if more > 0 {
            doubts.push(format!("{more} more resumes of stop `{}` do not count", self.stop.id.short()));
        }
        let signed = signed.iter().map(|person| person.name().to_owned()).collect();
        ResumeWorth::Holds { signed, missing, doubts }
    }

    /// Returns what people are told of it: the name of its freeze, who signed so far that it is over, and which signatures that still lacks.
    #[must_use]
    pub fn standing(&self, freeze: String, (signed, missing): (Vec<String>, Vec<String>)) -> StandingStop {
        let stop = &self.stop.stop;
        StandingStop {
            freeze,
            id: self.stop.id.as_str().to_owned(),
            incident: stop.incident.clone(),
            reason: stop.reason.clone(),
            by: self.stop.by.clone(),
            from: stop.from,
            until: stop.until,
            place: self.place.clone(),
            signed,
            missing,
        }
    }
}

/// The lifts whose signatures end a stop: those of its level that ask for signatures. An incident alone ends none.
pub fn resuming_lifts(policy: &Policy) -> impl Iterator<Item = &Lift> {
    policy.lifts.iter().filter(|lift| lift.is_of_level(LEVEL) && !lift.signed.is_empty())
}

/// Returns who of the roster signed a resume.
fn signer<'p>(resume: &Resume, policy: &'p Policy, at: Instant) -> Result<&'p str, String> {
    let armoured = resume.signature.as_deref().ok_or("it is not signed")?;
    let signature = Signature::read(armoured).map_err(|fault| format!("its signature is malformed: {fault}"))?;
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
    let roster = roster.ok_or("`[approvers]` names no roster")?;
    let known = roster.signers().iter().find(|signer| signature.is_of(&signer.key));
    let known = known.ok_or_else(|| format!("the key {} is not in the roster", signature.fingerprint()))?;
    let signed = resume.signed().map_err(|error| error.to_string())?;
    signature.verify(&known.key, NAMESPACE, signed.as_bytes()).map_err(|fault| fault.to_string())?;
    known.permits(NAMESPACE, at).map_err(|fault| format!("the key of {} does not count: {fault}", known.principal))?;
    Ok(&known.principal)
}
