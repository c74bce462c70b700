//! Refs that git takes for a guarded one where people write its short name: the tag `main` in `git archive main`, the tag `origin/main` in a
//! clone, the branch `v7` in `git clone --branch v7`.
//!
//! Such a ref is no other state of the guarded one, so it is not judged as that: it is refused, unless it was there and both hold the same.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use crate::change::git::{EvidenceError, ObjectId, RefName};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::fault::{fault, too_much};
use crate::gate::push::update::Update;
use crate::gate::push::{Push, is_alike};
use crate::pattern::fold;
use crate::reach::TargetMatcher;

/// Where git looks for a name before it takes it for the beginning of an object's (gitrevisions(7)): what stands before and after the name.
const COMMIT_REFS: [(&str, &str); 5] =
    [("refs/", ""), ("refs/tags/", ""), ("refs/heads/", ""), ("refs/remotes/", ""), ("refs/remotes/", "/HEAD")];

/// What git abbreviates the name of an object to has at least so many digits (`core.abbrev` in git-config(1)).
const LEAST_DIGITS: usize = 7;

/// Behind `-g`, git looks for a commit by at least so many digits (`MINIMUM_ABBREV` in git's `object-name.c`).
const LEAST_DESCRIBED: usize = 4;

impl Push<'_> {
    /// Refuses a push after which git would take another ref for one that a target selects or that the policy is read from.
    ///
    /// # Errors
    ///
    /// That, and what can't be read of either ref.
    pub(crate) fn casts_no_shadow(&self) -> Result<(), Faults> {
        for update in self.updates {
            has_exact_folder(update)?;
        }
        // targets are taken apart only where two refs share a name
        let matcher = OnceCell::new();
        let is_guarded = |name: &RefName| -> Result<bool, Faults> {
            let matcher = matcher.get_or_init(|| TargetMatcher::new(&self.source.policy));
            let selected = matcher.of_ref(self.side(name)).map_err(|error| too_much(&error))?;
            Ok(self.is_policy_branch(name) || selected.is_any())
        };
        let pushed: HashMap<&RefName, ObjectId> =
            self.updates.iter().map(|update| (&update.name, update.new)).collect();
        self.finds_room()?;
        for update in self.updates.iter().filter(|update| !update.new.is_zero()) {
            for other in self.taken_for(&update.name) {
                let Some(there) = self.after_push(&other, &pushed)? else {
                    continue;
                };
                let own_is_new = || Ok::<_, Faults>(update.old.is_zero() && is_guarded(&update.name)?);
                // one that is new may hold the same now, and something else as soon as the other moves
                let may_differ = || Ok::<_, Faults>(update.old.is_zero() || !self.hold_the_same(update.new, there)?);
                let other_is_guarded = is_guarded(&other)?;
                if (other_is_guarded || own_is_new()?) && may_differ()? {
                    let help = match other_is_guarded && update.old.is_zero() {
                        true => "use another name".to_owned(),
                        false => format!("use another name, or delete `{other}` if it is not needed"),
                    };
                    return Err(taken(update, &format!("`{other}`"), &help));
                }
            }
            self.is_not_beside_default(update)?;
            self.is_no_abbreviation(update)?;
            self.commit_is_not_hidden(update, &pushed)?;
        }
        Ok(())
    }

    /// Refuses a new ref that git would reject after the hook: one below another, or above one. The record would keep what never came.
    fn finds_room(&self) -> Result<(), Faults> {
        let created = || self.updates.iter().filter(|update| update.old.is_zero() && !update.new.is_zero());
        if self.refs.is_none() || created().next().is_none() {
            return Ok(());
        }
        let there = self.repository.refs().map_err(fault)?;
        let mut names: BTreeSet<&[u8]> = there.iter().map(|one| one.name.as_bytes()).collect();
        names.extend(created().map(|update| update.name.as_bytes()));
        for update in created() {
            let name = update.name.as_bytes();
            let folder = [name, b"/"].concat();
            let below = names.range(&*folder..).next().filter(|other| other.starts_with(&folder));
            let slashes = name.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            let above = slashes.filter_map(|(at, _)| names.get(name.get(..at)?)).next();
            if let Some(other) = below.or(above) {
                let other = String::from_utf8_lossy(other);
                let cause = format!("git can't keep `{}` beside `{other}`", update.name);
                let help = format!("use another name, or first delete `{other}` by a push of its own");
                let fault = Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&help));
                return Err(Faults::one(fault));
            }
        }
        Ok(())
    }

    /// What a ref holds after the push; `None` if it is not there then.
    fn after_push(&self, name: &RefName, pushed: &HashMap<&RefName, ObjectId>) -> Result<Option<ObjectId>, Faults> {
        match pushed.get(name) {
            Some(new) => Ok(Some(*new).filter(|new| !new.is_zero())),
            None => self.repository.resolve_ref(name).map_err(fault),
        }
    }

    /// Refuses a commit for which git takes a ref, where people write the name of the commit in full or abbreviated.
    fn commit_is_not_hidden(&self, update: &Update, pushed: &HashMap<&RefName, ObjectId>) -> Result<(), Faults> {
        let id = update.new.to_string();
        for digits in (LEAST_DIGITS..=id.len()).filter_map(|length| id.get(..length)) {
            for (folder, end) in COMMIT_REFS {
                let name = RefName::new(format!("{folder}{digits}{end}")).map_err(fault)?;
                if let Some(there) = self.after_push(&name, pushed)?
                    && !self.hold_the_same(update.new, there)?
                {
                    let cause = format!("git may take `{name}` for the commit {id}, and they hold different files");
                    let help = format!("delete `{name}`, or push another commit, such as by `git commit --amend`");
                    return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
                }
            }
        }
        Ok(())
    }

    /// Refuses a new branch that a file system may take for the default one: nobody could delete it again without the other.
    fn is_not_beside_default(&self, update: &Update) -> Result<(), Faults> {
        let name = &update.name;
        match self.default.filter(|default| *default != name && update.old.is_zero() && is_alike(default, name)) {
            None => Ok(()),
            Some(default) => {
                let cause = format!("a file system may take `{name}` for `{default}`, the default branch");
                Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help("use another name")))
            }
        }
    }

    /// Refuses a name that is also the name of a commit, or how people abbreviate it: git takes the ref.
    fn is_no_abbreviation(&self, update: &Update) -> Result<(), Faults> {
        let Ok(full) = std::str::from_utf8(update.name.as_bytes()) else {
            return Ok(());
        };
        let short = |(folder, end): (&str, &str)| full.strip_prefix(folder)?.strip_suffix(end);
        let Some(meant) = COMMIT_REFS.into_iter().filter_map(short).find_map(MeantCommit::of) else {
            return Ok(());
        };
        match self.repository.beginning_with(&meant.digits) {
            // one of ordinary digits is looked for when the commit comes
            Ok(None) if meant.is_as_written => Ok(()),
            Ok(None) => Err(taken(update, "a commit to come", "use another name")),
            Ok(Some(object)) if self.hold_the_same(update.new, object)? => Ok(()),
            Ok(Some(object)) => Err(taken(update, &format!("the object {object}"), "use another name")),
            Err(EvidenceError::AmbiguousRevision { .. }) => Err(taken(update, "several objects", "use another name")),
            Err(error) => Err(fault(error)),
        }
    }

    /// The refs that git, or a file system, may take this one for.
    fn taken_for(&self, name: &RefName) -> Vec<RefName> {
        let mut others = name.sharing_short_name();
        others.extend(name.meant_by_short_names());
        let short = |name: &RefName| fold(name.short_name().unwrap_or(name.as_bytes())).into_owned();
        let is_branch = name.as_bytes().starts_with(b"refs/heads/");
        let own = short(name);
        // a clone may keep the branch `HEAD` as `origin/HEAD`, which stands for the default branch
        let may_hide_default = !is_branch || own == b"head";
        if let Some(default) = self.default.filter(|default| may_hide_default && *default != name) {
            // `git reset --hard origin` means the default branch of the remote, if there is no such tag
            let is_remote =
                [&b"head"[..], b"origin", b"origin/head", b"upstream", b"upstream/head"].contains(&own.as_slice());
            if (is_remote || own == short(default)) && !others.contains(default) {
                others.push(default.clone());
            }
        }
        others
    }

    /// Returns whether two objects stand for commits that hold the same.
    fn hold_the_same(&self, one: ObjectId, other: ObjectId) -> Result<bool, Faults> {
        let tree = |id: ObjectId| match self.repository.revision_at(id) {
            Ok(found) => Ok(found.map(|revision| revision.tree)),
            Err(EvidenceError::NotACommit { .. } | EvidenceError::UnreadableObject { .. }) => Ok(None),
            Err(error) => Err(fault(error)),
        };
        let (one, other) = (tree(one)?, tree(other)?);
        Ok(one.is_some() && one == other)
    }
}

