//! Which states were let through.

use std::collections::HashSet;

use freezegate::proof::record::{Base, Chain, Change, Decided, Mode, Outcome, Standing, State};
use tempfile::TempDir;

use crate::decisions::{MORNING, append, change, decided, read, rollback};
use crate::dice::Dice;

const MAIN: &str = "refs/heads/main";

/// A record of these decisions, one a minute.
fn chain(decisions: Vec<Decided>) -> Chain {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    for (minute, one) in (0..).zip(decisions) {
        append(&path, Decided { at: MORNING + 60 * minute, ..one });
    }
    read(&path)
}

/// A decision about `production` on `main`, from one state to another.
fn on_main(decision: Outcome, old: &str, new: &str) -> Decided {
    Decided { changes: vec![change(MAIN, &["production"], old, new)], ..decided(0, decision) }
}

fn name(state: &State<'_>) -> String {
    state.change.commit.as_deref().map_or("-", |commit| commit.strip_prefix("commit-").unwrap()).to_owned()
}

fn names(states: &[State<'_>]) -> String {
    states.iter().map(name).collect()
}

/// The commit of a base; `-` for nothing, `untold` and `unknown`.
fn commit_of(base: Base<'_>) -> &str {
    match base {
        Base::Untold => "untold",
        Base::Unknown => "unknown",
        Base::Known { commit, .. } => commit.map_or("-", |commit| commit.strip_prefix("commit-").unwrap()),
    }
}

/// The commit that the next change is compared with.
fn base(chain: &Chain) -> &str {
    commit_of(chain.base("production", Some(MAIN)))
}

/// Each row: decisions as `+` allowed or `-` refused, from, to (`?` is nothing, `*` unknown); the states that they leave; and the
/// base of the next change.
#[test]
fn a_refused_commit_never_becomes_a_base_by_being_followed_by_another() {
    let rows: &[(&str, &str, &str)] = &[
        ("", "", "untold"),
        ("+?A", "A", "A"),
        ("+?A +AB +BC", "ABC", "C"),
        ("+?A -AB", "A", "A"),
        // the next change is compared with what was allowed, and has the refused commit in it
        ("+?A -AB -AC", "A", "A"),
        ("+?A -AB +AC", "AC", "C"),
        // compared with the refused commit it shows only what came after that
        ("+?A -AB +BC", "A", "A"),
        ("+?A -AB +BC +CD", "A", "A"),
        ("+?A -AB +BC +AD", "AD", "D"),
        // nobody has judged what lies between A and B
        ("+?A +BC", "A", "A"),
        // the refused change is allowed later
        ("+?A -AB +AB", "AB", "B"),
        // once more
        ("+?A +AB +BB", "ABB", "B"),
        // the record begins with a refusal: what that was compared with is the base
        ("-PA", "", "P"),
        ("-PA +AB", "", "P"),
        ("-PA -AB +PC", "C", "C"),
        ("-?A", "", "-"),
        // nobody knew what was there before: then no other source is to be believed that names the refused commit
        ("-*A", "", "unknown"),
        ("-*A +AB", "", "unknown"),
        ("-*A +AB +BC", "", "unknown"),
        ("-*A +*B", "B", "B"),
        ("-*A +*B +BC", "BC", "C"),
        ("+*A", "A", "A"),
        ("+?A -AB +*C", "AC", "C"),
        // deleted and created anew
        ("+?A +A? +?B", "A-B", "B"),
        ("+?A +A?", "A-", "-"),
        ("+?A -A? +?B", "A", "A"),
        // another commit of the same tree is the same state
        ("+?A +aB", "AB", "B"),
    ];
    for (decisions, states, next) in rows {
        let decide = |word: &str| {
            let letters: Vec<String> = word.chars().map(|letter| letter.to_string().replace('?', "-")).collect();
            let decision = if letters[0] == "+" { Outcome::Allowed } else { Outcome::Refused };
            let everything = letters[1] == "*";
            let change = change(MAIN, &["production"], if everything { "-" } else { &letters[1] }, &letters[2]);
            Decided { changes: vec![Change { everything, ..change }], ..decided(0, decision) }
        };
        let chain = chain(decisions.split_whitespace().map(decide).collect());
        let found = chain.states("production", Some(MAIN));
        assert_eq!(names(&found), *states, "{decisions}");
        assert_eq!(base(&chain), *next, "{decisions}");
        for pair in found.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from()), "{decisions}");
        }
        assert_eq!(found.last().and_then(|state| state.until), None, "{decisions}");
    }
}

