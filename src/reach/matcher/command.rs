//! What a command shows of where it goes.

use std::fmt;

use crate::change::command::CommandEffect;
use crate::change::{CommandLine, Readings};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::fact::FactKey;
use crate::pattern::{Captures, Match, command_text};
use crate::policy::Target;
use crate::reach::matcher::TargetMatcher;
use crate::reach::shown::{Shown, ShownError};

/// The reason why it can't be determined what a command shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    /// A target asks for commands, and which one this starts depends on an option that is not known.
    NotUnderstood {
        /// The name of the program.
        program: Vec<u8>,
        /// Its option.
        option: Vec<u8>,
    },
    /// A target asks what the tool of the command acts on, and that can't be determined.
    NoFact {
        /// The name of the tool.
        tool: &'static str,
        /// The wanted key.
        key: FactKey,
        /// The reason why it can't be determined, for people.
        why: String,
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
            Self::NoFact { tool, key, why } => {
                write!(f, "the {} that `{tool}` acts on is not known: {}", key.noun(), for_terminal(why))
            }
            Self::TooMuch(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommandError {}

impl TargetMatcher<'_> {
    /// Notes what a command shows, in all ways in which it can be read, and what it acts on. Returns whether a target of commands knows it.
    ///
    /// A command that only reads is compared by itself alone, and not by what it acts on.
    ///
    /// # Errors
    ///
    /// [`CommandError`] where that can't be determined.
    pub fn command_line(&self, command: &CommandLine, shown: &mut Shown) -> Result<bool, CommandError> {
        let Readings { readings, name, not_understood, .. } = command.readings();
        let is_asked = self.policy().targets.iter().any(Target::is_of_commands);
        if let Some((program, option)) = not_understood.filter(|_| is_asked) {
            return Err(CommandError::NotUnderstood { program, option });
        }
        let what = format!("the command {}", bytes_for_terminal(&name));
        self.command(readings.iter().map(Vec::as_slice), &what, shown).map_err(CommandError::TooMuch)?;
        if let Some(facts) = command.facts.as_ref().filter(|facts| facts.effect == CommandEffect::Writes) {
            let texts: Vec<Vec<u8>> =
                readings.iter().map(|reading| command_text(reading.iter().map(Vec::as_slice))).collect();
            let mut of_command = Vec::new();
            for text in &texts {
                let matches = self.command_matches(text).map_err(CommandError::TooMuch)?;
                let owner = |one: Match<'_>| self.commands.owners.get(one.pattern).copied();
                of_command.extend(matches.into_iter().filter_map(|one| Some((owner(one.clone())?, one.captures))));
            }
            self.facts(facts, &of_command, &what, shown)?;
        }
        Ok(!shown.hits.is_empty() || !shown.unknown.is_empty())
    }

    /// Notes what a command shows, by the targets of commands. Where it can be read in several ways, each of them counts. `what` is the
    /// command, for people.
    ///
    /// Its fixed text is compared as it is: `-P` is another option than `-p`.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
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
            for one in self.command_matches(&text)? {
                let owner = self.commands.owners.get(one.pattern);
                let Some(index) = owner.filter(|owner| !self.asks_more(**owner)) else {
                    continue;
                };
                let reached = self.note(*index, &one.captures, &Captures::default(), || what.to_owned(), shown)?;
                mapped.extend_from_slice(&reached);
            }
        }
        shown.count(mapped);
        Ok(())
    }

    fn command_matches<'t>(&self, text: &'t [u8]) -> Result<Vec<Match<'t>>, ShownError> {
        let mut found = Vec::new();
        let too_many = |ways| ShownError::TooManyWays { path: text.to_vec(), ways };
        self.commands.set.matches_exactly(text, &mut found).map_err(too_many)?;
        Ok(found)
    }

    /// Returns whether a target asks what a command acts on too.
    fn asks_more(&self, target: usize) -> bool {
        self.policy().targets.get(target).is_some_and(|target| !target.facts.is_empty())
    }
}
