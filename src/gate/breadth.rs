//! How much of a tree a comparison is judged for.

use std::collections::{BTreeSet, HashMap};

use crate::change::git::RefName;
use crate::diagnostic::Place;
use crate::pattern::Pattern;
use crate::policy::{Policy, Target};
use crate::proof::record::Digest;
use crate::reach::shown::Hit;
use crate::reach::{Because, Shown};
use crate::report::Breadth;

impl Breadth {
    /// That of a comparison of a ref.
    pub(crate) fn of(shown: &Shown, policy: &Policy, reference: Option<&RefName>) -> Self {
        let mut breadth = Self::default();
        let targets: HashMap<Place, &Target> = policy.targets.iter().map(|target| (target.place, target)).collect();
        let mut judged: BTreeSet<String> = BTreeSet::new();
        let mut is_told = true;
        let mut is_plain = true;
        let is_branch = reference.is_none_or(|name| name.as_bytes().starts_with(b"refs/heads/"));
        // what routes show is judged by no target
        for hit in shown.hits.iter().filter(|hit| !matches!(hit.reached.because, Because::Routes { .. })) {
            let target = target(hit, &targets);
            let is_whole = target.is_some_and(|target| target.paths.is_empty());
            let is_for_all = !hit.named_region && hit.reached.service.is_none() && hit.reached.kinds.is_empty();
            is_told &= is_whole || !is_branch;
            is_plain &= is_whole && is_for_all;
            if is_whole {
                let list = if is_for_all { &mut breadth.whole } else { &mut breadth.tree_wide };
                list.insert(hit.reached.environment.name.clone());
            }
            judged.insert(judged_by(hit, target));
        }
        for environment in shown.said.iter().flat_map(|said| &said.environments) {
            breadth.tree_wide.insert(environment.name.clone());
        }
        breadth.tree_wide = breadth.tree_wide.difference(&breadth.whole).cloned().collect();
        if is_told && !is_plain && shown.said.is_empty() {
            let text = judged.into_iter().collect::<Vec<String>>().join("\n");
            breadth.scope = Some(Digest::of(text.as_bytes()).to_string());
        }
        breadth
    }
}

fn target<'p>(hit: &Hit, targets: &HashMap<Place, &'p Target>) -> Option<&'p Target> {
    match &hit.reached.because {
        Because::Shown { policy: place, .. } => targets.get(place).copied(),
        Because::Declared
        | Because::Job { .. }
        | Because::Possible { .. }
        | Because::PolicyEdit { .. }
        | Because::Routes { .. } => None,
    }
}

/// Returns what one hit is judged by: the region and the service, with whom that serves, of a target without paths, the patterns of one with paths.
fn judged_by(hit: &Hit, target: Option<&Target>) -> String {
    let reached = &hit.reached;
    let region = reached.region.as_ref().map(|region| &region.name);
    let service = reached.service.as_ref().map(|service| {
        let mut regions: Vec<&str> = service.regions.iter().map(|region| region.name.as_str()).collect();
        regions.sort_unstable();
        (&service.name, regions)
    });
    let kinds: Vec<&str> = reached.kinds.iter().map(|kind| kind.as_str()).collect();
    let patterns = target.map(|target| {
        let texts = |patterns: &[Pattern]| -> Vec<String> {
            patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
        };
        (texts(&target.paths), texts(&target.except))
    });
    format!("{:?} {region:?} {service:?} {kinds:?} {patterns:?}", reached.environment.name)
}
