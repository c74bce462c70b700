//! Keeping decisions in the record before they are told.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::path::Path;

use crate::change::Declared;
use crate::change::ci::Pipeline;
use crate::change::git::{Repository, Revision};
use crate::cli::answered::Kept;
use crate::cli::args::RecordArgs;
use crate::cli::edge::Edge;
use crate::cli::judge::{Mode, Moment, Outlook};
use crate::cli::latest::{ATTEMPTS, holds, latest, overtaken};
use crate::cli::lifting::{Lifting, name_of};
use crate::cli::recorded::Known;
use crate::cli::trusted::is_within;
use crate::cli::{evidence, repository};
use crate::decision::{Verdict, standing};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::{self, Policy};
use crate::proof::record::{
    self, Chain, Decided, Digest, Location, Outcome, Record, RecordError, RecordFile, RecordRef, ref_text,
};
use crate::proof::rollback::Rollback;
use crate::reach::{Because, Reach, Reached};
use crate::report::escape::for_terminal;
use crate::report::{Compared, Examined, Trust};
use crate::time::zone::RELEASE;

/// Where decisions are kept, and on whose behalf.
pub(super) struct Recording {
    record: Record,
    actor: Option<String>,
    /// By what name grants know the repository of the change, if it is known.
    repository: Option<String>,
}

/// What is decided about.
pub(super) struct Subject<'a> {
    pub(super) mode: Mode,
    /// The instant, where another than now is asked about.
    pub(super) hypothetical: Option<i64>,
    pub(super) advise: bool,
    /// Whether the decision is to be recorded.
    pub(super) is_kept: bool,
    pub(super) trust: Trust,
    pub(super) policy: &'a Policy,
    /// Whether the policy is an administrator's file.
    pub(super) is_administrators: bool,
    pub(super) declared: &'a Declared,
    pub(super) examined: Option<&'a Examined>,
    pub(super) pipeline: Option<&'a Pipeline>,
    pub(super) reach: &'a Reach,
    pub(super) lifting: &'a Lifting,
    /// What the record told when the evidence was gathered.
    pub(super) known: Option<&'a Known>,
    /// Whether the caller narrowed what was judged: by `--only`, or by a range of its own.
    pub(super) is_narrowed: bool,
}

