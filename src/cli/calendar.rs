//! `calendar`: when environments are open and closed, over a week, a month or a year.

use jiff::civil::Date;

use crate::calendar::days::first_instant;
use crate::calendar::timetable;
use crate::cli::args::{CalendarArgs, CalendarFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::gate::judgement::no_instant;
use crate::gate::source;
use crate::gate::world::World;
use crate::reach::{Declared, DeclaredNames};
use crate::report::calendar::{CalendarView, html, ics, json, text};
use crate::time::intervals::Interval;
use crate::time::zone::{TimeError, Zone};

/// `freezegate calendar`: 0 answered, 2 no answer.
pub(super) fn calendar(args: &CalendarArgs, edge: &Edge, output: &mut Output) -> Status {
    let answer = answer(args, edge).map(|text| (text, Status::Allowed));
    let is_json = args.format == CalendarFormat::Json;
    output.answer_or_why(answer, (is_json, json::undecided), args.file.as_deref(), edge)
}

fn answer(args: &CalendarArgs, edge: &Edge) -> Result<String, Faults> {
    let zone = match edge.asker(args.timezone.as_deref()).map_err(Faults::one)? {
        Some(zone) => zone,
        None => Zone::named("UTC").ok_or_else(|| no_instant(TimeError::UnreadableRules("UTC")))?,
    };
    let first = first_day(args.from.as_deref(), &zone, edge)?;
    let policy = source::read(&args.policy.place(), edge)?;
    let asked = DeclaredNames {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        services: args.services.clone(),
        kinds: args.kinds.clone(),
    };
    let declared = Declared::resolve(&asked, &policy)
        .map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?;
    let period = args.period();
    let instant = |date: Date| first_instant(&zone, date);
    let span = period
        .end(first)
        .and_then(|end| Ok(Interval { from: instant(first)?, until: instant(end)? }))
        .map_err(no_instant)?;
    let timetable = timetable(&policy, &declared, span).map_err(no_instant)?;
    if timetable.environments.is_empty() {
        let cause = "none of these environments serves these regions and services";
        let help = "leave out `--region` or `--service`, or name others";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    }
    let view = CalendarView {
        timetable: &timetable,
        first,
        period,
        zone: &zone,
        now: edge.now,
        asked: &asked,
        sources: &policy.sources,
    };
    match args.format {
        CalendarFormat::Text => text::text(&view, edge.width()).map_err(no_instant),
        CalendarFormat::Html => html::html(&view).map_err(no_instant),
        CalendarFormat::Ics => ics::ics(&view).map_err(no_instant),
        CalendarFormat::Json => json::json(&view).map_err(unwritten),
    }
}

/// The day that `--from` says, or today.
fn first_day(written: Option<&str>, zone: &Zone, edge: &Edge) -> Result<Date, Faults> {
    let Some(written) = written else {
        return zone.date(edge.now).map_err(no_instant);
    };
    let is_date = written.len() == 10 && written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    written.parse::<Date>().ok().filter(|_| is_date).ok_or_else(|| {
        Faults::one(
            Diagnostic::error(Code::InvalidTimestamp, format!("`--from {written}` is not a date"))
                .help("write year, month and day: `2026-12-01`"),
        )
    })
}
