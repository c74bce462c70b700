//! Stops and their ends as they are published: lines of JSON, `freezegate/stop/v1`, in a place that many gates read.
//!
//! Each line ends with its id: the SHA-256 digest of the line without the member `id`. So two different stops can't have one id, and a
//! line that was edited by hand can't be read. Lines are only ever added: they are the trace of who stopped and resumed what, when and
//! why.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::parser;
use crate::escape::for_terminal;
use crate::hex::hex;
use crate::policy::Policy;
use crate::policy::duration::LONGEST;
use crate::stop::{Stop, StopError, moment};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The name of the contract.
const SCHEMA: &str = "freezegate/stop/v1";

/// The most bytes that one line may have: 16 KiB.
pub const MAX_LINE: usize = 16 << 10;

/// The most bytes that a place may hold: 4 MiB.
pub const MAX_TEXT: usize = 4 << 20;

/// From how many bytes on entries that [don't count any more](still_counting) may be taken out of a place: 2 MiB. Up to there, it keeps the
/// trace of all of them.
pub const LONG_TEXT: usize = MAX_TEXT / 2;

/// The most stops of one place that may hold at one time.
pub const MOST_HOLDING: usize = 100;

/// The most environments, regions or services that one stop may name.
const MOST_NAMES: usize = 100;

/// The most characters of a name, an incident or a person.
const LONGEST_NAME: usize = 200;

/// The most characters of a reason.
pub const LONGEST_REASON: usize = 1000;

/// By how much the clock of whoever stops may be ahead, in seconds: until then a stop holds from when it is read.
const CLOCK_AHEAD: Seconds = Seconds::hours(1);

/// A stop that begins so many seconds ahead was published by somebody whose clock is ahead: a day.
const SOON: Seconds = Seconds::days(1);

/// The digits of an id that people are shown.
const SHOWN_DIGITS: usize = 12;

/// The place where the id begins in a line, behind which come its digits and [`TAIL`].
const HEAD: &str = ",\"id\":\"";
const TAIL: &str = "\"}";
const DIGITS: usize = 64;

/// The id of an entry: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryId(String);

impl EntryId {
    /// All digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..SHOWN_DIGITS).unwrap_or(&self.0)
    }

    fn of(text: &str) -> Self {
        Self(hex(&Sha256::digest(text.as_bytes())))
    }

    fn parse(digits: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        (digits.len() == DIGITS && digits.bytes().all(is_digit)).then(|| Self(digits.to_owned()))
    }
}

/// One line of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopEntry {
    /// Somebody stopped something.
    Stop(PublishedStop),
    /// Somebody signs that a stop is over.
    Resume(Resume),
}

/// A stop that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedStop {
    /// Its id.
    pub id: EntryId,
    /// The stop: what it closes, until when, and why.
    pub stop: Stop,
    /// The person who stopped.
    pub by: String,
    line: String,
}

/// The signature of one person that a stop is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// Its id.
    pub id: EntryId,
    /// The stop that it ends.
    pub stop: EntryId,
    /// The reason.
    pub reason: String,
    /// The person who says so; the signature proves it.
    pub by: String,
    /// The time, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The SSH signature over [`Resume::signed`]; without one, it counts for nothing.
    pub signature: Option<String>,
    line: String,
}

/// A line that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFault {
    /// The number of the line, from 1; `None` if all of the text is meant.
    pub line: Option<usize>,
    /// The problem.
    pub cause: String,
}

impl std::fmt::Display for EntryFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line} {}", self.cause),
            None => f.write_str(&self.cause),
        }
    }
}

impl std::error::Error for EntryFault {}

/// The common part of every line.
#[derive(Deserialize)]
struct Sort {
    schema: String,
    entry: String,
}

const STOP: &str = "stop";
const RESUME: &str = "resume";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopBody {
    schema: String,
    entry: String,
    environments: Vec<String>,
    regions: Vec<String>,
    services: Vec<String>,
    from: String,
    until: String,
    incident: Option<String>,
    reason: Option<String>,
    by: String,
}

