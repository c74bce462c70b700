//! How long backtests take: a million changes against 100 windows, in all lanes of a policy; a table of CSV of a million rows, and of ten
//! million, of which nothing but the cost is kept; and, by the program, 50,000 commits of a branch, every third of which merges two others.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports, and ends where its data is wrong")]

use std::fmt::Write as _;
use std::io::{BufReader, BufWriter, Read, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use freezegate::backtest::judging::BacktestJudge;
use freezegate::backtest::replay::Replay;
use freezegate::backtest::rows::read;
use freezegate::backtest::{PastChange, Profile};
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::reach::{Declared, DeclaredNames};
use freezegate::time::instant;
use freezegate::time::seconds::Seconds;

/// 2025-01-01T00:00:00Z
const FROM: instant::Instant = instant::Instant::from_second(1_735_689_600);

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

/// The first-parent commits of the branch.
const COMMITS: usize = 50_000;

/// The policy of the branch.
const BRANCH_POLICY: &str = r#"version = 1
[regions.us]
timezones = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
duration = "10m"
[environments.staging]
during_core_hours = "off"
[[targets]]
refs = ["refs/heads/main"]
paths = ["deploy/{environment}/{region}/**"]
[[targets]]
refs = ["refs/heads/main"]
paths = ["src/**"]
environment = "*"
"#;

/// Writes a history for `git fast-import`: 2,760 files, of which each commit changes one to three.
fn write_history(to: &mut dyn Write) -> std::io::Result<()> {
    let mut paths = Vec::new();
    for (environment, region) in [("production", "us"), ("production", "eu"), ("staging", "us"), ("staging", "eu")] {
        paths.extend((0..40).map(|service| format!("deploy/{environment}/{region}/service-{service:02}.yaml")));
    }
    paths.extend((0..2400).map(|file| format!("src/part_{:02}/file_{:03}.rs", file / 60, file % 60)));
    paths.extend((0..200).map(|page| format!("docs/{page:03}.md")));
    let commit = |to: &mut dyn Write, branch: &str, mark: usize, at: instant::Instant, message: &str| {
        let (at, length) = (at.as_second(), message.len());
        write!(
            to,
            "commit refs/heads/{branch}\nmark :{mark}\ncommitter C <c@example.com> {at} +0000\ndata {length}\n{message}\n"
        )
    };
    let edit = |to: &mut dyn Write, number: usize, mark: usize| {
        let path = paths.iter().cycle().nth(number * 7919 % paths.len()).map_or("", String::as_str);
        write!(to, "M 100644 inline {path}\ndata 8\n{mark:08}\n")
    };
    commit(to, "main", 1, FROM, "first")?;
    for number in 0..paths.len() {
        edit(to, number, 0)?;
    }
    let (mut tip, mut mark, mut at) = (1, 1, FROM);
    for number in 2..=COMMITS {
        at += Seconds::new(i64::try_from(600 + number * 7919 % 5400).unwrap());
        mark += 1;
        if number % 3 == 0 {
            commit(to, "side", mark, at - Seconds::new(100_000), "beside")?;
            writeln!(to, "from :{}", tip.max(101) - 100)?;
            edit(to, number, mark)?;
            commit(to, "side", mark + 1, at - Seconds::new(90_000), "beside")?;
            edit(to, number + 1, mark + 1)?;
            mark += 2;
            commit(to, "main", mark, at, &format!("Merge branch {number}"))?;
            writeln!(to, "from :{tip}\nmerge :{}", mark - 1)?;
        } else {
            commit(to, "main", mark, at, &format!("Change {number}\n\nWhy it changed, in a line of text.\n"))?;
            writeln!(to, "from :{tip}")?;
        }
        for edited in 0..=number % 3 {
            edit(to, number * 3 + edited, mark)?;
        }
        tip = mark;
    }
    to.flush()
}

/// How long the program takes for all commits of a branch.
fn branch() {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .envs(option_env!("PATH").map(|path| ("PATH", path)));
        command.env("HOME", folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        command
    };
    assert!(run("git", &["init", "--quiet", "--initial-branch=main", "."]).status().unwrap().success());
    let mut import = run("git", &["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    write_history(&mut BufWriter::new(import.stdin.take().unwrap())).unwrap();
    assert!(import.wait().unwrap().success());
    assert!(run("git", &["repack", "-a", "-d", "--quiet"]).status().unwrap().success());
    std::fs::write(folder.path().join("freezegate.toml"), BRANCH_POLICY).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_freezegate")).to_str().unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        let ended = run(program, &["backtest", "--branch", "main"]).output().unwrap();
        let printed = String::from_utf8_lossy(&ended.stdout).into_owned();
        let first = printed.lines().next().unwrap_or_default();
        println!("{COMMITS} commits of a branch: {:?}, {first}", start.elapsed());
    }
}

fn main() {
    branch();
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let policy = policy();
    let start = Instant::now();
    let replay = Replay::new(&policy);
    let profiles = ["", "us", "eu", "apac", "us apac"].map(|region| profile(&replay, region));
    let mut judging = BacktestJudge::new(&replay, threads, (None, None));
    for number in 0..1_000_000_i64 {
        let at = FROM + Seconds::new(number * 7919 % (2 * 365 * 86_400));
        let profile = Arc::clone(profiles.iter().cycle().nth(usize::try_from(number % 5).unwrap()).unwrap());
        judging.add(
            PastChange { at, duration: (number % 3 == 0).then_some(Seconds::new(number % 7200)), profile, name: None },
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
        let mut judging = BacktestJudge::new(&replay, threads, (None, None));
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
