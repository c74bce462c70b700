//! A grant in words: what it permits, who signed, what is missing.

use anstyle::Style;

use crate::escape::for_terminal;
use crate::hex::short_id;
use crate::policy::duration::spoken;
use crate::proof::grant::{Grant, GrantFault};
use crate::report::clock::everywhere;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING, glued};
use crate::shell::command;
use crate::time::instant::Instant;
use crate::time::zone::{TimeError, Zone};

/// The state of a grant, in the order of lists, and in the words that everything about grants uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantState {
    /// Signatures are missing, and nothing else.
    Waiting,
    /// It has the signatures that the policy asks for, which may be none, and meets all other conditions.
    Valid,
    /// It was used.
    Used,
    /// Its time is over.
    Expired,
    /// It overrides a stop, and no stops were read.
    Undecided,
    /// It does not meet another condition.
    NotValid,
}

impl GrantState {
    /// The state of a grant that does not meet these conditions.
    #[must_use]
    pub fn of(faults: &[GrantFault]) -> Self {
        if faults.is_empty() {
            Self::Valid
        } else if faults.iter().any(|fault| matches!(fault, GrantFault::Spent)) {
            Self::Used
        } else if faults.iter().any(|fault| matches!(fault, GrantFault::Expired(_))) {
            Self::Expired
        } else if faults.iter().all(GrantFault::is_of_signatures) {
            Self::Waiting
        } else {
            Self::NotValid
        }
    }

    /// The word for it, such as `waiting`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Waiting => "waiting",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Undecided => "undecided",
            Self::NotValid => "not valid",
        }
    }

    /// The look of the word.
    #[must_use]
    pub const fn style(self) -> Style {
        match self {
            Self::Valid => ALLOWED,
            Self::Waiting | Self::Undecided => WARNING,
            Self::Used | Self::Expired => QUIET,
            Self::NotValid => REFUSED,
        }
    }
}

/// As many reasons are listed; of the rest, the number.
const MOST_REASONS: usize = 3;

/// Returns why a grant is not valid, one line for each reason, such as `` grant `28d7` is not valid: it is single use, and was used ``; not escaped.
#[must_use]
pub fn not_valid(id: &str, faults: &[GrantFault]) -> Vec<String> {
    let word = match GrantState::of(faults) {
        GrantState::Waiting => GrantState::Waiting,
        GrantState::Valid | GrantState::Used | GrantState::Expired | GrantState::Undecided | GrantState::NotValid => {
            GrantState::NotValid
        }
    };
    // what is over needs no other reason
    let is_final = |fault: &&GrantFault| matches!(fault, GrantFault::Spent | GrantFault::Expired(_));
    let last: Vec<&GrantFault> = faults.iter().filter(is_final).collect();
    let faults = if last.is_empty() { faults.iter().collect() } else { last };
    let (uncounted, lacking): (Vec<&GrantFault>, Vec<&GrantFault>) =
        faults.iter().copied().partition(|fault| fault.is_of_one_signature());
    let is = word.as_str();
    let reasons = lacking.iter().map(|fault| {
        // another gate may take it
        let is =
            if matches!(fault, GrantFault::NoRecord) { "can't be used here".to_owned() } else { format!("is {is}") };
        format!("grant `{id}` {is}: {fault}")
    });
    let ignored = uncounted.iter().map(|fault| format!("grant `{id}`: {fault}"));
    // whose signature does not count is not found out by mending the rest
    let mut all: Vec<String> = ignored.chain(reasons).take(MOST_REASONS).collect();
    match faults.len().saturating_sub(MOST_REASONS) {
        0 => {}
        1 => all.push(format!("grant `{id}` is {is} for 1 more reason: see `freezegate grant verify`")),
        more => all.push(format!("grant `{id}` is {is} for {more} more reasons: see `freezegate grant verify`")),
    }
    all
}

/// Adds who signed so that it counts, each signature that does not count, and what is missing.
pub fn signature_rows(rows: &mut Rows, (state, signed): (GrantState, &[&str]), faults: &[GrantFault]) {
    let (uncounted, lacking): (Vec<&GrantFault>, Vec<&GrantFault>) =
        faults.iter().partition(|fault| fault.is_of_one_signature());
    let is_barred = |person: &str| uncounted.iter().any(|fault| fault.barred() == Some(person));
    let signed: Vec<&str> = signed.iter().copied().filter(|person| !is_barred(person)).collect();
    let signed = match (signed.is_empty(), state) {
        (false, _) => signed.join(", "),
        (true, GrantState::Valid) => "nobody, as it needs no signature".to_owned(),
        (
            true,
            GrantState::Waiting | GrantState::Used | GrantState::Expired | GrantState::Undecided | GrantState::NotValid,
        ) => "no valid signature yet".to_owned(),
    };
    rows.row("signed by", &for_terminal(&signed), None);
    // below those that count
    for (label, faults) in [("", uncounted), ("but", lacking)] {
        for fault in faults {
            rows.row(label, &for_terminal(&fault.to_string()), None);
        }
    }
}

/// The verdict on a grant.
#[derive(Debug)]
pub struct Worth<'a> {
    /// The people whose signatures count.
    pub signed: &'a [&'a str],
    /// Every condition that it does not meet.
    pub faults: &'a [GrantFault],
    /// Everything that could not be looked at, and why.
    pub unchecked: Option<&'a str>,
    /// Everything that makes it not count when it is used.
    pub unless: &'a [&'a str],
    /// The help if the policy at hand is not the one that it is for.
    pub advice: Option<&'a str>,
}

