//! A push, on the side that sends it and on the side that receives it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use crate::change::git::{
    EvidenceError, GitEnvironment, Limits, Range, RefName, ReflogEntry, Refs, Repository, Revision,
};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::again::until_not_overtaken;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::case::{Case, JudgedCase, Render, RoutesSince, reader};
use crate::gate::comparison::Move;
use crate::gate::edit::PolicyEdit;
use crate::gate::fault::fault;
use crate::gate::history::{FindEdits, Past};
use crate::gate::in_force::{self, InForce, is_same_policy};
use crate::gate::keep::Recording;
use crate::gate::lifts::{Lifting, Moved};
use crate::gate::look::{RangeEnd, is_branch, look};
use crate::gate::messages::Messages;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::record_branch::RecordBranch;
use crate::gate::repository_name::name_of;
use crate::gate::request::{OrganisationChoice, PolicyPlace, PushRequest, ReceiveRequest};
use crate::gate::routes;
use crate::gate::rule::judge_or_undo;
use crate::gate::source::{self, PolicySource};
use crate::gate::way_back::{self, WayBackQuestion};
use crate::gate::world::World;
use crate::pattern::fold;
use crate::proof::posted;
use crate::reach::{RefSide, Shown, TargetMatcher};
use crate::report::{AnswerMode, FirstPolicy, SERVER_FILE, Trust};
use crate::shell::shell_word;

mod edits;
mod first;
mod gathered;
mod own_refs;
mod policy_then;
mod received;
mod shadows;
mod shared_refs;
mod tags;
pub(crate) mod update;

use update::Update;

fn open_repository(world: &dyn World) -> Result<Repository, Faults> {
    let environment = GitEnvironment::from_variables(|name: &str| -> Option<OsString> { world.variable(name) });
    let limits = Limits { entries_together: MOST_ENTRIES_TOGETHER, ..Limits::default() };
    Repository::open_in(&environment, Path::new(".")).map(|repository| repository.with_limits(limits)).map_err(fault)
}

/// The most tree entries that the refs of a push may have together when another one is looked at: many refs to one large tree are sent in a few
/// bytes.
const MOST_ENTRIES_TOGETHER: u64 = 20_000_000;

/// Judges every ref of a push before it leaves; `None` if there is none.
pub(crate) fn judge_push(
    args: &PushRequest,
    world: &dyn World,
    render: Render<'_>,
) -> Result<Option<JudgedCase>, Faults> {
    let judged = judge_lines(args, update::read_input("pre-push", world)?, world, render)?;
    Ok(judged.map(|mut judged| {
        if judged.is_refused {
            judged.answer.people.push_str("  advice only: `git push --no-verify` leaves the decision to the server\n");
            if judged.can_be_granted {
                judged
                    .answer
                    .people
                    .push_str("  with grant  `git push --no-verify -o \"$(freezegate grant push-option FILE)\"`\n");
            }
        }
        judged
    }))
}

/// Judges every ref of a push, as git hands them to a pre-push hook; `None` if there is none.
pub(crate) fn judge_lines(
    args: &PushRequest,
    input: Vec<u8>,
    world: &dyn World,
    render: Render<'_>,
) -> Result<Option<JudgedCase>, Faults> {
    let in_pre_commit = input.is_empty() && world.variable("PRE_COMMIT").is_some();
    if input.is_empty() && !in_pre_commit {
        return Ok(None);
    }
    let told = if in_pre_commit { update::of_variable(world, "PRE_COMMIT_REMOTE_NAME")? } else { None };
    let remote = args.remote.clone().or(told).unwrap_or_else(|| "origin".to_owned());
    let repository = open_repository(world)?;
    let updates = if in_pre_commit {
        vec![update::of_pre_commit(world, &remote, &repository)?]
    } else {
        update::of_push(&input)?
    };
    let default = default_branch(&repository, &remote)?;
    let fetched = match &default {
        Some(branch) => repository.revision_of(branch).map_err(fault)?,
        None => None,
    };
    let (source, warning, first_policy) = of_remote(&args.policy, world, &repository, (fetched, default.as_ref()))?;
    let mut push = Push {
        render,
        mode: AnswerMode::PrePush,
        repository: &repository,
        source: &source,
        policy: &args.policy,
        updates: &updates,
        is_default: &|name| default.as_ref().map(|default| is_branch_of(&remote, default, name)),
        default: default.as_ref(),
        refs: None,
        remote: Some(&remote),
        known: BaselineSnapshot::default(),
        settled: BTreeSet::new(),
        // what the server keeps is not known here
        keeps_record: true,
        tip: None,
        edits: Vec::new(),
        first_policy,
        warnings: warning.into_iter().collect(),
    };
    push.edits = push.find_edits(world)?;
    // git shows push options to the receiving side alone (githooks(5)), so that here grants come by the environment
    let lifting = push.lifting(Lifting::of_environment(world)?.before_push(), fetched)?;
    let recording = Recording::of_push(&args.record, world)?.map(|one| one.about(&repository)).transpose()?;
    push.judge(&lifting, recording.as_ref(), world).map(Some)
}

