//! Keeping decisions in the record before they are printed.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::change::CommandLine;
use crate::change::ci::Pipeline;
use crate::change::git::{Repository, Revision};
use crate::decision::{Verdict, standing};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::fault::no_evidence;
use crate::gate::judgement::{DecisionKeeping, DecisionMoment, Outlook};
use crate::gate::latest::{ATTEMPTS, holds, latest, overtaken};
use crate::gate::lifts::Lifting;
use crate::gate::named_policy::is_within;
use crate::gate::organisation;
use crate::gate::plan::{self, GivenPlan};
use crate::gate::record_branch::open;
use crate::gate::repository;
use crate::gate::repository_name::name_of;
use crate::gate::request::RecordPlace;
use crate::gate::world::World;
use crate::policy::{self, Policy};
use crate::proof::record::{
    self, CommandDigest, Decided, Digest, Folded, JudgedPlan, Record, RecordError, RecordedOutcome, Snapshot, ref_text,
};
use crate::proof::rollback::Rollback;
use crate::reach::{Declared, Reach};
use crate::report::{AnswerMode, Breadth, Compared, Examined, Trust};
use crate::time::instant::Instant;
use crate::time::zone::RELEASE;

/// The place where decisions are kept, and on whose behalf.
pub(crate) struct Recording {
    record: Record,
    actor: Option<String>,
    /// By what name grants know the repository of the change, if it is known.
    repository: Option<String>,
    /// Everything that was found of the record last, so that only what came since is read.
    found: RefCell<Option<Snapshot>>,
    /// True if nobody has decided on that yet.
    is_fresh: Cell<bool>,
}

/// The subject of a decision.
pub(crate) struct DecisionSubject<'a> {
    pub(crate) mode: AnswerMode,
    /// The instant, where another than now is asked about.
    pub(crate) hypothetical: Option<Instant>,
    pub(crate) dry_run: bool,
    /// True if the decision is to be recorded.
    pub(crate) is_kept: bool,
    pub(crate) trust: Trust,
    pub(crate) policy: &'a Policy,
    /// True if the policy is an administrator's file.
    pub(crate) is_administrators: bool,
    /// The commit that the policy was read from, if it was.
    pub(crate) policy_revision: Option<Revision>,
    /// True if the caller said that the policy follows no organisation's.
    pub(crate) leaves_organisation: bool,
    pub(crate) declared: &'a Declared,
    pub(crate) examined: Option<&'a Examined>,
    pub(crate) pipeline: Option<&'a Pipeline>,
    pub(crate) reach: &'a Reach,
    pub(crate) lifting: &'a Lifting,
    /// The state of the record when the evidence was gathered.
    pub(crate) known: Option<&'a BaselineSnapshot>,
    /// True if the change edits the policy, whatever it opens or closes.
    pub(crate) reaches_policy: bool,
    /// True if the caller narrowed what was judged: by `--declared-only`, or by a range of its own.
    pub(crate) is_narrowed: bool,
    /// The command that is started if it is allowed.
    pub(crate) command: Option<&'a CommandLine>,
    /// The plan of infrastructure that is to be applied.
    pub(crate) plan: Option<GivenPlan<'a>>,
}

/// Everything that was found before anybody has to wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prepared {
    /// There is something to record.
    Decision,
    /// The change reaches nothing, meets nothing and edits no policy, so that no decision rests on it.
    Nothing,
}

