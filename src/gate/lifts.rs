//! What is brought along to lift findings: grants and an incident, and what of the change they are compared with.

use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::change::CommandLine;
use crate::change::ci::Pipeline;
use crate::change::git::{CommitId, EvidenceError, Range, RefName, Repository, Revision};
use crate::decision::{Decision, Finding, Granted, Verdict};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::repository_name::name_of;
use crate::gate::request::LiftRequest;
use crate::gate::unfinished::{NotGranted, of_grant};
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::grant::{
    self, BoundCommand, ChangeAtHand, ChangedRef, Circumstances, Condition, Grant, GrantFault, MAX_BYTES, Spending,
    Untold, granted_by, incident_alone, too_large,
};
use crate::proof::posted;
use crate::proof::record::Folded;
use crate::proof::signature::SignatureFault;
use crate::reach::Reach;
use crate::report::grant::{GrantState, not_valid};
use crate::shell::shell_word;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The push option that carries a grant: `git push -o freezegate-grant=…`.
pub(crate) const PUSH_OPTION: &str = "freezegate-grant";

/// For so long a requested grant that expired is mentioned where it would have counted.
const RECENTLY: Seconds = Seconds::days(1);

/// The most grants that one change may bring along.
const MAX_GRANTS: usize = 16;

/// The grants and the incident that are given to lift findings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifting {
    /// What whoever asks brings.
    grants: Vec<Grant>,
    /// The files of those that were read from one, each by the id of its grant.
    files: Vec<(String, String)>,
    /// Everything that was found in refs of the repository, which may be for any change.
    posted: Vec<Grant>,
    incident: Option<String>,
    repository: Option<String>,
    /// Everything that is changed, ref by ref.
    parts: Vec<ChangedRef>,
    /// The command that is started.
    command: Option<CommandLine>,
    /// True if a plan of infrastructure is applied.
    has_plan: bool,
    /// True if the change is only proposed, which uses no grant up.
    proposed: bool,
    /// True if a server judges it next.
    is_before_push: bool,
    /// Requested grants that expired shortly before.
    expired: Vec<Grant>,
    authors: Vec<String>,
    /// The reason why the authors can't be determined.
    authors_unknown: Option<String>,
    pushers: Vec<String>,
    /// Files that push options name in place of a grant.
    not_grants: Vec<String>,
    /// What other policies that are asked refuse, and grants override.
    overridden_elsewhere: Vec<Finding>,
}

/// A ref that is changed, as it is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    /// Its full name, if that is known.
    pub(crate) reference: Option<RefName>,
    /// What was there and what shall be.
    pub(crate) range: Range,
    /// From which commit on its authors are looked for, where nothing was there.
    pub(crate) since: Option<Revision>,
    /// The environments that it concerns; `None` for all.
    pub(crate) environments: Option<Vec<String>>,
}

/// The grants and the incident that lifted findings in a decision, for the record.
#[derive(Debug, Default)]
pub(crate) struct Lifted {
    /// The reason, in the words of the grants.
    pub(crate) reasons: Vec<String>,
    /// The incident that was named, by the caller or by a grant.
    pub(crate) incident: Option<String>,
    /// The people who asked for the grants.
    pub(crate) requesters: Vec<String>,
    /// The people who signed them.
    pub(crate) signers: Vec<String>,
    /// The grants that are good for one use, and have had it.
    pub(crate) spent: Vec<String>,
}

impl Lifting {
    /// What the command line and the environment bring.
    pub(crate) fn of_arguments(args: &LiftRequest, world: &dyn World) -> Result<Self, Faults> {
        let mut lifting = Self::of_environment(world)?;
        for path in &args.grants {
            let grant = read_file(path, world)?;
            // what comes through a pipe can't be signed there
            if let Some(path) = path.to_str().filter(|path| *path != "-") {
                lifting.files.push((grant.terms.id.clone(), path.to_owned()));
            }
            lifting.add(grant)?;
        }
        lifting.incident = incident(args.incident.as_deref())?;
        lifting.repository.clone_from(&args.repository);
        Ok(lifting)
    }

    /// What is known of the use of one grant that is only looked at: its command is taken to be the one that is started.
    pub(crate) fn of_verify(grant: Grant, args: LiftRequest, pushers: Vec<String>) -> Result<Self, Faults> {
        Ok(Self {
            command: grant.terms.command.as_ref().map(BoundCommand::line),
            grants: vec![grant],
            incident: incident(args.incident.as_deref())?,
            repository: args.repository,
            pushers,
            ..Self::default()
        })
    }

