//! A change by hand or in a CI job, from what is asked to the answer.

use std::cell::Cell;

use crate::change::ci::Pipeline;
use crate::change::git::{EvidenceError, Range, RefName, Repository, Revision};
use crate::decision::Finding;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::gate::again::until_not_overtaken;
use crate::gate::base::{self, ChangeSubject};
use crate::gate::baseline::rebase::rebase;
use crate::gate::baseline::{self, BaselineSnapshot};
use crate::gate::case::{Case, JudgedCase, Keeping, Render, RoutesSince, reader};
use crate::gate::check::brought::{lifting, own_name, posted_here, posted_there, repeated};
use crate::gate::command::{self, WithCommand};
use crate::gate::comparison::{Ends, Move, branch_of};
use crate::gate::edit::{self, EditSearch, PolicyEdit};
use crate::gate::fault::{add_help, fault};
use crate::gate::history::{FindEdits, Past};
use crate::gate::keep::Recording;
use crate::gate::lifts::Lifting;
use crate::gate::named_policy::Trusted;
use crate::gate::plan::GivenPlan;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::record_branch::RecordBranch;
use crate::gate::request::CheckRequest;
use crate::gate::rule::judge_or_undo;
use crate::gate::trust;
use crate::gate::way_back::{self, WayBackQuestion};
use crate::gate::world::World;
use crate::gate::{declared, gather, manifests, plan, repository, routes, source};
use crate::policy::duration;
use crate::proof::posted::Posted;
use crate::proof::record::{Folded, ref_text};
use crate::reach::{DeclaredNames, TargetMatcher};
use crate::report::{AnswerMode, FirstPolicy, Trust};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

mod brought;
mod several;

/// The answer.
pub(crate) fn decide(
    mode: AnswerMode,
    (args, pipeline): (&CheckRequest, Option<&Pipeline>),
    world: &dyn World,
    render: Render<'_>,
) -> Result<JudgedCase, Faults> {
    let deploying = pipeline.filter(|_| !args.environments.is_empty()).and_then(Pipeline::deploying);
    let pipeline = deploying.as_ref().or(pipeline);
    let is_job = args.is_of_job(pipeline);
    let enforcing = args.is_enforced(pipeline);
    if enforcing && args.at.is_some() {
        return Err(Faults::one(
            Diagnostic::error(
                Code::InvalidUsage,
                "`--at` can't be used while enforcing: the change is judged for the current time",
            )
            .help("leave it out; to ask about another time, add `--dry-run`, or `--no-ci` without `--enforce`"),
        ));
    }
    let wants_repository = pipeline.is_some() || args.policy_from.is_some() || gather::is_asked_for(args);
    let repository = if wants_repository { Some(repository::of(world, is_job)?) } else { None };
    let repository = match repository {
        Some(repository) if args.fetch => Some(repository::fetching(repository)?),
        found => found,
    };
    let repository = repository.as_ref();
    let recording = match (Recording::of_check(&args.record, pipeline, enforcing, world)?, repository) {
        (Some(recording), Some(repository)) => Some(recording.about(repository)?),
        (recording, None) | (recording @ None, Some(_)) => recording,
    };
    let brought = Lifting::of_arguments(&args.lift, world)?
        .starting(args.command.as_ref())
        .applying(args.plan.is_some() || args.manifests.is_some());
    let Posted { grants, doubts } = repository.map_or_else(Posted::default, posted_here);
    let brought = brought.with_posted(grants, world.clock());
    let brought = match pipeline {
        Some(pipeline) => brought.run_by(pipeline).only_proposed(args.is_only_proposed(Some(pipeline))),
        None => brought,
    };
    let recording = recording.as_ref();
    let is_refused = Cell::new(false);
    let may_ask = repository.filter(|_| args.fetch);
    let if_refused = may_ask.map(|_| &is_refused);
    let question = CheckQuestion {
        render,
        mode,
        args,
        world,
        pipeline,
        repository,
        recording,
        brought,
        doubts,
        if_refused,
        enforcing,
    };
    let judged = question.answer();
    let Some(repository) = may_ask.filter(|_| is_refused.get()) else {
        return judged;
    };
    // nobody is asked for grants unless something refuses
    let CheckQuestion { brought, doubts: mut known, .. } = question;
    let posted = posted_there(repository);
    known.extend(posted.doubts);
    let brought = brought.with_posted(posted.grants, world.clock());
    let if_refused = None;
    CheckQuestion {
        render,
        mode,
        args,
        world,
        pipeline,
        repository: Some(repository),
        recording,
        brought,
        doubts: known,
        if_refused,
        enforcing,
    }
    .answer()
}

