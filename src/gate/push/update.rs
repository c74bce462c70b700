//! The refs of a push, as git hands them to its hooks (githooks(5)).

use std::collections::HashSet;
use std::ffi::OsString;

use crate::change::git::{EvidenceError, ObjectId, RefName, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::bytes_for_terminal;
use crate::gate::fault::fault;
use crate::gate::world::World;

/// As many refs of one push are judged: 10,000 tags of one commit take about a second.
const MOST_REFS: usize = 10_000;

/// The most bytes of ref updates that are read: [`MOST_REFS`] with names as long as a file system takes them.
const MAX_INPUT: u64 = 48 << 20;

/// As much of a line that can't be read is shown.
const MAX_SHOWN: usize = 200;

/// The update of one ref, as git reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Update {
    /// The ref as the receiving side knows it.
    pub(crate) name: RefName,
    /// Its target there; zeros for a ref that is created.
    pub(crate) old: ObjectId,
    /// The commit that it shall point to; zeros for one that is deleted.
    pub(crate) new: ObjectId,
}

/// Returns what git hands over on standard input.
pub(crate) fn read_input(hook: &str, world: &dyn World) -> Result<Vec<u8>, Faults> {
    if world.input_is_terminal() {
        return Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, format!("`hook {hook}` is run by git, which hands it the refs"))
                .help("install it with `freezegate hook install`; to ask by hand, run `freezegate check`"),
        ));
    }
    let read = world.read_input(MAX_INPUT + 1);
    let bytes = read.map_err(|error| not_of_git(format!("standard input can't be read: {error}")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_INPUT {
        return Err(too_many_refs(None));
    }
    is_whole(&bytes)?;
    Ok(bytes)
}

/// Refuses input whose last line does not end.
pub(crate) fn is_whole(input: &[u8]) -> Result<(), Faults> {
    if input.last().is_some_and(|last| *last != b'\n') {
        return Err(not_of_git("the last line that git handed over is cut off".to_owned()));
    }
    Ok(())
}

/// The lines of a pre-push hook: `<local ref> <local id> <remote ref> <remote id>`. The remote side decides.
pub(crate) fn of_push(input: &[u8]) -> Result<Vec<Update>, Faults> {
    each(input, |line| match line.split(|byte| *byte == b' ').collect::<Vec<_>>().as_slice() {
        // a local ref may hold blanks of revision syntax, the other fields never do
        [_, .., new, name, old] => update(old, new, name),
        _ => None,
    })
}

/// The lines of a pre-receive hook: `<old id> <new id> <ref>`.
pub(crate) fn of_receipt(input: &[u8]) -> Result<Vec<Update>, Faults> {
    each(input, |line| match line.split(|byte| *byte == b' ').collect::<Vec<_>>().as_slice() {
        [old, new, name] => update(old, new, name),
        _ => None,
    })
}

/// The one ref of a push that pre-commit passes to its hooks, in variables (<https://pre-commit.com/#pre-push>). It swallows
/// the lines of git.
///
/// Where no remote-tracking ref shows that the remote has the ref, it counts as created: all that it holds is new.
pub(crate) fn of_pre_commit(world: &dyn World, remote: &str, repository: &Repository) -> Result<Update, Faults> {
    let variable = |name: &str| of_variable(world, name);
    let Some(name) = variable("PRE_COMMIT_REMOTE_BRANCH")? else {
        return Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, "pre-commit runs this hook, and names no push").help(
                "give it the stage `pre-push` alone, and install that: `pre-commit install --hook-type pre-push`",
            ),
        ));
    };
    let name = RefName::new(name).map_err(fault)?;
    let id = |text: &str| ObjectId::from_hex(text).map_err(|_| malformed(text.as_bytes()));
    let zero = id(&"0".repeat(40))?;
    let new = match (variable("PRE_COMMIT_TO_REF")?, variable("PRE_COMMIT_LOCAL_BRANCH")?) {
        (Some(new), _) => id(&new)?,
        (None, Some(local)) => repository.revision(&local).map_err(fault)?.commit.object(),
        (None, None) => return Err(not_of_git("pre-commit does not say what is pushed".to_owned())),
    };
    let old = match variable("PRE_COMMIT_FROM_REF")? {
        Some(old) if is_tracked(repository, remote, &name).map_err(fault)? => id(&old)?,
        Some(_) | None => zero,
    };
    Ok(Update { name, old, new })
}

/// Returns what pre-commit says in a variable; one that is not text is no missing one.
pub(crate) fn of_variable(world: &dyn World, name: &str) -> Result<Option<String>, Faults> {
    let text = world.variable(name).map(OsString::into_string).transpose();
    text.map_err(|value| {
        let shown = bytes_for_terminal(value.as_encoded_bytes());
        Faults::one(
            Diagnostic::error(Code::NoEvidence, format!("`{name}` is not UTF-8: `{shown}`"))
                .help("pre-commit passes only text: `freezegate hook install` judges such a push too"),
        )
    })
}

/// Returns whether a remote-tracking ref follows this branch of the remote.
fn is_tracked(repository: &Repository, remote: &str, name: &RefName) -> Result<bool, EvidenceError> {
    match tracking(remote, name) {
        Some(tracking) => Ok(repository.find_ref(&tracking)?.is_some()),
        None => Ok(false),
    }
}

/// The remote-tracking ref that follows a branch of a remote; `None` of what is no branch. An address has none.
pub(crate) fn tracking(remote: &str, name: &RefName) -> Option<RefName> {
    let branch = name.as_bytes().strip_prefix(b"refs/heads/")?;
    // no address makes the name of a ref
    RefName::new([b"refs/remotes/", remote.as_bytes(), b"/", branch].concat()).ok()
}

