//! The roster: OpenSSH's file of allowed signers, read as ssh-keygen(1) "ALLOWED SIGNERS" says, and stricter.
//!
//! One exact principal to a key: patterns, lists and certificate authorities would make it unclear who signed.

use std::collections::HashMap;

use jiff::civil::DateTime;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use crate::policy::duration::spoken;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;

/// The fewest bits of an RSA key: what ssh-keygen(1) makes by default. NIST SP 800-131A and SP 800-57 let
/// 2048 bits end with 2030.
pub const LEAST_RSA_BITS: usize = 3072;

/// The most bits of an RSA key that can be verified.
pub const MOST_RSA_BITS: usize = 4096;

/// The text in every private key: of OpenSSH and PEM (RFC 7468), and of PuTTY.
pub const PRIVATE_KEYS: [&str; 2] = ["PRIVATE KEY-----", "PuTTY-User-Key-File"];

/// The persons who may sign, each with a key.
#[derive(Debug, Clone)]
pub struct Roster {
    path: String,
    signers: Vec<Signer>,
}

/// A person and a key.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The principal, such as `a@example.com`.
    pub principal: String,
    /// The key.
    pub key: PublicKey,
    /// The line of the roster, from 1.
    pub line: usize,
    /// For what the key may sign: patterns as ssh-keygen(1) has them (`*`, `?`, `!`); `None` for everything.
    pub namespaces: Option<Vec<String>>,
    /// The first second at which it counts, since 1970-01-01T00:00:00Z.
    pub valid_after: Option<Instant>,
    /// The last second at which it counts: this one still does, as in OpenSSH.
    pub valid_before: Option<Instant>,
}

/// The reason why a key does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    /// Its line lists other purposes.
    Namespace(String),
    /// It does not count yet, for so many seconds.
    NotYet(Seconds),
    /// It does not count any more, since so many seconds.
    NoLonger(Seconds),
}

impl std::fmt::Display for KeyFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Namespace(namespace) => write!(f, "the roster does not let the key sign for `{namespace}`"),
            Self::NotYet(seconds) => write!(f, "the key becomes valid in {}", spoken(*seconds)),
            Self::NoLonger(seconds) => write!(f, "the key expired {} ago", spoken(*seconds)),
        }
    }
}

impl std::error::Error for KeyFault {}

impl Signer {
    /// Whether the key may sign for the purpose `namespace` at the instant `at`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`KeyFault`], with by how much.
    pub fn permits(&self, namespace: &str, at: Instant) -> Result<(), KeyFault> {
        if let Some(patterns) = &self.namespaces
            && !matches_list(namespace, patterns)
        {
            return Err(KeyFault::Namespace(namespace.to_owned()));
        }
        match (self.valid_after, self.valid_before) {
            (Some(first), _) if at < first => Err(KeyFault::NotYet(first.since(at))),
            (_, Some(last)) if at > last => Err(KeyFault::NoLonger(at.since(last))),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }
}

/// `match_pattern_list` of OpenSSH: one of the patterns must match, and none that begins with `!` may (ssh_config(5)
/// "PATTERNS").
fn matches_list(text: &str, patterns: &[String]) -> bool {
    let mut matched = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches_pattern(text.as_bytes(), pattern.as_bytes()) => return false,
            Some(_) => {}
            None => matched |= matches_pattern(text.as_bytes(), pattern.as_bytes()),
        }
    }
    matched
}

/// `*` stands for any bytes, `?` for any one.
fn matches_pattern(text: &[u8], pattern: &[u8]) -> bool {
    // to how many bytes of the text the pattern so far can be matched
    let mut ends = vec![false; text.len() + 1];
    if let Some(start) = ends.first_mut() {
        *start = true;
    }
    for symbol in pattern {
        let mut next = vec![false; ends.len()];
        let mut any_before = false;
        for (index, end) in next.iter_mut().enumerate() {
            let here = ends.get(index).copied().unwrap_or(false);
            any_before |= here;
            let before = index.checked_sub(1);
            *end = match symbol {
                b'*' => any_before,
                other => before.is_some_and(|before| {
                    ends.get(before).copied().unwrap_or(false) && (*other == b'?' || text.get(before) == Some(other))
                }),
            };
        }
        ends = next;
    }
    ends.last().copied().unwrap_or(false)
}

/// A problem with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterFault {
    /// The line, from 1; `None` where the whole file is wrong.
    pub line: Option<usize>,
    /// The problem, for people.
    pub cause: String,
    /// The fix.
    pub help: String,
}

