//! Commands that know nothing of the machine, nor of the person who runs the tests.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Five minutes before the outage at which most tests judge.
const DATE: &str = "2025-07-09T21:40:00+00:00";

/// `program`, to run in `folder` with nothing to read, in an environment of which only `PATH` is the machine's.
///
/// git takes no configuration but the repository's own and `tests/support/gitconfig`, is led to no other repository
/// (`GIT_DIR` and its like), and asks nothing. Its commits are Ada's, committed by Carl, at one instant. What a test wants
/// otherwise it sets on what it gets.
#[expect(clippy::disallowed_methods, reason = "where programs are is the machine's to say")]
pub(crate) fn command(program: impl AsRef<OsStr>, folder: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_GLOBAL", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/gitconfig"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_AUTHOR_DATE", DATE)
        .env("GIT_COMMITTER_NAME", "Carl")
        .env("GIT_COMMITTER_EMAIL", "carl@example.com")
        .env("GIT_COMMITTER_DATE", DATE)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}