fn each(input: &[u8], read: impl Fn(&[u8]) -> Option<Update>) -> Result<Vec<Update>, Faults> {
    let lines = || input.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line));
    let count = lines().count();
    if count > MOST_REFS {
        return Err(too_many_refs(Some(count)));
    }
    let updates: Vec<Update> =
        lines().map(|line| read(line).ok_or_else(|| malformed(line))).collect::<Result<_, _>>()?;
    let mut known = HashSet::with_capacity(updates.len());
    match updates.iter().find(|update| !known.insert(&update.name)) {
        Some(twice) => Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, format!("the push names `{}` twice", twice.name))
                .help("push one commit to it: git may use either of the two"),
        )),
        None => Ok(updates),
    }
}

fn too_many_refs(count: Option<usize>) -> Faults {
    let count = count.map_or_else(|| "too many refs".to_owned(), |count| format!("{count} refs"));
    Faults::one(
        Diagnostic::error(Code::NoEvidence, format!("the push has {count}; at most {MOST_REFS} are judged at once"))
            .help("push them in parts, such as `git push origin 'refs/tags/v1.*'` and then the others"),
    )
}

fn update(old: &[u8], new: &[u8], name: &[u8]) -> Option<Update> {
    let id = |text: &[u8]| match std::str::from_utf8(text).map(ObjectId::from_hex) {
        Ok(Ok(id)) => Some(id),
        Ok(Err(_)) | Err(_) => None,
    };
    match RefName::new(name) {
        Ok(name) => Some(Update { name, old: id(old)?, new: id(new)? }),
        Err(_) => None,
    }
}

fn malformed(line: &[u8]) -> Faults {
    let shown = bytes_for_terminal(line.get(..MAX_SHOWN).unwrap_or(line));
    let more = if line.len() > MAX_SHOWN { "…" } else { "" };
    not_of_git(format!("git passed a line that does not describe a push: `{shown}{more}`"))
}

fn not_of_git(cause: String) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("see githooks(5) for what git hands to hooks"))
}

#[cfg(test)]
mod tests {
    use super::{of_push, of_receipt};

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    /// The name and the two ends of each ref, or that the lines are refused.
    fn read(of: fn(&[u8]) -> Result<Vec<super::Update>, crate::diagnostic::Faults>, lines: &[u8]) -> Option<String> {
        let updates = of(lines).ok()?;
        let told = updates.iter().map(|update| {
            let digit = |id: super::ObjectId| id.to_string().chars().next().unwrap();
            format!("{} {}..{}", update.name, digit(update.old), digit(update.new))
        });
        Some(told.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn the_remote_side_decides() {
        for (line, told) in [
            (format!("refs/heads/a {TWO} refs/heads/main {ONE}\n"), Some("refs/heads/main 1..2")),
            (format!("HEAD~1 {TWO} refs/heads/main {ONE}\n"), Some("refs/heads/main 1..2")),
            (format!("(delete) {} refs/heads/main {ONE}\n", "0".repeat(40)), Some("refs/heads/main 1..0")),
            (format!("HEAD^{{/a message}} {TWO} refs/heads/main {ONE}\n"), Some("refs/heads/main 1..2")),
            (format!("{TWO} {TWO} refs/tags/v1 {}\n", "0".repeat(40)), Some("refs/tags/v1 0..2")),
            (String::new(), Some("")),
            ("\n".to_owned(), None),
            ("\n\n".to_owned(), None),
            (format!("{TWO} refs/heads/main {ONE}\n"), None),
            (format!("a {TWO} main {ONE}\n"), None),
            (format!("a {TWO} refs/heads/main\n"), None),
            (format!("a {TWO} refs/heads/main {ONE} \n"), None),
            (format!("a {TWO}  refs/heads/main {ONE}\n"), None),
            (format!("a {} refs/heads/main {ONE}\n", "2".repeat(39)), None),
            (format!("a {TWO}2 refs/heads/main {ONE}\n"), None),
            (format!("a {TWO} refs/heads/a..b {ONE}\n"), None),
            (format!("a {TWO} refs/heads/main {ONE}\r\n"), None),
            (format!("a {TWO} refs/heads/main {ONE}\nb\n"), None),
        ] {
            assert_eq!(read(of_push, line.as_bytes()).as_deref(), told, "{line:?}");
        }
        let bytes = [b"a ", TWO.as_bytes(), b" refs/heads/\xff ", ONE.as_bytes(), b"\n"].concat();
        assert_eq!(read(of_push, &bytes).as_deref(), Some("refs/heads/\u{fffd} 1..2"));
    }

    #[test]
    fn a_receipt_has_three_fields() {
        for (line, told) in [
            (format!("{ONE} {TWO} refs/heads/main\n"), Some("refs/heads/main 1..2")),
            (
                format!("{ONE} {TWO} refs/heads/main\n{TWO} {ONE} refs/heads/b\n"),
                Some("refs/heads/main 1..2, refs/heads/b 2..1"),
            ),
            (format!("{ONE} {TWO} refs/heads/main x\n"), None),
            (format!("{ONE} {TWO}\n"), None),
            (format!("x {ONE} {TWO} refs/heads/main\n"), None),
        ] {
            assert_eq!(read(of_receipt, line.as_bytes()).as_deref(), told, "{line:?}");
        }
    }
}
