//! `init`: a first policy, drafted from what the repository shows.

use std::path::{Path, PathBuf};

use crate::cases::read;
use crate::cli::args::InitArgs;
use crate::cli::edge::Edge;
use crate::cli::lint::coverage;
use crate::cli::output::{self, Output, is_standard};
use crate::cli::status::Status;
use crate::cli::survey::{self, Surveyed};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::draft::{PolicyDraft, Survey, ZoneSource};
use crate::escape::bytes_for_terminal;
use crate::gate::source;
use crate::gate::world::World;
use crate::lint::coverage::{FileCounts, TargetCoverage};
use crate::lint::{CODES, LintOptions, lint};
use crate::policy::load::{PolicyFiles, ReadFault, load};
use crate::policy::{Policy, SCHEMA_FILE};
use crate::report::lint::tracked;
use crate::report::rows::{ALLOWED, Rows, glued};
use crate::time::instant::Instant;
use crate::time::names::current_name;
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

/// Over how many weeks the open hours are counted, so that one odd week does not count for all.
const WEEKS: u8 = 4;

/// In seconds.
const TENTH_OF_AN_HOUR: Seconds = Seconds::minutes(6);

/// Hazards of infrastructure and workloads, for policies to include.
const HAZARDS: &str = include_str!("../../policies/hazards.toml");

/// The file that they are written to.
const HAZARDS_FILE: &str = "hazards.toml";

/// `freezegate init`: 0 written, 2 not.
pub(super) fn init(args: &InitArgs, edge: &Edge, output: &mut Output) -> Status {
    let written = if args.hazards { write_hazards(args, edge) } else { write(args, edge, output) };
    output.tell(written.map(|report| (report, Status::Allowed)), edge)
}

/// Writes the hazards beside the policy, where it can include them.
fn write_hazards(args: &InitArgs, edge: &Edge) -> Result<String, Faults> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => {
            let root = root_of_files(edge).map_err(Faults::one)?;
            let policy = usual(&root).unwrap_or_else(|| root.join(source::USUAL[0]));
            edge.shorten(&policy.with_file_name(HAZARDS_FILE))
        }
    };
    if is_standard(&path) {
        return Ok(HAZARDS.to_owned());
    }
    output::write_file(&path, HAZARDS, args.force).map_err(|error| {
        // another tool wrote it, or an earlier run
        let is_there = error.kind() == std::io::ErrorKind::AlreadyExists;
        Faults::one(if is_there { hazards_exist(&path) } else { output::unwritable(&path, &error) })
    })?;
    let mut rows = Rows::default();
    rows.heading(ALLOWED, "wrote: ", &bytes_for_terminal(path.as_os_str().as_encoded_bytes()));
    rows.row("next", "include it in the policy: `include = [\"hazards.toml\"]`, above all tables", None);
    rows.row("", "name its hazards in a freeze: `hazards = [\"rds-restart\"]`", None);
    Ok(rows.into_text(edge.width()))
}

/// The folder that the policy is for.
fn root_of_files(edge: &Edge) -> Result<PathBuf, Diagnostic> {
    match edge.bare_repository()? {
        Some(bare) => Err(source::in_bare(&bare).help("run `freezegate init` in a clone")),
        None => edge.root(),
    }
}

fn hazards_exist(path: &Path) -> Diagnostic {
    Diagnostic::error(Code::Unwritable, format!("`{}` exists", path.display()))
        .help("replace it with `freezegate init --hazards --force`; `--output FILE` writes another file")
}

