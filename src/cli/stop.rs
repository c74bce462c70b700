//! `stop`: a fragment that closes now.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use crate::cli::args::StopArgs;
use crate::cli::edge::Edge;
use crate::cli::output::{self, Output};
use crate::cli::resume::with_room;
use crate::cli::signing::actor;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::escape::for_terminal;
use crate::gate::judgement::no_instant;
use crate::gate::lifts::is_filled_in;
use crate::gate::source;
use crate::gate::stops::{ReadyStopPlace, unwritten};
use crate::gate::world::World;
use crate::policy::load::Fragment;
use crate::policy::{Policy, StopPlace, duration};
use crate::proof::shared_text::SharedTextError;
use crate::proof::stops::HoldingStop;
use crate::reach::{Declared, DeclaredNames};
use crate::report::clock::{everywhere, until};
use crate::report::rows::{REFUSED, Rows, WARNING, glued};
use crate::report::stop::{AnswerReader, resume_way};
use crate::shell::{command, shell_word, word_of_bytes};
use crate::stop::Stop;
use crate::stop::entry::PublishedStop;
use crate::time::seconds::Seconds;

/// The shortest stop, in seconds: a shorter one would be over before anybody is informed of it.
const SHORTEST: Seconds = Seconds::minutes(1);

/// `freezegate stop`: 0 printed, 2 not.
pub(super) fn stop(args: &StopArgs, edge: &Edge, output: &mut Output) -> Status {
    let places = args.policy.place().stops.all(edge);
    if !places.is_empty() {
        return output.tell(publish(args, &places, edge), edge);
    }
    let written = fragment(args, edge).and_then(|(text, closed)| {
        match &args.file {
            None => output.answer(&text),
            Some(path) => create(args, path, &text).map_err(Faults::one)?,
        }
        // on standard error, as standard output is the fragment
        output.complaint(&next_steps(args, &closed, edge));
        Ok(Status::Allowed)
    });
    output.conclude(written, edge)
}

/// Publishes the stop in each place.
fn publish(args: &StopArgs, places: &[OsString], edge: &Edge) -> Result<(String, Status), Faults> {
    if args.file.is_some() {
        let cause = "`--output` writes a file, and `FREEZEGATE_STOPS` names a place to publish in";
        let help = "leave one out: `unset FREEZEGATE_STOPS` to only write the file";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    }
    let place = args.policy.place().without_stops();
    let policy = source::read(&place, edge)?;
    let stop = read(args, edge, &policy).map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?;
    let by = actor(args.by.as_deref(), edge)?;
    let entry = PublishedStop::new(stop, by).map_err(|error| unwritten(&error))?;
    // what is published must load, or it would keep everybody from deciding
    let text = entry.fragment(entry.freeze_name(), edge.now).map_err(|error| unwritten(&error))?;
    let further = Fragment { name: "the stop".to_owned(), bytes: text.into_bytes() };
    source::read_with(&place, edge, Some(further))?;
    let (mut published, mut new_files) = (Vec::new(), Vec::new());
    for written in places {
        let place = ReadyStopPlace::open(written, edge)?;
        if matches!(place.text().read(), Err(SharedTextError::NoFile { .. })) {
            new_files.push(shell_word(place.name.written()).into_owned());
        }
        place.text().append(&mut |before: &str| {
            let known = with_room(&place, before, edge.now)?;
            let subject = format!("{} by {}", entry.freeze_name(), entry.by);
            place.addition((before, &known), entry.line(), subject, edge.now).map(Some)
        })?;
        published.push(place.name);
    }
    published_stop_text(&policy, &entry, published, &new_files, edge).map(|text| (text, Status::Allowed))
}

