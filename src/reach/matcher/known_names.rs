//! The names of a policy, by what a pattern took.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::pattern::fold;

/// The names that targets can capture.
#[derive(Debug, Default)]
pub(super) struct CapturableNames {
    pub(super) environments: KnownNames,
    pub(super) regions: KnownNames,
    pub(super) services: KnownNames,
}

/// The places of things in a list, by their names; made when they are first asked for.
#[derive(Debug, Default)]
pub(super) struct KnownNames(OnceLock<ByName>);

#[derive(Debug, Default)]
struct ByName {
    exact: HashMap<Vec<u8>, Vec<usize>>,
    folded: HashMap<Vec<u8>, Vec<usize>>,
}

impl KnownNames {
    /// The places of all that have the name `raw`; else of all that have one which looks like it, `folded`. In order.
    ///
    /// Where a pattern matches a path that only looks like one of its own, `raw` may hold more than what it took, and is no name.
    pub(super) fn places<'n>(
        &self,
        raw: &[u8],
        folded: &[u8],
        names: impl Iterator<Item = Vec<&'n String>>,
    ) -> &[usize] {
        let known = self.0.get_or_init(|| ByName::of(names));
        let exact = if *fold(raw) == *folded { known.exact.get(raw) } else { None };
        let found = exact.or_else(|| known.folded.get(folded));
        found.map_or(&[], Vec::as_slice)
    }
}

impl ByName {
    fn of<'n>(names: impl Iterator<Item = Vec<&'n String>>) -> Self {
        let mut all = Self::default();
        for (place, names) in names.enumerate() {
            for name in names {
                add(&mut all.exact, name.as_bytes(), place);
                add(&mut all.folded, &fold(name.as_bytes()), place);
            }
        }
        all
    }
}

fn add(places: &mut HashMap<Vec<u8>, Vec<usize>>, name: &[u8], place: usize) {
    let known = places.entry(name.to_vec()).or_default();
    if known.last() != Some(&place) {
        known.push(place);
    }
}
