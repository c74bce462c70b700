//! The stops that a question is judged with: from where they are published, added to the policy as freezes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::change::git::{RefName, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults, SourceLayer};
use crate::escape::for_terminal;
use crate::gate::fault::{add_help, fault};
use crate::gate::repository;
use crate::gate::stop_places::{FoundStops, StopPlaces};
use crate::gate::world::World;
use crate::policy::load::Fragment;
use crate::policy::{Policy, StandingStops, StopPlace};
use crate::proof::shared_text::{Addition, SharedText, SharedTextError};
use crate::proof::stops::{HoldingStop, ResumeWorth, StopMemory, holding};
use crate::report::stop::resume_command;
use crate::shell::shell_word;
use crate::stop::StopError;
use crate::stop::entry::{EntryFault, LONG_TEXT, MAX_TEXT, MOST_HOLDING, StopEntry, read_all, still_counting};
use crate::time::instant::Instant;

/// The variable that names one more place.
const VARIABLE: &str = "FREEZEGATE_STOPS";

/// The ref that stops are published in, unless another one is named.
pub(crate) const USUAL_REF: &str = "refs/freezegate/stops";

/// The name of the text in the commits of the ref.
pub(crate) const FILE: &str = "stops.jsonl";

/// A place, ready to be read and added to.
pub(crate) struct ReadyStopPlace {
    /// The name that people know it by.
    pub(crate) name: StopPlace,
    text: SharedText,
    memory: Option<StopMemory>,
}

impl StopPlaces {
    /// All places: those of the command line, and that of the variable.
    pub(crate) fn all(&self, world: &dyn World) -> Vec<OsString> {
        let mut all = self.written.clone();
        let variable = world.variable(VARIABLE).filter(|_| !self.is_nowhere);
        all.extend(variable.filter(|place| !self.written.contains(place)));
        all
    }

