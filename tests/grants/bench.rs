//! The workbench: keys that `ssh-keygen` made, a policy, and what signs and judges by them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use freezegate::change::CommandLine;
use freezegate::decision::Granted;
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::proof::grant::{
    BoundChange, ChangeAtHand, ChangedRef, Circumstances, Grant, Spending, Terms, policy_digest,
};
use freezegate::reach;
use freezegate::reach::{Declared, DeclaredNames};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use tempfile::TempDir;

use crate::support::clean;

/// 17:45 in New York, 14:45 in Los Angeles.
pub(crate) const OUTAGE: &str = "2025-07-09T21:45:00Z";
pub(crate) const REF: &str = "refs/heads/main";
pub(crate) const DIFFERENCE: &str = "3f2c1a9000000000000000000000000000000000000000000000000000000000";
pub(crate) const OTHER_DIFFERENCE: &str = "8c1d0e2000000000000000000000000000000000000000000000000000000000";
pub(crate) const RANGE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904..5b825dc642cb6eb9a060e54bf8d69288fbee4904";
pub(crate) const REPOSITORY: &str = "example.com/team/shop";

pub(crate) const POLICY: &str = r#"version = 1

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
aliases  = ["prod"]
duration = "10m"
settle   = "30m"

[environments.staging]
during_core_hours = "soft"

[environments.lab]
during_core_hours = "off"

[[targets]]
refs  = ["refs/heads/main"]
paths = ["deploy/{environment}/{region}/**"]

[[freezes]]
name         = "launch"
from         = 2025-07-09T00:00:00
until        = 2025-07-11T00:00:00
timezone     = "UTC"
level        = "soft"
environments = ["lab"]

[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["a@example.com", "b@example.com"], leads = ["c@example.com"] }

[[lifts]]
level        = "hard"
signed       = ["oncall", "leads"]
incident     = true
max_duration = "2h"

[[lifts]]
level     = "soft"
signed    = ["any"]
requester = true
"#;

/// Keys of every sort that `ssh-keygen` makes without hardware; `a` has two, `d` is in no roster.
const KEYS: [(&str, &[&str]); 6] = [
    ("a", &["-t", "ed25519"]),
    ("a-other", &["-t", "ecdsa", "-b", "256"]),
    ("b", &["-t", "ecdsa", "-b", "384"]),
    ("c", &["-t", "rsa", "-b", "3072"]),
    ("d", &["-t", "ecdsa", "-b", "521"]),
    ("weak", &["-t", "rsa", "-b", "1024"]),
];

/// A program in a folder that is its home too, without the environment of this machine.
pub(crate) fn program(name: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = clean::command(name, folder, folder);
    command.env("COLUMNS", "120");
    command
}

pub(crate) fn key_folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = TempDir::new().unwrap();
            for (name, options) in KEYS {
                let made = program("ssh-keygen", folder.path())
                    .args(["-q", "-N", "", "-C", "", "-f", name])
                    .args(options)
                    .output()
                    .unwrap();
                assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            }
            folder
        })
        .path()
}

pub(crate) fn key(name: &str) -> PathBuf {
    key_folder().join(name)
}

/// A line of the roster: the key `name` belongs to `person`.
pub(crate) fn line(person: &str, options: &str, name: &str) -> String {
    let public = fs::read_to_string(key_folder().join(format!("{name}.pub"))).unwrap();
    format!("{person}@example.com {options} {public}")
}

/// `a`, `b` and `c`, each with one key.
pub(crate) fn roster() -> String {
    ["a", "b", "c"].map(|person| line(person, "namespaces=\"freezegate-grant\"", person)).concat()
}

/// Returns what `ssh-keygen -Y sign` writes.
pub(crate) fn signature(text: &str, name: &str, namespace: &str) -> String {
    let mut keygen = program("ssh-keygen", key_folder())
        .args(["-Y", "sign", "-n", namespace, "-f", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    keygen.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = keygen.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The grant, signed by these keys.
pub(crate) fn signed(terms: &Terms, names: &[&str]) -> String {
    let text = terms.to_text().unwrap();
    let signatures: String = names.iter().map(|name| signature(&text, name, "freezegate-grant")).collect();
    text + &signatures
}

struct Files<'t> {
    policy: &'t str,
    roster: &'t str,
}

impl PolicyFiles for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        match path {
            "freezegate.toml" => Ok(self.policy.as_bytes().to_vec()),
            "approvers.allowed_signers" => Ok(self.roster.as_bytes().to_vec()),
            _ => Err(ReadFault { cause: "is not there".to_owned(), help: String::new() }),
        }
    }
}

