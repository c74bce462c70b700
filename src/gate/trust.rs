//! The policy of a CI job: from where the change could not touch it.

use std::collections::HashSet;
use std::fmt::Display;

use crate::change::git::{CommitId, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base::ChangeSubject;
use crate::gate::base_commit::not_fetched;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::comparison::{Ends, branch_of};
use crate::gate::fault::{add_help, fault};
use crate::gate::in_force::{self, InForce};
use crate::gate::named_policy::{BEGIN, NAME, Trusted, named, organisation_is_an_administrators};
use crate::gate::recorded_state::commit_of_record;
use crate::gate::request::{CheckRequest, PolicyPlace};
use crate::gate::source::{self, CommitPolicy, PolicySource, USUAL, no_policy};
use crate::gate::world::World;
use crate::proof::record::{Folded, MOST_REFUSED, ref_text};
use crate::shell::shell_word;

/// The policy for a job: an administrator's file, else of the commit that the command line names, else of the default branch.
///
/// Of the default branch it is the newest state that the record allowed. Without a record it is, for a change of that branch,
/// the commit before the change, else the tip as last fetched; both may have been refused, and a warning says so. A range that the
/// command line gives names a commit too.
///
/// With `--dry-run`, where none of them has one, of the work tree: that is how a policy comes in.
pub(crate) fn policy(
    args: &CheckRequest,
    world: &dyn World,
    repository: Option<&Repository>,
    subject: Option<&ChangeSubject>,
    record: Option<(&Folded, &mut BaselineSnapshot)>,
) -> Result<Trusted, Faults> {
    if world.variable("FREEZEGATE_POLICY").is_some() {
        return Err(Faults::one(
            Diagnostic::error(
                Code::NoPolicy,
                "`FREEZEGATE_POLICY` is set, and does not count in a job",
            )
            .help("name the file with `--policy /absolute/path.toml` and unset the variable, which whoever starts the job may set"),
        ));
    }
    organisation_is_an_administrators(&args.policy, world, repository)?;
    if let Some(named) = named(args, world, repository)? {
        return Ok(named);
    }
    let Some(repository) = repository else {
        return Err(no_policy("nothing says which commit to trust", NAME));
    };
    let history = DefaultBranchPolicy { args, world, repository };
    match history.policy(subject, record) {
        Err(faults) if args.dry_run && faults.diagnostics.iter().all(is_absence) => {
            let source = source::of_work_tree(&args.policy, world)?;
            let why: Vec<&str> = faults.diagnostics.iter().map(|fault| fault.cause.as_str()).collect();
            let warning = format!("advice by the policy that the change itself brings: {}", why.join("; "));
            Ok(Trusted { warnings: vec![warning], ..Trusted::new(source) })
        }
        found => found,
    }
}

/// Returns whether the fault is a missing policy rather than an invalid one.
fn is_absence(fault: &Diagnostic) -> bool {
    fault.code == Code::NoPolicy || fault.code == Code::NoEvidence
}

/// A branch of the remote is the default one, and nothing says which: whoever pushes a branch chooses its name and its policy.
fn unknown_default() -> Faults {
    Faults::one(
        Diagnostic::error(
            Code::NoPolicy,
            "the default branch of `origin` is not known, so neither is the policy in force",
        )
        .help("ask the remote: `--fetch`, or `git remote set-head origin --auto` before; or name a policy that you trust: `--policy-from COMMIT`"),
    )
}

/// What is to be done if nothing says which commits were allowed.
const NO_RECORD: &str = "no record shows that this commit was allowed: keep decisions with `--record`, or name a \
                         commit that you trust with `--policy-from COMMIT`";

/// The policy of the default branch, for every ref.
struct DefaultBranchPolicy<'a> {
    args: &'a CheckRequest,
    world: &'a dyn World,
    repository: &'a Repository,
}

