//! What a grant says: read from its TOML text, and written.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use crate::change::git::RefName;
use crate::diagnostic::{Code, Collector, Diagnostic, FileId, Place};
use crate::hex::hex;
use crate::policy::duration::spoken;
use crate::policy::person::PersonNames;
use crate::policy::read::{self, At, Section};
use crate::proof::grant::command::{self, BoundCommand};
use crate::proof::grant::hidden::is_hidden;
use crate::proof::grant::told::{self, Untold};
use crate::time::instant::{BeyondDates, Instant};
use crate::time::seconds::Seconds;

/// For how long a grant for an incident alone may last, and one that an author of the change may sign, in seconds: an hour.
pub const LONGEST_FOR_INCIDENT: Seconds = Seconds::hours(1);

const KEYS: [&str; 15] = [
    "version",
    "id",
    "repository",
    "environments",
    "regions",
    "lifts",
    "reason",
    "incident",
    "requester",
    "not_before",
    "expires",
    "policy",
    "ref",
    "difference",
    "range",
];

/// Keys that a policy has and no grant.
const POLICY_KEYS: [&str; 5] = ["targets", "freezes", "approvers", "include", "calendars"];

/// Keys of a form that bound a commit.
const OLD_KEYS: [&str; 2] = ["commit", "tree"];

/// The terms of a grant: what it permits, to whom, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// By which uses are distinguished: 8 to 64 of `A-Z`, `a-z`, `0-9` and `-`.
    pub id: String,
    /// The repository.
    pub repository: String,
    /// The environments that the change reaches, or some more.
    pub environments: Vec<String>,
    /// The regions that it reaches, or some more; none where the policy has none.
    pub regions: Vec<String>,
    /// The ids of the findings that are lifted.
    pub lifts: Vec<String>,
    /// The reason.
    pub reason: String,
    /// The incident.
    pub incident: Option<String>,
    /// The person who asks for it.
    pub requester: String,
    /// The first second at which it counts, since 1970-01-01T00:00:00Z.
    pub not_before: Instant,
    /// The first second at which it does not any more.
    pub expires: Instant,
    /// [`policy_digest`](super::policy_digest) under the policy by which it was asked for.
    pub policy: String,
    /// The one change of a ref that it is for, if it is for one.
    pub change: Option<BoundChange>,
    /// The one command that it is for, if it is for one. With neither it is for an incident alone.
    pub command: Option<BoundCommand>,
}

/// The one change that a grant is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundChange {
    /// The full name of the ref that is changed.
    pub reference: String,
    /// The digest of the difference: the [`DifferenceDigest`](crate::change::git::DifferenceDigest), in lower-case hexadecimal.
    pub difference: String,
    /// Between which commits that was when the grant was written, `OLD..NEW`: for whoever signs to look at. Any two with the same
    /// difference are as good.
    pub range: String,
}

