//! Who answers which requests: for people, and for machines as `freezegate/routes/v1`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Sources};
use crate::escape::for_terminal;
use crate::report::json_parts::{ErrorItem, JsonError, error_item, line};
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::route::compare::RouteComparison;
use crate::route::language::Languages;
use crate::route::note::RouteNote;
use crate::route::search::NotComputed;
use crate::route::table::{RequestPoint, RouteEntry, RouteTable};
use crate::route::tables::RouteTables;

/// The name of the contract for machines.
pub const SCHEMA: &str = "freezegate/routes/v1";

/// The question, and the answer.
#[derive(Debug)]
pub struct RoutesAnswer {
    /// The tree before, as it was named; `None`: only one tree was asked.
    pub before: Option<String>,
    /// The tree after, as it was named.
    pub after: String,
    /// The request, if one was asked about.
    pub request: Option<RequestPoint>,
    /// The answer.
    pub of: RoutesOf,
    /// Everything that was not understood, and in which trees.
    pub notes: Vec<(RouteNote, &'static str)>,
}

/// The answer.
#[derive(Debug)]
pub enum RoutesOf {
    /// The backends that answer one request, by place.
    Request(Vec<RequestAnswer>),
    /// The changes by an edit, by place.
    Edit(Vec<PlaceAnswer>),
}

/// The backend that answers one request at one place.
#[derive(Debug, Serialize)]
pub struct RequestAnswer {
    place: String,
    /// The routes of which one answered before; `None` if there was nothing to compare with.
    before: Option<Vec<RouteItem>>,
    /// The routes of which one answers.
    after: Vec<RouteItem>,
    /// Routes that ask for the request too, and come later.
    later: Vec<RouteItem>,
    not_computed: Option<String>,
}

/// A route, for machines.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct RouteItem {
    backend: Option<String>,
    route: String,
    file: Option<String>,
}

/// The changes by an edit at one place.
#[derive(Debug, Serialize)]
pub struct PlaceAnswer {
    place: String,
    changes: Vec<ChangedHands>,
    either: Vec<EitherItem>,
    dead: Vec<RouteItem>,
    not_computed: Option<String>,
}

/// Requests that another backend answers.
#[derive(Debug, Serialize)]
struct ChangedHands {
    what: &'static str,
    before: RouteItem,
    after: RouteItem,
    request: String,
}

/// Requests that either of two backends may answer.
#[derive(Debug, Serialize)]
struct EitherItem {
    one: RouteItem,
    other: RouteItem,
    request: String,
    was_before: bool,
}

fn item(entry: &RouteEntry) -> RouteItem {
    RouteItem {
        backend: entry.backend.clone(),
        route: entry.name.clone(),
        file: Some(entry.file.clone()).filter(|file| !file.is_empty()),
    }
}

fn items(table: &RouteTable, indexes: &[usize]) -> Vec<RouteItem> {
    indexes.iter().filter_map(|at| table.entries().get(*at)).map(item).collect()
}

/// Asks the tables of a place who answers a request.
#[must_use]
pub fn asked(tables: &RouteTables, request: &RequestPoint, is_compared: bool, languages: &Languages) -> RequestAnswer {
    let mut not_computed = None;
    let mut answers = |table: &RouteTable| match table.answers(request, languages) {
        Ok(found) => found,
        Err(why) => {
            not_computed = Some(why);
            Vec::new()
        }
    };
    let before = is_compared.then(|| items(&tables.before, &answers(&tables.before)));
    let first = answers(&tables.after);
    let later = (0..tables.after.entries().len()).filter(|at| {
        let entry = tables.after.entries().get(*at).filter(|entry| entry.backend.is_some());
        !first.contains(at) && entry.is_some_and(|entry| entry.matches(request, languages).unwrap_or(true))
    });
    let later = items(&tables.after, &later.collect::<Vec<_>>());
    RequestAnswer { place: tables.place.clone(), before, after: items(&tables.after, &first), later, not_computed }
}

