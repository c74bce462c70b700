//! The roster: OpenSSH's file of allowed signers, read as ssh-keygen(1) "ALLOWED SIGNERS" says, and stricter.
//!
//! One exact principal to a key: patterns, lists and certificate authorities would make it unclear who signed.

use std::collections::HashMap;

use ssh_key::PublicKey;

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
    /// The options as written, without quotes, lower-case names.
    pub options: Vec<(String, Option<String>)>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterFault {
    /// The line, from 1; `None` where the whole file is wrong.
    pub line: Option<usize>,
    /// What is wrong, for people.
    pub cause: String,
    /// What to do.
    pub help: String,
}

impl Roster {
    /// Reads the text of the roster at `path`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, at once: no text, a line without principal or key, patterns or lists of
    /// principals, unknown options, `cert-authority`, times without `Z`, one key twice, no line at all.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, Vec<RosterFault>> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(vec![fault(None, "it is not UTF-8", "write it as ssh-keygen(1) says under ALLOWED SIGNERS")]);
        };
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
                            format!("the key stands on line {first} already"),
                            "one key belongs to one person, once",
                        ));
                    }
                    signers.push(signer);
                }
                Err(found) => faults.push(found),
            }
        }
        if signers.is_empty() && faults.is_empty() {
            faults.push(fault(None, "it names nobody", "add a line for each person who may sign"));
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

    /// Whether the person has a line.
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
        return Err(fault(line, format!("`{principal}` is no principal"), LINE));
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
        (Vec::new(), rest)
    } else {
        let (written, key) = split_options(rest).ok_or_else(|| fault(line, "no key can be read", LINE))?;
        (read_options(line, written)?, key)
    };
    let key = PublicKey::from_openssh(key.trim()).map_err(|_| fault(line, "the key can't be read", LINE))?;
    Ok(Signer { principal: principal.to_owned(), key, line, options })
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

fn read_options(line: usize, written: &str) -> Result<Vec<(String, Option<String>)>, RosterFault> {
    let mut options = Vec::new();
    let mut quoted = false;
    let separated = written.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    for option in separated {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => {
                let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                (
                    name,
                    Some(
                        inner
                            .ok_or_else(|| fault(line, format!("the value of `{name}` lacks its quotes"), LINE))?
                            .to_owned(),
                    ),
                )
            }
            None => (option, None),
        };
        let name = name.to_ascii_lowercase();
        match (name.as_str(), &value) {
            ("cert-authority", None) => {
                return Err(fault(
                    line,
                    "`cert-authority` would let others be added unseen",
                    "list each person's own key",
                ));
            }
            ("namespaces", Some(_)) => {}
            ("valid-after" | "valid-before", Some(time)) => check_time(line, &name, time)?,
            _ => {
                return Err(fault(
                    line,
                    format!("`{option}` is no option"),
                    "the options are `namespaces`, `valid-after` and `valid-before`",
                ));
            }
        }
        options.push((name, value));
    }
    Ok(options)
}

/// `YYYYMMDDZ` or `YYYYMMDDHHMM[SS]Z`: without `Z` the instant would depend on the zone of the machine.
fn check_time(line: usize, name: &str, time: &str) -> Result<(), RosterFault> {
    let digits = time.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.map(str::len) {
        Some(8 | 12 | 14) => Ok(()),
        Some(_) | None => {
            Err(fault(line, format!("`{name}` is `{time}`, not a time in UTC"), "write `20261231Z` or `202612312359Z`"))
        }
    }
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
