//! Which states were allowed.

use std::collections::BTreeSet;
use std::sync::Arc;

use freezegate::proof::record::{
    Chain, Decided, Extent, Folded, MOST_REFUSED, RecordedBase, RecordedChange, RecordedMode, RecordedOutcome,
    RecordedStanding, RecordedState,
};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use tempfile::TempDir;

use crate::record::decisions::{MORNING, append, change, decided, read, rollback};

const MAIN: &str = "refs/heads/main";

/// A record of these decisions, one a minute.
fn folded(decisions: Vec<Decided>) -> Arc<Folded> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    for (minute, one) in (0..).zip(decisions) {
        append(&path, Decided { at: MORNING + Seconds::new(60 * minute), ..one });
    }
    read(&path)
}

/// A decision about `production` on `main`, from one state to another.
fn on_main(decision: RecordedOutcome, old: &str, new: &str) -> Decided {
    Decided { changes: vec![change(MAIN, &["production"], old, new)], ..decided(Instant::from_second(0), decision) }
}

fn name(state: &RecordedState<'_>) -> String {
    state.commit.map_or("-", |commit| commit.strip_prefix("commit").unwrap()).to_owned()
}

fn names(states: &[RecordedState<'_>]) -> String {
    states.iter().map(name).collect()
}

/// The commit of a base; `-` for nothing, `untold` and `unknown`.
fn commit_of(base: RecordedBase<'_>) -> &str {
    match base {
        RecordedBase::Untold => "untold",
        RecordedBase::Unknown => "unknown",
        RecordedBase::Known { commit, .. } => commit.map_or("-", |commit| commit.strip_prefix("commit").unwrap()),
    }
}

/// The commit that the next change is compared with.
fn base(folded: &Folded) -> &str {
    commit_of(folded.base("production", Chain::of_job(Some(MAIN), None), Extent::Tree))
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
        ("+?A +AB +BB", "AB", "B"),
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
            let decision = if letters[0] == "+" { RecordedOutcome::Allowed } else { RecordedOutcome::Refused };
            let everything = letters[1] == "*";
            let change = change(MAIN, &["production"], if everything { "-" } else { &letters[1] }, &letters[2]);
            Decided {
                changes: vec![RecordedChange { everything, ..change }],
                ..decided(Instant::from_second(0), decision)
            }
        };
        let folded = folded(decisions.split_whitespace().map(decide).collect());
        let found = folded.states("production", Chain::of_job(Some(MAIN), None));
        assert_eq!(names(&found), *states, "{decisions}");
        assert_eq!(base(&folded), *next, "{decisions}");
        for pair in found.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from), "{decisions}");
        }
        assert_eq!(found.last().and_then(|state| state.until), None, "{decisions}");
    }
}

#[test]
fn the_ref_of_a_server_is_what_was_allowed() {
    let pushed = |old, new| Decided { mode: RecordedMode::PreReceive, ..on_main(RecordedOutcome::Allowed, old, new) };
    let refused = |old, new| Decided { mode: RecordedMode::PreReceive, ..on_main(RecordedOutcome::Refused, old, new) };
    // between B and C the hook was switched off
    let folded = folded(vec![pushed("-", "A"), refused("A", "X"), pushed("A", "B"), pushed("C", "D")]);
    assert_eq!(names(&folded.states("production", Chain::of_hook(Some(MAIN)))), "ABD");
}

#[test]
fn advice_makes_no_state() {
    let advice = Decided { standing: RecordedStanding::Advice, ..on_main(RecordedOutcome::Allowed, "A", "B") };
    let folded = folded(vec![on_main(RecordedOutcome::Allowed, "-", "A"), advice]);
    assert_eq!(base(&folded), "A");
}

/// It may never be merged, or at another time.
#[test]
fn what_is_only_proposed_makes_no_state() {
    let proposed = |decision, new: &str| {
        let change = RecordedChange { proposed: true, ..change(MAIN, &["production"], "A", new) };
        Decided { changes: vec![change], ..decided(Instant::from_second(0), decision) }
    };
    let folded = folded(vec![
        proposed(RecordedOutcome::Refused, "P"),
        on_main(RecordedOutcome::Allowed, "-", "A"),
        proposed(RecordedOutcome::Allowed, "B"),
        on_main(RecordedOutcome::Allowed, "A", "C"),
    ]);
    assert_eq!(names(&folded.states("production", Chain::of_job(Some(MAIN), None))), "AC");
}