/// Returns what a comparison of the tables of a place found; of the requests that one route takes from one backend, the shortest.
#[must_use]
pub fn compared(tables: &RouteTables, found: Result<RouteComparison, NotComputed>) -> PlaceAnswer {
    let mut answer = PlaceAnswer {
        place: tables.place.clone(),
        changes: Vec::new(),
        either: Vec::new(),
        dead: Vec::new(),
        not_computed: None,
    };
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            answer.not_computed = Some(why.to_string());
            return answer;
        }
    };
    let mut shortest: BTreeMap<(Option<String>, RouteItem), ChangedHands> = BTreeMap::new();
    for change in &found.changes {
        let (before, after) = (tables.before.entries().get(change.before), tables.after.entries().get(change.after));
        let (Some(before), Some(after)) = (before.map(item), after.map(item)) else {
            continue;
        };
        let what = match (&before.backend, &after.backend) {
            (Some(_), Some(_)) => "taken",
            (Some(_), None) => "lost",
            (None, _) => "new",
        };
        let request = change.request.to_string();
        let key = (before.backend.clone(), after.clone());
        if shortest.get(&key).is_none_or(|other| request.len() < other.request.len()) {
            shortest.insert(key, ChangedHands { what, before, after, request });
        }
    }
    answer.changes = shortest.into_values().collect();
    answer.changes.sort_by_key(|change| ["taken", "lost", "new"].iter().position(|what| *what == change.what));
    for overlap in &found.overlaps {
        let pair = (tables.after.entries().get(overlap.one), tables.after.entries().get(overlap.other));
        if let (Some(one), Some(other)) = pair {
            answer.either.push(EitherItem {
                one: item(one),
                other: item(other),
                request: overlap.request.to_string(),
                was_before: overlap.was_before,
            });
        }
    }
    answer.dead = items(&tables.after, &found.dead);
    answer
}

/// Notes of both trees, each once.
#[must_use]
pub fn merged(notes: Vec<(RouteNote, &'static str)>) -> Vec<(RouteNote, &'static str)> {
    let mut all: BTreeMap<RouteNote, &'static str> = BTreeMap::new();
    for (note, side) in notes {
        all.entry(note).and_modify(|sides| *sides = if *sides == side { side } else { "both" }).or_insert(side);
    }
    all.into_iter().collect()
}

impl RoutesAnswer {
    /// Returns whether something was not understood or not computed.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        let not_computed = match &self.of {
            RoutesOf::Request(all) => all.iter().any(|one| one.not_computed.is_some()),
            RoutesOf::Edit(all) => all.iter().any(|one| one.not_computed.is_some()),
        };
        not_computed || !self.notes.is_empty()
    }

    /// Returns whether a backend loses requests or may, or none or one of several answers the request that was asked about.
    #[must_use]
    pub fn finds_something(&self) -> bool {
        match &self.of {
            RoutesOf::Request(all) => {
                let is_clear = |one: &RequestAnswer| one.after.first().is_some_and(|first| first.backend.is_some());
                let is_either = |one: &RequestAnswer| {
                    one.after.iter().any(|item| one.after.first().is_some_and(|first| first.backend != item.backend))
                };
                !all.iter().any(is_clear) || all.iter().any(is_either)
            }
            RoutesOf::Edit(all) => all.iter().any(|one| {
                one.changes.iter().any(|change| change.what != "new") || one.either.iter().any(|one| !one.was_before)
            }),
        }
    }
}

fn name(item: &RouteItem) -> String {
    item.backend.clone().unwrap_or_else(|| "no backend".to_owned())
}

fn route(item: &RouteItem) -> String {
    match &item.file {
        Some(file) => format!("{} in {file}", item.route),
        None => item.route.clone(),
    }
}

/// For people.
#[must_use]
pub fn text(answer: &RoutesAnswer, width: usize) -> String {
    let mut rows = Rows::default();
    match &answer.of {
        RoutesOf::Request(all) => {
            let request = answer.request.as_ref().map(ToString::to_string).unwrap_or_default();
            if all.is_empty() {
                rows.heading(WARNING, "no routes", &for_terminal(&format!(" in {}", answer.after)));
            }
            all.iter().for_each(|one| request_rows(one, &request, &mut rows));
        }
        RoutesOf::Edit(all) => {
            all.iter().for_each(|one| place_rows(one, &mut rows));
            let is_quiet = all.iter().all(|one| {
                one.changes.is_empty() && one.either.is_empty() && one.dead.is_empty() && one.not_computed.is_none()
            });
            if is_quiet && answer.notes.is_empty() {
                rows.heading(ALLOWED, "unchanged", ": each request is answered as before");
            }
        }
    }
    for (note, side) in &answer.notes {
        let what = if note.object.is_empty() { note.file.clone() } else { format!("{} in {}", note.object, note.file) };
        rows.heading(REFUSED, "not understood", &for_terminal(&format!(": {what}: {}", note.why)));
        let side = if *side == "both" { "before and after" } else { side };
        rows.row("tree", &format!("{side}; its routes are not in this answer"), None);
    }
    let trees = match &answer.before {
        Some(before) => format!("{before} and {}", answer.after),
        None => answer.after.clone(),
    };
    let done = if answer.before.is_some() { "compared" } else { "read" };
    rows.heading(QUIET, done, &for_terminal(&format!(" {trees}")));
    rows.into_text(width)
}

