//! Building programs to measure, and putting them where an installer would.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a program is linked that starts fast.
pub(crate) const STATIC: &str = "-C relocation-model=static -C target-feature=+crt-static";

/// This crate's program, linked statically and installed.
pub(crate) fn linked_statically(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let target = folder.join("static");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--bin", "freezegate", "--target", "host-tuple", "--target-dir"]).arg(&target);
    build(cargo.env("RUSTFLAGS", STATIC).current_dir(env!("CARGO_MANIFEST_DIR")))?;
    installed(folder, &built(&target, "freezegate")?)
}

/// A copy of `program`, as every installer makes one: where a linker maps the file that it writes, the system keeps it in
/// smaller pieces, and what starts from them takes a fifth longer.
pub(crate) fn installed(folder: &Path, program: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let copy = folder.join("installed").join(program.file_name().ok_or("a program has a name")?);
    std::fs::create_dir_all(folder.join("installed"))?;
    std::fs::copy(program, &copy)?;
    Ok(copy)
}

/// The program `name` in a target folder with one target.
pub(crate) fn built(target: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folders = std::fs::read_dir(target)?.collect::<Result<Vec<_>, _>>()?;
    let found = folders.iter().map(|folder| folder.path().join("release").join(name)).find(|path| path.is_file());
    found.ok_or_else(|| format!("`{name}` is not in `{}`", target.display()).into())
}

/// Runs what builds a program, and says so, so that it can be done by hand.
pub(crate) fn build(command: &mut Command) -> Result<(), Box<dyn Error>> {
    println!("{command:?}");
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