impl DefaultBranchPolicy<'_> {
    /// The newest state of the default branch that the record allowed. Without one, for a change of that branch the commit before
    /// it, else the tip as last fetched.
    fn policy(
        &self,
        subject: Option<&ChangeSubject>,
        record: Option<(&Folded, &mut BaselineSnapshot)>,
    ) -> Result<Trusted, Faults> {
        let Some(subject) = subject else {
            return Err(no_policy("the previous state is not known, and so neither is the commit to trust", NAME));
        };
        if subject.default.is_none() && !self.args.dry_run && self.repository.has_origin().map_err(fault)? {
            return Err(unknown_default());
        }
        let has_record = record.is_some();
        let has_unjudged = record.as_ref().is_some_and(|(folded, _)| folded.has_unjudged_edits());
        let doubt = |trusted: Trusted, revision: Revision, what: &str| {
            let unshown =
                if has_record { "the record has no allowed state of the default branch yet" } else { NO_RECORD };
            let warning = format!("the policy comes from {}, {what}; {unshown}", revision.commit.short());
            let is_doubtful = !self.args.dry_run && !trusted.is_first;
            Trusted { warnings: is_doubtful.then_some(warning).into_iter().collect(), ..trusted }
        };
        if let (Some((folded, known)), Some(default)) = (record, &subject.default) {
            let last = known.last_allowed(folded, default, self.repository).map_err(or_named)?;
            let used = folded.newest_policy_commit();
            match (last, used) {
                (Some(allowed), _) if known.is_in_force_allowed() => {
                    let place = format!("{default}, as the record last allowed it,");
                    let missing = || {
                        let commit = allowed.commit;
                        format!("there is no policy in {commit}, the last state of {default} that the record allowed")
                    };
                    return self.read(allowed, &place, subject, missing);
                }
                (_, Some(commit)) => return self.used_last(commit, subject, default),
                (None, None) => known.check_default_branch()?,
                (Some(first), None) => {
                    let what = "which the first decision of the record was compared with";
                    let missing = || format!("there is no policy in {}, {what}", first.commit);
                    let found = self.read(first, default, subject, missing)?;
                    return Ok(doubt(found, first, what));
                }
            }
        }
        if let Some(default) = subject.default.as_ref().filter(|_| subject.on_default == Some(false)) {
            let Some(tip) = self.repository.tip_of(default).map_err(fault)? else {
                let not_fetched = not_fetched(default, "the branch that the policy is read from");
                let help = not_fetched.help.clone().unwrap_or_default();
                return Err(Faults::one(
                    not_fetched.help(format!("{help}; or name a policy that you trust: `--policy-from COMMIT`")),
                ));
            };
            let missing = || format!("there is no policy on the default branch ({default} at {})", tip.commit);
            let found = self.read(tip, default, subject, missing)?;
            return Ok(doubt(found, tip, &format!("the tip of {default} as last fetched")));
        }
        if let Some(onto) = subject.onto {
            let found = self.read(onto, &"the target branch", subject, || none_on_base(subject, onto))?;
            return Ok(doubt(found, onto, "the newest known commit of the target branch"));
        }
        let (found, base) = self.of_base(subject)?;
        // what an administrator's file allowed may hold an edit that nobody judged
        if subject.is_explicit || (subject.is_told && !has_unjudged) {
            return Ok(found);
        }
        Ok(doubt(found, base, "the commit before this change"))
    }

    /// The policy by which the record's newest decision was made, where the record knows no decision about the default branch: an edit
    /// on that was judged by nobody.
    fn used_last(&self, commit: &str, subject: &ChangeSubject, default: &RefName) -> Result<Trusted, Faults> {
        let used = commit_of_record(commit, self.repository).map_err(or_named)?;
        let missing = || format!("there is no policy in {commit}, by which the record's newest decision was made");
        let trusted = self.read(used, &"the record's newest decision", subject, missing)?;
        let tip = self.repository.tip_of(default).map_err(fault)?;
        let Some(tip) = tip.filter(|_| subject.on_default == Some(false)) else {
            return Ok(trusted);
        };
        if in_force::is_same_policy(self.repository, &trusted.source, used, tip)? {
            return Ok(trusted);
        }
        let branch = branch_of(default)?;
        let warning = format!(
            "the policy in force is that of {}, as in the record's newest decision: the edit up to {} was never judged. Judge it in a job: `freezegate check --range {}..{} --ref {}`, with the same record",
            used.commit.short(),
            tip.commit.short(),
            used.commit,
            tip.commit,
            shell_word(&branch.to_string()),
        );
        Ok(Trusted { warnings: [&trusted.warnings[..], &[warning]].concat(), ..trusted })
    }

    /// Returns the policy of the commit that the change is compared with, and that commit.
    fn of_base(&self, subject: &ChangeSubject) -> Result<(Trusted, Revision), Faults> {
        let old = match subject.ends() {
            Ends::Known(range) => range.old,
            Ends::Unknown { .. } => None,
        };
        let Some(base) = old else {
            let on = subject.reference.as_ref().map_or_else(String::new, |name| format!(" of `{name}`"));
            let cause =
                format!("no policy can be trusted: the state{on} before this change is not known ({})", subject.base);
            return Err(no_policy(cause, if matches!(subject.ends(), Ends::Known(_)) { BEGIN } else { NAME }));
        };
        Ok((self.read(base, &"the base", subject, || none_on_base(subject, base))?, base))
    }

    /// The policy of a commit. Where neither it nor any commit before it has one, the first that the default branch gets is that
    /// of the change itself.
    fn read(
        &self,
        revision: Revision,
        place: &dyn Display,
        subject: &ChangeSubject,
        missing: impl FnOnce() -> String,
    ) -> Result<Trusted, Faults> {
        let look_up =
            |revision, place| source::look_up(&self.args.policy, self.world, self.repository, revision, place);
        match look_up(revision, place)?.found {
            CommitPolicy::Loads(source) => return Ok(Trusted::new(*source)),
            CommitPolicy::Wrong(faults) if faults.is_too_old() => return Err(faults),
            CommitPolicy::Wrong(mut faults) => {
                let cause = format!("the policy of {} can't be read, so it judges nothing", revision.commit.short());
                let help = "name a commit whose policy can be read: `--policy-from COMMIT`";
                faults.diagnostics.insert(0, Diagnostic::error(Code::NoPolicy, cause).help(help));
                return Err(faults);
            }
            CommitPolicy::Absent => {}
        }
        let head = subject.ends().head().filter(|_| subject.on_default != Some(false));
        let before = in_force::of_branch(&self.args.policy, self.world, self.repository, revision, place)?;
        match (before, head) {
            (InForce::Policy { source, .. }, _) => {
                let newest = source.revision.map_or_else(String::new, |one| format!(" is that of {}", one.commit));
                let help = "name it if you trust it: `--policy-from COMMIT`";
                Err(no_policy(format!("{}, though there was one: the newest{newest}", missing()), help))
            }
            (InForce::Never { .. }, Some(head)) => {
                let place = &self.args.policy;
                if let Some(one) = in_force::newest_of_all(place, self.world, self.repository, revision)? {
                    let cause =
                        format!("{}, though there was one in {}, which was merged", missing(), one.commit.short());
                    return Err(no_policy(cause, "name the commit whose policy you trust: `--policy-from COMMIT`"));
                }
                match look_up(head, &"the change")?.found {
                    CommitPolicy::Loads(source) => Ok(Trusted { is_first: true, ..Trusted::new(*source) }),
                    CommitPolicy::Absent => Err(no_policy(missing(), BEGIN)),
                    CommitPolicy::Wrong(faults) => Err(faults),
                }
            }
            (InForce::Never { .. }, None) => Err(no_policy(missing(), BEGIN)),
        }
    }
}