    /// Returns whether stops are read from this ref of the repository at hand.
    pub(crate) fn has_own_ref(&self, name: &RefName, world: &dyn World) -> Result<bool, Faults> {
        for written in self.all(world) {
            if let StopLocation::Ref { remote: None, name: own } = locate(&written, world)?
                && own == *name
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the stops of all places that are not over; what was read once is not read again.
    ///
    /// # Errors
    ///
    /// A place that can't be read, or holds what can't be.
    fn read(&self, world: &dyn World) -> Result<Arc<FoundStops>, Faults> {
        if let Some(found) = self.found.get() {
            return Ok(Arc::clone(found));
        }
        let mut found = FoundStops { at: world.clock(), ..FoundStops::default() };
        for written in self.all(world) {
            ReadyStopPlace::open(&written, world)?.look(&mut found)?;
        }
        Ok(Arc::clone(self.found.get_or_init(|| Arc::new(found))))
    }

    /// Loads a policy with the stops of all places added; `load` loads it with these fragments.
    ///
    /// # Errors
    ///
    /// What can't be read of the places or of the policy; a stop that names what the policy does not have.
    pub(crate) fn load(
        &self,
        world: &dyn World,
        fragments: &[Fragment],
        load: &dyn Fn(&[Fragment]) -> Result<Policy, Faults>,
    ) -> Result<Policy, Faults> {
        let found = self.read(world)?;
        let mut stops = StandingStops { stops: Vec::new(), doubts: found.doubts.clone() };
        if found.holding.is_empty() {
            let mut policy = load(fragments)?;
            policy.stops = stops;
            return Ok(policy);
        }
        // who may resume is said by the policy itself, and what it has
        let bare = load(fragments)?;
        let mut all = fragments.to_vec();
        let mut added: Vec<&HoldingStop> = Vec::new();
        for one in &found.holding {
            let signed = match one.worth(&bare, found.at) {
                ResumeWorth::Resumed => continue,
                ResumeWorth::Holds { signed, missing, doubts } => {
                    stops.doubts.extend(doubts.iter().map(|doubt| for_terminal(doubt).into_owned()));
                    (signed, missing)
                }
            };
            let Some(within) = one.stop.within(&bare) else {
                stops.doubts.push(names_nothing(one));
                continue;
            };
            if one.is_gone {
                stops.doubts.push(gone(one));
            }
            // whoever knows the id of a stop could give that name to a freeze of the policy
            let mut name = one.stop.freeze_name();
            while bare.freezes.iter().any(|freeze| freeze.name == name) {
                name.push('\'');
            }
            let text = within.fragment(name.clone(), found.at).map_err(|error| unwritten(&error))?;
            all.push(Fragment { name: fragment_name(one), bytes: text.into_bytes() });
            added.push(one);
            stops.stops.push(one.standing(name, signed));
        }
        if let Ok(mut policy) = load(&all) {
            policy.stops = stops;
            return Ok(policy);
        }
        // names that the policy has, and that exclude each other there, such as a region that an environment does not serve: a stop of them
        // closes nothing here, and must not keep every other change from a decision
        let mut kept = fragments.to_vec();
        let mut standing = Vec::new();
        for ((one, fragment), stop) in added.into_iter().zip(all.split_off(fragments.len())).zip(stops.stops) {
            let with: Vec<Fragment> = fragments.iter().cloned().chain([fragment.clone()]).collect();
            if load(&with).is_ok() {
                kept.push(fragment);
                standing.push(stop);
            } else {
                stops.doubts.push(names_nothing(one));
            }
        }
        let mut policy = load(&kept).map_err(|faults| with_ways_out(faults, &found.holding))?;
        policy.stops = StandingStops { stops: standing, doubts: stops.doubts };
        Ok(policy)
    }
}

/// Returns the text about a stop that closes nothing by the policy at hand.
fn names_nothing(one: &HoldingStop) -> String {
    let text = format!(
        "stop `{}` in `{}` closes nothing here: this policy defines none of its names",
        one.stop.id.short(),
        one.place.written()
    );
    for_terminal(&text).into_owned()
}

/// By what a stop is known where places in the policy are.
fn fragment_name(one: &HoldingStop) -> String {
    format!("stops/{}", one.stop.id.short())
}

fn gone(one: &HoldingStop) -> String {
    let place = one.place.written();
    let text = format!(
        "stop `{}` was removed from `{place}`, and still counts here: find out who removed it; to forget it, `rm -r \"$(git rev-parse --git-common-dir)/freezegate/stops\"`",
        one.stop.id.short()
    );
    for_terminal(&text).into_owned()
}

/// Says of each fault in a stop how to end that.
fn with_ways_out(mut faults: Faults, holding: &[HoldingStop]) -> Faults {
    let Faults { sources, diagnostics } = &mut faults;
    for diagnostic in diagnostics {
        let file = diagnostic.place.and_then(|place| sources.file(place.file));
        let stop = file.and_then(|file| {
            holding.iter().find(|one| file.layer == SourceLayer::Fragment && file.path == fragment_name(one))
        });
        if let Some(one) = stop {
            let resume = resume_command(one.stop.id.short(), one.place.written());
            add_help(diagnostic, "; ", &format!("or end the stop: `{resume}`"));
        }
    }
    faults
}

/// The place where stops are, as the command line says it.
enum StopLocation {
    File(PathBuf),
    Ref { remote: Option<String>, name: RefName },
}

/// Reads a place:
///
/// - `origin`, or an address: the ref [`USUAL_REF`] of that remote;
/// - `refs/freezegate/stops`: that ref of the repository at hand;
/// - `origin:refs/freezegate/stops-eu`: another one of a remote;
/// - a folder: that ref of the repository there;
/// - anything else: the path of a file.
fn locate(written: &OsStr, world: &dyn World) -> Result<StopLocation, Faults> {
    let usual = || RefName::new(USUAL_REF).map_err(fault);
    let path = Path::new(written);
    let Some(text) = written.to_str() else {
        return Ok(StopLocation::File(path.to_path_buf()));
    };
    let (remote, name) = match text.rsplit_once(":refs/") {
        Some((remote, name)) => (Some(remote.to_owned()), RefName::new(format!("refs/{name}")).map_err(fault)?),
        None if text.starts_with("refs/") => (None, RefName::new(text).map_err(fault)?),
        None if is_remote(text) => (Some(text.to_owned()), usual()?),
        None if path.is_dir() => {
            let folder = world.absolute(path).into_os_string().into_string();
            let folder = folder.map_err(|_| misplaced("the path of the repository is not UTF-8".to_owned()))?;
            (Some(folder), usual()?)
        }
        None => return Ok(StopLocation::File(path.to_path_buf())),
    };
    if remote.as_deref().is_some_and(str::is_empty) {
        return Err(misplaced(format!("`{text}` names no remote before the colon")));
    }
    if !name.as_bytes().starts_with(USUAL_REF.as_bytes()) {
        return Err(misplaced(format!("`{name}` is not a ref of stops")));
    }
    Ok(StopLocation::Ref { remote, name })
}

/// Returns whether a place is the name of a remote or its address, and no path. One letter before a colon is a drive.
fn is_remote(text: &str) -> bool {
    let is_name = !text.is_empty() && !text.contains(['/', '\\', '.', ':']);
    let is_short_address =
        || text.split_once(':').is_some_and(|(host, _)| host.chars().count() > 1 && !host.contains(['/', '\\']));
    is_name || text.contains("://") || is_short_address()
}

fn misplaced(cause: String) -> Faults {
    Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(
        "write the name or the address of a remote, such as `--stops origin`; `refs/freezegate/stops` for the repository itself; or the path of a file, such as `--stops ./stops.jsonl`",
    ))
}

impl ReadyStopPlace {
    /// Opens a place as the command line names it; the repository is looked for only if it is a ref.
    pub(crate) fn open(written: &OsStr, world: &dyn World) -> Result<Self, Faults> {
        let shown = written.to_string_lossy().into_owned();
        match locate(written, world)? {
            StopLocation::File(path) => {
                Ok(Self { name: StopPlace::File(shown), text: SharedText::in_file(path, MAX_TEXT), memory: None })
            }
            StopLocation::Ref { remote, name } => {
                let repository = repository::here(world)?;
                // the repository itself, not what a push brings into quarantine
                let repository = Repository::open_at(repository.git_dir()).map_err(fault)?;
                let key = format!("{}\0{name}", remote.as_deref().unwrap_or_default());
                let memory = Some(StopMemory::new(repository.common_dir(), &key));
                let place = if remote.is_some() { StopPlace::Remote(shown) } else { StopPlace::OwnRef(shown) };
                let text = SharedText::in_ref(&repository, (remote, &name), FILE, MAX_TEXT).map_err(fault)?;
                Ok(Self { name: place, text, memory })
            }
        }
    }

