//! Reads files of cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::Offset;
use toml::de::DeValue;

use crate::cases::{
    CaseClock, CaseCommand, CaseFile, CaseManifests, CaseOutcome, CasePlan, ExpectedResult, PolicyCase,
};
use crate::decision::FindingCode;
use crate::diagnostic::{Code, Collector, Diagnostic, Faults, FileId, Place, SourceFile, Sources};
use crate::policy::load::{self, ReadFault};
use crate::policy::read::{self, At, Section, Value};
use crate::reach::DeclaredNames;
use crate::time::instant::Instant;
use crate::time::names::nearest;
use crate::time::window::Absolute;
use crate::time::zone::{ClockReading, Zone};
use crate::time::zone_help::{ZoneHelp, zone_help};

/// The text with which the name of a file of cases ends.
pub const ENDING: &str = ".test.toml";

const ROOT_KEYS: [&str; 5] = ["version", "policy", "timezone", "default_branch", "cases"];

const CASE_KEYS: [&str; 18] = [
    "name",
    "at",
    "timezone",
    "environment",
    "region",
    "service",
    "kind",
    "duration",
    "paths",
    "command",
    "plan",
    "manifests",
    "manifests_before",
    "hazards",
    "ref",
    "decision",
    "findings",
    "next_open",
];

/// Every sort of table in a file of cases with the keys that it may have; `[]` stands for each item of a list.
#[must_use]
pub const fn keys() -> [(&'static str, &'static [&'static str]); 2] {
    [("", &ROOT_KEYS), ("cases[]", &CASE_KEYS)]
}

/// The beginning of the ids of findings outside of change windows, whose code is another word.
const CHANGE_WINDOW: &str = "change-window/";

/// The word for an instant that does not come within 400 days.
const NEVER: &str = "never";

/// Reads a file of cases; `path` is how people know it.
///
/// ```
/// use freezegate::time::instant::Instant;
///
/// let text = "version = 1\n[[cases]]\nname = \"Sunday\"\nat = 2025-07-06T12:00:00Z\nenvironment = \"production\"\ndecision = \"allowed\"\n";
/// let file = freezegate::cases::read::read("freezegate.test.toml", text.as_bytes().to_vec()).unwrap();
/// assert_eq!(file.cases[0].at, [Instant::from_second(1_751_803_200)]);
/// ```
///
/// # Errors
///
/// Everything that is wrong, at once.
pub fn read(path: &str, bytes: Vec<u8>) -> Result<CaseFile, Faults> {
    let text = match load::into_text(bytes) {
        Ok(text) => text,
        Err(ReadFault { cause, help }) => {
            let cause = format!("`{path}` {cause}");
            return Err(Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help(help)));
        }
    };
    let found = Collector::default();
    let file = FileId::nth(0);
    let (table, faults) = load::parse(&text, file);
    let read = if faults.is_empty() {
        let root = read::root(&table, file, "a file of cases", &ROOT_KEYS, &found);
        whole(&root)
    } else {
        None
    };
    drop(table);
    let mut sources = Sources::default();
    sources.add(SourceFile::new(path.to_owned(), text));
    let diagnostics: Vec<Diagnostic> = faults.into_iter().chain(found.into_sorted()).collect();
    match read {
        Some((policy, cases)) if diagnostics.is_empty() => Ok(CaseFile { sources, policy, cases }),
        Some(_) | None => Err(Faults { sources, diagnostics }),
    }
}

fn whole(root: &Section<'_, '_>) -> Option<(Option<String>, Vec<PolicyCase>)> {
    match root.get("version") {
        None => root.missing("version", "write `version = 1`"),
        Some(version) if version.get_ref().as_integer().is_none_or(|number| number.as_str() != "1") => root.error(
            Code::WrongVersion,
            root.at(&version.span()),
            "this program reads only case files of version 1",
            "write `version = 1`",
        ),
        Some(_) => {}
    }
    let policy = root.text("policy").map(|text| text.value.to_owned());
    let zone = FileZone {
        zone: root.text("timezone").and_then(|name| zone(root, name)),
        is_written: root.get("timezone").is_some(),
    };
    let branch = root.text("default_branch").map_or("main", |text| text.value);
    let sections: Vec<Section<'_, '_>> = root.sections("cases", "a case", &CASE_KEYS).collect();
    if sections.is_empty() {
        root.error(Code::MissingKey, root.place, "the file has no cases", "add one: `[[cases]]`");
    }
    let mut names: BTreeMap<String, Place> = BTreeMap::new();
    let cases: Vec<Option<PolicyCase>> = sections
        .iter()
        .map(|section| {
            let case = case(section, &zone, branch)?;
            let place = section.place_of("name");
            if let Some(first) = names.insert(case.name.clone(), place) {
                section.found.push(
                    Diagnostic::error(Code::DuplicateName, format!("there are two cases `{}`", case.name))
                        .at(place)
                        .related(first, "first here")
                        .help("give each its own name"),
                );
            }
            Some(case)
        })
        .collect();
    cases.into_iter().collect::<Option<Vec<_>>>().map(|cases| (policy, cases))
}

/// The `timezone` of a file of cases.
#[derive(Debug)]
struct FileZone {
    /// The zone; `None` if the file names none, or one that does not exist.
    zone: Option<Arc<Zone>>,
    /// True if the file has the key.
    is_written: bool,
}

/// The zone in which the instants of a case are read, if it has one.
#[derive(Debug, Clone, Copy)]
struct CaseZone<'z> {
    zone: Option<&'z Arc<Zone>>,
    /// True if the case or its file has a `timezone`; one that does not exist was reported already.
    is_written: bool,
}