/// Decides at a moment.
type Decide<'d> = &'d dyn Fn(DecisionMoment<'_>) -> Result<Outlook, Faults>;

/// Makes the answer ready that reports a decision.
type AnswerOf<'a, T> = &'a dyn Fn(&Outlook, DecisionKeeping<'_>) -> Result<T, Faults>;

/// The way in which a decision comes about.
pub(crate) struct Steps<'s, T> {
    pub(crate) decide: Decide<'s>,
    /// Reads from the repository what the answer needs, so that it is known when the answer is made.
    pub(crate) read_ahead: &'s dyn Fn(&Outlook, &Folded) -> Result<(), Faults>,
    pub(crate) answer: AnswerOf<'s, T>,
}

impl Recording {
    const fn new(record: Record, actor: Option<String>) -> Self {
        Self { record, actor, repository: None, found: RefCell::new(None), is_fresh: Cell::new(false) }
    }

    /// The record of a question that is asked in the working directory, on behalf of whoever started the CI job, else of the
    /// one at the terminal.
    pub(crate) fn of_check(
        args: &RecordPlace,
        pipeline: Option<&Pipeline>,
        enforcing: bool,
        world: &dyn World,
    ) -> Result<Option<Self>, Faults> {
        let Some(location) = args.location.as_deref() else {
            return Ok(None);
        };
        let record = open(location, || repository::of(world, pipeline.is_some() || enforcing))?;
        if let Record::File(file) = &record
            && enforcing
        {
            outside_of_the_work_tree(file.path(), world)?;
        }
        let actor = match pipeline {
            Some(pipeline) => pipeline.started_by.clone().or_else(|| pipeline.actor.clone()),
            None => first_of(world, &["LOGNAME", "USER", "USERNAME"]),
        };
        Ok(Some(Self::new(record, actor)))
    }

    /// The record that a push is compared with before it leaves. Nothing is kept in it: that is for whoever receives the push.
    pub(crate) fn of_push(args: &RecordPlace, world: &dyn World) -> Result<Option<Self>, Faults> {
        let record = args.location.as_deref().map(|location| open(location, || repository::here(world))).transpose()?;
        Ok(record.map(|record| Self::new(record, None)))
    }

    /// The record of a server, on behalf of the one who pushes, as the server reports.
    ///
    /// <https://docs.gitlab.com/administration/server_hooks/>, `modules/repository/env.go` of Gitea and Forgejo,
    /// git-http-backend(1).
    pub(crate) fn of_server(
        args: &RecordPlace,
        repository: &Repository,
        world: &dyn World,
    ) -> Result<Option<Self>, Faults> {
        let actor = first_of(world, &["GL_USERNAME", "GITEA_PUSHER_NAME", "REMOTE_USER"]);
        let Some(location) = args.location.as_deref() else {
            return Ok(None);
        };
        let record = open(location, || {
            // the repository itself, as what is pushed must not carry the record away when it is refused
            Repository::open_at(repository.git_dir()).map_err(|error| Faults::one(no_evidence(&error)))
        })?;
        if let Record::File(file) = &record
            && file.path().is_relative()
        {
            let cause = format!("`--record {}` is relative, and the hook runs in many places", file.path().display());
            return Err(Faults::one(
                Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help("give the absolute path of the record"),
            ));
        }
        Self::new(record, actor).about(repository).map(Some)
    }

    /// The same record, of decisions about changes of `repository`.
    pub(crate) fn about(self, repository: &Repository) -> Result<Self, Faults> {
        let repository = named(repository)?;
        // a repository without a name is not one of those that entries name
        let asking = repository.clone().unwrap_or_else(String::new);
        Ok(Self { record: self.record.asked_by(Some(asking)), repository, ..self })
    }

    /// By what name grants know the repository of the change, if it is known.
    pub(crate) fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }

    /// Returns what all decisions so far come to.
    pub(crate) fn look(&self) -> Result<Arc<Folded>, Faults> {
        let mut found = self.found.borrow_mut();
        match (&*found, self.is_fresh.replace(false)) {
            (Some(found), true) => Ok(Arc::clone(found.folded())),
            (Some(_) | None, _) => Ok(self.record.look(&mut found)?),
        }
    }

    /// Returns what the last look found; a first look, if there was none.
    fn found(&self) -> Result<Arc<Folded>, Faults> {
        let known = self.found.borrow().as_ref().map(|found| Arc::clone(found.folded()));
        known.map_or_else(|| self.look(), Ok)
    }

    /// Decides, and keeps the decision before its answer is given back. What is only advice, or about another time, is not
    /// kept: then the record is read alone.
    ///
    /// Nothing that can fail comes after the entry is written: the answer is ready then, and holds at that moment.
    pub(crate) fn keep<T>(
        &self,
        subject: &DecisionSubject<'_>,
        clock: &dyn Fn() -> Instant,
        &Steps { decide, read_ahead, answer }: &Steps<'_, T>,
    ) -> Result<T, Faults> {
        let at_instant = |folded: &Folded, at: Instant| {
            let clock = standing::clock(at, folded.newest(), self.record.clock_tolerance());
            decide(DecisionMoment { at, clock, folded: Some(folded) })
        };
        let follows = |folded: &Folded| {
            organisation::is_not_older(subject.policy, subject.leaves_organisation, folded.organisation())
        };
        let only_read = |folded: &Folded, outlook: &Outlook| {
            answer(outlook, DecisionKeeping { folded: Some(folded), ..DecisionKeeping::default() })
        };
        let read_alone = |folded: &Folded| {
            follows(folded)?;
            subject.known.map_or(Ok(()), |known| known.confirm(folded))?;
            latest(clock, |at| {
                let outlook = at_instant(folded, at)?;
                Ok((only_read(folded, &outlook)?, outlook.decision))
            })
        };
        if let Some(at) = subject.hypothetical {
            let folded = self.found()?;
            follows(&folded)?;
            return only_read(&folded, &decide(DecisionMoment { at, clock: None, folded: Some(&folded) })?);
        }
        let mode = match subject.mode {
            AnswerMode::Check if !subject.dry_run && subject.is_kept => record::RecordedMode::Check,
            AnswerMode::Run if !subject.dry_run && subject.is_kept => record::RecordedMode::Run,
            AnswerMode::PreReceive if !subject.dry_run && subject.is_kept => record::RecordedMode::PreReceive,
            AnswerMode::Check | AnswerMode::Run | AnswerMode::PreReceive | AnswerMode::Next | AnswerMode::PrePush => {
                return read_alone(self.found()?.as_ref());
            }
        };
        follows(self.found()?.as_ref())?;
        if self.prepare(subject, clock, &at_instant, read_ahead)? == Prepared::Nothing {
            // what could not be recorded is not allowed, whether anything has to be or not
            self.record.can_be_written()?;
            // a tag brings nothing new only as long as nobody has brought anything else meanwhile
            return read_alone(self.look()?.as_ref());
        }
        for _ in 0..ATTEMPTS {
            let decided = RefCell::new(None);
            let (mut ready, mut is_over) = (None, false);
            let appended = self.record.append_when_ready(
                &mut self.found.borrow_mut(),
                &mut |folded| {
                    subject.known.map_or(Ok(()), |known| known.confirm(folded))?;
                    follows(folded)?;
                    // read while nobody else can append, so that those who wait for their turn are not behind the others
                    let outlook = at_instant(folded, clock())?;
                    let entry = self.decided(mode, subject, &outlook)?;
                    decided.replace(Some(outlook));
                    Ok::<Decided, Faults>(entry)
                },
                &mut |folded, entry| {
                    let outlook = decided.take().ok_or_else(made_by_nobody)?;
                    ready = Some(answer(
                        &outlook,
                        DecisionKeeping { folded: Some(folded), entry, is_left_out: entry.is_none() },
                    )?);
                    is_over = !holds(&outlook.decision, clock());
                    if is_over { Err(overtaken()) } else { Ok(()) }
                },
            );
            if !is_over {
                self.is_fresh.set(appended.is_err());
                appended?;
                return ready.ok_or_else(made_by_nobody);
            }
        }
        Err(overtaken())
    }

    /// Decides once before anybody has to wait: what is read from the repository for a refusal, or for a rollback, is known then.
    fn prepare(
        &self,
        subject: &DecisionSubject<'_>,
        clock: &dyn Fn() -> Instant,
        at_instant: &dyn Fn(&Folded, Instant) -> Result<Outlook, Faults>,
        read_ahead: &dyn Fn(&Outlook, &Folded) -> Result<(), Faults>,
    ) -> Result<Prepared, Faults> {
        let found = self.found()?;
        subject.known.map_or(Ok(()), |known| known.confirm(&found))?;
        let outlook = at_instant(&found, clock())?;
        let is_plain = outlook.rollback.is_none() && outlook.decision.verdict == Verdict::Allowed;
        if is_plain {
            let is_nothing =
                subject.reach.reached.is_empty() && outlook.decision.findings.is_empty() && !subject.reaches_policy;
            return Ok(if is_nothing { Prepared::Nothing } else { Prepared::Decision });
        }
        read_ahead(&outlook, &found)?;
        Ok(Prepared::Decision)
    }

    /// The decision as it is recorded, after those that are folded.
    fn decided(
        &self,
        mode: record::RecordedMode,
        subject: &DecisionSubject<'_>,
        outlook: &Outlook,
    ) -> Result<Decided, Faults> {
        let decision = &outlook.decision;
        let reached = plan::places(subject.reach);
        let mut kinds = subject.declared.kinds;
        for one in subject.reach.reached.iter().filter(|one| plan::is_brought(one)) {
            kinds = kinds.union(one.kinds);
        }
        if matches!(outlook.rollback, Some(Rollback::Shown(_))) || outlook.plan_back.is_some() {
            kinds = kinds.with(policy::Kind::Rollback);
        }
        // a command that is permitted may still not start, so it makes no state that a ref is in
        // so do a plan and manifests, of which some may fail, and which need not be what the commits ask for
        let is_applied =
            |examined: &&Examined| subject.command.is_none() && examined.plan.is_none() && examined.manifests.is_none();
        let compared = subject.examined.filter(is_applied);
        let changes = match (compared, decision.verdict) {
            (Some(examined), _) => {
                examined.compared.iter().map(|compared| change(compared, subject, examined, &reached)).collect()
            }
            (None, Verdict::Refused) => edit_alone(subject),
            (None, Verdict::Allowed) => Vec::new(),
        };
        let lifted = subject.lifting.lifted(subject.policy, decision);
        let digest = subject.policy.sources.digest();
        let policy = Digest::from_hex(&digest)
            .ok_or_else(|| RecordError::Encoding(format!("`{digest}` is not a SHA-256 digest")))?;
        Ok(Decided {
            at: decision.at,
            mode,
            standing: match subject.trust {
                Trust::Advice => record::RecordedStanding::Advice,
                Trust::Enforcement => record::RecordedStanding::Enforcement,
            },
            repository: self.repository.clone(),
            decision: match decision.verdict {
                Verdict::Allowed => RecordedOutcome::Allowed,
                Verdict::Refused => RecordedOutcome::Refused,
            },
            changes,
            reached,
            kinds,
            findings: decision
                .findings
                .iter()
                .map(|finding| record::RecordedFinding {
                    id: finding.id.to_string(),
                    code: finding.code.as_str().to_owned(),
                    level: finding.level,
                    policy_level: finding.held_back.map(|held_back| held_back.own),
                    environment: finding.environment.clone(),
                    region: finding.region.clone(),
                    lifted_by: finding.lifted_by.clone(),
                })
                .collect(),
            reasons: lifted.reasons,
            incident: lifted.incident,
            actor: self.actor.clone(),
            requesters: lifted.requesters,
            signers: lifted.signers,
            spent: lifted.spent,
            policy,
            policy_commit: subject.policy_revision.map(|revision| revision.commit.to_string()),
            administrators_policy: subject.is_administrators,
            organisation: subject.policy.followed().map(policy::Organisation::version),
            tzdb: RELEASE.name.to_owned(),
            rollback_within: Some(subject.policy.rollback_within),
            command: subject.command.map(CommandDigest::of),
            plan: subject.plan.map(|given| {
                match (decision.verdict, subject.pipeline.is_some_and(Pipeline::is_proposal)) {
                    (Verdict::Refused, _) => JudgedPlan::refused(given.plan),
                    (Verdict::Allowed, true) => JudgedPlan::proposed(given.plan),
                    (Verdict::Allowed, false) => JudgedPlan::applied(given.plan, given.state()),
                }
            }),
        })
    }
}

