//! Signing with a person's SSH key, and who that person is.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::judgement::no_instant;
use crate::gate::world::World;
use crate::proof::grant::{Grant, NAMESPACE};
use crate::proof::signature::HEADER;
use crate::report::grant::{GrantMoment, grant as in_words};

fn fault(code: Code, cause: impl Into<String>, help: &str) -> Faults {
    Faults::one(Diagnostic::error(code, cause).help(help))
}

/// Lets ssh-keygen(1) sign `text` with a key: a private one, or a public one whose private half is in an agent or on a token.
///
/// # Errors
///
/// No such key, and whatever ssh-keygen says.
pub(super) fn sign_text(text: &str, key: &Path) -> Result<String, Faults> {
    let failed = |cause: String| {
        fault(
            Code::BadGrant,
            cause,
            "make sure that ssh-keygen of OpenSSH 8.2 or newer is installed, and that the key can be used",
        )
    };
    // a key that an agent holds is named by its public half
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    if !is_there(key) && !is_there(&key.with_added_extension("pub")) {
        return Err(fault(
            Code::UnreadableFile,
            format!("there is no key `{}`", key.display()),
            "name your private key, such as `~/.ssh/id_ed25519`",
        ));
    }
    if std::fs::read(key).is_ok_and(|bytes| !is_key(&bytes)) {
        return Err(fault(
            Code::BadGrant,
            format!("`{}` is not an SSH key", key.display()),
            "name your private key, such as `~/.ssh/id_ed25519`",
        ));
    }
    let mut keygen = Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(format!("ssh-keygen can't be run: {error}")))?;
    if let Some(mut stdin) = keygen.stdin.take() {
        stdin
            .write_all(text.as_bytes())
            .map_err(|error| failed(format!("ssh-keygen does not accept input: {error}")))?;
    }
    let output =
        keygen.wait_with_output().map_err(|error| failed(format!("ssh-keygen can't be waited for: {error}")))?;
    let signature = String::from_utf8(output.stdout).map_err(|_| failed("ssh-keygen wrote no text".to_owned()))?;
    if !output.status.success() || !signature.starts_with(HEADER) {
        return Err(failed("ssh-keygen made no signature".to_owned()));
    }
    Ok(signature)
}

/// Returns whether a file may hold a key that ssh-keygen(1) reads: a private key in OpenSSH's format or PEM, or a line of a public one.
fn is_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let is_public = |line: &str| ["ssh-", "ecdsa-", "sk-"].iter().any(|start| line.trim_start().starts_with(start));
    text.contains("PRIVATE KEY-----") || text.lines().any(is_public)
}

/// Shows the grant that is signed, before ssh-keygen(1) asks for the passphrase of the key.
///
/// # Errors
///
/// A time zone that is not one, and an instant that can't be shown.
pub(super) fn show_before_signing(grant: &Grant, edge: &Edge, output: &mut Output) -> Result<(), Faults> {
    let asker = edge.asker(None).map_err(Faults::one)?;
    output.complaint(&in_words(grant, GrantMoment::Signing, asker.as_ref(), edge.width()).map_err(no_instant)?);
    Ok(())
}

/// The address of the one at the terminal, as git knows it; `None` if git does not.
pub(super) fn own_address() -> Option<String> {
    let output = Command::new("git").args(["config", "user.email"]).stdin(Stdio::null()).output().ok()?;
    let address = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !address.is_empty()).then_some(address)
}

/// Returns who acts: `by`, else as git knows them, else as the system does.
///
/// # Errors
///
/// Nobody knows.
pub(super) fn actor(by: Option<&str>, edge: &Edge) -> Result<String, Faults> {
    let of_system = || {
        let names = ["LOGNAME", "USER", "USERNAME"];
        names.iter().find_map(|name| edge.variable(name)).map(|name| name.to_string_lossy().into_owned())
    };
    by.map(str::to_owned).or_else(own_address).or_else(of_system).ok_or_else(|| {
        fault(Code::InvalidUsage, "your name is not known", "give `--by a@example.com`, or set `git config user.email`")
    })
}