/// Returns what this clone lacks, a server may have dropped for good.
fn or_named(mut faults: Faults) -> Faults {
    for fault in faults.diagnostics.iter_mut().filter(|fault| fault.code == Code::NoEvidence) {
        add_help(fault, "; or ", "name the commit whose policy you trust: `--policy-from COMMIT`");
    }
    faults
}

fn none_on_base(subject: &ChangeSubject, base: Revision) -> String {
    format!("there is no policy on the base commit {} ({})", base.commit, subject.base)
}

/// The most commits that are looked at between the policy in force and the change.
const MOST_SINCE: usize = 10_000;

/// The most policies that are asked besides the one in force.
const MOST_OTHERS: usize = 64;

/// The policies of the newest commits of the branch that the policy in force is read from, as far as they differ from it.
#[derive(Default)]
pub(crate) struct Newest {
    /// Those that can be read.
    pub(crate) others: Vec<Trusted>,
    /// The commits of those that no job is known to have refused.
    pub(crate) unjudged: Vec<String>,
    /// Everything that is to be said of those that can't.
    pub(crate) warnings: Vec<String>,
}

/// Looks for other policies that stand, or stood, on the branch: of a change of that branch itself, that of the commit on top of which it
/// comes; with a record, or for any other change, that of the tip; and with a record those of refused commits, and of all that lead from the
/// policy in force to the tip and the change, as far as this clone has them. A tip is that of the last fetch, or, where the job may fetch,
/// that of now.
///
/// # Errors
///
/// A default branch that is not in this clone, and a policy that only a newer program can read.
pub(crate) fn newest(
    trusted: &Trusted,
    (args, world): (&CheckRequest, &dyn World),
    repository: &Repository,
    (subject, folded): (&ChangeSubject, Option<&Folded>),
) -> Result<Newest, Faults> {
    let (Some(in_force), false) = (trusted.source.revision, trusted.is_first) else {
        return Ok(Newest::default());
    };
    let tip = match &subject.default {
        // without a record, what was allowed is not known either, and no remote is asked for more
        Some(default) if folded.is_some() || subject.on_default == Some(false) => {
            repository.tip_of(default).map_err(fault)?
        }
        Some(_) | None => None,
    };
    let before = match (&subject.default, tip) {
        (Some(default), None) if subject.on_default == Some(false) => {
            return Err(Faults::one(not_fetched(default, "the branch that the policy is read from")));
        }
        (Some(_), _) if subject.on_default == Some(false) => None,
        (Some(_) | None, _) => subject.onto.or(subject.before).or(subject.ends().head()),
    };
    let mut newest = Newest::default();
    let mut asked: Vec<Revision> = Vec::new();
    for commit in before.into_iter().chain(tip) {
        if asked.iter().any(|one| one.commit == commit.commit) {
            continue;
        }
        let paths: Vec<&str> = trusted.source.paths().into_iter().chain(USUAL).collect();
        if repository.is_broken_at(commit.commit, &paths).map_err(fault)? {
            newest.warnings.push(broken(commit.commit));
            continue;
        }
        if in_force::is_same_policy(repository, &trusted.source, in_force, commit)? {
            continue;
        }
        asked.push(commit);
        let place = format!("{} (not in force, but also applied)", subject.branch_of_policy());
        // the freezes that are added now close what they name by the policy in force
        match source::look_up_alone(&args.policy, world, repository, commit, &place)?.found {
            CommitPolicy::Loads(source) => {
                newest.unjudged.push(commit.commit.to_string());
                newest.others.push(also(*source, (commit, in_force), "it is newer than the one in force"));
            }
            CommitPolicy::Wrong(faults) if faults.is_too_old() => return Err(or_in_force(faults, Some(in_force))),
            CommitPolicy::Absent | CommitPolicy::Wrong(_) => newest.warnings.push(format!(
                "the newest commit of {}, {}, has no policy that can be read; in force is that of {}",
                subject.branch_of_policy(),
                commit.commit.short(),
                in_force.commit.short()
            )),
        }
    }
    if let (Some(folded), Some(default)) = (folded, &subject.default) {
        let refused = refused(folded, default, (repository, in_force))?;
        newest.add((trusted, in_force), (args, world, repository), &refused, ReasonToAsk::Refused)?;
        let head = subject.ends().head().filter(|_| subject.on_default != Some(false));
        let since = stood_since((repository, &args.policy, world), trusted, (tip, head), &mut newest.warnings)
            .map_err(|faults| or_in_force(faults, Some(in_force)))?;
        newest.add((trusted, in_force), (args, world, repository), &since, ReasonToAsk::Since)?;
    }
    Ok(newest)
}