/// A job that deploys what is proposed brings the environment there: that is a state of the environment, by a chain of its own, and neither
/// one of the branch nor what the branch is compared with.
#[test]
fn what_is_deployed_of_a_proposal_is_a_state_and_none_of_its_branch() {
    let deployed = |old: &str, new: &str| {
        let change = RecordedChange { proposed: true, deployed: true, ..change(MAIN, &["production"], old, new) };
        Decided { changes: vec![change], ..decided(Instant::from_second(0), RecordedOutcome::Allowed) }
    };
    let (main, proposed) =
        (Chain::of_job(Some(MAIN), None), Chain { proposed: true, ..Chain::of_job(Some(MAIN), None) });
    let everything = |state: &RecordedState<'_>| state.is_tree_wide;
    let refused = Decided { decision: RecordedOutcome::Refused, ..deployed("A", "R") };
    let folded =
        folded(vec![on_main(RecordedOutcome::Allowed, "-", "A"), refused, deployed("A", "P"), deployed("X", "Q")]);
    assert_eq!(base(&folded), "A");
    assert_eq!(names(&folded.states("production", main)), "A");
    // what was compared with a state that was none is not allowed as a whole
    assert_eq!(names(&folded.states("production", proposed)), "P");
    assert_eq!(names(&folded.states_by_any_ref("production", &everything)), "AP");
    assert_eq!(names(&folded.brought_elsewhere("production", main, &everything).unwrap()), "P");
    assert!(matches!(folded.newest_of_branch(MAIN), RecordedBase::Known { commit: Some("commitA"), .. }));
    // it is there, so that what was there before is nothing that a tag brings again
    assert_eq!(folded.current_whole("production", ("commitA", None), Some("shop")), None);
    assert_eq!(folded.current_whole("production", ("commitP", None), Some("shop")), None);
}

/// What was refused may be on a branch nevertheless, with its policy, until a decision settles that.
#[test]
fn what_was_refused_of_a_policy_branch_is_known_until_that_is_settled() {
    let of = |reference: &str, holds_policy, decision, new: &str| {
        let change = RecordedChange { holds_policy, ..change(reference, &["production"], "A", new) };
        Decided { changes: vec![change], ..decided(Instant::from_second(0), decision) }
    };
    let refused = |new: &str| of(MAIN, true, RecordedOutcome::Refused, new);
    let begin = on_main(RecordedOutcome::Allowed, "-", "A");
    let advice = Decided { standing: RecordedStanding::Advice, ..refused("D") };
    let other = of("refs/heads/release", false, RecordedOutcome::Refused, "R");
    let mut all = vec![begin, refused("B"), refused("C"), refused("B"), advice, other];
    assert_eq!(folded(all.clone()).refused_of_branch(MAIN), Some(vec!["commitB", "commitC"]));
    assert_eq!(folded(all.clone()).refused_of_branch("refs/heads/release"), Some(Vec::new()));
    // what a server turned down is on no branch, and a commit with the policy in force has no other
    let turned_down = Decided { mode: RecordedMode::PreReceive, ..refused("F") };
    let mut kept = refused("G");
    kept.changes[0].keeps_policy = true;
    kept.policy_commit = Some("commitA".to_owned());
    all.extend([turned_down, kept]);
    assert_eq!(folded(all.clone()).refused_of_branch(MAIN), Some(vec!["commitB", "commitC"]));
    // a decision that those policies would not let take back what they close leaves them there, and what else it asked
    let mut unsettled = of(MAIN, true, RecordedOutcome::Allowed, "E");
    unsettled.changes[0].asked_too = vec!["commitX".to_owned()];
    all.push(unsettled);
    assert_eq!(folded(all.clone()).refused_of_branch(MAIN), Some(vec!["commitB", "commitC", "commitX"]));
    let mut settled = of(MAIN, true, RecordedOutcome::Allowed, "E");
    settled.changes[0].settles_refused = true;
    let received = Decided { mode: RecordedMode::PreReceive, ..of(MAIN, true, RecordedOutcome::Allowed, "E") };
    for last in [settled, received] {
        let all = [&all[..], &[last]].concat();
        assert_eq!(folded(all).refused_of_branch(MAIN), Some(Vec::new()));
    }
    let flood = |count: usize| {
        let change = |number: usize| refused(&number.to_string()).changes;
        let all = Decided { changes: (0..count).flat_map(change).collect(), ..refused("A") };
        folded(vec![all]).refused_of_branch(MAIN).map(|known| known.len())
    };
    assert_eq!((flood(MOST_REFUSED), flood(MOST_REFUSED + 1)), (Some(MOST_REFUSED), None));
}

#[test]
fn states_are_those_of_one_environment_and_if_asked_of_one_ref() {
    let both = Decided {
        mode: RecordedMode::PreReceive,
        changes: vec![
            change(MAIN, &["production", "staging"], "-", "A"),
            change("refs/heads/develop", &["staging"], "-", "B"),
            change("refs/tags/v1", &["production"], "-", "C"),
        ],
        ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
    };
    let folded = folded(vec![both]);
    assert_eq!(names(&folded.states_by_any_ref("production", &|_| true)), "AC");
    assert_eq!(names(&folded.states("production", Chain::of_hook(Some(MAIN)))), "A");
    assert_eq!(names(&folded.states_by_any_ref("staging", &|_| true)), "BA");
    assert_eq!(names(&folded.states_by_any_ref("preprod", &|_| true)), "");
}

