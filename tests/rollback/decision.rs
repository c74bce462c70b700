//! What is a rollback, decided on states that are a few letters each.

use freezegate::proof::rollback::{Compare, Missing, Rollback, Side, State, judge};

const HOUR: i64 = 3600;

/// 2025-07-14T10:00:00Z.
const NOW: i64 = 1_752_487_200;

/// States as the content of one path a letter.
struct Letters<'l> {
    history: Vec<&'l str>,
    new: &'l str,
}

impl Letters<'_> {
    fn of(&self, side: Side) -> Result<&str, String> {
        let text = match side {
            Side::New => self.new,
            Side::Former(index) => self.history[index],
        };
        if text.contains('!') { Err(format!("`{text}` is broken")) } else { Ok(text) }
    }
}

impl Compare for Letters<'_> {
    fn differences(&mut self, one: Side, other: Side) -> Result<Vec<String>, String> {
        let (one, other) = (self.of(one)?, self.of(other)?);
        let width = one.len().max(other.len());
        let at = |text: &str, index| text.as_bytes().get(index).copied();
        Ok((0..width).filter(|index| at(one, *index) != at(other, *index)).map(|index| index.to_string()).collect())
    }
}

/// The states of a history, each replaced an hour after the one before, the last but one an hour ago.
fn states(history: &[&str]) -> Vec<State> {
    let count = i64::try_from(history.len()).unwrap();
    let state = |(index, text): (i64, &&str)| State {
        commit: (**text != *"-").then(|| (*text).to_owned()),
        until: (index + 1 < count).then_some(NOW - HOUR * (count - 1 - index)),
        allowed: true,
        rollback: false,
    };
    (0..).zip(history).map(state).collect()
}

fn name(rollback: &Rollback) -> &'static str {
    match rollback {
        Rollback::Shown(_) => "shown",
        Rollback::NotShown(missing) => match missing {
            Missing::NoEvidence => "no evidence",
            Missing::NoHistory => "no history",
            Missing::Gap => "gap",
            Missing::NoFormerState => "no former state",
            Missing::Nothing => "nothing",
            Missing::Policy => "policy",
            Missing::Mixed => "mixed",
            Missing::Differs { .. } => "differs",
            Missing::TooOld { .. } => "too old",
            Missing::Clock => "clock",
            Missing::RolledBackFrom { .. } => "rolled back from",
            Missing::Unreadable(_) => "unreadable",
        },
    }
}

/// Each row: the history, what shall be, and whether that is a rollback.
#[test]
fn only_a_return_to_the_state_before_is_a_rollback() {
    let rows: &[(&str, &str, &str)] = &[
        ("", "a", "no history"),
        ("a", "a", "no former state"),
        ("a", "b", "no former state"),
        // the last change is undone
        ("a b", "a", "shown"),
        ("aa ab", "aa", "shown"),
        ("x a b", "a", "shown"),
        // what does not differ on these paths is one state
        ("a b b b", "a", "shown"),
        ("a a b b", "a", "shown"),
        ("a a a", "a", "no former state"),
        // nothing is undone
        ("a b", "b", "differs"),
        // one of several
        ("aa ba bb", "ab", "differs"),
        ("aa ba bb", "aa", "differs"),
        ("aa ba bb", "ba", "shown"),
        // undo and new change
        ("aa bb", "ac", "differs"),
        ("aa bb", "ab", "differs"),
        ("aa ba", "ac", "differs"),
        // older ones
        ("a b c", "a", "differs"),
        // an undo of an undo, also where other changes came between
        ("a b a", "b", "rolled back from"),
        ("x a b a", "b", "rolled back from"),
        ("aa ab ac ab", "ac", "rolled back from"),
        ("a b c a", "c", "rolled back from"),
        ("a b a b", "a", "rolled back from"),
        // undone in part
        ("aa bb ab", "bb", "rolled back from"),
        ("aa bb ac", "bb", "rolled back from"),
        ("aa ab bb cb", "bb", "shown"),
        // long ago, and let through again
        ("a b a b c", "b", "rolled back from"),
        // what comes after an undo is undone like anything else
        ("a b a c", "a", "shown"),
        // there was nothing
        ("- a", "a", "nothing"),
        ("a - b", "a", "nothing"),
        ("a -", "a", "shown"),
        // what can't be read
        ("a b!", "a", "unreadable"),
        ("a! b", "a", "unreadable"),
        ("x! a b", "a", "unreadable"),
        ("a b", "a!", "unreadable"),
    ];
    for (history, new, expected) in rows {
        let history: Vec<&str> = history.split_whitespace().collect();
        let states = states(&history);
        let judged = judge(&states, &mut Letters { history: history.clone(), new }, NOW, 72 * HOUR);
        assert_eq!(name(&judged), *expected, "{history:?} → {new}: {judged:?}");
    }
}