/// Judges every ref of a push before any is moved; `None` if it only adds to refs that everybody adds to.
pub(crate) fn judge_receipt(
    args: &ReceiveRequest,
    world: &dyn World,
    render: Render<'_>,
) -> Result<Option<JudgedCase>, Faults> {
    let input = update::read_input("pre-receive", world)?;
    if input.is_empty() {
        return Err(received::nothing());
    }
    let repository = open_repository(world)?;
    received::is_to_the_repository(&repository)?;
    let updates = update::of_receipt(&input)?;
    let refs = repository.symbolic_refs().map_err(fault)?;
    received::hold_against(&updates, &refs)?;
    let updates = shared_refs::without_shared(&args.policy, world, (&repository, &refs), updates)?;
    if updates.is_empty() {
        return Ok(None);
    }
    let head = repository.head().map_err(fault)?;
    let default = received::default_branch(&head, &refs, &repository, args.policy.files.is_empty())?;
    if let Some(record) = RecordBranch::of(&args.record)? {
        default.iter().flatten().try_for_each(|name| record.is_not_default(name))?;
    }
    let (source, warning) = match first::of_server(&args.policy, world, &repository, &head)? {
        InForce::Policy { source, warning } => (*source, warning),
        InForce::Never { newest } => {
            return first::receive((args, render), world, (&repository, &refs), (&head, newest), &updates).map(Some);
        }
    };
    let mut push = Push {
        render,
        mode: AnswerMode::PreReceive,
        repository: &repository,
        source: &source,
        policy: &args.policy,
        updates: &updates,
        is_default: &|name| default.as_ref().map(|names| names.contains(name)),
        default: default.as_ref().and_then(|names| names.last()),
        refs: Some(&refs),
        remote: None,
        known: BaselineSnapshot::default(),
        settled: BTreeSet::new(),
        keeps_record: args.record.location.is_some(),
        tip: head.revision,
        edits: Vec::new(),
        first_policy: None,
        warnings: warning.into_iter().collect(),
    };
    let record = RecordBranch::of(&args.record)?;
    for update in push.updates {
        own_refs::guard(&push.names(update)?, record.as_ref())?;
    }
    push.casts_no_shadow()?;
    push.edits = push.find_edits(world)?;
    let brought = Lifting::of_push(world)?;
    push.warnings.extend(brought.doubts());
    let brought = match posted::own(&repository) {
        Ok(posted) => {
            push.warnings.extend(posted.doubts);
            brought.with_posted(posted.grants, world.clock())
        }
        // grants only open, so that nothing opens without them
        Err(error) => {
            push.warnings.push(format!("grants in refs are ignored: {}", for_terminal(&error.to_string())));
            brought
        }
    };
    let lifting = push.lifting(brought.pushed(world), head.revision)?;
    let Some(recording) = Recording::of_server(&args.record, &repository, world)? else {
        return push.judge(&lifting, None, world).map(Some);
    };
    until_not_overtaken(|| {
        let judged = push.settle_and_judge(&lifting, &recording, world);
        (judged.map(Some), push.known.is_overtaken())
    })
}

