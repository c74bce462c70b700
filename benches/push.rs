//! What the pre-push hook costs, from its start to its end, next to git's own comparison of the same two trees.
//!
//! `cargo bench --bench push` makes a repository of 100,000 files and pushes of 1, 100 and 5,000 commits in it. It measures
//! the program as it should be shipped, linked statically, and for one push as `cargo build --release` links it.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::indexing_slicing, reason = "lists of times are of known length")]

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod program;
mod timing;

use timing::Pair;

const POLICY: &str = r#"version = 1
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
paths       = ["services/s1/**"]
except      = ["**/*.md"]
environment = "staging"
"#;

/// Files: ten services of a hundred folders of a hundred files.
const SERVICES: usize = 10;
const FOLDERS: usize = 100;
const FILES: usize = 100;

/// Commits and changed files of each push.
const PUSHES: [(usize, usize); 6] = [(1, 10), (100, 10), (5_000, 10), (1, 1_000), (100, 20_000), (5_000, 20_000)];

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --all-targets` runs benches too, without this argument
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = program::linked_statically(folder)?;
    let folder = folder.join("push");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let repository = Repository { folder };
    repository.fill()?;
    let base = repository.git(&["rev-parse", "refs/heads/main"])?;
    println!("{} files (median of 30 runs each, in turn):", SERVICES * FOLDERS * FILES);
    for (index, (commits, changed)) in PUSHES.into_iter().enumerate() {
        let new = repository.git(&["rev-parse", &format!("refs/heads/push{index}")])?;
        let title = format!("hook, {commits} commits, {changed} files");
        let pair = Pair::measure(30, || repository.hook(&program, &base, &new), || repository.compare(&base, &new))?;
        println!("{}", pair.line(&title, "git diff-tree"));
    }
    let new = repository.git(&["rev-parse", "refs/heads/push0"])?;
    let as_linked = Path::new(env!("CARGO_BIN_EXE_freezegate"));
    let pair = Pair::measure(30, || repository.hook(as_linked, &base, &new), || repository.compare(&base, &new))?;
    println!("{}", pair.line("the first, as cargo links it", "git diff-tree"));
    Ok(())
}

struct Repository {
    folder: PathBuf,
}

impl Repository {
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.folder);
        command.env("HOME", &self.folder).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    fn git(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let output = self.command("git").args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// The base on `main`, as fetched from a remote, and a branch for each push.
    fn fill(&self) -> Result<(), Box<dyn Error>> {
        self.git(&["init", "-q", "--initial-branch=main", "."])?;
        let mut stream = String::new();
        commit(&mut stream, "refs/heads/main", None)?;
        file(&mut stream, "freezegate.toml", POLICY)?;
        for number in 0..SERVICES * FOLDERS * FILES {
            file(&mut stream, &path(number), &format!("{number}\n"))?;
        }
        for (index, (commits, changed)) in PUSHES.into_iter().enumerate() {
            let branch = format!("refs/heads/push{index}");
            for turn in 0..commits {
                commit(&mut stream, &branch, (turn == 0).then_some("refs/heads/main"))?;
                // as many files as there are, spread over the commits and over the folders
                for number in (0..changed).filter(|number| number % commits == turn % commits.min(changed)) {
                    let spread = number * 7919 % (SERVICES * FOLDERS * FILES);
                    file(&mut stream, &path(spread), &format!("{index} {turn} {number}\n"))?;
                }
            }
        }
        let mut import = self.command("git").args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
        import.stdin.take().ok_or("no standard input")?.write_all(stream.as_bytes())?;
        if !import.wait()?.success() {
            return Err("git fast-import failed".into());
        }
        self.git(&["update-ref", "refs/remotes/origin/main", "refs/heads/main"])?;
        self.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"])?;
        self.git(&["repack", "-adq"])?;
        Ok(())
    }

    /// The hook of a push to a branch that is judged as the default one; on a weekend it may be allowed, in a week refused.
    fn hook(&self, program: &Path, old: &str, new: &str) -> Result<Duration, Box<dyn Error>> {
        let mut command = self.command(program);
        command.args(["hook", "pre-push", "origin", "https://example.com/repository.git"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let line = format!("refs/heads/main {new} refs/heads/main {old}\n");
        let start = Instant::now();
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no standard input")?.write_all(line.as_bytes())?;
        let status = child.wait()?;
        let time = start.elapsed();
        match status.code() {
            Some(0 | 1) => Ok(time),
            Some(_) | None => Err(format!("the hook ended with {status}").into()),
        }
    }

    fn compare(&self, old: &str, new: &str) -> Result<Duration, Box<dyn Error>> {
        let mut command = self.command("git");
        command.args(["diff-tree", "-r", "-z", "--no-renames", "--name-only", old, new]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.spawn()?.wait()?;
        let time = start.elapsed();
        if status.success() { Ok(time) } else { Err(format!("git ended with {status}").into()) }
    }
}

fn path(number: usize) -> String {
    let (service, folder, file) = (number / (FOLDERS * FILES), number / FILES % FOLDERS, number % FILES);
    format!("services/s{service}/d{folder}/f{file}.yaml")
}

fn commit(stream: &mut String, branch: &str, from: Option<&str>) -> Result<(), std::fmt::Error> {
    writeln!(stream, "commit {branch}\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nc")?;
    match from {
        Some(from) => writeln!(stream, "from {from}"),
        None => Ok(()),
    }
}

fn file(stream: &mut String, path: &str, content: &str) -> Result<(), std::fmt::Error> {
    writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len())
}