/// Writes the draft, and describes it.
fn write(args: &InitArgs, edge: &Edge, output: &mut Output) -> Result<String, Faults> {
    let root = root_of_files(edge).map_err(Faults::one)?;
    let path = match &args.file {
        Some(path) => path.clone(),
        None => edge.shorten(&root.join(source::USUAL[0])),
    };
    let present =
        if args.file.is_some() { path.symlink_metadata().is_ok().then(|| path.clone()) } else { usual(&root) };
    if let Some(present) = present.filter(|_| !args.force) {
        return Err(Faults::one(already(&edge.shorten(&present))));
    }
    let Surveyed { mut survey, unseen, is_of_commit } = survey::survey(&root);
    (survey.timezones, survey.zone_source) = zones(args, edge, output).map_err(Faults::one)?;
    let draft = PolicyDraft::new(&survey);
    let text = draft.text();
    let policy = loaded(&path, &text)?;
    let wrong_clock = |error: TimeError| {
        Faults::one(
            Diagnostic::error(Code::InvalidTimestamp, error.to_string()).help("make sure that the clock is right"),
        )
    };
    let cases = cases(&draft, &path, edge.now).map_err(wrong_clock)?;
    let counts = if is_of_commit { coverage(&policy, edge)? } else { of_files(&policy, &survey)? }.counts();
    let drafted = Drafted { draft: &draft, policy: &policy, counts: &counts };
    let report = report(&drafted, (&path, args.file.is_none()), &cases, edge).map_err(wrong_clock)?;
    if is_standard(&path) {
        output.answer(&text);
        output.diagnostics(&unseen, &Sources::default(), edge);
        return Ok(String::new());
    }
    output::write_file(&path, &text, args.force).map_err(|error| {
        // somebody else wrote it meanwhile
        let there = error.kind() == std::io::ErrorKind::AlreadyExists;
        Faults::one(if there { already(&path) } else { output::unwritable(&path, &error) })
    })?;
    if let Cases::Drafted { path, text } = &cases {
        // what was written meanwhile stays
        output::write_file(path, text, false).map_err(|error| Faults::one(output::unwritable(path, &error)))?;
    }
    output.diagnostics(&unseen, &Sources::default(), edge);
    Ok(report)
}

/// The time zones in which customers are at work, and where they are from: the options, an answer on the terminal, or the machine.
fn zones(args: &InitArgs, edge: &Edge, output: &mut Output) -> Result<(Vec<String>, ZoneSource), Diagnostic> {
    let current = |zone: &Zone| current_name(zone.name()).unwrap_or(zone.name()).to_owned();
    let named = |names: &mut dyn Iterator<Item = &str>| -> Result<Vec<String>, Diagnostic> {
        let mut zones = Vec::new();
        for name in names {
            let zone = edge.asker(Some(name))?.as_ref().map(current);
            zones.extend(zone.filter(|zone| !zones.contains(zone)));
        }
        Ok(zones)
    };
    if !args.timezones.is_empty() {
        return Ok((named(&mut args.timezones.iter().map(String::as_str))?, ZoneSource::Named));
    }
    // UTC is what machines are set to, and no place where anybody is at work
    let of_machine =
        edge.asker(None)?.as_ref().map(current).filter(|zone| !["UTC", "Etc/UTC"].contains(&zone.as_str()));
    let of_machine: Vec<String> = of_machine.into_iter().collect();
    if !(edge.input_is_terminal() && edge.errors_go_to_terminal()) {
        return Ok((of_machine, ZoneSource::Machine));
    }
    loop {
        let empty = of_machine.first().map_or("UTC", String::as_str);
        output.complaint(&format!("time zones of your customers (comma-separated; Enter for {empty}): "));
        let Some(line) = edge.read_line()? else {
            output.complaint("\n");
            return Ok((of_machine, ZoneSource::Machine));
        };
        let mut names = line.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
        if names.peek().is_none() {
            let source = if of_machine.is_empty() { ZoneSource::Machine } else { ZoneSource::Named };
            return Ok((of_machine, source));
        }
        match named(&mut names) {
            Ok(zones) => return Ok((zones, ZoneSource::Named)),
            Err(unknown) => output.diagnostics(&[unknown], &Sources::default(), edge),
        }
    }
}

/// The targets of a draft compared with the files of a folder that is in no commit.
fn of_files<'p>(policy: &'p Policy, survey: &Survey) -> Result<TargetCoverage<'p>, Faults> {
    let mut coverage = TargetCoverage::new(policy);
    for path in &survey.files {
        coverage.path(path.as_bytes()).map_err(|ways| {
            let cause = format!("`{}`: {ways}", path.escape_debug());
            Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("fix the path"))
        })?;
    }
    Ok(coverage)
}

/// The cases that are drafted beside the policy.
enum Cases {
    /// These are written.
    Drafted { path: PathBuf, text: String },
    /// There are some: they stay as they are.
    Present(PathBuf),
    /// Their file could not be named after the policy.
    Nameless,
}

/// The cases of a draft, beside the policy that is written to `path`.
fn cases(draft: &PolicyDraft, path: &Path, at: Instant) -> Result<Cases, TimeError> {
    let named = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".toml"));
    let Some(stem) = named else {
        return Ok(Cases::Nameless);
    };
    let path = path.with_file_name(format!("{stem}{}", read::ENDING));
    Ok(if path.symlink_metadata().is_ok() {
        Cases::Present(path)
    } else {
        Cases::Drafted { text: draft.cases(at)?, path }
    })
}

/// The policy that the repository at `root` has.
fn usual(root: &Path) -> Option<PathBuf> {
    source::USUAL.iter().map(|path| root.join(path)).find(|path| path.symlink_metadata().is_ok())
}

