//! What paths and refs reach: for people, and for machines as `freezegate/where/v1`.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Sources};
use crate::escape::for_terminal;
use crate::reach::whereabouts::{ReachedHere, Whereabouts};
use crate::report::environment_in;
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line};
use crate::report::lint::against::kind_names;
use crate::report::rows::{ALLOWED, QUIET, Rows, WARNING, glued};
use crate::shell::shell_word;

/// The name of the contract for machines.
pub const SCHEMA: &str = "freezegate/where/v1";

/// A path or ref that is asked about, for people, and what it reaches.
#[derive(Debug)]
pub struct AskedPlace {
    /// The path, the folder or the ref.
    pub asked: String,
    /// The sort of what is asked about.
    pub what: WhatIsAsked,
    /// The places that it reaches.
    pub found: Whereabouts,
    /// True if it is a path at which there is nothing, tracked or not.
    pub is_missing: bool,
    /// True if it is a file of the policy: then an edit of it is judged by what it opens.
    pub is_policy: bool,
    /// The full name of a branch or tag, if a path that does not exist is called like one.
    pub ref_name: Option<String>,
    /// True if a path that does not exist is called like an environment.
    pub is_environment: bool,
}

/// The path or ref that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatIsAsked {
    /// A file, tracked or not.
    Path,
    /// All tracked files below it.
    Folder,
    /// A ref, by its full name.
    Ref,
}

impl WhatIsAsked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Folder => "folder",
            Self::Ref => "ref",
        }
    }
}

/// For people: what each reaches, and by which line of the policy. `asks_for_ref` says that a ref was not named, and could say more.
#[must_use]
pub fn text(all: &[AskedPlace], sources: &Sources, asks_for_ref: bool, width: usize) -> String {
    let mut rows = Rows::default();
    for one in all {
        let style = if one.found.reached.is_empty() { WARNING } else { ALLOWED };
        let count = match one.what {
            WhatIsAsked::Folder => format!(": {}", counted(one.found.files)),
            WhatIsAsked::Path if one.is_missing => ": no such file".to_owned(),
            WhatIsAsked::Path | WhatIsAsked::Ref => String::new(),
        };
        rows.heading(style, &for_terminal(&one.asked), &count);
        for (here, regions) in merged(&one.found.reached) {
            let mut words = vec![environment_in(&here.environment, &regions)];
            words.extend(here.service.as_ref().map(|service| format!("service {}", service.name)));
            words.extend(kind_names(here.kinds).into_iter().map(|kind| format!("kind {kind}")));
            match (one.what, &here.example) {
                (WhatIsAsked::Folder, Some(example)) => {
                    words.push(format!("{}, such as {example}", counted(here.files)));
                }
                (WhatIsAsked::Ref, _) if here.asks_for_path => {
                    words.push("if the change touches paths of this target".to_owned())
                }
                (WhatIsAsked::Folder | WhatIsAsked::Path | WhatIsAsked::Ref, _) => {}
            }
            rows.row("reaches", &for_terminal(&words.join(", ")), Some(&sources.cite(here.target)));
        }
        let mut owners: Vec<String> = Vec::new();
        for environment in one.found.reached.iter().map(|here| &here.environment) {
            let of_one = environment.owner.as_ref().map(|owner| format!("{}: {owner}", environment.name));
            owners.extend(of_one.filter(|text| !owners.contains(text)));
        }
        owners.iter().for_each(|owner| rows.row("owner", &for_terminal(owner), None));
        let nothing = match (one.what, &one.found.missed_example) {
            (WhatIsAsked::Folder, None) if one.found.files == 0 => Some("nothing: no tracked file is here".to_owned()),
            (WhatIsAsked::Folder, Some(example)) => {
                Some(format!("no environment, {}, such as {example}", counted(one.found.missed)))
            }
            (WhatIsAsked::Folder | WhatIsAsked::Path | WhatIsAsked::Ref, _) => {
                is_free(one).then(|| "no environment".to_owned())
            }
        };
        if let Some(nothing) = nothing {
            rows.row("reaches", &for_terminal(&nothing), None);
        }
        if let Some(name) = &one.ref_name {
            let word = shell_word(name);
            rows.row("see", &format!("there is no such path; for the ref: `freezegate where {word}`"), None);
        }
        if one.is_environment {
            let check = glued(&format!("freezegate check {}", shell_word(&one.asked)));
            rows.row("see", &format!("there is no such path; for the environment: `{check}`"), None);
        }
        for place in &one.found.left_out {
            rows.row("left out", "by `except`", Some(&sources.cite(*place)));
        }
        for unknown in &one.found.unknown {
            let what = unknown.what.as_ref().map_or_else(String::new, |what| format!(" ({what})"));
            let text = format!("at any hour: {}{what}", unknown.message);
            rows.row("refused", &for_terminal(&text), Some(&sources.cite(unknown.place)));
        }
        if one.is_policy {
            rows.row("judged", "by what the edit of the policy opens", None);
        }
    }
    if asks_for_ref {
        rows.heading(QUIET, "note: ", "some targets need a ref; name it with `--ref NAME`");
    }
    rows.into_text(width)
}

