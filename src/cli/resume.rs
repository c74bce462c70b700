//! `resume`: one person signs that a stop is over.

use crate::cli::args::ResumeArgs;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::signing::{actor, sign_text};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::judgement::no_instant;
use crate::gate::lifts::is_filled_in;
use crate::gate::source;
use crate::gate::stops::{ReadyStopPlace, no_place, unwritten};
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::stops::{HoldingStop, ResumeWorth, holding};
use crate::report::clock::{everywhere, until};
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::report::stop::{AnswerReader, resume_way};
use crate::shell::word_of_bytes;
use crate::stop::entry::{MOST_HOLDING, Resume, ResumeDraft, StopEntry, read_all};
use crate::time::instant::Instant;

/// `freezegate resume`: 0 the stop is over, 1 it still holds, 2 no answer.
pub(super) fn resume(args: &ResumeArgs, edge: &Edge, output: &mut Output) -> Status {
    let done = signed(args, edge, output);
    output.tell(done, edge)
}

/// The fewest digits by which a stop is named.
const FEWEST_DIGITS: usize = 4;

/// The label of a stop that nothing was signed for.
const IN_FORCE: &str = "in force: ";

fn signed(args: &ResumeArgs, edge: &Edge, output: &mut Output) -> Result<(String, Status), Faults> {
    let places = args.policy.place().stops.all(edge);
    if places.is_empty() {
        return Err(no_place());
    }
    // a stop that the policy can't take would else keep itself from being ended
    let policy = source::read(&args.policy.place().without_stops(), edge)?;
    let now = edge.clock();
    let mut found = Vec::new();
    let mut others = Vec::new();
    let shown: Vec<String> =
        places.iter().map(|place| format!("--stops {}", word_of_bytes(place.as_encoded_bytes()))).collect();
    for written in places {
        let place = ReadyStopPlace::open(&written, edge)?;
        let holding = holding(&place.name, &place.entries()?, &place.remembered()?, now)
            .map_err(|count| place.too_many(count))?;
        let (named, rest): (Vec<_>, Vec<_>) = holding.into_iter().partition(|one| is_named(one, &args.id));
        found.extend(named.into_iter().map(|one| (written.clone(), one)));
        others.extend(rest.into_iter().filter(|one| one.worth(&policy, now) != ResumeWorth::Resumed));
    }
    let (written, stop) = match found.as_slice() {
        [one] => one,
        [] => return Err(unknown(&args.id, &others, &shown)),
        [_, ..] => {
            let cause = format!("`{}` begins the id of several stops", for_terminal(&args.id));
            return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help("give more digits of the id")));
        }
    };
    if stop.worth(&policy, now) == ResumeWorth::Resumed {
        return holding_stop_text(&policy, stop, ("over already: ", now), edge);
    }
    let (Some(key), Some(reason)) = (&args.key, &args.reason) else {
        return holding_stop_text(&policy, stop, (IN_FORCE, now), edge);
    };
    is_filled_in("--reason", reason, "\"login works again\"").map_err(Faults::one)?;
    let by = actor(args.by.as_deref(), edge)?;
    let draft = ResumeDraft { stop: stop.stop.id.clone(), reason: reason.trim().to_owned(), by, at: now };
    // before ssh-keygen(1) asks for the passphrase of the key
    let mut rows = Rows::default();
    rows.heading(QUIET, "you are signing: ", &for_terminal(&format!("the end of {}", stop.stop.freeze_name())));
    rows.row("because", &for_terminal(&format!("{} (by {})", draft.reason, draft.by)), None);
    output.complaint(&rows.into_text(edge.width()));
    let text = draft.signed().map_err(|error| unwritten(&error))?;
    let signature = sign_text(&text, key)?;
    let entry = draft.with_signature(Some(signature)).map_err(|error| unwritten(&error))?;
    let place = ReadyStopPlace::open(written, edge)?;
    place.text().append(&mut |before: &str| {
        let known = read_all(before).map_err(|fault| place.unreadable(&fault))?;
        let subject = format!("resume {} by {}", entry.stop.short(), entry.by);
        place.addition((before, &known), entry.line(), subject, now).map(Some)
    })?;
    holding_stop_text(&policy, &with(stop, entry), ("signed: ", now), edge)
}