/// Returns what was published, and what to do next.
fn published_stop_text(
    policy: &Policy,
    entry: &PublishedStop,
    places: Vec<StopPlace>,
    new_files: &[String],
    edge: &Edge,
) -> Result<String, Faults> {
    let mut rows = Rows::default();
    let stop = &entry.stop;
    let names = |names: &[String], all: &str| if names.is_empty() { all.to_owned() } else { names.join(", ") };
    let mut closed = names(&stop.environments, "every environment");
    if !stop.regions.is_empty() {
        closed.push_str(&format!(" in {}", stop.regions.join(", ")));
    }
    if !stop.services.is_empty() {
        let noun = if stop.services.len() == 1 { "service" } else { "services" };
        closed.push_str(&format!(", {noun} {}", stop.services.join(", ")));
    }
    let asker = edge.asker(None).map_err(Faults::one)?;
    let end = everywhere(&[], asker.as_ref(), stop.until, edge.now).map_err(no_instant)?;
    let end = format!("until {end}, {}", until(stop.until, edge.now));
    rows.heading(REFUSED, "stopped: ", &format!("{} {end}", for_terminal(&closed)));
    rows.row("id", entry.id.short(), None);
    let because = [&stop.incident, &stop.reason].into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
    rows.row("because", &for_terminal(&format!("{because} (stopped by {})", entry.by)), None);
    for place in places {
        let shown = shell_word(place.written()).into_owned();
        let text = format!("wherever a gate reads `--stops {shown}`; rollbacks stay allowed");
        rows.row("closes", &for_terminal(&text), None);
        rows.row("see it", &format!("`{}`", glued(&format!("freezegate status --stops {shown}"))), None);
        let holding = HoldingStop { stop: entry.clone(), place, resumes: Vec::new(), is_gone: false };
        rows.row(
            "resume",
            &resume_way(
                policy,
                &holding.standing(holding.stop.freeze_name(), (Vec::new(), Vec::new())),
                AnswerReader::Here,
            ),
            None,
        );
    }
    for file in new_files {
        let text = format!("`{file}` is a new file: it closes nothing until a gate reads it with `--stops {file}`");
        rows.heading(WARNING, "warning: ", &for_terminal(&text));
    }
    Ok(rows.into_text(edge.width()))
}

/// The file that the commands name if the command line names none.
const USUAL_FILE: &str = "stop.toml";

/// Returns what to do so that it closes, as a stop by itself changes nothing.
fn next_steps(args: &StopArgs, closed: &[String], edge: &Edge) -> String {
    let mut rows = Rows::default();
    rows.heading(WARNING, "note: ", "nothing is closed yet: this freeze applies only where a gate reads it");
    let published = glued(&format!("{} --stops origin", again(args, None)));
    rows.row("publish", &format!("if the gates read `--stops origin`, close at once: `{published}`"), None);
    let file = args.file.as_deref().unwrap_or_else(|| Path::new(USUAL_FILE));
    if args.file.is_none() {
        let written = glued(&again(args, Some(file)));
        rows.row("1. keep it", &format!("in a file: `{written}`"), None);
    }
    let shown = word_of_bytes(file.as_os_str().as_encoded_bytes());
    let policy = source::repeated(&args.policy.place());
    let names = closed.iter().chain(&policy).map(String::as_str);
    let check = command(["freezegate", "check"].into_iter().chain(names));
    let number = if args.file.is_none() { "2" } else { "1" };
    rows.row(&format!("{number}. see it"), &format!("`{}`", glued(&format!("{check} --extra-freezes {shown}"))), None);
    let number = if args.file.is_none() { "3" } else { "2" };
    let export = glued(&format!("export FREEZEGATE_EXTRA_FREEZES=\"$(cat {shown})\""));
    let text = format!(
        "in CI jobs, set FREEZEGATE_EXTRA_FREEZES to the text or the path of the file, in the settings or by `{export}`; on a \
         server, copy the file there, then: `{}`",
        glued(&format!("freezegate hook install --extra-freezes {shown}"))
    );
    rows.row(&format!("{number}. close"), &text, None);
    rows.into_text(edge.width())
}

/// The same command with another file.
fn again(args: &StopArgs, file: Option<&Path>) -> String {
    let mut words = vec!["freezegate".to_owned(), "stop".to_owned()];
    words.extend(args.environments.iter().cloned());
    let mut option = |name: &str, value: &str| words.extend([format!("--{name}"), value.to_owned()]);
    args.regions.iter().for_each(|region| option("region", region));
    args.services.iter().for_each(|service| option("service", service));
    option("for", &args.duration);
    args.incident.iter().for_each(|incident| option("incident", incident));
    args.reason.iter().for_each(|reason| option("reason", reason));
    words.extend(source::repeated(&args.policy.place()));
    let mut text = command(words.iter().map(String::as_str));
    if let Some(file) = file {
        text.push_str(&format!(" --output {}", word_of_bytes(file.as_os_str().as_encoded_bytes())));
    }
    text
}

