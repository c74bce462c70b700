//! A table of routes, and who answers one request.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::language::{LanguageId, Languages, RequestPart};

/// A route: what a request must be, and who answers then.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RouteEntry {
    /// Its name for people, such as `HTTPRoute shop/web, rule 2`.
    pub name: String,
    /// The file that says so.
    pub file: String,
    /// The line of the file at which the object begins, from 1; 0 if it is not known.
    pub line: u64,
    /// The person who answers; `None`: nobody, the proxy says 404.
    pub backend: Option<String>,
    /// The namespaces of those who answer; of an answer that the proxy gives itself, that of the object.
    pub namespaces: Vec<String>,
    /// The owner of the backend, if its name does not say: backends of one name and two owners are two.
    pub owner: Option<String>,
    /// Everything that each part must be; a part that is not named may be anything, also absent.
    pub conditions: BTreeMap<RequestPart, LanguageId>,
    /// Its precedence; the lowest goes first. It follows from what the route says, never from the other routes.
    pub precedence: Vec<u64>,
    /// The object that it stands in. At equal precedence, the routes of one object are in order; which object goes
    /// first, manifests do not say.
    pub object: String,
    /// The parts of a place that have it, such as the namespaces of proxies; none: all.
    pub seen_in: BTreeSet<String>,
    /// True if its path ends with a slash, which some proxies count as a part of the prefix.
    pub has_slash: bool,
}

/// By what a route is the same as another, see [`RouteEntry::identity`].
pub type RouteIdentity<'t> = (&'t BTreeMap<RequestPart, LanguageId>, RouteAnswerer<'t>, &'t [u64], &'t str);

/// A backend, and whose it is, see [`RouteEntry::answerer`].
pub type RouteAnswerer<'t> = (Option<&'t str>, Option<&'t str>);

/// Routes by precedence.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RouteTable {
    entries: Vec<RouteEntry>,
}

/// A request, as far as routes look at it.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct RequestPoint {
    /// The parts that it has.
    pub parts: BTreeMap<RequestPart, String>,
}

impl RouteTable {
    /// Orders routes by precedence; at equal precedence, those of an object stay as given. Last, nobody answers.
    #[must_use]
    pub fn new(mut entries: Vec<RouteEntry>) -> Self {
        entries.push(RouteEntry {
            name: "no route".to_owned(),
            file: String::new(),
            line: 0,
            backend: None,
            namespaces: Vec::new(),
            owner: None,
            conditions: BTreeMap::new(),
            precedence: vec![u64::MAX],
            object: String::new(),
            seen_in: BTreeSet::new(),
            has_slash: false,
        });
        entries.sort_by(|a, b| a.precedence.cmp(&b.precedence).then_with(|| a.object.cmp(&b.object)));
        Self { entries }
    }

    /// The routes by precedence.
    #[must_use]
    pub fn entries(&self) -> &[RouteEntry] {
        &self.entries
    }

    /// Returns whether the first of two routes, by their indexes, is always asked before the second.
    #[must_use]
    pub fn precedes(&self, first: usize, second: usize) -> bool {
        let (Some(one), Some(other)) = (self.entries.get(first), self.entries.get(second)) else {
            return false;
        };
        one.precedence < other.precedence
            || (one.precedence == other.precedence && one.object == other.object && first < second)
    }

    /// The routes of which one answers: several if manifests do not say which goes first.
    ///
    /// # Errors
    ///
    /// If an automaton is too large.
    pub fn answers(&self, request: &RequestPoint, languages: &Languages) -> Result<Vec<usize>, String> {
        let mut found: Vec<usize> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let first = found.first().and_then(|first| self.entries.get(*first));
            if first.is_some_and(|first| first.precedence < entry.precedence) {
                break;
            }
            if found.iter().all(|earlier| !self.precedes(*earlier, at)) && entry.matches(request, languages)? {
                found.push(at);
            }
        }
        Ok(found)
    }
}

impl RouteEntry {
    /// The object that it stands in, as people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.rsplit_once(", ").map_or(self.name.as_str(), |(object, _)| object)
    }

    /// Returns what it asks for, who answers, when it is asked, and in which object it stands: equal routes are the same.
    #[must_use]
    pub fn identity(&self) -> RouteIdentity<'_> {
        (&self.conditions, self.answerer(), &self.precedence, &self.object)
    }

    /// Returns who answers: the backend, and whose it is.
    #[must_use]
    pub fn answerer(&self) -> RouteAnswerer<'_> {
        (self.backend.as_deref(), self.owner.as_deref())
    }

    /// Returns whether a request is one that it asks for.
    ///
    /// # Errors
    ///
    /// If an automaton is too large.
    pub fn matches(&self, request: &RequestPoint, languages: &Languages) -> Result<bool, String> {
        for (part, language) in &self.conditions {
            let Some(text) = request.parts.get(part) else {
                return Ok(false);
            };
            if !languages.holds(*language, text)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns whether a request may be one for both; `false` only if certainly none is.
    #[must_use]
    pub fn may_meet(&self, other: &Self, languages: &Languages) -> bool {
        self.conditions
            .iter()
            .all(|(part, one)| other.conditions.get(part).is_none_or(|other| languages.may_meet(*one, *other)))
    }

    /// Returns what each path for it begins with.
    #[must_use]
    pub fn literal<'l>(&self, languages: &'l Languages) -> &'l str {
        self.conditions.get(&RequestPart::Path).map_or("", |path| languages.literal(*path))
    }
}