    fn add(&mut self, grant: Grant) -> Result<(), Faults> {
        if self.grants.len() >= MAX_GRANTS {
            return Err(Faults::one(
                Diagnostic::error(Code::BadGrant, format!("the change brings more than {MAX_GRANTS} grants"))
                    .help("give only grants for this change"),
            ));
        }
        self.grants.push(grant);
        Ok(())
    }

    /// What the environment brings: `FREEZEGATE_GRANT`, a path or the text.
    pub(crate) fn of_environment(world: &dyn World) -> Result<Self, Faults> {
        let mut grants = Vec::new();
        if let Some(variable) = world.variable("FREEZEGATE_GRANT") {
            let text = variable.into_string().map_err(|_| {
                Faults::one(
                    Diagnostic::error(Code::BadGrant, "`FREEZEGATE_GRANT` is not UTF-8")
                        .help("give a path, or the text of the grant"),
                )
            })?;
            // every grant has several lines, and no path has
            grants.push(if text.contains('\n') {
                Grant::read("FREEZEGATE_GRANT", text.as_bytes())?
            } else {
                read_file(Path::new(&text), world)?
            });
        }
        Ok(Self { grants, ..Self::default() })
    }

    /// The same, with grants that were found in refs of the repository and that are not over at `at`, in seconds since
    /// 1970-01-01T00:00:00Z. Those that nobody signed are among them if they are for one change, as a lift may ask for no signature; but
    /// what nobody signed opens no change that nobody asked for.
    pub(crate) fn with_posted(mut self, posted: Vec<Grant>, at: Instant) -> Self {
        let is_known = |id: &str| self.grants.iter().any(|grant| grant.terms.id == id);
        let older = std::mem::take(&mut self.posted);
        // a text without signatures takes no signed one away
        let may_come_bare =
            |grant: &Grant| grant.terms.is_for_one_use() && !older.iter().any(|known| known.terms.id == grant.terms.id);
        let is_good = |grant: &Grant| grant.fingerprints().next().is_some() || may_come_bare(grant);
        let may_count = |grant: &Grant| !is_known(&grant.terms.id) && is_good(grant);
        // what is found later has the newest signatures
        let may_count: Vec<Grant> = posted.into_iter().filter(may_count).collect();
        let (found, over): (Vec<Grant>, Vec<Grant>) = may_count.into_iter().partition(|grant| at < grant.terms.expires);
        let is_recent = |grant: &Grant| at < grant.terms.expires.saturating_add(RECENTLY);
        self.expired = over.into_iter().filter(is_recent).take(MAX_GRANTS).collect();
        let is_older = |grant: &Grant| !found.iter().any(|newer| newer.terms.id == grant.terms.id);
        self.posted = older.into_iter().filter(is_older).collect();
        self.posted.extend(found);
        self
    }

    /// All grants that may lift something.
    fn all(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().chain(&self.posted)
    }

    /// The same, and those that expired shortly before.
    fn looked_at(&self) -> impl Iterator<Item = &Grant> {
        self.all().chain(&self.expired)
    }

    /// What the options of a push bring (githooks(5), "pre-receive").
    pub(crate) fn of_push(world: &dyn World) -> Result<Self, Faults> {
        let fault = |cause: String| {
            Faults::one(
                Diagnostic::error(Code::BadGrant, cause)
                    .help("push with what `freezegate grant push-option FILE` prints"),
            )
        };
        let text = |name: &str| match world.variable(name) {
            None => Ok(None),
            Some(value) => {
                value.into_string().map(Some).map_err(|_| fault(format!("the variable `{name}` is not UTF-8")))
            }
        };
        let Some(count) = text("GIT_PUSH_OPTION_COUNT")? else {
            return Ok(Self::default());
        };
        let count: u32 =
            count.parse().map_err(|_| fault("git does not say how many push options there are".to_owned()))?;
        let mut lifting = Self::default();
        for number in 0..count {
            let option = text(&format!("GIT_PUSH_OPTION_{number}"))?
                .ok_or_else(|| fault(format!("push option {} of {count} is empty or missing", number + 1)))?;
            let Some(encoded) = option.strip_prefix(PUSH_OPTION).and_then(|rest| rest.strip_prefix('=')) else {
                lifting.not_grants.extend(named_like_a_grant(&option));
                continue;
            };
            let name = format!("push option {}", number + 1);
            let bytes = Base64UrlUnpadded::decode_vec(encoded)
                .map_err(|_| fault(format!("the {name} `{PUSH_OPTION}` is not base64url")))?;
            lifting.add(Grant::read(&name, &bytes)?)?;
        }
        Ok(lifting)
    }