/// The policy of a commit, which is asked besides the one in force, with the reason and the way to be judged without it.
fn also(source: PolicySource, (commit, in_force): (Revision, Revision), why: &str) -> Trusted {
    let warning = format!(
        "the policy of {} also applies: {why}; to be judged without it: `--policy-from {}`",
        commit.commit.short(),
        in_force.commit,
    );
    Trusted { warnings: vec![warning], ..Trusted::new(source) }
}

/// The commits of the default branch that the record knows as refused since one was allowed.
fn refused(
    folded: &Folded,
    default: &RefName,
    (repository, in_force): (&Repository, Revision),
) -> Result<Vec<Revision>, Faults> {
    let branch = ref_text(&branch_of(default)?);
    let Some(commits) = folded.refused_of_branch(&branch) else {
        let cause = format!("over {MOST_REFUSED} refused commits of `{branch}` since an allowed one");
        return Err(no_policy(for_terminal(&cause), NAME));
    };
    let gone = |commit: &str| {
        let cause = format!("a refused commit of `{branch}` is not in this clone: {commit}");
        let help = format!(
            "its policy may close more, so fetch it: `git fetch --depth=1 origin {commit}`; if the remote has dropped it too, trust the policy in force: `--policy-from {}`",
            in_force.commit
        );
        Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help))
    };
    let read = |commit: &str| {
        commit_of_record(commit, repository).map_err(|faults| {
            let is_missing = faults.diagnostics.iter().all(|fault| fault.code == Code::NoEvidence);
            if is_missing { gone(commit) } else { faults }
        })
    };
    commits.into_iter().map(read).collect()
}