    /// The text that holds the entries.
    pub(crate) const fn text(&self) -> &SharedText {
        &self.text
    }

    /// The entries of the place, the oldest first.
    pub(crate) fn entries(&self) -> Result<Vec<StopEntry>, Faults> {
        let text = self.text.read().map_err(|error| self.unread(&error))?;
        read_all(&text).map_err(|fault| self.unreadable(&fault))
    }

    /// Returns what an earlier look found there; nothing in a file.
    pub(crate) fn remembered(&self) -> Result<Vec<StopEntry>, Faults> {
        let memory = self.memory.as_ref().map(StopMemory::read).transpose();
        memory.map(Option::unwrap_or_default).map_err(|error| {
            let help = "delete it: the stops seen so far are then forgotten; `freezegate stop` stops again";
            Faults::one(Diagnostic::error(Code::UnreadableFile, for_terminal(&error.to_string())).help(help))
        })
    }

    /// Adds the stops that are not over to `found`, and keeps them in mind.
    fn look(&self, found: &mut FoundStops) -> Result<(), Faults> {
        // read before the place is, which can only have more
        let remembered = self.remembered()?;
        let entries = self.entries()?;
        let own = holding(&self.name, &entries, &remembered, found.at).map_err(|count| self.too_many(count))?;
        if let Some(memory) = &self.memory {
            let kept = worth_remembering(&own, &entries, &remembered);
            let is_known =
                kept.len() == remembered.len() && kept.iter().zip(&remembered).all(|(one, other)| *one == other);
            if !is_known && let Err(error) = memory.write(&kept) {
                found.doubts.push(format!(
                    "stops that were seen can't be remembered here: {}",
                    for_terminal(&error.to_string())
                ));
            }
        }
        found.holding.extend(own);
        Ok(())
    }

    /// Returns what is added to the place whose text is `before`, read as `known`: a line, at `now` in seconds since 1970-01-01T00:00:00Z. Out of a
    /// ref that has become long, what does not count any more is taken.
    ///
    /// # Errors
    ///
    /// There is no room for the line.
    pub(crate) fn addition(
        &self,
        (before, known): (&str, &[StopEntry]),
        line: &str,
        subject: String,
        now: Instant,
    ) -> Result<Addition, Faults> {
        let is_ref = !matches!(self.name, StopPlace::File(_));
        let instead = (is_ref && before.len() > LONG_TEXT).then(|| {
            let kept = still_counting(known, now);
            kept.into_iter().flat_map(|entry| [entry.line(), "\n"]).collect::<String>()
        });
        let length = instead.as_ref().map_or(before.len(), String::len).saturating_add(line.len()).saturating_add(2);
        if length > MAX_TEXT {
            let cause = format!("`{}` is full: it may have {MAX_TEXT} bytes", self.name.written());
            let help = match &self.name {
                StopPlace::File(path) => {
                    format!("delete lines that are over from {}, or name another place", shell_word(path))
                }
                StopPlace::OwnRef(_) | StopPlace::Remote(_) => {
                    "name another place, such as `--stops refs/freezegate/stops-2`".to_owned()
                }
            };
            return Err(Faults::one(
                Diagnostic::error(Code::Unwritable, for_terminal(&cause)).help(for_terminal(&help)),
            ));
        }
        Ok(Addition { instead, text: format!("{line}\n"), subject, at: now })
    }

