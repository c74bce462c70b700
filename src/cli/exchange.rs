//! `export` and `import`: windows for other programs, and theirs as a policy.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use crate::cli::args::{ExportArgs, ExportFormat, ImportArgs, ImportFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritable, write_file};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults, Severity, Sources};
use crate::escape::system_words;
use crate::exchange::argocd::{self, SelectedPlace, Selector};
use crate::exchange::ics::{self, import::IcsOptions};
use crate::exchange::import::{Imported, MOST_BYTES};
use crate::exchange::sync_windows::ArgoApplication;
use crate::exchange::{Exported, ExportedPlace, freeze_periods, gitlab, sync_windows};
use crate::gate::judgement::no_instant;
use crate::gate::source;
use crate::gate::world::World;
use crate::policy::{Environment, Policy};
use crate::reach::{Declared, DeclaredNames};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::{ClockReading, Zone};

/// `freezegate export`: 0 written, 2 not exact, or no answer.
pub(super) fn export(args: &ExportArgs, edge: &Edge, output: &mut Output) -> Status {
    let done = exported(args, edge).map(|(exported, sources)| {
        let warnings: Vec<Diagnostic> = exported
            .stricter
            .into_iter()
            .map(|item| Diagnostic { severity: Severity::Warning, help: None, ..item })
            .chain(exported.notes)
            .collect();
        if !warnings.is_empty() {
            output.diagnostics(&warnings, &sources, edge);
        }
        output.answer_to(args.file.as_deref(), &exported.text);
        Status::Allowed
    });
    output.conclude(done, edge)
}

fn exported(args: &ExportArgs, edge: &Edge) -> Result<(Exported, Sources), Faults> {
    let usage = |cause: String, help: &str| Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help));
    let (selector, patterns) = selector(args);
    if args.format != ExportFormat::Argocd && !patterns.is_empty() {
        let cause = format!("`--{}` is for Argo CD only", selector.as_str());
        return Err(usage(cause, "leave it out: a freeze period or an event is for the whole environment"));
    }
    if args.format != ExportFormat::Ics && args.until.is_some() {
        let cause = "`--until` is for events of a calendar only".to_owned();
        return Err(usage(cause, "leave it out: these windows have no dates"));
    }
    let policy = source::read(&args.policy.place(), edge)?;
    let places = places(args, &policy)?;
    let written = match args.format {
        ExportFormat::Gitlab => {
            let [place] = places.as_slice() else {
                let cause = format!("{} environments, and a freeze period is for the whole project", places.len());
                return Err(usage(cause, "name one environment"));
            };
            gitlab::export(&policy, place, args.stricter, edge.now)
        }
        ExportFormat::Ics => {
            let [place] = places.as_slice() else {
                let cause = format!("{} environments, and an event does not name its environment", places.len());
                return Err(usage(cause, "name one environment, and write a file for each"));
            };
            let in_a_year = edge.now.saturating_add(Seconds::days(366));
            let until = until(args.until.as_deref(), None, edge)?.unwrap_or(in_a_year);
            ics::export::export(&policy, place, until, args.stricter, edge.now)
        }
        ExportFormat::Argocd => {
            let has = |capture: &str| patterns.iter().any(|pattern| pattern.contains(capture));
            if places.len() > 1 && !has("{environment}") {
                let cause = format!("{} environments, and the applications of each are not known", places.len());
                let help = "name one environment, or give `--applications '{environment}-*'`";
                return Err(usage(cause, help));
            }
            let mut selected = Vec::new();
            for place in places {
                let own = |region: &str| {
                    let named = |pattern: &String| {
                        pattern.replace("{environment}", &place.environment.name).replace("{region}", region)
                    };
                    let patterns: Vec<String> = patterns.iter().map(named).collect();
                    if patterns.is_empty() { vec!["*".to_owned()] } else { patterns }
                };
                if !has("{region}") {
                    let patterns = own("");
                    selected.push(SelectedPlace { place, patterns });
                    continue;
                }
                if place.regions.is_empty() {
                    return Err(usage(
                        "`{region}` has no meaning: the policy has no regions".to_owned(),
                        "leave it out",
                    ));
                }
                for region in &place.regions {
                    let of_region = ExportedPlace {
                        environment: Arc::clone(&place.environment),
                        regions: vec![Arc::clone(region)],
                    };
                    selected.push(SelectedPlace { place: of_region, patterns: own(&region.name) });
                }
            }
            argocd::export(&policy, &selected, selector, args.stricter, edge.now)
        }
    };
    match written.map_err(no_instant)? {
        Ok(exported) => Ok((exported, policy.sources)),
        Err(diagnostics) => Err(Faults { sources: policy.sources, diagnostics }),
    }
}