fn already(path: &Path) -> Diagnostic {
    let cause = format!("`{}` exists", path.display());
    Diagnostic::error(Code::Unwritable, cause)
        .help("edit it, or replace it with `freezegate init --force`; `--output FILE` writes another file")
}

/// The draft as a policy that was read like any other: what is wrong with it is a fault of this program.
fn loaded(path: &Path, text: &str) -> Result<Policy, Faults> {
    struct DraftedText<'t>(&'t str);

    impl PolicyFiles for DraftedText<'_> {
        fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
            Ok(self.0.as_bytes().to_vec())
        }
    }

    load(&DraftedText(text), &[path.display().to_string()], &[])
}

/// A draft, and what is said of it.
struct Drafted<'d> {
    draft: &'d PolicyDraft,
    policy: &'d Policy,
    counts: &'d FileCounts,
}

fn report(
    drafted: &Drafted<'_>,
    (path, is_usual): (&Path, bool),
    cases: &Cases,
    edge: &Edge,
) -> Result<String, TimeError> {
    let mut rows = Rows::default();
    let told = |path: &Path| bytes_for_terminal(path.as_os_str().as_encoded_bytes()).into_owned();
    let written = match cases {
        Cases::Drafted { path: cases, .. } => format!("{} and {}", told(path), told(cases)),
        Cases::Present(_) | Cases::Nameless => told(path),
    };
    rows.heading(ALLOWED, "wrote: ", &written);
    // the same table as that of `lint`, so that the two can't disagree
    let options = LintOptions {
        at: edge.now,
        weeks: WEEKS,
        least_open: Seconds::ZERO,
        system_zone_rules: None,
        allowed: &CODES,
        coverage: &[],
    };
    let open_hours = lint(drafted.policy, &options)?.open_hours;
    let environments = drafted.draft.environments();
    for environment in environments {
        for row in open_hours.rows.iter().filter(|row| row.environment == environment.name) {
            let tenths = row.total().get() / TENTH_OF_AN_HOUR.saturating_mul(i64::from(WEEKS)).get();
            let open = match (tenths / 10, tenths % 10) {
                (168, 0) => "always open".to_owned(),
                (hours, tenth) => format!("open {hours}.{tenth} of 168 hours a week"),
            };
            let region = row.region.as_ref().filter(|_| drafted.policy.regions.len() > 1);
            let region = region.map_or_else(String::new, |region| format!("/{region}"));
            rows.row("environment", &format!("{}{region}: {open}", environment.name), None);
        }
    }
    if drafted.counts.files > 0 {
        tracked::add(drafted.counts, &mut rows);
    }
    rows.row("override", "nobody, until you add `[[lifts]]`", None);
    rows.row("edit", "until you add `[[lifts]]`, anyone who may push in open hours may change the policy", None);
    if let Cases::Present(cases) = cases {
        let text = format!("{0} was not changed, and may not fit: to draft it again, delete it", told(cases));
        rows.row("note", &text, None);
    }
    if edge.work_tree().is_ok_and(|tree| tree.is_none()) {
        rows.row("note", "this folder is not in a git repository: begin with `git init`", None);
    }
    let first = environments.first().map_or("production", |environment| environment.name.as_str());
    rows.row("1. edit", &format!("the lines marked `TODO` in {}", told(path)), None);
    let test = match cases {
        Cases::Drafted { path, .. } if !is_usual => Some(format!("freezegate test {}", told(path))),
        Cases::Drafted { .. } | Cases::Present(_) if is_usual => Some("freezegate test".to_owned()),
        Cases::Drafted { .. } | Cases::Present(_) | Cases::Nameless => None,
    };
    rows.row("2. try it", &format!("freezegate check {first}"), None);
    for command in ["freezegate lint".to_owned()].into_iter().chain(test) {
        rows.row("", &command, None);
    }
    let schema = told(&path.with_file_name(SCHEMA_FILE));
    rows.row("3. editors", &format!("freezegate schema --output {schema}"), None);
    if is_usual {
        let mut files = vec![told(path)];
        if let Cases::Drafted { path, .. } = cases {
            files.push(told(path));
        }
        let files = files.join(" ");
        rows.row("4. commit", &glued(&format!("git add {files}")), None);
        rows.row("", &glued(&format!("git commit -m \"Add a freeze policy\" {files}")), None);
        rows.row("", &format!("add `{schema}` and `approvers.allowed_signers` to both commands if they exist"), None);
        rows.row("5. install", "freezegate hook install", None);
    }
    Ok(rows.into_text(edge.width()))
}