    pub(crate) fn unread(&self, error: &SharedTextError) -> Faults {
        let cause = format!("the stops in `{}` can't be read: {error}", self.name.written());
        let help = format!("{}; what can't be read might close this change", error.help());
        Faults::one(Diagnostic::error(Code::UnreadableFile, for_terminal(&cause)).help(for_terminal(&help)))
    }

    pub(crate) fn unreadable(&self, entry: &EntryFault) -> Faults {
        let cause = format!("the stops in `{}` can't be read: {entry}", self.name.written());
        let help = match (&self.name, entry.line) {
            (StopPlace::File(path), Some(line)) => {
                format!("see who wrote it, and delete the line: `sed -i {line}d {}`", shell_word(path))
            }
            (StopPlace::File(_), None) => "see who wrote it, and keep the lines that are not over".to_owned(),
            (StopPlace::OwnRef(_), _) => format!(
                "see who wrote it, `git log -p {0}`, and go back to the commit before: `git update-ref {0} COMMIT`",
                self.text
            ),
            (StopPlace::Remote(_), _) => {
                let text = self.text.to_string();
                let (remote, name) = text.rsplit_once(":refs/").unwrap_or((&text, "freezegate/stops"));
                format!(
                    "see who wrote it, `git fetch {remote} refs/{name} && git log -p FETCH_HEAD`, and go back to the commit before: `git push --force {remote} COMMIT:refs/{name}`"
                )
            }
        };
        Faults::one(Diagnostic::error(Code::UnreadableFile, for_terminal(&cause)).help(for_terminal(&help)))
    }

    pub(crate) fn too_many(&self, count: usize) -> Faults {
        let cause = format!(
            "`{}` has {count} stops that are not over, and at most {MOST_HOLDING} are read",
            self.name.written()
        );
        Faults::one(
            Diagnostic::error(Code::UnreadableFile, for_terminal(&cause))
                .help("wait until some are over, or name another place where those are published that still count"),
        )
    }
}

/// Of what is in a place and what was remembered, the stops that are not over and what is said of them, so far as there is room.
fn worth_remembering<'e>(
    holding: &[HoldingStop],
    entries: &'e [StopEntry],
    remembered: &'e [StopEntry],
) -> Vec<&'e StopEntry> {
    let is_about = |entry: &&StopEntry| {
        let stop = match entry {
            StopEntry::Stop(stop) => &stop.id,
            StopEntry::Resume(resume) => &resume.stop,
        };
        holding.iter().any(|one| one.stop.id == *stop)
    };
    let is_stop = |entry: &&&StopEntry| matches!(entry, StopEntry::Stop(_));
    let mut all: Vec<&StopEntry> = Vec::new();
    for entry in remembered.iter().chain(entries).filter(is_about) {
        if !all.iter().any(|known| known.id() == entry.id()) {
            all.push(entry);
        }
    }
    let mut room = MAX_TEXT;
    let stops = all.iter().filter(is_stop);
    let resumes = all.iter().filter(|entry| !is_stop(entry));
    let mut kept = Vec::new();
    for entry in stops.chain(resumes) {
        let length = entry.line().len().saturating_add(1);
        if length <= room {
            room -= length;
            kept.push(*entry);
        }
    }
    kept
}

impl From<SharedTextError> for Faults {
    fn from(error: SharedTextError) -> Self {
        let cause = format!("nothing was published: {error}");
        Self::one(Diagnostic::error(Code::Unwritable, for_terminal(&cause)).help(for_terminal(&error.help())))
    }
}

/// No place is named.
pub(crate) fn no_place() -> Faults {
    Faults::one(
        Diagnostic::error(Code::InvalidUsage, "nothing says where the stop was published")
            .help("name the place, such as `--stops origin`"),
    )
}

pub(crate) fn unwritten(error: &StopError) -> Faults {
    let help = match error {
        StopError::OutOfRange => "make sure that the clock is right",
        StopError::Unwritable(_) => "shorten it, and write plain lines",
    };
    Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&error.to_string())).help(help))
}

#[cfg(test)]
mod tests {
    use super::is_remote;

    #[test]
    fn remotes_are_told_from_paths() {
        for remote in ["origin", "https://example.com/ops/stops.git", "git@example.com:ops.git", "example.com:ops"] {
            assert!(is_remote(remote), "{remote}");
        }
        for path in ["stops.jsonl", "./stops", "/srv/stops", r"C:\stops", "C:stops", "a/b:c", ""] {
            assert!(!is_remote(path), "{path}");
        }
    }
}
