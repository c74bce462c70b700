//! What is a rollback, decided on states that are a few letters each.

use freezegate::proof::rollback::{
    Compare, ComparedState, Content, Difference, FormerState, MOST_PATHS, MOST_STATES, Missing, Obstacle, Paths,
    Rollback, VisitDifference, judge,
};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

/// 2025-07-14T10:00:00Z.
const NOW: Instant = Instant::from_second(1_752_487_200);

/// States as the content of one path a letter.
struct Letters<'l> {
    history: Vec<&'l str>,
    new: &'l str,
    /// How often two states were compared.
    walks: usize,
    /// The states that were not judged for all that is asked about.
    for_less: Vec<usize>,
    /// Those of which that can't be read.
    unreadable: Vec<usize>,
    /// Those that are old and gone.
    lost: Vec<usize>,
    /// What may have been there before all of them.
    before: Vec<&'l str>,
}

impl<'l> Letters<'l> {
    fn new(history: Vec<&'l str>, new: &'l str) -> Self {
        Self {
            history,
            new,
            walks: 0,
            for_less: Vec::new(),
            unreadable: Vec::new(),
            lost: Vec::new(),
            before: Vec::new(),
        }
    }

    fn of(&self, side: ComparedState) -> Result<&'l str, Obstacle> {
        let text = match side {
            ComparedState::New => self.new,
            ComparedState::Former(index) => self.history[index],
        };
        if text.contains('!') { Err(Obstacle::Unreadable(format!("`{text}` is broken"))) } else { Ok(text) }
    }
}