/// The fragment, and an environment or more that it closes.
fn fragment(args: &StopArgs, edge: &Edge) -> Result<(String, Vec<String>), Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let stop = read(args, edge, &policy).map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?;
    let text = stop.fragment().map_err(|error| unwritten(&error))?;
    // what is printed must load, or whoever adds it would learn under stress that it does not
    let further = Fragment { name: "the stop".to_owned(), bytes: text.clone().into_bytes() };
    source::read_with(&args.policy.place(), edge, Some(further))?;
    let first = || policy.environments.first().map(|environment| environment.name.clone());
    let closed = if stop.environments.is_empty() { first().into_iter().collect() } else { stop.environments };
    Ok((text, closed))
}

/// The stop that the command line asks for, by the names of `policy`.
fn read(args: &StopArgs, edge: &Edge, policy: &Policy) -> Result<Stop, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let names = DeclaredNames {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        services: args.services.clone(),
        kinds: Vec::new(),
    };
    let declared = Declared::resolve(&names, policy).map_err(|unknown| faults.extend(unknown));
    let seconds = length(&args.duration).map_err(|fault| faults.push(fault));
    let incident = line("--incident", args.incident.as_deref())
        .and_then(|text| filled_in("--incident", text, "INC-7"))
        .map_err(|fault| faults.push(fault));
    let reason = line("--reason", args.reason.as_deref())
        .and_then(|text| filled_in("--reason", text, "\"login down\""))
        .map_err(|fault| faults.push(fault));
    let (Ok(declared), Ok(seconds), Ok(incident), Ok(reason)) = (declared, seconds, incident, reason) else {
        return Err(faults);
    };
    Ok(Stop {
        environments: declared.environments.iter().map(|environment| environment.name.clone()).collect(),
        regions: declared.regions.iter().map(|region| region.name.clone()).collect(),
        services: declared.services.iter().map(|service| service.name.clone()).collect(),
        from: edge.now,
        until: edge.now.saturating_add(seconds),
        incident,
        reason,
    })
}

fn filled_in(option: &str, text: Option<String>, example: &str) -> Result<Option<String>, Diagnostic> {
    text.as_deref().map_or(Ok(()), |text| is_filled_in(option, text, example)).map(|()| text)
}

fn length(written: &str) -> Result<Seconds, Diagnostic> {
    let fault = |cause: String| {
        Diagnostic::error(Code::BadDuration, format!("`--for`: {cause}")).help("write `45m`, `2h` or `1d`")
    };
    match duration::seconds(written).map_err(fault)? {
        seconds if seconds < SHORTEST => Err(fault(format!("`{written}` is shorter than a minute"))),
        seconds => Ok(seconds),
    }
}

/// One line of text that shows as it is, without blanks around it.
fn line(option: &str, written: Option<&str>) -> Result<Option<String>, Diagnostic> {
    let Some(text) = written.map(str::trim) else {
        return Ok(None);
    };
    let fault =
        |cause: &str, help: &str| Err(Diagnostic::error(Code::InvalidUsage, format!("`{option}` {cause}")).help(help));
    if text.is_empty() {
        fault("is empty", "say it, or leave it out")
    } else if for_terminal(text) != text {
        fault("has line ends or invisible characters", "write one plain line")
    } else {
        Ok(Some(text.to_owned()))
    }
}

/// Writes a file that is not there yet: in an older one may stand a stop that still holds.
fn create(args: &StopArgs, path: &Path, text: &str) -> Result<(), Diagnostic> {
    output::write_file(path, text, false).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            let cause = format!("`{}` exists, and may hold a stop that is still in force", path.display());
            let file = word_of_bytes(path.as_os_str().as_encoded_bytes());
            Diagnostic::error(Code::Unwritable, cause)
                .help(format!("name another file, or add to it: `{} >> {file}`", again(args, None)))
        } else {
            output::unwritable(path, &error)
        }
    })
}
