//! What decisions cost within one process, beside other ways to answer the same question: `cargo bench --bench decisions`.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::indexing_slicing, reason = "policies and samples are of known length")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, Timelike};
use freezegate::decision::openings::openings;
use freezegate::decision::schedule::{DecisionQuestion, around};
use freezegate::decision::{HORIZON, Schedule, Verdict};
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::reach::{Declared, DeclaredNames, Reach, reach};
use freezegate::time::instant;
use freezegate::time::seconds::Seconds;
use freezegate::time::zone::TimeError;
use toml::de::DeTable;

mod policies;
mod timing;

use timing::{Pair, median};

/// 2026-11-21T12:00:00Z, a Saturday.
const NOW: instant::Instant = instant::Instant::from_second(1_795_262_400);

/// One region in one zone: what can still be written by hand.
const SIMPLE: &str = "version = 1\n\
    [regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
    [environments.e0]\n";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    // `cargo test --all-targets` runs benches too, without this argument
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    decisions()?;
    look_ahead()?;
    ten_thousand()?;
    growth()
}

/// A policy and what is asked of it: may a change go to `e0`?
struct Asked {
    policy: Policy,
    declared: Declared,
    reach: Reach,
}

impl Asked {
    fn of(text: &str) -> Outcome<Self> {
        let policy = policy(text)?;
        let names = DeclaredNames { environments: vec!["e0".to_owned()], ..DeclaredNames::default() };
        let declared = Declared::resolve(&names, &policy).map_err(|faults| format!("{faults:?}"))?;
        let reach = reach(&policy, &declared, None, false);
        Ok(Self { policy, declared, reach })
    }

    fn question(&self) -> DecisionQuestion<'_> {
        DecisionQuestion {
            policy: &self.policy,
            reach: &self.reach,
            declared: &self.declared,
            duration: None,
            granted: &[],
        }
    }

    fn schedule(&self) -> Result<Schedule<'_>, TimeError> {
        Schedule::compile(&self.question(), &[], around(NOW, HORIZON)?)
    }
}

/// A policy of one file that is in memory already.
struct Text<'t>(&'t str);

impl PolicyFiles for Text<'_> {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
        Ok(self.0.as_bytes().to_vec())
    }
}

fn policy(text: &str) -> Outcome<Policy> {
    load(&Text(text), &["freezegate.toml".to_owned()], &[]).map_err(|faults| format!("{faults:?}").into())
}

/// `count` instants within the 400 days from [`NOW`] on, in no order.
fn instants(count: usize) -> Vec<instant::Instant> {
    // the constants are those of Knuth's MMIX
    let step =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let states = std::iter::successors(Some(1), step);
    states
        .take(count)
        .filter_map(|state| i64::try_from(state >> 33).ok())
        .map(|draw| NOW + Seconds::new(draw % HORIZON.get()))
        .collect()
}

/// One way to answer a question: of so many instants, how many are open?
struct Way<'w> {
    name: &'static str,
    open: Box<Count<'w>>,
}

impl<'w> Way<'w> {
    fn new(name: &'static str, is_open: impl Fn(instant::Instant) -> bool + 'w) -> Self {
        let open = move |instants: &[instant::Instant]| {
            instants.iter().filter(|at| black_box(is_open(black_box(**at)))).count()
        };
        Self { name, open: Box::new(open) }
    }
}

type Count<'w> = dyn Fn(&[instant::Instant]) -> usize + 'w;

