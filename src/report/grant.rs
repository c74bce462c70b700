//! A grant in words: what it permits, who signed, what is missing.

use crate::escape::for_terminal;
use crate::policy::duration::spoken;
use crate::proof::grant::{Grant, GrantFault};
use crate::report::clock::everywhere;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::shell::command;
use crate::time::zone::{TimeError, Zone};

/// The verdict on a grant.
#[derive(Debug)]
pub struct Worth<'a> {
    /// The people whose signatures count.
    pub signed: &'a [&'a str],
    /// Every condition that it does not meet.
    pub faults: &'a [GrantFault],
    /// Everything that could not be looked at, and why.
    pub unchecked: Option<&'a str>,
    /// Everything that it counts for only if it is so, when it is used.
    pub provided: &'a [&'a str],
    /// The help if the policy at hand is not the one that it is for.
    pub advice: Option<&'a str>,
}

/// The grant in words, wrapped to `width` columns; with what it is worth, where that was looked at.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn grant(
    grant: &Grant,
    worth: Option<&Worth<'_>>,
    asker: Option<&Zone>,
    width: usize,
) -> Result<String, TimeError> {
    let terms = &grant.terms;
    let mut rows = Rows::default();
    let regions = if terms.regions.is_empty() { String::new() } else { format!(" in {}", terms.regions.join(", ")) };
    let what = format!("{} for {}{regions}", terms.id, terms.environments.join(", "));
    let (style, label) = match worth {
        None => (QUIET, "grant: "),
        Some(worth) if worth.faults.is_empty() && worth.unchecked.is_some() => (WARNING, "undecided: "),
        Some(worth) if worth.faults.is_empty() => (ALLOWED, "counts: "),
        Some(_) if grant.fingerprints().next().is_none() => (REFUSED, "not signed: "),
        Some(_) => (REFUSED, "does not count: "),
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
        let text = format!("once, on {} of {}, what differs in {range}", bound.reference, terms.repository);
        rows.row("permits", &for_terminal(&text), None);
    }
    if let Some(bound) = &terms.command {
        let words = command(bound.words.iter().map(String::as_str));
        rows.row("permits", &for_terminal(&format!("once, in {}, the command: {words}", terms.repository)), None);
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
    rows.row("from", &everywhere(&[], asker, terms.not_before, 0)?, None);
    let until = everywhere(&[], asker, terms.expires, 0)?;
    rows.row("until", &format!("{until}: {}", spoken(terms.lasts())), None);
    rows.row("policy", &terms.policy, None);
    match worth {
        None => {
            let prints: Vec<String> = grant.fingerprints().collect();
            let signed = if prints.is_empty() { "nobody yet".to_owned() } else { prints.join(", ") };
            rows.row("signed by", &format!("{signed} (not verified: that is `freezegate grant verify`)"), None);
        }
        Some(worth) => {
            let signed =
                if worth.signed.is_empty() { "no valid signature yet".to_owned() } else { worth.signed.join(", ") };
            rows.row("signed by", &for_terminal(&signed), None);
            for fault in worth.faults {
                rows.row("but", &for_terminal(&fault.to_string()), None);
            }
            if let Some(advice) = worth.advice {
                rows.row("note", advice, None);
            }
            if let Some(unchecked) = worth.unchecked {
                rows.row("but", &for_terminal(&format!("not checked here: {unchecked}")), None);
            }
            if worth.faults.is_empty() && !worth.provided.is_empty() {
                rows.row("if", &for_terminal(&worth.provided.join(", and ")), None);
            }
        }
    }
    Ok(rows.into_text(width))
}

/// A range with the first digits of each commit.
fn shortened(range: &str) -> String {
    let short = |id: &str| id.get(..7).unwrap_or(id).to_owned();
    range.split_once("..").map_or_else(|| range.to_owned(), |(old, new)| format!("{}..{}", short(old), short(new)))
}
