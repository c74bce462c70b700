//! Labelled rows that stay readable from 60 columns on.

use anstyle::{AnsiColor, Style};

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

/// A blank at which no row is broken; it is printed as a plain one.
pub const GLUE: char = '\u{a0}';

/// `text` with all its blanks made [`GLUE`].
#[must_use]
pub fn glued(text: &str) -> String {
    text.replace(' ', &GLUE.to_string())
}

/// Collects headings and rows, wrapped to a width; holds terminal styles, for the writer to keep or to strip.
#[derive(Debug)]
pub struct Rows {
    text: String,
    width: usize,
}

impl Rows {
    /// Rows that are `width` columns wide, 40 at the least.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { text: String::new(), width: width.max(40) }
    }

    /// A line without a label, its first words styled.
    pub fn heading(&mut self, style: Style, first: &str, rest: &str) {
        let lines = wrap(&format!("{first}{rest}"), self.width, "", "  ");
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(first).filter(|_| index == 0) {
                Some(rest) => self.text.push_str(&format!("{style}{first}{style:#}{rest}")),
                None => self.text.push_str(line),
            }
            self.text.push('\n');
        }
    }

    /// A labelled row; `cite`, a line of the policy, stands behind it or below.
    pub fn row(&mut self, label: &str, text: &str, cite: Option<&str>) {
        let first = format!("  {label:<width$}", width = INDENT - 2);
        let mut lines = wrap(text, self.width, &first, &" ".repeat(INDENT));
        if let Some(cite) = cite {
            let fits =
                lines.last().is_some_and(|last| textwrap::core::display_width(last) + 3 + cite.len() <= self.width);
            match lines.last_mut().filter(|_| fits) {
                Some(last) => last.push_str(&format!("   {QUIET}{cite}{QUIET:#}")),
                None => lines.push(format!("{}{QUIET}{cite}{QUIET:#}", " ".repeat(INDENT))),
            }
        }
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(first.as_str()).filter(|_| index == 0) {
                Some(rest) => self.text.push_str(&format!("{QUIET}{first}{QUIET:#}{rest}")),
                None => self.text.push_str(line),
            }
            self.text.push('\n');
        }
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// All of it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }
}

pub(super) fn wrap(text: &str, width: usize, first: &str, next: &str) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.replace(GLUE, " ")).collect()
}