/// Returns what was refused of the branch that policies are read from, as a change of no environment, if its policy or one that was asked besides
/// is another than the one in force: that is to be asked on.
fn edit_alone(subject: &DecisionSubject<'_>) -> Vec<record::RecordedChange> {
    let Some(examined) = subject.examined else {
        return Vec::new();
    };
    let of_none = |compared: &Compared| {
        let compared = Compared { environments: Some(Vec::new()), ..compared.clone() };
        change(&compared, subject, examined, &[])
    };
    let is_asked_on =
        |change: &record::RecordedChange| change.holds_policy && !(change.keeps_policy && change.asked_too.is_empty());
    examined.compared.iter().take(1).map(of_none).filter(is_asked_on).collect()
}

fn named(repository: &Repository) -> Result<Option<String>, Faults> {
    name_of(repository).map_err(|error| Faults::one(no_evidence(&error)))
}

fn made_by_nobody() -> Faults {
    Faults::one(
        Diagnostic::error(Code::Internal, "a decision was recorded that nobody made")
            .help("report this to freezegate's developers"),
    )
}

fn change(
    compared: &Compared,
    subject: &DecisionSubject<'_>,
    examined: &Examined,
    reached: &[record::RecordedPlace],
) -> record::RecordedChange {
    let commit = |revision: Option<Revision>| revision.map(|revision| revision.commit.to_string());
    let tree = |revision: Option<Revision>| revision.map(|revision| revision.tree.to_string());
    let all = || {
        let mut known: HashSet<&str> = HashSet::new();
        reached.iter().map(|one| &one.environment).filter(|name| known.insert(name)).cloned().collect()
    };
    let environments = compared.environments.clone().unwrap_or_else(all);
    let reference = compared.reference.as_ref().map(ref_text);
    let is_of_policy = |name: &String| subject.known.is_some_and(|known| known.policy_branches.contains(name));
    let (whole, tree_wide) = breadth(compared, subject, &environments);
    let is_proposed = subject.pipeline.is_some_and(Pipeline::is_proposal);
    let names_environment = subject.known.is_some_and(BaselineSnapshot::is_declared);
    record::RecordedChange {
        holds_policy: reference.as_ref().is_some_and(is_of_policy),
        asked_too: match (&reference, subject.known) {
            (Some(name), Some(known)) if is_of_policy(name) => known.asked_too.clone(),
            (Some(_) | None, Some(_) | None) => Vec::new(),
        },
        settles_refused: reference.as_ref().is_some_and(is_of_policy)
            && subject.known.is_some_and(|known| known.settles_refused),
        keeps_policy: reference.as_ref().is_some_and(is_of_policy)
            && subject.known.is_some_and(|known| known.keeps_policy),
        reference,
        whole,
        tree_wide,
        narrowed: subject.known.and_then(|known| known.narrowed.clone()),
        scope: compared.breadth.scope.clone(),
        environments,
        proposed: is_proposed,
        deployed: is_proposed && names_environment,
        base: examined.base.clone(),
        everything: compared.everything,
        by_others: compared.is_by_others,
        commit: commit(compared.new),
        tree: tree(compared.new),
        base_commit: commit(compared.old),
        base_tree: tree(compared.old),
    }
}

