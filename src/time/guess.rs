//! What a text that is not of the policy language was meant to say, in the policy language.
//!
//! People write hours and moments as calendars, cron and other tools do. A guess is made only where the text has one
//! meaning, or a few that can be named; each text that it proposes is one that the policy language reads.

pub mod hours;
pub mod moment;

mod cron;
mod token;

/// What is wrong with a text as a whole, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What is wrong, for people; `None` if the error of the reader says it.
    pub cause: Option<String>,
    /// What to write instead.
    pub help: String,
}
