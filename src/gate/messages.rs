//! What the messages of new commits say of where they go: trailers `Environment: NAME`, names divided by commas. Anybody can write
//! them, so they may close and never open.

use std::sync::Arc;

use crate::change::git::{Brought, CommitId, Limits, NewCommits, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::escape::bytes_for_terminal;
use crate::gate::fault::fault;
use crate::policy::Policy;
use crate::reach::shown::Said;
use crate::reach::{Declared, DeclaredNames, Shown};

/// The most environments that the trailers of one message may name.
const MOST_NAMES: usize = 100;

/// To this depth commits are fetched whose trailers are to be read. What is not read is said, and could only have closed.
const DEEPEST: u32 = 500;

/// As many commits that say something are named.
const MOST_TOLD: usize = 3;

/// Reads the messages of new commits.
pub(crate) struct Messages<'r> {
    repository: &'r Repository,
    /// Everything that was there before a ref was created.
    before: Vec<CommitId>,
    /// The walk from there, once a ref is created.
    created: Option<NewCommits<'r>>,
    /// The walk of the last ref that was moved, and where to: what continues from there need not be walked again.
    moved: Option<(CommitId, NewCommits<'r>)>,
    /// The number of commits that may still be read.
    left: usize,
    /// True if `--fetch` could have brought more.
    could_fetch: bool,
    /// True if trailers of earlier commits than the last one that can't be read are passed over.
    keeps_going: bool,
}

impl<'r> Messages<'r> {
    /// `before` are commits that were there before a ref was created.
    pub(crate) fn new(repository: &'r Repository, before: impl IntoIterator<Item = CommitId>) -> Self {
        let before = before.into_iter().collect();
        Self {
            repository,
            before,
            created: None,
            moved: None,
            left: Limits::default().commits,
            could_fetch: false,
            keeps_going: false,
        }
    }

    /// Begins with another push: as many commits may be read again.
    pub(crate) fn begin_push(&mut self) {
        self.left = Limits::default().commits;
    }

    /// The same for `check`, whose warnings may name `--fetch`, and which judges commits that are on the branch already.
    pub(crate) fn of_check(self) -> Self {
        Self { could_fetch: !self.repository.is_supplied(), keeps_going: true, ..self }
    }

    /// Returns what the commits say that lead from `old` to `new`; of a ref that is created, at least the commit that it points to.
    pub(crate) fn said(
        &mut self,
        policy: &Policy,
        old: Option<Revision>,
        new: Revision,
        shown: &mut Shown,
    ) -> Result<Option<Said>, Faults> {
        let brought = match old {
            Some(old) => self.of_moved(old.commit, new.commit)?,
            None => self.of_created(new.commit)?,
        };
        self.left = self.left.saturating_sub(brought.commits.len());
        if let Some(first) = brought.cut_off.first() {
            let fetch = if self.could_fetch { "add `--fetch`, or " } else { "" };
            let doubt = format!(
                "trailers of commits before {} were not read: this clone is shallow; {fetch}`git fetch --unshallow`",
                first.short()
            );
            if !shown.doubts.contains(&doubt) {
                shown.doubts.push(doubt);
            }
        }
        let mut named = Declared::default();
        let mut told = Vec::new();
        let mut earlier_commit = None;
        for commit in &brought.commits {
            match self.of_commit(policy, *commit, new.commit, &mut named) {
                Ok(text) => {
                    if text.is_some() && *commit != new.commit {
                        earlier_commit = Some(commit.short().to_string());
                    }
                    told.extend(text);
                }
                // what is on the branch already can't be changed any more, and what can't be read could only have closed
                Err(faults) if self.keeps_going && *commit != new.commit => shown.doubts.extend(unread(&faults)),
                Err(faults) => return Err(faults),
            }
        }
        let more = told.len().saturating_sub(MOST_TOLD);
        told.truncate(MOST_TOLD);
        let more = if more > 0 { format!(" and of {more} more commits") } else { String::new() };
        let place = format!("the trailer {}{more}", told.join(" and "));
        let said = || Said { environments: named.environments, aliases: named.aliases, place, earlier_commit };
        Ok((!told.is_empty()).then(said))
    }

    fn of_moved(&mut self, old: CommitId, new: CommitId) -> Result<Brought, Faults> {
        let mut continued = self.moved.take().filter(|(tip, _)| *tip == old).map(|(_, walk)| walk);
        loop {
            let mut walk = match continued.take() {
                Some(walk) => walk,
                None => self.repository.new_commits([old]).map_err(fault)?,
            };
            let found = walk.of(new, self.left).map_err(fault)?;
            if found.cut_off.is_empty() || !self.repository.deepen(&[new, old], DEEPEST).map_err(fault)? {
                self.moved = walk.from_there(new, &found).map(|walk| (new, walk));
                return Ok(found);
            }
        }
    }

    fn of_created(&mut self, new: CommitId) -> Result<Brought, Faults> {
        let mut brought = loop {
            let walk = match &mut self.created {
                Some(walk) => walk,
                None => {
                    let walk = self.repository.new_commits(self.before.iter().copied()).map_err(fault)?;
                    self.created.insert(walk)
                }
            };
            let found = walk.of(new, self.left).map_err(fault)?;
            let tips: Vec<CommitId> = self.before.iter().copied().chain([new]).collect();
            // where nothing is known to have been there before, all of history would be new
            let is_cut_off = !found.cut_off.is_empty() && !self.before.is_empty();
            if !is_cut_off || !self.repository.deepen(&tips, DEEPEST).map_err(fault)? {
                break found;
            }
            self.created = None;
        };
        if !brought.commits.contains(&new) {
            brought.commits.push(new);
        }
        Ok(brought)
    }

    /// Adds to `named` the environments that the trailers of a commit name. Returns which trailers, of which commit, for people.
    fn of_commit(
        &self,
        policy: &Policy,
        id: CommitId,
        tip: CommitId,
        named: &mut Declared,
    ) -> Result<Option<String>, Faults> {
        let commit = self.repository.commit(id).map_err(fault)?;
        let trailers = commit.trailers().map_err(fault)?;
        let mut texts = Vec::new();
        let mut count = 0_usize;
        for trailer in trailers.iter().filter(|trailer| trailer.key.eq_ignore_ascii_case(b"environment")) {
            let names: Vec<&[u8]> = trailer.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
            count = count.saturating_add(names.len());
            if count > MOST_NAMES {
                let cause =
                    format!("the trailers of the commit {} name more than {MOST_NAMES} environments", id.short());
                return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(reword(id, tip))));
            }
            let text = format!("`Environment: {}`", bytes_for_terminal(&trailer.value));
            let names = DeclaredNames {
                environments: names.into_iter().map(|name| bytes_for_terminal(name).into_owned()).collect(),
                ..DeclaredNames::default()
            };
            let found = Declared::resolve(&names, policy).map_err(|unknown| unknown_name(id, tip, &text, unknown))?;
            for environment in found.environments {
                if !named.environments.iter().any(|one| Arc::ptr_eq(one, &environment)) {
                    named.environments.push(environment);
                }
            }
            named.aliases.extend(found.aliases);
            texts.push(text);
        }
        Ok((!texts.is_empty()).then(|| format!("{} of {}", texts.join(" and "), id.short())))
    }
}

/// Returns the text about trailers that are passed over.
fn unread(faults: &Faults) -> impl Iterator<Item = String> {
    faults.diagnostics.iter().map(|fault| format!("ignored, because later commits can't change it: {}", fault.cause))
}

/// Returns how to change the message of a commit.
fn reword(id: CommitId, tip: CommitId) -> String {
    if id == tip {
        "fix the commit message: `git commit --amend`".to_owned()
    } else {
        format!("fix the commit message: `git rebase -i {}^`, and `reword` for this commit", id.short())
    }
}

/// A name that nobody knows may stand for anything, so that is a doubt and no decision.
fn unknown_name(id: CommitId, tip: CommitId, text: &str, unknown: Vec<Diagnostic>) -> Faults {
    let named = |diagnostic: Diagnostic| {
        let near = diagnostic.help.map_or_else(String::new, |help| {
            if help.ends_with('?') { format!("{help} ") } else { format!("{help}; ") }
        });
        Diagnostic::error(diagnostic.code, format!("the commit {} says {text}, but {}", id.short(), diagnostic.cause))
            .help(format!("{near}{}", reword(id, tip)))
    };
    Faults { sources: Sources::default(), diagnostics: unknown.into_iter().map(named).collect() }
}
