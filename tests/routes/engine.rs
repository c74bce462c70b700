//! Comparisons of random tables, held against all requests over a small alphabet and a matcher of its own.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that asks for what is not there should fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use freezegate::route::compare::{STEPS, compare};
use freezegate::route::language::{Languages, RequestPart, TextPattern};
use freezegate::route::table::{RequestPoint, RouteEntry, RouteTable};

/// Numbers that look random, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A regular expression, written out for the engine and matched here by trying all ways.
#[derive(Clone, Debug)]
enum Expression {
    Letter(char),
    Any,
    NotSlash,
    Star(Box<Expression>),
    Either(Box<Expression>, Box<Expression>),
    Both(Vec<Expression>),
}

impl Expression {
    fn random(dice: &mut Dice, depth: usize) -> Self {
        match dice.below(if depth == 0 { 4 } else { 8 }) {
            0 => Self::Letter('/'),
            1 => Self::Letter(dice.of(&['a', 'b'])),
            2 => Self::Any,
            3 => Self::NotSlash,
            4 => Self::Star(Box::new(Self::random(dice, depth - 1))),
            5 => Self::Either(Box::new(Self::random(dice, depth - 1)), Box::new(Self::random(dice, depth - 1))),
            _ => Self::Both((0..=dice.below(3)).map(|_| Self::random(dice, depth - 1)).collect()),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Letter(letter) => text.push(*letter),
            Self::Any => text.push('.'),
            Self::NotSlash => text.push_str("[^/]"),
            Self::Star(inner) => {
                text.push_str("(?:");
                inner.write(text);
                text.push_str(")*");
            }
            Self::Either(one, other) => {
                text.push_str("(?:");
                one.write(text);
                text.push('|');
                other.write(text);
                text.push(')');
            }
            Self::Both(all) => all.iter().for_each(|one| one.write(text)),
        }
    }

    /// Returns where a match that begins at one of some places can end.
    fn ends(&self, text: &[char], from: &BTreeSet<usize>) -> BTreeSet<usize> {
        let step = |accepts: &dyn Fn(char) -> bool| {
            from.iter().filter(|at| text.get(**at).is_some_and(|letter| accepts(*letter))).map(|at| at + 1).collect()
        };
        match self {
            Self::Letter(expected) => step(&|letter| letter == *expected),
            Self::Any => step(&|_| true),
            Self::NotSlash => step(&|letter| letter != '/'),
            Self::Star(inner) => {
                let mut all = from.clone();
                loop {
                    let more: BTreeSet<usize> = inner.ends(text, &all).union(&all).copied().collect();
                    if more == all {
                        return all;
                    }
                    all = more;
                }
            }
            Self::Either(one, other) => one.ends(text, from).union(&other.ends(text, from)).copied().collect(),
            Self::Both(all) => all.iter().fold(from.clone(), |at, one| one.ends(text, &at)),
        }
    }
}

#[derive(Clone, Debug)]
enum Simple {
    Exact(String),
    Prefix(String),
    Segments(String),
    Regex(Expression),
}