#[test]
fn former_states_have_their_times_and_tell_rollbacks() {
    let back = rollback(on_main(RecordedOutcome::Allowed, "B", "a"));
    let folded =
        folded(vec![on_main(RecordedOutcome::Allowed, "-", "A"), on_main(RecordedOutcome::Allowed, "A", "B"), back]);
    let states = folded.states("production", Chain::of_job(Some(MAIN), None));
    let told: Vec<(String, Instant, Option<Instant>, bool)> =
        states.iter().map(|state| (name(state), state.from, state.until, state.is_rollback)).collect();
    let minute = |number: i64| MORNING + Seconds::minutes(number);
    assert_eq!(
        told,
        [
            ("A".to_owned(), minute(0), Some(minute(1)), false),
            ("B".to_owned(), minute(1), Some(minute(2)), false),
            ("a".to_owned(), minute(2), None, true),
        ]
    );
    assert_eq!(states[0].tree, states[2].tree);
}

#[test]
fn grants_are_spent_once_and_for_all() {
    let spends = |ids: &[&str], decision| Decided {
        spent: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..decided(Instant::from_second(0), decision)
    };
    let folded = folded(vec![
        spends(&["one", "two"], RecordedOutcome::Allowed),
        spends(&["three"], RecordedOutcome::Refused),
        spends(&[], RecordedOutcome::Allowed),
    ]);
    assert_eq!(*folded.spent(), BTreeSet::from(["one", "two", "three"].map(str::to_owned)));
    assert!(Folded::default().spent().is_empty());
}

#[test]
fn the_newest_instant_is_the_largest_not_the_last() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    assert_eq!(Folded::default().newest(), None);
    for at in [MORNING, MORNING + Seconds::new(100), MORNING + Seconds::new(50)] {
        append(&path, decided(at, RecordedOutcome::Refused));
    }
    assert_eq!(read(&path).newest(), Some(MORNING + Seconds::new(100)));
}

/// By whatever ref: what is newest stands, and what was there before it does not.
#[test]
fn the_current_state_is_the_newest_by_whatever_ref() {
    let on = |reference: &str, decision, old: &str, new: &str| Decided {
        changes: vec![change(reference, &["production"], old, new)],
        ..decided(Instant::from_second(0), decision)
    };
    let (allowed, refused) = (RecordedOutcome::Allowed, RecordedOutcome::Refused);
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
        let folded = folded(decisions.clone());
        let states = folded.states_by_any_ref("production", &|_| true);
        assert_eq!(names(&states), all, "{decisions:?}");
        for pair in states.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from), "{decisions:?}");
        }
        assert_eq!(states.last().and_then(|state| state.until), None, "{decisions:?}");
        for letter in ["A", "B", "C"] {
            let commit = format!("commit{letter}");
            let is_current = |environment: &str, name: Option<&str>| {
                folded.current_whole(environment, (&commit, None), name).is_some()
            };
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
    let one = Decided {
        changes: vec![change(MAIN, &["production"], "-", "A")],
        ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
    };
    let of_paths = RecordedChange { whole: Vec::new(), ..change(MAIN, &["production"], "-", "A") };
    let narrowed = Some("region=eu".to_owned());
    let of_region = RecordedChange { narrowed: narrowed.clone(), ..change(MAIN, &["production"], "-", "A") };
    for (decided, expected) in [
        (one.clone(), true),
        (Decided { changes: vec![of_paths], ..one.clone() }, false),
        (Decided { changes: vec![of_region], ..one.clone() }, false),
        (Decided { repository: None, ..one.clone() }, false),
        (Decided { repository: Some("another".to_owned()), ..one }, false),
    ] {
        let folded = folded(vec![decided.clone()]);
        assert_eq!(
            folded.current_whole("production", ("commitA", None), Some("shop")).is_some(),
            expected,
            "{decided:?}"
        );
        assert!(folded.current_whole("production", ("commitA", None), None).is_none());
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
            let decision =
                if row.starts_with(['+', 'a']) { RecordedOutcome::Allowed } else { RecordedOutcome::Refused };
            let (old, new) = row.split_at(1).1.split_at(1);
            let administrators_policy = row.starts_with(['a', 'r']);
            Decided { administrators_policy, ..on_main(decision, if old == "?" { "-" } else { old }, new) }
        };
        let folded = folded(rows.split(' ').map(one).collect());
        assert_eq!(commit_of(folded.newest_of_branch(MAIN)), expected, "{rows}");
    }
}

/// One record may hold the decisions of several repositories: none is the base of another's change, nor a state to go back to.
#[test]
fn a_repository_is_told_its_own_states_alone() {
    let by = |repository: Option<&str>, decision, old: &str, new: &str| Decided {
        repository: repository.map(str::to_owned),
        ..on_main(decision, old, new)
    };
    let (allowed, refused) = (RecordedOutcome::Allowed, RecordedOutcome::Refused);
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
        let all = folded(decisions.clone());
        let folded = Folded::clone(&all).asked_by(Some("shop".to_owned()));
        assert_eq!(names(&folded.states("production", Chain::of_job(Some(MAIN), None))), states, "{decisions:?}");
        assert_eq!(names(&folded.states_by_any_ref("production", &|_| true)), states, "{decisions:?}");
        assert_eq!(base(&folded), next, "{decisions:?}");
        // grants are spent, and time goes on, whoever decides
        assert_eq!((folded.newest(), folded.spent()), (all.newest(), all.spent()));
    }
}