#[test]
fn the_state_before_counts_for_as_long_as_the_policy_says_from_when_it_was_replaced() {
    let history = vec!["a", "b", "b"];
    // the second `b` is of today, and changes nothing
    let states = |ago| {
        let state =
            |commit: &str, until| State { commit: Some(commit.to_owned()), until, allowed: true, rollback: false };
        vec![state("a", Some(NOW - ago)), state("b", Some(NOW - 1)), state("b", None)]
    };
    for (ago, expected) in [(0, "shown"), (24 * HOUR, "shown"), (24 * HOUR + 1, "too old"), (-1, "clock")] {
        let states = states(ago);
        let judged = judge(&states, &mut Letters { history: history.clone(), new: "a" }, NOW, 24 * HOUR);
        assert_eq!(name(&judged), expected, "{ago}");
        if let Rollback::Shown(back) = &judged {
            // at the first instant that is told it counts no more, one second earlier it does
            for (at, expected) in [(back.until, "too old"), (back.until - 1, "shown")] {
                let judged = judge(&states, &mut Letters { history: history.clone(), new: "a" }, at, 24 * HOUR);
                assert_eq!(name(&judged), expected, "{at}");
            }
        }
    }
}

#[test]
fn what_is_only_known_to_have_been_there_is_nothing_to_go_back_to_and_still_tells_what_was_put_back() {
    let judged = |history: &[&str], new| {
        let mut states = states(history);
        states[0].allowed = false;
        let history = history.to_vec();
        name(&judge(&states, &mut Letters { history, new }, NOW, 72 * HOUR))
    };
    assert_eq!(judged(&["a", "b"], "a"), "no former state");
    assert_eq!(judged(&["a", "b", "c"], "b"), "shown");
    assert_eq!(judged(&["a", "b", "a"], "b"), "rolled back from");
}

#[test]
fn what_was_followed_by_a_shown_rollback_was_rolled_back_from() {
    let mut states = states(&["b", "a"]);
    let judged =
        |states: &[State]| name(&judge(states, &mut Letters { history: vec!["b", "a"], new: "b" }, NOW, 72 * HOUR));
    assert_eq!(judged(&states), "shown");
    states[1].rollback = true;
    assert_eq!(judged(&states), "rolled back from");
}

#[test]
fn a_rollback_that_was_let_through_may_be_tried_again() {
    let judged = |history: &[&str], rollbacks: &[usize], new| {
        let mut states = states(history);
        for place in rollbacks {
            states[*place].rollback = true;
        }
        let history = history.to_vec();
        name(&judge(&states, &mut Letters { history, new }, NOW, 72 * HOUR))
    };
    assert_eq!(judged(&["a", "b", "a"], &[2], "a"), "shown");
    assert_eq!(judged(&["a", "b", "a", "a"], &[2, 3], "a"), "shown");
    // what is no rollback is not tried again as one
    assert_eq!(judged(&["a", "b", "a"], &[], "a"), "rolled back from");
    assert_eq!(judged(&["a", "b"], &[], "b"), "differs");
    assert_eq!(judged(&["a", "b", "a"], &[2], "b"), "rolled back from");
    assert_eq!(judged(&["a", "b", "a"], &[2], "c"), "rolled back from");
    assert_eq!(judged(&["a", "b", "c", "b"], &[3], "a"), "rolled back from");
}
