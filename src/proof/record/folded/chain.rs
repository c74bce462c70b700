//! Whose states follow each other.

use super::super::{RecordedChange, RecordedMode};

/// Decisions whose states follow each other: those about one ref, narrowed alike, and made in the same way.
///
/// What a hook judged says where a ref is, and what a job judged says what is deployed: neither comes after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain<'c> {
    /// The ref, as [`ref_text`](super::super::ref_text) writes it, if one was given.
    pub reference: Option<&'c str>,
    /// The options that narrowed the decisions, see [`RecordedChange::narrowed`].
    pub narrowed: Option<&'c str>,
    /// By which way they were asked for.
    pub mode: RecordedMode,
    /// True if they are of jobs that deploy what is only proposed for the ref: nothing of it is the ref's.
    pub proposed: bool,
}

/// The text that follows the ref in the name of a chain, for each way of asking. What narrows a decision has `=` in each word.
const WAYS: [(&str, RecordedMode); 2] = [("pre-receive", RecordedMode::PreReceive), ("run", RecordedMode::Run)];

/// The text that follows the ref in the name of a chain of jobs that deploy what is proposed for it.
const PROPOSED: &str = "proposed";

impl<'c> Chain<'c> {
    /// Of jobs, and of people who ask as they do.
    #[must_use]
    pub const fn of_job(reference: Option<&'c str>, narrowed: Option<&'c str>) -> Self {
        Self { reference, narrowed, mode: RecordedMode::Check, proposed: false }
    }

    /// Of a server's hook.
    #[must_use]
    pub const fn of_hook(reference: Option<&'c str>) -> Self {
        Self { reference, narrowed: None, mode: RecordedMode::PreReceive, proposed: false }
    }

    pub(super) fn of_change(change: &'c RecordedChange, mode: RecordedMode) -> Self {
        let (reference, narrowed) = (change.reference.as_deref(), change.narrowed.as_deref());
        Self { reference, narrowed, mode, proposed: change.proposed }
    }

    /// The name under which the states are kept; no ref is kept as the empty name. No ref has a blank in its name
    /// (git-check-ref-format(1)).
    ///
    /// ```
    /// use freezegate::proof::record::Chain;
    ///
    /// let main = Some("refs/heads/main");
    /// assert_eq!(Chain::of_job(main, None).name(), "refs/heads/main");
    /// assert_eq!(Chain::of_job(main, Some("region=eu")).name(), "refs/heads/main region=eu");
    /// assert_eq!(Chain::of_hook(main).name(), "refs/heads/main pre-receive");
    /// assert_eq!(Chain { proposed: true, ..Chain::of_job(main, None) }.name(), "refs/heads/main proposed");
    /// ```
    #[must_use]
    pub fn name(self) -> String {
        let way = WAYS.iter().find(|(_, mode)| *mode == self.mode).map(|(word, _)| *word);
        let way = if self.proposed { Some(PROPOSED) } else { way };
        let words = [Some(self.reference.unwrap_or_default()), way, self.narrowed];
        words.into_iter().flatten().collect::<Vec<&str>>().join(" ")
    }

    /// Reads what [`Chain::name`] wrote.
    pub(super) fn of_name(name: &'c str) -> Self {
        let (reference, rest) = name.split_once(' ').map_or((name, None), |(name, rest)| (name, Some(rest)));
        let reference = (!reference.is_empty()).then_some(reference);
        let (first, narrowed) = rest.map_or((None, None), |rest| {
            rest.split_once(' ').map_or((Some(rest), None), |(one, rest)| (Some(one), Some(rest)))
        });
        match WAYS.iter().find(|(word, _)| first == Some(word)) {
            Some((_, mode)) => Self { reference, narrowed, mode: *mode, proposed: false },
            None if first == Some(PROPOSED) => Self { proposed: true, ..Self::of_job(reference, narrowed) },
            None => Self::of_job(reference, rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, RecordedMode};

    #[test]
    fn a_name_is_read_back() {
        for reference in [None, Some("refs/heads/main")] {
            for narrowed in [None, Some("region=eu"), Some("kind=pre-receive region=run"), Some("region=proposed")] {
                for mode in [RecordedMode::Check, RecordedMode::PreReceive, RecordedMode::Run] {
                    let chain = Chain { reference, narrowed, mode, proposed: false };
                    assert_eq!(Chain::of_name(&chain.name()), chain, "{}", chain.name());
                }
                let proposed = Chain { proposed: true, ..Chain::of_job(reference, narrowed) };
                assert_eq!(Chain::of_name(&proposed.name()), proposed, "{}", proposed.name());
            }
        }
    }
}