    /// Returns what to say of push options that are named like a grant, and are none.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let doubt = |file: &String| {
            let shown = shell_word(file);
            let option = format!("-o \"$(freezegate grant push-option {shown})\"");
            for_terminal(&format!("the push option `{file}` is not a grant: use `{option}`")).into_owned()
        };
        self.not_grants.iter().map(doubt).collect()
    }

    /// Returns whether nothing is brought.
    pub(crate) fn is_empty(&self) -> bool {
        self.looked_at().next().is_none() && self.incident.is_none()
    }

    /// Returns whether any grant is for one change or command, so that what differs has to be looked at.
    pub(crate) fn is_for_one_change(&self) -> bool {
        self.looked_at().any(|grant| grant.terms.is_for_one_use())
    }

    /// The same, for a command that is to be started.
    pub(crate) fn starting(self, command: Option<&CommandLine>) -> Self {
        Self { command: command.cloned(), ..self }
    }

    /// The same, for a plan of infrastructure that is to be applied, if there is one.
    pub(crate) fn applying(self, has_plan: bool) -> Self {
        Self { has_plan, ..self }
    }

    /// The same, compared with what `repository` says: its name, and who wrote what is changed. The authors of all that is changed
    /// count.
    pub(crate) fn at(mut self, repository: &Repository, moved: &[Moved]) -> Result<Self, Faults> {
        // an incident says nothing of the change, and whoever wrote that need not be looked for
        if self.looked_at().next().is_none() {
            return Ok(self);
        }
        let evidence = |error: EvidenceError| Faults::one(crate::gate::fault::no_evidence(&error));
        if self.repository.is_none() {
            self.repository = name_of(repository).map_err(evidence)?;
        }
        let ranges = moved.iter().filter_map(|one| {
            let old = one.range.old.or(one.since);
            one.range.new.map(|new| (old.map(|old| old.commit), new.commit))
        });
        let ranges: Vec<_> = ranges.collect();
        let tips: Vec<CommitId> = ranges.iter().flat_map(|(old, new)| old.iter().copied().chain([*new])).collect();
        match repository.with_history(&tips, |repository| repository.authors_of(&ranges)) {
            Ok(authors) => self.authors = authors,
            Err(error) => self.authors_unknown = Some(error.to_string()),
        }
        Ok(self)
    }

    /// The same, compared with what differs on each ref.
    pub(crate) fn of_parts(mut self, repository: &Repository, moved: &[Moved]) -> Self {
        if self.is_for_one_change() {
            self.parts = moved.iter().map(|one| part(repository, one)).collect();
        }
        self
    }

    /// The same for a change that is only proposed: a check of a pull request uses no grant up.
    pub(crate) fn only_proposed(self, proposed: bool) -> Self {
        Self { proposed, ..self }
    }

    /// The same for a push that a server judges next.
    pub(crate) fn before_push(self) -> Self {
        Self { is_before_push: true, ..self }
    }

    /// The change as grants are compared with it.
    pub(crate) fn change<'a>(&'a self, reach: &'a Reach) -> ChangeAtHand<'a> {
        ChangeAtHand {
            repository: self.repository.as_deref(),
            parts: &self.parts,
            command: self.command.as_ref(),
            has_plan: self.has_plan,
            reach,
            authors: self.authors_unknown.as_deref().map_or(Ok(self.authors.as_slice()), Err),
            pushers: &self.pushers,
            incident: self.incident.as_deref(),
        }
    }

    /// The same, with everything that a server reports of the one who pushes, in variables of its own: GitLab, Gitea and Forgejo,
    /// GitHub Enterprise Server, gitolite, and git's own HTTP server (git-http-backend(1)).
    pub(crate) fn pushed(mut self, world: &dyn World) -> Self {
        const NAMES: [&str; 7] = [
            "GL_USERNAME",
            "GITEA_PUSHER_NAME",
            "GITEA_PUSHER_EMAIL",
            "GITHUB_USER_LOGIN",
            "GL_USER",
            "REMOTE_USER",
            "FREEZEGATE_PUSHER",
        ];
        let known = NAMES.iter().filter_map(|name| world.variable(name));
        self.pushers = known.map(|value| value.to_string_lossy().into_owned()).collect();
        self
    }

    /// The same, with everything that a CI provider reports of those whose doing the job is.
    pub(crate) fn run_by(mut self, pipeline: &Pipeline) -> Self {
        self.pushers.extend(pipeline.actor.iter().chain(&pipeline.started_by).cloned());
        self
    }

    /// The same, where these findings of other policies that are asked are overridden: the decision tells them too, and uses their grants up.
    pub(crate) fn beside(self, findings: &[Finding]) -> Self {
        // the line of another policy is none of the one that the answer cites
        let untold = |finding: &Finding| Finding { place: None, ..finding.clone() };
        Self { overridden_elsewhere: findings.iter().map(untold).collect(), ..self }
    }

    /// The findings of other policies that are overridden; `None` if a grant that overrides one was used meanwhile.
    pub(crate) fn overridden_elsewhere(&self, folded: Option<&Folded>) -> Option<&[Finding]> {
        let spent = folded.map(Folded::spent);
        let is_spent = |grant: &&Grant| {
            self.counts_elsewhere(grant)
                && grant.terms.is_for_one_use()
                && spent.as_ref().is_some_and(|spent| spent.contains(grant.terms.id.as_str()))
        };
        self.all().find(is_spent).is_none().then_some(&self.overridden_elsewhere)
    }

    /// Returns whether a grant overrides a finding of another policy.
    fn counts_elsewhere(&self, grant: &Grant) -> bool {
        let by = granted_by(&grant.terms.id);
        let lifts = |finding: &Finding| finding.lifted_by.as_ref().is_some_and(|one| Granted::is_named(&by, one));
        self.overridden_elsewhere.iter().any(lifts)
    }

    /// Whoever pushes the change, by all names that are known.
    pub(crate) fn pushers(&self) -> &[String] {
        &self.pushers
    }

    /// The incident that the caller names.
    pub(crate) fn incident(&self) -> Option<&str> {
        self.incident.as_deref()
    }

    /// Returns what is lifted, and for people why the rest is not. What is good for one use, and an incident alone, count only where there
    /// is a record to note that in.
    pub(crate) fn granted(
        &self,
        policy: &Policy,
        reach: &Reach,
        at: Instant,
        folded: Option<&Folded>,
    ) -> (Vec<Granted>, NotGranted) {
        if self.is_empty() {
            return (Vec::new(), NotGranted::default());
        }
        let spent = folded.map(Folded::spent);
        let mut granted = Vec::new();
        let mut notes = Vec::new();
        let mut unfinished = Vec::new();
        let now = Circumstances {
            at,
            policy,
            change: Some(self.change(reach)),
            spent: match spent {
                Some(spent) => Spending::Recorded(spent),
                None if self.proposed => Spending::NotUsed,
                None => Spending::Unrecorded,
            },
        };
        let is_meant = |grant: &Grant, faults: &[GrantFault]| {
            self.grants.iter().any(|brought| brought.terms.id == grant.terms.id) || is_for_this(grant, faults, &now)
        };
        for grant in self.all() {
            match grant.check(&now) {
                Ok(lifted) => granted.push(lifted),
                // it is good for another policy
                Err(_) if self.counts_elsewhere(grant) => {}
                Err(faults) if is_meant(grant, &faults) => {
                    let waits = GrantState::of(&faults) == GrantState::Waiting;
                    notes.extend(not_valid(&grant.terms.id, &faults));
                    unfinished.extend(of_grant(grant, &faults, self.signed_as(&grant.terms.id)));
                    if waits && self.posted.iter().any(|posted| posted.terms.id == grant.terms.id) {
                        notes.push(how_to_sign(&grant.terms.id));
                    }
                    if self.is_before_push && faults.contains(&GrantFault::NoRecord) {
                        notes.push(FOR_THE_SERVER.to_owned());
                    }
                }
                // one of many that wait, for another change
                Err(_) => {}
            }
        }
        notes.extend(self.expired.iter().filter_map(|grant| expired_note(grant, &now)));
        if let Some(incident) = &self.incident {
            match incident_alone(policy, incident, folded.is_some(), at, reach.is_of_hazards()) {
                Ok(lifted) => granted.extend(lifted),
                Err(_) if self.all().next().is_some() => {}
                Err(GrantFault::Unrecorded) => notes.push(format!(
                    "`--incident {incident}` needs `--record`: an override without signatures must be recorded"
                )),
                Err(fault) => notes.push(format!("the incident `{incident}` alone overrides nothing: {fault}")),
            }
        }
        let notes = notes.iter().map(|note| for_terminal(note).into_owned()).collect();
        (granted, NotGranted { notes, unfinished })
    }

    /// Returns what `grant sign` takes for the grant of this id: its file, or its id in a ref of the repository.
    fn signed_as(&self, id: &str) -> Option<String> {
        let file = self.files.iter().find(|(known, _)| known == id).map(|(_, file)| file.clone());
        file.or_else(|| self.posted.iter().any(|posted| posted.terms.id == id).then(|| id.to_owned()))
    }

    /// Returns what lifted findings in `decision`. A grant is spent only where the change may go: else it has lifted nothing yet. So too
    /// where it is only proposed.
    pub(crate) fn lifted(&self, policy: &Policy, decision: &Decision) -> Lifted {
        let mut lifted = Lifted { incident: self.incident.clone(), ..Lifted::default() };
        let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
        for grant in self.all() {
            let by = granted_by(&grant.terms.id);
            let lifts = |lifted_by: &String| Granted::is_named(&by, lifted_by);
            if !decision.findings.iter().any(|finding| finding.lifted_by.as_ref().is_some_and(lifts)) {
                continue;
            }
            lifted.reasons.push(grant.terms.reason.clone());
            lifted.incident = lifted.incident.or_else(|| grant.terms.incident.clone());
            lifted.requesters.push(grant.terms.requester.clone());
            let signers = roster.map_or_else(Vec::new, |roster| grant.signed_by(roster, decision.at));
            lifted.signers.extend(signers.into_iter().map(str::to_owned));
            if grant.terms.is_for_one_use() && decision.verdict == Verdict::Allowed && !self.proposed {
                lifted.spent.push(grant.terms.id.clone());
            }
        }
        lifted
    }
}

