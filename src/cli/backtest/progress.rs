//! How far a long history is judged: a line on a terminal, nothing elsewhere.

use crate::cli::edge::Edge;
use crate::cli::output::Output;

/// The width of the line.
const COLUMNS: usize = 50;
/// The length of the bar in it.
const BAR: u64 = 20;

/// A line that is written over and over.
pub(super) struct Progress<'o> {
    output: &'o mut Output,
    is_terminal: bool,
    is_shown: bool,
}

impl<'o> Progress<'o> {
    pub(super) fn new(output: &'o mut Output, edge: &Edge) -> Self {
        Self { output, is_terminal: edge.errors_go_to_terminal(), is_shown: false }
    }

    /// Shows how many changes are judged, of how many if that is known.
    pub(super) fn show(&mut self, done: u64, all: Option<u64>) {
        if !self.is_terminal {
            return;
        }
        self.is_shown = true;
        self.output.complaint(&format!("\r{:COLUMNS$}", line(done, all)));
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.is_shown {
            self.output.complaint(&format!("\r{:COLUMNS$}\r", ""));
        }
    }
}

fn line(done: u64, all: Option<u64>) -> String {
    let Some(all) = all else {
        return format!("{done} changes");
    };
    let long = done.saturating_mul(BAR).checked_div(all).unwrap_or(BAR).min(BAR);
    let bar = |letter: &str, count: u64| letter.repeat(usize::try_from(count).unwrap_or(0));
    format!("[{}{}] {done} of {all}", bar("#", long), bar(".", BAR - long))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_is_as_long_as_the_part_that_is_done() {
        assert_eq!(line(5, None), "5 changes");
        assert_eq!(line(0, Some(0)), "[####################] 0 of 0");
        assert_eq!(line(1, Some(4)), "[#####...............] 1 of 4");
        assert_eq!(line(50_000, Some(50_000)), "[####################] 50000 of 50000");
    }
}