impl Roster {
    /// Reads the text of the roster at `path`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, at once: no text, a line without principal or key, patterns or lists of
    /// principals, unknown options and options that stand twice, `cert-authority`, times without `Z`, weak keys (DSA, RSA of
    /// fewer than [`LEAST_RSA_BITS`] bits), keys that can't be verified, one key twice, no line at all.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, Vec<RosterFault>> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(vec![fault(None, "it is not UTF-8", "write it as ssh-keygen(1) says under ALLOWED SIGNERS")]);
        };
        if PRIVATE_KEYS.iter().any(|mark| text.contains(mark)) {
            let help = "replace it by the public one, from the `.pub` file; who has read the private key can sign: make another";
            return Err(vec![fault(None, "it holds a private key", help)]);
        }
        let mut faults = Vec::new();
        let mut signers: Vec<Signer> = Vec::new();
        let mut keys: HashMap<String, usize> = HashMap::new();
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            match read_line(line, content) {
                Ok(signer) => {
                    let blob = signer.key.key_data().fingerprint(ssh_key::HashAlg::Sha256).to_string();
                    if let Some(first) = keys.insert(blob, line) {
                        faults.push(fault(
                            line,
                            format!("the key is already on line {first}"),
                            "one key belongs to one person, once",
                        ));
                    }
                    signers.push(signer);
                }
                Err(found) => faults.push(found),
            }
        }
        if signers.is_empty() && faults.is_empty() {
            faults.push(fault(None, "it names no person", "add a line for each person who may sign"));
        }
        if faults.is_empty() { Ok(Self { path: path.to_owned(), signers }) } else { Err(faults) }
    }

    /// The path by which the policy names it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The lines, in order.
    #[must_use]
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The persons, in the order of their first line.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        self.signers.iter().map(|signer| signer.principal.as_str())
    }

    /// Returns whether the person has a line.
    #[must_use]
    pub fn contains(&self, principal: &str) -> bool {
        self.principals().any(|known| known == principal)
    }
}

fn fault(line: impl Into<Option<usize>>, cause: impl Into<String>, help: impl Into<String>) -> RosterFault {
    RosterFault { line: line.into(), cause: cause.into(), help: help.into() }
}

const LINE: &str = "write `a@example.com namespaces=\"freezegate-grant\" ssh-ed25519 AAAA…`";

fn read_line(line: usize, content: &str) -> Result<Signer, RosterFault> {
    let (principal, rest) =
        content.split_once([' ', '\t']).ok_or_else(|| fault(line, "a principal without a key", LINE))?;
    if principal.contains('"') {
        return Err(fault(line, format!("`{principal}` is not a principal"), LINE));
    }
    // the line of a `.pub` file as it is
    if PublicKey::from_openssh(content).is_ok() {
        let comment = rest.split_whitespace().nth(1).filter(|comment| comment.contains('@'));
        let whose = comment.unwrap_or("ana@example.com");
        let help =
            format!("write the approver's address before it: `{whose} namespaces=\"freezegate-grant\" {principal} …`");
        return Err(fault(line, "a key without the address of its owner", help));
    }
    if principal.contains(['*', '?', '!', ',']) {
        return Err(fault(
            line,
            format!("`{principal}` is a pattern or a list"),
            "write one line for each person, with the exact name",
        ));
    }
    let rest = rest.trim_start();
    let (options, key) = if rest.starts_with("ssh-") || rest.starts_with("ecdsa-") || rest.starts_with("sk-") {
        (PrincipalOptions::default(), rest)
    } else {
        let (written, key) = split_options(rest).ok_or_else(|| fault(line, "no key can be read", LINE))?;
        (read_options(line, written)?, key)
    };
    let key = PublicKey::from_openssh(key.trim()).map_err(|_| fault(line, "the key can't be read", LINE))?;
    check_key(line, &key)?;
    let PrincipalOptions { namespaces, valid_after, valid_before } = options;
    Ok(Signer { principal: principal.to_owned(), key, line, namespaces, valid_after, valid_before })
}

/// Keys that are weak, or whose signatures could not be verified.
fn check_key(line: usize, key: &PublicKey) -> Result<(), RosterFault> {
    const HELP: &str = "make another: `ssh-keygen -t ed25519`";
    match key.key_data() {
        KeyData::Ed25519(_) | KeyData::Ecdsa(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Ok(()),
        KeyData::Rsa(rsa) => {
            let Some(modulus) = rsa.n.as_positive_bytes() else {
                return Err(fault(line, "the RSA key is malformed", HELP));
            };
            let zeros = modulus.first().map_or(0, |first| first.leading_zeros());
            let bits = modulus.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or(0));
            match bits {
                ..LEAST_RSA_BITS => {
                    Err(fault(line, format!("the RSA key has {bits} bits, fewer than {LEAST_RSA_BITS}"), HELP))
                }
                LEAST_RSA_BITS..=MOST_RSA_BITS => Ok(()),
                _ => Err(fault(
                    line,
                    format!("the RSA key has {bits} bits, and no more than {MOST_RSA_BITS} can be verified"),
                    HELP,
                )),
            }
        }
        KeyData::Dsa(_) => Err(fault(line, "the key is a DSA key, which is weak", HELP)),
        // and whatever a later release of the crate may know
        KeyData::Other(_) | _ => {
            Err(fault(line, format!("keys of the sort `{}` can't be verified", key.algorithm().as_str()), HELP))
        }
    }
}

