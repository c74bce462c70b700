//! Guarded routes: what an edit leaves unguarded.

use std::collections::BTreeSet;

use crate::pattern::Pattern;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::routes::RouteGuard;
use crate::policy::{Level, Policy};

/// Compares the `[routes]` of two policies. Patterns are compared as texts: one that is gone or new counts as opened,
/// whatever the other patterns match.
pub(super) fn routes(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let Some(before) = &old.routes else {
        return Vec::new();
    };
    let Some(strictest) = before.strictest() else {
        return Vec::new();
    };
    let lost = |level: Level, text: String| PolicyDifference {
        old_place: Some(before.place),
        new_place: new.routes.as_ref().map(|after| after.place),
        ..PolicyDifference::new(PolicyPart::Routes, level, text)
    };
    let Some(after) = &new.routes else {
        return vec![lost(strictest, "`[routes]`, which guards who answers requests".to_owned())];
    };
    let mut found = Vec::new();
    for ((key, old_level), (_, new_level)) in before.levels().into_iter().zip(after.levels()) {
        if let Some(level) = old_level.filter(|level| new_level.is_none_or(|now| now < *level)) {
            let now = new_level.map_or("off", Level::as_str);
            let remains = new_level.filter(|level| level.refuses());
            let text = format!("`[routes] {key}` is `{now}` instead of `{}`", level.as_str());
            found.push(PolicyDifference { remains, ..lost(level, text) });
        }
    }
    let reasons = [
        // more routes can answer before those that a change adds, and hide what it takes
        ("paths", are_within(&before.paths, &after.paths) && are_within(&after.paths, &before.paths)),
        ("except", are_within(&after.except, &before.except) && are_within(&before.except, &after.except)),
        // no refs mean the default branch alone
        ("refs", before.refs.is_empty() == after.refs.is_empty() && are_within(&before.refs, &after.refs)),
        ("owners", have_same_owners(before, after) && (before.owners.is_empty() || adds_no_name(old, new))),
        ("together", before.together == after.together),
        ("environments", !merges_names(old, new)),
    ];
    let changed: Vec<&str> = reasons.into_iter().filter(|(_, is_kept)| !is_kept).map(|(key, _)| key).collect();
    let told = |key: &str| match key {
        "environments" => "a name of one environment is another's: its routes may take requests there".to_owned(),
        key => format!("what `[routes] {key}` said"),
    };
    found.extend(changed.into_iter().map(|key| lost(strictest, told(key))));
    found
}

fn are_within(some: &[Pattern], all: &[Pattern]) -> bool {
    some.iter().all(|one| all.iter().any(|other| one.as_str() == other.as_str()))
}

/// Returns whether no environment has a name or an alias that none had: it could be what an owner's pattern finds in a namespace.
fn adds_no_name(old: &Policy, new: &Policy) -> bool {
    let names = |policy: &'_ Policy| -> BTreeSet<String> {
        let all = policy.environments.iter().flat_map(|one| one.aliases.iter().chain([&one.name]));
        all.cloned().collect()
    };
    names(new).is_subset(&names(old))
}

/// Returns whether names of different environments are names of one now: what its routes did to the other's was a hijack.
fn merges_names(old: &Policy, new: &Policy) -> bool {
    new.environments.iter().any(|environment| {
        let names = environment.aliases.iter().chain([&environment.name]);
        let mut stood_for = names.filter_map(|name| old.environment(name)).map(|one| &one.name);
        stood_for.next().is_some_and(|first| stood_for.any(|other| other != first))
    })
}

/// Returns whether each namespace belongs to the same environment: more patterns could make it another's.
fn have_same_owners(before: &RouteGuard, after: &RouteGuard) -> bool {
    let texts = |guard: &RouteGuard| {
        let mut texts: Vec<String> = guard.owners.iter().map(|one| one.as_str().to_owned()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    texts(before) == texts(after)
}