/// By what applications are chosen, and the patterns that are given.
fn selector(args: &ExportArgs) -> (Selector, &[String]) {
    if !args.namespaces.is_empty() {
        (Selector::Namespaces, &args.namespaces)
    } else if !args.clusters.is_empty() {
        (Selector::Clusters, &args.clusters)
    } else {
        (Selector::Applications, &args.applications)
    }
}

/// The environments that are asked for, with those of their regions that are.
fn places(args: &ExportArgs, policy: &Policy) -> Result<Vec<ExportedPlace>, Faults> {
    let names = DeclaredNames {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        ..DeclaredNames::default()
    };
    let declared =
        Declared::resolve(&names, policy).map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?;
    let is_all = declared.environments.is_empty();
    let asked: &[Arc<Environment>] = if is_all { &policy.environments } else { &declared.environments };
    let mut found = Vec::new();
    for environment in asked {
        let served = environment.regions.iter();
        let regions: Vec<_> = if declared.regions.is_empty() {
            served.cloned().collect()
        } else {
            let is_asked = |name: &str| declared.regions.iter().any(|one| one.name == name);
            served.filter(|region| is_asked(&region.name)).cloned().collect()
        };
        if declared.regions.is_empty() || !regions.is_empty() {
            found.push(ExportedPlace { environment: Arc::clone(environment), regions });
        } else if !is_all {
            let cause = format!("`{}` serves none of these regions", environment.name);
            let help = "leave out `--region`, or name others";
            return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
        }
    }
    if found.is_empty() {
        let cause = "no environment serves these regions";
        let help = "leave out `--region`, or name others";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    }
    Ok(found)
}

/// `freezegate import`: 0 written, 2 not exact, or no answer.
pub(super) fn import(args: &ImportArgs, edge: &Edge, output: &mut Output) -> Status {
    let done = imported(args, edge).and_then(|imported| {
        let warnings: Vec<Diagnostic> = imported
            .stricter
            .into_iter()
            .map(|item| Diagnostic { severity: Severity::Warning, place: None, help: None, ..item })
            .chain(imported.notes.into_iter().map(|note| Diagnostic { place: None, ..note }))
            .collect();
        if !warnings.is_empty() {
            output.diagnostics(&warnings, &Sources::default(), edge);
        }
        match &args.file {
            None => output.answer(&imported.text),
            Some(path) => write_file(path, &imported.text, false).map_err(|error| {
                let there = error.kind() == std::io::ErrorKind::AlreadyExists;
                let exists = || {
                    let cause = format!("`{}` exists", path.display());
                    Diagnostic::error(Code::Unwritable, cause).help("name another file, or remove that one")
                };
                Faults::one(if there { exists() } else { unwritable(path, &error) })
            })?,
        }
        Ok(Status::Allowed)
    });
    output.conclude(done, edge)
}

