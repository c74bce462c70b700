//! What somebody lifted, and until when.

use crate::policy::{FindingId, Level};
use crate::time::instant::Instant;

/// Findings that are lifted for a time, by whoever may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// By what, for people: `grant 5f0c…`, `incident INC-7`.
    pub by: String,
    /// The ids of the findings; `None` for all.
    pub ids: Option<Vec<FindingId>>,
    /// The levels that it lifts.
    pub levels: Vec<Level>,
    /// The environments in which it does; `None` for all.
    pub environments: Option<Vec<String>>,
    /// The regions in which it does; `None` for all. What concerns no region in particular, it lifts too.
    pub regions: Option<Vec<String>>,
    /// The first instant at which it does not any more, in seconds since 1970.
    pub until: Instant,
    /// For which parts of the change it does; `None` for all.
    pub share: Option<Share>,
}

/// Some parts of a change that moves several refs: each part has to be lifted for what it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The parts that are lifted, by their places in `scopes`.
    pub parts: Vec<usize>,
    /// Of each part of the change, the environments that it concerns; `None` for all. The same in all shares of one change.
    pub scopes: Vec<Option<Vec<String>>>,
}

impl Granted {
    /// Returns whether it lifts findings of this id and level, there, in the parts of the change that it is for.
    #[must_use]
    pub fn lifts(&self, id: &FindingId, level: Level, environment: Option<&str>, region: Option<&str>) -> bool {
        let among = |names: &Option<Vec<String>>, name: Option<&str>| match (names, name) {
            (Some(names), Some(name)) => names.iter().any(|one| one == name),
            (Some(_), None) | (None, _) => true,
        };
        self.ids.as_ref().is_none_or(|ids| ids.contains(id))
            && self.levels.contains(&level)
            && among(&self.environments, environment)
            && among(&self.regions, region)
    }

    /// Returns whether `finding`, as [`Finding::lifted_by`](super::Finding::lifted_by) has it, names this.
    #[must_use]
    pub fn is_named(by: &str, lifted_by: &str) -> bool {
        lifted_by.split(AND).any(|one| one == by)
    }
}

/// The text that stands between the names of several that lift a finding together.
const AND: &str = " and ";

/// The cause that lifts a finding, the longest of all that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reprieve {
    pub(super) by: String,
    pub(super) until: Instant,
}

/// The longest that `granted` lifts such a finding: by one for the whole change, or by several that leave out no part of it.
pub(super) fn reprieve(
    granted: &[Granted],
    id: &FindingId,
    level: Level,
    environment: Option<&str>,
    region: Option<&str>,
) -> Option<Reprieve> {
    let lifting: Vec<&Granted> = granted.iter().filter(|one| one.lifts(id, level, environment, region)).collect();
    let whole = lifting.iter().filter(|one| one.share.is_none()).max_by_key(|one| one.until);
    let whole = whole.map(|one| Reprieve { by: one.by.clone(), until: one.until });
    match (whole, together(&lifting, environment)) {
        (Some(whole), Some(together)) if together.until > whole.until => Some(together),
        (Some(whole), _) => Some(whole),
        (None, together) => together,
    }
}

/// Returns what `lifting` do together, if each part of the change that concerns the environment is lifted by one of them.
fn together(lifting: &[&Granted], environment: Option<&str>) -> Option<Reprieve> {
    let scopes = lifting.iter().find_map(|one| one.share.as_ref()).map(|share| &share.scopes)?;
    let concerns = |scope: &Option<Vec<String>>| match (scope, environment) {
        (Some(names), Some(name)) => names.iter().any(|one| one == name),
        (Some(_), None) | (None, _) => true,
    };
    let mut by: Vec<&str> = Vec::new();
    let mut until = Instant::MAX;
    for (part, _) in scopes.iter().enumerate().filter(|(_, scope)| concerns(scope)) {
        let here = lifting.iter().filter(|one| one.share.as_ref().is_none_or(|share| share.parts.contains(&part)));
        let longest = here.max_by_key(|one| one.until)?;
        until = until.min(longest.until);
        if !by.contains(&longest.by.as_str()) {
            by.push(&longest.by);
        }
    }
    (!by.is_empty()).then(|| Reprieve { by: by.join(AND), until })
}

#[cfg(test)]
mod tests {
    use super::{Granted, Share, reprieve};
    use crate::policy::{FindingCode, FindingId, Level};
    use crate::time::instant::Instant;

    fn grant(by: &str, part: usize, environments: &[&str], until: i64) -> Granted {
        let scope = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        Granted {
            by: by.to_owned(),
            ids: None,
            levels: vec![Level::Hard],
            environments: scope(environments),
            regions: None,
            until: Instant::from_second(until),
            share: Some(Share {
                parts: vec![part],
                scopes: vec![scope(&["production"]), scope(&["production", "lab"]), scope(&["staging"])],
            }),
        }
    }

    fn lifted(granted: &[Granted], environment: Option<&str>) -> Option<(String, Instant)> {
        let id = FindingId::of(FindingCode::ClockBehind);
        reprieve(granted, &id, Level::Hard, environment, None).map(|found| (found.by, found.until))
    }

    #[test]
    fn a_finding_is_lifted_if_each_part_that_it_concerns_is() {
        let first = grant("one", 0, &["production"], 7);
        let second = grant("two", 1, &["production", "lab"], 5);
        let third = grant("three", 2, &["staging"], 9);
        let some = |by: &str, until| Some((by.to_owned(), Instant::from_second(until)));
        assert_eq!(lifted(std::slice::from_ref(&first), Some("production")), None, "the second part is not overridden");
        assert_eq!(lifted(&[first.clone(), second.clone()], Some("production")), some("one and two", 5));
        assert_eq!(lifted(&[second.clone(), third.clone()], Some("lab")), some("two", 5));
        assert_eq!(lifted(&[second.clone(), third.clone()], Some("staging")), some("three", 9));
        assert_eq!(lifted(&[first.clone(), second.clone()], None), None, "what concerns all needs all");
        let whole = Granted { share: None, environments: None, ..grant("all", 0, &[], 3) };
        assert_eq!(lifted(&[first, whole.clone()], Some("production")), some("all", 3));
        assert_eq!(lifted(&[whole], Some("staging")), some("all", 3));
        assert!(Granted::is_named("two", "one and two") && !Granted::is_named("tw", "one and two"));
    }
}