fn is_named(one: &HoldingStop, id: &str) -> bool {
    id.len() >= FEWEST_DIGITS && one.stop.id.as_str().starts_with(&id.to_ascii_lowercase())
}

fn with(stop: &HoldingStop, entry: Resume) -> HoldingStop {
    let mut stop = stop.clone();
    stop.resumes.push(entry);
    stop
}

/// `places` are the options that name the places that were looked into.
fn unknown(id: &str, others: &[HoldingStop], places: &[String]) -> Faults {
    let cause = if id.len() < FEWEST_DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("`{}` is too short: give at least {FEWEST_DIGITS} digits of the stop's id", for_terminal(id))
    } else {
        format!("there is no stop `{}` in force", for_terminal(id))
    };
    let known: Vec<String> = others.iter().map(|one| format!("`{}`", one.stop.id.short())).collect();
    let help = if known.is_empty() {
        format!("`freezegate status {}` lists the stops in force", for_terminal(&places.join(" ")))
    } else {
        format!("in force: {}", known.join(", "))
    };
    Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help))
}

/// Returns what a stop is worth now, in words.
fn holding_stop_text(
    policy: &Policy,
    stop: &HoldingStop,
    (label, now): (&str, Instant),
    edge: &Edge,
) -> Result<(String, Status), Faults> {
    let mut rows = Rows::default();
    let name = for_terminal(&stop.stop.freeze_name()).into_owned();
    let place = for_terminal(stop.place.written()).into_owned();
    let worth = stop.worth(policy, now);
    let status = match &worth {
        ResumeWorth::Resumed => {
            let label = if label == "signed: " { "resumed: " } else { label };
            rows.heading(ALLOWED, label, &format!("{name} is over wherever a gate reads `{place}`"));
            Status::Allowed
        }
        ResumeWorth::Holds { .. } => {
            let text = if label == IN_FORCE { name } else { format!("{name} is still in force") };
            rows.heading(REFUSED, label, &text);
            Status::Refused
        }
    };
    let asker = edge.asker(None).map_err(Faults::one)?;
    let end = everywhere(&[], asker.as_ref(), stop.stop.stop.until, now).map_err(no_instant)?;
    let standing = |signatures| stop.standing(stop.stop.freeze_name(), signatures);
    let closes = standing((Vec::new(), Vec::new()));
    let because = [closes.incident, closes.reason].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let label = if matches!(worth, ResumeWorth::Resumed) { "stopped for" } else { "because" };
    rows.row(label, &for_terminal(&format!("{because} (stopped by {})", stop.stop.by)), None);
    if let ResumeWorth::Holds { signed, missing, .. } = &worth {
        rows.row("until", &format!("{end}, {}", until(stop.stop.stop.until, now)), None);
        rows.row("resume", &resume_way(policy, &standing((signed.clone(), missing.clone())), AnswerReader::Here), None);
    }
    rows.row("judged by", "the policy here; each gate judges by the policy in force there", None);
    if let ResumeWorth::Holds { doubts, .. } = &worth {
        for doubt in doubts {
            rows.heading(WARNING, "warning: ", &for_terminal(doubt));
        }
    }
    Ok((rows.into_text(edge.width()), status))
}

/// The entries of a place, if it holds fewer stops than are read.
pub(super) fn with_room(place: &ReadyStopPlace, text: &str, now: Instant) -> Result<Vec<StopEntry>, Faults> {
    let entries: Vec<StopEntry> = read_all(text).map_err(|fault| place.unreadable(&fault))?;
    let count = holding(&place.name, &entries, &[], now).map_err(|count| place.too_many(count))?.len();
    if count >= MOST_HOLDING { Err(place.too_many(count)) } else { Ok(entries) }
}