fn imported(args: &ImportArgs, edge: &Edge) -> Result<Imported, Faults> {
    let usage = |cause: String, help: &str| Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if args.environment.is_empty() || !args.environment.chars().all(is_plain) {
        let cause = format!("`{}` can't be the name of an environment", args.environment);
        return Err(usage(cause, "use ASCII letters, digits, `_` and `-`"));
    }
    let application = ArgoApplication {
        name: args.application.clone(),
        namespace: args.namespace.clone(),
        cluster: args.cluster.clone(),
    };
    let is_asked = [&application.name, &application.namespace, &application.cluster].iter().any(|one| one.is_some());
    if args.format == ImportFormat::Gitlab && (is_asked || args.stricter) {
        let cause = "`--stricter` and options that choose an application are for Argo CD only";
        return Err(usage(cause.to_owned(), "leave them out: a freeze period is for the whole project"));
    }
    if args.format == ImportFormat::Ics && is_asked {
        let cause = "`--application`, `--namespace` and `--cluster` are for Argo CD only";
        return Err(usage(cause.to_owned(), "leave it out: an event is for no application"));
    }
    if args.format != ImportFormat::Ics && (args.timezone.is_some() || args.until.is_some()) {
        let cause = "`--timezone` and `--until` are for events of a calendar only";
        return Err(usage(cause.to_owned(), "leave them out: these windows name their zones, and have no dates"));
    }
    let options = ics_options(args, edge)?;
    let (path, text) = input(&args.input, edge)?;
    let file = (path.as_str(), text.as_str());
    let written = match args.format {
        ImportFormat::Argocd => sync_windows::import(file, &application, &args.environment, args.stricter, edge.now),
        ImportFormat::Gitlab => freeze_periods::import(file, &args.environment, edge.now),
        ImportFormat::Ics => ics::import::import(file, &options, edge.now),
    };
    written.map_err(no_instant)?.map_err(|not| Faults { sources: not.sources, diagnostics: not.items })
}

fn ics_options(args: &ImportArgs, edge: &Edge) -> Result<IcsOptions, Faults> {
    let timezone = match args.timezone.as_deref() {
        Some(_) => edge.asker(args.timezone.as_deref()).map_err(Faults::one)?.map(Arc::new),
        None => None,
    };
    let until = until(args.until.as_deref(), timezone.as_ref(), edge)?;
    let environment = args.environment.clone();
    Ok(IcsOptions { environment, timezone, until, is_stricter_fine: args.stricter })
}

/// The start of the day that `--until` says, in UTC if no zone is given.
fn until(written: Option<&str>, zone: Option<&Arc<Zone>>, edge: &Edge) -> Result<Option<Instant>, Faults> {
    let Some(written) = written else { return Ok(None) };
    let is_date = written.len() == 10 && written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let Some(day) = written.parse::<Date>().ok().filter(|_| is_date) else {
        let cause = format!("`--until {written}` is not a date");
        let help = "write year, month and day: `2026-12-01`";
        return Err(Faults::one(Diagnostic::error(Code::InvalidTimestamp, cause).help(help)));
    };
    let zone = zone.cloned().or_else(|| Zone::named("UTC").map(Arc::new));
    let start =
        zone.map(|zone| zone.instant(day.at(0, 0, 0, 0), ClockReading::First)).transpose().map_err(no_instant)?;
    if start.is_some_and(|start| start <= edge.now) {
        let cause = format!("`--until {written}` is over");
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help("give a day to come")));
    }
    Ok(start)
}

/// Returns what is read, and by what name people know it.
fn input(path: &Path, edge: &Edge) -> Result<(String, String), Faults> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let fault = |cause: String, help: &str| {
        Faults::one(Diagnostic::error(Code::UnreadableFile, format!("`{name}` {cause}")).help(help))
    };
    if is_input && edge.input_is_terminal() {
        return Err(fault("is a terminal".to_owned(), "give a file, or pipe the windows in"));
    }
    let limit = MOST_BYTES.saturating_add(1);
    let read = if is_input { edge.read_input(limit) } else { edge.read(path, limit) };
    let bytes = read.map_err(|error| {
        fault(format!("can't be read: {}", system_words(&error)), "check the path and its permissions")
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_BYTES {
        return Err(fault("is larger than 4 MiB".to_owned(), "give the windows of one project, or fewer events"));
    }
    let text = String::from_utf8(bytes).map_err(|_| fault("is not UTF-8".to_owned(), "save it as UTF-8"))?;
    Ok((name, text))
}
