//! Hazards: changes of a plan that do harm, whatever the paths are that bring them.

use crate::diagnostic::Place;
use crate::fact::PlannedAction;
use crate::policy::kind::Level;
use crate::time::seconds::Seconds;

/// A type of resources or a name of attributes, in which `*` stands for any text, also none.
///
/// ```
/// use freezegate::policy::hazard::NameGlob;
///
/// let glob = NameGlob::new("*_db_*").ok_or("not a glob of names")?;
/// assert!(glob.matches("aws_db_instance") && !glob.matches("aws_s3_bucket"));
/// assert!(NameGlob::new("aws db").is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameGlob(String);

impl NameGlob {
    /// The glob; `None` for a text that no name could match.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_possible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
        (!text.is_empty() && text.chars().all(is_possible)).then(|| Self(text.to_owned()))
    }

    /// As the policy wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        is_glob_of(&self.0, name)
    }
}

/// Returns whether a pattern, in which `*` stands for any text, is one of all of `text`.
pub(super) fn is_glob_of(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        // the first place leaves the most for what comes
        match left.split_once(part) {
            Some((_, behind)) => left = behind,
            None => return false,
        }
    }
    left.ends_with(end)
}

/// A sort of change that does harm.
#[derive(Debug)]
pub struct Hazard {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// The types of resources, one of which must match; never empty.
    pub resources: Vec<NameGlob>,
    /// The top-level attributes, one of which must differ; empty: whatever differs.
    pub attributes: Vec<NameGlob>,
    /// Everything that is done, each once, sorted; never empty.
    pub actions: Vec<PlannedAction>,
    /// Open time that must remain after such a change, in seconds.
    pub settle: Seconds,
    /// The level of freezes that name it and no level.
    pub level: Level,
    /// The consequence, for people.
    pub reason: Option<String>,
    /// The page that says so.
    pub source: Option<String>,
}

impl Hazard {
    /// Returns whether all changes that `other` is about are changes that this is about, as far as their texts say.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let covers = |own: &[NameGlob], others: &[NameGlob]| others.iter().all(|one| own.contains(one));
        let attributes =
            self.attributes.is_empty() || (!other.attributes.is_empty() && covers(&self.attributes, &other.attributes));
        covers(&self.resources, &other.resources)
            && attributes
            && other.actions.iter().all(|action| self.actions.contains(action))
    }
}

#[cfg(test)]
mod tests {
    use super::NameGlob;

    #[test]
    fn a_star_is_any_text() {
        for (glob, name, expected) in [
            ("aws_kms_key", "aws_kms_key", true),
            ("aws_kms_key", "aws_kms_keys", false),
            ("*", "", true),
            ("*", "anything", true),
            ("aws_*", "aws_", true),
            ("aws_*", "google_aws_", false),
            ("*_key", "aws_kms_key", true),
            ("*_key", "aws_kms_key_policy", false),
            ("*_db_*", "aws_db_instance", true),
            ("*_db_*", "db_", false),
            ("a*b*b", "ab", false),
            ("a*b*b", "abb", true),
            ("a*bc*c", "abcbc", true),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(NameGlob::new(glob).map(|glob| glob.matches(name)), Some(expected), "{glob} {name}");
        }
    }
}
