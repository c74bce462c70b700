//! Branches that are named for environments, as where a merge into `production` deploys it.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::census::SpellingCensus;
use crate::draft::drafted::{DraftedEnvironment, DraftedTarget, called};
use crate::draft::name;

/// The text that stands before the name of an environment in `deploy/production`.
const PREFIXES: [&str; 6] = ["env/", "envs/", "environments/", "deploy/", "deployment/", "deployments/"];

const WHY: &str = "Branches named after environments.";

/// The prefix and what may name an environment.
fn parted(branch: &str) -> (&str, &str) {
    let parts = PREFIXES.iter().find_map(|prefix| Some((*prefix, branch.strip_prefix(prefix)?)));
    parts.unwrap_or(("", branch))
}

/// The spellings among `branches`.
///
/// `dev` and `test` are names of other branches too: they count beside one that is named for production, or where the
/// environment is known already.
pub(super) fn named_for_environments<'b>(branches: &'b [String], census: &SpellingCensus) -> Vec<&'b str> {
    let named: Vec<_> = branches
        .iter()
        .map(|branch| parted(branch).1)
        .filter_map(|spelling| Some((spelling, name::word(spelling)?)))
        .collect();
    let production = named.iter().any(|(_, meaning)| meaning.guarded);
    let counts = |meaning| production || census.knows(meaning);
    named.into_iter().filter(|(_, meaning)| counts(*meaning)).map(|(spelling, _)| spelling).collect()
}

/// The targets of such branches: a captured one for each prefix behind which nothing else stands, else one by one.
pub(super) fn targets(branches: &[String], environments: &[DraftedEnvironment]) -> Vec<DraftedTarget> {
    let mut by_prefix: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for branch in branches {
        let (prefix, rest) = parted(branch);
        by_prefix.entry(prefix).or_default().insert(rest);
    }
    let mut captures = Vec::new();
    let mut named: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (prefix, rests) in by_prefix {
        let environment = |rest: &str| name::word(rest).and_then(|_| called(environments, rest));
        if !prefix.is_empty() && rests.iter().all(|rest| environment(rest).is_some()) {
            captures.push(format!("refs/heads/{prefix}{{environment}}"));
            continue;
        }
        for rest in rests {
            if let Some(environment) = environment(rest) {
                named.entry(environment).or_default().insert(format!("refs/heads/{prefix}{rest}"));
            }
        }
    }
    let target = |refs: Vec<String>, environment: Option<&str>| DraftedTarget {
        why: WHY,
        refs,
        paths: Vec::new(),
        except: Vec::new(),
        environment: environment.map(str::to_owned),
    };
    let captured = (!captures.is_empty()).then(|| target(captures, None));
    captured
        .into_iter()
        .chain(named.into_iter().map(|(environment, refs)| target(refs.into_iter().collect(), Some(environment))))
        .collect()
}
