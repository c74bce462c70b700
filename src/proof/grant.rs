//! Grants: a small text that says what may go although a window is closed, and signatures below it.
//!
//! ```text
//! version = 1
//! id = "5f0c2a9d41b7e836"
//! repository = "example.com/shop"
//! environments = ["production"]
//! regions = ["us"]
//! lifts = ["core-hours/us"]
//! reason = "logins fail"
//! incident = "INC-7"
//! requester = "a@example.com"
//! not_before = 2025-07-09T21:45:00Z
//! expires = 2025-07-09T22:45:00Z
//! policy = "c0ffee…"
//! ref = "refs/heads/main"
//! difference = "4b825dc…"
//! range = "3f2c1a9…..8c1d0e2…"
//! -----BEGIN SSH SIGNATURE-----
//! …
//! ```
//!
//! What is signed is every byte before the first signature. With `ref` and `difference` a grant is for one change, and good for
//! one use: it covers that difference on that ref, between whatever commits, and nothing else. `range` says where the difference
//! could be seen when the grant was written. With `program` and `command` it is for one command that `freezegate run` starts, in full,
//! and good for one use too; the table `[acts_on]` says what it acts on, such as `contexts`. Without any of these it is for an
//! incident alone, and lasts at most an hour. Uses are distinguished by the `id` in the signed text.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Faults, SourceFile, Sources};
use crate::policy::MOST_SIGNATURES;
use crate::policy::roster::PRIVATE_KEYS;
use crate::proof::grant::hidden::is_hidden;
use crate::proof::signature::{FOOTER, HEADER, Signature};

mod check;
mod command;
mod depends;
mod fault;
mod hidden;
mod levels;
mod signers;
mod terms;
mod told;
mod usable;

pub(in crate::proof) use signers::{Signed, missing_signature};

pub use check::{ChangeAtHand, ChangedRef, Circumstances, Spending, granted_by, incident_alone};
pub use command::{BoundCommand, BoundFact, NotText};
pub use depends::policy_digest;
pub use fault::{Condition, GrantFault, MissingSignature, in_words};
pub use terms::{BoundChange, LONGEST_FOR_INCIDENT, Terms};
pub use told::{Untold, incident, reason};
pub use usable::lift_lasts;

/// For what purpose grants are signed: `ssh-keygen -Y sign -n freezegate-grant`.
pub const NAMESPACE: &str = "freezegate-grant";

/// The most bytes that a grant may have, signatures included: 64 KiB.
pub const MAX_BYTES: usize = 64 << 10;

/// The most signatures that a grant may have.
pub const MAX_SIGNATURES: usize = MOST_SIGNATURES;

/// A grant that can be read, whatever it is worth.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its content.
    pub terms: Terms,
    text: String,
    signed: String,
    signatures: Vec<Signature>,
}

impl Grant {
    /// Reads the grant that people know as `name`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it: a private key, of which nothing is told, more than [`MAX_BYTES`], carriage returns, characters that hide, text behind a
    /// signature, signatures that are malformed, unknown keys, missing ones and values that can't be.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let refuse = |cause: String, help: &str| {
            Faults::one(Diagnostic::error(Code::BadGrant, format!("the grant `{name}` {cause}")).help(help))
        };
        if bytes.len() > MAX_BYTES {
            return Err(too_large(name, bytes.len()));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| refuse("is not UTF-8".to_owned(), "write it with `freezegate grant new`"))?;
        if text.trim().is_empty() {
            return Err(refuse("is empty".to_owned(), "give the file that `freezegate grant new --output FILE` wrote"));
        }
        // what is wrong with a text is shown with its lines, and this one is nobody else's to read
        if PRIVATE_KEYS.iter().any(|mark| text.contains(mark)) {
            return Err(refuse("holds a private key".to_owned(), "name the grant, and keep the key to yourself"));
        }
        if let Some(line) = text.split('\n').position(|line| line.contains('\r')) {
            return Err(refuse(
                format!("has a carriage return on line {}, so its line ends may have been changed", line + 1),
                "keep it byte for byte as it was signed, with LF line ends",
            ));
        }
        if let Some(line) = text.split('\n').position(|line| line.contains(is_hidden)) {
            return Err(refuse(
                format!("has a character on line {} that is invisible, so its text may not be what it seems", line + 1),
                "write it with `freezegate grant new`",
            ));
        }
        let start = if text.starts_with(HEADER) { Some(0) } else { text.find(&format!("\n{HEADER}")).map(|at| at + 1) };
        let (signed, rest) = text.split_at_checked(start.unwrap_or(text.len())).unwrap_or((text, ""));
        let mut signatures = Vec::new();
        let mut seen = HashSet::new();
        for (number, block) in (1..).zip(blocks(rest)) {
            let block = block.map_err(|behind: &str| {
                let line = 1 + text
                    .len()
                    .checked_sub(behind.len())
                    .and_then(|at| text.get(..at))
                    .map_or(0, |before| before.bytes().filter(|byte| *byte == b'\n').count());
                refuse(
                    format!("has text after its signatures, on line {line}, which is not signed"),
                    "remove it: nothing may follow the signatures",
                )
            })?;
            if !seen.insert(block.trim_end()) {
                return Err(refuse(
                    format!("has the same signature twice, the second time as number {number}"),
                    "remove one: each person signs once",
                ));
            }
            let signature = Signature::read(block).map_err(|fault| {
                refuse(
                    format!("has a malformed signature, number {number}: {fault}"),
                    "remove it, and sign again with `freezegate grant sign`",
                )
            })?;
            signatures.push(signature);
            if number > MAX_SIGNATURES {
                return Err(refuse(
                    format!("has more than {MAX_SIGNATURES} signatures"),
                    "keep those that the policy requires",
                ));
            }
        }
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new(name.to_owned(), signed.to_owned()));
        match Terms::read(signed, file) {
            Ok(terms) => Ok(Self { terms, text: text.to_owned(), signed: signed.to_owned(), signatures }),
            Err(diagnostics) => Err(Faults { sources, diagnostics }),
        }
    }

    /// All of it, signatures included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what is signed: every byte before the first signature.
    #[must_use]
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// The keys that its signatures name, of whatever worth, as ssh-keygen shows them.
    pub fn fingerprints(&self) -> impl Iterator<Item = String> {
        self.signatures.iter().map(Signature::fingerprint)
    }
}

/// Returns the text about a grant of so many bytes.
#[must_use]
pub fn too_large(name: &str, bytes: usize) -> Faults {
    let over = bytes.saturating_sub(MAX_BYTES);
    let cause = format!("the grant `{name}` has {bytes} bytes, {over} more than the {MAX_BYTES} allowed");
    Faults::one(Diagnostic::error(Code::BadGrant, cause).help("check whether it is a grant"))
}

/// The signatures of `text`, one below the other; where something else stands, all from there on as an error.
fn blocks(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(FOOTER).map(|at| at + FOOTER.len()).filter(|_| rest.starts_with(HEADER));
        let Some((block, behind)) = end.and_then(|end| rest.split_at_checked(end)) else {
            return Some(Err(std::mem::take(&mut rest)));
        };
        rest = match behind.strip_prefix('\n') {
            Some(next) => next,
            None if behind.is_empty() => "",
            None => return Some(Err(std::mem::take(&mut rest).get(block.len()..).unwrap_or(behind))),
        };
        Some(Ok(block))
    })
}
