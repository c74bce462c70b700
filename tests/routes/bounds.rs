//! Patterns that are large or were made to be: an answer, or none, and never a wrong one.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::{BTreeMap, BTreeSet};

use freezegate::route::compare::{STEPS, compare};
use freezegate::route::language::{Languages, RequestPart, TextPattern};
use freezegate::route::table::{RouteEntry, RouteTable};

fn route(pattern: TextPattern, backend: &str, languages: &mut Languages) -> RouteEntry {
    RouteEntry {
        name: backend.to_owned(),
        file: "routes.yaml".to_owned(),
        line: 1,
        backend: Some(backend.to_owned()),
        namespaces: Vec::new(),
        owner: None,
        conditions: BTreeMap::from([(RequestPart::Path, languages.add(pattern).unwrap())]),
        precedence: vec![0],
        object: "one".to_owned(),
        seen_in: BTreeSet::new(),
        has_slash: false,
    }
}

/// The path of the request that another backend answers once a route with this pattern stands before all others.
fn taken(pattern: &str) -> Result<Option<String>, String> {
    let mut languages = Languages::default();
    let old = route(TextPattern::Prefix("/".to_owned()), "old", &mut languages);
    let new = route(TextPattern::Regex(pattern.to_owned()), "new", &mut languages);
    let found =
        compare(&languages, &RouteTable::new(vec![old.clone()]), &RouteTable::new(vec![new, old]), &mut STEPS.clone())
            .map_err(|error| error.to_string())?;
    let paths = found.changes.iter().filter_map(|change| change.request.parts.get(&RequestPart::Path).cloned());
    Ok(paths.min())
}

#[test]
fn many_alternatives_are_one_pattern() {
    let alternatives: Vec<String> = (0..10_000).map(|number| format!("item-{number}")).collect();
    assert_eq!(taken(&format!("/({})", alternatives.join("|"))), Ok(Some("/item-0".to_owned())));
    // with what makes each a state of its own at each place of a text
    let anywhere = taken(&format!("/.*({}).*", alternatives.join("|")));
    assert!(matches!(&anywhere, Ok(Some(path)) if path == "/item-0") || anywhere.is_err(), "{anywhere:?}");
}

#[test]
fn towers_of_anything_are_bounded() {
    let tower = |floors: usize| format!("/{}", (0..floors).map(|floor| format!(".*x{floor}y")).collect::<String>());
    assert_eq!(taken(&tower(3)), Ok(Some("/x0yx1yx2y".to_owned())));
    assert!(matches!(taken(&tower(100)), Ok(Some(path)) if path.ends_with("x99y")));
    // an automaton that remembers thirty letters has a thousand million states
    assert!(matches!(taken("/.*[^a].{30}"), Err(why) if why.starts_with("a pattern is too large")));
    assert!(matches!(taken("/(.*a){1000}{1000}"), Err(why) if why.starts_with("a pattern is too large")));
}

/// What it takes to find out that a pattern is too large counts, too.
#[test]
fn automata_are_bounded_together() {
    let mut languages = Languages::default();
    let mut why = |number: usize| {
        let id = languages.add(TextPattern::Regex(format!("/{number}.*[^a].{{30}}"))).unwrap();
        languages.holds(id, "/").unwrap_err()
    };
    assert!((0..9).map(&mut why).all(|why| !why.contains("together")));
    assert_eq!(why(9), "the regular expressions are too large together");
}

/// Pairs of routes count against the budget too: what would be four million is not looked at.
#[test]
fn pairs_of_routes_are_bounded() {
    let mut languages = Languages::default();
    let path = languages.add(TextPattern::Regex("/.*x".to_owned())).unwrap();
    let table = |backend: &str| {
        let entry = |number: usize| RouteEntry {
            name: format!("route {number}"),
            file: "routes.yaml".to_owned(),
            line: 1,
            backend: Some(format!("{backend}-{number}")),
            namespaces: Vec::new(),
            owner: None,
            conditions: BTreeMap::from([(RequestPart::Path, path)]),
            precedence: vec![0],
            object: "one".to_owned(),
            seen_in: BTreeSet::new(),
            has_slash: false,
        };
        RouteTable::new((0..2_000).map(entry).collect())
    };
    let found = compare(&languages, &table("old"), &table("new"), &mut 1_000_000);
    assert!(found.is_err_and(|why| why.to_string().contains("more steps than there may be")));
}

#[test]
fn what_is_not_regular_is_not_read() {
    let mut languages = Languages::default();
    for pattern in [r"/(?=a)", r"/(?!a)", r"/(?<=a)b", r"/(?<!a)b", r"/(a)\1", r"/(?P<x>a)\k<x>", "/(?>a)", "/a*+"] {
        assert!(languages.add(TextPattern::Regex(pattern.to_owned())).is_err(), "{pattern}");
    }
}

/// All paths of up to three bytes stand before the route that changed: they are taken away at once, however many there are.
#[test]
fn literals_are_taken_away_together() {
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("_-~".chars()).collect();
    let mut paths = vec!["/".to_owned()];
    for one in &letters {
        paths.push(format!("/{one}"));
        paths.extend(letters.iter().chain(&['.', '/']).map(|other| format!("/{one}{other}")));
    }
    let mut languages = Languages::default();
    let mut before: Vec<RouteEntry> =
        paths.iter().map(|path| route(TextPattern::Exact(path.clone()), "all", &mut languages)).collect();
    let mut after = before.clone();
    before.push(route(TextPattern::Prefix("/".to_owned()), "old", &mut languages));
    after.push(route(TextPattern::Prefix("/".to_owned()), "new", &mut languages));
    let mut budget = STEPS;
    let found = compare(&languages, &RouteTable::new(before), &RouteTable::new(after), &mut budget).unwrap();
    let [change] = found.changes.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(change.request.parts[&RequestPart::Path], "/aaa");
    assert!(STEPS - budget < 4_000_000, "{}", STEPS - budget);
}

/// The tables of a change share their budget: what one used, the next does not have.
#[test]
fn a_budget_is_used_up_once() {
    let mut languages = Languages::default();
    let old = route(TextPattern::Prefix("/".to_owned()), "old", &mut languages);
    let new = route(TextPattern::Regex("/.*a.*b".to_owned()), "new", &mut languages);
    let (before, after) = (RouteTable::new(vec![old.clone()]), RouteTable::new(vec![new, old]));
    let mut budget = STEPS;
    let found = compare(&languages, &before, &after, &mut budget).unwrap();
    assert_eq!(found.changes.len(), 1);
    let used = STEPS - budget;
    assert!(used > 0);
    // the automata are there already, so it takes less now
    let mut less = used;
    assert_eq!(compare(&languages, &before, &after, &mut less), Ok(found));
    let found = compare(&languages, &before, &after, &mut { used % 50 });
    assert!(found.is_err_and(|why| why.to_string().contains("more steps than there may be")));
}