#[test]
fn the_ref_of_a_server_is_what_was_let_through() {
    let pushed = |old, new| Decided { mode: Mode::PreReceive, ..on_main(Outcome::Allowed, old, new) };
    let refused = |old, new| Decided { mode: Mode::PreReceive, ..on_main(Outcome::Refused, old, new) };
    // between B and C the hook was switched off
    let chain = chain(vec![pushed("-", "A"), refused("A", "X"), pushed("A", "B"), pushed("C", "D")]);
    assert_eq!(names(&chain.states("production", Some(MAIN))), "ABD");
}

#[test]
fn advice_makes_no_state() {
    let advice = Decided { standing: Standing::Advice, ..on_main(Outcome::Allowed, "A", "B") };
    let chain = chain(vec![on_main(Outcome::Allowed, "-", "A"), advice]);
    assert_eq!(base(&chain), "A");
}

/// It may never be merged, or at another time.
#[test]
fn what_is_only_proposed_makes_no_state() {
    let proposed = |decision, new: &str| {
        let change = Change { proposed: true, ..change(MAIN, &["production"], "A", new) };
        Decided { changes: vec![change], ..decided(0, decision) }
    };
    let chain = chain(vec![
        proposed(Outcome::Refused, "P"),
        on_main(Outcome::Allowed, "-", "A"),
        proposed(Outcome::Allowed, "B"),
        on_main(Outcome::Allowed, "A", "C"),
    ]);
    assert_eq!(names(&chain.states("production", Some(MAIN))), "AC");
}

#[test]
fn states_are_those_of_one_environment_and_if_asked_of_one_ref() {
    let both = Decided {
        mode: Mode::PreReceive,
        changes: vec![
            change(MAIN, &["production", "staging"], "-", "A"),
            change("refs/heads/develop", &["staging"], "-", "B"),
            change("refs/tags/v1", &["production"], "-", "C"),
        ],
        ..decided(0, Outcome::Allowed)
    };
    let chain = chain(vec![both]);
    assert_eq!(names(&chain.states("production", None)), "AC");
    assert_eq!(names(&chain.states("production", Some(MAIN))), "A");
    assert_eq!(names(&chain.states("staging", None)), "AB");
    assert_eq!(names(&chain.states("preprod", None)), "");
    assert!(chain.was_allowed("production", "commit-C") && !chain.was_allowed("staging", "commit-C"));
    assert!(!chain.was_allowed("production", "commit-B"));
}

#[test]
fn former_states_have_their_times_and_tell_rollbacks() {
    let back = rollback(on_main(Outcome::Allowed, "B", "a"));
    let chain = chain(vec![on_main(Outcome::Allowed, "-", "A"), on_main(Outcome::Allowed, "A", "B"), back]);
    let states = chain.states("production", Some(MAIN));
    let told: Vec<(String, i64, Option<i64>, bool)> =
        states.iter().map(|state| (name(state), state.from(), state.until, state.is_rollback())).collect();
    let minute = |number: i64| MORNING + 60 * number;
    assert_eq!(
        told,
        [
            ("A".to_owned(), minute(0), Some(minute(1)), false),
            ("B".to_owned(), minute(1), Some(minute(2)), false),
            ("a".to_owned(), minute(2), None, true),
        ]
    );
    assert_eq!(states[0].change.tree, states[2].change.tree);
}

#[test]
fn grants_are_spent_once_and_for_all() {
    let spends = |ids: &[&str], decision| Decided {
        spent: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..decided(0, decision)
    };
    let chain = chain(vec![
        spends(&["one", "two"], Outcome::Allowed),
        spends(&["three"], Outcome::Refused),
        spends(&[], Outcome::Allowed),
    ]);
    assert_eq!(chain.spent(), HashSet::from(["one", "two", "three"]));
    assert!(Chain::default().spent().is_empty());
}

#[test]
fn the_newest_instant_is_the_largest_not_the_last() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    assert_eq!(Chain::default().newest(), None);
    for at in [MORNING, MORNING + 100, MORNING + 50] {
        append(&path, decided(at, Outcome::Refused));
    }
    assert_eq!(read(&path).newest(), Some(MORNING + 100));
}

