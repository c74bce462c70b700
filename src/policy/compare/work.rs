//! How much work a comparison may take, counted in steps, so that its outcome depends on no clock.

use std::cell::Cell;

use crate::time::zone::TimeError;

/// The most steps that a comparison takes: windows looked at, intervals laid out and states of patterns visited.
///
/// Two policies of 10,000 freezes that all differ take more, and count as opened.
pub const MOST_STEPS: u64 = 60_000_000;

/// The reason why a comparison could not be carried through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Halt {
    /// The steps are used up.
    TooMuch,
    /// A date lies beyond the range of dates.
    Time(TimeError),
}

impl From<TimeError> for Halt {
    fn from(error: TimeError) -> Self {
        Self::Time(error)
    }
}

impl Halt {
    /// For people.
    pub(super) fn text(&self) -> String {
        match self {
            Self::TooMuch => "the two policies differ in more than can be compared within the limit of work".to_owned(),
            Self::Time(error) => format!("a date could not be compared: {error}"),
        }
    }
}

/// The steps that are left.
#[derive(Debug)]
pub(super) struct Work(Cell<u64>);

impl Work {
    pub(super) const fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Takes `steps`.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if fewer are left.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Halt> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.0.get().checked_sub(steps) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                self.0.set(0);
                Err(Halt::TooMuch)
            }
        }
    }
}
