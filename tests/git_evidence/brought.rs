//! Which commits a ref brings.

use std::collections::BTreeSet;

use freezegate::change::git::EvidenceError;

use crate::git_evidence::sandbox::Sandbox;

#[test]
fn new_commits_are_those_that_rev_list_finds() {
    let sandbox = Sandbox::new();
    sandbox.git(["commit", "--quiet", "--allow-empty", "-m", "root"]);
    let mut ids = vec![sandbox.git(["rev-parse", "HEAD"])];
    for number in 1..14_usize {
        let (one, two) = (ids[number * 7 % ids.len()].clone(), ids[number * 5 % ids.len()].clone());
        let tree = sandbox.git(["rev-parse", "HEAD^{tree}"]);
        let message = number.to_string();
        let parents = if one == two { vec![one] } else { vec![one, two] };
        let id = match parents.as_slice() {
            [one] => sandbox.git(["commit-tree", &tree, "-m", &message, "-p", one]),
            [one, two, ..] => sandbox.git(["commit-tree", &tree, "-m", &message, "-p", one, "-p", two]),
            [] => continue,
        };
        ids.push(id);
    }
    let repository = sandbox.open();
    let commit = |id: &str| repository.revision(id).unwrap().commit;
    for new in &ids {
        for old in &ids {
            let mut walk = repository.new_commits([commit(old)]).unwrap();
            let brought = walk.of(commit(new), 100).unwrap();
            let found: BTreeSet<String> = brought.commits.iter().map(ToString::to_string).collect();
            let by_git = sandbox.git(["rev-list", new, &format!("^{old}")]);
            assert_eq!(found, by_git.lines().map(str::to_owned).collect(), "{old}..{new}");
            assert!(brought.cut_off.is_empty());
        }
    }
    // from one state to what follows it
    for (last, from) in ids.iter().enumerate() {
        let mut walk = repository.new_commits([commit(from)]).unwrap();
        let mut before = from;
        for new in &ids[last..] {
            let brought = walk.of(commit(new), 100).unwrap();
            let found: BTreeSet<String> = brought.commits.iter().map(ToString::to_string).collect();
            let by_git = sandbox.git(["rev-list", new, &format!("^{before}")]);
            assert_eq!(found, by_git.lines().map(str::to_owned).collect(), "{before}..{new}, walked from {from}");
            let leads_back = sandbox.try_git(["merge-base", "--is-ancestor", before, new]);
            assert_eq!(brought.follows, leads_back && new != before, "{before}..{new}");
            match walk.from_there(commit(new), &brought) {
                Some(there) => walk = there,
                None => break,
            }
            before = new;
        }
    }
    let newest = commit(&ids[ids.len() - 1]);
    let refused = repository.new_commits([]).unwrap().of(newest, 1).unwrap_err();
    assert!(matches!(refused, EvidenceError::TooManyCommits { limit: 1, .. }), "{refused}");
}
