//! What a whole run of the program costs, from its start to its end.
//!
//! `cargo bench --bench process` measures the program as `cargo build --release` links it, and as it should be shipped:
//! linked statically and without position independence, which saves the loader's work at each start.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::indexing_slicing, reason = "policies are made of tables of known length")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod commands;
mod policies;
mod program;
mod timing;

use program::{STATIC, build, built, installed};
use timing::Pair;

/// A Saturday: `e0` is open.
const OPEN: &str = "2026-11-21T12:00:00Z";

/// A Monday noon in Europe: `e0` is closed.
const CLOSED: &str = "2026-11-23T12:00:00Z";

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --all-targets` runs benches too, without this argument
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let small = written(folder, "20-regions-50-environments.toml", &policies::regions_and_environments(2))?;
    let large = policies::regions_and_environments(2) + &policies::freezes(10_000, 200);
    let large = written(folder, "10000-freezes.toml", &large)?;

    let nothing = Run::new(nothing(folder)?, &[], 0);
    let program = program::linked_statically(folder)?;
    let as_linked = PathBuf::from(env!("CARGO_BIN_EXE_freezegate"));
    let parse = parse(folder)?;

    println!(
        "\n20 regions of two zones each, 50 environments that serve two of them (median of 500 runs each, in turn):"
    );
    for (title, program, verb, at, status) in [
        ("check, allowed", &program, "check", OPEN, 0),
        ("check, refused", &program, "check", CLOSED, 1),
        ("next, five openings", &program, "next", CLOSED, 0),
        ("check, allowed, as cargo links it", &as_linked, "check", OPEN, 0),
    ] {
        let run = Run::new(program.clone(), &[verb, "e0", "--at", at, "--policy", &small], status);
        println!("{}", Pair::measure(500, || run.time(), || nothing.time())?.line(title, "static C, nothing"));
    }

    let nothing_path = nothing.command.to_str().ok_or("the target folder is not UTF-8")?.to_owned();
    let commands = policies::regions_and_environments(2) + &commands::targets(4);
    let commands = written(folder, "commands.toml", &commands)?;
    let many =
        written(folder, "10000-commands.toml", &(policies::regions_and_environments(2) + &commands::targets(10_000)))?;
    let kubectl = folder.join("kubectl");
    std::fs::copy(&nothing.command, &kubectl)?;
    let kubectl = kubectl.into_os_string().into_string().map_err(|_| "the target folder is not UTF-8")?;
    let config = written(folder, "kubeconfig", &kubeconfig(100))?;
    let run = |policy: &str, command: &[&str]| {
        let arguments = [&["run", "lab", "--policy", policy, "--"], command].concat();
        Run::new(program.clone(), &arguments, 0)
    };
    let check = |policy: &str| Run::new(program.clone(), &["check", "lab", "--policy", policy], 0);
    let fleet = run(&commands, &[&nothing_path, "0", "--env=lab"]);
    let tool = run(&commands, &[&kubectl, "--kubeconfig", &config, "delete", "pod", "app-3"]);
    println!("\nThe same, and a command that does nothing (median of 500 runs each, in turn):");
    println!(
        "{}",
        Pair::measure(500, || fleet.time(), || nothing.time())?.line("run, and the command", "the command alone")
    );
    println!(
        "{}",
        Pair::measure(500, || fleet.time(), || check(&commands).time())?.line("run, and the command", "check")
    );
    println!(
        "{}",
        Pair::measure(500, || tool.time(), || check(&commands).time())?
            .line("run, and kubectl by its context", "check")
    );
    let (fleet, check) = (run(&many, &[&nothing_path]), check(&many));
    println!("\n10,000 targets of commands in addition (median of 50 runs each, in turn):");
    println!("{}", Pair::measure(50, || fleet.time(), || check.time())?.line("run, and the command", "check"));

    println!("\n10,000 freezes in addition, 200 of them of the environment (median of 50 runs each, in turn):");
    for (title, at, status) in [("check, allowed", OPEN, 0), ("check, refused", CLOSED, 1)] {
        let run = Run::new(program.clone(), &["check", "e0", "--at", at, "--policy", &large], status);
        let parse = Run::new(parse.clone(), &[&large], 0);
        println!("{}", Pair::measure(50, || run.time(), || parse.time())?.line(title, "toml parses the file"));
    }
    Ok(())
}

/// A kubeconfig of so many contexts and clusters, with a context that is the current one.
fn kubeconfig(count: usize) -> String {
    let mut text = "current-context: lab-7\nclusters:\n".to_owned();
    for number in 0..count {
        text += &format!("- {{name: c{number}, cluster: {{server: 'https://10.0.0.{number}:6443'}}}}\n");
    }
    text += "contexts:\n";
    for number in 0..count {
        text += &format!("- {{name: lab-{number}, context: {{cluster: c{number}, namespace: shop}}}}\n");
    }
    text
}

fn written(folder: &Path, name: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    Ok(path.into_os_string().into_string().map_err(|_| "the target folder is not UTF-8")?)
}

/// A program with its arguments, and how it must end.
struct Run {
    command: PathBuf,
    arguments: Vec<String>,
    status: i32,
}

impl Run {
    fn new(command: PathBuf, arguments: &[&str], status: i32) -> Self {
        Self { command, arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(), status }
    }

    /// From before the start to after the end, nothing inherited but the working directory.
    fn time(&self) -> Result<Duration, Box<dyn Error>> {
        let mut command = Command::new(&self.command);
        command.args(&self.arguments).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.spawn()?.wait()?;
        let time = start.elapsed();
        if status.code() != Some(self.status) {
            return Err(format!("{command:?} ended with {status}, not {}", self.status).into());
        }
        Ok(time)
    }
}

/// The C program that does nothing, linked statically.
fn nothing(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let program = folder.join("nothing");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/nothing.c");
    build(Command::new("cc").args(["-O2", "-static", "-o"]).arg(&program).arg(source))?;
    Ok(program)
}

/// The program that only parses, of the same release of `toml` as this crate's, linked in the same way.
fn parse(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let package = folder.join("parse");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let toml = manifest.lines().find(|line| line.starts_with("toml = ")).ok_or("Cargo.toml names no `toml`")?;
    let release = manifest.split("\n\n").find(|section| section.starts_with("[profile.release]"));
    let text = format!(
        "[package]\nname = \"parse\"\nedition = \"2024\"\n[[bin]]\nname = \"parse\"\npath = {:?}\n[dependencies]\n{toml}\n{}\n[workspace]\n",
        root.join("benches/parse.rs"),
        release.ok_or("Cargo.toml has no release profile")?,
    );
    std::fs::create_dir_all(&package)?;
    std::fs::write(package.join("Cargo.toml"), text)?;
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--target", "host-tuple"]);
    build(cargo.env("RUSTFLAGS", STATIC).current_dir(&package))?;
    installed(folder, &built(&package.join("target"), "parse")?)
}