/// Returns whether nothing that is asked about reaches anything, or is refused for where it lies.
fn is_free(one: &AskedPlace) -> bool {
    one.found.reached.is_empty() && one.found.unknown.is_empty()
}

/// Those that differ in the region alone, as one.
fn merged(all: &[ReachedHere]) -> Vec<(&ReachedHere, Vec<&str>)> {
    let mut merged: Vec<(&ReachedHere, Vec<&str>)> = Vec::new();
    for here in all {
        let region = here.region.as_ref().map(|region| region.name.as_str());
        let alike = |other: &&mut (&ReachedHere, Vec<&str>)| is_alike(other.0, here);
        match merged.iter_mut().find(alike) {
            Some((_, regions)) => regions.extend(region),
            None => merged.push((here, region.into_iter().collect())),
        }
    }
    merged
}

fn is_alike(one: &ReachedHere, other: &ReachedHere) -> bool {
    let service = |here: &ReachedHere| here.service.as_ref().map(|service| service.name.clone());
    one.environment.name == other.environment.name
        && (one.target, one.asks_for_path, one.kinds, one.files)
            == (other.target, other.asks_for_path, other.kinds, other.files)
        && service(one) == service(other)
        && one.example == other.example
}

fn counted(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

#[derive(Debug, Serialize)]
struct WhereaboutsDocument {
    schema: &'static str,
    result: &'static str,
    asked: Vec<WhereaboutsItem>,
    errors: Vec<ErrorItem>,
    policy: Vec<FileItem>,
}

#[derive(Debug, Serialize)]
struct WhereaboutsItem {
    asked: String,
    what: &'static str,
    files: u64,
    missed: u64,
    missed_example: Option<String>,
    refused: u64,
    is_policy: bool,
    reached: Vec<HereItem>,
    left_out: Vec<String>,
    unknown: Vec<UnknownItem>,
}

#[derive(Debug, Serialize)]
struct HereItem {
    environment: String,
    region: Option<String>,
    service: Option<String>,
    kinds: Vec<&'static str>,
    asks_for_path: bool,
    files: u64,
    example: Option<String>,
    policy: String,
}

#[derive(Debug, Serialize)]
struct UnknownItem {
    message: String,
    what: Option<String>,
    policy: String,
}

/// The same as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn json(all: &[AskedPlace], sources: &Sources) -> Result<String, JsonError> {
    line(&WhereaboutsDocument {
        schema: SCHEMA,
        result: "answered",
        asked: all.iter().map(|one| asked_item(one, sources)).collect(),
        errors: Vec::new(),
        policy: files(sources),
    })
}

/// That there is no answer, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&WhereaboutsDocument {
        schema: SCHEMA,
        result: "undecided",
        asked: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: files(sources),
    })
}

fn asked_item(one: &AskedPlace, sources: &Sources) -> WhereaboutsItem {
    let here = |here: &ReachedHere| HereItem {
        environment: here.environment.name.clone(),
        region: here.region.as_ref().map(|region| region.name.clone()),
        service: here.service.as_ref().map(|service| service.name.clone()),
        kinds: kind_names(here.kinds),
        asks_for_path: here.asks_for_path,
        files: here.files,
        example: here.example.clone(),
        policy: sources.cite(here.target),
    };
    let found = &one.found;
    WhereaboutsItem {
        asked: one.asked.clone(),
        what: one.what.as_str(),
        files: found.files,
        missed: found.missed,
        missed_example: found.missed_example.clone(),
        refused: found.refused,
        is_policy: one.is_policy,
        reached: found.reached.iter().map(here).collect(),
        left_out: found.left_out.iter().map(|place| sources.cite(*place)).collect(),
        unknown: found
            .unknown
            .iter()
            .map(|unknown| UnknownItem {
                message: unknown.message.clone(),
                what: unknown.what.clone(),
                policy: sources.cite(unknown.place),
            })
            .collect(),
    }
}
