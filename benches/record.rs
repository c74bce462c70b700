//! What a decision costs with a long record: `cargo bench --bench record` runs the program as `cargo build --release` links it.
//!
//! Entries: 10 to 1,000,000, in a file and in a ref; writers: 1, 10 and 100 at once, and 20 over HTTP; refs: 1, 10, 100 and 1,000 in one record. Each line
//! gives the median time of a decision and, where `/usr/bin/time` is GNU's, the most memory that it had.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use freezegate::proof::record::Digest;
use freezegate::time::instant;
use freezegate::time::seconds::Seconds;

#[path = "../tests/support/http.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod http;

use http::HttpServer;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// `production` is always open.
const POLICY: &str = r#"version = 1
[regions.us]
timezones  = ["America/New_York"]
core_hours = ["Sun 03:00-03:01"]
[environments.production]
during_core_hours = "off"
[[targets]]
refs  = ["refs/heads/**", "refs/tags/**"]
paths = ["deploy/{environment}/**"]
"#;

/// 2025-01-01T00:00:00Z: a long record ends within a year after.
const BEGIN: instant::Instant = instant::Instant::from_second(1_735_689_600);

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches too, without this argument
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("record");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let clone = Checkout::new(&folder)?;
    println!("\nentries in a file: one decision of a job (median of 11 runs)");
    for entries in [10, 1_000, 100_000, 1_000_000] {
        let record = folder.join(format!("{entries}.jsonl"));
        write_entries(&clone, entries, "refs/heads/main", &mut BufWriter::new(File::create(&record)?), None)?;
        clone.report(&entries.to_string(), &record.display().to_string())?;
        fs::remove_file(&record)?;
    }
    println!("\nentries in a ref");
    for entries in [10, 1_000, 100_000, 1_000_000] {
        let name = format!("refs/freezegate/record-{entries}");
        clone.import(entries, &name)?;
        clone.report(&entries.to_string(), &name)?;
    }
    println!("\nrefs of one environment, each with a state of its own, in a file");
    for refs in [1, 10, 100, 1_000, 10_000] {
        let record = folder.join(format!("refs-{refs}.jsonl"));
        write_entries(&clone, refs, "refs/tags/v{}", &mut BufWriter::new(File::create(&record)?), None)?;
        clone.report(&refs.to_string(), &record.display().to_string())?;
    }
    println!("\nwriters at once: time until all have an answer");
    for writers in [1, 10, 100] {
        for location in [
            folder.join(format!("writers-{writers}.jsonl")).display().to_string(),
            format!("refs/freezegate/writers-{writers}"),
        ] {
            let begin = Instant::now();
            let jobs = (0..writers).map(|_| clone.check(&location).spawn()).collect::<std::io::Result<Vec<Child>>>()?;
            for mut job in jobs {
                if !job.wait()?.success() {
                    return Err(format!("a job of {writers} failed on {location}").into());
                }
            }
            let kind = if location.starts_with("refs/") { "ref" } else { "file" };
            println!("{writers:>10} {kind:<5} {:>9.1} ms", begin.elapsed().as_secs_f64() * 1e3);
        }
    }
    over_http(&folder, &clone)
}

/// How many jobs share a record over HTTP, how long each request takes the server besides, and how long all may take.
const JOBS: usize = 20;
const DELAY: Duration = Duration::from_millis(50);
const LIMIT: Duration = Duration::from_secs(30);

/// Measures jobs at once that share a record over HTTP.
fn over_http(folder: &Path, clone: &Checkout) -> Result<()> {
    println!("\n{JOBS} writers at once that share a ref over HTTP, with {} ms for each request", DELAY.as_millis());
    let root = folder.join("http");
    fs::create_dir_all(&root)?;
    clone.git(&["clone", "--quiet", "--bare", ".", &root.join("server.git").display().to_string()])?;
    let server = HttpServer::new(&root, DELAY)?;
    let mut runners = Vec::new();
    for number in 0..JOBS {
        let runner = root.join(format!("job{number}"));
        clone.git(&["clone", "--quiet", ".", &runner.display().to_string()])?;
        let runner = Checkout { folder: runner, commit: clone.commit.clone(), tree: clone.tree.clone() };
        runner.git(&["remote", "set-url", "origin", &server.url("server.git")])?;
        runners.push(runner);
    }
    runners.first().ok_or("there are jobs")?.git(&["-C", "../server.git", "config", "http.receivepack", "true"])?;
    let begin = Instant::now();
    let start = |runner: &Checkout| runner.check("origin:refs/freezegate/record").spawn();
    let jobs = runners.iter().map(start).collect::<std::io::Result<Vec<Child>>>()?;
    for mut job in jobs {
        if !job.wait()?.success() {
            return Err("a job failed over HTTP".into());
        }
    }
    let elapsed = begin.elapsed();
    println!("{JOBS:>10} http  {:>9.1} ms, {} requests", elapsed.as_secs_f64() * 1e3, server.requests()?.len());
    if elapsed > LIMIT {
        return Err(format!("{JOBS} jobs over HTTP take {elapsed:?}, more than {LIMIT:?}").into());
    }
    Ok(())
}

/// A repository of which a job deploys the last commit.
struct Checkout {
    folder: PathBuf,
    commit: [String; 2],
    tree: [String; 2],
}

