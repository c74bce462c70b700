//! The least version of this program that a policy asks for with `requires`.

use std::fmt;
use std::str::FromStr;

use crate::diagnostic::{Code, Diagnostic, Place};

/// A version of this program, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProgramVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

/// The most digits that a part may have, so that each fits.
const MAX_DIGITS: usize = 9;

/// A text that is not a version with two or three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a version with two or three parts, such as 0.1")
    }
}

impl std::error::Error for NotAVersion {}

impl ProgramVersion {
    /// The version of this program; a pre-release counts as its release.
    pub const OWN: Self = Self {
        major: own_part(env!("CARGO_PKG_VERSION_MAJOR")),
        minor: own_part(env!("CARGO_PKG_VERSION_MINOR")),
        patch: own_part(env!("CARGO_PKG_VERSION_PATCH")),
    };
}

/// Reads a part of this program's version, which Cargo has checked, while it is compiled.
const fn own_part(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(part) => part,
        // Cargo refuses such a version; if it did not, the program would meet no `requires`
        Err(_) => 0,
    }
}

impl fmt::Display for ProgramVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for ProgramVersion {
    type Err = NotAVersion;

    /// Reads `MAJOR.MINOR` or `MAJOR.MINOR.PATCH`; a patch that is left out is 0.
    ///
    /// Parts are decimal numbers of at most nine digits without leading zeros, as in Semantic Versioning 2.0.0, item 2.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let mut parts = text.split('.').map(part);
        let (Some(major), Some(minor), patch, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(NotAVersion);
        };
        Ok(Self { major: major?, minor: minor?, patch: patch.unwrap_or(Ok(0))? })
    }
}

fn part(text: &str) -> Result<u32, NotAVersion> {
    let is_number = !text.is_empty() && text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || (text.len() > 1 && text.starts_with('0')) {
        return Err(NotAVersion);
    }
    text.parse().map_err(|_| NotAVersion)
}

/// A `requires` that a policy file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'t> {
    /// The least version, as written.
    pub text: &'t str,
    /// The least version.
    pub least: ProgramVersion,
    /// The key.
    pub place: Place,
}

/// Returns the strictest of `requirements` that the program version `own` does not meet; of equal ones, the first.
#[must_use]
pub fn strictest_unmet<'t>(
    requirements: impl IntoIterator<Item = Requirement<'t>>,
    own: ProgramVersion,
) -> Option<Requirement<'t>> {
    let unmet = requirements.into_iter().filter(|requirement| own < requirement.least);
    unmet.reduce(|strictest, next| if next.least > strictest.least { next } else { strictest })
}

/// Reports that this program does not meet `requirement`.
pub(super) fn too_old(requirement: &Requirement<'_>) -> Diagnostic {
    let (text, own) = (requirement.text, env!("CARGO_PKG_VERSION"));
    Diagnostic::error(Code::TooOld, format!("the policy needs freezegate {text} or newer, and this is {own}"))
        .at(requirement.place)
        .help(format!("install freezegate {text} or newer; on a server, before the policy is pushed"))
}
