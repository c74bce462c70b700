//! The record and rollbacks.

use crate::attacks::transcript::Transcript;

/// A few small trees that stand for a million paths: refused for what it is, in bounded memory. The limits of the script's own
/// shell end a program that takes more.
#[test]
fn a_tree_bomb_is_refused_within_bounds() {
    let said = Transcript::of("13-tree-bomb.sh", &[("FAN", "40"), ("LIMIT", "600000")]);
    said.says("closed: push of 40^3 paths", &["[git push exit 1]", "KiB"]);
    said.never_says(&["memory allocation", "panicked"]);
    assert!(said.text().contains("production/us is closed"), "{}", said.text());
}

/// The environment is declared, so the whole tree has to go back: a revert that brings new code along is not a rollback.
#[test]
fn a_rollback_brings_no_rider() {
    let said = Transcript::of("06-ci-rollback-rider.sh", &[]);
    said.says("closed, control: code alone", &["[check exit 1]"]);
    said.says("closed: back to S0's one line, and new code with it", &["[check exit 1]"]);
    said.never_says(&["[check exit 2]"]);
    assert!(said.text().contains("=== night: S1 is deployed"));
}

/// What GNU time said of a hook: the most memory that it had, in KiB, and the processor time of its own, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Cost {
    kilobytes: u64,
    milliseconds: u64,
}

impl Cost {
    /// The cost in the line `18588 KiB, 0.74 s user, …` of a part.
    #[track_caller]
    fn of(said: &Transcript, title: &str) -> Self {
        let part = said.part(title);
        let line = part.lines().find(|line| line.contains(" KiB, ")).unwrap_or_else(|| panic!("`{title}`: {part}"));
        let (kilobytes, rest) = line.split_once(" KiB, ").unwrap();
        let seconds: f64 = rest.split(' ').next().unwrap().parse().unwrap();
        let milliseconds = std::time::Duration::from_secs_f64(seconds).as_millis().try_into().unwrap();
        Self { kilobytes: kilobytes.parse().unwrap(), milliseconds }
    }
}

/// Four times as much takes no more than eight times as long, in about as much memory: what grows with the square takes sixteen
/// times as long.
#[track_caller]
fn grows_no_faster_than_the_input(few: Cost, many: Cost) {
    assert!(many.milliseconds <= 8 * few.milliseconds.max(50), "{few:?}, {many:?}");
    assert!(many.kilobytes <= few.kilobytes + 40_000, "{few:?}, {many:?}");
}

/// The refs in which freezegate keeps things are nobody's to push to, so that no push stops those that come after it.
#[test]
fn nobody_who_pushes_moves_what_a_server_remembers_of_a_shared_record() {
    let said = Transcript::of("11-record-memory.sh", &[]);
    said.says("refused, as it should be", &["refused: production/us is closed", "[git push exit 1]"]);
    said.says("poison the memory", &["the push moves `refs/freezegate/record`", "[git push exit 1]"]);
    let next = said.part("next push of anybody, to anything");
    assert_eq!(next.matches("[git push exit 0]").count(), 2, "{next}");
}

/// A refused push leaves an entry of the same size whatever its number of tags, and costs what its tags cost.
#[test]
fn a_refused_push_of_many_tags_leaves_a_small_entry() {
    let size_and_text = |count: &str| {
        let said = Transcript::of("12-record-blowup.sh", &[("N", count)]);
        let part = said.part("closed: push of");
        assert!(part.contains("failed to push some refs") && part.contains("status 1"), "{part}");
        said.says("a push of one path afterwards", &["[git push exit 0]"]);
        let size = part.lines().find(|line| line.starts_with("-rw")).unwrap().split_whitespace().nth(4).unwrap();
        let memory: u64 = part.split(" KiB").next().unwrap().rsplit('\n').next().unwrap().parse().unwrap();
        (size.parse::<u64>().unwrap(), memory)
    };
    let (few, many) = (size_and_text("250"), size_and_text("1000"));
    assert!(few.0 < 100_000 && many.0 < few.0 + 1_000, "{few:?}, {many:?}");
    assert!(many.1 < few.1 + 20_000, "{few:?}, {many:?}");
}

/// An old record without checkpoints is read as a whole, in a fixed amount of memory, until the next entry is a checkpoint; then
/// its length does not matter.
#[test]
fn a_decision_with_a_long_record_costs_what_one_with_a_short_record_does() {
    for (script, few, many) in [("17-long-record.sh", "5000", "20000"), ("17b-long-ref-record.sh", "2000", "8000")] {
        let of = |count: &str| {
            let said = Transcript::of(script, &[("N", count), ("LIMIT", "400000"), ("SEC", "60")]);
            said.says("docs", &["[git push exit 0]"]);
            for title in ["production, closed", "once more"] {
                said.says(title, &["[git push exit 1]", "exited with non-zero status 1"]);
            }
            ["docs", "production, closed", "once more"].map(|title| Cost::of(&said, title))
        };
        let ([whole, first, second], [whole_many, first_many, second_many]) = (of(few), of(many));
        grows_no_faster_than_the_input(whole, whole_many);
        grows_no_faster_than_the_input(first, first_many);
        assert!(second_many.milliseconds <= 2 * second.milliseconds + 50, "{script}: {second:?}, {second_many:?}");
        assert!(second_many.milliseconds <= first_many.milliseconds / 2, "{script}: {first_many:?}, {second_many:?}");
    }
}

/// Of every state only those that a change goes back to are compared, whatever else it went to and from.
#[test]
fn a_history_that_goes_there_and_back_is_looked_at_once() {
    for history in ["reflog", "record"] {
        let of = |count: &str| {
            let set = [("N", count), ("HISTORY", history), ("LIMIT", "400000"), ("SEC", "60")];
            let said = Transcript::of("18-history-quadratic.sh", &set);
            said.says(&format!("N={count}: production, closed"), &["[git push exit 1]", "non-zero status 1"]);
            Cost::of(&said, &format!("N={count}: production, closed"))
        };
        grows_no_faster_than_the_input(of("200"), of("800"));
    }
}

/// Returns what a push printed, in one line: messages of the remote are wrapped.
fn unwrapped(text: &str) -> String {
    text.replace("remote:", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whoever may read the record may hold its lock: a push waits half a minute, and is told for what. One that is recorded nowhere
/// needs no lock but that of readers.
#[test]
fn a_lock_that_somebody_holds_stops_a_push_for_half_a_minute() {
    let said = Transcript::of("31-lock-and-time.sh", &[("PARTS", "c")]);
    let part = unwrapped(said.part("c)"));
    for text in ["[exit 0 after ", "was locked by another process for 30 s", "[exit 1 after 3"] {
        assert!(part.contains(text), "{text}: {part}");
    }
}

/// A remote that takes the connection and says nothing.
#[test]
fn a_remote_that_is_silent_stops_a_push_for_a_minute() {
    let said = Transcript::of("31-lock-and-time.sh", &[("PARTS", "b")]);
    let part = unwrapped(said.part("b)"));
    let text = "can't be reached: `git fetch` did not end within 60 s";
    let after = part.rsplit("[exit 1 after ").next().and_then(|rest| rest.split(' ').next());
    let seconds: u32 = after.unwrap().parse().unwrap();
    // a busy machine takes longer
    assert!(part.contains(text) && (60..600).contains(&seconds), "{text}: {part}");
}
