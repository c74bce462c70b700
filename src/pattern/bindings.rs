//! Which segments of a path the captures of one pattern take: every way, and no more work than there are ways.

use super::{Capture, PathSegment, PatternShape, PatternTail, Segment};

/// One way: what is captured, and the index of its segment.
pub(super) type Binding = Vec<(Capture, usize)>;

/// As many as a path of 4,096 bytes (Linux's `PATH_MAX`) has segments: one capture never meets it, several only where a path is made to.
const MOST_WAYS: usize = 4096;

/// There are more than [`MOST_WAYS`].
pub(super) struct TooMany;

/// Every way in which `pattern` matches `path`, distinguished by the segments that its captures take; none if it does not match.
pub(super) fn bindings(pattern: &PatternShape, path: &[PathSegment<'_>]) -> Result<Vec<Binding>, TooMany> {
    part_bindings(&pattern.segments, pattern.tail, path)
}

/// The same of the first segments of a pattern.
pub(super) fn part_bindings(
    pattern: &[Segment],
    tail: PatternTail,
    path: &[PathSegment<'_>],
) -> Result<Vec<Binding>, TooMany> {
    let mut search = BindingSearch { pattern, end: path.len(), fits: fits(pattern, tail, path), ways: Vec::new() };
    if search.fits_at(0, 0) {
        search.walk(0, 0, &Binding::new())?;
    }
    Ok(search.ways)
}

/// Row `i`, column `j`: whether `pattern[i..]` matches `path[j..]`.
///
/// With it every step of the search counts: a capture is only taken where the rest is known to match.
fn fits(pattern: &[Segment], tail: PatternTail, path: &[PathSegment<'_>]) -> Vec<Vec<bool>> {
    let mut below = vec![matches!(tail, PatternTail::Below | PatternTail::AtOrBelow); path.len()];
    below.push(matches!(tail, PatternTail::Exact | PatternTail::AtOrBelow));
    let mut rows = vec![below];
    for segment in pattern.iter().rev() {
        // Built from the last column to the first.
        let below = rows.last().map_or(&[][..], Vec::as_slice);
        let is_deep = matches!(segment, Segment::Deep);
        let mut row = vec![is_deep && below.last().is_some_and(|fits| *fits)];
        for (place, part) in path.iter().enumerate().rev() {
            let at = |place: usize| below.get(place).is_some_and(|fits| *fits);
            let fits = if is_deep {
                at(place) || row.last().is_some_and(|fits| *fits)
            } else {
                at(place + 1) && segment.fits(&part.text)
            };
            row.push(fits);
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

struct BindingSearch<'a> {
    pattern: &'a [Segment],
    end: usize,
    fits: Vec<Vec<bool>>,
    ways: Vec<Binding>,
}

impl BindingSearch<'_> {
    /// Goes on to the next capture; there, each place that it may take is a way of its own. `pattern[from..]` is known to match `path[place..]`.
    fn walk(&mut self, from: usize, place: usize, binding: &Binding) -> Result<(), TooMany> {
        let mut places = vec![place];
        for (index, segment) in self.pattern.iter().enumerate().skip(from) {
            places.retain(|place| self.fits_at(index, *place));
            match segment {
                Segment::Capture { capture, .. } => {
                    for place in places {
                        let mut binding = binding.clone();
                        binding.push((*capture, place));
                        self.walk(index + 1, place + 1, &binding)?;
                    }
                    return Ok(());
                }
                Segment::Deep => {
                    // The places rise, so what follows the first holds what follows the others.
                    let Some(first) = places.first() else {
                        return Ok(());
                    };
                    places = (*first..=self.end).collect();
                }
                Segment::Literal(_) | Segment::Wild { .. } => places.iter_mut().for_each(|place| *place += 1),
            }
        }
        // No capture is left, and the rest is known to match.
        if self.ways.len() == MOST_WAYS {
            return Err(TooMany);
        }
        self.ways.push(binding.clone());
        Ok(())
    }

    fn fits_at(&self, index: usize, place: usize) -> bool {
        self.fits.get(index).and_then(|row| row.get(place)).is_some_and(|fits| *fits)
    }
}