/// The signed part of a resume.
#[derive(Serialize)]
struct ResumeTerms<'r> {
    schema: &'r str,
    entry: &'r str,
    stop: &'r str,
    reason: &'r str,
    by: &'r str,
    at: &'r str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResumeBody {
    schema: String,
    entry: String,
    stop: String,
    reason: String,
    by: String,
    at: String,
    signature: Option<String>,
}

/// Reads all lines of a place, the oldest first. The same line twice is one entry; empty lines say nothing.
///
/// # Errors
///
/// The first line that can't be read, or more than [`MAX_TEXT`] bytes.
pub fn read_all(text: &str) -> Result<Vec<StopEntry>, EntryFault> {
    if text.len() > MAX_TEXT {
        let cause = format!("it has {} bytes, and at most {MAX_TEXT} are read", text.len());
        return Err(EntryFault { line: None, cause });
    }
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
        let entry = read_line(line).map_err(|cause| EntryFault { line: Some(number), cause })?;
        if seen.insert(entry.id().clone()) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// Reads those lines of a place that can be read, the oldest first; the same line twice is one entry. A gate decides nothing by such a place: it
/// asks for [`read_all`].
#[must_use]
pub fn read_some(bytes: &[u8]) -> Vec<StopEntry> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line));
        if let Ok(Ok(entry)) = line.map(read_line)
            && seen.insert(entry.id().clone())
        {
            entries.push(entry);
        }
    }
    entries
}

/// The entries of a place that count at `now`, in seconds since 1970-01-01T00:00:00Z, or may still: stops, but for those that ended over an
/// hour ago, for which no clock accounts, or begin in over a day, as nobody publishes any; and what is said of them.
#[must_use]
pub fn still_counting(entries: &[StopEntry], now: Instant) -> Vec<&StopEntry> {
    let counts = |stop: &Stop| stop.until > now.saturating_sub(CLOCK_AHEAD) && stop.from <= now.saturating_add(SOON);
    let mut stops: HashSet<&EntryId> = HashSet::new();
    for entry in entries {
        match entry {
            StopEntry::Stop(published) if counts(&published.stop) => {
                stops.insert(&published.id);
            }
            StopEntry::Stop(_) | StopEntry::Resume(_) => {}
        }
    }
    let is_kept = |entry: &&StopEntry| match entry {
        StopEntry::Stop(published) => stops.contains(&published.id),
        StopEntry::Resume(resume) => stops.contains(&resume.stop),
    };
    entries.iter().filter(is_kept).collect()
}

fn read_line(line: &str) -> Result<StopEntry, String> {
    if line.len() > MAX_LINE {
        return Err(format!("has {} bytes, and at most {MAX_LINE} are read", line.len()));
    }
    let not_json = |error: serde_json::Error| format!("can't be read: {}", parser::json_of_line(&error));
    let (body, id) =
        split(line).ok_or_else(|| "does not end with an id, so `freezegate stop` did not write it".to_owned())?;
    if EntryId::of(&body) != id {
        return Err(format!("was changed: its id is not {}", id.short()));
    }
    let sort: Sort = serde_json::from_str(&body).map_err(not_json)?;
    if sort.schema != SCHEMA {
        return Err(format!("is of the schema `{}`, not `{SCHEMA}`", for_terminal(&sort.schema)));
    }
    match sort.entry.as_str() {
        STOP => read_stop(serde_json::from_str(&body).map_err(not_json)?, id, line).map(StopEntry::Stop),
        RESUME => read_resume(serde_json::from_str(&body).map_err(not_json)?, id, line).map(StopEntry::Resume),
        other => Err(format!("is neither a stop nor a resume, but `{}`", for_terminal(other))),
    }
}

/// The line without its id, and the id.
fn split(line: &str) -> Option<(String, EntryId)> {
    let rest = line.strip_suffix(TAIL)?;
    let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    let id = EntryId::parse(digits)?;
    Some((format!("{}}}", rest.strip_suffix(HEAD)?), id))
}

fn read_stop(body: StopBody, id: EntryId, line: &str) -> Result<PublishedStop, String> {
    let stop = Stop {
        environments: body.environments,
        regions: body.regions,
        services: body.services,
        from: instant("from", &body.from)?,
        until: instant("until", &body.until)?,
        incident: body.incident,
        reason: body.reason,
    };
    check(&stop, &body.by)?;
    Ok(PublishedStop { id, stop, by: body.by, line: line.to_owned() })
}

