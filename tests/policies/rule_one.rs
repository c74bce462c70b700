//! Rule 1: with the definitions fixed, another freeze, window, zone or target never turns a refusal into an allowance.
//!
//! For changes of which paths are known, declared or not; in process, and through the program with real git. One thing is
//! let off: a target may tell the kind or service of a path that no target maps to an environment which is declared.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;

use freezegate::decision::{FindingCode, Verdict};
use freezegate::policy::Policy;
use freezegate::reach::{Because, Declared, RefSide, Shown, TargetMatcher};
use freezegate::time::instant::Instant;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_oneof};
use proptest::test_runner::TestCaseError;

use crate::policies::change::{Change, instant as told};
use crate::policies::drafts::{Asking, Draft, TargetDraft, asking, draft, freeze, hours, instant, target, zone};
use crate::policies::properties::{check, read_draft, said};
use crate::support::clean::command;

/// A question about a change of which paths are known; of half of them no environment is declared.
fn with_paths() -> impl Strategy<Value = Asking> {
    (asking(true), any::<bool>()).prop_filter_map("no paths", |(asking, is_declared)| {
        asking.paths.as_ref()?;
        let environments = if is_declared { asking.environments } else { Vec::new() };
        Some(Asking { environments, is_rollback: false, ..asking })
    })
}

/// The environments to which the targets of a policy map a path, by name.
fn mapped(policy: &Policy, path: &str) -> Vec<String> {
    let matcher = TargetMatcher::new(policy);
    let of_ref = matcher.of_ref(RefSide::Unknown).unwrap();
    let mut shown = Shown::default();
    of_ref.alone(&mut shown).unwrap();
    of_ref.path(path.as_bytes(), &mut shown).unwrap();
    let is_shown = |because: &Because| matches!(because, Because::Shown { .. });
    let hits = shown.hits.iter().filter(|hit| is_shown(&hit.reached.because));
    hits.map(|hit| hit.reached.environment.name.clone()).collect()
}

/// Returns whether a new target tells the kind or service of a path that no target of `before` maps to an environment which is declared.
fn tells_what_none_knew(draft: &Draft, more: &TargetDraft, change: &Change, before: &Policy) -> bool {
    let alone = read_draft(&Draft { targets: vec![more.clone()], ..draft.clone() }).unwrap();
    let declared = Declared::resolve(&change.said, before).unwrap();
    let names: Vec<&str> = declared.environments.iter().map(|one| one.name.as_str()).collect();
    more.tells_kind_or_service()
        && change.paths.iter().flatten().any(|path| {
            let known = mapped(before, path);
            mapped(&alone, path).iter().any(|name| names.contains(&name.as_str()) && !known.contains(name))
        })
}