/// By whatever ref: what is newest stands, and what was there before it does not.
#[test]
fn the_current_state_is_the_newest_by_whatever_ref() {
    let on = |reference: &str, decision, old: &str, new: &str| Decided {
        changes: vec![change(reference, &["production"], old, new)],
        ..decided(0, decision)
    };
    let (allowed, refused) = (Outcome::Allowed, Outcome::Refused);
    let tag = "refs/tags/v1";
    let rows: Vec<(Vec<Decided>, &str, &str)> = vec![
        (vec![], "", ""),
        (vec![on(MAIN, allowed, "-", "A")], "A", "A"),
        (vec![on(MAIN, allowed, "-", "A"), on(MAIN, allowed, "A", "B")], "B", "AB"),
        (vec![on(MAIN, allowed, "-", "A"), on(MAIN, refused, "A", "B")], "A", "A"),
        // a state of its own ref
        (vec![on(MAIN, allowed, "-", "A"), on(tag, allowed, "-", "B")], "B", "AB"),
        (vec![on(tag, allowed, "-", "B"), on(MAIN, allowed, "-", "A")], "A", "BA"),
        (vec![on(MAIN, allowed, "-", "A"), on(tag, allowed, "-", "B"), on(MAIN, allowed, "A", "C")], "C", "ABC"),
        // nobody has judged what lies between A and B: then nothing is known to be current
        (vec![on(MAIN, allowed, "-", "A"), on(MAIN, allowed, "B", "C")], "", "A"),
    ];
    for (decisions, current, all) in rows {
        let chain = chain(decisions.clone());
        let states = chain.states_by_any_ref("production");
        assert_eq!(names(&states), all, "{decisions:?}");
        for pair in states.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from()), "{decisions:?}");
        }
        assert_eq!(states.last().and_then(|state| state.until), None, "{decisions:?}");
        for letter in ["A", "B", "C"] {
            let commit = format!("commit-{letter}");
            let is_current =
                |environment: &str, name: Option<&str>| chain.current_whole(environment, &commit, name).is_some();
            assert_eq!(is_current("production", Some("shop")), letter == current, "{decisions:?}");
            assert!(!is_current("staging", Some("shop")));
            assert!(!is_current("production", Some("another")));
            assert!(!is_current("production", None));
        }
    }
}

/// Neither an allowance for some paths, nor one of an older version that names no repository, says that nothing is new.
#[test]
fn only_a_whole_tree_of_this_repository_is_current() {
    let one = Decided { changes: vec![change(MAIN, &["production"], "-", "A")], ..decided(0, Outcome::Allowed) };
    let of_paths = Change { whole: Vec::new(), ..change(MAIN, &["production"], "-", "A") };
    for (decided, expected) in [
        (one.clone(), true),
        (Decided { changes: vec![of_paths], ..one.clone() }, false),
        (Decided { repository: None, ..one.clone() }, false),
        (Decided { repository: Some("another".to_owned()), ..one }, false),
    ] {
        let chain = chain(vec![decided.clone()]);
        assert_eq!(chain.current_whole("production", "commit-A", Some("shop")).is_some(), expected, "{decided:?}");
        assert!(chain.current_whole("production", "commit-A", None).is_none());
    }
}

/// Decisions as `+` allowed or `-` refused by the repository's policy, `a` allowed or `r` refused by an administrator's file; and
/// the state whose policy is in force.
#[test]
fn what_an_administrators_file_allowed_is_not_the_state_whose_policy_is_in_force() {
    for (rows, expected) in [
        ("+?A +AB", "B"),
        ("+?A aAB", "A"),
        ("+?A aAB aBC", "A"),
        ("+?A aAB +BC", "C"),
        ("+?A aAB -BC", "A"),
        ("a?A", "untold"),
        ("r?A", "untold"),
        ("a?A aAB", "untold"),
        ("a?A -AB", "A"),
        ("r?A +AB", "B"),
    ] {
        let one = |row: &str| {
            let decision = if row.starts_with(['+', 'a']) { Outcome::Allowed } else { Outcome::Refused };
            let (old, new) = row.split_at(1).1.split_at(1);
            let administrators_policy = row.starts_with(['a', 'r']);
            Decided { administrators_policy, ..on_main(decision, if old == "?" { "-" } else { old }, new) }
        };
        let chain = chain(rows.split(' ').map(one).collect());
        assert_eq!(commit_of(chain.newest_of_branch(MAIN)), expected, "{rows}");
    }
}