/// A question, and the place of its evidence.
struct CheckQuestion<'q> {
    render: Render<'q>,
    mode: AnswerMode,
    args: &'q CheckRequest,
    world: &'q dyn World,
    pipeline: Option<&'q Pipeline>,
    repository: Option<&'q Repository>,
    recording: Option<&'q Recording>,
    /// The grants and the incident that are given to lift findings.
    brought: Lifting,
    /// Everything that is doubtful about grants in refs of the repository.
    doubts: Vec<String>,
    /// What a refusal that nothing is recorded of is noted in, so that more is looked for; `None` if all was looked for.
    if_refused: Option<&'q Cell<bool>>,
    enforcing: bool,
}

impl CheckQuestion<'_> {
    /// Decides, again if another change was allowed meanwhile.
    fn answer(&self) -> Result<JudgedCase, Faults> {
        until_not_overtaken(|| {
            let mut is_overtaken = false;
            let judged = self.decide(&mut is_overtaken);
            (judged, is_overtaken)
        })
    }

    /// Decides. `overtaken` is set if there is no answer because another change was allowed meanwhile.
    fn decide(&self, overtaken: &mut bool) -> Result<JudgedCase, Faults> {
        let &Self { args, world, pipeline, repository, recording, .. } = self;
        let is_job = args.is_of_job(pipeline);
        let mut subject = match repository {
            Some(repository) => base::find(args, pipeline, repository)?,
            None => None,
        };
        if let (Some(branch), Some(subject)) = (RecordBranch::of(&args.record)?, &subject) {
            let of_job = |name: &String| RefName::new(name).map_err(fault);
            let of_job = pipeline.and_then(|pipeline| pipeline.reference.as_ref()).map(of_job).transpose()?;
            subject.reference.iter().chain(&of_job).try_for_each(|reference| branch.is_not_changed(reference))?;
            subject.default.iter().try_for_each(|default| branch.is_not_default(default))?;
        }
        if let (Some(pipeline), Some(subject), Some(repository)) = (pipeline, &subject, repository) {
            base::check_head(args, pipeline, subject, repository)?;
            if recording.is_some() && self.enforcing {
                base::check_elsewhere(args, pipeline, subject, repository)?;
            }
        }
        let names = declared::names(args, pipeline)?;
        let mut known = BaselineSnapshot::default();
        let mut folded = None;
        if let (Some(repository), Some(subject), Some(recording), true) = (repository, &mut subject, recording, is_job)
        {
            let told = recording.look()?;
            subject.complete_default(told.policy_branch())?;
            let is_named = args.policy_from.is_some() || source::is_outside(&args.policy);
            if !is_named {
                subject.check_default(told.policy_branch())?;
            }
            known = rebase(subject, &told, &names, (args, world), pipeline, repository)?;
            if let (Some(_), Some(default)) = (&args.policy_from, &subject.default) {
                known.policy_branches.insert(ref_text(&branch_of(default)?));
            }
            folded = Some(told);
        }
        if let Some(lack) = subject.as_mut().and_then(|subject| subject.lack.take()) {
            return Err(lack);
        }
        let found = if is_job || args.policy_from.is_some() {
            trust::policy(
                args,
                world,
                repository,
                subject.as_ref(),
                folded.as_deref().map(|folded| (folded, &mut known)),
            )?
        } else {
            Trusted::new(source::of_work_tree(&args.policy, world)?)
        };
        let kept: Trusted;
        let trusted: &Trusted = if world.ends_with_answer() {
            // that is quicker than to take a large policy apart before
            Box::leak(Box::new(found))
        } else {
            kept = found;
            &kept
        };
        let asked_at = args.at.as_deref().map(|at| world.instant(Some(at)));
        let (trusted, edits) = self.edits(trusted, subject.as_ref(), asked_at.as_ref())?;
        let is_of_default = subject.as_ref().is_some_and(|subject| subject.on_default != Some(false));
        known.keeps_policy =
            is_of_default && edits.is_empty() && !trusted.is_first && trusted.source.revision.is_some();
        let mut judging = ChangeToJudge {
            question: self,
            subject: &subject,
            folded: folded.as_deref(),
            known,
            names,
            asked_at,
            opens: None,
            by_two: false,
            policy_options: Vec::new(),
            overridden: Vec::new(),
        };
        let judged = judging.by_both(trusted, &edits);
        // an edit may have taken out a name that jobs give
        let is_of_branch =
            is_job && folded.is_some() && args.policy_from.is_none() && trusted.source.revision.is_some();
        let judged = judged.map_err(|faults| if is_of_branch { or_policy_with_name(faults) } else { faults });
        *overtaken = judging.known.is_overtaken();
        judged
    }
}

