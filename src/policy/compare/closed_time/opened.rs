//! The instants at which one list of windows is closed and another is not, however far ahead.

use std::sync::Arc;

use crate::policy::compare::closed_time::{COMPARED_AHEAD, ClosedTime, OpenedSpans};
use crate::policy::compare::layers::{Layer, Layers, LayersId};
use crate::policy::compare::shapes::{ShapeId, WindowShape};
use crate::policy::compare::work::Halt;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;

/// The time ahead that is compared as a whole if there are dates, in seconds: about ten years. Later, the time near dates is.
const FARTHEST: Seconds = Seconds::days(3660);

/// In how many seconds each sort of year comes, by its first weekday and by whether it has a leap day: 40 years, as 2100 has none.
const ALL_SORTS_OF_YEAR: Seconds = Seconds::days(40 * 366);

/// The last second that is compared, 9998-01-01T00:00:00Z: moments are looked for up to a year later, and dates end.
const LAST: Instant = Instant::from_second(253_339_228_800);

impl ClosedTime<'_, '_> {
    /// Returns when `lost` is closed and `cover` is not: within the coming 400 days, else on the dates beyond them.
    pub(super) fn opened(&self, lost: LayersId, cover: LayersId) -> Result<OpenedSpans, Halt> {
        self.work.spend(1)?;
        if let Some(known) = self.known.borrow().get(&(lost, cover)) {
            return Ok(known.clone());
        }
        let (lost_layers, cover_layers) = {
            let layers = self.layers.borrow();
            (layers.get(lost)?, layers.get(cover)?)
        };
        let opened = self.opened_afresh(&lost_layers, &cover_layers)?;
        self.known.borrow_mut().insert((lost, cover), opened.clone());
        Ok(opened)
    }

    fn opened_afresh(&self, lost: &Arc<Layers>, cover: &Arc<Layers>) -> Result<OpenedSpans, Halt> {
        let near = self.near();
        let spans = self.within(near, lost, cover)?;
        if !spans.as_slice().is_empty() {
            return Ok((Arc::new(spans), None));
        }
        let yearly = self.varying(near, lost, cover)?;
        if !yearly.is_empty() {
            let cycle = Interval { from: near.until, until: near.until.saturating_add(ALL_SORTS_OF_YEAR).min(LAST) };
            let spans = self.within(cycle, &Arc::new(yearly), cover)?;
            if !spans.as_slice().is_empty() {
                return Ok((Arc::new(spans), None));
            }
        }
        let shapes = |layers: &Layers| {
            let numbers: Vec<ShapeId> = layers.iter().flat_map(|layer| &layer.shapes).copied().collect();
            numbers.into_iter().filter_map(|number| self.shapes.shape(number)).collect::<Vec<_>>()
        };
        let (lost_shapes, cover_shapes) = (shapes(lost), shapes(cover));
        let last_lost = lost_shapes.iter().filter_map(|shape| shape.last_date()).max();
        let last_cover = cover_shapes.iter().filter_map(|shape| shape.last_date()).max();
        let end = if lost_shapes.iter().any(|shape| shape.is_lasting()) {
            // what recurs may be covered by dates that come once, and begin to close at a stage of a roll-out
            let edges = lost.iter().chain(cover.iter()).flat_map(Layer::edges).max();
            last_lost.max(last_cover).max(edges).map(|last| last.saturating_add(COMPARED_AHEAD))
        } else {
            last_lost
        };
        let Some(end) = end.filter(|end| *end > near.until) else {
            return Ok((Arc::new(spans), None));
        };
        let farthest = self.from.saturating_add(FARTHEST);
        let far = Interval { from: near.until, until: end.min(farthest) };
        let spans = self.within(far, lost, cover)?;
        if !spans.as_slice().is_empty() || end <= farthest {
            return Ok((Arc::new(spans), None));
        }
        let edges = lost.iter().chain(cover.iter()).flat_map(Layer::edges);
        let edges = edges.map(|edge| Interval { from: edge, until: edge });
        let dates = lost_shapes.iter().chain(&cover_shapes).flat_map(WindowShape::dates).chain(edges);
        let dates: Vec<Interval> = dates.collect();
        self.beyond(Interval { from: farthest, until: end.min(LAST) }, &dates, lost, cover)
    }

