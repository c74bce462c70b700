//! Sets of instants as sorted, disjoint, half-open intervals.

use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// Instants from `from` up to but without `until`; or readings of a wall clock, such as `Interval<WallSecond>`.
///
/// [`Interval::FOREVER`]'s ends stand for "no bound".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval<S = Instant> {
    /// The first second within.
    pub from: S,
    /// The first second after.
    pub until: S,
}

impl Interval {
    /// All instants.
    pub const FOREVER: Self = Self { from: Instant::MIN, until: Instant::MAX };

    /// The length; none for an empty interval.
    #[must_use]
    pub fn seconds(self) -> Seconds {
        if self.is_empty() { Seconds::ZERO } else { self.until.since(self.from) }
    }
}

impl<S: Copy + Ord> Interval<S> {
    /// Returns whether `second` lies within.
    #[must_use]
    pub fn contains(self, second: S) -> bool {
        self.from <= second && second < self.until
    }

    /// The part of `self` that lies in `other`; empty when `from` is not before `until`.
    #[must_use]
    pub fn clipped(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }

    /// Returns whether no second lies within.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.until
    }
}

/// A set of instants, or of readings of a wall clock: sorted, disjoint intervals that do not touch.
///
/// ```
/// use freezegate::time::intervals::{Interval, Intervals};
///
/// let closed = Intervals::union(vec![Interval { from: 10, until: 20 }, Interval { from: 0, until: 10 }]);
/// assert_eq!(closed.as_slice(), [Interval { from: 0, until: 20 }]);
/// assert_eq!(closed.containing(19), Some(Interval { from: 0, until: 20 }));
/// assert_eq!(closed.containing(20), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervals<S = Instant>(Vec<Interval<S>>);

impl<S: Copy + Ord> Intervals<S> {
    /// The instants that lie in any of `pieces`; empty pieces add nothing, touching ones become one.
    #[must_use]
    pub fn union(mut pieces: Vec<Interval<S>>) -> Self {
        pieces.retain(|piece| !piece.is_empty());
        // they mostly come as a few sorted runs, which the stable sort merges
        pieces.sort();
        let mut merged: Vec<Interval<S>> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match merged.last_mut() {
                Some(last) if piece.from <= last.until => last.until = last.until.max(piece.until),
                Some(_) | None => merged.push(piece),
            }
        }
        Self(merged)
    }

    /// The instants of `range` that lie in none of these intervals.
    #[must_use]
    pub fn complement(&self, range: Interval<S>) -> Self {
        let mut open = Vec::with_capacity(self.0.len() + 1);
        let mut from = range.from;
        for closed in &self.0 {
            open.push(Interval { from, until: closed.from }.clipped(range));
            from = from.max(closed.until);
        }
        open.push(Interval { from, until: range.until });
        Self::union(open)
    }

    /// The instants that lie in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        // sorted already, and none touch: what ends one piece is followed by a gap on one side
        let mut both = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let shared = a.clipped(**b);
            if !shared.is_empty() {
                both.push(shared);
            }
            if a.until <= b.until {
                left.next();
            } else {
                right.next();
            }
        }
        Self(both)
    }

    /// The instants that lie in `self` and not in `other`.
    ///
    /// ```
    /// use freezegate::time::intervals::{Interval, Intervals};
    ///
    /// let closed = Intervals::union(vec![Interval { from: 0, until: 10 }]);
    /// let open = Intervals::union(vec![Interval { from: 4, until: 6 }]);
    /// assert_eq!(closed.difference(&open).as_slice(), [Interval { from: 0, until: 4 }, Interval { from: 6, until: 10 }]);
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut taken = other.0.as_slice();
        for piece in &self.0 {
            // what ends before this piece ends before all later ones
            taken = taken.get(taken.partition_point(|one| one.until <= piece.from)..).unwrap_or(&[]);
            let mut from = piece.from;
            for one in taken.iter().take_while(|one| one.from < piece.until) {
                if from < one.from {
                    left.push(Interval { from, until: one.from });
                }
                from = from.max(one.until);
            }
            if from < piece.until {
                left.push(Interval { from, until: piece.until });
            }
        }
        Self(left)
    }

    /// The interval that holds `second`.
    #[must_use]
    pub fn containing(&self, second: S) -> Option<Interval<S>> {
        let after = self.0.partition_point(|interval| interval.until <= second);
        self.0.get(after).copied().filter(|interval| interval.from <= second)
    }

    /// The first interval that starts after `second`.
    #[must_use]
    pub fn next_after(&self, second: S) -> Option<Interval<S>> {
        let after = self.0.partition_point(|interval| interval.from <= second);
        self.0.get(after).copied()
    }

    /// The intervals in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Interval<S>] {
        &self.0
    }
}

impl Intervals {
    /// The length of all intervals together.
    #[must_use]
    pub fn seconds(&self) -> Seconds {
        self.0.iter().map(|interval| interval.seconds()).sum()
    }
}