/// Adds to each name that the policy in force does not have where it may be found.
fn or_policy_with_name(mut faults: Faults) -> Faults {
    for fault in faults.diagnostics.iter_mut().filter(|fault| fault.code == Code::UnknownName && fault.place.is_none())
    {
        let is_question = fault.help.as_ref().is_some_and(|help| help.ends_with('?'));
        let joint = if is_question { " If" } else { "; if" };
        let way = format!("{joint} an edit took it out, name the commit before: `--policy-from COMMIT`");
        add_help(fault, "", &way);
    }
    faults
}

/// A change that is looked at, to be judged by one or two policies.
struct ChangeToJudge<'j> {
    question: &'j CheckQuestion<'j>,
    subject: &'j Option<ChangeSubject>,
    folded: Option<&'j Folded>,
    known: BaselineSnapshot,
    names: DeclaredNames,
    asked_at: Option<Result<Instant, Diagnostic>>,
    /// The first time when the change may go by all policies that are asked, in seconds since 1970-01-01T00:00:00Z, if that was found out.
    opens: Option<Option<Instant>>,
    /// True if two policies are asked.
    by_two: bool,
    /// The options that name the policy, if it is not the one in force.
    policy_options: Vec<String>,
    /// What other policies that are asked refuse, and grants override.
    overridden: Vec<Finding>,
}

