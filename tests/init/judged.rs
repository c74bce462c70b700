//! A draft read as a policy, and what a change reaches by it.

use std::collections::BTreeSet;
use std::path::Path;

use freezegate::draft::Survey;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::policy::{Policy, SCHEMA};
use freezegate::reach::{Declared, Reach, RefSide, Shown, TargetMatcher, reach};

use crate::support::validator::Validator;

struct Drafted<'t>(&'t str);

impl PolicyFiles for Drafted<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        assert_eq!(path, "freezegate.toml");
        Ok(self.0.as_bytes().to_vec())
    }
}

pub(crate) fn read(text: &str) -> Policy {
    match load(&Drafted(text), &["freezegate.toml".to_owned()], &[]) {
        Ok(policy) => policy,
        Err(faults) => {
            let causes: Vec<String> = faults.diagnostics.into_iter().map(|one| one.cause).collect();
            assert_eq!(causes, Vec::<String>::new(), "{text}");
            read("")
        }
    }
}

/// Returns what a change of `path` on the ref reaches.
pub(crate) fn reached(policy: &Policy, name: &str, path: &str) -> Reach {
    let matcher = TargetMatcher::new(policy);
    let mut shown = Shown::default();
    let side = RefSide::Named { name: name.as_bytes(), default_branch: Some(name == "refs/heads/main") };
    let of_ref = matcher.of_ref(side).unwrap();
    of_ref.alone(&mut shown).unwrap();
    of_ref.path(path.as_bytes(), &mut shown).unwrap();
    reach(policy, &Declared::default(), Some(shown), false)
}

pub(crate) fn names(reach: &Reach) -> BTreeSet<&str> {
    reach.reached.iter().map(|reached| reached.environment.name.as_str()).collect()
}

/// The survey of a repository of these files.
pub(crate) fn survey<P: AsRef<str>>(files: &[P]) -> Survey {
    let files: BTreeSet<String> = files.iter().map(|file| file.as_ref().to_owned()).collect();
    let folders: BTreeSet<String> = files
        .iter()
        .flat_map(|file| Path::new(file).ancestors().skip(1).filter_map(Path::to_str))
        .filter(|folder| !folder.is_empty())
        .map(str::to_owned)
        .collect();
    let files = files.into_iter().filter(|file| !folders.contains(file)).collect();
    Survey { folders: folders.into_iter().collect(), files, ..Survey::default() }
}

pub(crate) fn assert_right_by_the_schema(text: &str) {
    let policy: toml::Table = text.parse().unwrap();
    // the draft has no dates, the one type of TOML that JSON lacks
    let policy = serde_json::to_value(&policy).unwrap();
    let validator = Validator::new(&serde_json::from_str(SCHEMA).unwrap());
    assert_eq!(validator.faults(&policy), Vec::<String>::new(), "{text}");
}