fn request_rows(one: &RequestAnswer, request: &str, rows: &mut Rows) {
    if let Some(why) = &one.not_computed {
        rows.heading(REFUSED, "not computed", &for_terminal(&format!(" at {}: {why}", one.place)));
        return;
    }
    let mut names: Vec<String> = one.after.iter().map(name).collect();
    names.dedup();
    let style = if names.len() == 1 && one.after.iter().all(|item| item.backend.is_some()) { ALLOWED } else { WARNING };
    rows.heading(style, &for_terminal(&names.join(" or ")), &for_terminal(&format!(" at {}", one.place)));
    rows.row("request", &for_terminal(request), None);
    one.after.iter().for_each(|item| rows.row("by", &for_terminal(&route(item)), None));
    if names.len() > 1 {
        rows.row("order", "the oldest object answers, but manifests have no creation times", None);
    }
    for item in one.before.iter().flatten() {
        rows.row("before", &for_terminal(&format!("{} by {}", name(item), route(item))), None);
    }
    for item in one.later.iter().take(5) {
        rows.row("after it", &for_terminal(&format!("{} by {}", name(item), route(item))), None);
    }
}

fn place_rows(one: &PlaceAnswer, rows: &mut Rows) {
    if let Some(why) = &one.not_computed {
        rows.heading(REFUSED, "not computed", &for_terminal(&format!(" at {}: {why}", one.place)));
        return;
    }
    for change in &one.changes {
        let style = if change.what == "new" { ALLOWED } else { REFUSED };
        let rest = format!(": {} -> {} at {}", name(&change.before), name(&change.after), one.place);
        rows.heading(style, change.what, &for_terminal(&rest));
        rows.row("request", &for_terminal(&change.request), None);
        rows.row("before", &for_terminal(&route(&change.before)), None);
        rows.row("after", &for_terminal(&route(&change.after)), None);
    }
    for either in &one.either {
        let (one_name, other) = (name(&either.one), name(&either.other));
        let was = if either.was_before { ", as before" } else { "" };
        rows.heading(WARNING, "either", &for_terminal(&format!(": {one_name} or {other} at {}{was}", one.place)));
        rows.row("request", &for_terminal(&either.request), None);
        rows.row("by", &for_terminal(&route(&either.one)), None);
        rows.row("or by", &for_terminal(&route(&either.other)), None);
        rows.row("order", "the oldest object answers, but manifests have no creation times", None);
    }
    for dead in &one.dead {
        rows.heading(WARNING, "never asked", &for_terminal(&format!(": {} at {}", name(dead), one.place)));
        rows.row("route", &for_terminal(&route(dead)), None);
    }
}

#[derive(Debug, Serialize)]
struct RoutesDocument<'a> {
    schema: &'static str,
    result: &'static str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    request: Option<String>,
    answers: Option<&'a [RequestAnswer]>,
    places: Option<&'a [PlaceAnswer]>,
    not_understood: Vec<NoteItem<'a>>,
    errors: Vec<ErrorItem>,
}

#[derive(Debug, Serialize)]
struct NoteItem<'a> {
    file: &'a str,
    object: Option<&'a str>,
    why: &'a str,
    tree: &'static str,
}

/// The same as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn json(answer: &RoutesAnswer) -> Result<String, JsonError> {
    let (answers, places) = match &answer.of {
        RoutesOf::Request(all) => (Some(all.as_slice()), None),
        RoutesOf::Edit(all) => (None, Some(all.as_slice())),
    };
    let note = |(note, tree): &(RouteNote, &'static str)| (note.clone(), *tree);
    let notes: Vec<(RouteNote, &'static str)> = answer.notes.iter().map(note).collect();
    line(&RoutesDocument {
        schema: SCHEMA,
        result: if answer.is_undecided() { "undecided" } else { "answered" },
        before: answer.before.as_deref(),
        after: Some(&answer.after),
        request: answer.request.as_ref().map(ToString::to_string),
        answers,
        places,
        not_understood: notes
            .iter()
            .map(|(note, tree)| NoteItem {
                file: &note.file,
                object: Some(note.object.as_str()).filter(|object| !object.is_empty()),
                why: &note.why,
                tree,
            })
            .collect(),
        errors: Vec::new(),
    })
}

/// That there is no answer, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&RoutesDocument {
        schema: SCHEMA,
        result: "undecided",
        before: None,
        after: None,
        request: None,
        answers: None,
        places: None,
        not_understood: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
    })
}
