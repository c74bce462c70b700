//! Hazards.

use std::sync::Arc;

use crate::diagnostic::{Code, listed};
use crate::fact::PlannedAction;
use crate::policy::check::context::Context;
use crate::policy::check::names::Names;
use crate::policy::check::values::level;
use crate::policy::hazard::{Hazard, NameGlob};
use crate::policy::kind::Level;
use crate::policy::read::{At, List, Section};
use crate::time::names::nearest;
use crate::time::seconds::Seconds;

pub(super) const KEYS: [&str; 7] = ["resources", "attributes", "actions", "settle", "level", "reason", "source"];

pub(super) fn hazards(context: &Context<'_>, roots: &[Section<'_, '_>]) -> Names<Hazard> {
    let mut names = Names::new("hazard");
    for (name, section) in roots.iter().flat_map(|root| root.named("hazards", "a hazard", &KEYS)) {
        let hazard = hazard(name, &section).map(Arc::new);
        names.define(name, hazard, context.found);
    }
    names
}

fn hazard(name: At<&str>, section: &Section<'_, '_>) -> Option<Hazard> {
    if section.get("resources").is_none() {
        section.missing("resources", "list the resource types: `resources = [\"aws_dynamodb_table\"]`");
    }
    let resources = section.filled_strings("resources").map(|list| globs(section, "resources", &list));
    let attributes = section.filled_strings("attributes").map(|list| globs(section, "attributes", &list));
    let actions = match section.filled_strings("actions") {
        Some(list) => actions(section, &list),
        None => PlannedAction::HARMFUL.to_vec(),
    };
    let level = match section.get("level") {
        None => Some(Level::Hard),
        Some(_) => level(section, "level", &Level::ALL),
    };
    if let (Some(attributes), [PlannedAction::Invoke]) = (section.get("attributes"), actions.as_slice()) {
        section.error(
            Code::Contradiction,
            section.at(&attributes.span()),
            "`attributes` can't stand beside `actions = [\"invoke\"]`, which have none",
            "remove `attributes`, or add the actions of resources, such as `update`",
        );
    }
    let text = |key: &str| section.text(key).map(|text| text.value.to_owned());
    let (settle, reason, source) =
        (section.duration("settle").unwrap_or(Seconds::ZERO), text("reason"), text("source"));
    Some(Hazard {
        name: name.value.to_owned(),
        place: section.place,
        resources: resources?,
        attributes: attributes.unwrap_or_default(),
        actions,
        settle,
        level: level?,
        reason,
        source,
    })
}

fn globs(section: &Section<'_, '_>, key: &str, list: &List<&str>) -> Vec<NameGlob> {
    let read = |text: &At<&str>| {
        let glob = NameGlob::new(text.value);
        if glob.is_none() {
            let help = if text.value.contains(['.', '[', '"']) {
                "write a resource type or a top-level attribute, such as `aws_db_instance`; addresses and nested attributes are not possible"
            } else {
                "use ASCII letters, digits, `_` and `-`; `*` stands for any text"
            };
            let cause = format!("`{}` in `{key}` can never match", text.value);
            section.error(Code::BadPattern, text.place, cause, help);
        }
        glob
    };
    list.items.iter().filter_map(read).collect()
}

fn actions(section: &Section<'_, '_>, list: &List<&str>) -> Vec<PlannedAction> {
    let mut actions = Vec::new();
    for text in &list.items {
        match PlannedAction::named(text.value) {
            Some(action) => actions.push(action),
            None => {
                let known = PlannedAction::ALL.map(PlannedAction::as_str);
                let help = nearest(text.value, known).map_or_else(
                    || format!("write one of {}", listed(known)),
                    |near| format!("did you mean `{near}`?"),
                );
                section.error(Code::UnknownName, text.place, format!("there is no action `{}`", text.value), help);
            }
        }
    }
    actions.sort_unstable();
    actions
}