/// What a hook of a clone says of a grant that it can't use: the server keeps a record.
const FOR_THE_SERVER: &str =
    "the server may still accept the grant: `git push --no-verify -o \"$(freezegate grant push-option FILE)\"`";

/// Returns how somebody signs a requested grant.
fn how_to_sign(id: &str) -> String {
    format!("to sign grant `{id}`: `freezegate grant sign {id} --key KEY`")
}

/// Returns that a requested grant for the change at hand expired; `None` if it is for another.
fn expired_note(grant: &Grant, now: &Circumstances<'_>) -> Option<String> {
    let faults = grant.check(now).err()?;
    let (over, others): (Vec<GrantFault>, Vec<GrantFault>) =
        faults.into_iter().partition(|fault| matches!(fault, GrantFault::Expired(_)));
    let fault = over.first().filter(|_| !others.contains(&GrantFault::Spent) && is_for_this(grant, &others, now))?;
    Some(format!("grant `{}` for this change {fault}", grant.terms.id))
}

/// Returns whether a grant that does not count for these reasons is for the change at hand all the same, so that somebody waits for it: signatures
/// are missing, it was altered or used, the policy has changed since, or it names the repository otherwise.
fn is_for_this(grant: &Grant, faults: &[GrantFault], now: &Circumstances<'_>) -> bool {
    let is_altered = |fault: &GrantFault| {
        matches!(fault, GrantFault::Signature { person: Some(_), fault: SignatureFault::Mismatch, .. })
    };
    if faults.iter().any(is_altered) {
        return true;
    }
    if faults.contains(&GrantFault::Spent) {
        return match grant.check(&Circumstances { spent: Spending::NotUsed, ..*now }) {
            Ok(_) => true,
            Err(faults) => is_for_this(grant, &faults, now),
        };
    }
    faults.iter().all(|fault| match fault {
        GrantFault::Differs { condition: Condition::Policy | Condition::Repository, .. }
        | GrantFault::Unknown(Condition::Repository)
        | GrantFault::NoRecord
        | GrantFault::Spent
        | GrantFault::NoRoster
        | GrantFault::NotLiftable(_)
        | GrantFault::Unsigned
        | GrantFault::Signature { .. }
        | GrantFault::Stranger { .. }
        | GrantFault::Key { .. }
        | GrantFault::Again { .. }
        | GrantFault::UnknownAuthors(_)
        | GrantFault::Unrecorded
        | GrantFault::Party { .. }
        | GrantFault::NoIncident(_)
        | GrantFault::TooLong(..)
        | GrantFault::Missing { .. } => true,
        GrantFault::NotYet(_)
        | GrantFault::Expired(_)
        | GrantFault::Differs { .. }
        | GrantFault::ActsElsewhere { .. }
        | GrantFault::Unknown(_)
        | GrantFault::NoCommand
        | GrantFault::NoPlan
        | GrantFault::NoDifference
        | GrantFault::UnknownDifference(_)
        | GrantFault::UnknownFinding(_)
        | GrantFault::UnknownName { .. }
        | GrantFault::LiftsNothing(_)
        | GrantFault::NotAlone
        | GrantFault::NotForIncidents
        | GrantFault::Untold(_) => false,
    })
}