/// Those of `environments` for which all of the tree was judged, for everything, and the further ones for which it was for something.
fn breadth(compared: &Compared, subject: &DecisionSubject<'_>, environments: &[String]) -> (Vec<String>, Vec<String>) {
    let declared = subject.declared;
    let names: HashSet<&str> = declared.environments.iter().map(|environment| environment.name.as_str()).collect();
    let is_declared = |name: &String| names.contains(name.as_str());
    let is_narrowed = subject.is_narrowed
        || !declared.regions.is_empty()
        || !declared.services.is_empty()
        || !declared.kinds.is_empty();
    let is_tree_wide = |name: &&String| {
        let Breadth { whole, tree_wide, .. } = &compared.breadth;
        whole.contains(*name) || tree_wide.contains(*name) || is_declared(name)
    };
    // targets that map all of it show its service and kind, and then it is judged for that alone
    let is_for_all = |name: &String| {
        let of_it = subject.reach.reached.iter().filter(|reached| reached.environment.name == *name);
        of_it.clone().next().is_some() && of_it.clone().any(|one| one.service.is_none() && one.kinds.is_empty())
    };
    let is_whole = |name: &String| {
        !is_narrowed && (compared.breadth.whole.contains(name) || (is_declared(name) && is_for_all(name)))
    };
    environments.iter().filter(is_tree_wide).cloned().partition(is_whole)
}

