//! Guarded routes: which manifests say who answers requests, and whose a backend is.

use std::collections::BTreeSet;

use crate::diagnostic::Place;
use crate::pattern::{Capture, Pattern};
use crate::policy::hazard::is_glob_of;
use crate::policy::kind::Level;

/// The `[routes]` of a policy.
#[derive(Debug)]
pub struct RouteGuard {
    /// The place where it is defined.
    pub place: Place,
    /// Refs, one of which must match; empty: the default branch.
    pub refs: Vec<Pattern>,
    /// Paths of manifests, one of which must match; never empty.
    pub paths: Vec<Pattern>,
    /// Paths that do not count.
    pub except: Vec<Pattern>,
    /// The namespaces of environments; empty: the path says whose a backend is.
    pub owners: Vec<OwnerPattern>,
    /// The captures that do not separate tables: files that differ in no other have routes in one table.
    pub together: BTreeSet<Capture>,
    /// Another environment answers requests; `None`: not reported.
    pub hijack: Option<Level>,
    /// One of two backends answers, and manifests do not say which; `None`: not reported.
    pub overlap: Option<Level>,
    /// Another backend of the same environment answers, or nobody; `None`: not reported.
    pub takeover: Option<Level>,
    /// A route never answers; `None`: not reported.
    pub dead: Option<Level>,
}

impl RouteGuard {
    /// The levels of all findings, with their keys.
    #[must_use]
    pub const fn levels(&self) -> [(&'static str, Option<Level>); 4] {
        [("hijack", self.hijack), ("overlap", self.overlap), ("takeover", self.takeover), ("dead", self.dead)]
    }

    /// The strictest level that a finding may have.
    #[must_use]
    pub fn strictest(&self) -> Option<Level> {
        self.levels().into_iter().filter_map(|(_, level)| level).max()
    }
}

/// The namespaces that belong to an environment, such as `{environment}-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerPattern {
    text: String,
    before: String,
    after: String,
}

/// The text of the capture `{environment}`.
const ENVIRONMENT: &str = "{environment}";

impl OwnerPattern {
    /// Reads a pattern of namespaces: `{environment}` once, fixed text and `*`.
    ///
    /// ```
    /// use freezegate::policy::routes::OwnerPattern;
    ///
    /// let pattern = OwnerPattern::parse("{environment}-*").unwrap();
    /// assert!(pattern.matches("pre-production-shop", "pre-production"));
    /// assert!(!pattern.matches("production", "production"));
    /// assert!(OwnerPattern::parse("shop-*").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(ENVIRONMENT);
        let (Some(before), Some(after), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format!("`{text}` does not have `{ENVIRONMENT}` once"));
        };
        // namespaces are DNS labels (RFC 1123)
        let is_known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*".contains(&byte);
        match before.chars().chain(after.chars()).find(|one| !u8::try_from(*one).is_ok_and(is_known)) {
            Some(other) => Err(format!("`{text}` has `{}`, which a namespace can't contain", other.escape_debug())),
            None => Ok(Self { text: text.to_owned(), before: before.to_owned(), after: after.to_owned() }),
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether a namespace is one of the environment of this name or alias.
    #[must_use]
    pub fn matches(&self, namespace: &str, environment: &str) -> bool {
        let starts = namespace.match_indices(environment).map(|(at, _)| at);
        starts.into_iter().any(|at| {
            let (before, rest) = namespace.split_at_checked(at).unwrap_or_default();
            let after = rest.strip_prefix(environment).unwrap_or_default();
            is_glob_of(&self.before, before) && is_glob_of(&self.after, after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnerPattern, is_glob_of};

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("-*", "-a-b", true),
            ("-*", "a", false),
            ("a*a", "a", false),
            ("a*b*c", "axbybzc", true),
            ("a*b*c", "acb", false),
        ] {
            assert_eq!(is_glob_of(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_name_may_stand_at_several_places() {
        let pattern = OwnerPattern::parse("*-{environment}").unwrap();
        assert!(pattern.matches("prod-prod", "prod"));
        assert!(!pattern.matches("prod", "prod"));
        assert!(!OwnerPattern::parse("{environment}-a").unwrap().matches("prod-b", "prod"));
    }

    #[test]
    fn other_characters_are_faults() {
        for wrong in
            ["", "*", "{env}-*", "{environment}{environment}", "{environment}/a", "{Environment}", "é{environment}"]
        {
            assert!(OwnerPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
