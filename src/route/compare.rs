//! What an edit changes: who answered before and who answers after, where two may answer, and what never answers.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::route::index::RouteIndex;
use crate::route::istio_gateway::is_redirect;
use crate::route::language::Languages;
use crate::route::search::{NotComputed, RequestBox, RequestSearch};
use crate::route::table::{RequestPoint, RouteAnswerer, RouteEntry, RouteIdentity, RouteTable};

/// Requests that another backend answers after an edit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteChange {
    /// The route that answered before, by its index.
    pub before: usize,
    /// The route that answers after, by its index.
    pub after: usize,
    /// One of the requests, the shortest as far as the budget reached.
    pub request: RequestPoint,
}

/// Requests that either of two backends may answer after an edit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteOverlap {
    /// One route, by its index.
    pub one: usize,
    /// The other, by its index.
    pub other: usize,
    /// One of the requests.
    pub request: RequestPoint,
    /// True if either might answer that request before, too.
    pub was_before: bool,
}

/// All that an edit changes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RouteComparison {
    /// The changed backends.
    pub changes: Vec<RouteChange>,
    /// The place where two may answer.
    pub overlaps: Vec<RouteOverlap>,
    /// Routes of the table after the edit that never answer, by their indexes.
    pub dead: Vec<usize>,
}

/// The steps that comparisons of one change may take: some two seconds.
pub const STEPS: usize = 20_000_000;

/// Compares two tables; looks only at routes that changed, and what they meet. Counts its steps down from a budget.
///
/// # Errors
///
/// If the budget does not reach, or an automaton is too large: then nothing is known.
pub fn compare(
    languages: &Languages,
    before: &RouteTable,
    after: &RouteTable,
    budget: &mut usize,
) -> Result<RouteComparison, NotComputed> {
    let mut work = TableComparison {
        search: RequestSearch::new(languages, *budget),
        languages,
        before: Indexed::new(before, languages),
        after: Indexed::new(after, languages),
    };
    let found = work.compare(&Pairing::new(before, after));
    *budget = work.search.left();
    found
}

/// The routes that both tables have, in the same order.
struct Pairing {
    /// Routes before, each with the same route after; those that moved too.
    kept: HashMap<usize, usize>,
    in_order_before: BTreeSet<usize>,
    in_order_after: BTreeSet<usize>,
}

impl Pairing {
    fn new(before: &RouteTable, after: &RouteTable) -> Self {
        let mut old: HashMap<RouteIdentity<'_>, VecDeque<usize>> = HashMap::new();
        for (at, entry) in before.entries().iter().enumerate() {
            old.entry(entry.identity()).or_default().push_back(at);
        }
        let mut both: Vec<(usize, usize)> = Vec::new();
        for (at, entry) in after.entries().iter().enumerate() {
            if let Some(same) = old.get_mut(&entry.identity()).and_then(VecDeque::pop_front) {
                both.push((same, at));
            }
        }
        let in_order = longest_rising(&both);
        Self {
            kept: both.iter().copied().collect(),
            in_order_before: in_order.iter().map(|(old, _)| *old).collect(),
            in_order_after: in_order.iter().map(|(_, new)| *new).collect(),
        }
    }

    fn is_changed_before(&self, at: usize) -> bool {
        !self.in_order_before.contains(&at)
    }

    fn is_changed_after(&self, at: usize) -> bool {
        !self.in_order_after.contains(&at)
    }
}

/// The longest run of pairs, not necessarily adjacent, whose first numbers rise: of two routes that changed places, one
/// counts as changed.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // the pair that ends the best run of each length, and the pair before each
    let mut ends: Vec<usize> = Vec::new();
    let mut earlier: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let first = |at: &usize| pairs.get(*at).map(|pair| pair.0);
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| first(end).is_some_and(|first| first < pair.0));
        earlier.push(length.checked_sub(1).and_then(|before| ends.get(before)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut run = Vec::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        run.extend(pairs.get(at));
        next = earlier.get(at).copied().flatten();
    }
    run.reverse();
    run
}

struct Indexed<'t> {
    table: &'t RouteTable,
    index: RouteIndex<'t>,
}

impl<'t> Indexed<'t> {
    fn new(table: &'t RouteTable, languages: &'t Languages) -> Self {
        Self { table, index: RouteIndex::new(table, languages) }
    }

    /// The routes that are asked before one, as far as they may concern requests that all of some routes ask for.
    fn blockers(&self, of: &[&RouteEntry], at: usize) -> Vec<&'t RouteEntry> {
        let near = self.index.near(of).into_iter().filter(|other| self.table.precedes(*other, at));
        near.filter_map(|other| self.table.entries().get(other)).collect()
    }
}

/// To look at a route takes so many steps.
const STEPS_OF_A_LOOK: usize = 3;
/// To look at a pair of routes takes so many steps.
const STEPS_OF_A_PAIR: usize = 20;

struct TableComparison<'t> {
    search: RequestSearch<'t>,
    languages: &'t Languages,
    before: Indexed<'t>,
    after: Indexed<'t>,
}

