//! What holds of every policy and every change.

use std::collections::BTreeSet;
use std::fmt::Debug;

use freezegate::decision::schedule::{DecisionQuestion, around};
use freezegate::decision::{Decision, HORIZON, Schedule, Verdict};
use freezegate::diagnostic::Code;
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::policies::change::{Asked, instant as told};
use crate::policies::drafts::{Draft, asking, draft, instant};
use crate::policies::files::{Memory, report};

/// Tries `test` on `cases` values, the same on every run.
pub(crate) fn check<S: Strategy>(cases: u32, values: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, max_global_rejects: 4 * cases, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(error) = runner.run(&values, test) {
        panic!("{error}");
    }
}

/// The policy, unless its parts exclude each other, as drafts by chance may.
pub(crate) fn read(files: &Memory) -> Result<Policy, TestCaseError> {
    files.load().map_err(|faults| {
        // hours by chance may be written twice
        let excluding = |code: Code| matches!(code, Code::EmptySet | Code::Contradiction | Code::DuplicateName);
        if faults.diagnostics.iter().all(|fault| excluding(fault.code)) {
            TestCaseError::reject("its parts exclude each other")
        } else {
            TestCaseError::fail(report(&faults))
        }
    })
}

pub(crate) fn read_draft(draft: &Draft) -> Result<Policy, TestCaseError> {
    read(&Memory::one(draft.text()))
}

/// What a decision says, without the order of its findings and without the zone that tells the clock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    verdict: Verdict,
    next_open: Option<Instant>,
    valid_until: Option<Instant>,
    findings: BTreeSet<String>,
}

pub(crate) fn said(decision: &Decision) -> Said {
    let within = |instant: Option<Instant>| {
        instant.filter(|instant| (*instant - decision.at).get().abs() < HORIZON.get()).map(told)
    };
    let findings = decision.findings.iter().map(|finding| {
        let span = finding.window.as_ref().map(|met| (within(met.from), within(met.until)));
        let lifted = finding.lifted_by.is_some();
        format!(
            "{} {} {:?} {:?} {:?} {span:?} {lifted}",
            finding.code.as_str(),
            finding.id,
            finding.level,
            finding.environment,
            finding.region
        )
    });
    Said {
        verdict: decision.verdict,
        next_open: decision.next_open,
        valid_until: decision.valid_until,
        findings: findings.collect(),
    }
}

/// Numbers by chance, for shuffling.
struct Dice(u64);

impl Dice {
    /// A number below `sides`, by Marsaglia's xorshift64.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.roll(last + 1));
        }
    }
}

/// The same policy with every list in another order.
fn with_lists_shuffled(block: &str, dice: &mut Dice) -> String {
    let shuffled = |line: &str, dice: &mut Dice| -> String {
        let Some((key, items)) = line.split_once(" = [").and_then(|(key, rest)| Some((key, rest.strip_suffix(']')?)))
        else {
            return line.to_owned();
        };
        // items of inline tables hold commas of their own
        let separator = if items.starts_with('{') { "}, " } else { ", " };
        let mut items: Vec<String> = items.split(separator).map(|item| item.trim_end_matches('}').to_owned()).collect();
        dice.shuffle(&mut items);
        let close = separator.trim_end_matches(", ");
        let items: Vec<String> = items.into_iter().map(|item| format!("{item}{close}")).collect();
        format!("{key} = [{}]", items.join(", "))
    };
    block.lines().map(|line| shuffled(line, dice) + "\n").collect()
}

/// The policy of `draft` in other files, its tables and entries and their lists in another order.
fn shuffled(draft: &Draft, seed: u64) -> Memory {
    let mut dice = Dice(seed | 1);
    let mut blocks: Vec<String> = draft.blocks().iter().map(|block| with_lists_shuffled(block, &mut dice)).collect();
    dice.shuffle(&mut blocks);
    let mut files = vec![String::new(); 1 + dice.roll(4)];
    for block in blocks {
        let file = dice.roll(files.len());
        files[file].push_str(&block);
    }
    let mut includes: Vec<String> = (1..files.len()).map(|number| format!("\"part/{number}.toml\"")).collect();
    dice.shuffle(&mut includes);
    let head = format!("version = 1\ninclude = [{}]\n", includes.join(", "));
    let head = if includes.is_empty() { "version = 1\n".to_owned() } else { head };
    files.iter().enumerate().fold(Memory::default(), |memory, (number, text)| match number {
        0 => memory.with("freezegate.toml", format!("{head}{text}")),
        _ => memory.with(format!("part/{number}.toml"), format!("version = 1\n{text}")),
    })
}