pub(crate) fn try_policy(roster: &str) -> Result<Policy, String> {
    try_policy_of(POLICY, roster)
}

pub(crate) fn try_policy_of(policy: &str, roster: &str) -> Result<Policy, String> {
    load(&Files { policy, roster }, &["freezegate.toml".to_owned()], &[])
        .map_err(|faults| faults.diagnostics.iter().map(|one| one.cause.clone()).collect::<Vec<_>>().join("\n"))
}

pub(crate) fn policy(roster: &str) -> Policy {
    try_policy(roster).unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// A grant for one change to production in the United States, an hour long from the outage on.
pub(crate) fn terms(policy: &Policy) -> Terms {
    bound_to(
        policy,
        Terms {
            id: "grant-0001".to_owned(),
            repository: REPOSITORY.to_owned(),
            environments: vec!["production".to_owned()],
            regions: vec!["us".to_owned()],
            lifts: vec!["core-hours/us".to_owned()],
            reason: "logins fail".to_owned(),
            incident: Some("INC-7".to_owned()),
            requester: "r@example.com".to_owned(),
            not_before: at(OUTAGE),
            expires: at(OUTAGE) + Seconds::new(3600),
            policy: String::new(),
            change: Some(BoundChange {
                reference: REF.to_owned(),
                difference: DIFFERENCE.to_owned(),
                range: RANGE.to_owned(),
            }),
            command: None,
        },
    )
}

/// The same terms, for the policy as it is.
pub(crate) fn bound_to(policy: &Policy, terms: Terms) -> Terms {
    Terms { policy: policy_digest(policy, &terms), ..terms }
}

/// A ref that is changed.
pub(crate) fn part(reference: &str, difference: &str) -> ChangedRef {
    ChangedRef { reference: Some(reference.to_owned()), difference: Ok(difference.to_owned()), environments: None }
}

/// What is at hand: what the terms are for, where a test says nothing else.
pub(crate) struct Hand<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) at: Instant,
    pub(crate) environments: Vec<&'static str>,
    pub(crate) regions: Vec<&'static str>,
    pub(crate) repository: Option<&'static str>,
    pub(crate) parts: Vec<ChangedRef>,
    pub(crate) command: Option<CommandLine>,
    pub(crate) authors: Result<Vec<String>, &'static str>,
    pub(crate) pushers: Vec<String>,
    pub(crate) incident: Option<&'static str>,
    pub(crate) spent: Option<BTreeSet<String>>,
}

impl<'p> Hand<'p> {
    pub(crate) fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            at: at(OUTAGE) + Seconds::new(60),
            environments: vec!["production"],
            regions: vec!["us"],
            repository: Some(REPOSITORY),
            parts: vec![part(REF, DIFFERENCE)],
            command: None,
            authors: Ok(vec!["author@example.com".to_owned()]),
            pushers: Vec::new(),
            incident: None,
            spent: Some(BTreeSet::new()),
        }
    }

    pub(crate) fn names(&self) -> DeclaredNames {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        DeclaredNames {
            environments: owned(&self.environments),
            regions: owned(&self.regions),
            ..DeclaredNames::default()
        }
    }

    /// Returns what the grant lifts, or every reason why it does not.
    pub(crate) fn check(&self, text: &str) -> Result<Granted, Vec<String>> {
        let grant = Grant::read("grant", text.as_bytes())
            .map_err(|faults| faults.diagnostics.iter().map(|one| one.cause.clone()).collect::<Vec<_>>())?;
        let declared = Declared::resolve(&self.names(), self.policy).unwrap();
        let reach = reach::declared(self.policy, &declared);
        let change = ChangeAtHand {
            repository: self.repository,
            parts: &self.parts,
            command: self.command.as_ref(),
            has_plan: false,
            reach: &reach,
            authors: self.authors.as_deref().map_err(|cause| *cause),
            pushers: &self.pushers,
            incident: self.incident,
        };
        grant
            .check(&Circumstances {
                at: self.at,
                policy: self.policy,
                change: Some(change),
                spent: self.spent.as_ref().map_or(Spending::Unrecorded, Spending::Recorded),
            })
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    /// The reasons, one a line.
    pub(crate) fn refusal(&self, text: &str) -> String {
        self.check(text).unwrap_err().join("\n")
    }
}