impl Checkout {
    fn new(folder: &Path) -> Result<Self> {
        let folder = folder.join("clone");
        fs::create_dir_all(folder.join("deploy/production"))?;
        let mut clone = Self { folder, commit: Default::default(), tree: Default::default() };
        clone.git(&["init", "--quiet", "--initial-branch=main"])?;
        clone.git(&["config", "freezegate.repository", "example/shop"])?;
        fs::write(clone.folder.join("freezegate.toml"), POLICY)?;
        for number in 0..2 {
            fs::write(clone.folder.join("deploy/production/a"), number.to_string())?;
            clone.git(&["add", "--all"])?;
            clone.git(&["commit", "--quiet", "--message=a change"])?;
            let named = |what: &str| clone.git(&["rev-parse", what]);
            let (commit, tree) = (named("HEAD")?, named("HEAD^{tree}")?);
            if let (Some(one), Some(other)) = (clone.commit.get_mut(number), clone.tree.get_mut(number)) {
                (*one, *other) = (commit, tree);
            }
        }
        Ok(clone)
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = Self::clean("git", &self.folder).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn clean(program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().envs(option_env!("PATH").map(|path| ("PATH", path)));
        command.env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        command
    }

    /// The job of the last commit, as GitLab would run it.
    fn check(&self, location: &str) -> Command {
        let mut command = Self::clean(env!("CARGO_BIN_EXE_freezegate"), &self.folder);
        self.as_job(&mut command);
        command.args(["check", "production", "--record", location]).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn as_job(&self, command: &mut Command) {
        let [before, commit] = &self.commit;
        command.envs([
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_SHA", commit),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_PROJECT_PATH", "example/shop"),
        ]);
    }

    /// Decides once, which makes the checkpoint of a record that has none, and then measures.
    fn report(&self, title: &str, location: &str) -> Result<()> {
        let run = || -> Result<Duration> {
            let begin = Instant::now();
            let status = self.check(location).status()?;
            if status.success() { Ok(begin.elapsed()) } else { Err(format!("{location}: {status}").into()) }
        };
        let first = run()?;
        let mut times = (0..11).map(|_| run()).collect::<Result<Vec<Duration>>>()?;
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let mut line = format!("{title:>10} {:>9.1} ms", median.as_secs_f64() * 1e3);
        if let Some(kilobytes) = self.memory(location)? {
            write!(line, " {:>8.1} MB", f64::from(kilobytes) / 1024.0)?;
        }
        println!("{line}   (the first one {:.1} ms)", first.as_secs_f64() * 1e3);
        Ok(())
    }

    /// The most memory of a decision, in KiB, as GNU time says.
    fn memory(&self, location: &str) -> Result<Option<u32>> {
        let mut command = Self::clean("/usr/bin/time", &self.folder);
        self.as_job(&mut command);
        command.args(["-f", "%M", env!("CARGO_BIN_EXE_freezegate"), "check", "production", "--record", location]);
        let Ok(output) = command.output() else {
            return Ok(None);
        };
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(printed.lines().last().and_then(|line| line.parse().ok()))
    }

    /// A record of so many entries in a ref.
    fn import(&self, entries: usize, name: &str) -> Result<()> {
        let mut git = Self::clean("git", &self.folder);
        let mut import = git.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
        if let Some(stdin) = import.stdin.take() {
            write_entries(self, entries, "refs/heads/main", &mut BufWriter::new(stdin), Some(name))?;
        }
        if import.wait()?.success() { Ok(()) } else { Err("git fast-import failed".into()) }
    }
}

/// Writes entries, the last of which leaves the first commit as the state of `reference`: as lines, or as what `git fast-import` reads.
fn write_entries(
    clone: &Checkout,
    count: usize,
    reference: &str,
    to: &mut dyn std::io::Write,
    name: Option<&str>,
) -> Result<()> {
    let mut previous: Option<Digest> = None;
    let step = (365 * 24 * 3600 / i64::try_from(count)?).clamp(1, 3600);
    for number in 1..=count {
        let new = (count - number) % 2;
        let point = |at: usize| clone.commit.get(at).zip(clone.tree.get(at)).ok_or("there are two commits");
        let ((base_commit, base_tree), (commit, tree)) = (point(1 - new)?, point(new)?);
        let at = BEGIN + Seconds::new(step * i64::try_from(number)?);
        let (seconds, at) = (at.as_second(), at.timestamp()?);
        let before = previous.map_or_else(|| "null".to_owned(), |hash| format!("\"{hash}\""));
        let reference = reference.replace("{}", &number.to_string());
        let policy = Digest::of(b"a policy");
        let body = format!(
            r#"{{"schema":"freezegate/record/v1","sequence":{number},"previous":{before},"run":"{number:016x}","decided":{{"at":"{at}","mode":"check","standing":"enforcement","decision":"allowed","repository":"example/shop","reached":[{{"environment":"production","region":"us","service":null}}],"changes":[{{"ref":"{reference}","environments":["production"],"whole":["production"],"proposed":false,"base":"explicit","everything":false,"commit":"{commit}","tree":"{tree}","base_commit":"{base_commit}","base_tree":"{base_tree}"}}],"kinds":[],"findings":[],"reasons":[],"incident":null,"actor":"ada","requesters":[],"signers":[],"spent":[],"policy":"{policy}","policy_commit":"{commit}","tzdb":"2026f","rollback_within":259200}}"#
        );
        let hash = Digest::of(format!("{body}}}").as_bytes());
        let line = format!("{body},\"hash\":\"{hash}\"}}");
        previous = Some(hash);
        match name {
            None => writeln!(to, "{line}")?,
            Some(name) => {
                let message = format!("{number} allowed production\n\n{line}\n");
                let who = format!("freezegate <record@freezegate.invalid> {seconds} +0000");
                write!(
                    to,
                    "commit {name}\nmark :{number}\nauthor {who}\ncommitter {who}\ndata {}\n{message}",
                    message.len()
                )?;
                if number > 1 {
                    writeln!(to, "from :{}", number - 1)?;
                }
                writeln!(to)?;
            }
        }
    }
    to.flush()?;
    Ok(())
}
