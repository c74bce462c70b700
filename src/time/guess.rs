//! What a text that is not of the policy language was meant to say, in the policy language.
//!
//! People write hours and moments as calendars, cron and other tools do. A guess is made only where the text has one
//! meaning, or a few that can be named; each text that it proposes is one that the policy language reads.

pub mod hours;
pub mod moment;

mod cron;
mod token;

use crate::time::syntax::words;

/// A problem with a text as a whole, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The problem, for people; `None` if the error of the reader says it.
    pub cause: Option<String>,
    /// The text to write instead.
    pub help: String,
}

/// Returns what to write for a day of every other week, which no rule says: `every other Tue 18:00`.
fn every_other(text: &str) -> Option<Guess> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = words(&lower).iter().map(|word| word.text).collect();
    let names_a_day = words.iter().any(|word| token::day(word).is_some());
    let is_meant = words.windows(2).any(|pair| matches!(pair, ["every" | "each", "other" | "second" | "2nd"]))
        || words.iter().any(|word| matches!(*word, "biweekly" | "fortnightly" | "alternate" | "alternating"));
    let is_of_a_month = words.iter().any(|word| matches!(*word, "month" | "of"));
    (names_a_day && is_meant && !is_of_a_month).then(|| Guess {
        cause: Some(format!("`{text}` is not each week, as rules repeat")),
        help: "list the days in a calendar, and close them in a freeze: `from = \"CALENDAR 00:00\"`, `until = \
               \"CALENDAR 24:00\"`"
            .to_owned(),
    })
}
