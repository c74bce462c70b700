//! How long backtests take: a million changes against 100 windows, in all lanes of a policy; a table of CSV of a million rows, and of ten
//! million, of which nothing but the cost is kept.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports, and ends where its data is wrong")]

use std::fmt::Write as _;
use std::io::{BufReader, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use freezegate::backtest::judging::Judging;
use freezegate::backtest::replay::Replay;
use freezegate::backtest::rows::read;
use freezegate::backtest::{PastChange, Profile};
use freezegate::change::{Declared, DeclaredNames};
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};

/// 2025-01-01T00:00:00Z
const FROM: i64 = 1_735_689_600;

struct One(String);

impl PolicyFiles for One {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
        Ok(self.0.clone().into_bytes())
    }
}

/// Three regions at work, and freezes of an hour or a day, weekly, monthly and yearly: a hundred windows.
fn policy() -> Policy {
    let mut text = "version = 1\n".to_owned();
    for (region, zones) in
        [("us", "America/New_York\", \"America/Los_Angeles"), ("eu", "Europe/Berlin"), ("apac", "Asia/Tokyo")]
    {
        writeln!(text, "[regions.{region}]\ntimezones = [\"{zones}\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]")
            .unwrap();
    }
    text.push_str("[environments.production]\nduration = \"10m\"\nsettle = \"30m\"\n");
    for number in 0..97 {
        let (from, until) = match number % 3 {
            0 => (format!("Sat {:02}:00", number % 23), format!("Sat {:02}:30", number % 23)),
            1 => (format!("day {} 03:00", number % 27 + 1), format!("day {} 05:00", number % 27 + 1)),
            _ => (format!("Mar {} 00:00", number % 27 + 1), format!("Mar {} 00:00", number % 27 + 2)),
        };
        writeln!(
            text,
            "[[freezes]]\nname = \"f{number}\"\nfrom = \"{from}\"\nuntil = \"{until}\"\ntimezone = \"region\""
        )
        .unwrap();
    }
    load(&One(text), &["freezegate.toml".to_owned()], &[]).map_err(|faults| format!("{faults:?}")).unwrap()
}

/// The profile of changes of one region, or of all.
fn profile(replay: &Replay<'_>, region: &str) -> Arc<Profile> {
    let names = DeclaredNames {
        environments: vec!["production".to_owned()],
        regions: region.split_whitespace().map(str::to_owned).collect(),
        ..DeclaredNames::default()
    };
    replay.said(&Declared::resolve(&names, replay.policy()).unwrap()).unwrap()
}

/// A table of so many rows, made as it is read.
struct Table {
    rows: u64,
    next: u64,
    waiting: Vec<u8>,
}

impl Read for Table {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.waiting.len() < buffer.len() && self.next < self.rows {
            let number = self.next;
            self.next += 1;
            if number == 0 {
                self.waiting.extend_from_slice(b"time,environment,region,duration\n");
            }
            let (day, second) = (number % 28 + 1, number * 7919 % 86_400);
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
            let month = number / 28 % 12 + 1;
            let row =
                format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z,production,us,{}m\n", number % 90);
            self.waiting.extend_from_slice(row.as_bytes());
        }
        let count = self.waiting.len().min(buffer.len());
        for (byte, from) in buffer.iter_mut().zip(self.waiting.drain(..count)) {
            *byte = from;
        }
        Ok(count)
    }
}

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let policy = policy();
    let start = Instant::now();
    let replay = Replay::new(&policy);
    let profiles = ["", "us", "eu", "apac", "us apac"].map(|region| profile(&replay, region));
    let mut judging = Judging::new(&replay, threads, (None, None));
    for number in 0..1_000_000_i64 {
        let at = FROM + number * 7919 % (2 * 365 * 86_400);
        let profile = Arc::clone(profiles.iter().cycle().nth(usize::try_from(number % 5).unwrap()).unwrap());
        judging.add(
            PastChange { at, duration: (number % 3 == 0).then_some(number % 7200), profile, name: None },
            String::new,
        );
    }
    let judged = judging.finish();
    let windows = judged.tally.windows.len();
    println!(
        "1,000,000 changes, {windows} windows, {threads} threads: {:?}, {} refused",
        start.elapsed(),
        judged.tally.all.refused
    );
    for rows in [1_000_000, 10_000_000] {
        let start = Instant::now();
        let replay = Replay::new(&policy);
        let profile = profile(&replay, "us");
        let mut judging = Judging::new(&replay, threads, (None, None));
        let mut input = BufReader::with_capacity(1 << 18, Table { rows, next: 0, waiting: Vec::new() });
        let notes = read(&mut input, &mut |_, row| {
            let row = row.map_err(|bad| bad.cause).unwrap();
            let change = PastChange { at: row.at, duration: row.duration, profile: Arc::clone(&profile), name: row.id };
            judging.add(change, String::new);
            ControlFlow::Continue(())
        });
        let judged = judging.finish();
        let rows = notes.map_or(0, |notes| notes.rows);
        println!("{rows} rows of CSV: {:?}, {} refused", start.elapsed(), judged.tally.all.refused);
    }
}