/// One record may hold the decisions of several repositories: none is the base of another's change, nor a state to go back to.
#[test]
fn a_repository_is_told_its_own_states_alone() {
    let by = |repository: Option<&str>, decision, old: &str, new: &str| Decided {
        repository: repository.map(str::to_owned),
        ..on_main(decision, old, new)
    };
    let (allowed, refused) = (Outcome::Allowed, Outcome::Refused);
    let rows: Vec<(Vec<Decided>, &str, &str)> = vec![
        (vec![by(Some("another"), allowed, "-", "X")], "", "untold"),
        (vec![by(Some("another"), refused, "-", "X")], "", "untold"),
        (vec![by(Some("shop"), allowed, "-", "A"), by(Some("another"), allowed, "A", "X")], "A", "A"),
        (vec![by(Some("another"), allowed, "-", "X"), by(Some("shop"), allowed, "X", "A")], "A", "A"),
        // what is not of this repository does not come between
        (
            vec![
                by(Some("shop"), allowed, "-", "A"),
                by(Some("another"), allowed, "A", "X"),
                by(Some("shop"), allowed, "A", "B"),
            ],
            "AB",
            "B",
        ),
        // older versions named none
        (vec![by(None, allowed, "-", "A"), by(Some("another"), allowed, "A", "X")], "A", "A"),
    ];
    for (decisions, states, next) in rows {
        let all = chain(decisions.clone());
        let chain = all.clone().asked_by(Some("shop".to_owned()));
        assert_eq!(names(&chain.states("production", Some(MAIN))), states, "{decisions:?}");
        assert_eq!(names(&chain.states_by_any_ref("production")), states, "{decisions:?}");
        assert_eq!(base(&chain), next, "{decisions:?}");
        assert!(!chain.was_allowed("production", "commit-X"), "{decisions:?}");
        // grants are spent, and time goes on, whoever decides
        assert_eq!((chain.newest(), chain.spent()), (all.newest(), all.spent()));
    }
}

/// The current whole state as it is defined, one change after the other: the newest allowed decision of the environment, and of
/// that a change which is the last state of its own ref.
fn current_by_definition<'c>(
    chain: &'c Chain,
    environment: &str,
    commit: &str,
    repository: &str,
) -> Option<&'c Change> {
    let brings = |change: &Change| !change.proposed && change.environments.iter().any(|name| name == environment);
    let entry = chain.entries().iter().rev().find(|entry| {
        let decided = &entry.decided;
        decided.standing == Standing::Enforcement
            && decided.decision == Outcome::Allowed
            && decided.changes.iter().any(brings)
    })?;
    let is_current = |change: &&Change| {
        let states = chain.states(environment, change.reference.as_deref());
        let last = states.last().filter(|state| state.entry.sequence == entry.sequence);
        change.commit.as_deref() == Some(commit)
            && change.whole.iter().any(|name| name == environment)
            && last.is_some_and(|state| state.change.commit.as_deref() == Some(commit))
    };
    let is_ours = entry.decided.repository.as_deref() == Some(repository);
    entry.decided.changes.iter().filter(|change| brings(change)).find(is_current).filter(|_| is_ours)
}

/// What is found in one pass is what the definition says, in decisions by chance.
#[test]
fn current_states_found_at_once_are_those_of_the_definition() {
    let (mut dice, mut found) = (Dice::new(7), 0);
    for round in 0..300 {
        let decisions = (0..=dice.up_to(3)).map(|_| {
            let mut one = || {
                let commits = ["-", "A", "B"];
                let mut pick =
                    |from: &[&'static str]| from[usize::try_from(dice.up_to(from.len() as u64 - 1)).unwrap()];
                let (reference, old, new) = (pick(&[MAIN, "refs/tags/v1", "none"]), pick(&commits), pick(&commits));
                let whole = pick(&["whole", "part"]) == "whole";
                let environments: &[&str] =
                    if pick(&["one", "two"]) == "one" { &["production"] } else { &["production", "staging"] };
                let plain = change(reference, environments, old, new);
                Change {
                    reference: plain.reference.filter(|name| name != "none"),
                    whole: if whole { plain.whole } else { Vec::new() },
                    proposed: pick(&["no", "no", "no", "yes"]) == "yes",
                    ..plain
                }
            };
            let changes = vec![one(), one(), one()];
            let decision = if dice.up_to(2) == 0 { Outcome::Refused } else { Outcome::Allowed };
            let mode = if dice.up_to(1) == 0 { Mode::Check } else { Mode::PreReceive };
            let repository = Some(if dice.up_to(3) == 0 { "another" } else { "shop" }.to_owned());
            Decided { changes, mode, repository, ..decided(0, decision) }
        });
        let all = chain(decisions.collect());
        for chain in [all.clone(), all.asked_by(Some("shop".to_owned()))] {
            for environment in ["production", "staging", "none"] {
                for commit in ["commit-A", "commit-B", "commit-C"] {
                    let expected = current_by_definition(&chain, environment, commit, "shop");
                    found += usize::from(expected.is_some());
                    let current = chain.current_whole(environment, commit, Some("shop"));
                    assert_eq!(current, expected, "round {round}, {environment}, {commit}: {chain:?}");
                }
            }
        }
    }
    assert!(found > 100, "{found}");
}
