//! What a command shows of where it goes.

use std::fmt;

use crate::change::{CommandLine, Readings};
use crate::escape::bytes_for_terminal;
use crate::pattern::{Captures, command_text};
use crate::reach::matcher::Matcher;
use crate::reach::shown::{Shown, ShownError};

/// Why it can't be told what a command shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    /// A target asks for commands, and which one this starts depends on an option that is not known.
    NotUnderstood {
        /// The name of the program.
        program: Vec<u8>,
        /// Its option.
        option: Vec<u8>,
    },
    /// Too much is shown.
    TooMuch(ShownError),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnderstood { program, option } => {
                let [program, option] = [program, option].map(|text| bytes_for_terminal(text).into_owned());
                write!(f, "`{option}` of `{program}` is not known here, nor is the command that it starts")
            }
            Self::TooMuch(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommandError {}

impl Matcher<'_> {
    /// Notes what a command shows, in all ways in which it can be read. Returns whether a target of commands knows it.
    ///
    /// # Errors
    ///
    /// [`CommandError`] where that can't be told.
    pub fn command_line(&self, command: &CommandLine, shown: &mut Shown) -> Result<bool, CommandError> {
        let Readings { readings, name, not_understood, .. } = command.readings();
        let is_asked = self.policy().targets.iter().any(|target| target.command.is_some());
        if let Some((program, option)) = not_understood.filter(|_| is_asked) {
            return Err(CommandError::NotUnderstood { program, option });
        }
        let what = format!("the command {}", bytes_for_terminal(&name));
        self.command(readings.iter().map(Vec::as_slice), &what, shown).map_err(CommandError::TooMuch)?;
        Ok(!shown.hits.is_empty() || !shown.unknown.is_empty())
    }

    /// Notes what a command shows, by the targets of commands. Where it can be read in several ways, each of them counts. `what` is the
    /// command, for people.
    ///
    /// Its fixed text is compared as it is: `-P` is another option than `-p`.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be told.
    pub fn command<'w>(
        &self,
        readings: impl IntoIterator<Item = &'w [Vec<u8>]>,
        what: &str,
        shown: &mut Shown,
    ) -> Result<(), ShownError> {
        shown.begin_piece();
        let mut mapped = Vec::new();
        for reading in readings {
            let text = command_text(reading.iter().map(Vec::as_slice));
            let mut found = Vec::new();
            let too_many = |ways| ShownError::TooManyWays { path: text.clone(), ways };
            self.commands.set.matches_exactly(&text, &mut found).map_err(too_many)?;
            for one in found {
                let Some(index) = self.commands.owners.get(one.pattern) else {
                    continue;
                };
                let reached = self.note(*index, &one.captures, &Captures::default(), || what.to_owned(), shown)?;
                mapped.extend_from_slice(&reached);
            }
        }
        shown.count(mapped);
        Ok(())
    }
}