/// The text that stands between a principal and its key.
#[derive(Debug, Default)]
struct PrincipalOptions {
    namespaces: Option<Vec<String>>,
    valid_after: Option<Instant>,
    valid_before: Option<Instant>,
}

/// Splits at the first blank outside quotes.
fn split_options(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.char_indices().find_map(|(index, c)| {
        quoted ^= c == '"';
        (!quoted && (c == ' ' || c == '\t')).then_some(index)
    })?;
    Some((text.get(..end)?, text.get(end..)?))
}

fn read_options(line: usize, written: &str) -> Result<PrincipalOptions, RosterFault> {
    let mut options = PrincipalOptions::default();
    let mut quoted = false;
    let separated = written.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    for option in separated {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => {
                let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                (name, Some(inner.ok_or_else(|| fault(line, format!("the value of `{name}` lacks its quotes"), LINE))?))
            }
            None => (option, None),
        };
        let name = name.to_ascii_lowercase();
        let again = match (name.as_str(), value) {
            ("cert-authority", None) => {
                return Err(fault(
                    line,
                    "`cert-authority` would let others be added unseen",
                    "list each person's own key",
                ));
            }
            ("namespaces", Some(list)) => {
                options.namespaces.replace(list.split(',').map(str::to_owned).collect()).is_some()
            }
            ("valid-after", Some(time)) => options.valid_after.replace(read_time(line, &name, time)?).is_some(),
            ("valid-before", Some(time)) => options.valid_before.replace(read_time(line, &name, time)?).is_some(),
            _ => {
                return Err(fault(
                    line,
                    format!("`{option}` is not an option"),
                    "the options are `namespaces`, `valid-after` and `valid-before`",
                ));
            }
        };
        if again {
            return Err(fault(line, format!("`{name}` appears twice"), "remove one"));
        }
    }
    match (options.valid_after, options.valid_before) {
        (Some(first), Some(last)) if last < first => {
            Err(fault(line, "`valid-before` is before `valid-after`", "the key would never count: fix the times"))
        }
        (Some(_) | None, Some(_) | None) => Ok(options),
    }
}

/// `YYYYMMDDZ` or `YYYYMMDDHHMM[SS]Z`, in seconds since 1970: without `Z` the instant would depend on the zone of the machine.
fn read_time(line: usize, name: &str, time: &str) -> Result<Instant, RosterFault> {
    let wrong =
        || fault(line, format!("`{name}` is `{time}`, not a time in UTC"), "write `20261231Z` or `202612312359Z`");
    let digits = time.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = digits.filter(|digits| matches!(digits.len(), 8 | 12 | 14)).ok_or_else(wrong)?;
    let whole = format!("{digits:0<14}");
    let civil = DateTime::strptime("%Y%m%d%H%M%S", &whole).map_err(|_| wrong())?;
    // an instant of jiff would leave out most of the last day, `99991231Z`
    Ok(WallSecond::of(civil).in_utc())
}

/// Returns which of `choices` stay without a person if as many as possible get one each, by their indices in ascending order.
#[must_use]
pub fn without_person(choices: &[Vec<&str>]) -> Vec<usize> {
    let mut taken = HashMap::new();
    let mut has_person = |index: &usize| place(*index, choices, &mut taken, &mut std::collections::HashSet::new());
    (0..choices.len()).filter(|index| !has_person(index)).collect()
}

/// For each of `choices` another person, if there is a way: the matching that [`crate::policy::Lift::signed`] asks for.
#[must_use]
pub fn distinct_persons<'p>(choices: &[Vec<&'p str>]) -> Option<Vec<&'p str>> {
    let mut taken: HashMap<&'p str, usize> = HashMap::new();
    for index in 0..choices.len() {
        let mut tried = std::collections::HashSet::new();
        if !place(index, choices, &mut taken, &mut tried) {
            return None;
        }
    }
    let mut by_choice: Vec<(usize, &'p str)> = taken.into_iter().map(|(person, index)| (index, person)).collect();
    by_choice.sort_unstable();
    Some(by_choice.into_iter().map(|(_, person)| person).collect())
}

/// Gives choice `index` a person, moving others to another of theirs if need be (an augmenting path).
fn place<'p>(
    index: usize,
    choices: &[Vec<&'p str>],
    taken: &mut HashMap<&'p str, usize>,
    tried: &mut std::collections::HashSet<&'p str>,
) -> bool {
    for person in choices.get(index).into_iter().flatten() {
        if !tried.insert(person) {
            continue;
        }
        let free = match taken.get(person).copied() {
            None => true,
            Some(other) => place(other, choices, taken, tried),
        };
        if free {
            taken.insert(person, index);
            return true;
        }
    }
    false
}
