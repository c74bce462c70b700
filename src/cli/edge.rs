//! The world outside: clock, environment, working directory.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::DateTime;

use crate::change::command::{FileFault, FolderEntry, MOST_TOOL_ENTRIES, Surroundings};
use crate::change::git::Repository;
use crate::diagnostic::{Code, Diagnostic};
use crate::escape::{for_terminal, system_words};
use crate::gate::world::World;
use crate::hex::hex;
use crate::lint::zone_rules;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::today::{TodayError, day_time, next_at, with_offset};
use crate::time::zone::Zone;
use crate::time::zone_help::{ZoneHelp, zone_help};

/// The world as it was when the program started.
#[derive(Debug)]
pub(crate) struct Edge {
    /// Seconds since 1970-01-01T00:00:00Z, the fraction cut. No decision that is enforced is about this instant.
    pub(crate) now: Instant,
    /// True if the program goes on after an answer.
    goes_on: AtomicBool,
    /// Standard input, once it was read: it can be read only once, and a policy in it may be asked for twice.
    input: OnceLock<Vec<u8>>,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where clock and environment are read")]
impl Edge {
    pub(crate) fn read() -> Self {
        Self { now: Instant::from(jiff::Timestamp::now()), goes_on: AtomicBool::new(false), input: OnceLock::new() }
    }

    /// Has the program go on after an answer, for the next one.
    pub(crate) fn go_on(&self) {
        self.goes_on.store(true, Ordering::Relaxed);
    }

    /// A variable, also one that is set to nothing: elsewhere that counts as one that is not set.
    pub(crate) fn variable_as_it_is(name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }
}

impl Edge {
    /// Makes a folder the working directory.
    pub(crate) fn enter(&self, folder: &str) -> io::Result<()> {
        std::env::set_current_dir(folder)
    }

    /// The names of all that lies in a folder, in no order.
    pub(crate) fn names_in(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    /// The text of the event that a CI provider keeps for its job.
    pub(crate) fn event(&self, path: &Path) -> Result<String, Diagnostic> {
        // GitHub sends no more than 25 MB: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
        const MAX_BYTES: u64 = 32 << 20;
        let fault = |cause: String| {
            Diagnostic::error(Code::NoEvidence, format!("the event in `{}` {cause}", path.display()))
                .help("fix `GITHUB_EVENT_PATH`, or say what changed: `--no-ci --enforce --range OLD..NEW`")
        };
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
        match read {
            Ok(length) if u64::try_from(length).unwrap_or(u64::MAX) > MAX_BYTES => {
                Err(fault("is larger than 32 MiB".to_owned()))
            }
            Ok(_) => Ok(text),
            Err(error) => Err(fault(format!("can't be read: {}", system_words(&error)))),
        }
    }

    /// Sixteen random bytes in hexadecimal: what nobody can guess.
    pub(crate) fn random(&self) -> Result<String, Diagnostic> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| no_random_bytes(&error))?;
        Ok(hex(&bytes))
    }

    /// Returns a random pause in whole seconds, shorter than `below`; none if `below` is none.
    pub(crate) fn random_pause(&self, below: Seconds) -> Result<Seconds, Diagnostic> {
        let random = getrandom::u64().map_err(|error| no_random_bytes(&error))?;
        let random = i64::try_from(random >> 1_u32).unwrap_or(0);
        Ok(random.checked_rem(below.get()).map_or(Seconds::ZERO, Seconds::new))
    }

    /// Returns whether a person reads standard error.
    pub(crate) fn errors_go_to_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Reads a line that a person types; `None` at the end of the input.
    pub(crate) fn read_line(&self) -> Result<Option<String>, Diagnostic> {
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            Err(error) => Err(Diagnostic::error(Code::InvalidUsage, format!("standard input: {error}"))
                .help("name the time zone by an option: `freezegate init --timezone Europe/Berlin`")),
        }
    }

    /// The columns that a person sees.
    pub(crate) fn width(&self) -> usize {
        let asked = self
            .variable("COLUMNS")
            .and_then(|columns| columns.to_str().and_then(|columns| columns.parse::<usize>().ok()));
        let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        asked.or_else(seen).unwrap_or(80).clamp(40, 120)
    }
}

