//! An answer in the form that was asked for.

use crate::cli::args::{Format, OutputArgs};
use crate::cli::edge::Edge;
use crate::cli::output::{self, unwritten};
use crate::cli::spots;
use crate::diagnostic::Faults;
use crate::gate::judgement::no_instant;
use crate::report::json;
use crate::report::note::{self, Note};
use crate::report::{Answer, AnswerMode, Rendered, github, gitlab, junit, markdown, rows, text};

/// The columns that are left of 80 behind git's `remote: `.
const WIDTH_OF_REMOTE: usize = 72;

/// The width of the reader's terminal, in columns.
pub(super) fn width(mode: AnswerMode, edge: &Edge) -> usize {
    match mode {
        AnswerMode::Check | AnswerMode::Next | AnswerMode::Run | AnswerMode::PrePush => edge.width(),
        // how wide the terminal is of the one who pushes is not known here
        AnswerMode::PreReceive => WIDTH_OF_REMOTE,
    }
}

/// The function that gives notes their places.
type Placing = for<'n> fn(Vec<Note<'n>>, &Edge) -> Vec<Note<'n>>;

/// The answer to people if `is_for_people`, and in the format that `args` name. If it is to be recorded, it is seen that it can be written first.
pub(super) fn answer<'a>(
    answer: &'a Answer<'a>,
    is_kept: bool,
    (args, is_for_people): (Option<&OutputArgs>, bool),
    edge: &Edge,
) -> Result<Rendered, Faults> {
    let entries = || {
        let entries = match answer.mode {
            AnswerMode::Next => text::next(answer),
            AnswerMode::Check | AnswerMode::Run | AnswerMode::PrePush | AnswerMode::PreReceive => text::check(answer),
        };
        entries.map_err(no_instant)
    };
    let people = if is_for_people { rows::text(&entries()?, width(answer.mode, edge)) } else { String::new() };
    let brief = text::brief(answer).map(|entries| rows::text(&entries, width(answer.mode, edge)));
    let placed = |place: Placing, further: Vec<Note<'a>>| -> Result<Vec<Note<'a>>, Faults> {
        let mut notes = note::of_answer(answer).map_err(no_instant)?;
        for edit in answer.edits {
            notes.push(note::of_edit(edit).map_err(no_instant)?);
        }
        notes.extend(further);
        Ok(place(notes, edge))
    };
    let all = |place: Placing| placed(place, note::of_warnings(answer));
    let mut summary = None;
    let machine = match args.map_or(Format::Text, |args| args.format) {
        Format::Text => None,
        Format::Json => Some(json::answer(answer).map_err(unwritten)?),
        Format::Github => {
            let outputs = github::outputs(answer).map_err(unwritten)?;
            summary = Some((markdown::page(&entries()?), output::step_outputs(&outputs, edge).map_err(Faults::one)?));
            Some(github::annotations(&placed(spots::in_work_tree, Vec::new())?))
        }
        Format::Gitlab => Some(gitlab::report(&all(spots::everywhere)?).map_err(unwritten)?),
        Format::Junit => Some(junit::report(&all(spots::in_work_tree)?, &junit::passed(answer))),
        Format::Markdown => Some(markdown::page(&entries()?)),
    };
    if let (true, Some(args)) = (is_kept, args) {
        output::can_be_written(args, edge).map_err(Faults::one)?;
    }
    Ok(Rendered { people, brief, machine, summary })
}