impl Simple {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Segments(path) => text == path || text.starts_with(&format!("{}/", path.trim_end_matches('/'))),
            Self::Regex(expression) => {
                let letters: Vec<char> = text.chars().collect();
                expression.ends(&letters, &BTreeSet::from([0])).contains(&letters.len())
            }
        }
    }

    fn pattern(&self) -> TextPattern {
        match self {
            Self::Exact(text) => TextPattern::Exact(text.clone()),
            Self::Prefix(text) => TextPattern::Prefix(text.clone()),
            Self::Segments(text) => TextPattern::Segments(text.clone()),
            Self::Regex(expression) => {
                let mut text = String::new();
                expression.write(&mut text);
                TextPattern::Regex(text)
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Route {
    conditions: BTreeMap<RequestPart, Simple>,
    backend: &'static str,
    precedence: u64,
    object: &'static str,
}

fn path(dice: &mut Dice) -> Simple {
    let literal = |dice: &mut Dice| (0..=dice.below(2)).map(|_| dice.of(&["/a", "/b", "/"])).collect::<String>();
    match dice.below(6) {
        0 => Simple::Exact(literal(dice)),
        1 | 2 => Simple::Prefix(literal(dice)),
        3 => Simple::Segments(dice.of(&["/a", "/b", "/a/b", "/"]).to_string()),
        _ => Simple::Regex(Expression::random(dice, 3)),
    }
}

fn route(dice: &mut Dice) -> Route {
    let mut conditions = BTreeMap::from([(RequestPart::Path, path(dice))]);
    match dice.below(4) {
        0 => drop(conditions.insert(RequestPart::Host, Simple::Exact("a".to_owned()))),
        1 => drop(conditions.insert(RequestPart::Host, Simple::Prefix("a".to_owned()))),
        _ => {}
    }
    if dice.below(4) == 0 {
        let value = if dice.below(2) == 0 { Simple::Exact("a".to_owned()) } else { Simple::Prefix(String::new()) };
        conditions.insert(RequestPart::Header("x".to_owned()), value);
    }
    if dice.below(6) == 0 {
        conditions.insert(RequestPart::Method, Simple::Exact(dice.of(&["GET", "POST"]).to_string()));
    }
    Route {
        conditions,
        backend: dice.of(&["P", "Q", "R"]),
        precedence: u64::try_from(dice.below(3)).unwrap(),
        object: dice.of(&["one", "two"]),
    }
}

/// All requests over a small alphabet.
fn requests() -> Vec<RequestPoint> {
    let mut paths = vec!["/".to_owned()];
    let mut at = 0;
    while let Some(path) = paths.get(at).filter(|path| path.len() < 4).cloned() {
        paths.extend(['/', 'a', 'b'].map(|letter| format!("{path}{letter}")));
        at += 1;
    }
    let mut all = Vec::new();
    for path in &paths {
        for (host, header, method) in [
            ("a", None, "GET"),
            ("ab", None, "GET"),
            ("b", None, "POST"),
            ("a", Some("a"), "GET"),
            ("b", Some("b"), "GET"),
            ("ab", Some("a"), "POST"),
        ] {
            let mut parts = BTreeMap::from([
                (RequestPart::Path, path.clone()),
                (RequestPart::Host, host.to_owned()),
                (RequestPart::Method, method.to_owned()),
            ]);
            parts.extend(header.map(|value| (RequestPart::Header("x".to_owned()), value.to_owned())));
            all.push(RequestPoint { parts });
        }
    }
    all
}

/// Returns who may answer: for each object of the lowest precedence that has a match, its first.
fn answers(routes: &[Route], request: &RequestPoint) -> BTreeSet<&'static str> {
    let matching: Vec<&Route> = routes
        .iter()
        .filter(|route| {
            route.conditions.iter().all(|(part, one)| request.parts.get(part).is_some_and(|t| one.matches(t)))
        })
        .collect();
    let Some(first) = matching.iter().map(|route| route.precedence).min() else {
        return BTreeSet::from(["nobody"]);
    };
    let of = |object: &str| matching.iter().find(|route| route.precedence == first && route.object == object);
    ["one", "two"].into_iter().filter_map(of).map(|route| route.backend).collect()
}

fn table(routes: &[Route], languages: &mut Languages) -> RouteTable {
    let mut entries = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let conditions = route.conditions.iter();
        entries.push(RouteEntry {
            name: format!("route {number}"),
            file: "routes.yaml".to_owned(),
            line: 1,
            namespaces: Vec::new(),
            owner: None,
            backend: Some(route.backend.to_owned()),
            conditions: conditions.map(|(part, one)| (part.clone(), languages.add(one.pattern()).unwrap())).collect(),
            precedence: vec![route.precedence],
            object: route.object.to_owned(),
            seen_in: BTreeSet::new(),
            has_slash: false,
        });
    }
    RouteTable::new(entries)
}

fn edited(routes: &[Route], dice: &mut Dice) -> Vec<Route> {
    let mut edited = routes.to_vec();
    for _ in 0..=dice.below(2) {
        let at = dice.below(edited.len());
        match dice.below(4) {
            0 => drop(edited.remove(at)),
            1 => edited[at].backend = "S",
            2 => {
                let moved = edited.remove(at);
                let to = dice.below(edited.len() + 1);
                edited.insert(to, moved);
            }
            _ => edited.insert(at, route(dice)),
        }
        if edited.is_empty() {
            edited.push(route(dice));
        }
    }
    edited
}

fn size(request: &RequestPoint) -> usize {
    request.parts.iter().map(|(part, text)| text.len() + usize::from(part.is_optional())).sum()
}

#[test]
fn comparisons_agree_with_trying_all_requests() {
    let requests = requests();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut changes, mut overlaps, mut dead, mut missing) = (0, 0, 0, String::new());
    for case in 0..1_500 {
        let count = 1 + dice.below(5);
        let before: Vec<Route> = (0..count).map(|_| route(&mut dice)).collect();
        let after = edited(&before, &mut dice);
        let mut languages = Languages::default();
        let (old, new) = (table(&before, &mut languages), table(&after, &mut languages));
        let found = compare(&languages, &old, &new, &mut STEPS.clone()).unwrap();
        let backend =
            |table: &RouteTable, at: usize| table.entries()[at].backend.clone().unwrap_or("nobody".to_owned());
        // each answer is right
        for change in &found.changes {
            let (was, is) = (answers(&before, &change.request), answers(&after, &change.request));
            let (from, to) = (backend(&old, change.before), backend(&new, change.after));
            assert!(
                was.contains(from.as_str()) && is.contains(to.as_str()) && !was.contains(to.as_str()),
                "{case} {change:?}"
            );
        }
        for overlap in &found.overlaps {
            let is = answers(&after, &overlap.request);
            let both = [backend(&new, overlap.one), backend(&new, overlap.other)];
            assert!(both.iter().all(|one| is.contains(one.as_str())), "{case} {overlap:?}");
        }
        let point = |table: &RouteTable, request: &RequestPoint| -> BTreeSet<String> {
            table.answers(request, &languages).unwrap().into_iter().map(|at| backend(table, at)).collect()
        };
        // none is missing, and none is longer than it has to be
        for request in &requests {
            let (was, is) = (answers(&before, request), answers(&after, request));
            assert!(point(&old, request).iter().eq(was.iter()), "{case} {request:?}");
            assert!(point(&new, request).iter().eq(is.iter()), "{case} {request:?}");
            for to in is.difference(&was) {
                let told = found.changes.iter().filter(|change| backend(&new, change.after) == *to);
                let from: Vec<_> = told.filter(|change| was.contains(backend(&old, change.before).as_str())).collect();
                if from.is_empty() {
                    writeln!(missing, "{case}: {request:?} {was:?} -> {is:?}").unwrap();
                }
                // a tie may be told by another pair, else it is this pair of routes
                if was.len() == 1 && is.len() == 1 {
                    let pair =
                        (old.answers(request, &languages).unwrap()[0], new.answers(request, &languages).unwrap()[0]);
                    let told = found.changes.iter().find(|change| (change.before, change.after) == pair);
                    let least = told.map(|change| size(&change.request));
                    // proxies may rewrite `//`: a longer request without it is the better witness
                    let is_least = request.parts[&RequestPart::Path].contains("//");
                    assert!(
                        least.is_some_and(|least| is_least || least <= size(request)),
                        "{case} {request:?} {told:?}"
                    );
                }
            }
            for at in new.answers(request, &languages).unwrap() {
                assert!(!found.dead.contains(&at), "{case} {request:?} {at}");
            }
        }
        changes += found.changes.len();
        overlaps += found.overlaps.len();
        dead += found.dead.len();
    }
    assert_eq!(missing, "");
    assert!(changes > 1_000 && overlaps > 50 && dead > 100, "{changes} {overlaps} {dead}");
}