/// The most bytes of standard input that are kept: more than the longest policy.
const KEPT_INPUT: usize = 2 << 20;

/// The largest offset of a clock from UTC: 14 hours, on the Line Islands.
const MOST_OFFSET: Seconds = Seconds::hours(14);

impl Edge {
    /// The instant that `--at` says, in seconds since 1970-01-01T00:00:00Z, or now; `timezone` is the zone of [`Edge::dated`].
    ///
    /// # Errors
    ///
    /// As [`Edge::dated`], and a text that is no instant.
    pub(crate) fn asked_instant(&self, at: Option<&str>, timezone: Option<&str>) -> Result<Instant, Diagnostic> {
        self.instant(self.dated(at, timezone)?.as_deref())
    }

    /// Returns what `--at` says; a time of day alone, such as `17:50` or `Fri 17:50`, with the date of today or of the next Friday, and the offset
    /// of the zone in which the one who asks reads the clock.
    ///
    /// # Errors
    ///
    /// A time of day that the day has twice, or not at all, and one of which nobody knows where it is read.
    pub(crate) fn dated(&self, at: Option<&str>, timezone: Option<&str>) -> Result<Option<String>, Diagnostic> {
        let Some(written) = at else {
            return Ok(None);
        };
        let Some(time) = day_time(written) else {
            return match incomplete(written) {
                Some((problem, clock)) => Err(self.in_full(&format!("`--at {written}` {problem}"), clock, timezone)?),
                None => Ok(Some(written.to_owned())),
            };
        };
        let fault = |cause: String, help: &str| Diagnostic::error(Code::InvalidTimestamp, cause).help(help);
        let in_full = "write it with a date and an offset: `2026-11-26T09:00:00-05:00`";
        // another zone would be another time
        let of_environment = self.variable("TZ").filter(|_| timezone.is_none());
        if let Some(name) = of_environment.filter(|name| named_by(name).is_none()) {
            let cause = format!(
                "`--at {written}` has no date, and `TZ` is `{}`, which is not the name of a place",
                name.display()
            );
            return Err(fault(for_terminal(&cause).into_owned(), in_full));
        }
        let Some(zone) = self.asker(timezone)? else {
            let cause = format!("`--at {written}` has no date, and your time zone is not known");
            return Err(fault(cause, in_full));
        };
        match next_at(time, self.now, &zone) {
            Ok(dated) => Ok(Some(dated)),
            Err(TodayError::Twice { date, instants: [first, last] }) => Err(fault(
                format!("`--at {written}` occurs twice on {date} in {}, where the clocks go back", zone.name()),
                &format!("write which is meant: `--at {first}` or `--at {last}`"),
            )),
            Err(TodayError::Never { date }) => Err(fault(
                format!("`--at {written}` does not occur on {date} in {}, where the clocks go forward", zone.name()),
                "write another time, or one with a date and an offset: `2026-11-26T09:00:00-05:00`",
            )),
            Err(TodayError::Unknown(error)) => Err(fault(error.to_string(), in_full)),
        }
    }