#[test]
fn order_means_nothing() {
    check(300, (draft(), asking(true), vec(instant(), 4), any::<u64>()), |(draft, asking, instants, seed)| {
        let (one, other) = (read_draft(&draft)?, read(&shuffled(&draft, seed))?);
        let change = draft.change(&asking);
        let (one, other) = (change.under(&one), change.under(&other));
        for at in instants {
            prop_assert_eq!(said(&one.decide(at)), said(&other.decide(at)), "at {}", told(at));
        }
        Ok(())
    });
}

/// A little more than 400 days to either side, and whatever is reckoned with besides.
const WIDE: Seconds = HORIZON.saturating_add(Seconds::days(3));

/// Everything from `at` as far as a decision looks.
fn schedule<'a>(asked: &'a Asked<'_>, question: &DecisionQuestion<'a>, at: Instant) -> Schedule<'a> {
    Schedule::compile(question, &asked.standing, around(at, WIDE).unwrap()).unwrap()
}

#[test]
fn the_near_future_alone_decides_as_all_of_it() {
    check(250, (draft(), asking(true), vec(instant(), 3)), |(draft, asking, instants)| {
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        let asked = change.under(&policy);
        let question = asked.question();
        for at in instants {
            let schedule = schedule(&asked, &question, at);
            let (near, all) = (asked.decide(at), schedule.decide(at));
            prop_assert_eq!(said(&near), said(&all), "at {}", told(at));
            prop_assert_eq!(schedule.verdict(at), all.verdict);
        }
        Ok(())
    });
}

/// Seconds from `from` up to `until`: the first and last, those beside each hour, and every 13 minutes between.
fn seconds(from: Instant, until: Instant) -> impl Iterator<Item = Instant> {
    let (from, until) = (from.as_second(), until.as_second());
    let coarse = (from..until).step_by(13 * 60);
    let beside = (from.div_euclid(3600) + 1..=until.div_euclid(3600))
        .flat_map(|hour| [hour * 3600 - 1, hour * 3600, hour * 3600 + 1]);
    coarse
        .chain(beside)
        .chain([until - 1])
        .filter(move |second| (from..until).contains(second))
        .map(Instant::from_second)
}

#[test]
fn a_verdict_holds_until_it_says_and_not_a_second_longer() {
    check(400, (draft(), asking(true), instant()), |(draft, asking, at)| {
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        let asked = change.under(&policy);
        let question = asked.question();
        let schedule = schedule(&asked, &question, at);
        let decision = asked.decide(at);
        let end = decision.valid_until.unwrap_or(at + HORIZON);
        for second in seconds(at, end) {
            prop_assert_eq!(schedule.verdict(second), decision.verdict, "at {}, as at {}", told(second), told(at));
        }
        if let Some(end) = decision.valid_until {
            prop_assert!(at < end && end <= at + HORIZON);
            prop_assert!(schedule.verdict(end) != decision.verdict, "still so at {}", told(end));
        }
        match decision.verdict {
            Verdict::Allowed => prop_assert_eq!(decision.next_open, Some(at)),
            Verdict::Refused => prop_assert_eq!(decision.next_open, decision.valid_until),
        }
        // as decided anew then, not only as laid out now
        for second in [
            end - Seconds::new(1),
            end,
            end + Seconds::new(1),
            Instant::from_second(at.as_second().midpoint(end.as_second())),
        ] {
            prop_assert_eq!(asked.decide(second).verdict, schedule.verdict(second), "at {}", told(second));
        }
        Ok(())
    });
}

#[test]
fn openings_are_all_the_time_in_which_a_change_may_start() {
    check(400, (draft(), asking(true), instant(), 1..6_usize), |(draft, asking, at, count)| {
        let policy = read_draft(&draft)?;
        let change = draft.change(&asking);
        let asked = change.under(&policy);
        let question = asked.question();
        let schedule = schedule(&asked, &question, at);
        let openings = asked.openings(at, count);
        prop_assert!(openings.len() <= count);
        let mut closed = at;
        for opening in &openings {
            prop_assert!(opening.from >= closed);
            for second in seconds(closed, opening.from) {
                prop_assert_eq!(schedule.verdict(second), Verdict::Refused, "before, at {}", told(second));
            }
            let until = opening.until.unwrap_or(at + HORIZON);
            for second in seconds(opening.from, until.min(opening.from + Seconds::new(30 * 24 * 3600))) {
                prop_assert_eq!(schedule.verdict(second), Verdict::Allowed, "within, at {}", told(second));
            }
            if opening.until.is_some() {
                prop_assert_eq!(schedule.verdict(until), Verdict::Refused, "after, at {}", told(until));
            }
            closed = until;
        }
        if openings.len() < count && closed < at + HORIZON {
            for second in seconds(closed, at + HORIZON) {
                prop_assert_eq!(schedule.verdict(second), Verdict::Refused, "at last, at {}", told(second));
            }
        }
        prop_assert_eq!(openings.first().map(|opening| opening.from), asked.decide(at).next_open);
        Ok(())
    });
}
