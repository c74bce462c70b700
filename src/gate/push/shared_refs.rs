//! Refs below `refs/freezegate/` that anybody who may push adds to: stops and grants.
//!
//! What they hold closes, or counts by its signatures. So such a push needs no decision; it must only add, and be readable, so that
//! nobody takes a stop away and nothing that is pushed keeps the gate from reading it.

use std::collections::HashSet;
use std::ffi::OsStr;

use crate::change::git::{RefName, Refs, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::fault::{add_help, fault};
use crate::gate::push::update::Update;
use crate::gate::request::PolicyPlace;
use crate::gate::stops::{FILE, ReadyStopPlace};
use crate::gate::world::World;
use crate::proof::grant::Grant;
use crate::proof::posted::{FILE as GRANT, id_of};
use crate::stop::entry::{
    EntryFault, EntryId, LONG_TEXT, MOST_HOLDING, PublishedStop, StopEntry, read_all, read_some, still_counting,
};
use crate::time::instant::Instant;

/// Returns the updates that are judged: all but those of shared refs, which are checked here.
///
/// # Errors
///
/// An update of a shared ref that takes something away, or that could not be read.
pub(crate) fn without_shared(
    args: &PolicyPlace,
    world: &dyn World,
    (repository, refs): (&Repository, &Refs<'_>),
    updates: Vec<Update>,
) -> Result<Vec<Update>, Faults> {
    let mut judged = Vec::new();
    for update in updates {
        // a ref with a second name is judged under that
        let is_alone = || -> Result<bool, Faults> {
            let names = refs.moved_with(&update.name).map_err(fault)?;
            Ok(names.iter().all(|name| *name == update.name))
        };
        if args.stops.has_own_ref(&update.name, world)? && is_alone()? {
            let place = ReadyStopPlace::open(OsStr::new(&update.name.to_string()), world)?;
            adds_stops(repository, &update, (&place.remembered()?, world.clock()))?;
        } else if let Some(id) = id_of(&update.name)
            && is_alone()?
        {
            holds_grant(repository, &update, id)?;
        } else {
            judged.push(update);
        }
    }
    Ok(judged)
}

/// Refuses an update of the ref of stops that takes a line away or brings one that can't be read. Out of a long text, what does not count any
/// more may be taken, or somebody could fill it for good.
fn adds_stops(
    repository: &Repository,
    update: &Update,
    (remembered, now): (&[StopEntry], Instant),
) -> Result<(), Faults> {
    let name = &update.name;
    if update.new.is_zero() {
        return Err(not_added(name, "deletes it, and with it the stops"));
    }
    // nobody could add a commit to a tag
    if repository.revision_at(update.new).map_err(fault)?.is_some_and(|new| new.commit.object() != update.new) {
        return Err(not_added(name, "makes it a tag, not a commit"));
    }
    let unreadable = |fault: &EntryFault| not_added(name, &format!("holds what can't be read: {fault}"));
    let bytes = |id| -> Result<Option<Vec<u8>>, Faults> {
        match repository.revision_at(id).map_err(fault)? {
            None => Ok(None),
            Some(revision) => repository.file_at(revision.commit, FILE).map_err(fault),
        }
    };
    let new = bytes(update.new)?.ok_or_else(|| not_added(name, &format!("has no file `{FILE}`")))?;
    let new = String::from_utf8(new).map_err(|_| not_added(name, "holds what is not UTF-8"))?;
    let entries = read_all(&new).map_err(|fault| unreadable(&fault))?;
    let old = if update.old.is_zero() { None } else { bytes(update.old)? };
    // no push brought what can't be read: a push may replace that, and has to keep the other lines
    let old = old.as_deref().map(|old| match str::from_utf8(old).map(|text| (text, read_all(text))) {
        Ok((text, Ok(known))) => (Some(text), known),
        Ok((_, Err(_))) | Err(_) => (None, read_some(old)),
    });
    // stops that were seen and then removed count until they are over
    let open = |entries: &[StopEntry]| {
        let all = not_over(entries.iter().chain(remembered), now);
        all.map(|one| &one.id).collect::<HashSet<&EntryId>>().len()
    };
    let before = open(old.as_ref().map_or(&[], |(_, known)| known.as_slice()));
    let after = open(&entries);
    if after > MOST_HOLDING && after > before {
        let mut faults = not_added(name, &format!("brings more than {MOST_HOLDING} stops that are not over"));
        if !remembered.is_empty() {
            let forget = "stops that were seen there and removed count too: to forget them, delete `freezegate/stops` in the git directory of the server";
            faults.diagnostics.iter_mut().for_each(|fault| add_help(fault, "; ", forget));
        }
        return Err(faults);
    }
    // the freezes of two that are called alike would make one invalid policy
    let mut called = HashSet::new();
    if not_over(&entries, now).any(|one| !called.insert(one.freeze_name())) {
        return Err(not_added(name, "brings two stops whose ids begin alike"));
    }
    let known: HashSet<&EntryId> = old.iter().flat_map(|(_, known)| known).map(StopEntry::id).collect();
    if not_over(&entries, now).any(|one| !one.holds(now) && !known.contains(&one.id)) {
        return Err(not_added(name, "brings a stop that begins more than an hour from now"));
    }
    let is_kept = old.is_none_or(|(old, known)| {
        let has_all = || {
            let ids: HashSet<&EntryId> = entries.iter().map(StopEntry::id).collect();
            still_counting(&known, now).into_iter().all(|one| ids.contains(one.id()))
        };
        let Some(old) = old else {
            return has_all();
        };
        let is_whole = |added: &str| old.is_empty() || old.ends_with('\n') || added.starts_with('\n');
        new.strip_prefix(old).is_some_and(is_whole) || (old.len() > LONG_TEXT && has_all())
    });
    if is_kept { Ok(()) } else { Err(not_added(name, "takes stops away or changes them")) }
}

/// The stops among entries that are not over at `now`, those that begin later too: a place that is full then can't be read by anybody.
fn not_over<'e>(
    entries: impl IntoIterator<Item = &'e StopEntry>,
    now: Instant,
) -> impl Iterator<Item = &'e PublishedStop> {
    entries.into_iter().filter_map(move |entry| match entry {
        StopEntry::Stop(published) => Some(published).filter(|one| one.stop.until > now),
        StopEntry::Resume(_) => None,
    })
}

/// Refuses an update of the ref of a grant that holds anything else than that grant. To delete it takes nothing away that a gate needs.
fn holds_grant(repository: &Repository, update: &Update, id: &str) -> Result<(), Faults> {
    if update.new.is_zero() {
        return Ok(());
    }
    let refused = |cause: &str| {
        let cause = format!("the push of `{}` {cause}", update.name);
        let help = "push it with `freezegate grant ask` or `freezegate grant sign`";
        Faults::one(Diagnostic::error(Code::BadGrant, for_terminal(&cause)).help(help))
    };
    let bytes = match repository.revision_at(update.new).map_err(fault)? {
        None => None,
        Some(revision) => repository.file_at(revision.commit, GRANT).map_err(fault)?,
    };
    let grant = Grant::read(id, &bytes.ok_or_else(|| refused(&format!("has no file `{GRANT}`")))?)?;
    if grant.terms.id == id { Ok(()) } else { Err(refused(&format!("holds the grant `{}`", grant.terms.id))) }
}

fn not_added(name: &RefName, what: &str) -> Faults {
    let cause = format!("the push of `{name}` {what}");
    Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(
        "only add to it, with `freezegate stop` and `freezegate resume`; whoever administers the server may set it: `git update-ref`",
    ))
}
