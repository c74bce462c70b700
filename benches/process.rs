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

mod policies;
mod timing;

use timing::Pair;

/// How a program is linked that starts fast.
const STATIC: &str = "-C relocation-model=static -C target-feature=+crt-static";

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
    let program = freezegate(folder)?;
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

    println!("\n10,000 freezes in addition, 200 of them of the environment (median of 50 runs each, in turn):");
    for (title, at, status) in [("check, allowed", OPEN, 0), ("check, refused", CLOSED, 1)] {
        let run = Run::new(program.clone(), &["check", "e0", "--at", at, "--policy", &large], status);
        let parse = Run::new(parse.clone(), &[&large], 0);
        println!("{}", Pair::measure(50, || run.time(), || parse.time())?.line(title, "toml parses the file"));
    }
    Ok(())
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

/// Runs what builds a program, and says so, so that it can be done by hand.
fn build(command: &mut Command) -> Result<(), Box<dyn Error>> {
    println!("{command:?}");
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// The C program that does nothing, linked statically.
fn nothing(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let program = folder.join("nothing");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/nothing.c");
    build(Command::new("cc").args(["-O2", "-static", "-o"]).arg(&program).arg(source))?;
    Ok(program)
}

/// This crate's program, linked statically.
fn freezegate(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let target = folder.join("static");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--bin", "freezegate", "--target", "host-tuple", "--target-dir"]).arg(&target);
    build(cargo.env("RUSTFLAGS", STATIC).current_dir(env!("CARGO_MANIFEST_DIR")))?;
    installed(folder, &built(&target, "freezegate")?)
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

/// A copy of `program`, as every installer makes one: where a linker maps the file that it writes, the system keeps it in
/// smaller pieces, and what starts from them takes a fifth longer.
fn installed(folder: &Path, program: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let copy = folder.join("installed").join(program.file_name().ok_or("a program has a name")?);
    std::fs::create_dir_all(folder.join("installed"))?;
    std::fs::copy(program, &copy)?;
    Ok(copy)
}

/// The program `name` in a target folder with one target.
fn built(target: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folders = std::fs::read_dir(target)?.collect::<Result<Vec<_>, _>>()?;
    let found = folders.iter().map(|folder| folder.path().join("release").join(name)).find(|path| path.is_file());
    found.ok_or_else(|| format!("`{name}` is not in `{}`", target.display()).into())
}