impl Terms {
    /// Reads the text of a grant.
    pub(super) fn read(text: &str, file: FileId) -> Result<Self, Vec<Diagnostic>> {
        let found = Collector::default();
        let (table, errors) = DeTable::parse_recoverable(text);
        let has_key = |line: &str| line.split_once('=').is_some_and(|(key, _)| KEYS.contains(&key.trim()));
        if !errors.is_empty() && !text.lines().any(has_key) {
            let help = "name the file that `freezegate grant new --output FILE` wrote";
            return Err(vec![
                Diagnostic::error(Code::BadGrant, "this is not a grant").at(Place::new(file, &(0..0))).help(help),
            ]);
        }
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            found.push(
                Diagnostic::error(Code::Syntax, error.message())
                    .at(Place::new(file, &span))
                    .help("see https://toml.io for the syntax, or write it with `freezegate grant new`"),
            );
        }
        if !found.is_empty() {
            return Err(found.into_sorted());
        }
        if let Some(key) = table.get_ref().keys().find(|key| POLICY_KEYS.contains(&key.get_ref().as_ref())) {
            let cause = format!("this is a policy, not a grant: it has `{}`", key.get_ref());
            let place = Place::new(file, &key.span());
            let help = "name the file that `freezegate grant new --output FILE` wrote";
            return Err(vec![Diagnostic::error(Code::BadGrant, cause).at(place).help(help)]);
        }
        let known: Vec<&str> = KEYS.iter().chain(&command::KEYS).chain(&OLD_KEYS).copied().collect();
        let section = read::root(&table, file, "the grant", &known, &found);
        if let Some(key) = OLD_KEYS.into_iter().find(|key| section.get(key).is_some()) {
            section.error(
                Code::BadGrant,
                section.place_of(key),
                format!("the grant names a `{key}`, as grants no longer do"),
                "write a new one with `freezegate grant new`: it names the ref and the difference, and survives a rebase",
            );
            return Err(found.into_sorted());
        }
        let reader = TermsReader { section };
        match reader.terms() {
            Some(terms) if found.is_empty() => Ok(terms),
            Some(_) | None => Err(found.into_sorted()),
        }
    }

    /// The text of the grant, ready to be signed.
    ///
    /// ```
    /// use freezegate::proof::grant::{Grant, Terms};
    /// use freezegate::time::instant::Instant;
    ///
    /// let terms = Terms {
    ///     id: String::new(),
    ///     repository: "example.com/shop".to_owned(),
    ///     environments: vec!["production".to_owned()],
    ///     regions: vec!["us".to_owned()],
    ///     lifts: vec!["freeze/year \"end\"".to_owned()],
    ///     reason: "logins fail".to_owned(),
    ///     incident: Some("INC-7".to_owned()),
    ///     requester: "a@example.com".to_owned(),
    ///     not_before: Instant::from_second(1_752_097_500),
    ///     expires: Instant::from_second(1_752_101_100),
    ///     policy: "0".repeat(64),
    ///     change: None,
    ///     command: None,
    /// }
    /// .identified()?;
    /// let read = Grant::read("grant", terms.to_text()?.as_bytes()).map_err(|faults| format!("{faults:?}"))?;
    /// assert_eq!(read.terms, terms);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BeyondDates`] if it counts from or until an instant beyond the years -9999 to 9999.
    pub fn to_text(&self) -> Result<String, BeyondDates> {
        let mut text = "version = 1\n".to_owned();
        let mut line = |key: &str, value: String| {
            text.push_str(&format!("{key} = {value}\n"));
        };
        line("id", quoted(&self.id));
        line("repository", quoted(&self.repository));
        line("environments", list(&self.environments));
        line("regions", list(&self.regions));
        line("lifts", list(&self.lifts));
        line("reason", quoted(&self.reason));
        if let Some(incident) = &self.incident {
            line("incident", quoted(incident));
        }
        line("requester", quoted(&self.requester));
        line("not_before", instant(self.not_before)?);
        line("expires", instant(self.expires)?);
        line("policy", quoted(&self.policy));
        if let Some(bound) = &self.change {
            line("ref", quoted(&bound.reference));
            line("difference", quoted(&bound.difference));
            line("range", quoted(&bound.range));
        }
        if let Some(bound) = &self.command {
            // a table, which ends the keys of the grant, may be in it
            text.push_str(&command::lines(bound, quoted));
        }
        Ok(text)
    }

    /// The same, with an id made from all else: two grants of one id say the same.
    ///
    /// # Errors
    ///
    /// As [`to_text`](Self::to_text).
    pub fn identified(self) -> Result<Self, BeyondDates> {
        let nameless = Self { id: String::new(), ..self };
        let mut id = hex(&Sha256::digest(nameless.to_text()?.as_bytes()));
        id.truncate(16);
        Ok(Self { id, ..nameless })
    }

    /// Returns whether it is for one change or one command, and so for one use.
    #[must_use]
    pub const fn is_for_one_use(&self) -> bool {
        self.change.is_some() || self.command.is_some()
    }

    /// For how long it lasts, in seconds.
    #[must_use]
    pub const fn lasts(&self) -> Seconds {
        self.expires.since(self.not_before)
    }
}

