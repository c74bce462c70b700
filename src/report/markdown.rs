//! Markdown: for the summary of a step, a comment, a page.

use crate::escape::{markdown, markdown_code};
use crate::report::note::Note;
use crate::report::rows::PrintedItem;
use crate::shell::GLUE;

/// As many bytes at the most: half of what GitHub takes as the summary of a step (1 MiB), which it would leave out as a whole.
const MAX_BYTES: usize = 512 << 10;

/// Returns what the answer for people says, each heading a paragraph and the rows below it a table.
#[must_use]
pub fn page(entries: &[PrintedItem]) -> String {
    let mut page = Page::default();
    for entry in entries {
        match entry {
            PrintedItem::Heading { first, rest, cite, .. } => {
                page.paragraph(&plain(first), &plain(rest), cite.as_deref())
            }
            PrintedItem::Row { label, text, cite } => page.row(&plain(label), &plain(text), cite.as_deref()),
            PrintedItem::Gap => {}
        }
    }
    page.into_text()
}

/// Returns why there is no decision.
#[must_use]
pub fn undecided(notes: &[Note]) -> String {
    let mut page = Page::default();
    for note in notes {
        let (first, rest) = note.title.split_once(": ").unwrap_or(("no decision", &note.title));
        page.paragraph(&format!("{first}: "), rest, None);
        if let Some(spot) = &note.spot {
            page.row("at", &format!("{}:{}", spot.path, spot.line), None);
        }
        for detail in &note.details {
            let (label, text) = detail.split_once(": ").unwrap_or(("", detail));
            page.row(label, text, None);
        }
    }
    page.into_text()
}

fn plain(text: &str) -> String {
    text.replace(GLUE, " ")
}

/// A page that does not grow beyond [`MAX_BYTES`].
#[derive(Debug, Default)]
struct Page {
    text: String,
    in_table: bool,
    left_out: usize,
}

impl Page {
    fn paragraph(&mut self, first: &str, rest: &str, cite: Option<&str>) {
        let cite = cite.map_or_else(String::new, |cite| format!(" {}", markdown_code(cite)));
        let lead = format!("**{}** {}{cite}\n", markdown(first.trim_end()), markdown(rest));
        let before = if self.text.is_empty() { "" } else { "\n" };
        self.add(&format!("{before}{lead}"));
        self.in_table = false;
    }

    fn row(&mut self, label: &str, text: &str, cite: Option<&str>) {
        let head = if self.in_table { "" } else { "\n| | | |\n|---|---|---|\n" };
        let cite = cite.map_or_else(String::new, markdown_code);
        self.add(&format!("{head}| {} | {} | {cite} |\n", markdown(label), spans(text)));
        self.in_table = true;
    }

    fn add(&mut self, piece: &str) {
        if self.left_out > 0 || self.text.len().saturating_add(piece.len()) > MAX_BYTES {
            self.left_out = self.left_out.saturating_add(1);
        } else {
            self.text.push_str(piece);
        }
    }

    fn into_text(mut self) -> String {
        if self.left_out > 0 {
            self.text.push_str(&format!("\n{} more lines are in the log.\n", self.left_out));
        }
        self.text
    }
}

/// Text in which what stands between backticks is code.
fn spans(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // an odd backtick is one that somebody else wrote
    if parts.len().is_multiple_of(2) {
        return markdown(text);
    }
    let span = |(index, part): (usize, &&str)| if index % 2 == 0 { markdown(part) } else { markdown_code(part) };
    parts.iter().enumerate().map(span).collect()
}