impl ChangeToJudge<'_> {
    /// The answer by one policy.
    fn by(
        &mut self,
        trusted: &Trusted,
        edits: &[PolicyEdit],
        keeping: Keeping,
        deadline: Option<Instant>,
    ) -> Result<JudgedCase, Faults> {
        let &CheckQuestion {
            render, mode, args, world, pipeline, repository, recording, ref brought, enforcing, ..
        } = self.question;
        let (subject, folded) = (self.subject, self.folded);
        let policy = &trusted.source.policy;
        let matcher = TargetMatcher::new(policy);
        let mut evidence = match (repository, subject) {
            (Some(_), Some(subject)) if trusted.is_first => Some(gather::nothing(subject)),
            (Some(repository), Some(subject)) => Some(gather::gather(subject, &matcher, repository)?),
            (Some(_) | None, Some(_) | None) => None,
        };
        let (question, by_two) = (self.question, self.by_two);
        let find_edits =
            |one: &Move<'_>, made: Revision| question.edits_of((subject, by_two), trusted, (one.new, made));
        let policies = repository.map(|repository| PoliciesThen::new(policy, (&args.policy, world, repository), None));
        let past = match (repository, subject, &policies) {
            (Some(repository), Some(subject), Some(policies)) => {
                let found = (&find_edits as FindEdits<'_>, policies);
                let past = Past::new((repository, &matcher), subject.moves(), found, true);
                Some(past.narrowed(self.known.narrowed.clone()))
            }
            (Some(_) | None, Some(_) | None, Some(_) | None) => None,
        };
        let head = match (subject, policy.routes.is_some()) {
            (Some(subject), true) if subject.parts.len() == 1 => subject.ends().head(),
            (Some(_) | None, _) => None,
        };
        let since = repository
            .zip(head)
            .map(|(repository, new)| move |former: &str| routes::since(repository, policy, (former, new)));
        let mut settled = Vec::new();
        if let (Some(subject), Some(folded), Some((_, examined)), Some(recording), Some(repository), Some(policies)) =
            (subject, folded, &mut evidence, recording, repository, &policies)
        {
            let asked = (policy, policies);
            settled = self.known.settled(folded, asked, subject, (recording.repository(), repository), examined)?;
            baseline::tell(&settled, examined);
        }
        if let (Some((shown, _)), Some(pipeline)) = (&mut evidence, pipeline) {
            declared::judge_job_too(pipeline, policy, &self.names, shown);
        }
        let WithCommand { evidence, is_known } = command::show(args.command.as_ref(), &matcher, evidence)?;
        // the way back is shown by commits, and no command that a target knows, plan or manifest is theirs
        let is_commits_alone = !is_known && args.plan.is_none() && args.manifests.is_none();
        let past_shown = past.as_ref().filter(|_| is_commits_alone);
        let evidence = plan::show(args, &matcher, evidence)?;
        let evidence = manifests::show((args, &self.names.environments), &matcher, evidence)?;
        let Times { at, duration, asker } = self.times()?;
        let lifting = lifting(brought, world, repository, subject.as_ref())?.beside(&self.overridden);
        let doubts = subject.as_ref().map_or_else(Vec::new, ChangeSubject::doubts);
        let first = trusted.is_first.then(|| edit::first(&trusted.source));
        let case = Case {
            is_administrators: enforcing && trusted.source.revision.is_none(),
            edits,
            is_edit_alone: self.is_edit_alone(trusted, edits)?,
            first_policy: trusted.is_first.then_some(FirstPolicy::Brought),
            trust: if enforcing { Trust::Enforcement } else { Trust::Advice },
            hypothetical: at,
            dry_run: args.dry_run,
            only: args.only,
            is_ranged: args.range.is_some(),
            // nothing judges the change that brings the first policy
            names: if trusted.is_first { DeclaredNames::default() } else { self.names.clone() },
            repeated: repeated(args)
                .into_iter()
                .chain(self.policy_options.iter().cloned())
                .chain(own_name(args, pipeline, repository)?)
                .collect(),
            duration,
            evidence,
            pipeline,
            warnings: doubts
                .into_iter()
                .chain(question.doubts.iter().cloned())
                .chain(trusted.warnings.iter().cloned())
                .chain(first)
                .chain(plan::warnings(args.plan.as_deref(), policy))
                .collect(),
            recording,
            known: folded.is_some().then_some(&self.known),
            settled,
            past: past_shown,
            routes_since: since.as_ref().map(|since| since as RoutesSince<'_>),
            asker: reader(asker, args.timezone.is_some(), policy),
            keeping: if args.is_ahead { Keeping::Nothing } else { keeping },
            deadline,
            opens: self.opens,
            if_refused: question.if_refused,
            command: args.command.as_ref(),
            plan: GivenPlan::of(args),
            manifests: args.manifests.as_deref(),
            ..Case::new(mode, &trusted.source, &lifting, render)
        };
        // nobody reverts what is only to be merged
        let proposed = pipeline.is_some_and(Pipeline::is_proposal);
        judge_or_undo(case, world, &|declared, at| match past_shown {
            Some(past)
                if matches!(mode, AnswerMode::Check | AnswerMode::Run)
                    && !proposed
                    && self.is_undone_by_revert(past) =>
            {
                let job = pipeline.map(|pipeline| (pipeline, &self.names));
                way_back::undo(past, &WayBackQuestion { declared, job, only: args.only, folded: None, at, duration })
            }
            Some(_) | None => Ok(None),
        })
    }
}

impl ChangeToJudge<'_> {
    /// Returns whether a commit that takes the change back is judged together with it: the record keeps comparing with what it allowed, and what was not
    /// pushed yet is pushed together. After a change that is there already, it would be a change like any other.
    fn is_undone_by_revert(&self, past: &Past<'_>) -> bool {
        let (Some(repository), Some(subject), [one]) = (self.question.repository, self.subject, past.moves.as_slice())
        else {
            return false;
        };
        if subject.is_told || self.question.pipeline.is_some() {
            return subject.is_told;
        }
        // only the printed hint depends on it
        let Ok(names) = repository.refs_below("refs/remotes/") else {
            return false;
        };
        let tips: Result<Vec<Option<Revision>>, EvidenceError> =
            names.iter().map(|name| repository.revision_of(name)).collect();
        tips.is_ok_and(|tips| !tips.contains(&one.new) && (tips.is_empty() || tips.contains(&one.old)))
    }

    /// Returns whether the change is an edit of the policy and nothing else.
    fn is_edit_alone(&self, trusted: &Trusted, edits: &[PolicyEdit]) -> Result<bool, Faults> {
        let &CheckQuestion { args, repository, .. } = self.question;
        let is_of_commits = args.command.is_none() && args.plan.is_none() && args.manifests.is_none();
        let (Some(repository), Some(subject), [edit], true) = (repository, self.subject, edits, is_of_commits) else {
            return Ok(false);
        };
        match (subject.parts.as_slice(), subject.ends()) {
            ([part], Ends::Known(range)) if part.beside.is_none() => edit.is_all_of(range, &trusted.source, repository),
            (_, Ends::Known(_) | Ends::Unknown { .. }) => Ok(false),
        }
    }
}

/// The options about times, read.
struct Times {
    /// The instant that is asked about, in seconds since the Unix epoch; `None` for now.
    at: Option<Instant>,
    /// The time that the change takes, in seconds.
    duration: Option<Seconds>,
    /// The zone of the one who asks.
    asker: Option<Zone>,
}