/// The incident that the option `--incident` names.
pub(crate) fn incident(given: Option<&str>) -> Result<Option<String>, Faults> {
    meaningful_text("--incident", given, ("INC-7", grant::incident)).map_err(Faults::one)
}

/// The rule by which a text says something.
type TextRule = fn(&str) -> Result<(), Untold>;

/// Refuses a text that is left as a printed command has it, where something is to be filled in: `INC-…` of an incident, `…` of a reason.
pub(crate) fn is_filled_in(option: &str, text: &str, example: &str) -> Result<(), Diagnostic> {
    let is_left = grant::incident(text) == Err(Untold::Placeholder);
    // a reason is in people's own words, which may have dots
    let is_bare = !text.chars().any(char::is_alphanumeric) && text.contains('…');
    if is_bare || (is_left && option == "--incident") {
        let cause = format!("`{option}` is `{}`, which {}", for_terminal(text), Untold::Placeholder);
        return Err(Diagnostic::error(Code::InvalidUsage, cause).help(Untold::Placeholder.help(option, example)));
    }
    Ok(())
}

/// A text that an option gives, with an example of one, and the rule by which it says something.
pub(crate) fn meaningful_text(
    option: &str,
    given: Option<&str>,
    (example, rule): (&str, TextRule),
) -> Result<Option<String>, Diagnostic> {
    let Some(text) = given else {
        return Ok(None);
    };
    rule(text).map(|()| Some(text.to_owned())).map_err(|untold| {
        let cause = format!("`{option}` is `{}`, which {untold}", for_terminal(text));
        Diagnostic::error(Code::InvalidUsage, cause).help(untold.help(option, example))
    })
}