/// Returns what is wrong with another policy than the one in force, such as a version that no program has yet, may be a mistake.
pub(crate) fn or_in_force(mut faults: Faults, in_force: Option<Revision>) -> Faults {
    let commit = in_force.map_or_else(|| "COMMIT".to_owned(), |one| one.commit.to_string());
    let named = format!("to be judged by the policy in force alone, `--policy-from {commit}`");
    faults.diagnostics.iter_mut().for_each(|fault| add_help(fault, "; ", &named));
    faults
}

/// The commits that lead from the one of the policy in force to `ends`. Where a shallow clone lacks some, they are fetched if that is allowed.
fn all_since(repository: &Repository, in_force: CommitId, ends: &[CommitId]) -> Result<Vec<CommitId>, Faults> {
    let tips: Vec<CommitId> = ends.iter().copied().chain([in_force]).collect();
    loop {
        let mut walk = repository.new_commits([in_force]).map_err(fault)?;
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        let mut is_cut_off = false;
        for end in ends {
            if seen.contains(end) {
                continue;
            }
            let found = walk.of(*end, MOST_SINCE).map_err(fault)?;
            is_cut_off |= !found.cut_off.is_empty();
            all.extend(found.commits.into_iter().filter(|commit| seen.insert(*commit)));
        }
        if !is_cut_off {
            return Ok(all);
        }
        if !repository.deepen(&tips, u32::MAX).map_err(fault)? {
            let cause = "this clone is shallow, and lacks commits newer than the policy in force";
            let help = if repository.is_supplied() {
                "fetch all of history first: `git fetch --unshallow`"
            } else {
                "add `--fetch`, or fetch all of history first: `git fetch --unshallow`"
            };
            return Err(no_policy(cause, help));
        }
    }
}

/// Returns the text about a commit that nobody can read, and no push can take out of the branch's history.
fn broken(commit: CommitId) -> String {
    format!("the policy of {commit} is not applied: git would not have written that commit, or a tree in it")
}

