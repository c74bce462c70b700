//! What a change reaches by what is said of it and by what it shows, together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::policy::{KindSet, Policy};
use crate::reach::declared::{declared, holds};
use crate::reach::reached::ReachedPlace;
use crate::reach::shown::{Hit, Shown};
use crate::reach::{Because, Declared, Misdirected, Reach, said};

/// Returns what a change reaches: what is declared and what is shown together.
///
/// What is shown is never narrowed by what is said. Where something is said, everything that a target *names or captures*
/// and that was not said is a mismatch, which stands at any hour; `environment = "*"` is judged and never mismatched, and a
/// target that names no region is judged for all of its environment's. What a
/// part of the change says of itself is compared with that part, and none makes up for another that says something else. With
/// `only`, for a job that applies just its own share, what was not said is left to others instead, and listed.
#[must_use]
pub fn reach(policy: &Policy, said: &Declared, shown: Option<Shown>, only: bool) -> Reach {
    let Some(mut shown) = shown else {
        return declared(policy, said);
    };
    let unknown = std::mem::take(&mut shown.unknown);
    let route_conflicts = std::mem::take(&mut shown.route_conflicts);
    let unread_routes = std::mem::take(&mut shown.unread_routes);
    let moves_routes = shown.moves_routes;
    let mut reach = Reach { unknown, route_conflicts, moves_routes, unread_routes, ..Reach::default() };
    let of_parts: Vec<Declared> = shown
        .said
        .iter()
        .map(|part| Declared {
            environments: part.environments.clone(),
            aliases: part.aliases.clone(),
            ..Declared::default()
        })
        .collect();
    let mut told = HashMap::new();
    let mut known: HashSet<(ReachedPlace, KindSet)> = HashSet::new();
    let of_routes = |hit: &Hit| matches!(hit.reached.because, Because::Routes { .. });
    let (by_routes, by_files): (Vec<Hit>, Vec<Hit>) = std::mem::take(&mut shown.hits).into_iter().partition(of_routes);
    for hit in by_files.into_iter().chain(by_routes) {
        let mismatch = undeclared("you said", said, &hit);
        // what this job applies decides about the routes of others
        let by_routes = of_routes(&hit);
        if only && mismatch.is_some() && !by_routes {
            reach.left_out.push(hit.reached);
            continue;
        }
        // one line for what a file reaches as well
        if !known.insert(hit.reached.identity()) && by_routes {
            continue;
        }
        let speaker = hit.speaker.and_then(|part| shown.said.get(part));
        let part = hit.speaker.and_then(|part| of_parts.get(part));
        let of_part = part.and_then(|part| undeclared("the trailer says", part, &hit));
        let by_part = part.map_or(&[][..], |part| &part.environments);
        let (what, place) = match &hit.reached.because {
            Because::Shown { what, policy }
            | Because::Job { what, policy }
            | Because::Possible { what, policy }
            | Because::PolicyEdit { what, policy }
            | Because::Routes { what, policy } => (Some(what), *policy),
            Because::Declared => (None, hit.reached.environment.place),
        };
        let messages = [mismatch.map(|message| (message, &[][..])), of_part.map(|message| (message, by_part))];
        for (message, said_by_part) in messages.into_iter().flatten().filter(|_| !hit.every) {
            let region = hit.named_region.then(|| hit.reached.region.clone()).flatten();
            match told.get(&message).and_then(|known: &usize| reach.mismatched.get_mut(*known)) {
                // told once, of a region only where that is the one of all that shows it
                Some(known) => known.region = known.region.take().filter(|one| same(one, region.as_ref())),
                None => {
                    told.insert(message.clone(), reach.mismatched.len());
                    reach.mismatched.push(Misdirected {
                        environment: Some(Arc::clone(&hit.reached.environment)),
                        region,
                        what: what.cloned(),
                        message,
                        place,
                        said_by_part: said_by_part.to_vec(),
                        earlier_commit: speaker.and_then(|one| one.earlier_commit.clone()),
                        undefined: None,
                    });
                }
            }
        }
        reach.reached.push(hit.reached);
    }
    // what is judged is not left to others
    reach.left_out.retain(|one| !known.contains(&one.identity()));
    let parts = of_parts.iter().zip(0..).map(|(said, part)| (said, Some(part)));
    said::add(policy, parts.chain([(said, None)]), &shown, &mut reach);
    reach
}

/// Returns what is wrong, for people, if something is said of where the change goes, `by` whom, and `hit` is not among it. Regions count where
/// some are said, and where the target names or captures one.
fn undeclared(by: &str, said: &Declared, hit: &Hit) -> Option<String> {
    let reached = &hit.reached;
    let quoted = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if !said.environments.is_empty() && !holds(&said.environments, &reached.environment) {
        let alias = |name: &str| said.aliases.iter().find(|(_, one)| one == name).map(|(alias, _)| alias.as_str());
        let named = said.environments.iter().map(|one| match alias(&one.name) {
            Some(alias) => format!("`{alias}` (`{}`)", one.name),
            None => format!("`{}`", one.name),
        });
        let names = named.collect::<Vec<_>>().join(", ");
        return Some(format!("{by} {names}, this reaches `{}`", reached.environment.name));
    }
    let region = reached.region.as_ref().filter(|_| hit.named_region && !said.regions.is_empty())?;
    if holds(&said.regions, region) {
        return None;
    }
    let names = quoted(said.regions.iter().map(|region| region.name.as_str()).collect());
    Some(format!("{by} {names}, this reaches `{}` in `{}`", reached.environment.name, region.name))
}

fn same<T>(one: &Arc<T>, other: Option<&Arc<T>>) -> bool {
    other.is_some_and(|other| Arc::ptr_eq(one, other))
}
