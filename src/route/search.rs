//! Searches a request that some routes ask for and others do not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::route::automaton::{Exhausted, TextAutomaton, shortest};
use crate::route::language::{LanguageId, Languages, RequestPart};
use crate::route::table::{RequestPoint, RouteEntry};

/// The reason why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotComputed {
    /// The budget of steps is used up.
    Budget,
    /// An automaton is too large.
    TooLarge(String),
}

impl std::fmt::Display for NotComputed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Budget => formatter.write_str("it takes more steps than there may be"),
            Self::TooLarge(why) => write!(formatter, "a pattern is too large: {why}"),
        }
    }
}

/// The condition on a part: in all of some languages and in none of others.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
struct Wish {
    yes: BTreeSet<LanguageId>,
    no: BTreeSet<LanguageId>,
}

/// A set of requests: a wish for each part.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct RequestBox {
    wishes: BTreeMap<RequestPart, Wish>,
}

impl RequestBox {
    /// The requests that all of some routes ask for.
    pub(crate) fn of(entries: &[&RouteEntry]) -> Self {
        let mandatory = [RequestPart::Host, RequestPart::Path, RequestPart::Method];
        let mut all = Self { wishes: mandatory.into_iter().map(|part| (part, Wish::default())).collect() };
        for entry in entries {
            all = all.inside(entry);
        }
        all
    }

    fn inside(&self, entry: &RouteEntry) -> Self {
        let mut inside = self.clone();
        for (part, language) in &entry.conditions {
            inside.wishes.entry(part.clone()).or_default().yes.insert(*language);
        }
        inside
    }

    fn with(&self, part: &RequestPart, language: LanguageId, wanted: bool) -> Self {
        let mut with = self.clone();
        let wish = with.wishes.entry(part.clone()).or_default();
        if wanted {
            wish.yes.insert(language)
        } else {
            wish.no.insert(language)
        };
        with
    }

    /// Returns whether it asks for all that a route asks for, by the same patterns.
    fn is_within(&self, entry: &RouteEntry) -> bool {
        entry.conditions.iter().all(|(part, language)| self.asks_for(part, *language))
    }

    fn asks_for(&self, part: &RequestPart, language: LanguageId) -> bool {
        self.wishes.get(part).is_some_and(|wish| wish.yes.contains(&language))
    }

    /// Returns how many languages its wishes name.
    fn size(&self) -> usize {
        self.wishes.values().map(|wish| wish.yes.len() + wish.no.len()).sum()
    }
}