fn case(section: &Section<'_, '_>, of_file: &FileZone, branch: &str) -> Option<PolicyCase> {
    let own_zone = section.text("timezone").and_then(|name| zone(section, name));
    let zone = match section.get("timezone") {
        Some(_) => CaseZone { zone: own_zone.as_ref(), is_written: true },
        None => CaseZone { zone: of_file.zone.as_ref(), is_written: of_file.is_written },
    };
    let name = section.text("name");
    if section.get("name").is_none() {
        section.missing("name", "say in a few words what the case shows");
    }
    let at = instants(section, zone);
    let mut names_at = Vec::new();
    let mut list = |key: &str, named: fn(Vec<String>) -> DeclaredNames| -> Vec<String> {
        section.string_or_strings(key).map_or_else(Vec::new, |list| {
            section.report_empty(key, &list, "name at least one, or remove the key");
            names_at.extend(list.items.iter().map(|item| (named(vec![item.value.to_owned()]), item.place)));
            list.items.iter().map(|item| item.value.to_owned()).collect()
        })
    };
    let names = DeclaredNames {
        environments: list("environment", |environments| DeclaredNames { environments, ..DeclaredNames::default() }),
        regions: list("region", |regions| DeclaredNames { regions, ..DeclaredNames::default() }),
        services: list("service", |services| DeclaredNames { services, ..DeclaredNames::default() }),
        kinds: list("kind", |kinds| DeclaredNames { kinds, ..DeclaredNames::default() }),
    };
    let hazards = section
        .filled_strings("hazards")
        .map_or_else(Vec::new, |list| list.items.iter().map(|name| name.value.to_owned()).collect());
    let paths = section.filled_strings("paths").map(|paths| {
        paths.items.iter().for_each(|path| check_path(section, *path));
        paths.items.iter().map(|path| path.value.to_owned()).collect::<Vec<String>>()
    });
    let command = command(section);
    let plan = section.text("plan").map(|path| plan(section, path));
    if plan.is_some() && section.get("hazards").is_some() {
        section.error(
            Code::Contradiction,
            section.place_of("hazards"),
            "`hazards` can't stand beside `plan`",
            "remove `hazards`: which ones there are, the plan shows itself",
        );
    }
    let manifests = manifests(section);
    let paths = if section.get("ref").is_some() { paths.or_else(|| Some(Vec::new())) } else { paths };
    if ["environment", "paths", "ref", "command"].iter().all(|key| section.get(key).is_none()) {
        section.missing(
            "paths",
            "say where the change goes: by `paths`, `ref`, `command`, `environment`, or several of them",
        );
    }
    let default = format!("refs/heads/{branch}");
    let reference = section.text("ref");
    if let Some(reference) = reference.filter(|reference| !reference.value.starts_with("refs/")) {
        section.error(
            Code::BadValue,
            reference.place,
            format!("`{}` is not a full name of a ref", reference.value),
            format!("write `refs/heads/{0}` for a branch, `refs/tags/{0}` for a tag", reference.value),
        );
    }
    let reference = reference.map_or_else(|| default.clone(), |reference| reference.value.to_owned());
    let is_default = reference == default;
    let expected = expected(section, zone);
    Some(PolicyCase {
        name: name?.value.to_owned(),
        place: section.place,
        at: at?,
        clock: clock(section, zone),
        names,
        names_at,
        duration: section.duration("duration"),
        paths,
        command,
        plan,
        manifests,
        hazards,
        reference: (reference, is_default),
        expected: expected?,
    })
}