fn read_resume(body: ResumeBody, id: EntryId, line: &str) -> Result<Resume, String> {
    let stop = EntryId::parse(&body.stop).ok_or("names a stop by what is not an id")?;
    let at = instant("at", &body.at)?;
    plain("reason", &body.reason, LONGEST_REASON)?;
    plain("by", &body.by, LONGEST_NAME)?;
    Ok(Resume { id, stop, reason: body.reason, by: body.by, at, signature: body.signature, line: line.to_owned() })
}

/// Whether a stop may be published: what it names and says is plain, and it is as long as stops may be.
fn check(stop: &Stop, by: &str) -> Result<(), String> {
    for (what, names) in
        [("environments", &stop.environments), ("regions", &stop.regions), ("services", &stop.services)]
    {
        if names.len() > MOST_NAMES {
            return Err(format!("names {} {what}, and at most {MOST_NAMES} are read", names.len()));
        }
        names.iter().try_for_each(|name| plain(what, name, LONGEST_NAME))?;
    }
    let length = stop.until.since(stop.from);
    if length <= Seconds::ZERO || length > LONGEST {
        return Err(format!(
            "is for {} s, and stops are for a second to {} days",
            length.get(),
            LONGEST.get() / 86_400
        ));
    }
    if stop.incident.is_none() && stop.reason.is_none() {
        return Err("has neither an incident nor a reason".to_owned());
    }
    stop.incident.iter().try_for_each(|text| plain("incident", text, LONGEST_NAME))?;
    stop.reason.iter().try_for_each(|text| plain("reason", text, LONGEST_REASON))?;
    plain("by", by, LONGEST_NAME)
}

/// Text that shows as it is, in one line, and is not too long.
fn plain(what: &str, text: &str, longest: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        Err(format!("has nothing in `{what}`"))
    } else if text.chars().count() > longest {
        Err(format!("has more than {longest} characters in `{what}`"))
    } else if for_terminal(text) != text {
        Err(format!("has line ends or invisible characters in `{what}`"))
    } else {
        Ok(())
    }
}

/// Seconds since 1970-01-01T00:00:00Z of an instant as this program writes it.
fn instant(what: &str, text: &str) -> Result<Instant, String> {
    let fault = || format!("has no instant such as `2026-11-28T12:00:00Z` in `{what}`");
    let second = Instant::from(text.parse::<jiff::Timestamp>().map_err(|_| fault())?);
    // one instant has one text
    match moment(second) {
        Ok(written) if written.to_string() == text => Ok(second),
        Ok(_) | Err(_) => Err(fault()),
    }
}

fn sealed(body: &impl Serialize) -> Result<(String, EntryId), StopError> {
    let mut line = serde_json::to_string(body).map_err(|error| StopError::Unwritable(error.to_string()))?;
    let id = EntryId::of(&line);
    line.pop();
    line.push_str(&format!("{HEAD}{}{TAIL}", id.as_str()));
    if line.len() > MAX_LINE {
        return Err(StopError::Unwritable(format!("it has {} bytes, and at most {MAX_LINE} are read", line.len())));
    }
    Ok((line, id))
}

impl StopEntry {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &EntryId {
        match self {
            Self::Stop(stop) => &stop.id,
            Self::Resume(resume) => &resume.id,
        }
    }

    /// The line, without its line end.
    #[must_use]
    pub fn line(&self) -> &str {
        match self {
            Self::Stop(stop) => &stop.line,
            Self::Resume(resume) => &resume.line,
        }
    }
}

impl PublishedStop {
    /// Makes the entry of a stop by the person `by`.
    ///
    /// # Errors
    ///
    /// [`StopError`]: what readers would not take.
    pub fn new(stop: Stop, by: String) -> Result<Self, StopError> {
        check(&stop, &by).map_err(|cause| StopError::Unwritable(format!("it {cause}")))?;
        let body = StopBody {
            schema: SCHEMA.to_owned(),
            entry: STOP.to_owned(),
            environments: stop.environments.clone(),
            regions: stop.regions.clone(),
            services: stop.services.clone(),
            from: moment(stop.from)?.to_string(),
            until: moment(stop.until)?.to_string(),
            incident: stop.incident.clone(),
            reason: stop.reason.clone(),
            by: by.clone(),
        };
        let (line, id) = sealed(&body)?;
        Ok(Self { id, stop, by, line })
    }