/// The policy for a push that leaves: of the remote's default branch as last fetched, else of the work tree; and why it is not
/// the newest, if it is not; and whether the remote has none yet, as far as this clone knows.
fn of_remote(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    (fetched, branch): (Option<Revision>, Option<&RefName>),
) -> Result<(PolicySource, Option<String>, Option<FirstPolicy>), Faults> {
    let is_named = !args.files.is_empty() || world.variable("FREEZEGATE_POLICY").is_some();
    if !is_named
        && let (Some(revision), Some(branch)) = (fetched, branch)
        && let InForce::Policy { source, warning } = in_force::of_branch(args, world, repository, revision, branch)?
    {
        return Ok((*source, warning, None));
    }
    let first_policy = (!is_named).then_some(FirstPolicy::NotAtRemote);
    source::of_work_tree(args, world).map(|source| (source, None, first_policy))
}

/// The remote's default branch as last fetched. A push to an address instead of a remote has no tracking refs.
fn default_branch(repository: &Repository, remote: &str) -> Result<Option<RefName>, Faults> {
    match repository.default_branch(remote) {
        Ok(default) => Ok(default),
        Err(EvidenceError::InvalidRefName { .. }) => Ok(None),
        Err(error @ EvidenceError::AmbiguousRevision { .. }) => Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, format!("which branch is the default one of `{remote}`? {error}"))
                .help(format!("ask it: `git remote set-head {} --auto`", shell_word(remote))),
        )),
        Err(error) => Err(fault(error)),
    }
}

fn is_branch_of(remote: &str, default: &RefName, name: &RefName) -> bool {
    if remote == "origin" {
        return is_branch(default, name);
    }
    let prefix = format!("refs/remotes/{remote}/");
    let branch = default.as_bytes().strip_prefix(prefix.as_bytes());
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}

/// Returns whether two names are one where capitals and look-alikes make no difference.
pub(crate) fn is_alike(one: &RefName, other: &RefName) -> bool {
    fold(one.as_bytes()) == fold(other.as_bytes())
}

/// A push, on whichever side.
pub(crate) struct Push<'a> {
    render: Render<'a>,
    mode: AnswerMode,
    repository: &'a Repository,
    source: &'a PolicySource,
    /// The options that name the policy.
    policy: &'a PolicyPlace,
    updates: &'a [Update],
    /// True if a branch is the default one; `None` if that is not known.
    is_default: &'a dyn Fn(&RefName) -> Option<bool>,
    /// The default branch as this repository has it, where its log is kept; `None` if that is not known.
    default: Option<&'a RefName>,
    /// The refs of the repository, on the side that receives it.
    refs: Option<&'a Refs<'a>>,
    /// The remote, on the side that sends it.
    remote: Option<&'a str>,
    /// The state of the record when it was asked.
    known: BaselineSnapshot,
    /// Tags that bring nothing new.
    settled: BTreeSet<RefName>,
    /// True if overrides are recorded where the push is judged in the end.
    keeps_record: bool,
    /// The place where the default branch stood when the policy was read; `None` where that is no matter.
    tip: Option<Revision>,
    /// The edits of the policy.
    edits: Vec<PolicyEdit>,
    /// Whether the remote has no policy yet.
    first_policy: Option<FirstPolicy>,
    /// Everything that is doubtful about the policy.
    warnings: Vec<String>,
}

