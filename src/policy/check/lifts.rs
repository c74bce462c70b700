//! Approvers, their groups and roster, and the lifts that they may give.

use std::collections::HashSet;

use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::policy::check::context::Context;
use crate::policy::check::names::{Names, check_name};
use crate::policy::check::values::level;
use crate::policy::document::PolicyDocument;
use crate::policy::document::beside;
use crate::policy::kind::Level;
use crate::policy::read::{At, Section, WantedType};
use crate::policy::roster::Roster;
use crate::policy::signing::{can_be_met, one_person_twice};
use crate::policy::{Approvers, Group, Hazard, Lift, LiftedFindings, MOST_SIGNATURES, Signers};
use crate::time::names::nearest;
use crate::time::seconds::Seconds;

const ROSTER: &str = "a roster has one line for each approver, such as `ada@example.com \
                      namespaces=\"freezegate-grant\" ssh-ed25519 AAAA…`, with the text of their `.pub` file after the address";

pub(super) const APPROVER_KEYS: [&str; 2] = ["allowed_signers", "groups"];
pub(super) const LIFT_KEYS: [&str; 8] =
    ["level", "finding", "hazards", "signed", "incident", "requester", "author", "max_duration"];

/// The finding that a lift may name.
const POLICY_CHANGE: &str = "policy-change";

/// The word that stands for the whole roster.
const ANY: &str = "any";

pub(super) fn approvers(
    context: &Context<'_>,
    documents: &[&PolicyDocument<'_>],
    roots: &[Section<'_, '_>],
) -> Option<Approvers> {
    let mut first: Option<Approvers> = None;
    for (document, root) in documents.iter().zip(roots) {
        let Some(section) = root.table("approvers", "the approvers table", &APPROVER_KEYS) else {
            continue;
        };
        if let Some(first) = &first {
            context.found.push(
                Diagnostic::error(Code::DuplicateName, "`[approvers]` is defined twice")
                    .at(section.place)
                    .related(first.place, "first here")
                    .help("keep it in one file"),
            );
            continue;
        }
        let roster = section.text("allowed_signers").and_then(|path| {
            let place = path.place;
            let path = beside(document, path, Code::BadRoster, context.found)?;
            match context.files.of(document).read(&path) {
                Err(fault) => {
                    let help = format!("{}; {ROSTER}", fault.help);
                    section.error(Code::BadRoster, place, format!("the roster `{path}` {}", fault.cause), help);
                    None
                }
                Ok(bytes) => match Roster::read(&path, &bytes) {
                    Ok(roster) => Some(roster),
                    Err(faults) => {
                        for fault in faults {
                            let line = fault.line.map_or_else(String::new, |line| format!("line {line} of "));
                            let cause = format!("{line}the roster `{path}`: {}", fault.cause);
                            section.error(Code::BadRoster, place, cause, fault.help);
                        }
                        None
                    }
                },
            }
        });
        if section.get("allowed_signers").is_none() {
            let help = "name the roster, OpenSSH's file of allowed signers beside the policy";
            section.missing("allowed_signers", format!("{help}: `allowed_signers = \"approvers.allowed_signers\"`"));
        }
        let groups = groups(&section, roster.as_ref());
        first = Some(Approvers { place: section.place, roster, groups });
    }
    first
}

fn groups(section: &Section<'_, '_>, roster: Option<&Roster>) -> Vec<Group> {
    let mut groups = Vec::new();
    let known: Option<HashSet<&str>> = roster.map(|roster| roster.principals().collect());
    for (name, value) in section.entries("groups") {
        check_name(name, "group", section.found);
        if name.value == ANY {
            section.error(
                Code::BadName,
                name.place,
                "`any` stands for the whole roster, so no group can have this name",
                "choose another name",
            );
        }
        let Some(members) = section.strings_of(&format!("groups.{}", name.value), value, WantedType::Strings) else {
            continue;
        };
        if members.is_empty {
            let cause = format!("the group `{}` has no members", name.value);
            section.error(Code::EmptySet, members.place, cause, "name at least one");
        }
        for member in &members.items {
            if let (Some(roster), Some(known)) = (roster, &known)
                && !known.contains(member.value)
            {
                let near = if section.found.has_enough() { None } else { near_principal(member.value, roster) };
                let help = near.map_or_else(
                    || format!("add a line for it to `{}`", roster.path()),
                    |near| format!("did you mean `{near}`?"),
                );
                section.error(
                    Code::UnknownName,
                    member.place,
                    format!("`{}` is not in the roster", member.value),
                    help,
                );
            }
        }
        groups.push(Group {
            name: name.value.to_owned(),
            place: name.place,
            members: members.items.into_iter().map(|member| member.value.to_owned()).collect(),
        });
    }
    groups
}

/// The principal most like `written`. A domain that all of them share makes none alike.
fn near_principal<'r>(written: &str, roster: &'r Roster) -> Option<&'r str> {
    let Some((_, domain)) = written.split_once('@') else {
        return nearest(written, roster.principals());
    };
    let person = |principal: &'r str| principal.strip_suffix(domain)?.strip_suffix('@');
    let colleague = nearest(written.split('@').next()?, roster.principals().filter_map(person));
    match colleague {
        Some(near) => roster.principals().find(|principal| person(principal) == Some(near)),
        None => nearest(written, roster.principals().filter(|principal| person(principal).is_none())),
    }
}

