//! Hundreds of patterns that differ in one segment, said as one.

use std::collections::{BTreeMap, BTreeSet};

/// From so many on, patterns that differ in one segment become one with a `*` there.
const MANY: usize = 4;

/// `patterns`, with `*` in the place of a segment in which many of them differ, wherever `acceptable` takes the result.
pub(super) fn generalised(mut patterns: BTreeSet<String>, acceptable: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut refused: BTreeSet<String> = BTreeSet::new();
    while patterns.len() >= MANY {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for pattern in &patterns {
            let segments: Vec<&str> = pattern.split('/').collect();
            for (place, _) in segments.iter().enumerate().filter(|(_, segment)| !segment.contains(['*', '{'])) {
                let mut wider = segments.clone();
                if let Some(segment) = wider.get_mut(place) {
                    *segment = "*";
                }
                groups.entry(wider.join("/")).or_default().insert(pattern.clone());
            }
        }
        let mut candidates: Vec<(String, BTreeSet<String>)> =
            groups.into_iter().filter(|(wider, members)| members.len() >= MANY && !refused.contains(wider)).collect();
        candidates.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
        let taken = candidates.into_iter().find(|(wider, _)| acceptable(wider) || !refused.insert(wider.clone()));
        let Some((wider, members)) = taken else {
            break;
        };
        patterns.retain(|pattern| !members.contains(pattern));
        patterns.insert(wider);
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::generalised;

    #[test]
    fn many_become_one_where_they_may() {
        let apps: Vec<String> = (0..9).map(|number| format!("apps/a{number}/k8s/prod/**")).collect();
        let with = |more: &[&str]| apps.iter().cloned().chain(more.iter().map(|one| (*one).to_owned())).collect();
        let all: Vec<String> = generalised(with(&["deploy/prod/**"]), |_| true).into_iter().collect();
        assert_eq!(all, ["apps/*/k8s/prod/**", "deploy/prod/**"]);
        assert_eq!(generalised(with(&[]), |_| false).len(), 9);
        let few = ["a/x", "b/x", "c/x"].map(str::to_owned);
        assert_eq!(generalised(few.into(), |_| true).len(), 3);
    }
}