impl Push<'_> {
    fn settle_and_judge(
        &mut self,
        lifting: &Lifting,
        recording: &Recording,
        world: &dyn World,
    ) -> Result<JudgedCase, Faults> {
        self.settle(world, recording.look()?.as_ref(), recording.repository())?;
        self.judge(lifting, Some(recording), world)
    }

    fn judge(&self, lifting: &Lifting, recording: Option<&Recording>, world: &dyn World) -> Result<JudgedCase, Faults> {
        let matcher = TargetMatcher::new(&self.source.policy);
        let mut evidence = self.gather(&matcher)?;
        if recording.is_some() {
            evidence.1.compared = self.compare(&matcher)?;
        }
        let (trust, asker) = match self.remote {
            Some(_) => (Trust::Advice, world.asker(None).map_err(Faults::one)?),
            // whose clock it is that the one who pushes reads is not known here
            None => (Trust::Enforcement, None),
        };
        let find_edits = |one: &Move<'_>, made: Revision| match &one.name {
            Some(name) if self.is_policy_branch(name) => self.edit_of_command(world, name, (one.new, made)),
            Some(_) | None => Ok(Some(Vec::new())),
        };
        let default_log = OnceCell::new();
        let by_log = |one: &Move<'_>, moved: &ReflogEntry| self.policy_then((world, &default_log), one, moved);
        let policies = PoliciesThen::new(&self.source.policy, (self.policy, world, self.repository), Some(&by_log));
        let found_later: (FindEdits<'_>, _) = (&find_edits, &policies);
        let past = Past::new((self.repository, &matcher), self.moves()?, found_later, self.is_checked_out()?);
        let lifting = &self.lifting_each(lifting, &matcher)?;
        let head = self.only_head()?;
        let since =
            head.map(|new| move |former: &str| routes::since(self.repository, &self.source.policy, (former, new)));
        let check_policy = || self.check_policy();
        let case = Case {
            edits: &self.edits,
            first_policy: self.first_policy,
            is_edit_alone: self.is_edit_alone()?,
            check_policy: (self.mode == AnswerMode::PreReceive).then_some(&check_policy),
            trust,
            is_administrators: self.remote.is_none() && self.source.revision.is_none(),
            repeated: self.repeated()?,
            evidence: Some(evidence),
            warnings: self.warnings.clone(),
            recording,
            known: recording.map(|_| &self.known),
            past: Some(&past),
            routes_since: since.as_ref().map(|since| since as RoutesSince<'_>),
            asker: reader(asker, false, &self.source.policy),
            ..Case::new(self.mode, self.source, lifting, self.render)
        };
        let mut judged = judge_or_undo(case, world, &|declared, at| {
            way_back::undo(
                &past,
                &WayBackQuestion { declared, job: None, only: false, folded: None, at, duration: None },
            )
        })?;
        // a value that can't be read only prints more
        let wants_all = || self.repository.is_on("freezegate.verbose").unwrap_or(true);
        if wants_all() {
            judged.answer.brief = None;
            judged.is_printed = true;
        }
        Ok(judged)
    }

    /// Sees that no push has put another policy in force since this one began to be judged.
    fn check_policy(&self) -> Result<(), Faults> {
        let Some(then) = self.source.revision else {
            return Ok(());
        };
        let now = self.repository.head().map_err(fault)?.revision;
        let is_same = match (now, self.tip) {
            (Some(now), Some(tip)) if now.commit == tip.commit => true,
            (Some(now), _) => is_same_policy(self.repository, self.source, then, now)?,
            (None, _) => false,
        };
        if is_same {
            return Ok(());
        }
        let cause = "the policy of the default branch changed while the push was judged";
        Err(Faults::one(Diagnostic::error(Code::NoPolicy, cause).help("push again: the new policy judges it then")))
    }

    /// Further options that a printed command needs where it runs: in the clone of the one who pushes, which knows neither the files of a
    /// server nor by what name the server is known.
    fn repeated(&self) -> Result<Vec<String>, Faults> {
        if self.mode != AnswerMode::PreReceive {
            return Ok(source::repeated(self.policy));
        }
        let files = self.policy.files.iter().flat_map(|_| ["--policy".to_owned(), SERVER_FILE.to_owned()]);
        let organisation = match self.policy.organisation {
            OrganisationChoice::Unsaid | OrganisationChoice::None => Vec::new(),
            OrganisationChoice::File(_) => vec!["--organisation-policy".to_owned(), SERVER_FILE.to_owned()],
        };
        let name = name_of(self.repository).map_err(fault)?;
        let name = name.into_iter().flat_map(|name| ["--repository".to_owned(), name]);
        Ok(files.chain(organisation).chain(name).collect())
    }

    /// Returns what is brought along to lift findings, compared with what each ref of the push brings; of a ref that is created, what the
    /// default branch lacks.
    fn lifting(&self, brought: Lifting, default: Option<Revision>) -> Result<Lifting, Faults> {
        if brought.is_empty() {
            return Ok(brought);
        }
        let moved =
            self.updates.iter().map(|update| self.moved(update, default)).collect::<Result<Vec<_>, Faults>>()?;
        brought.at(self.repository, &moved)
    }

    fn moved(&self, update: &Update, default: Option<Revision>) -> Result<Moved, Faults> {
        let new = self.repository.revision_at(update.new).map_err(fault)?;
        let range = Range { old: self.old(update)?, new };
        Ok(Moved { reference: Some(update.name.clone()), range, since: default, environments: None })
    }

    /// Returns `lifting` compared with what differs on each ref that reaches anything: a grant for one ref lifts nothing for another.
    fn lifting_each(&self, lifting: &Lifting, matcher: &TargetMatcher<'_>) -> Result<Lifting, Faults> {
        if !lifting.is_for_one_change() {
            return Ok(lifting.clone());
        }
        let mut moved = Vec::new();
        let mut messages = Messages::new(self.repository, self.known_commits()?);
        for update in self.unsettled() {
            let mut shown = Shown::default();
            let mut has_routes = false;
            if self.updates.len() > 1 {
                for name in self.names(update)? {
                    has_routes |= routes::are_guarded(matcher.policy(), self.side(&name));
                    let ends = (|| self.old(update), || self.repository.revision_at(update.new));
                    look(self.repository, matcher, self.side(&name), ends, Some(&mut messages), &mut shown)?;
                    self.look_at_lacking(matcher, update, &name, &mut shown)?;
                }
                if shown.hits.is_empty() && shown.unknown.is_empty() && !has_routes && !self.is_edit(update)? {
                    continue;
                }
            }
            // what is not an environment that a target shows may concern any
            let any = self.updates.len() == 1 || has_routes || !(shown.unknown.is_empty() && shown.said.is_empty());
            let reached = shown.hits.iter().map(|hit| hit.reached.environment.name.clone());
            let environments = (!any && !self.is_edit(update)?).then(|| reached.collect());
            moved.push(Moved { environments, ..self.moved(update, None)? });
        }
        Ok(lifting.clone().of_parts(self.repository, &moved))
    }

    /// The refs that an update moves: on the side that receives it, under every name by which the ref is known there.
    fn names(&self, update: &Update) -> Result<Vec<RefName>, Faults> {
        let names = match self.refs {
            Some(refs) => refs.moved_with(&update.name).map_err(fault)?,
            None => vec![update.name.clone()],
        };
        // a file system may not distinguish capitals from small letters
        let replaces = |name: &&RefName| name.as_bytes().to_ascii_lowercase().starts_with(b"refs/replace/");
        if let Some(name) = names.iter().find(replaces) {
            let cause = format!("the push sets `{name}`, which makes git show replaced content");
            return Err(Faults::one(
                Diagnostic::error(Code::NoEvidence, cause)
                    .help("leave it out of the push; the server's administrator can set it"),
            ));
        }
        Ok(names)
    }

    fn side<'r>(&self, name: &'r RefName) -> RefSide<'r> {
        RefSide::Named { name: name.as_bytes(), default_branch: self.is_default_branch(name) }
    }

    fn is_default_branch(&self, name: &RefName) -> Option<bool> {
        if !name.as_bytes().starts_with(b"refs/heads/") {
            return Some(false);
        }
        match (self.is_default)(name) {
            // a file system may not distinguish them, where this is received or where it is fetched
            Some(false) if self.refs.is_some() => Some(self.default.is_some_and(|default| is_alike(default, name))),
            found => found,
        }
    }

    /// Returns what the ref points to where the push goes.
    fn old(&self, update: &Update) -> Result<RangeEnd, Faults> {
        match (self.repository.revision_at(update.old), self.remote) {
            (Ok(old), _) => Ok(old),
            (Err(EvidenceError::MissingObject { id, .. }), Some(remote)) => Err(Faults::one(
                Diagnostic::error(
                    Code::NoEvidence,
                    format!("`{}` of the remote is at {id}, which this clone does not have", update.name),
                )
                .help(format!("see what came in meanwhile: `git fetch {}`, and push again", shell_word(remote))),
            )),
            (Err(error), _) => Err(fault(error)),
        }
    }
}