/// The commits that lead from the policy in force to the tip and to `head`, but for those with the policy of `head` that lead to it and have
/// no other policy between: each may have been the tip, and the job for it may have left nothing in the record, as it was superseded, or had
/// no decision.
fn stood_since(
    (repository, place, world): (&Repository, &PolicyPlace, &dyn World),
    trusted: &Trusted,
    (tip, head): (Option<Revision>, Option<Revision>),
    warnings: &mut Vec<String>,
) -> Result<Vec<Revision>, Faults> {
    let Some(in_force) = trusted.source.revision else {
        return Ok(Vec::new());
    };
    // the files of the head's own policy: that in force need not include what the head includes
    let policy_of_head = match head {
        Some(head) => match source::look_up_alone(place, world, repository, head, &"the change")?.found {
            CommitPolicy::Loads(source) => Some((head, source)),
            CommitPolicy::Absent | CommitPolicy::Wrong(_) => None,
        },
        None => None,
    };
    let ends: Vec<CommitId> = tip.into_iter().chain(head).map(|end| end.commit).collect();
    let commits = all_since(repository, in_force.commit, &ends)?;
    // what a shallow clone has of them is fetched at once
    repository.bring_commits(&commits).map_err(fault)?;
    let mut since = Vec::new();
    let mut of_head = HashSet::new();
    let own = policy_of_head.iter().flat_map(|(_, source)| source.paths());
    let paths: Vec<&str> = trusted.source.paths().into_iter().chain(own).chain(USUAL).collect();
    for commit in commits {
        if repository.is_broken_at(commit, &paths).map_err(fault)? {
            warnings.push(broken(commit));
            continue;
        }
        let Some(revision) = repository.revision_at(commit.object()).map_err(fault)? else {
            continue;
        };
        let is_of_head = match &policy_of_head {
            Some((head, source)) => in_force::is_same_policy(repository, source, *head, revision)?,
            None => head.is_some_and(|head| head.commit == commit),
        };
        if is_of_head {
            of_head.insert(commit);
        }
        since.push(revision);
    }
    let mut own = HashSet::new();
    let mut next: Vec<CommitId> = head.into_iter().map(|head| head.commit).collect();
    while let Some(commit) = next.pop() {
        if of_head.contains(&commit) && own.insert(commit) {
            next.extend(repository.parents_of(commit).map_err(fault)?);
        }
    }
    since.retain(|revision| !own.contains(&revision.commit));
    Ok(since)
}

/// The reason why a commit's policy is asked.
#[derive(Clone, Copy)]
enum ReasonToAsk {
    /// A job refused it.
    Refused,
    /// It is newer than the policy in force.
    Since,
}

impl Newest {
    /// Adds the policies of commits that may have been on the branch: no allowed change has reverted since what they close.
    fn add(
        &mut self,
        (trusted, in_force): (&Trusted, Revision),
        (args, world, repository): (&CheckRequest, &dyn World, &Repository),
        commits: &[Revision],
        asked: ReasonToAsk,
    ) -> Result<(), Faults> {
        for commit in commits {
            let mut is_known = false;
            for known in [trusted].into_iter().chain(&self.others) {
                is_known = is_known
                    || match known.source.revision {
                        Some(own) => in_force::is_same_policy(repository, &known.source, own, *commit)?,
                        None => false,
                    };
            }
            if is_known {
                continue;
            }
            if self.others.len() >= MOST_OTHERS {
                let cause = format!("more than {MOST_OTHERS} policies are newer than the one in force");
                return Err(no_policy(cause, NAME));
            }
            let (place, why) = match asked {
                ReasonToAsk::Refused => {
                    ("refused, and also applied", "it was refused, and nothing that takes it back was allowed")
                }
                ReasonToAsk::Since => {
                    ("not in force, but also applied", "it is newer than the one in force, and no job judged it")
                }
            };
            let place = format!("{} ({place})", commit.commit.short());
            match source::look_up_alone(&args.policy, world, repository, *commit, &place)?.found {
                CommitPolicy::Loads(source) => {
                    match asked {
                        ReasonToAsk::Refused => {}
                        ReasonToAsk::Since => self.unjudged.push(commit.commit.to_string()),
                    }
                    self.others.push(also(*source, (*commit, in_force), why));
                }
                CommitPolicy::Wrong(faults) if faults.is_too_old() => return Err(or_in_force(faults, Some(in_force))),
                CommitPolicy::Absent | CommitPolicy::Wrong(_) => {}
            }
        }
        Ok(())
    }
}