impl Compare for Letters<'_> {
    fn differences(
        &mut self,
        one: ComparedState,
        other: ComparedState,
        _: Paths,
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle> {
        self.walks += 1;
        let (one, other) = (self.of(one)?, self.of(other)?);
        let at = |text: &str, index| -> Content {
            let letter = *text.as_bytes().get(index)?;
            Some([letter; 24])
        };
        for index in 0..one.len().max(other.len()) {
            let (one, other) = (at(one, index), at(other, index));
            let path = index.to_string();
            if one != other && visit(Difference { path: path.as_bytes(), one, other }).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn was_judged_for_all(&mut self, former: usize) -> Result<bool, Obstacle> {
        if self.unreadable.contains(&former) {
            return Err(Obstacle::Unreadable("a policy".to_owned()));
        }
        Ok(!self.for_less.contains(&former))
    }

    fn held_before(&mut self, path: &[u8]) -> Result<Vec<Content>, Obstacle> {
        let index: usize = self.name(path).parse().unwrap();
        let at = |text: &str| -> Content { text.as_bytes().get(index).map(|letter| [*letter; 24]) };
        self.before
            .iter()
            .map(|text| if text.contains('!') { Err(Obstacle::Unreadable((*text).to_owned())) } else { Ok(at(text)) })
            .collect()
    }

    fn is_lost(&self, former: usize) -> bool {
        self.lost.contains(&former)
    }

    fn name(&self, path: &[u8]) -> String {
        String::from_utf8(path.to_vec()).unwrap()
    }
}

/// The states of a history, each replaced an hour after the one before, the last but one an hour ago.
fn states(history: &[&str]) -> Vec<FormerState> {
    let count = i64::try_from(history.len()).unwrap();
    let state = |(index, text): (i64, &&str)| FormerState {
        commit: (**text != *"-").then(|| (*text).to_owned()),
        until: (index + 1 < count).then_some(NOW - Seconds::hours(count - 1 - index)),
        allowed: true,
        rollback: false,
        seen: false,
    };
    (0..).zip(history).map(state).collect()
}

fn name(rollback: &Rollback) -> &'static str {
    match rollback {
        Rollback::Shown(_) => "shown",
        Rollback::NotShown(missing) => match missing {
            Missing::NoEvidence => "no evidence",
            Missing::NoPlan => "no plan",
            Missing::NoHistory => "no history",
            Missing::Narrowed { .. } => "narrowed",
            Missing::AnotherRef { .. } => "another ref",
            Missing::Gap => "gap",
            Missing::NoFormerState => "no former state",
            Missing::Nothing => "nothing",
            Missing::JudgedForLess { goes_back: true, .. } => "judged for less",
            Missing::JudgedForLess { goes_back: false, .. } => "differs, judged for less",
            Missing::JudgeUnreadable { .. } => "unreadable judge",
            Missing::Policy => "policy",
            Missing::Mixed => "mixed",
            Missing::Differs { .. } => "differs",
            Missing::TooOld { .. } => "too old",
            Missing::Clock => "clock",
            Missing::RolledBackFrom { .. } => "rolled back from",
            Missing::Unreadable(_) => "unreadable",
            Missing::TooMuch { .. } => "too much",
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
        // long ago, and allowed again
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
        let judged = judge(&states, &mut Letters::new(history.clone(), new), NOW, Seconds::hours(72));
        assert_eq!(name(&judged), *expected, "{history:?} → {new}: {judged:?}");
    }
}

#[test]
fn the_state_before_counts_for_as_long_as_the_policy_says_from_when_it_was_replaced() {
    let history = vec!["a", "b", "b"];
    // the second `b` is of today, and changes nothing
    let states = |ago| {
        let state = |commit: &str, until| FormerState {
            commit: Some(commit.to_owned()),
            until,
            allowed: true,
            rollback: false,
            seen: false,
        };
        vec![state("a", Some(NOW - Seconds::new(ago))), state("b", Some(NOW - Seconds::new(1))), state("b", None)]
    };
    for (ago, expected) in [(0, "shown"), (24 * 3600, "shown"), (24 * 3600 + 1, "too old"), (-1, "clock")] {
        let states = states(ago);
        let judged = judge(&states, &mut Letters::new(history.clone(), "a"), NOW, Seconds::hours(24));
        assert_eq!(name(&judged), expected, "{ago}");
        if let Rollback::Shown(back) = &judged {
            // at the first instant that is told it counts no more, one second earlier it does
            for (at, expected) in [(back.until, "too old"), (back.until - Seconds::new(1), "shown")] {
                let judged = judge(&states, &mut Letters::new(history.clone(), "a"), at, Seconds::hours(24));
                assert_eq!(name(&judged), expected, "{at:?}");
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
        name(&judge(&states, &mut Letters::new(history, new), NOW, Seconds::hours(72)))
    };
    assert_eq!(judged(&["a", "b"], "a"), "no former state");
    assert_eq!(judged(&["a", "b", "c"], "b"), "shown");
    assert_eq!(judged(&["a", "b", "a"], "b"), "rolled back from");
}

/// States in brackets were allowed for less than the change reaches; of those with a question mark that can't be read.
#[test]
fn a_state_that_was_judged_for_less_is_nothing_to_go_back_to() {
    let rows: &[(&str, &str, &str)] = &[
        ("(a) b", "a", "judged for less"),
        ("a (b)", "a", "shown"),
        // another that is equal was judged for all
        ("(a) a b", "a", "shown"),
        ("a (a) b", "a", "shown"),
        ("x a (a) b", "a", "shown"),
        // an older one that is not does not count
        ("x (a) b", "x", "differs, judged for less"),
        ("x (a) b", "a", "judged for less"),
        ("a x (a) b", "a", "judged for less"),
        ("(a) b", "b", "differs, judged for less"),
        // in question
        ("?a b", "a", "unreadable judge"),
        ("?a b", "c", "unreadable"),
        ("?a a b", "a", "shown"),
    ];
    for (history, new, expected) in rows {
        let words: Vec<&str> = history.split_whitespace().collect();
        let plain: Vec<&str> = words.iter().map(|word| word.trim_matches(['(', ')', '?'])).collect();
        let unreadable = (0..words.len()).filter(|place| words[*place].starts_with('?')).collect();
        let for_less = (0..words.len()).filter(|place| words[*place].starts_with('(')).collect();
        let mut letters = Letters { for_less, unreadable, ..Letters::new(plain.clone(), new) };
        let judged = judge(&states(&plain), &mut letters, NOW, Seconds::hours(72));
        assert_eq!(name(&judged), *expected, "{history} → {new}: {judged:?}");
    }
}

#[test]
fn what_was_followed_by_a_shown_rollback_was_rolled_back_from() {
    let mut states = states(&["b", "a"]);
    let judged =
        |states: &[FormerState]| name(&judge(states, &mut Letters::new(vec!["b", "a"], "b"), NOW, Seconds::hours(72)));
    assert_eq!(judged(&states), "shown");
    states[1].rollback = true;
    assert_eq!(judged(&states), "rolled back from");
}

#[test]
fn a_rollback_that_was_allowed_may_be_tried_again() {
    let judged = |history: &[&str], rollbacks: &[usize], new| {
        let mut states = states(history);
        for place in rollbacks {
            states[*place].rollback = true;
        }
        let history = history.to_vec();
        name(&judge(&states, &mut Letters::new(history, new), NOW, Seconds::hours(72)))
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

/// What is old and gone stands for nothing; what can't be read otherwise shows nothing.
#[test]
fn an_old_state_that_is_gone_is_left_out() {
    let judged = |history: &[&str], lost: &[usize], new: &str| {
        let letters = &mut Letters { lost: lost.to_vec(), ..Letters::new(history.to_vec(), new) };
        name(&judge(&states(history), letters, NOW, Seconds::hours(1000)))
    };
    for (lost, expected) in [(&[1][..], "shown"), (&[], "unreadable")] {
        assert_eq!(judged(&["a", "!", "b", "c"], lost, "b"), expected);
    }
    // what is there on both sides of it is compared
    assert_eq!(judged(&["a", "!", "b", "a"], &[1], "b"), "rolled back from");
    assert_eq!(judged(&["a", "b", "!", "a", "b", "c"], &[2], "b"), "rolled back from");
    assert_eq!(judged(&["!", "b", "c"], &[0], "b"), "shown");
}

/// What was allowed and then turned down by git is told by what the ref was seen to hold (here in brackets).
#[test]
fn a_state_that_never_landed_can_not_be_returned_to() {
    let rows: &[(&str, &str, &str)] = &[
        ("a x (a) b", "a", "shown"),
        ("a x (a) b", "x", "differs"),
        ("a x y (a) b", "a", "shown"),
        ("a b (b) c", "b", "shown"),
        // another place moved meanwhile, and on these paths it is the same
        ("a (a) b", "a", "shown"),
        // the ref was moved to what nobody allowed
        ("a (y) b", "y", "no former state"),
        ("a (y) b", "a", "differs"),
        // what is current never landed either
        ("a b x (b)", "a", "shown"),
        ("a b x (b)", "b", "differs"),
        ("a b (y)", "b", "gap"),
        ("a b (y)", "a", "gap"),
        // what came after a state that never landed is held against the one before
        ("a b x (b) a (a) c", "a", "shown"),
        ("a b (b) a", "b", "rolled back from"),
    ];
    for (history, new, expected) in rows {
        let words: Vec<&str> = history.split_whitespace().collect();
        let plain: Vec<&str> = words.iter().map(|word| word.trim_matches(['(', ')'])).collect();
        let mut states = states(&plain);
        for (state, word) in states.iter_mut().zip(&words) {
            state.seen = word.starts_with('(');
            state.allowed = !state.seen;
        }
        let judged = judge(&states, &mut Letters::new(plain, new), NOW, Seconds::hours(72));
        let expected = if *expected == "differs" && *history == "a (y) b" { "no former state" } else { expected };
        assert_eq!(name(&judged), expected, "{history} → {new}: {judged:?}");
    }
}

/// What may have been there before all states counts as an earlier one, path by path.
#[test]
fn what_was_there_before_all_states_may_have_been_put_back() {
    let rows: &[(&[&str], &str, &str, &str)] = &[
        (&[], "b a", "b", "shown"),
        (&["c"], "b a", "b", "shown"),
        (&["a"], "b a", "b", "rolled back from"),
        (&["c", "a"], "b a", "b", "rolled back from"),
        (&["ca"], "bb ab", "bb", "shown"),
        (&["ac"], "bb ab", "bb", "rolled back from"),
        // a path that was not there
        (&["a"], "ab a", "ab", "rolled back from"),
        (&["ac"], "ab a", "ab", "shown"),
        // a return to what was there then is nobody's undoing
        (&["a"], "a b", "a", "shown"),
        (&["b"], "a b", "a", "rolled back from"),
        (&["a!"], "b a", "b", "unreadable"),
        // what is no return needs no answer
        (&["a!"], "b a", "c", "differs"),
    ];
    for (before, history, new, expected) in rows {
        let history: Vec<&str> = history.split_whitespace().collect();
        let mut letters = Letters { before: before.to_vec(), ..Letters::new(history.clone(), new) };
        let judged = judge(&states(&history), &mut letters, NOW, Seconds::hours(72));
        assert_eq!(name(&judged), *expected, "{before:?}, {history:?} → {new}: {judged:?}");
    }
}

/// The definition, word for word: states, paths and pairs one by one.
fn by_definition(history: &[&str], new: &str) -> &'static str {
    let current = history.len() - 1;
    let Some(index) = (0..current).rev().find(|index| history[*index] != history[current]) else {
        return "no former state";
    };
    let at = |state: usize, path: usize| history[state].as_bytes()[path];
    let paths = || 0..history[index].len();
    let ends = (0..=index).filter(|place| history[*place] == history[index] && history[place + 1] != history[index]);
    for place in ends {
        for earlier in 0..place {
            if paths().any(|path| at(place, path) != at(place + 1, path) && at(earlier, path) == at(place + 1, path)) {
                return "rolled back from";
            }
        }
    }
    if new == history[index] { "shown" } else { "differs" }
}

#[test]
fn every_short_history_is_judged_as_the_definition_says() {
    let mut judged = 0;
    for (states_of, longest) in [(&["a", "b", "c"][..], 6), (&["aa", "ab", "ba", "bb"][..], 5)] {
        let mut histories: Vec<Vec<&str>> = states_of.iter().map(|state| vec![*state]).collect();
        for _ in 1..longest {
            for history in &histories {
                for new in states_of {
                    let found =
                        judge(&states(history), &mut Letters::new(history.clone(), new), NOW, Seconds::hours(1000));
                    assert_eq!(name(&found), by_definition(history, new), "{history:?} → {new}: {found:?}");
                    judged += 1;
                }
            }
            let longer = histories.iter().flat_map(|history| {
                states_of.iter().map(|state| history.iter().copied().chain([*state]).collect::<Vec<&str>>())
            });
            histories = longer.collect();
        }
    }
    assert_eq!(judged, 3 * (3 + 9 + 27 + 81 + 243) + 4 * (4 + 16 + 64 + 256));
}

/// A branch that goes there and back many times: every pair of states would be a million walks.
#[test]
fn the_walks_grow_with_the_history_and_not_with_its_square() {
    let mut walks = Vec::new();
    for count in [10, 100, 1000] {
        let names: Vec<String> = (0..count).flat_map(|number| ["0".to_owned(), (number + 1).to_string()]).collect();
        let history: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut letters = Letters::new(history.clone(), "0");
        let judged = judge(&states(&history), &mut letters, NOW, Seconds::hours(10_000));
        assert_eq!(name(&judged), "rolled back from", "{count}");
        walks.push(letters.walks);
    }
    assert!(walks[1] <= walks[0] * 11 && walks[2] <= walks[1] * 11, "{walks:?}");
}

#[test]
fn more_states_or_paths_than_are_compared_show_no_rollback() {
    for (count, expected) in [(MOST_STATES, "shown"), (MOST_STATES + 1, "too much")] {
        let mut history = vec!["a"; count];
        history[count - 1] = "b";
        let judged = judge(&states(&history), &mut Letters::new(history.clone(), "a"), NOW, Seconds::hours(72));
        assert_eq!(name(&judged), expected, "{count}");
    }
    let long = vec!["a"; MOST_STATES + 1];
    let mut letters = Letters::new(long.clone(), "a");
    let judged = judge(&states(&long), &mut letters, NOW, Seconds::hours(72));
    assert_eq!((name(&judged), letters.walks), ("too much", 0));
    for (paths, expected) in [(MOST_PATHS, "shown"), (MOST_PATHS + 1, "too much")] {
        let (one, other) = ("a".repeat(paths), "b".repeat(paths));
        let history = vec![one.as_str(), other.as_str()];
        let judged = judge(&states(&history), &mut Letters::new(history.clone(), &one), NOW, Seconds::hours(72));
        assert_eq!(name(&judged), expected);
    }
    let judged = judge(&states(&long), &mut Letters::new(long, "a"), NOW, Seconds::hours(72));
    let Rollback::NotShown(missing) = judged else { panic!("{judged:?}") };
    assert!(missing.to_string().starts_with("there are more than 10000 former states to compare"), "{missing}");
}
