//! `grant new|ask|sign|list|show|verify|push-option`: writing, signing and reading grants.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::cli::args::{GrantCommand, GrantFileArgs, GrantSignArgs};
use crate::cli::edge::Edge;
use crate::cli::grant::advice::{fault, is_not_over, must_count, policy_again, stops_too, time};
use crate::cli::output::{Output, unwritable, write_file};
use crate::cli::signing::{show_before_signing, sign_text};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::lifts::PUSH_OPTION;
use crate::gate::world::World;
use crate::proof::grant::Grant;
use crate::report::grant::{GrantMoment, grant as in_words};
use crate::report::rows::{ALLOWED, Rows, glued};
use crate::shell::word_of_bytes;

mod advice;
mod named;
mod needs;
mod new;
mod posted;
mod refused;
mod steps;
mod verify;

/// `freezegate grant`: 0 done, or the grant counts; 1 it does not; 2 no answer.
pub(super) fn grant(command: &GrantCommand, edge: &Edge, output: &mut Output) -> Status {
    let done = match command {
        GrantCommand::New(args) => new::new(args, edge).and_then(|grant| {
            match &args.file {
                None => output.answer(&grant.text),
                Some(path) => create(path, &grant.text)?,
            }
            output.complaint(&steps::next_steps(args, &grant, edge)?);
            Ok(Status::Allowed)
        }),
        GrantCommand::Ask(args) => {
            can_be_created(args.new.file.as_deref()).and_then(|()| posted::ask(args, edge)).and_then(|(grant, told)| {
                if let Some(path) = &args.new.file {
                    create(path, &grant.text)?;
                }
                output.answer(&told);
                Ok(Status::Allowed)
            })
        }
        GrantCommand::List(args) => posted::list(args, edge).map(|text| {
            output.answer(&text);
            Status::Allowed
        }),
        GrantCommand::Sign(args) => sign(args, edge, output).map(|told| {
            output.complaint(&told);
            Status::Allowed
        }),
        GrantCommand::Show(args) => show(args, edge).map(|text| {
            output.answer(&text);
            Status::Allowed
        }),
        GrantCommand::Verify(args) => verify::verify(args, edge).map(|(text, status)| {
            output.answer(&text);
            status
        }),
        GrantCommand::PushOption(args) => push_option(args, edge).map(|text| {
            output.answer(&text);
            Status::Allowed
        }),
    };
    output.conclude(done, edge)
}

/// Writes a grant to a file that is not there yet: an older one may have signatures.
fn create(path: &Path, text: &str) -> Result<(), Faults> {
    write_file(path, text, false).map_err(|error| {
        let is_there = error.kind() == ErrorKind::AlreadyExists;
        if is_there { exists(path) } else { Faults::one(unwritable(path, &error)) }
    })
}

/// Sees that a file can be written for the first time, before anything is asked for that it would hold.
fn can_be_created(path: Option<&Path>) -> Result<(), Faults> {
    match path {
        Some(path) if path.symlink_metadata().is_ok() => Err(exists(path)),
        Some(_) | None => Ok(()),
    }
}

/// That a file is there already, and the option that names one that is not.
fn exists(path: &Path) -> Faults {
    let cause = format!("`{}` exists and may hold signatures", path.display());
    let help = match free(path) {
        Some(free) => {
            format!("write another: `--output {}`", for_terminal(&word_of_bytes(free.as_os_str().as_encoded_bytes())))
        }
        None => "name another file, or remove that one".to_owned(),
    };
    fault(Code::Unwritable, for_terminal(&cause), help)
}

/// The first of `fix-2.grant`, `fix-3.grant` and so on, beside `fix.grant`, that is not there.
fn free(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?;
    let numbered = (2..=MOST_NUMBER).map(|number: u8| {
        let mut name = stem.to_owned();
        name.push(format!("-{number}"));
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        path.with_file_name(name)
    });
    numbered.into_iter().find(|one| one.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound))
}

/// The highest number in the name of a file that is proposed.
const MOST_NUMBER: u8 = 99;

/// Shows the grant, lets ssh-keygen(1) sign exactly the bytes that are signed, and puts the signature below. If one of the same key is there
/// already, nothing is changed. The returned text says what was done.
fn sign(args: &GrantSignArgs, edge: &Edge, output: &mut Output) -> Result<String, Faults> {
    if let Some(told) = posted::sign(args, edge, output)? {
        return Ok(told);
    }
    let grant = named::of_file(&args.file, edge)?;
    is_not_over(&grant, edge.now)?;
    show_before_signing(&grant, edge, output)?;
    // a signature begins on a line of its own, and the line end before it is signed
    let end = if grant.signed().ends_with('\n') { "" } else { "\n" };
    let signed = format!("{}{end}", grant.signed());
    let signature = sign_text(&signed, &args.key)?;
    let unwritable = |error: std::io::Error| {
        fault(
            Code::Unwritable,
            format!("`{}` can't be written: {}", args.file.display(), system_words(&error)),
            "make sure that you may write it",
        )
    };
    let made = Grant::read("the new signature", format!("{signed}{signature}").as_bytes())?;
    let warnings = must_count(&made, &args.policy, edge)?;
    if let Some(key) = made.fingerprints().find(|key| grant.fingerprints().any(|known| known == *key)) {
        let name = for_terminal(&args.file.display().to_string()).into_owned();
        return Ok(format!("`{name}` has a signature of this key already ({key}): nothing was changed\n"));
    }
    let before = std::fs::read_to_string(&args.file).map_err(unwritable)?;
    let gap = if before.ends_with('\n') { "" } else { "\n" };
    let whole = format!("{before}{gap}{signature}");
    // nothing is written that could not be read
    Grant::read(&args.file.display().to_string(), whole.as_bytes())?;
    let mut file = std::fs::OpenOptions::new().append(true).open(&args.file).map_err(unwritable)?;
    file.write_all(format!("{gap}{signature}").as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)?;
    let word = word_of_bytes(args.file.as_os_str().as_encoded_bytes());
    let again = [policy_again(&args.policy).as_str(), stops_too(&grant, &args.policy, edge)].concat();
    let verify = format!("freezegate grant verify {word}{again}");
    let mut rows = Rows::default();
    let text = format!("{}; see whether it is valid: `{}`", for_terminal(&word), glued(&for_terminal(&verify)));
    rows.heading(ALLOWED, "signed: ", &text);
    Ok(warnings + &rows.into_text(edge.width()))
}

fn show(args: &GrantFileArgs, edge: &Edge) -> Result<String, Faults> {
    let grant = named::named(&args.file, &args.remote, edge)?;
    let asker = edge.asker(None).map_err(Faults::one)?;
    in_words(&grant, GrantMoment::Read, asker.as_ref(), edge.width()).map_err(time)
}

/// Returns what `git push -o` takes: push options hold no line ends, so that the grant is written as base64url (RFC 4648, section 5).
fn push_option(args: &GrantFileArgs, edge: &Edge) -> Result<String, Faults> {
    // read first: what is no grant should fail here, not on the server
    let grant = named::named(&args.file, &args.remote, edge)?;
    let option = format!("{PUSH_OPTION}={}\n", Base64UrlUnpadded::encode_string(grant.text().as_bytes()));
    // one line of git's protocol holds 65516 bytes (gitprotocol-common(5)), its line end among them
    if option.len() > 65_516 {
        return Err(fault(Code::BadGrant, "the grant is too large for a push option", "shorten its reason"));
    }
    Ok(option)
}
