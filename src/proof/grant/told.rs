//! Whether a text that somebody has to give, such as an incident, says anything.

use std::fmt;

/// The reason why a text says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// It is empty, or has neither a letter nor a digit: `-`, `…`.
    Empty,
    /// It is what a printed command has where something is to be filled in: `INC-…`.
    Placeholder,
    /// It is a variable that was not replaced, or a word for no value: `$INCIDENT`, `null`.
    Unset,
}

impl Untold {
    /// Returns how to go on, of a text that is given as `what`, such as `--incident`.
    #[must_use]
    pub fn help(self, what: &str, example: &str) -> String {
        let example = format!("`{what} {example}`");
        match self {
            Self::Empty => format!("write it, such as {example}; check whether the variable that it comes from is set"),
            Self::Placeholder => format!("replace the `…`, such as {example}"),
            Self::Unset => format!("write it, such as {example}, or set the variable"),
        }
    }
}

impl fmt::Display for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty, or has neither a letter nor a digit",
            Self::Placeholder => "is a placeholder",
            Self::Unset => "is a variable that was not replaced, or a word for no value",
        })
    }
}

/// Checks that a text says something: a reason, or what else people write in their own words.
///
/// ```
/// use freezegate::proof::grant::{Untold, reason};
///
/// assert_eq!(reason("logins fail"), Ok(()));
/// assert_eq!(reason(" … "), Err(Untold::Empty));
/// assert_eq!(reason("${REASON}"), Err(Untold::Unset));
/// ```
///
/// # Errors
///
/// Why it says nothing.
pub fn reason(text: &str) -> Result<(), Untold> {
    if !text.chars().any(is_readable) {
        return Err(Untold::Empty);
    }
    let text = text.trim();
    if is_variable(text) || NO_VALUES.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Err(Untold::Unset);
    }
    Ok(())
}

/// Checks that a text names an incident: as [`reason`], and nothing in it is left to be filled in.
///
/// ```
/// use freezegate::proof::grant::{Untold, incident};
///
/// assert_eq!(incident("INC-7"), Ok(()));
/// assert_eq!(incident("INC-…"), Err(Untold::Placeholder));
/// ```
///
/// # Errors
///
/// Why it names none.
pub fn incident(text: &str) -> Result<(), Untold> {
    reason(text)?;
    if text.contains('…') || text.contains("...") { Err(Untold::Placeholder) } else { Ok(()) }
}

/// The texts that languages and tools print for a variable that is not set.
const NO_VALUES: [&str; 6] = ["null", "(null)", "undefined", "none", "nil", "n/a"];

/// Letters and digits that can be seen. The fillers of Hangul are letters that can't ([Unicode], section 18.6).
///
/// [Unicode]: https://www.unicode.org/versions/latest/core-spec/chapter-18/
fn is_readable(character: char) -> bool {
    character.is_alphanumeric() && !matches!(character, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Returns whether all of a text is a variable as shells, make, GitHub, Azure, Jenkins and Windows write one.
fn is_variable(text: &str) -> bool {
    let within = |open: &str, close: &str| text.strip_prefix(open).is_some_and(|rest| rest.ends_with(close));
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
    within("${", "}")
        || within("$(", ")")
        || within("$[", "]")
        || within("{{", "}}")
        || text.strip_prefix('$').is_some_and(|name| is_name(name.strip_prefix("env:").unwrap_or(name)))
        || text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(is_name)
}