impl<'t> TableComparison<'t> {
    fn compare(&mut self, pairing: &Pairing) -> Result<RouteComparison, NotComputed> {
        let (before, after) = (self.before.table.entries(), self.after.table.entries());
        let mut found = RouteComparison::default();
        let mut may_be_dead: BTreeSet<usize> = (0..after.len()).filter(|at| pairing.is_changed_after(*at)).collect();
        let mut add = |old: usize, new: usize, request: RequestPoint| {
            may_be_dead.extend(pairing.kept.get(&old));
            found.changes.push(RouteChange { before: old, after: new, request });
        };
        for (at, entry) in (0..).zip(after).filter(|(at, _)| pairing.is_changed_after(*at)) {
            let near = self.before.index.near(&[entry]);
            self.pay_for_looking()?;
            for old in near {
                if let Some(request) = self.taken(old, at)? {
                    add(old, at, request);
                }
            }
        }
        for (at, entry) in (0..).zip(before).filter(|(at, _)| pairing.is_changed_before(*at)) {
            let near = self.after.index.near(&[entry]);
            self.pay_for_looking()?;
            // those that changed were compared with all that were near
            for new in near.into_iter().filter(|new| !pairing.is_changed_after(*new)) {
                if let Some(request) = self.taken(at, new)? {
                    add(at, new, request);
                }
            }
        }
        found.changes.sort_by_key(|change| (change.before, change.after));
        for at in may_be_dead {
            let Some(entry) = after.get(at).filter(|entry| entry.backend.is_some()) else {
                continue;
            };
            let mut blockers = self.after.blockers(&[entry], at);
            self.pay_for_looking()?;
            // at another port it may answer
            blockers.retain(|blocker| !is_redirect(blocker));
            if self.search.outside(&RequestBox::of(&[entry]), &blockers)?.is_none() {
                found.dead.push(at);
            }
        }
        let new = (0..after.len()).filter(|at| pairing.is_changed_after(*at));
        found.overlaps = self.overlaps(&new.collect())?;
        Ok(found)
    }

    /// Counts the routes that were looked at, and the automata that were built, against the budget.
    fn pay_for_looking(&mut self) -> Result<(), NotComputed> {
        let looked = self.before.index.take_looked().saturating_add(self.after.index.take_looked());
        self.search.spend(looked.saturating_mul(STEPS_OF_A_LOOK).saturating_add(self.languages.take_work()))
    }

    /// A request that one route might answer before, and another may answer now whose backend might not before.
    fn taken(&mut self, old: usize, new: usize) -> Result<Option<RequestPoint>, NotComputed> {
        let (before, after) = (self.before.table.entries(), self.after.table.entries());
        let (Some(was), Some(is)) = (before.get(old), after.get(new)) else {
            return Ok(None);
        };
        if was.answerer() == is.answerer() || !was.may_meet(is, self.languages) {
            return Ok(None);
        }
        self.search.spend(STEPS_OF_A_PAIR)?;
        self.pay_for_looking()?;
        let pair = [was, is];
        let requests = RequestBox::of(&pair);
        if !self.search.holds_any(&requests)? {
            return Ok(None);
        }
        let mut blockers = self.before.blockers(&pair, old);
        blockers.extend(self.after.blockers(&pair, new));
        // others that might answer before, of the same precedence
        let mut vetoes: Vec<(&'t RouteEntry, Vec<&'t RouteEntry>)> = Vec::new();
        for near in self.before.index.near(&pair) {
            let Some(entry) = before.get(near).filter(|entry| entry.answerer() == is.answerer()) else {
                continue;
            };
            if entry.precedence == was.precedence && entry.object != was.object {
                let in_object =
                    |other: &&RouteEntry| other.object == entry.object && other.precedence == entry.precedence;
                vetoes.push((entry, self.before.blockers(&pair, near).into_iter().filter(in_object).collect()));
            }
        }
        self.unless(&pair, &blockers, &vetoes)
    }

    /// A request of all of some routes, of no blocker, and that no veto's first route would answer: those that stand
    /// before it in its object may.
    fn unless(
        &mut self,
        of: &[&'t RouteEntry],
        blockers: &[&'t RouteEntry],
        vetoes: &[(&'t RouteEntry, Vec<&'t RouteEntry>)],
    ) -> Result<Option<RequestPoint>, NotComputed> {
        let Some(((veto, earlier), rest)) = vetoes.split_first() else {
            return self.search.outside(&RequestBox::of(of), blockers);
        };
        let with: Vec<&RouteEntry> = blockers.iter().copied().chain([*veto]).collect();
        if let Some(found) = self.unless(of, &with, rest)? {
            return Ok(Some(found));
        }
        for entry in earlier {
            let narrower: Vec<&RouteEntry> = of.iter().copied().chain([*entry]).collect();
            if let Some(found) = self.unless(&narrower, blockers, rest)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Where two routes of equal precedence and of different objects may answer, one of them changed.
    fn overlaps(&mut self, changed: &BTreeSet<usize>) -> Result<Vec<RouteOverlap>, NotComputed> {
        let entries = self.after.table.entries();
        let mut found = Vec::new();
        for at in changed {
            let Some(one) = entries.get(*at) else {
                continue;
            };
            for near in self.after.index.near(&[one]) {
                self.pay_for_looking()?;
                let Some(other) = entries.get(near) else {
                    continue;
                };
                let is_tie = one.precedence == other.precedence && one.object != other.object;
                // a pair of two changed routes is met twice
                if !is_tie || one.answerer() == other.answerer() || (changed.contains(&near) && near < *at) {
                    continue;
                }
                let pair = [one, other];
                let mut blockers = self.after.blockers(&pair, *at);
                blockers.extend(self.after.blockers(&pair, near));
                let Some(request) = self.search.outside(&RequestBox::of(&pair), &blockers)? else {
                    continue;
                };
                let earlier = self.before.table.answers(&request, self.languages).map_err(NotComputed::TooLarge)?;
                let earlier = earlier.iter().filter_map(|at| self.before.table.entries().get(*at));
                let earlier: Vec<RouteAnswerer<'_>> = earlier.map(RouteEntry::answerer).collect();
                let was_before = earlier.contains(&one.answerer()) && earlier.contains(&other.answerer());
                found.push(RouteOverlap { one: *at, other: near, request, was_before });
            }
        }
        Ok(found)
    }
}
