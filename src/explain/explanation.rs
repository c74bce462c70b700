//! What is said of a code.

/// The meaning of a code, with an example.
#[derive(Debug)]
pub struct Explanation {
    /// A summary in one line.
    pub summary: &'static str,
    /// The reason why it is, and what follows from it.
    pub meaning: &'static str,
    /// The fix.
    pub remedy: &'static str,
    /// A cause, and the same fixed; `None` where it takes more than lines to show it.
    pub example: Option<(Example, Example)>,
}

/// Lines of a policy, of a fragment, or of a command line.
#[derive(Debug)]
pub struct Example {
    /// Sections of a policy; all else that a policy needs is left out, unless it begins with `version`.
    pub policy: &'static str,
    /// The text of `stop.toml`, a fragment.
    pub fragment: &'static str,
    /// A call of this program; the policy is `freezegate.toml`.
    pub command: &'static str,
}

impl Example {
    pub(super) const fn policy(policy: &'static str) -> Self {
        Self { policy, fragment: "", command: "" }
    }

    pub(super) const fn command(command: &'static str) -> Self {
        Self { policy: "", fragment: "", command }
    }

    pub(super) const fn fragment(fragment: &'static str, command: &'static str) -> Self {
        Self { policy: "", fragment, command }
    }

    pub(super) const fn asked(policy: &'static str, command: &'static str) -> Self {
        Self { policy, fragment: "", command }
    }
}