/// Runs all ways in turn over the same instants and prints how many each decides in a second.
fn race(ways: &[Way<'_>], instants: &[instant::Instant]) -> Outcome<()> {
    const ROUNDS: usize = 31;
    let mut times: Vec<Vec<Duration>> = vec![Vec::with_capacity(ROUNDS); ways.len()];
    for _ in 0..ROUNDS {
        let mut counts = Vec::with_capacity(ways.len());
        for (way, times) in ways.iter().zip(&mut times) {
            let start = Instant::now();
            counts.push((way.open)(instants));
            times.push(start.elapsed());
        }
        if counts.iter().any(|count| *count != counts[0]) {
            return Err(format!("the ways do not agree: {counts:?} of {} instants are open", instants.len()).into());
        }
    }
    for (way, times) in ways.iter().zip(times) {
        let nanoseconds = median(times).as_secs_f64() * 1e9 / instants.len() as f64;
        println!("  {:<44} {:>7.2} million a second   {nanoseconds:>8.1} ns each", way.name, 1e3 / nanoseconds);
    }
    Ok(())
}

fn decisions() -> Outcome<()> {
    let all = instants(50_000);
    let asked = Asked::of(SIMPLE)?;
    let schedule = asked.schedule()?;
    let verdict = |at| schedule.verdict(at) == Verdict::Allowed;
    let decide = |at| black_box(schedule.decide(at)).verdict == Verdict::Allowed;
    let closed_hours = table();
    println!("decisions, one region of one zone, any instant of 400 days:");
    race(
        &[
            Way::new("table of the week, by hand", |at| !closed_hours[hour_of_week(at)]),
            Way::new("chrono-tz, by hand", |at| !is_at_work(at)),
            Way::new("freezegate, verdict", verdict),
            Way::new("freezegate, decision with all findings", decide),
        ],
        &all,
    )?;
    let (open, closed): (Vec<instant::Instant>, Vec<instant::Instant>) = all.iter().partition(|at| verdict(**at));
    for (title, instants) in [("open", &open), ("closed", &closed)] {
        println!("the same, {title} instants only:");
        race(
            &[Way::new("freezegate, verdict", verdict), Way::new("freezegate, decision with all findings", decide)],
            instants,
        )?;
    }
    for (title, served, freezes) in [
        ("two regions of two zones each", 2, 0),
        ("20 regions of two zones each", 20, 0),
        ("two regions, 10,000 freezes of which 200 apply", 2, 10_000),
    ] {
        let asked = Asked::of(&(policies::regions_and_environments(served) + &policies::freezes(freezes, 200)))?;
        let schedule = asked.schedule()?;
        println!("{title}, any instant of 400 days:");
        race(
            &[
                Way::new("freezegate, verdict", |at| schedule.verdict(at) == Verdict::Allowed),
                Way::new("freezegate, decision with all findings", |at| {
                    black_box(schedule.decide(at)).verdict == Verdict::Allowed
                }),
            ],
            &all,
        )?;
    }
    Ok(())
}

/// Returns which hours of a week, from Monday on, are core hours.
fn table() -> Vec<bool> {
    (0..7 * 24).map(|hour| hour / 24 < 5 && (8..18).contains(&(hour % 24))).collect()
}

/// The hour of the week in Berlin, its summer of 2027 written down.
fn hour_of_week(at: instant::Instant) -> usize {
    let at = at.as_second();
    // from 2027-03-28T01:00:00Z to 2027-10-31T01:00:00Z
    let offset = if (1_806_195_600..1_824_944_400).contains(&at) { 7_200 } else { 3_600 };
    // 1970 began on a Thursday
    usize::try_from(((at + offset) / 3_600 + 3 * 24) % (7 * 24)).unwrap_or(0)
}

fn is_at_work(at: instant::Instant) -> bool {
    DateTime::from_timestamp(at.as_second(), 0).is_some_and(|instant| {
        let local = instant.with_timezone(&chrono_tz::Europe::Berlin);
        local.weekday().number_from_monday() <= 5 && (8..18).contains(&local.hour())
    })
}

/// The median time of `task`.
fn time<T>(runs: usize, mut task: impl FnMut() -> Outcome<T>) -> Outcome<Duration> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        black_box(task()?);
        times.push(start.elapsed());
    }
    Ok(median(times))
}

fn look_ahead() -> Outcome<()> {
    println!("\nopenings of the 400 days ahead, and one decision with what it needs laid out:");
    for served in [1, 2, 20] {
        let asked = Asked::of(&policies::regions_and_environments(served))?;
        let question = asked.question();
        let ahead = time(301, || Ok(openings(&question, &[], NOW, usize::MAX)?))?;
        let once = time(301, || Ok(Schedule::decide_at(&question, &[], NOW)?))?;
        println!(
            "  {served:>2} regions of two zones each: openings {:.3} ms, one decision {:.3} ms",
            ahead.as_secs_f64() * 1e3,
            once.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

fn ten_thousand() -> Outcome<()> {
    println!("\n10,000 freezes, in memory:");
    let text = policies::regions_and_environments(2) + &policies::freezes(10_000, 200);
    let load = || {
        let start = Instant::now();
        drop(black_box(policy(&text)?));
        Ok::<_, Box<dyn Error>>(start.elapsed())
    };
    let parse = || {
        let start = Instant::now();
        drop(black_box(DeTable::parse(&text)?));
        Ok(start.elapsed())
    };
    println!("{}", Pair::measure(51, load, parse)?.line("checked policy", "toml parses the text"));
    Ok(())
}

fn growth() -> Outcome<()> {
    println!("\none decision with what it needs laid out, as windows become more:");
    for (all, own) in [(100, 10), (1_000, 10), (10_000, 10), (10_000, 100), (10_000, 1_000), (10_000, 10_000)] {
        let asked = Asked::of(&(policies::regions_and_environments(2) + &policies::freezes(all, own)))?;
        let question = asked.question();
        let once = time(51, || Ok(Schedule::decide_at(&question, &[], NOW)?))?;
        println!("  {all:>6} freezes, {own:>6} apply: {:.3} ms", once.as_secs_f64() * 1e3);
    }
    Ok(())
}
