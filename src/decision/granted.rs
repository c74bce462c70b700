//! What somebody lifted, and until when.

use crate::policy::Level;

/// Findings that are lifted for a time, by whoever may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// By what, for people: `grant 5f0c…`, `incident INC-7`.
    pub by: String,
    /// The ids of the findings; `None` for all.
    pub ids: Option<Vec<String>>,
    /// The levels that it lifts.
    pub levels: Vec<Level>,
    /// The environments in which it does; `None` for all.
    pub environments: Option<Vec<String>>,
    /// The regions in which it does; `None` for all. What concerns no region in particular, it lifts too.
    pub regions: Option<Vec<String>>,
    /// The first instant at which it does not any more, in seconds since 1970.
    pub until: i64,
}

impl Granted {
    /// Whether it lifts findings of this id and level, there.
    #[must_use]
    pub fn lifts(&self, id: &str, level: Level, environment: Option<&str>, region: Option<&str>) -> bool {
        let among = |names: &Option<Vec<String>>, name: Option<&str>| match (names, name) {
            (Some(names), Some(name)) => names.iter().any(|one| one == name),
            (Some(_), None) | (None, _) => true,
        };
        among(&self.ids, Some(id))
            && self.levels.contains(&level)
            && among(&self.environments, environment)
            && among(&self.regions, region)
    }
}

/// What lifts a finding, the longest of all that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reprieve {
    pub(super) by: String,
    pub(super) until: i64,
}

/// The longest that `granted` lifts such a finding.
pub(super) fn reprieve(
    granted: &[Granted],
    id: &str,
    level: Level,
    environment: Option<&str>,
    region: Option<&str>,
) -> Option<Reprieve> {
    let lifting = granted.iter().filter(|one| one.lifts(id, level, environment, region));
    let longest = lifting.max_by_key(|one| one.until)?;
    Some(Reprieve { by: longest.by.clone(), until: longest.until })
}
