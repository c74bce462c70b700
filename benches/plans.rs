//! What a check of a plan costs: `cargo bench --bench plans` runs the program as `cargo build --release` links it.
//!
//! The plan has 50 MB and 12,000 changes, with targets that ask where each resource is. Each line gives the median time of a check and, where
//! `/usr/bin/time` is GNU's, the most memory that it had.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The changes of the plan.
const CHANGES: usize = 12_000;

const POLICY: &str = r#"version = 1
[environments.production]
[hazards.capacity]
resources  = ["aws_dynamodb_table"]
attributes = ["billing_mode"]
[[freezes]]
name     = "never"
from     = 2020-01-01T00:00:00
until    = 2020-01-02T00:00:00
timezone = "UTC"
hazards  = ["capacity"]
"#;

const TARGETS: &str = r#"[[targets]]
modules     = ["module.m*"]
regions     = ["eu-west-1"]
accounts    = ["111122223333"]
environment = "production"
"#;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plan = folder.path().join("plan.json");
    write_plan(&plan)?;
    println!("{:.1} MB, {CHANGES} changes", mebibytes(fs::metadata(&plan)?.len()));
    for (title, targets) in [("hazards", ""), ("hazards and targets", TARGETS)] {
        fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{targets}"))?;
        let mut times = (0..5).map(|_| check(folder.path())).collect::<Result<Vec<Duration>>>()?;
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let memory = memory(folder.path())?.map_or_else(String::new, |bytes| format!(" {:>8.1} MB", mebibytes(bytes)));
        println!("{title:>20} {:>8.2} s{memory}", median.as_secs_f64());
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with one digit behind the point")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

/// A plan as large as those of the largest stacks: each table has 2 KB of other attributes, before and after.
fn write_plan(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write!(
        file,
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{}},"resource_changes":["#
    )?;
    let rest = "x".repeat(2_000);
    for number in 0..CHANGES {
        let comma = if number == 0 { "" } else { "," };
        let side = |mode: &str| {
            format!(
                r#"{{"arn":"arn:aws:dynamodb:eu-west-1:111122223333:table/t{number}","id":"t{number}","billing_mode":"{mode}","tags":{{"rest":"{rest}"}}}}"#
            )
        };
        write!(
            file,
            r#"{comma}{{"address":"module.m{}.aws_dynamodb_table.t[{number}]","module_address":"module.m{}","mode":"managed","type":"aws_dynamodb_table","name":"t","provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["update"],"before":{},"after":{},"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":{{}}}}}}"#,
            number % 40,
            number % 40,
            side("PROVISIONED"),
            side("PAY_PER_REQUEST"),
        )?;
    }
    write!(file, r#"],"errored":false}}"#)?;
    Ok(file.into_inner()?.sync_all()?)
}

fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdout(Stdio::null());
    command
}

const ARGUMENTS: [&str; 4] = ["check", "production", "--plan", "plan.json"];

fn check(folder: &Path) -> Result<Duration> {
    let begin = Instant::now();
    let status = command(env!("CARGO_BIN_EXE_freezegate"), folder).args(ARGUMENTS).status()?;
    if status.success() { Ok(begin.elapsed()) } else { Err(format!("{status}").into()) }
}

/// The most memory of a check, in bytes, as GNU time says.
fn memory(folder: &Path) -> Result<Option<u64>> {
    let mut timed = command("/usr/bin/time", folder);
    let Ok(output) = timed.args(["-f", "%M", env!("CARGO_BIN_EXE_freezegate")]).args(ARGUMENTS).output() else {
        return Ok(None);
    };
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(printed.lines().last().and_then(|line| line.parse::<u64>().ok()).map(|kilobytes| kilobytes * 1024))
}
