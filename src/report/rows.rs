//! Labelled rows that stay readable from 60 columns on.

use anstyle::{AnsiColor, Style};

use crate::escape::for_line;
use crate::shell::{GLUE, unbroken};

/// A refusal.
pub const REFUSED: Style = AnsiColor::Red.on_default().bold();
/// An allowance.
pub const ALLOWED: Style = AnsiColor::Green.on_default().bold();
/// A warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// A label, or a line of the policy.
pub const QUIET: Style = Style::new().dimmed();

/// The column at which the text of a row begins.
const INDENT: usize = 14;

/// The label of the row that says where the clock stands and what is closed.
pub const CLOCK: &str = "clock";

/// `text` with all its blanks made [`GLUE`].
#[must_use]
pub fn glued(text: &str) -> String {
    text.replace(' ', &GLUE.to_string())
}

/// One printed thing. The text of others in it has been made harmless for a terminal; blanks may be [`GLUE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintedItem {
    /// A line without a label, its first words styled.
    Heading {
        /// The way in which the first words look on a terminal.
        style: Style,
        /// The first words, with the blank behind them.
        first: String,
        /// The rest of the line.
        rest: String,
        /// A line of the policy, such as `freezegate.toml:31`.
        cite: Option<String>,
    },
    /// A labelled row.
    Row {
        /// The label; empty where the row goes on with the one before.
        label: String,
        /// The text.
        text: String,
        /// A line of the policy, such as `freezegate.toml:31`.
        cite: Option<String>,
    },
    /// An empty line.
    Gap,
}

/// Collects headings and rows.
#[derive(Debug, Default)]
pub struct Rows {
    entries: Vec<PrintedItem>,
}

impl Rows {
    /// Adds a line without a label, its first words styled.
    pub fn heading(&mut self, style: Style, first: &str, rest: &str) {
        self.heading_of(style, first, rest, None);
    }

    /// Adds a line without a label, its first words styled; `cite`, a line of the policy, follows it or is below it.
    pub fn heading_of(&mut self, style: Style, first: &str, rest: &str, cite: Option<&str>) {
        let cite = cite.map(str::to_owned);
        self.entries.push(PrintedItem::Heading { style, first: first.to_owned(), rest: rest.to_owned(), cite });
    }

    /// A labelled row; `cite`, a line of the policy, follows it or stands below.
    pub fn row(&mut self, label: &str, text: &str, cite: Option<&str>) {
        self.entries.push(PrintedItem::Row {
            label: label.to_owned(),
            text: text.to_owned(),
            cite: cite.map(str::to_owned),
        });
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.entries.push(PrintedItem::Gap);
    }

    /// All of it as [`text`].
    #[must_use]
    pub fn into_text(self, width: usize) -> String {
        text(&self.entries, width)
    }

    /// All of it, one by one.
    #[must_use]
    pub fn into_entries(self) -> Vec<PrintedItem> {
        self.entries
    }
}

/// Entries as text, wrapped to `width` columns, 40 at the least; holds terminal styles, for the writer to keep or to strip. No line of it is a
/// command to a terminal or a CI job's log.
#[must_use]
pub fn text(entries: &[PrintedItem], width: usize) -> String {
    let width = width.max(40);
    let mut text = String::new();
    for entry in &placed(entries, width) {
        let (style, first, lines, cite) = match entry {
            PrintedItem::Heading { style, first, rest, cite } => {
                (*style, first.clone(), heading(first, rest, width), cite)
            }
            PrintedItem::Row { label, text, cite } => {
                let first = format!("  {label:<width$}", width = INDENT - 2);
                let lines = wrap(text, width, &first, &" ".repeat(INDENT));
                (QUIET, first, lines, cite)
            }
            PrintedItem::Gap => {
                text.push('\n');
                continue;
            }
        };
        let last = lines.len().saturating_sub(1);
        for (index, line) in lines.iter().enumerate() {
            let line = for_line(line);
            match line.strip_prefix(first.as_str()).filter(|_| index == 0) {
                Some(rest) => text.push_str(&format!("{style}{first}{style:#}{rest}")),
                None => text.push_str(&line),
            }
            if let Some(cite) = cite
                && index == last
            {
                let cite = for_line(cite);
                let before =
                    if fits(&line, &cite, width) { "   ".to_owned() } else { format!("\n{}", " ".repeat(INDENT)) };
                text.push_str(&format!("{before}{QUIET}{cite}{QUIET:#}"));
            }
            text.push('\n');
        }
    }
    text
}

/// Moves a citation that does not fit behind its heading to the row of the clock below it, where it may.
fn placed(entries: &[PrintedItem], width: usize) -> Vec<PrintedItem> {
    let mut placed = entries.to_vec();
    let mut rest = placed.as_mut_slice();
    while let Some((entry, after)) = rest.split_first_mut() {
        if let PrintedItem::Heading { first, rest, cite: slot, .. } = entry
            && let Some(cite) = slot.as_deref()
            && heading(first, rest, width).last().is_none_or(|line| !fits(line, cite, width))
        {
            let below = after.iter_mut().take_while(|entry| !matches!(entry, PrintedItem::Heading { .. }));
            let clock = below.filter_map(|entry| match entry {
                PrintedItem::Row { label, cite, .. } if label == CLOCK => Some(cite),
                PrintedItem::Row { .. } | PrintedItem::Heading { .. } | PrintedItem::Gap => None,
            });
            if let Some(below) = clock.into_iter().next() {
                *below = slot.take();
            }
        }
        rest = after;
    }
    placed
}

fn heading(first: &str, rest: &str, width: usize) -> Vec<String> {
    wrap(&format!("{first}{rest}"), width, "", "  ")
}

fn fits(line: &str, cite: &str, width: usize) -> bool {
    textwrap::core::display_width(line) + 3 + cite.len() <= width
}

pub(super) fn wrap(text: &str, width: usize, first: &str, next: &str) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&unbroken(text), options).into_iter().map(|line| line.replace(GLUE, " ")).collect()
}