/// The commit that git takes a short name for, if there is no such ref.
struct MeantCommit {
    /// The beginning of its id, in lower case.
    digits: String,
    /// True if the name is no more than that.
    is_as_written: bool,
}

impl MeantCommit {
    /// Reads a short name as gitrevisions(7) says under `<sha1>`, in either case, and `<describeOutput>`, as git-describe(1) writes it.
    fn of(short: &str) -> Option<Self> {
        let is_id = |text: &str, least| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let described = || {
            let (tag, id) = short.rsplit_once("-g").filter(|(_, id)| is_id(id, LEAST_DESCRIBED))?;
            let (_, count) = tag.rsplit_once('-')?;
            (!count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
        };
        let id = if is_id(short, LEAST_DIGITS) { short } else { described()? };
        let digits = id.to_ascii_lowercase();
        Some(Self { is_as_written: digits == short, digits })
    }
}

/// Refuses a ref of `refs/Heads/` and the like: where the file system ignores case, it is one of `refs/heads/`, which nothing judged.
fn has_exact_folder(update: &Update) -> Result<(), Faults> {
    let name = update.name.as_bytes();
    let folded = fold(name);
    let differs = |folder: &[u8]| folded.starts_with(folder) && !name.starts_with(folder);
    if ![&b"refs/heads/"[..], b"refs/tags/", b"refs/freezegate/"].into_iter().any(differs) {
        return Ok(());
    }
    let cause = format!("`{}` is another ref where the file system ignores case", update.name);
    let help = "write `refs/heads/` or `refs/tags/` in lower case";
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help)))
}

fn taken(update: &Update, other: &str, help: &str) -> Faults {
    let cause = format!("git may take `{}` for {other}", update.name);
    Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(help)))
}
