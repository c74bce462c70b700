//! Explanations for a person: what a code means, what to do, and an example.

use crate::explain::{Example, Topic};
use crate::lint::CODES;
use crate::report::rows::{QUIET, Rows, WARNING};
use crate::report::table::table;

/// All codes with a line each, wrapped to `width` columns, with terminal styles in it.
#[must_use]
pub fn list(width: usize) -> String {
    let (mut found, mut wrong, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
    for topic in Topic::all() {
        let row = vec![format!("  {}", topic.as_str()), topic.explanation().summary.to_owned()];
        match topic {
            Topic::Finding(_) | Topic::Rollback => found.push(row),
            Topic::Diagnostic(code) if CODES.contains(&code) => doubtful.push(row),
            Topic::Diagnostic(_) => wrong.push(row),
        }
    }
    let mut text = String::new();
    for (heading, rows) in [
        ("findings", found),
        ("errors in a policy or a command line", wrong),
        ("what `freezegate lint` warns of", doubtful),
    ] {
        text.push_str(&format!("{QUIET}{heading}{QUIET:#}\n"));
        text.push_str(&table(&rows, width));
        text.push('\n');
    }
    text.push_str("`freezegate explain CODE` says more about one\n");
    text
}

/// Returns what the code of `topic` means, wrapped to `width` columns, with terminal styles in it.
#[must_use]
pub fn topic(topic: Topic, width: usize) -> String {
    let explanation = topic.explanation();
    let mut rows = Rows::default();
    rows.heading(WARNING, topic.as_str(), &format!(": {}", explanation.summary));
    rows.gap();
    rows.row("meaning", explanation.meaning, None);
    rows.row("what to do", explanation.remedy, None);
    let mut text = rows.into_text(width);
    if let Some((cause, fix)) = &explanation.example {
        for (label, example) in [("caused by", cause), ("instead", fix)] {
            text.push_str(&format!("\n  {QUIET}{label}{QUIET:#}\n{}", lines(example)));
        }
    }
    text
}

/// The lines of an example as they are: code is not wrapped.
fn lines(example: &Example) -> String {
    let mut text = String::new();
    for line in example.policy.lines().chain(example.fragment.lines()) {
        let indent = if line.is_empty() { "" } else { "    " };
        text.push_str(&format!("{indent}{line}\n"));
    }
    for line in example.command.lines() {
        text.push_str(&format!("    $ {line}\n"));
    }
    text
}