/// `second` as RFC 3339 has it.
fn instant(second: Instant) -> Result<String, BeyondDates> {
    Ok(second.timestamp()?.to_string())
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            hidden if is_hidden(hidden) => quoted.push_str(&format!("\\U{:08X}", u32::from(hidden))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
}

struct TermsReader<'d, 't> {
    section: Section<'d, 't>,
}

impl<'d> TermsReader<'d, '_> {
    fn terms(&self) -> Option<Terms> {
        self.version();
        let id = self.matching("id", "8 to 64 letters, digits and `-`, and more than dashes", |id| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && id.bytes().any(|byte| byte != b'-')
        });
        let repository = self.needed("repository").and_then(|text| self.told("repository", text, told::reason));
        let environments = self.names("environments", true);
        let regions = self.names("regions", false);
        let lifts = self.names("lifts", true);
        let reason = self.needed("reason").and_then(|text| self.told("reason", text, told::reason));
        let incident = self.visible("incident").and_then(|text| self.told("incident", text, told::incident));
        let requester = self.requester();
        let not_before = self.instant("not_before");
        let expires = self.instant("expires");
        let policy = self.matching("policy", "the policy's digest, 64 hexadecimal digits", |text| is_hex(text, &[64]));
        let (change, command) = (self.bound(), self.command());
        if let (Some(first), Some(last)) = (&not_before, &expires) {
            self.duration(first, last);
        }
        if self.section.get("incident").is_none() && !self.names_change() && !self.names_command() {
            self.section.missing(
                "difference",
                "name one change with `ref`, `difference` and `range`, one command with `program` and `command`, or an `incident`",
            );
        }
        Some(Terms {
            id: id?,
            repository: repository?,
            environments: environments?,
            regions: regions?,
            lifts: lifts?,
            reason: reason?,
            incident,
            requester: requester?,
            not_before: not_before?.value,
            expires: expires?.value,
            policy: policy?,
            change,
            command,
        })
    }

    fn version(&self) {
        const HELP: &str = "write `version = 1` at the top";
        match self.section.get("version") {
            None => self.section.missing("version", HELP),
            Some(value) => {
                let is_one =
                    value.get_ref().as_integer().is_some_and(|number| number.as_str() == "1" && number.radix() == 10);
                if !is_one {
                    let place = self.section.place_of("version");
                    self.section.error(Code::WrongVersion, place, "the version of the grant is not 1", HELP);
                }
            }
        }
    }

    fn duration(&self, first: &At<Instant>, last: &At<Instant>) {
        let lasts = last.value.since(first.value);
        if lasts <= Seconds::ZERO {
            self.section.error(
                Code::Contradiction,
                last.place,
                "the grant expires before it starts",
                "let `expires` be later than `not_before`",
            );
        } else if !self.names_change() && !self.names_command() && lasts > LONGEST_FOR_INCIDENT {
            self.section.error(
                Code::BadDuration,
                last.place,
                format!(
                    "the grant is for an incident alone and lasts {}, {} longer than it may",
                    spoken(lasts),
                    spoken(lasts - LONGEST_FOR_INCIDENT)
                ),
                "let it last an hour at most, or write it for one change: `freezegate grant new --range OLD..NEW --ref REF`",
            );
        }
    }

    fn names_change(&self) -> bool {
        ["ref", "difference", "range"].into_iter().any(|key| self.section.get(key).is_some())
    }

    fn names_command(&self) -> bool {
        command::is_named(&self.section)
    }

    fn command(&self) -> Option<BoundCommand> {
        let program = || self.matching("program", "the path of a program", |text| !text.is_empty());
        command::read(&self.section, program)
    }

    fn bound(&self) -> Option<BoundChange> {
        if !self.names_change() {
            return None;
        }
        let reference = self.matching("ref", "the full name of a ref, such as `refs/heads/main`", |text| {
            text.starts_with("refs/") && RefName::new(text).is_ok()
        });
        let difference = self.matching("difference", "a digest, 64 hexadecimal digits", |text| is_hex(text, &[64]));
        let range = self.matching("range", "two commits in full with two dots between them", |text| {
            text.split_once("..").is_some_and(|(old, new)| is_hex(old, &[40, 64]) && is_hex(new, &[40, 64]))
        });
        Some(BoundChange { reference: reference?, difference: difference?, range: range? })
    }

    fn requester(&self) -> Option<String> {
        let text = self.needed("requester")?;
        if PersonNames::of(&text).is_empty() {
            let place = self.section.place_of("requester");
            let help = "name who asks, such as `a@example.com`";
            self.section.error(Code::BadValue, place, format!("`requester` is `{text}`, which names no person"), help);
            return None;
        }
        Some(text)
    }

    fn visible(&self, key: &'static str) -> Option<String> {
        let text = self.section.text(key)?;
        if text.value.contains(is_hidden) {
            self.section.error(
                Code::BadValue,
                text.place,
                format!("`{key}` has an invisible character"),
                "remove it: signers must see what they sign",
            );
            return None;
        }
        Some(text.value.to_owned())
    }

    /// Keeps a text that says something.
    fn told(&self, key: &'static str, text: String, check: impl Fn(&str) -> Result<(), Untold>) -> Option<String> {
        let Err(untold) = check(&text) else {
            return Some(text);
        };
        let place = self.section.place_of(key);
        let help = "write a new grant with `freezegate grant new`, which says it";
        self.section.error(Code::BadValue, place, format!("`{key}` of the grant is `{text}`, which {untold}"), help);
        None
    }

    fn needed(&self, key: &'static str) -> Option<String> {
        if self.section.get(key).is_none() {
            self.section.missing(key, "write it with `freezegate grant new`");
        }
        self.visible(key)
    }

    fn matching(&self, key: &'static str, wanted: &str, holds: impl Fn(&str) -> bool) -> Option<String> {
        let text = self.needed(key)?;
        if holds(&text) {
            return Some(text);
        }
        let place = self.section.place_of(key);
        self.section.error(Code::BadValue, place, format!("`{key}` of the grant is not {wanted}"), "write it in full");
        None
    }

    fn names(&self, key: &'static str, filled: bool) -> Option<Vec<String>> {
        if self.section.get(key).is_none() {
            self.section.missing(key, "write it with `freezegate grant new`");
        }
        let list = if filled { self.section.filled_strings(key) } else { self.section.strings(key) }?;
        if let Some(hidden) = list.items.iter().find(|name| name.value.is_empty() || name.value.contains(is_hidden)) {
            self.section.error(
                Code::BadValue,
                hidden.place,
                format!("`{key}` holds what can't be seen"),
                "remove it: signers must see what they sign",
            );
            return None;
        }
        Some(list.items.into_iter().map(|name| name.value.to_owned()).collect())
    }

    fn instant(&self, key: &'static str) -> Option<At<Instant>> {
        let Some(value) = self.section.get(key) else {
            self.section.missing(key, "write it with `freezegate grant new`");
            return None;
        };
        let read = value.get_ref().as_datetime().map(|written| written.to_string().parse::<Timestamp>());
        match read {
            Some(Ok(instant)) if instant.subsec_nanosecond() == 0 => {
                Some(At { value: Instant::from(instant), place: self.section.place_of(key) })
            }
            Some(Ok(_) | Err(_)) | None => {
                self.section.error(
                    Code::WrongType,
                    self.section.place_of(key),
                    format!("`{key}` of the grant must be an instant"),
                    "write `2025-07-09T21:45:00Z`, in whole seconds and without quotes",
                );
                None
            }
        }
    }
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
