//! An organisation's policy beneath a repository's: which definitions count, before anything of them is read.

use std::collections::BTreeMap;

use toml::de::{DeArray, DeTable, DeValue};

use crate::diagnostic::{Code, Collector, Diagnostic, Place, SourceLayer};
use crate::policy::document::PolicyDocument;
use crate::policy::organisation::{DefinitionsOf, PassedOver};

/// The tables that hold definitions by name, each with what a definition is called.
const NAMED: [(&str, &str); 5] = [
    ("calendars", "calendar"),
    ("regions", "region"),
    ("environments", "environment"),
    ("services", "service"),
    ("hazards", "hazard"),
];

/// The list of freezes, which have names too.
const FREEZES: &str = "freezes";

/// The tables that stand once in a policy.
const ONCE: [&str; 2] = ["help", "routes"];

/// The keys that open something, and so are the organisation's to set.
const OPENS: [&str; 3] = ["approvers", "lifts", "rollback"];

/// A key at the top, and a name below it; empty for a table that stands once.
type Defined = (&'static str, String);

/// Takes out of `documents` what does not count, and returns what that is of the repository's.
pub(super) fn settle(
    documents: &mut [PolicyDocument<'_>],
    definitions: DefinitionsOf,
    found: &Collector,
) -> Vec<PassedOver> {
    without_own_table(documents, found);
    let of_organisation = defined(documents, SourceLayer::Organisation);
    let of_repository = defined(documents, SourceLayer::Repository);
    let mut passed_over: Vec<PassedOver> = Vec::new();
    for (defined, place) in &of_repository {
        let (key, name) = defined;
        let what = match NAMED.iter().find(|(table, _)| table == key) {
            Some((_, noun)) => format!("the {noun} `{name}`"),
            None if *key == FREEZES => format!("the freeze `{name}`"),
            None => format!("`[{key}]`"),
        };
        if let Some(by) = of_organisation.get(defined) {
            let has_rollout = *key == "environments" && has_rollout(documents, name);
            passed_over.push(PassedOver { what, place: *place, by: Some(*by), has_rollout });
        }
    }
    let loser = match definitions {
        DefinitionsOf::Organisation => SourceLayer::Repository,
        DefinitionsOf::Repository => SourceLayer::Organisation,
    };
    let is_defined_twice = |key: &'static str, name: &str| {
        let defined = (key, name.to_owned());
        of_organisation.contains_key(&defined) && of_repository.contains_key(&defined)
    };
    for document in documents.iter_mut().filter(|document| document.layer == loser) {
        take_out(document.table.get_mut(), &is_defined_twice);
    }
    for document in documents.iter_mut().filter(|document| document.layer == SourceLayer::Repository) {
        for key in OPENS {
            let Some(entry) = document.table.get_ref().get_key_value(key) else {
                continue;
            };
            let place = Place::new(document.file, &entry.0.span());
            let what = if key == "lifts" { "`[[lifts]]`".to_owned() } else { format!("`[{key}]`") };
            passed_over.push(PassedOver { what, place, by: None, has_rollout: false });
            document.table.get_mut().remove(key);
        }
    }
    passed_over.sort_by_key(|one| (one.place.file, one.place.start));
    passed_over
}

/// Reports `[organisation]` of a repository's own policy, and takes it out.
fn without_own_table(documents: &mut [PolicyDocument<'_>], found: &Collector) {
    for document in documents.iter_mut().filter(|document| document.layer == SourceLayer::Repository) {
        if let Some((key, _)) = document.table.get_ref().get_key_value("organisation") {
            found.push(
                Diagnostic::error(
                    Code::Contradiction,
                    "`[organisation]` in the policy of a repository that follows one",
                )
                .at(Place::new(document.file, &key.span()))
                .help(
                    "remove it; in the repository of the organisation's own policy, leave out `--organisation-policy`",
                ),
            );
            document.table.get_mut().remove("organisation");
        }
    }
}

/// Returns what the documents of a layer define, each with the first place.
fn defined(documents: &[PolicyDocument<'_>], layer: SourceLayer) -> BTreeMap<Defined, Place> {
    let mut defined = BTreeMap::new();
    for document in documents.iter().filter(|document| document.layer == layer) {
        let table = document.table.get_ref();
        let mut add = |key: &'static str, name: &str, place: Place| {
            defined.entry((key, name.to_owned())).or_insert(place);
        };
        for (key, _) in NAMED {
            for (name, _) in table.get(key).and_then(|value| value.get_ref().as_table()).into_iter().flatten() {
                add(key, name.get_ref(), Place::new(document.file, &name.span()));
            }
        }
        for freeze in table.get(FREEZES).and_then(|value| value.get_ref().as_array()).into_iter().flatten() {
            if let Some(name) = freeze_name(freeze.get_ref()) {
                add(FREEZES, name, Place::new(document.file, &freeze.span()));
            }
        }
        for key in ONCE {
            if let Some((written, _)) = table.get_key_value(key) {
                add(key, "", Place::new(document.file, &written.span()));
            }
        }
    }
    defined
}

/// Returns whether the repository's definition of an environment has a `rollout`.
fn has_rollout(documents: &[PolicyDocument<'_>], environment: &str) -> bool {
    let own = documents.iter().filter(|document| document.layer == SourceLayer::Repository);
    own.filter_map(|document| document.table.get_ref().get("environments")?.get_ref().as_table()?.get(environment))
        .filter_map(|defined| defined.get_ref().as_table())
        .any(|defined| defined.contains_key("rollout"))
}

fn freeze_name<'v>(freeze: &'v DeValue<'_>) -> Option<&'v str> {
    freeze.as_table()?.get("name")?.get_ref().as_str()
}

/// Takes the definitions out of a file that `is_defined_twice` names.
fn take_out(table: &mut DeTable<'_>, is_defined_twice: &dyn Fn(&'static str, &str) -> bool) {
    for (key, _) in NAMED {
        if let Some(DeValue::Table(named)) = table.get_mut(key).map(|value| value.get_mut()) {
            let names = named.keys().map(|name| name.get_ref().to_string());
            let lost: Vec<String> = names.filter(|name| is_defined_twice(key, name)).collect();
            for name in lost {
                named.remove(name.as_str());
            }
        }
    }
    if let Some(DeValue::Array(freezes)) = table.get_mut(FREEZES).map(|value| value.get_mut()) {
        let all: DeArray<'_> = std::mem::replace(freezes, DeArray::new());
        let stays = |freeze: &DeValue<'_>| freeze_name(freeze).is_none_or(|name| !is_defined_twice(FREEZES, name));
        *freezes = all.into_iter().filter(|freeze| stays(freeze.get_ref())).collect();
    }
    for key in ONCE {
        if is_defined_twice(key, "") {
            table.remove(key);
        }
    }
}