/// The moment at which a grant is shown.
#[derive(Debug, Clone, Copy)]
pub enum GrantMoment<'a> {
    /// It is only read.
    Read,
    /// It is about to be signed.
    Signing,
    /// It was compared with the policy and the change.
    Judged(&'a Worth<'a>),
}

/// That a grant may have been used, if no record says that it was not.
pub const USED: &str = "it was used (check with `--record`)";

/// Returns what a signer may not have done or do, as far as it is not known that nobody did; `None` if it is.
#[must_use]
pub const fn unless_signer(is_author_unknown: bool, is_pusher_unknown: bool) -> Option<&'static str> {
    match (is_author_unknown, is_pusher_unknown) {
        (true, true) => Some("a signer wrote or pushes the change"),
        (true, false) => Some("a signer wrote the change"),
        (false, true) => Some("a signer pushes the change"),
        (false, false) => None,
    }
}

/// The grant in words, wrapped to `width` columns; with what it is worth, if it was judged.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn grant(grant: &Grant, shown: GrantMoment<'_>, asker: Option<&Zone>, width: usize) -> Result<String, TimeError> {
    let terms = &grant.terms;
    let mut rows = Rows::default();
    let regions = if terms.regions.is_empty() { String::new() } else { format!(" in {}", terms.regions.join(", ")) };
    let what = format!("{} for {}{regions}", terms.id, terms.environments.join(", "));
    let label;
    let (style, label) = match shown {
        GrantMoment::Read => (QUIET, "grant: "),
        GrantMoment::Signing => (QUIET, "you are signing: "),
        GrantMoment::Judged(worth) if worth.faults.is_empty() && worth.unchecked.is_some() => (WARNING, "undecided: "),
        GrantMoment::Judged(worth) => {
            let state = GrantState::of(worth.faults);
            label = format!("{}: ", state.as_str());
            (state.style(), label.as_str())
        }
    };
    rows.heading(style, label, &for_terminal(&what));
    rows.row("overrides", &for_terminal(&terms.lifts.join(", ")), None);
    let reason = match &terms.incident {
        Some(incident) => format!("{} ({incident})", terms.reason),
        None => terms.reason.clone(),
    };
    rows.row("because", &for_terminal(&reason), None);
    rows.row("asked by", &for_terminal(&terms.requester), None);
    if let Some(bound) = &terms.change {
        let range = shortened(&bound.range);
        let text = format!("{range} on {} of {}, once", bound.reference, terms.repository);
        rows.row("permits", &for_terminal(&text), None);
    }
    if let Some(bound) = &terms.command {
        let words = command(bound.words.iter().map(String::as_str));
        rows.row("permits", &for_terminal(&format!("in {}, once, the command {words}", terms.repository)), None);
        rows.row("program", &for_terminal(&bound.program), None);
        if !bound.acts_on.is_empty() {
            let facts = bound.acts_on.iter().map(|(key, fact)| format!("{} {}", key.noun(), fact.told()));
            rows.row("acts on", &for_terminal(&facts.collect::<Vec<_>>().join(", ")), None);
        }
    }
    if !terms.is_for_one_use() {
        let text = format!("any change of {}, for the incident", terms.repository);
        rows.row("permits", &for_terminal(&text), None);
    }
    rows.row("from", &everywhere(&[], asker, terms.not_before, Instant::EPOCH)?, None);
    let until = everywhere(&[], asker, terms.expires, Instant::EPOCH)?;
    rows.row("until", &format!("{until}: {}", spoken(terms.lasts())), None);
    rows.row("policy", &terms.policy, None);
    let prints: Vec<String> = grant.fingerprints().collect();
    match shown {
        GrantMoment::Read if prints.is_empty() => rows.row("signed by", "nobody yet", None),
        GrantMoment::Read => {
            let text = format!("{} (not verified; run `{}`)", prints.join(", "), glued("freezegate grant verify"));
            rows.row("signed by", &text, None);
        }
        GrantMoment::Signing if prints.is_empty() => rows.row("before you", "nobody signed", None),
        GrantMoment::Signing => {
            rows.row("before you", &format!("{} signed (not verified)", prints.join(", ")), None);
        }
        GrantMoment::Judged(worth) => {
            let is_judged = worth.unchecked.is_none() || !worth.faults.is_empty();
            let state = if is_judged { GrantState::of(worth.faults) } else { GrantState::Undecided };
            signature_rows(&mut rows, (state, worth.signed), worth.faults);
            if let Some(advice) = worth.advice {
                rows.row("note", advice, None);
            }
            if let Some(unchecked) = worth.unchecked {
                rows.row("but", &for_terminal(&format!("not checked here: {unchecked}")), None);
            }
            if worth.faults.is_empty() && !worth.unless.is_empty() {
                rows.row("unless", &for_terminal(&worth.unless.join(", or ")), None);
            }
        }
    }
    Ok(rows.into_text(width))
}

/// A range with the first digits of each commit.
fn shortened(range: &str) -> String {
    range
        .split_once("..")
        .map_or_else(|| range.to_owned(), |(old, new)| format!("{}..{}", short_id(old), short_id(new)))
}