/// What is added to a policy.
#[derive(Debug, Clone)]
enum More {
    Freeze(crate::policies::drafts::FreezeDraft),
    CoreHours(usize, String),
    Zone(usize, &'static str),
    Target(TargetDraft),
}

fn more() -> impl Strategy<Value = More> {
    prop_oneof![
        1 => freeze().prop_map(More::Freeze),
        1 => (any::<usize>(), hours()).prop_map(|(which, hours)| More::CoreHours(which, hours)),
        1 => (any::<usize>(), zone()).prop_map(|(which, zone)| More::Zone(which, zone)),
        5 => target().prop_map(More::Target),
    ]
}

/// The draft with more; `None` where it has nothing to add that to.
fn larger(draft: &Draft, more: &More) -> Option<Draft> {
    let mut larger = draft.clone();
    let region = |which: usize| which.checked_rem(draft.regions.len());
    match more {
        More::Freeze(freeze) => larger.freezes.push(freeze.clone()),
        More::CoreHours(which, hours) => larger.regions[region(*which)?].core_hours.push(hours.clone()),
        More::Zone(which, zone) => {
            let zones = &mut larger.regions[region(*which)?].zones;
            if zones.contains(zone) {
                return None;
            }
            zones.push(zone);
        }
        More::Target(target) => larger.targets.push(target.clone()),
    }
    Some(larger)
}

#[test]
fn nothing_that_is_added_opens() {
    let (opened, closed, still, exempted) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    check(1_500, (draft(), more(), with_paths(), vec(instant(), 4)), |(draft, more, asking, instants)| {
        let Some(larger) = larger(&draft, &more) else {
            return Err(TestCaseError::reject("nothing to add it to"));
        };
        let (one, other) = (read_draft(&draft)?, read_draft(&larger)?);
        let change = draft.change(&asking);
        let (less, greater) = (change.under(&one), change.under(&other));
        for at in instants {
            let (before, after) = (less.decide(at), greater.decide(at));
            match (before.verdict, after.verdict) {
                (Verdict::Allowed, Verdict::Allowed) => {}
                (Verdict::Allowed, Verdict::Refused) => count(&closed),
                (Verdict::Refused, Verdict::Refused) => count(&still),
                (Verdict::Refused, Verdict::Allowed) => {
                    let is_let_off =
                        matches!(&more, More::Target(target) if tells_what_none_knew(&draft, target, &change, &one));
                    prop_assert!(is_let_off, "opened at {}\n{:?}\n{:?}", told(at), said(&before), said(&after));
                    count(&opened);
                    // and even so it opens only what the policy says of kinds and services
                    for finding in before.findings.iter().filter(|finding| finding.refuses()) {
                        let freeze = one.freezes.iter().find(|freeze| finding.id.freeze() == Some(&freeze.name));
                        let is_of_some =
                            freeze.is_some_and(|freeze| freeze.kinds.is_some() || !freeze.services.is_all());
                        let is_exempt =
                            after.findings.iter().any(|one| one.id == finding.id && one.lifted_by.is_some())
                                || finding.code == FindingCode::WindowTooShort;
                        if is_exempt {
                            count(&exempted);
                        }
                        prop_assert!(is_of_some || is_exempt, "{} was opened at {}", finding.id, told(at));
                    }
                }
            }
        }
        Ok(())
    });
    let counts = (opened.get(), closed.get(), still.get(), exempted.get());
    assert!(counts.0 > 0 && counts.1 > 100 && counts.2 > 500, "{counts:?}");
}

/// A repository with a commit for each set of paths, all on top of an empty one.
fn repository(folder: &Path, sets: &[Vec<&str>]) {
    let git = |arguments: &[&str]| {
        let done = command("git", folder, folder).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "--initial-branch=main"]);
    let mut script =
        String::from("commit refs/heads/main\nmark :1\ncommitter Ada <ada@example.com> 1 +0000\ndata 5\nempty\n");
    for (number, paths) in sets.iter().enumerate() {
        write!(script, "commit refs/heads/c{number}\ncommitter Ada <ada@example.com> 2 +0000\ndata 1\nc\nfrom :1\n")
            .unwrap();
        for path in paths {
            writeln!(script, "M 100644 inline {path}\ndata 1\na").unwrap();
        }
    }
    std::fs::write(folder.join("script"), script).unwrap();
    let import = command("git", folder, folder)
        .args(["fast-import", "--quiet"])
        .stdin(std::fs::File::open(folder.join("script")).unwrap())
        .status();
    assert!(import.unwrap().success());
}

#[test]
fn nothing_that_is_added_opens_in_the_program_with_git() {
    const SETS: [&[&str]; 5] = [
        &["README"],
        &["place/a"],
        &["place/a", "README"],
        &["deploy/e0/a", "service/s0/a", "shared/a"],
        &["deploy/e0/r0/a", "deploy/e1/r1/a", "place/a"],
    ];
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), &SETS.map(<[&str]>::to_vec));
    let refused = Cell::new(0);
    let verdict = |draft: &Draft, change: &Change, set: usize, at: Instant| -> String {
        std::fs::write(folder.path().join("freezegate.toml"), draft.text()).unwrap();
        let mut run = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
        run.arg("check").args(&change.said.environments);
        run.args(["--range", &format!("main..c{set}"), "--at", &told(at), "--format", "json"]);
        for (option, names) in
            [("--region", &change.said.regions), ("--service", &change.said.services), ("--kind", &change.said.kinds)]
        {
            run.args(names.iter().flat_map(|name| [option, name]));
        }
        let done = run.output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let verdict = ["allowed", "refused", "undecided"]
            .into_iter()
            .find(|one| text.contains(&format!("\"decision\":\"{one}\"")));
        verdict.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&done.stderr))).to_owned()
    };
    let values = (draft(), target(), with_paths(), instant(), 0..SETS.len());
    check(60, values, |(draft, more, asking, at, set)| {
        let mut larger = draft.clone();
        larger.targets.push(more.clone());
        let (one, _) = (read_draft(&draft)?, read_draft(&larger)?);
        let paths = SETS[set].iter().map(|path| (*path).to_owned()).collect();
        let change = Change { paths: Some(paths), duration: None, ..draft.change(&asking) };
        let (before, after) = (verdict(&draft, &change, set, at), verdict(&larger, &change, set, at));
        if before == "refused" {
            refused.set(refused.get() + 1);
            prop_assert!(
                after == "refused" || tells_what_none_knew(&draft, &more, &change, &one),
                "opened at {}",
                told(at)
            );
        }
        Ok(())
    });
    assert!(refused.get() >= 10, "{}", refused.get());
}