/// Returns what differs on a ref.
pub(crate) fn part(repository: &Repository, moved: &Moved) -> ChangedRef {
    let difference = repository.difference_digest(moved.range);
    ChangedRef {
        reference: moved.reference.as_ref().map(RefName::to_string),
        difference: difference.map(|digest| digest.to_string()).map_err(|error| error.to_string()),
        environments: moved.environments.clone(),
    }
}

/// Reads a grant from `path`, `-` being standard input.
pub(crate) fn read_file(path: &Path, world: &dyn World) -> Result<Grant, Faults> {
    let name = path.display().to_string();
    let fault = |error: &std::io::Error| {
        let is_id = error.kind() == std::io::ErrorKind::NotFound && posted::ref_of(&name).is_some();
        let (cause, help) = if is_id {
            let cause = format!("there is no file `{name}`, and a grant is passed as a file, not by its id");
            (cause, "leave it out, and add `--fetch`: that finds the grants that were requested")
        } else {
            let cause = format!("the grant `{name}` can't be read: {}", system_words(error));
            (cause, "fix the path, or write one with `freezegate grant new`")
        };
        Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help(help))
    };
    if path != Path::new("-") {
        let length = usize::try_from(world.length(path).map_err(|error| fault(&error))?).unwrap_or(usize::MAX);
        if length > MAX_BYTES {
            return Err(too_large(&name, length));
        }
    }
    // one more than a grant may have
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = if path == Path::new("-") { world.read_input(limit) } else { world.read(path, limit) };
    Grant::read(&name, &read.map_err(|error| fault(&error))?)
}

/// The file that somebody means who gives its name as a push option, `fix.grant` or `grant=fix.grant`.
fn named_like_a_grant(option: &str) -> Option<String> {
    let file = option.rsplit_once('=').map_or(option, |(_, file)| file);
    let is_file = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("grant"));
    is_file.then(|| file.to_owned())
}