/// Decides at a moment.
type Decide<'d> = &'d dyn Fn(Moment<'_>) -> Result<Outlook, Faults>;

/// Makes the answer ready that tells of a decision.
type AnswerOf<'a, T> = &'a dyn Fn(&Outlook, Kept<'_>) -> Result<T, Faults>;

impl Recording {
    /// The record of a question that is asked in the working directory, on behalf of whoever started the CI job, else of the
    /// one at the terminal.
    pub(super) fn of_check(
        args: &RecordArgs,
        pipeline: Option<&Pipeline>,
        enforcing: bool,
        edge: &Edge,
    ) -> Result<Option<Self>, Faults> {
        let Some(location) = args.location.as_deref() else {
            return Ok(None);
        };
        let record = open(location, || repository::of(edge, pipeline.is_some() || enforcing))?;
        if let Record::File(file) = &record
            && enforcing
        {
            outside_of_the_work_tree(file.path(), edge)?;
        }
        let actor = match pipeline {
            Some(pipeline) => pipeline.started_by.clone().or_else(|| pipeline.actor.clone()),
            None => first_of(edge, &["LOGNAME", "USER", "USERNAME"]),
        };
        Ok(Some(Self { record, actor, repository: None }))
    }

    /// The record that a push is held against before it leaves. Nothing is kept in it: that is for whoever receives the push.
    pub(super) fn of_push(args: &RecordArgs, edge: &Edge) -> Result<Option<Self>, Faults> {
        let record = args.location.as_deref().map(|location| open(location, || repository::here(edge))).transpose()?;
        Ok(record.map(|record| Self { record, actor: None, repository: None }))
    }

    /// The record of a server, on behalf of the one who pushes, as the server tells.
    ///
    /// <https://docs.gitlab.com/administration/server_hooks/>, `modules/repository/env.go` of Gitea and Forgejo,
    /// git-http-backend(1).
    pub(super) fn of_server(args: &RecordArgs, repository: &Repository, edge: &Edge) -> Result<Option<Self>, Faults> {
        let actor = first_of(edge, &["GL_USERNAME", "GITEA_PUSHER_NAME", "REMOTE_USER"]);
        let Some(location) = args.location.as_deref() else {
            return Ok(None);
        };
        let record = open(location, || {
            // the repository itself, as what is pushed must not carry the record away when it is refused
            Repository::open_at(repository.git_dir()).map_err(|error| Faults::one(evidence::no_evidence(&error)))
        })?;
        if let Record::File(file) = &record
            && file.path().is_relative()
        {
            let cause = format!("`--record {}` is relative, and the hook runs in many places", file.path().display());
            return Err(Faults::one(
                Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help("give the absolute path of the record"),
            ));
        }
        Self { record, actor, repository: None }.about(repository).map(Some)
    }

    /// The same record, of decisions about changes of `repository`.
    pub(super) fn about(self, repository: &Repository) -> Result<Self, Faults> {
        let repository = named(repository)?;
        // a repository without a name is not one of those that entries name
        let asking = repository.clone().unwrap_or_else(String::new);
        Ok(Self { record: self.record.asked_by(Some(asking)), repository, ..self })
    }

    /// By what name grants know the repository of the change, if it is known.
    pub(super) fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }

    /// All decisions so far.
    pub(super) fn chain(&self) -> Result<Chain, Faults> {
        Ok(self.record.read()?)
    }

    /// Decides, and keeps the decision before its answer is given back. What is only advice, or about another time, is not
    /// kept: then the record is read alone.
    ///
    /// Nothing that can fail comes after the entry is written: the answer is ready then, and holds at that moment.
    pub(super) fn keep<T>(
        &self,
        subject: &Subject<'_>,
        clock: &dyn Fn() -> i64,
        decide: Decide<'_>,
        answer: AnswerOf<'_, T>,
    ) -> Result<T, Faults> {
        let at_instant = |chain: &Chain, at: i64| {
            let clock = standing::clock(at, chain.newest(), self.record.clock_tolerance());
            decide(Moment { at, clock, chain: Some(chain) })
        };
        let only_read = |chain: &Chain, outlook: &Outlook| answer(outlook, Kept { chain: Some(chain), entry: None });
        if let Some(at) = subject.hypothetical {
            let chain = self.record.read()?;
            return only_read(&chain, &decide(Moment { at, clock: None, chain: Some(&chain) })?);
        }
        let mode = match subject.mode {
            Mode::Check if !subject.advise && subject.is_kept => record::Mode::Check,
            Mode::PreReceive if !subject.advise && subject.is_kept => record::Mode::PreReceive,
            Mode::Check | Mode::PreReceive | Mode::Next | Mode::PrePush => {
                let chain = self.record.read()?;
                subject.known.map_or(Ok(()), |known| known.confirm(&chain))?;
                return latest(clock, |at| {
                    let outlook = at_instant(&chain, at)?;
                    Ok((only_read(&chain, &outlook)?, outlook.decision))
                });
            }
        };
        for _ in 0..ATTEMPTS {
            let decided = RefCell::new(None);
            let (mut ready, mut is_over) = (None, false);
            let appended = self.record.append_when_ready(
                &mut |chain| {
                    subject.known.map_or(Ok(()), |known| known.confirm(chain))?;
                    // read while nobody else can append, so that those who wait for their turn are not behind the others
                    let outlook = at_instant(chain, clock())?;
                    let entry = self.decided(mode, subject, &outlook)?;
                    decided.replace(Some(outlook));
                    Ok::<Decided, Faults>(entry)
                },
                &mut |chain, entry| {
                    let outlook = decided.take().ok_or_else(made_by_nobody)?;
                    ready = Some(answer(&outlook, Kept { chain: Some(chain), entry: Some(entry) })?);
                    is_over = !holds(&outlook.decision, clock());
                    if is_over { Err(overtaken()) } else { Ok(()) }
                },
            );
            if !is_over {
                appended?;
                return ready.ok_or_else(made_by_nobody);
            }
        }
        Err(overtaken())
    }

    /// The decision as it is recorded.
    fn decided(&self, mode: record::Mode, subject: &Subject<'_>, outlook: &Outlook) -> Result<Decided, Faults> {
        let decision = &outlook.decision;
        let mut reached: Vec<record::Reached> = Vec::new();
        let mut kinds = subject.declared.kinds;
        // an edit of the policy brings nothing to the environments that it opens
        let is_brought = |one: &&Reached| !matches!(one.because, Because::PolicyEdit { .. });
        for one in subject.reach.reached.iter().filter(is_brought) {
            kinds = kinds.union(one.kinds);
            let one = record::Reached {
                environment: one.environment.name.clone(),
                region: one.region.as_ref().map(|region| region.name.clone()),
                service: one.service.as_ref().map(|service| service.name.clone()),
            };
            if !reached.contains(&one) {
                reached.push(one);
            }
        }
        if let Some(Rollback::Shown(_)) = &outlook.rollback {
            kinds = kinds.with(policy::Kind::Rollback);
        }
        let changes = subject.examined.map_or_else(Vec::new, |examined| {
            examined.compared.iter().map(|compared| change(compared, subject, examined, &reached)).collect()
        });
        let lifted = subject.lifting.lifted(subject.policy, decision);
        let digest = subject.policy.sources.digest();
        let policy = Digest::from_hex(&digest)
            .ok_or_else(|| RecordError::Encoding(format!("`{digest}` is no SHA-256 digest")))?;
        Ok(Decided {
            at: decision.at,
            mode,
            standing: match subject.trust {
                Trust::Advice => record::Standing::Advice,
                Trust::Enforcement => record::Standing::Enforcement,
            },
            repository: self.repository.clone(),
            decision: match decision.verdict {
                Verdict::Allowed => Outcome::Allowed,
                Verdict::Refused => Outcome::Refused,
            },
            changes,
            reached,
            kinds,
            findings: decision
                .findings
                .iter()
                .map(|finding| record::Finding {
                    id: finding.id.clone(),
                    code: finding.code.as_str().to_owned(),
                    level: finding.level,
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
            administrators_policy: subject.is_administrators,
            tzdb: RELEASE.name.to_owned(),
        })
    }
}

fn named(repository: &Repository) -> Result<Option<String>, Faults> {
    name_of(repository).map_err(|error| Faults::one(evidence::no_evidence(&error)))
}

fn made_by_nobody() -> Faults {
    Faults::one(
        Diagnostic::error(Code::Internal, "a decision was recorded that nobody made")
            .help("report this to freezegate's developers"),
    )
}

fn change(
    compared: &Compared,
    subject: &Subject<'_>,
    examined: &Examined,
    reached: &[record::Reached],
) -> record::Change {
    let commit = |revision: Option<Revision>| revision.map(|revision| revision.commit.to_string());
    let tree = |revision: Option<Revision>| revision.map(|revision| revision.tree.to_string());
    let all = || {
        let mut names: Vec<String> = Vec::new();
        for one in reached {
            if !names.contains(&one.environment) {
                names.push(one.environment.clone());
            }
        }
        names
    };
    let environments = compared.environments.clone().unwrap_or_else(all);
    record::Change {
        reference: compared.reference.as_ref().map(ref_text),
        whole: whole(compared, subject, &environments),
        environments,
        proposed: subject.pipeline.is_some_and(Pipeline::is_proposal),
        base: examined.base.clone(),
        everything: compared.everything,
        commit: commit(compared.new),
        tree: tree(compared.new),
        base_commit: commit(compared.old),
        base_tree: tree(compared.old),
    }
}

/// Those of `environments` for which the whole tree was judged.
fn whole(compared: &Compared, subject: &Subject<'_>, environments: &[String]) -> Vec<String> {
    let declared = subject.declared;
    if subject.is_narrowed || !declared.regions.is_empty() || !declared.services.is_empty() {
        return Vec::new();
    }
    let is_whole = |name: &&String| {
        compared.whole.contains(*name) || declared.environments.iter().any(|environment| environment.name == **name)
    };
    environments.iter().filter(is_whole).cloned().collect()
}

/// Sees that a job keeps its record elsewhere than where the change brings files.
fn outside_of_the_work_tree(path: &Path, edge: &Edge) -> Result<(), Faults> {
    let whole = edge.absolute(path);
    let folder = whole.parent().unwrap_or(&whole);
    // without a repository no change comes by
    if edge.work_tree().map_err(Faults::one)?.is_some_and(|root| is_within(folder, &root)) {
        let cause = format!("the record `{}` lies in the work tree, where the change put it", path.display());
        return Err(Faults::one(
            Diagnostic::error(Code::NoRecord, cause)
                .help("keep it where no change comes by: on another disk, or in `origin:refs/freezegate/record`"),
        ));
    }
    Ok(())
}

/// Where a record is kept.
pub(super) fn located(written: &OsStr) -> Result<Location, Faults> {
    Location::parse(written).map_err(|error| {
        Faults::one(Diagnostic::error(Code::BadQuestion, for_terminal(&error.to_string())).help(error.help()))
    })
}

/// Opens a record by its location; the repository is looked for only if it is kept in a ref.
pub(super) fn open(
    location: &OsStr,
    repository: impl FnOnce() -> Result<Repository, Faults>,
) -> Result<Record, Faults> {
    match located(location)? {
        Location::File(path) => Ok(Record::File(RecordFile::new(path))),
        Location::Ref { remote, name } => {
            Ok(Record::Ref(RecordRef::new(&repository()?, remote, &name).map_err(RecordError::from)?))
        }
    }
}

/// The first of the variables that is set.
fn first_of(edge: &Edge, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| edge.variable(name)).map(|value| value.to_string_lossy().into_owned())
}

impl From<RecordError> for Faults {
    fn from(error: RecordError) -> Self {
        let code = match &error {
            RecordError::Broken { .. } => Code::BrokenRecord,
            RecordError::Missing { .. }
            | RecordError::NotAFile { .. }
            | RecordError::File { .. }
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
