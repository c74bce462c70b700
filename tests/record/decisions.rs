//! Decisions to be recorded, made up.

use std::path::Path;
use std::sync::Arc;

use freezegate::policy::{Kind, KindSet, Level};
use freezegate::proof::record::{
    Decided, Digest, Folded, Record, RecordEntry, RecordError, RecordFile, RecordedChange, RecordedFinding,
    RecordedMode, RecordedOutcome, RecordedPlace, RecordedStanding,
};
use freezegate::time::instant::Instant;

use crate::support::entries::entries;

/// Wed 2026-01-07 10:00 UTC.
pub(crate) const MORNING: Instant = Instant::from_second(1_767_780_000);

/// An enforced decision of `production` without anything else.
pub(crate) fn decided(at: Instant, decision: RecordedOutcome) -> Decided {
    Decided {
        at,
        mode: RecordedMode::Check,
        standing: RecordedStanding::Enforcement,
        decision,
        repository: Some("shop".to_owned()),
        reached: vec![RecordedPlace {
            environment: "production".to_owned(),
            region: Some("eu".to_owned()),
            service: None,
        }],
        changes: Vec::new(),
        kinds: KindSet::NONE,
        findings: Vec::new(),
        reasons: Vec::new(),
        incident: None,
        actor: None,
        requesters: Vec::new(),
        signers: Vec::new(),
        spent: Vec::new(),
        policy: Digest::of(b"a policy"),
        administrators_policy: false,
        organisation: None,
        tzdb: "2026f".to_owned(),
        rollback_within: None,
        command: None,
        plan: None,
        policy_commit: None,
    }
}

/// The comparison of two states by their names; `-` is nothing. A state's tree is told by its capital letter, so that two
/// states of one letter, `A` and `a`, have one tree.
pub(crate) fn change(reference: &str, environments: &[&str], old: &str, new: &str) -> RecordedChange {
    let commit = |name: &str| (name != "-").then(|| format!("commit{name}"));
    let tree = |name: &str| (name != "-").then(|| format!("tree{}", name.to_uppercase()));
    RecordedChange {
        reference: Some(reference.to_owned()),
        environments: environments.iter().map(|name| (*name).to_owned()).collect(),
        whole: environments.iter().map(|name| (*name).to_owned()).collect(),
        tree_wide: Vec::new(),
        narrowed: None,
        scope: None,
        proposed: false,
        deployed: false,
        holds_policy: false,
        keeps_policy: false,
        settles_refused: false,
        asked_too: Vec::new(),
        base: "--range".to_owned(),
        everything: false,
        by_others: false,
        commit: commit(new),
        tree: tree(new),
        base_commit: commit(old),
        base_tree: tree(old),
    }
}

pub(crate) fn finding(id: &str, level: Level, lifted_by: Option<&str>) -> RecordedFinding {
    RecordedFinding {
        id: id.to_owned(),
        code: id.split('/').next().unwrap_or(id).to_owned(),
        level,
        policy_level: None,
        environment: Some("production".to_owned()),
        region: Some("eu".to_owned()),
        lifted_by: lifted_by.map(str::to_owned),
    }
}

/// The same decision as one of a verified rollback.
pub(crate) fn rollback(decided: Decided) -> Decided {
    Decided { kinds: KindSet::NONE.with(Kind::Rollback), ..decided }
}

/// Appends to the file at `path`.
#[track_caller]
pub(crate) fn append(path: &Path, decided: Decided) -> RecordEntry {
    try_append(path, decided).unwrap()
}

pub(crate) fn try_append(path: &Path, decided: Decided) -> Result<RecordEntry, RecordError> {
    let record = Record::File(RecordFile::new(path.to_path_buf()));
    let kept = record.append(&mut |_: &Folded| Ok::<_, RecordError>(decided.clone()))?;
    Ok(kept.unwrap())
}

/// Returns what the file at `path` comes to.
#[track_caller]
pub(crate) fn read(path: &Path) -> Arc<Folded> {
    Record::File(RecordFile::new(path.to_path_buf())).read().unwrap()
}

/// All entries of the file at `path`.
#[track_caller]
pub(crate) fn read_all(path: &Path) -> Vec<RecordEntry> {
    entries(&Record::File(RecordFile::new(path.to_path_buf())))
}