pub(super) fn lifts(
    roots: &[Section<'_, '_>],
    approvers: Option<&Approvers>,
    hazards: &Names<Hazard>,
    found: &Collector,
) -> Vec<Lift> {
    let is_written = roots.iter().any(|root| root.get("approvers").is_some());
    roots
        .iter()
        .flat_map(|root| root.sections("lifts", "an entry of `[[lifts]]`", &LIFT_KEYS))
        .filter_map(|section| lift(&section, approvers, is_written, (hazards, found)))
        .collect()
}

/// A lift; `is_written` says whether the policy has approvers, be they right or not.
fn lift(
    section: &Section<'_, '_>,
    approvers: Option<&Approvers>,
    is_written: bool,
    hazards: (&Names<Hazard>, &Collector),
) -> Option<Lift> {
    if section.get("signed").is_none() {
        section.missing("signed", "name groups, `\"any\"`, or `[]` for none");
    }
    let covers = covers(section, hazards);
    let incident = section.boolean("incident");
    // the same group twice asks for two of its members
    let list = section.repeatable_strings("signed")?;
    let mut signed = Vec::new();
    for name in &list.items {
        if name.value == ANY {
            signed.push(Signers::Any);
            continue;
        }
        match approvers.and_then(|approvers| approvers.groups.iter().find(|group| group.name == name.value)) {
            Some(group) => signed.push(Signers::Group(group.name.clone())),
            None => report_group(section, *name, approvers),
        }
    }
    // where there are approvers without a roster, that is reported there
    if signed.contains(&Signers::Any) && !is_written {
        section.error(
            Code::EmptySet,
            list.place,
            "`[approvers]` names no roster, so nobody can sign",
            "add `[approvers]` with `allowed_signers = \"approvers.allowed_signers\"`",
        );
    }
    let asks_for_incident = section.get("incident").is_some() && incident != Some(false);
    if list.is_empty && !asks_for_incident {
        section.error(
            Code::Contradiction,
            list.place,
            "this `[[lifts]]` entry requires nothing",
            "ask for signatures, or for an incident: `incident = true`",
        );
    }
    if list.is_empty && covers == Some(LiftedFindings::PolicyChange) {
        section.error(
            Code::Contradiction,
            list.place,
            "an override of policy edits needs a signature",
            "name groups or `\"any\"`: an incident alone changes no policy",
        );
    }
    let author = section.boolean("author");
    if author == Some(true) && (incident == Some(false) || section.get("incident").is_none()) {
        section.error(
            Code::Contradiction,
            section.place_of("author"),
            "`author = true` without `incident = true`",
            "authors may sign only during an incident: add `incident = true`, or remove `author`",
        );
    }
    if list.items.len() > MOST_SIGNATURES {
        section.error(
            Code::BadValue,
            list.place,
            format!(
                "a `[[lifts]]` entry asks for {} signatures, and a grant holds {MOST_SIGNATURES} at most",
                list.items.len()
            ),
            "ask for fewer",
        );
    } else if let Some(approvers) = approvers
        && !can_be_met(&signed, approvers, &|_| true)
    {
        section.error(
            Code::EmptySet,
            list.place,
            "there are not enough people for one signature each",
            one_person_twice(&signed, approvers).map_or_else(
                || "signatures come from different people: add members, or ask for fewer".to_owned(),
                |(one, other)| {
                    format!("`{one}` and `{other}` count as one person, who signs once: add members, or ask for fewer")
                },
            ),
        );
    }
    Some(Lift {
        place: section.place,
        covers: covers?,
        signed,
        incident: incident.unwrap_or(false),
        requester: section.boolean("requester").unwrap_or(false),
        author: author.unwrap_or(false),
        max_duration: max_duration(section),
    })
}

