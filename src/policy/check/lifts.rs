//! Approvers, their groups and roster, and the lifts that they may give.

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::check::{Context, beside, check_name, level};
use crate::policy::kind::Level;
use crate::policy::load::Document;
use crate::policy::read::Section;
use crate::policy::roster::Roster;
use crate::policy::{Approvers, Group, Lift, Signers};
use crate::time::names::nearest;

const APPROVER_KEYS: [&str; 2] = ["allowed_signers", "groups"];
const LIFT_KEYS: [&str; 5] = ["level", "signed", "incident", "requester", "max_duration"];

/// The word that stands for the whole roster.
const ANY: &str = "any";

pub(super) fn approvers(
    context: &Context<'_>,
    documents: &[&Document<'_>],
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
            let path = beside(document, path, context.found)?;
            match context.files.read(&path) {
                Err(fault) => {
                    section.error(Code::BadRoster, place, format!("the roster `{path}` {}", fault.cause), fault.help);
                    None
                }
                Ok(bytes) => match Roster::read(&path, &bytes) {
                    Ok(roster) => Some(roster),
                    Err(faults) => {
                        for fault in faults {
                            let cause = format!("line {} of the roster `{path}`: {}", fault.line, fault.cause);
                            section.error(Code::BadRoster, place, cause, fault.help);
                        }
                        None
                    }
                },
            }
        });
        let groups = groups(&section, roster.as_ref());
        first = Some(Approvers { place: section.place, roster, groups });
    }
    first
}

fn groups(section: &Section<'_, '_>, roster: Option<&Roster>) -> Vec<Group> {
    let mut groups = Vec::new();
    for (name, value) in section.entries("groups") {
        check_name(name, "group", section.found);
        if name.value == ANY {
            section.error(
                Code::BadName,
                name.place,
                "`any` stands for the whole roster, so no group can be named so",
                "choose another name",
            );
        }
        let Some(members) = section.strings_of(name.value, value) else {
            continue;
        };
        if members.is_empty() {
            let place = section.at(&value.span());
            section.error(
                Code::EmptySet,
                place,
                format!("the group `{}` has no members", name.value),
                "name at least one",
            );
        }
        for member in &members {
            if let Some(roster) = roster
                && !roster.contains(member.value)
            {
                let help = nearest(member.value, roster.principals()).map_or_else(
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
            members: members.into_iter().map(|member| member.value.to_owned()).collect(),
        });
    }
    if !groups.is_empty() && section.get("allowed_signers").is_none() {
        section.missing("allowed_signers", "name the roster: OpenSSH's file of allowed signers, beside the policy");
    }
    groups
}

pub(super) fn lifts(context: &Context<'_>, roots: &[Section<'_, '_>], approvers: Option<&Approvers>) -> Vec<Lift> {
    roots
        .iter()
        .flat_map(|root| root.list("lifts", "a lift", &LIFT_KEYS))
        .filter_map(|section| lift(context, &section, approvers))
        .collect()
}

fn lift(context: &Context<'_>, section: &Section<'_, '_>, approvers: Option<&Approvers>) -> Option<Lift> {
    for (key, help) in [
        ("level", "write `level = \"hard\"` or `level = \"soft\"`"),
        ("signed", "name groups, `\"any\"`, or `[]` for none"),
    ] {
        if section.get(key).is_none() {
            section.missing(key, help);
        }
    }
    let level = level(section, "level", &[Level::Soft, Level::Hard]);
    let incident = section.boolean("incident").unwrap_or(false);
    let list = section.strings("signed")?;
    let mut signed = Vec::new();
    for name in &list.value {
        if name.value == ANY {
            signed.push(Signers::Any);
            continue;
        }
        match approvers.and_then(|approvers| approvers.groups.iter().find(|group| group.name == name.value)) {
            Some(group) => signed.push(Signers::Group(group.name.clone())),
            None => {
                let known = || {
                    approvers.into_iter().flat_map(|approvers| approvers.groups.iter().map(|group| group.name.as_str()))
                };
                let help = nearest(name.value, known().chain([ANY])).map_or_else(
                    || "define it in `[approvers] groups`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                section.error(Code::UnknownName, name.place, format!("there is no group `{}`", name.value), help);
            }
        }
    }
    if approvers.is_none_or(|approvers| approvers.roster.is_none())
        && signed.contains(&Signers::Any)
        && context.found.is_empty()
    {
        section.error(
            Code::EmptySet,
            list.place,
            "the policy has no roster, so nobody can sign",
            "add `[approvers] allowed_signers`",
        );
    }
    if list.value.is_empty() && !incident {
        section.error(
            Code::Contradiction,
            list.place,
            "a lift that asks for nothing",
            "ask for signatures, or for an incident: `incident = true`",
        );
    }
    if let Some(approvers) = approvers
        && !can_be_met(&signed, approvers)
    {
        section.error(
            Code::EmptySet,
            list.place,
            "there are not enough persons for one signature each",
            "signatures come from different persons: add members, or ask for fewer",
        );
    }
    Some(Lift {
        place: section.place,
        level: level?,
        signed,
        incident,
        requester: section.boolean("requester").unwrap_or(false),
        max_duration: section.duration("max_duration"),
    })
}

/// Whether each of `signed` can be given by another person (a matching, grown by augmenting paths).
fn can_be_met(signed: &[Signers], approvers: &Approvers) -> bool {
    let Some(roster) = &approvers.roster else {
        return true;
    };
    let everyone: Vec<&str> = roster.principals().collect();
    let choices: Vec<Vec<&str>> = signed
        .iter()
        .map(|signers| match signers {
            Signers::Any => everyone.clone(),
            Signers::Group(name) => approvers
                .groups
                .iter()
                .filter(|group| group.name == *name)
                .flat_map(|group| group.members.iter().map(String::as_str))
                .collect(),
        })
        .collect();
    crate::policy::roster::distinct_persons(&choices).is_some()
}
