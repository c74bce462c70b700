//! `backtest`: what a policy would have refused in the past, and what that would have cost.

use std::fs::File;
use std::io::{self, BufReader};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use crate::backtest::incidents::{self, JudgedIncident};
use crate::backtest::judging::BacktestJudge;
use crate::backtest::replay::Replay;
use crate::backtest::rows::{TableError, read};
use crate::cli::args::{BacktestArgs, BacktestFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::record::span_of;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::judgement::no_instant;
use crate::gate::source;
use crate::gate::world::World;
use crate::report::backtest::{BacktestHistory, BacktestView, HistorySort, html, json, text};
use crate::time::zone::{TimeError, Zone};

mod commits;
mod progress;
mod recorded;
mod said;

use progress::Progress;
use said::SaidProfiles;

/// `freezegate backtest`: 0 all changes are judged, 1 some can't be judged, 2 no answer.
pub(super) fn backtest(args: &BacktestArgs, edge: &Edge, output: &mut Output) -> Status {
    let is_json = args.format == BacktestFormat::Json;
    let answer = answer(args, edge, output);
    output.answer_or_why(answer, (is_json, json::undecided), args.file.as_deref(), edge)
}

fn answer(args: &BacktestArgs, edge: &Edge, output: &mut Output) -> Result<(String, Status), Faults> {
    let zone = match edge.asker(args.timezone.as_deref()).map_err(Faults::one)? {
        Some(zone) => zone,
        None => Zone::named("UTC").ok_or_else(|| no_instant(TimeError::UnreadableRules("UTC")))?,
    };
    let span = span_of(("--since", &args.since), ("--until", &args.until), edge.now).map_err(Faults::one)?;
    let policy = source::read(&args.policy.place(), edge)?;
    let replay = Replay::new(&policy);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut judging = BacktestJudge::new(&replay, threads, span);
    let mut progress = Progress::new(output, edge);
    let history = if let Some(path) = &args.changes {
        table(path, &replay, &mut judging, &mut progress)?
    } else if let Some(location) = &args.record {
        recorded::replay_record(location, &replay, &mut judging, edge)?
    } else if let Some(pattern) = &args.tags {
        commits::replay_tags(pattern, &replay, &mut judging, edge)?
    } else {
        commits::replay_branch(args.branch.as_deref(), (&replay, threads), &mut judging, (edge, &mut progress))?
    };
    let judged = judging.finish();
    drop(progress);
    if judged.tally.all.changes == 0 && judged.unjudged == 0 {
        return Err(Faults::one(nothing(&history, judged.left_out)));
    }
    let incidents = args.incidents.as_deref().map(|path| incidents(path, &replay, edge)).transpose()?;
    let windows = replay.windows();
    let view = BacktestView {
        history: &history,
        judged: &judged,
        incidents: incidents.as_deref(),
        windows: &windows,
        policy: &policy,
        span,
        zone: &zone,
        now: edge.now,
    };
    let text = match args.format {
        BacktestFormat::Text => text::text(&view, edge.width()).map_err(no_instant)?,
        BacktestFormat::Html => html::html(&view).map_err(no_instant)?,
        BacktestFormat::Json => json::json(&view).map_err(unwritten)?,
    };
    Ok((text, if judged.unjudged > 0 { Status::Refused } else { Status::Allowed }))
}

/// That a history holds no change.
fn nothing(history: &BacktestHistory, left_out: u64) -> Diagnostic {
    let name = for_terminal(&history.name).into_owned();
    if left_out > 0 {
        let cause = format!("`{name}` has no change in this time, and {left_out} before or after it");
        return Diagnostic::error(Code::InvalidUsage, cause).help("give an earlier `--since`, or a later `--until`");
    }
    let help = match history.sort {
        HistorySort::Commits => "name another branch: `--branch NAME`",
        HistorySort::Tags => "`git tag --list` lists the tags",
        HistorySort::Record => "give a record of decisions, or `--branch NAME`",
        HistorySort::Table => "add a line for each change below the header line",
    };
    Diagnostic::error(Code::InvalidUsage, format!("`{name}` holds no change: there is nothing to judge")).help(help)
}

/// Judges the incidents of a file.
fn incidents(path: &Path, replay: &Replay<'_>, edge: &Edge) -> Result<Vec<JudgedIncident>, Faults> {
    const MAX_BYTES: u64 = 16 << 20;
    let name = path.display().to_string();
    let fault = |cause: String, help: &str| {
        Faults::one(Diagnostic::error(Code::UnreadableFile, for_terminal(&cause)).help(help))
    };
    let bytes = edge.read(path, MAX_BYTES + 1).map_err(|error| {
        fault(format!("`{name}` can't be read: {}", system_words(&error)), "name a file of incidents that you may read")
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(fault(format!("`{name}` is larger than 16 MiB"), "give a file of fewer incidents"));
    }
    let all = incidents::read(&bytes).map_err(|cause| {
        let help = "write an array of objects, each with `id`, `at` and `environment`";
        fault(format!("`{name}` does not hold incidents: {cause}"), help)
    })?;
    Ok(incidents::judge(replay, all))
}

/// Judges the changes of a table.
fn table(
    path: &Path,
    replay: &Replay<'_>,
    judging: &mut BacktestJudge<'_, '_>,
    progress: &mut Progress<'_>,
) -> Result<BacktestHistory, Faults> {
    let is_input = path.as_os_str() == "-";
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let fault = |cause: String, help: &str| {
        Faults::one(Diagnostic::error(Code::UnreadableFile, for_terminal(&cause)).help(help))
    };
    let unreadable = |error: &io::Error| {
        fault(
            format!("`{name}` can't be read: {}", system_words(error)),
            "name a file of changes that you may read, or `-`",
        )
    };
    let mut profiles = SaidProfiles::new(replay);
    let mut take = |line: u64, row| {
        match profiles.change(row) {
            Ok(change) => judging.add(change, || format!("line {line}")),
            Err(cause) => judging.unjudged(format!("line {line}"), cause),
        }
        if line.is_multiple_of(1 << 16) {
            progress.show(line, None);
        }
        ControlFlow::Continue(())
    };
    let notes = if is_input {
        read(&mut io::stdin().lock(), &mut take)
    } else {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        read(&mut BufReader::with_capacity(1 << 18, file), &mut take)
    };
    let notes = notes.map_err(|error| match error {
        TableError::Unreadable(error) => unreadable(&error),
        TableError::Malformed(cause, help) => fault(format!("`{name}`: {cause}"), &for_terminal(&help)),
    })?;
    let mut told = Vec::new();
    if !notes.unused.is_empty() {
        let names: Vec<String> = notes.unused.iter().take(8).map(|name| format!("`{name}`")).collect();
        told.push(format!("unused columns: {}", names.join(", ")));
    }
    if profiles.rollbacks > 0 {
        told.push(format!("taken as verified rollbacks, on the table's word: {}", profiles.rollbacks));
    }
    Ok(BacktestHistory { sort: HistorySort::Table, name, notes: told })
}