    /// The line, without its line end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The name of its freeze, such as `stop 8f2c01aa93bd INC-7`.
    #[must_use]
    pub fn freeze_name(&self) -> String {
        let incident = self.stop.incident.as_ref().map_or_else(String::new, |incident| format!(" {incident}"));
        format!("stop {}{incident}", self.id.short())
    }

    /// Returns whether it holds at `now`, in seconds since 1970-01-01T00:00:00Z: a stop is published when it begins, so one that begins more than an
    /// hour later, for which no clock accounts, is none, and takes no room.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.stop.until > now && self.stop.from.since(now) <= CLOCK_AHEAD
    }

    /// The text of its freeze, called `name`, as a reader adds it to a policy at `now`, in seconds since 1970-01-01T00:00:00Z: it holds at
    /// once, although the clock of whoever stopped may be up to an hour ahead.
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn fragment(&self, name: String, now: Instant) -> Result<String, StopError> {
        let reason = self.stop.because().map(|reason| format!("{reason} (stopped by {})", self.by));
        self.stop.freeze(name, self.stop.from.min(now), reason)
    }

    /// The same, of what it names those things alone that `policy` has; `None` if it closes nothing there.
    #[must_use]
    pub fn within(&self, policy: &Policy) -> Option<Self> {
        let known = |names: &[String], has: &dyn Fn(&str) -> bool| -> Option<Vec<String>> {
            let kept: Vec<String> = names.iter().filter(|name| has(name)).cloned().collect();
            (names.is_empty() || !kept.is_empty()).then_some(kept)
        };
        let stop = Stop {
            environments: known(&self.stop.environments, &|name| policy.environment(name).is_some())?,
            regions: known(&self.stop.regions, &|name| policy.region(name).is_some())?,
            services: known(&self.stop.services, &|name| policy.service(name).is_some())?,
            ..self.stop.clone()
        };
        Some(Self { stop, ..self.clone() })
    }
}

/// The contents of a resume, not yet signed.
#[derive(Debug, Clone)]
pub struct ResumeDraft {
    /// The stop that it ends.
    pub stop: EntryId,
    /// The reason.
    pub reason: String,
    /// The person who says so.
    pub by: String,
    /// The time, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
}

impl ResumeDraft {
    /// The text that is signed.
    ///
    /// # Errors
    ///
    /// [`StopError`]: what readers would not take.
    pub fn signed(&self) -> Result<String, StopError> {
        let at = moment(self.at)?.to_string();
        plain("reason", &self.reason, LONGEST_REASON)
            .and_then(|()| plain("by", &self.by, LONGEST_NAME))
            .map_err(|cause| StopError::Unwritable(format!("it {cause}")))?;
        let terms = ResumeTerms {
            schema: SCHEMA,
            entry: RESUME,
            stop: self.stop.as_str(),
            reason: &self.reason,
            by: &self.by,
            at: &at,
        };
        let text = serde_json::to_string(&terms).map_err(|error| StopError::Unwritable(error.to_string()))?;
        Ok(format!("{text}\n"))
    }

    /// Makes the entry with a signature over [`ResumeDraft::signed`].
    ///
    /// # Errors
    ///
    /// [`StopError`]: what readers would not take.
    pub fn with_signature(self, signature: Option<String>) -> Result<Resume, StopError> {
        let body = ResumeBody {
            schema: SCHEMA.to_owned(),
            entry: RESUME.to_owned(),
            stop: self.stop.as_str().to_owned(),
            reason: self.reason.clone(),
            by: self.by.clone(),
            at: moment(self.at)?.to_string(),
            signature: signature.clone(),
        };
        let (line, id) = sealed(&body)?;
        Ok(Resume { id, stop: self.stop, reason: self.reason, by: self.by, at: self.at, signature, line })
    }
}

impl Resume {
    /// The text that its signature has to be over.
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn signed(&self) -> Result<String, StopError> {
        let Self { stop, reason, by, at, .. } = self.clone();
        ResumeDraft { stop, reason, by, at }.signed()
    }

    /// The line, without its line end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}