fn expected(section: &Section<'_, '_>, zone: CaseZone<'_>) -> Option<ExpectedResult> {
    let known = CaseOutcome::ALL.map(CaseOutcome::as_str);
    let outcome = match section.text("decision") {
        None => {
            if section.get("decision").is_none() {
                section.missing("decision", format!("say what the decision must be: {}", words(&known)));
            }
            None
        }
        Some(written) => {
            let found = CaseOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == written.value);
            if found.is_none() {
                let help = nearest(written.value, known).map_or_else(
                    || format!("write one of {}", words(&known)),
                    |near| format!("did you mean `{near}`?"),
                );
                let cause = format!("`decision` can't be `{}`", written.value);
                section.error(Code::BadValue, written.place, cause, help);
            }
            found
        }
    };
    let findings = section.strings("findings").map(|list| {
        list.items.iter().for_each(|name| check_finding(section, *name));
        list.items.iter().map(|item| item.value.to_owned()).collect::<Vec<String>>()
    });
    let next_open = match section.get("next_open") {
        None => None,
        Some(value) if value.get_ref().as_str() == Some(NEVER) => Some(None),
        Some(value) => Some(Some(instant(section, "next_open", value, zone)?)),
    };
    Some(ExpectedResult { outcome: outcome?, findings, next_open })
}

/// The command of a case, unless its program has no name.
fn command(section: &Section<'_, '_>) -> Option<CaseCommand> {
    if let Some(line) = section.get("command").filter(|value| value.get_ref().is_str()) {
        section.error(
            Code::WrongType,
            section.at(&line.span()),
            "`command` of a case must be a list of strings, not a string",
            "write one item for each argument, such as `[\"kubectl\", \"apply\"]`",
        );
        return None;
    }
    let list = section.repeatable_strings("command")?;
    section.report_empty("command", &list, "name the program, or remove the key");
    let words: Vec<String> = list.items.iter().map(|word| word.value.to_owned()).collect();
    let first = list.items.first()?;
    if first.value.is_empty() {
        let help = "write it as it is started: `[\"kubectl\", \"apply\", \"-f\", \"app.yaml\"]`";
        section.error(Code::BadValue, first.place, "the program of `command` has no name", help);
    }
    Some(CaseCommand { words, place: list.place })
}

/// The plan of a case; a path that does not lead from the folder of the file is reported.
fn plan(section: &Section<'_, '_>, path: At<&str>) -> CasePlan {
    if path.value.is_empty() || path.value.starts_with('/') {
        section.error(
            Code::BadValue,
            path.place,
            format!("`plan` can't be `{}`", path.value),
            "write the path of a plan from the folder of this file: `plan.json`",
        );
    }
    CasePlan { path: path.value.to_owned(), place: path.place, plan: None }
}

/// The manifests of a case. What they show besides a plan, or without manifests that are named, is reported.
fn manifests(section: &Section<'_, '_>) -> Option<CaseManifests> {
    let before = section.text("manifests_before");
    let Some(after) = section.text("manifests") else {
        if before.is_some() {
            section.missing("manifests", "name the manifests that replace them: `manifests = \"after.yaml\"`");
        }
        return None;
    };
    for (key, path) in [("manifests", Some(after)), ("manifests_before", before)] {
        if let Some(path) = path.filter(|path| path.value.is_empty() || path.value.starts_with('/')) {
            section.error(
                Code::BadValue,
                path.place,
                format!("`{key}` can't be `{}`", path.value),
                "write the path of a file or a folder from the folder of this file: `after.yaml`",
            );
        }
    }
    for key in ["plan", "hazards"] {
        if section.get(key).is_some() {
            section.error(
                Code::Contradiction,
                section.place_of(key),
                format!("`{key}` can't stand beside `manifests`"),
                "write two cases, or remove one of them: which hazards there are, manifests show themselves",
            );
        }
    }
    let before = before.map(|path| path.value.to_owned());
    Some(CaseManifests { path: after.value.to_owned(), before, place: after.place, read: None })
}

/// Reports a path that no tree has: it would reach nothing, and the case would show nothing.
fn check_path(section: &Section<'_, '_>, path: At<&str>) {
    let is_stray = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.value.split('/').any(is_stray) {
        section.error(
            Code::BadValue,
            path.place,
            format!("`{}` is not the path of a file in a repository", path.value),
            "write it from the root of the repository: `deploy/production/app.yaml`",
        );
    }
}

/// Reports a finding id that does not begin with a known code.
fn check_finding(section: &Section<'_, '_>, name: At<&str>) {
    let codes = FindingCode::ALL.map(FindingCode::as_str);
    let head = name.value.split('/').next().unwrap_or_default();
    if codes.contains(&head) || name.value.starts_with(CHANGE_WINDOW) {
        return;
    }
    let help = nearest(head, codes)
        .map_or_else(|| format!("codes are {}", words(&codes)), |near| format!("did you mean `{near}`?"));
    section.error(Code::UnknownName, name.place, format!("there is no finding `{}`", name.value), help);
}