/// The shortest `max_duration`: nobody signs and uses a grant in less, and with none that can be used nobody could take the entry back.
const LEAST_DURATION: Seconds = Seconds::new(5 * 60);

/// Returns for how long a grant may last at most.
fn max_duration(section: &Section<'_, '_>) -> Option<Seconds> {
    let longest = section.duration("max_duration")?;
    if longest < LEAST_DURATION {
        let cause = "`max_duration` is shorter than 5 minutes, so no grant could be used in time";
        section.error(Code::BadDuration, section.place_of("max_duration"), cause, "write `30m` or `1h`");
        return None;
    }
    Some(longest)
}

/// Returns what a lift is for: findings of a level, those of them that hazards cause, or those that its one `finding` names.
fn covers(section: &Section<'_, '_>, (known, found): (&Names<Hazard>, &Collector)) -> Option<LiftedFindings> {
    let finding = section.text("finding");
    let is_named = section.get("finding").is_some();
    match (section.get("level").is_some(), is_named) {
        (false, false) => section.missing("level", "write `level = \"hard\"` or `level = \"soft\"`"),
        (true, true) => section.error(
            Code::Contradiction,
            section.place_of("finding"),
            "this `[[lifts]]` entry has both `level` and `finding`",
            "keep one: `finding = \"policy-change\"` covers every level",
        ),
        (true, false) | (false, true) => {}
    }
    if is_named && section.get("hazards").is_some() {
        section.error(
            Code::Contradiction,
            section.place_of("hazards"),
            "this `[[lifts]]` entry has both `hazards` and `finding`",
            "keep one: `hazards` belongs to `level`",
        );
    }
    let level = level(section, "level", &[Level::Soft, Level::Hard]);
    let hazards = section.filled_strings("hazards").map(|list| known.resolve_all(&list.items, found));
    match finding {
        Some(_) if section.get("level").is_some() => None,
        None if is_named => None,
        None if section.get("hazards").is_none() => level.map(LiftedFindings::Level),
        None => {
            let mut names: Vec<String> = hazards?.complete()?.iter().map(|hazard| hazard.name.clone()).collect();
            names.sort_unstable();
            Some(LiftedFindings::Hazards(level?, names))
        }
        Some(name) if name.value == POLICY_CHANGE => Some(LiftedFindings::PolicyChange),
        Some(name) => {
            let cause = format!("a `[[lifts]]` entry can't be for the finding `{}` alone", name.value);
            section.error(Code::BadValue, name.place, cause, "write `finding = \"policy-change\"`, or `level`");
            None
        }
    }
}

/// Reports that `name` is no group.
fn report_group(section: &Section<'_, '_>, name: At<&str>, approvers: Option<&Approvers>) {
    let groups = approvers.map_or(&[][..], |approvers| approvers.groups.as_slice());
    let roster = approvers.and_then(|approvers| approvers.roster.as_ref());
    let (cause, help) = if roster.is_some_and(|roster| roster.contains(name.value)) {
        (
            format!("`{}` is a person, not a group", name.value),
            format!("make a group of one: `[approvers.groups]` with `NAME = [\"{}\"]`", name.value),
        )
    } else {
        let known = groups.iter().map(|group| group.name.as_str()).chain([ANY]);
        let near = if section.found.has_enough() { None } else { nearest(name.value, known) };
        let help = near
            .map_or_else(|| "define it in `[approvers.groups]`".to_owned(), |near| format!("did you mean `{near}`?"));
        (format!("there is no group `{}`", name.value), help)
    };
    section.error(Code::UnknownName, name.place, cause, help);
}