impl ChangeToJudge<'_> {
    /// Reads the options about times.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of them.
    fn times(&self) -> Result<Times, Faults> {
        let &CheckQuestion { args, world, .. } = self.question;
        let mut faults = Vec::new();
        let at = self.asked_at.clone().transpose().map_err(|fault| faults.push(fault));
        let duration = args.duration.as_deref().map(duration::seconds).transpose().map_err(|cause| {
            faults.push(
                Diagnostic::error(Code::BadDuration, format!("`--for`: {cause}")).help("write `45m`, `1h30m` or `3d`"),
            );
        });
        let asker = world.asker(args.timezone.as_deref()).map_err(|fault| faults.push(fault));
        let (Ok(at), Ok(duration), Ok(asker)) = (at, duration, asker) else {
            return Err(Faults { sources: Sources::default(), diagnostics: faults });
        };
        Ok(Times { at, duration, asker })
    }
}

impl CheckQuestion<'_> {
    /// Returns whether a lift can count here, or where the change goes next.
    fn is_recorded(&self, pipeline: Option<&Pipeline>) -> bool {
        self.recording.is_some() || !self.enforcing || self.args.is_only_proposed(pipeline)
    }

    /// Finds the edits of the policy that moving to another commit would make; `None` if they are unknown, or if a second
    /// policy decides too.
    fn edits_of(
        &self,
        (subject, by_two): (&Option<ChangeSubject>, bool),
        trusted: &Trusted,
        (proposed, made): (Option<Revision>, Revision),
    ) -> Result<Option<Vec<PolicyEdit>>, Faults> {
        let &Self { args, world, pipeline, repository, .. } = self;
        let (Some(repository), Some(subject), false) = (repository, subject, by_two) else {
            return Ok(None);
        };
        if subject.moves().len() != subject.parts.len() {
            return Ok(None);
        }
        if subject.on_default == Some(false) && subject.parts.iter().all(|part| part.beside.is_none()) {
            return Ok(Some(Vec::new()));
        }
        let is_recorded = self.is_recorded(pipeline);
        let search = EditSearch { args: &args.policy, world, repository, at: world.clock(), is_recorded };
        if trusted.source.revision.is_some() {
            let branch = subject.policy_branch()?;
            return Ok(Some(search.find(&trusted.source, Some(made), branch.as_ref())?.into_iter().collect()));
        }
        if !search.leaves_a_policy(&trusted.source, (proposed, made))? {
            return Ok(None);
        }
        // by hand, the policy that judges a range is that of its old end only if the range edits it
        match subject.ends() {
            Ends::Known(range) => {
                let edit = search.of_range(Range { new: Some(made), ..range })?;
                Ok(edit.is_none().then(Vec::new))
            }
            Ends::Unknown { .. } => Ok(None),
        }
    }

    /// The edits of the policy that the change makes, and the policy by which it is judged: by hand, of a range that edits the
    /// policy, that of the range's first end.
    fn edits<'t>(
        &self,
        trusted: &'t Trusted,
        subject: Option<&ChangeSubject>,
        asked_at: Option<&Result<Instant, Diagnostic>>,
    ) -> Result<(&'t Trusted, Vec<PolicyEdit>), Faults> {
        let &Self { args, world, pipeline, repository, .. } = self;
        let (Some(repository), Some(subject), false) = (repository, subject, trusted.is_first) else {
            return Ok((trusted, Vec::new()));
        };
        if subject.on_default == Some(false) && subject.parts.iter().all(|part| part.beside.is_none()) {
            return Ok((trusted, Vec::new()));
        }
        let at = match asked_at {
            Some(Ok(at)) => *at,
            Some(Err(_)) | None => world.clock(),
        };
        // a proposal uses no override up, and by hand nothing is enforced
        let is_recorded = self.is_recorded(pipeline);
        let search = EditSearch { args: &args.policy, world, repository, at, is_recorded };
        if trusted.source.revision.is_some() {
            let branch = subject.policy_branch()?;
            let edit = search.find(&trusted.source, subject.ends().head(), branch.as_ref())?;
            return Ok((trusted, edit.into_iter().collect()));
        }
        let is_by_hand = !args.is_of_job(pipeline) && args.policy.files.is_empty();
        match subject.ends() {
            Ends::Known(range) if is_by_hand => match search.of_range(range)? {
                Some((source, edit)) => Ok((Box::leak(Box::new(Trusted::new(source))), vec![edit])),
                None => Ok((trusted, Vec::new())),
            },
            Ends::Known(_) | Ends::Unknown { .. } => Ok((trusted, Vec::new())),
        }
    }
}
