//! Lists of shapes that are looked at together, each known by a number, and when they refuse the start of a change.

use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::compare::shapes::ShapeId;
use crate::policy::compare::work::Halt;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;

/// The windows that are compared for one level.
pub(super) type Layers = Vec<Layer>;

/// Windows that refuse starts alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Layer {
    /// The time by which a start is refused too early, in seconds.
    pub(super) early: Seconds,
    /// The first second of the starts that are refused, and the first after them.
    pub(super) starts: (Instant, Instant),
    /// The numbers of the shapes, sorted.
    pub(super) shapes: Vec<ShapeId>,
}

impl Layer {
    /// The starts that a window refuses by this span of it.
    pub(super) fn refused(&self, span: Interval) -> Interval {
        let (from, until) = self.starts;
        Interval { from: span.from.saturating_sub(self.early), until: span.until }.clipped(Interval { from, until })
    }

    /// The instants at which it begins or ceases to refuse, whatever the windows are.
    pub(super) fn edges(&self) -> impl Iterator<Item = Instant> + use<> {
        let (from, until) = self.starts;
        [from, until].into_iter().filter(|edge| ![Interval::FOREVER.from, Interval::FOREVER.until].contains(edge))
    }
}

/// The number of layers: equal numbers mean the same.
pub(super) type LayersId = usize;

/// All layers that are looked at.
#[derive(Default)]
pub(super) struct LayersTable {
    known: HashMap<Arc<Layers>, LayersId>,
    layers: Vec<Arc<Layers>>,
}

impl LayersTable {
    pub(super) fn number(&mut self, layers: Layers) -> LayersId {
        if let Some(known) = self.known.get(&layers) {
            return *known;
        }
        let (number, layers) = (self.layers.len(), Arc::new(layers));
        self.known.insert(Arc::clone(&layers), number);
        self.layers.push(layers);
        number
    }

    /// The layers of a number that [`Self::number`] gave.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] for any other number.
    pub(super) fn get(&self, number: LayersId) -> Result<Arc<Layers>, Halt> {
        self.layers.get(number).map(Arc::clone).ok_or(Halt::TooMuch)
    }
}

/// The ends of a range, and layers.
type RefusedKey = ((Instant, Instant), Arc<Layers>);

/// When layers refuse a start within a range, as far as there is room to keep it.
#[derive(Default)]
pub(super) struct RefusedStarts {
    pub(super) known: HashMap<RefusedKey, Arc<Intervals>>,
    intervals: usize,
}

impl RefusedStarts {
    /// The most intervals that are kept: 16 MB.
    const MOST: usize = 1_000_000;

    pub(super) fn keep(&mut self, key: RefusedKey, refused: &Arc<Intervals>) {
        self.intervals = self.intervals.saturating_add(refused.as_slice().len());
        if self.intervals > Self::MOST {
            self.known.clear();
            self.intervals = refused.as_slice().len();
        }
        self.known.insert(key, Arc::clone(refused));
    }
}