    /// Returns what of `lost` may be covered in the time that is `near` and not in other years: what has days of months or of years, unless it is in
    /// `cover` too; and all, if what recurs each week is covered by such days alone.
    fn varying(&self, near: Interval, lost: &Arc<Layers>, cover: &Arc<Layers>) -> Result<Layers, Halt> {
        let varies = |number: &ShapeId| self.shapes.shape(*number).is_none_or(|shape| shape.varies_by_year());
        let only = |layers: &Layers, is_kept: &dyn Fn(&Layer, &ShapeId) -> bool| -> Layers {
            let kept = layers.iter().map(|layer| {
                let shapes = layer.shapes.iter().copied().filter(|number| is_kept(layer, number)).collect();
                Layer { early: layer.early, starts: layer.starts, shapes }
            });
            kept.filter(|layer| !layer.shapes.is_empty()).collect()
        };
        let all = lost.iter().chain(cover.iter()).map(|layer| layer.shapes.len()).sum();
        self.work.spend(all)?;
        if !lost.iter().chain(cover.iter()).flat_map(|layer| &layer.shapes).any(varies) {
            return Ok(only(lost, &|_, _| false));
        }
        let is_kept = |layer: &Layer, number: &ShapeId| {
            cover.iter().any(|own| {
                (own.early, own.starts) == (layer.early, layer.starts) && own.shapes.binary_search(number).is_ok()
            })
        };
        self.work.spend(all)?;
        let (weekly, weekly_cover) = (only(lost, &|_, one| !varies(one)), only(cover, &|_, one| !varies(one)));
        let is_weekly_covered = self.within(near, &Arc::new(weekly), &Arc::new(weekly_cover))?.as_slice().is_empty();
        Ok(only(lost, &|layer, one| (varies(one) || !is_weekly_covered) && !is_kept(layer, one)))
    }

    /// Returns when `lost` is closed and `cover` is not, in the time around each of `dates` and 400 days after: from then on, what
    /// recurs does the same until the next date.
    fn beyond(
        &self,
        range: Interval,
        dates: &[Interval],
        lost: &Arc<Layers>,
        cover: &Arc<Layers>,
    ) -> Result<OpenedSpans, Halt> {
        self.work.spend(dates.len())?;
        let around = dates.iter().map(|date| {
            let from = date.from.saturating_sub(self.room);
            Interval { from, until: date.until.saturating_add(COMPARED_AHEAD) }.clipped(range)
        });
        let islands = Intervals::union(around.collect());
        for island in islands.as_slice() {
            let spans = self.within(*island, lost, cover)?;
            if !spans.as_slice().is_empty() {
                return Ok((Arc::new(spans), None));
            }
        }
        // a single window that lasts longer is covered by others of its sort only, as far as this says
        let single = |layers: &Layers| -> Arc<Layers> {
            let is_single = |number: &ShapeId| self.shapes.shape(*number).is_none_or(|shape| !shape.is_lasting());
            let layers = layers.iter().map(|layer| {
                let shapes = layer.shapes.iter().copied().filter(is_single).collect();
                Layer { early: layer.early, starts: layer.starts, shapes }
            });
            Arc::new(layers.collect())
        };
        let rest = self.within(range, &single(lost), &single(cover))?;
        let is_left = !rest.difference(&islands).as_slice().is_empty();
        let doubt = is_left.then_some("it lasts for years, more than ten years ahead, where not all time is compared");
        Ok((Arc::new(Intervals::union(Vec::new())), doubt))
    }

    fn within(&self, range: Interval, lost: &Arc<Layers>, cover: &Arc<Layers>) -> Result<Intervals, Halt> {
        let lost = self.refused(range, lost)?;
        if lost.as_slice().is_empty() {
            return Ok(Intervals::union(Vec::new()));
        }
        let cover = self.refused(range, cover)?;
        self.work.spend(lost.as_slice().len().saturating_add(cover.as_slice().len()))?;
        Ok(lost.difference(&cover))
    }

    /// Returns when a change may not start, within `range`.
    fn refused(&self, range: Interval, layers: &Arc<Layers>) -> Result<Arc<Intervals>, Halt> {
        let key = ((range.from, range.until), Arc::clone(layers));
        if let Some(known) = self.refused.borrow().known.get(&key) {
            return Ok(Arc::clone(known));
        }
        let wide = Interval { from: range.from, until: range.until.saturating_add(self.room) };
        let mut pieces = Vec::new();
        for layer in layers.iter() {
            for number in &layer.shapes {
                let closed = self.shapes.closed(*number, wide, self.work)?;
                pieces.extend(closed.as_slice().iter().map(|span| layer.refused(*span).clipped(range)));
            }
        }
        self.work.spend(pieces.len())?;
        let refused = Arc::new(Intervals::union(pieces));
        self.refused.borrow_mut().keep(key, &refused);
        Ok(refused)
    }
}