/// The texts of a part that a request can have; the first kind of each is what people write.
fn universe(part: &RequestPart) -> [&'static str; 2] {
    match part {
        RequestPart::Host => [r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?"],
        RequestPart::Path => [r"/|(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+/?", r"/[!-\x22$->@-~]*"],
        RequestPart::Method => ["GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS", "[A-Za-z](?:[A-Za-z_-]*[A-Za-z])?"],
        RequestPart::Header(_) => ["[A-Za-z0-9_.~-]+", "[!-~](?:[ -~]*[!-~])?|"],
        RequestPart::Query(_) => ["[A-Za-z0-9_.~-]+", "[!-\x22$-%'-~]*"],
    }
}

/// Everything that was found for a wish: no text; the part may be absent; or a text.
type FoundText = Option<Option<String>>;

/// The known facts about each wish: the universe that it is in, and the languages that it is and is not in.
type WishMemory = HashMap<(&'static str, Wish), FoundText>;

/// A search within a budget of steps, each of which takes about 0.1 µs.
pub(crate) struct RequestSearch<'l> {
    languages: &'l Languages,
    left: usize,
    memory: WishMemory,
    universes: HashMap<&'static str, TextAutomaton>,
}

/// The shortest request so far.
#[derive(Default)]
struct BestRequest {
    point: Option<RequestPoint>,
    /// The budget that must be left for the search to go on.
    stop_at: usize,
}

/// Steps that may be spent on a shorter request once there is one.
const FOR_A_SHORTER_ONE: usize = 1_000_000;

/// To look at a route, or at a language of a box, takes so many steps.
const STEPS_OF_A_LOOK: usize = 2;

impl<'l> RequestSearch<'l> {
    pub(crate) fn new(languages: &'l Languages, budget: usize) -> Self {
        Self { languages, left: budget, memory: HashMap::new(), universes: HashMap::new() }
    }

    /// Counts steps against the budget.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), NotComputed> {
        self.left = self.left.checked_sub(steps).ok_or(NotComputed::Budget)?;
        Ok(())
    }

    /// Returns what is left of the budget.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// The shortest text for a wish; `Some(None)` if the part may be absent, `None` if no text fits.
    fn text(&mut self, part: &RequestPart, wish: &Wish) -> Result<FoundText, NotComputed> {
        if part.is_optional() && wish.yes.is_empty() {
            return Ok(Some(None));
        }
        let kinds = universe(part);
        let key = (kinds[1], wish.clone());
        if let Some(found) = self.memory.get(&key) {
            return Ok(found.clone());
        }
        let mut found = None;
        for kind in kinds {
            found = self.text_in(kind, wish)?;
            if found.is_some() {
                break;
            }
        }
        let found = found.map(Some);
        self.memory.insert(key, found.clone());
        Ok(found)
    }

    fn text_in(&mut self, kind: &'static str, wish: &Wish) -> Result<Option<String>, NotComputed> {
        if !self.universes.contains_key(kind) {
            self.universes.insert(kind, TextAutomaton::regex(kind).map_err(NotComputed::TooLarge)?);
        }
        let all = wish.yes.iter().enumerate();
        if all.clone().any(|(at, one)| wish.yes.iter().skip(at + 1).any(|other| !self.languages.may_meet(*one, *other)))
        {
            return Ok(None);
        }
        let automaton = |id: &LanguageId| self.languages.automaton(*id).map_err(NotComputed::TooLarge);
        let mut yes = self.universes.get(kind).into_iter().collect::<Vec<_>>();
        for id in &wish.yes {
            yes.push(automaton(id)?);
        }
        let mut no = Vec::new();
        for id in &wish.no {
            // what certainly has nothing in common with the rest asks for nothing
            if wish.yes.iter().all(|one| self.languages.may_meet(*one, *id)) {
                no.push(automaton(id)?);
            }
        }
        shortest(&yes, &no, &mut self.left).map_err(|Exhausted| NotComputed::Budget)
    }

    fn guess(&mut self, requests: &RequestBox) -> Result<Option<RequestPoint>, NotComputed> {
        let mut point = RequestPoint::default();
        for (part, wish) in &requests.wishes {
            match self.text(part, wish)? {
                None => return Ok(None),
                Some(None) => {}
                Some(Some(text)) => {
                    point.parts.insert(part.clone(), text);
                }
            }
        }
        Ok(Some(point))
    }

    /// A request of a box that none of some routes asks for, the shortest one as far as the budget reaches.
    pub(crate) fn outside(
        &mut self,
        requests: &RequestBox,
        blockers: &[&RouteEntry],
    ) -> Result<Option<RequestPoint>, NotComputed> {
        let mut best = BestRequest::default();
        match self.subtract(requests, blockers, &mut best) {
            // none is an answer only if all was looked at
            Err(why) if best.point.is_none() => Err(why),
            Ok(()) | Err(_) => Ok(best.point),
        }
    }

    fn subtract(
        &mut self,
        requests: &RequestBox,
        blockers: &[&RouteEntry],
        best: &mut BestRequest,
    ) -> Result<(), NotComputed> {
        let mut waiting = vec![(requests.clone(), blockers.to_vec())];
        while let Some((requests, blockers)) = waiting.pop() {
            self.spend(requests.size().saturating_add(blockers.len()).saturating_mul(STEPS_OF_A_LOOK))?;
            let Some(point) = self.guess(&requests)? else {
                continue;
            };
            if best.point.as_ref().is_some_and(|best| size(best) <= size(&point))
                || blockers.iter().any(|entry| requests.is_within(entry))
            {
                continue;
            }
            if best.point.is_some() && self.left <= best.stop_at {
                return Ok(());
            }
            let mut hit = None;
            for entry in &blockers {
                if entry.matches(&point, self.languages).map_err(NotComputed::TooLarge)? {
                    hit = Some(*entry);
                    break;
                }
            }
            let Some(hit) = hit else {
                if best.point.is_none() {
                    best.stop_at = self.left.saturating_sub(FOR_A_SHORTER_ONE);
                }
                best.point = Some(point);
                continue;
            };
            let Some(part) = self.only_literal(&requests, hit) else {
                // what hit the guess is taken away first; those before it may hit later guesses
                let rest: Vec<&RouteEntry> =
                    blockers.iter().copied().filter(|entry| !std::ptr::eq(*entry, hit)).collect();
                let (mut at, mut boxes) = (requests.clone(), Vec::new());
                for (part, language) in &hit.conditions {
                    boxes.push((at.with(part, *language, false), rest.clone()));
                    at = at.with(part, *language, true);
                }
                waiting.extend(boxes.into_iter().rev());
                continue;
            };
            // all like it are taken away at once
            let alike = |entry: &&RouteEntry| self.only_literal(&requests, entry) == Some(part);
            let (literals, rest): (Vec<&RouteEntry>, Vec<&RouteEntry>) = blockers.iter().copied().partition(alike);
            let mut without = requests.clone();
            let wish = without.wishes.entry(part.clone()).or_default();
            wish.no.extend(literals.iter().filter_map(|entry| entry.conditions.get(part)));
            waiting.push((without, rest));
        }
        Ok(())
    }

    /// The one part of which a route asks for more than a box does, if that is a literal.
    fn only_literal<'r>(&self, requests: &RequestBox, entry: &'r RouteEntry) -> Option<&'r RequestPart> {
        let mut more = entry.conditions.iter().filter(|(part, language)| !requests.asks_for(part, **language));
        match (more.next(), more.next()) {
            (Some((part, language)), None) if !part.is_optional() && self.languages.is_literal(*language) => Some(part),
            (Some(_) | None, _) => None,
        }
    }

    /// Returns whether a box holds a request.
    pub(crate) fn holds_any(&mut self, requests: &RequestBox) -> Result<bool, NotComputed> {
        Ok(self.guess(requests)?.is_some())
    }
}

/// The size of a request; paths that proxies may rewrite are larger than any other.
fn size(point: &RequestPoint) -> usize {
    let path = point.parts.get(&RequestPart::Path).map_or("", String::as_str);
    let is_rewritten = ["//", "/.", "%", "\\"].iter().any(|text| path.contains(text));
    let texts = point.parts.iter().map(|(part, text)| text.len() + usize::from(part.is_optional()));
    texts.sum::<usize>() + if is_rewritten { 1 << 20 } else { 0 }
}