    /// What is wrong with a time, with the two that `clock` may mean: in UTC, and where the one who asks reads the clock.
    fn in_full(&self, cause: &str, clock: DateTime, timezone: Option<&str>) -> Result<Diagnostic, Diagnostic> {
        let local = match self.asker(timezone)? {
            Some(zone) => match with_offset(clock, &zone) {
                Ok(local) if local.ends_with('Z') || local.ends_with("+00:00") => String::new(),
                Ok(local) => format!(", or `{local}` for {}", zone.city()),
                Err(TodayError::Twice { instants: [first, last], .. }) => {
                    format!(", or `{first}` or `{last}` for {}", zone.city())
                }
                Err(TodayError::Never { .. } | TodayError::Unknown(_)) => ", or your offset in place of `Z`".to_owned(),
            },
            None => ", or your offset in place of `Z`".to_owned(),
        };
        let help = format!("write `{clock}Z` for UTC{local}");
        Ok(Diagnostic::error(Code::InvalidTimestamp, cause).help(help))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where clock and environment are read")]
impl World for Edge {
    fn ends_with_answer(&self) -> bool {
        !self.goes_on.load(Ordering::Relaxed)
    }

    fn clock(&self) -> Instant {
        Instant::from(jiff::Timestamp::now())
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        Self::variable_as_it_is(name).filter(|value| !value.is_empty())
    }

    fn root(&self) -> Result<PathBuf, Diagnostic> {
        match self.work_tree()? {
            Some(root) => Ok(root),
            None => std::env::current_dir().map_err(|error| {
                Diagnostic::error(Code::UnreadableFile, format!("the working directory can't be read: {error}"))
                    .help("change into a folder that exists")
            }),
        }
    }

    fn work_tree(&self) -> Result<Option<PathBuf>, Diagnostic> {
        Repository::root_above(Path::new("."))
            .map_err(|error| Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help()))
    }

    fn bare_repository(&self) -> Result<Option<PathBuf>, Diagnostic> {
        Repository::bare_above(Path::new("."))
            .map_err(|error| Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help()))
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        std::env::current_dir().map_or_else(|_| path.to_path_buf(), |here| here.join(path))
    }

    fn shorten(&self, path: &Path) -> PathBuf {
        match std::env::current_dir() {
            Ok(here) => path.strip_prefix(&here).map_or_else(|_| path.to_path_buf(), Path::to_path_buf),
            Err(_) => path.to_path_buf(),
        }
    }

    fn instant(&self, at: Option<&str>) -> Result<Instant, Diagnostic> {
        let Some(written) = at else {
            return Ok(self.now);
        };
        let fault = |cause: String, help: &str| Diagnostic::error(Code::InvalidTimestamp, cause).help(help);
        match written.parse::<jiff::Timestamp>() {
            Ok(_) if written.contains('[') => Err(fault(
                format!("`--at {written}` names a zone in brackets"),
                "give the offset alone: `2026-11-26T09:00:00-05:00`",
            )),
            Ok(_) if is_beyond_any_offset(written) => Err(fault(
                format!("`--at {written}` has an offset of more than 14 hours"),
                "write `Z` for UTC, or an offset from `-12:00` to `+14:00`",
            )),
            Ok(instant) => Ok(Instant::from(instant)),
            Err(_) => Err(fault(
                format!("`--at {written}` is not a time"),
                "write `17:50` for today, `Fri 17:50`, or a full time: `2026-11-26T09:00:00-05:00`",
            )),
        }
    }

    fn asker(&self, named: Option<&str>) -> Result<Option<Zone>, Diagnostic> {
        if let Some(name) = named {
            return Zone::named(name).map(Some).ok_or_else(|| {
                let ZoneHelp { cause, help } = zone_help(name);
                Diagnostic::error(Code::UnknownZone, cause).help(help)
            });
        }
        // only how an answer is told depends on it, so that not to know the zone is no fault
        let variable = self.variable("TZ").as_deref().and_then(named_by);
        Ok(variable.or_else(|| iana_time_zone::get_timezone().ok().and_then(|zone| Zone::named(&zone))))
    }

    fn warnings(&self, at: Instant) -> Vec<String> {
        zone_rules::doubts(at, system_release().as_deref())
            .into_iter()
            .map(|doubt| match doubt.help {
                Some(help) => format!("{}: {help}", doubt.cause),
                None => doubt.cause,
            })
            .collect()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = std::fs::File::open(path)?;
        // with room for all of it, and for one byte more, a file is read in one go
        let length = file.metadata()?.len().saturating_add(1).min(limit);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        std::fs::metadata(path).map(|file| file.len())
    }

    fn input_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn read_input(&self, limit: u64) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.input.get() {
            return Ok(bytes.clone());
        }
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
        // a plan is larger, and asked for once
        Ok(if bytes.len() > KEPT_INPUT { bytes } else { self.input.get_or_init(|| bytes).clone() })
    }

    fn paths(&self, variable: &OsStr) -> Vec<PathBuf> {
        std::env::split_paths(variable).collect()
    }
}