fn words(known: &[&str]) -> String {
    known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The clock in which a case is written: that of its zone, else of the first instant.
fn clock(section: &Section<'_, '_>, zone: CaseZone<'_>) -> CaseClock {
    let first = section.get("at").and_then(|at| at.get_ref().as_array().map_or(Some(at), |all| all.iter().next()));
    let minutes = match first.map(|at| at.get_ref()) {
        Some(DeValue::Datetime(toml::value::Datetime {
            offset: Some(toml::value::Offset::Custom { minutes }),
            ..
        })) => *minutes,
        _ => 0,
    };
    let of_instant = Offset::from_seconds(i32::from(minutes).saturating_mul(60)).unwrap_or(Offset::UTC);
    zone.zone.map_or(CaseClock::Offset(of_instant), |zone| CaseClock::Zone(Arc::clone(zone)))
}

/// The instants of a case: one, or a list of them.
fn instants(section: &Section<'_, '_>, zone: CaseZone<'_>) -> Option<Vec<Instant>> {
    let Some(value) = section.get("at") else {
        section.missing("at", "say when: `at = 2026-11-27T17:50:00+01:00`");
        return None;
    };
    let Some(array) = value.get_ref().as_array() else {
        return instant(section, "at", value, zone).map(|one| vec![one]);
    };
    if array.is_empty() {
        section.error(
            Code::EmptySet,
            section.at(&value.span()),
            "`at` of a case is an empty list",
            "name at least one instant",
        );
    }
    let all: Vec<Option<Instant>> = array.iter().map(|one| instant(section, "at", one, zone)).collect();
    all.into_iter().collect::<Option<Vec<Instant>>>().filter(|all| !all.is_empty())
}

/// A date with a time: with an offset, or read in the zone of the case.
fn instant(section: &Section<'_, '_>, key: &str, value: Value<'_, '_>, zone: CaseZone<'_>) -> Option<Instant> {
    let place = section.at(&value.span());
    let written = match value.get_ref() {
        DeValue::Datetime(written) => written,
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => {
            let more = if key == "next_open" { format!(", or \"{NEVER}\"") } else { String::new() };
            let help = format!("write `2026-11-27T17:50:00+01:00` without quotes{more}");
            section.error(Code::WrongType, place, format!("`{key}` of a case must be a date with a time{more}"), help);
            return None;
        }
    };
    let fault = |cause: String, help: String| {
        section.error(Code::InvalidTime, place, cause, help);
        None
    };
    let clock = match read::absolute(written) {
        Some(Absolute::Exact(instant)) => return Some(instant),
        Some(Absolute::Local(clock)) => clock,
        None => {
            let date = written.date.map_or_else(|| "2026-11-27".to_owned(), |date| date.to_string());
            return fault(format!("`{written}` is not a date with a time"), format!("write `{date}T17:50:00`"));
        }
    };
    let Some(zone) = zone.zone else {
        // one that does not exist has been reported
        if zone.is_written {
            return None;
        }
        let cause = format!("`{written}` has no offset, and no `timezone` says where it is read");
        return fault(cause, format!("add `timezone = \"Europe/Berlin\"`, or write `{written}+01:00`"));
    };
    let read = |reading| zone.instant(clock, reading);
    let (first, last) = match (read(ClockReading::First), read(ClockReading::Last)) {
        (Ok(first), Ok(last)) => (first, last),
        (Err(error), _) | (_, Err(error)) => {
            return fault(error.to_string(), "write an instant in the years 1 to 9000".to_owned());
        }
    };
    let with_offset = |second: Instant| -> String {
        zone.local(second).map_or_else(
            |_| format!("second {}", second.as_second()),
            |local| local.timestamp().display_with_offset(local.offset()).to_string(),
        )
    };
    if first != last {
        let help = format!("write which is meant: `{}` or `{}`", with_offset(first), with_offset(last));
        return fault(format!("`{written}` occurs twice in {}, where the clocks go back", zone.name()), help);
    }
    if zone.clock(first).is_ok_and(|read| read != clock) {
        let cause = format!("`{written}` does not occur in {}, where the clocks go forward", zone.name());
        return fault(cause, format!("they jump at `{}`: write that, or another time", with_offset(first)));
    }
    Some(first)
}

fn zone(section: &Section<'_, '_>, name: At<&str>) -> Option<Arc<Zone>> {
    let zone = Zone::named(name.value).map(Arc::new);
    if zone.is_none() {
        let ZoneHelp { cause, help } = zone_help(name.value);
        section.error(Code::UnknownZone, name.place, cause, help);
    }
    zone
}