/// Sees that a job keeps its record elsewhere than where the change brings files.
fn outside_of_the_work_tree(path: &Path, world: &dyn World) -> Result<(), Faults> {
    let whole = world.absolute(path);
    let folder = whole.parent().unwrap_or(&whole);
    // without a repository no change comes by
    if world.work_tree().map_err(Faults::one)?.is_some_and(|root| is_within(folder, &root)) {
        let cause = format!("the record `{}` is in the work tree, which the change controls", path.display());
        return Err(Faults::one(Diagnostic::error(Code::NoRecord, cause).help(
            "keep it where no change can write: outside the work tree, or in `origin:refs/heads/freezegate-record`",
        )));
    }
    Ok(())
}

/// The first of the variables that is set.
fn first_of(world: &dyn World, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| world.variable(name)).map(|value| value.to_string_lossy().into_owned())
}

impl From<RecordError> for Faults {
    fn from(error: RecordError) -> Self {
        let code = match &error {
            RecordError::Broken { .. } => Code::BrokenRecord,
            RecordError::Missing { .. }
            | RecordError::NotAFile { .. }
            | RecordError::NotARecord { .. }
            | RecordError::File { .. }
            | RecordError::NoFolder { .. }
            | RecordError::Locked { .. }
            | RecordError::TimedOut { .. }
            | RecordError::Replaced { .. }
            | RecordError::Repository(_)
            | RecordError::NoGit { .. }
            | RecordError::Git { .. }
            | RecordError::Remote { .. }
            | RecordError::Unreached { .. }
            | RecordError::Contended { .. }
            | RecordError::TooLarge { .. } => Code::NoRecord,
            RecordError::Encoding(_) => Code::Internal,
        };
        Self::one(Diagnostic::error(code, for_terminal(&error.to_string())).help(for_terminal(&error.help())))
    }
}