impl Surroundings for Edge {
    fn set_variable(&self, name: &str) -> Option<Vec<u8>> {
        Self::variable_as_it_is(name).map(OsString::into_encoded_bytes)
    }

    fn folder(&self) -> Vec<u8> {
        self.absolute(Path::new(".")).into_os_string().into_encoded_bytes()
    }

    fn read_file(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, FileFault> {
        let unreadable = |error: &io::Error| {
            let is_missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
            if is_missing { FileFault::Missing } else { FileFault::Unreadable(error.to_string()) }
        };
        let path = path_of(path).ok_or_else(|| FileFault::Unreadable("its path is not UTF-8".to_owned()))?;
        let metadata = std::fs::metadata(&path).map_err(|error| unreadable(&error))?;
        // a pipe would be waited for
        if !metadata.is_file() {
            return Err(FileFault::Unreadable("it is not a file".to_owned()));
        }
        World::read(self, &path, limit.saturating_add(1)).map_err(|error| unreadable(&error))
    }

    fn read_folder(&self, path: &[u8]) -> Result<Option<Vec<FolderEntry>>, FileFault> {
        let unreadable = |error: io::Error| FileFault::Unreadable(error.to_string());
        let Some(path) = path_of(path).filter(|path| path.is_dir()) else {
            return Ok(None);
        };
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)?.take(MOST_TOOL_ENTRIES + 1) {
            let entry = entry.map_err(unreadable)?;
            let is_folder = entry.file_type().map_err(unreadable)?.is_dir();
            entries.push(FolderEntry { name: entry.file_name().into_encoded_bytes(), is_folder });
        }
        Ok(Some(entries))
    }
}

/// A path as the system has it; `None` if it can't have it.
#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

/// A path as the system has it; `None` if it can't have it.
#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

fn no_random_bytes(error: &getrandom::Error) -> Diagnostic {
    Diagnostic::error(Code::Unwritable, format!("the system gives no random bytes: {error}"))
        .help("check the system's random number generator")
}

/// The zone that the variable `TZ` names, if it is one of a place.
fn named_by(variable: &OsStr) -> Option<Zone> {
    Zone::named(variable.to_str()?.trim_start_matches(':'))
}

/// The release of the time zone database of the system, where its database says.
pub(crate) fn system_release() -> Option<String> {
    let mut head = [0_u8; 32];
    let length = std::fs::File::open("/usr/share/zoneinfo/tzdata.zi").and_then(|mut file| file.read(&mut head)).ok()?;
    let line = std::str::from_utf8(head.get(..length)?).ok()?.lines().next()?;
    let release = line.strip_prefix("# version ")?;
    (release.len() >= 5 && release.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| release.to_owned())
}

/// The date of a text that is a date, with or without an offset from UTC, but no time of day.
fn date_alone(written: &str) -> Option<jiff::civil::Date> {
    let (date, offset) = written.split_at_checked("2026-11-26".len())?;
    let is_offset = offset.is_empty() || offset.eq_ignore_ascii_case("Z") || offset.starts_with(['+', '-']);
    date.parse().ok().filter(|_| is_offset)
}

/// What a date without an offset lacks, or one without a time of day, and the clock that it may mean.
fn incomplete(written: &str) -> Option<(&'static str, DateTime)> {
    if let Some(date) = date_alone(written) {
        return Some(("has no time of day", date.at(17, 50, 0, 0)));
    }
    let is_complete = written.parse::<jiff::Timestamp>().is_ok();
    let clock = written.parse().ok().filter(|_| !is_complete)?;
    Some(("has no offset from UTC, so its time zone is unknown", clock))
}

/// Returns whether an instant is written with an offset from UTC that no clock on earth has.
fn is_beyond_any_offset(written: &str) -> bool {
    let offset = jiff::fmt::temporal::Pieces::parse(written).ok().and_then(|pieces| pieces.to_numeric_offset());
    offset.is_some_and(|offset| Seconds::of_offset(offset).get().abs() > MOST_OFFSET.get())
}
