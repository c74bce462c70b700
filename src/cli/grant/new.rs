//! `grant new`: writing a grant from a refusal.

use std::cell::RefCell;

use crate::change::CommandLine;
use crate::change::git::{RefName, Repository};
use crate::cli::args::{CheckArgs, Format, GrantNewArgs, LiftArgs, OutputArgs, RecordArgs};
use crate::cli::check::decide_and;
use crate::cli::edge::Edge;
use crate::cli::grant::advice::{fault as grant_fault, or_organisation};
use crate::cli::grant::needs::{AskedOverride, OverrideNeeds, push_new};
use crate::cli::grant::refused::{RefusedChange, RefusedDecision, RefusedFinding};
use crate::cli::grant::verify::is_policy_branch;
use crate::cli::run::program::FoundProgram;
use crate::cli::signing::own_address;
use crate::diagnostic::{Code, Faults};
use crate::escape::bytes_for_terminal;
use crate::fact::FactKey;
use crate::gate::edit::EditSearch;
use crate::gate::fault::{fault, no_evidence, of_option};
use crate::gate::gather::range_text;
use crate::gate::judgement::no_instant;
use crate::gate::lifts;
use crate::gate::repository;
use crate::gate::repository_name::name_of;
use crate::gate::request::CheckRequest;
use crate::gate::source::{self, PolicySource};
use crate::policy::{Policy, duration};
use crate::proof::grant::{
    self, BoundChange, BoundCommand, Grant, LONGEST_FOR_INCIDENT, NotText, Terms, policy_digest,
};
use crate::report::{Answer, AnswerMode, Rendered};
use crate::time::seconds::Seconds;

/// The help if a duration can't be one of a grant.
const HOW_LONG: &str = "write `30m` or `1h`";

/// The text of the grant.
pub(super) fn new(args: &GrantNewArgs, edge: &Edge) -> Result<NewGrant, Faults> {
    let incident = lifts::incident(args.incident.as_deref())?;
    lifts::meaningful_text("--reason", Some(&args.reason), ("\"logins fail\"", grant::reason)).map_err(Faults::one)?;
    if args.plan.is_some() {
        return Err(grant_fault(
            Code::InvalidUsage,
            "`--plan`: a grant is not bound to a plan, which may do anything",
            "leave `--plan` out: for the commits of the change give `--range OLD..NEW`; for the plan, name its environments and add `--any-change --incident ID`",
        ));
    }
    let is_empty = args.environments.is_empty() && args.range.is_none() && args.command.is_empty();
    if is_empty && args.from.is_none() {
        return Err(nothing_named(args, edge));
    }
    let command = command_line(args, edge)?;
    let mut refused = match &args.from {
        Some(path) => RefusedDecision::read(path)?,
        // what it takes to go now is what refuses it now
        None => refusal(args, command.as_ref(), edge)?,
    };
    if args.policy_from.is_some() {
        // edits are judged by the policy in force, which is another
        refused.leave_out_edits();
    }
    if !refused.is_refusal() {
        return Err(grant_fault(
            Code::BadGrant,
            format!("nothing is refused, so there is nothing to override: the decision is `{}`", refused.decision),
            or_organisation("for a later time, add `--at TIME`", &args.policy),
        ));
    }
    let not_before = edge.asked_instant(args.at.as_deref(), None).map_err(Faults::one)?;
    let lasts = lasts(args)?;
    let in_force = in_force(args, edge, &refused)?;
    let mut environments = Vec::new();
    let mut regions = Vec::new();
    for reached in refused.reached {
        push_new(&mut environments, reached.environment);
        if let Some(region) = reached.region {
            push_new(&mut regions, region);
        }
    }
    // the policy that the refusal is by, if it is not another's
    let policy = match (in_force, policy_of_commit(args, edge)?) {
        (_, Some(policy)) => policy,
        (Some(source), None) => source.policy,
        (None, None) => source::read(&args.policy.place(), edge)?,
    };
    let requester = match &args.requester {
        Some(requester) => requester.clone(),
        None => address_of_asker()?,
    };
    let asked = AskedOverride {
        policy: &policy,
        place: &args.policy,
        requester: &requester,
        has_incident: incident.is_some(),
        lasts,
    };
    let OverrideNeeds { lifts, needs_signatures, mut warnings } = asked.needs(refused.findings, &mut environments)?;
    if environments.is_empty() {
        // what concerns no environment in particular concerns all
        environments = policy.environments.iter().map(|environment| environment.name.clone()).collect();
    }
    let change = if args.any_change { None } else { bound(args, refused.change, edge)? };
    if change.is_none() && command.is_none() && !args.any_change {
        return Err(grant_fault(
            Code::BadGrant,
            "the grant names no change, so it would permit any",
            "for one change give `--range OLD..NEW` and `--ref REF`; for one command `-- COMMAND`; for any change during an incident `--any-change --incident ID`",
        ));
    }
    let terms = Terms {
        id: String::new(),
        repository: match &args.repository {
            Some(name) => name.clone(),
            None => repository_name(edge)?,
        },
        environments,
        regions,
        lifts,
        reason: args.reason.clone(),
        incident,
        requester,
        not_before,
        expires: not_before.saturating_add(lasts),
        policy: String::new(),
        change,
        command: command.as_ref().map(bound_command).transpose()?,
    };
    let digest = policy_digest(&policy, &terms);
    let terms = Terms { policy: digest, ..terms };
    let text = terms.identified().and_then(|terms| terms.to_text()).map_err(|error| no_instant(error.into()))?;
    // what is written is compared with the rules for what is read
    let terms = Grant::read("new grant", text.as_bytes())?.terms;
    warnings.extend(terms.command.as_ref().and_then(unknown_facts));
    Ok(NewGrant { text, needs_signatures, warnings })
}

/// A new grant.
pub(super) struct NewGrant {
    /// The text, to be signed.
    pub(super) text: String,
    /// True if no entry of the policy lets it count as it is.
    needs_signatures: bool,
    /// What it leaves open, and who is missing to sign it.
    warnings: Vec<String>,
}

impl NewGrant {
    /// Returns what it leaves open, and who is missing to sign it, as far as that is known.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns whether somebody has to sign it; if not, it counts as it is.
    pub(super) const fn needs_signatures(&self) -> bool {
        self.needs_signatures
    }

    /// Returns what is missing for it to count.
    pub(super) const fn note(&self) -> &'static str {
        if self.needs_signatures {
            "it is not valid until it has the required signatures"
        } else {
            "it needs no signature, but a record (`--record`)"
        }
    }
}

/// How long the grant is to last, in seconds.
fn lasts(args: &GrantNewArgs) -> Result<Seconds, Faults> {
    let fault = |cause: String, help: &str| grant_fault(Code::BadDuration, cause, help);
    let lasts = duration::seconds(&args.lasts).map_err(|cause| fault(format!("`--lasts`: {cause}"), HOW_LONG))?;
    if lasts <= Seconds::ZERO {
        return Err(fault(format!("`--lasts {}`: a grant that lasts no time is never valid", args.lasts), HOW_LONG));
    }
    if args.any_change && lasts > LONGEST_FOR_INCIDENT {
        return Err(fault(
            format!("`--lasts {}`: a grant for any change lasts 1 h at most", args.lasts),
            "give `--lasts 1h`, or name the one change: `--range OLD..NEW --ref REF`",
        ));
    }
    Ok(lasts)
}

/// The policy of the commit that is named, if one is.
fn policy_of_commit(args: &GrantNewArgs, edge: &Edge) -> Result<Option<Policy>, Faults> {
    let Some(name) = &args.policy_from else {
        return Ok(None);
    };
    let repository = repository::here(edge)?;
    let revision = repository.revision(name).map_err(|error| of_option("--policy-from", name, error))?;
    let found = source::in_commit(&args.policy.place(), edge, &repository, revision, &format!("`{name}`"))?;
    let cause = format!("there is no policy in the commit {} ({name})", revision.commit);
    let none = || grant_fault(Code::NoPolicy, cause, "name a commit that has one, or leave `--policy-from` out");
    found.map(|source| Some(source.policy)).ok_or_else(none)
}

/// The command that the grant is for, if it is for one.
fn command_line(args: &GrantNewArgs, edge: &Edge) -> Result<Option<CommandLine>, Faults> {
    if args.command.is_empty() {
        return Ok(None);
    }
    let program = FoundProgram::find(&args.command, edge).map_err(|error| {
        let help = "write the grant where the command is started: the path of its program counts";
        grant_fault(Code::InvalidUsage, error.to_string(), help)
    })?;
    Ok(Some(program.line(edge)))
}

/// The refusal of the change or the command.
fn refusal(args: &GrantNewArgs, command: Option<&CommandLine>, edge: &Edge) -> Result<RefusedDecision, Faults> {
    let question = question(args);
    let mode = if command.is_some() { AnswerMode::Run } else { AnswerMode::Check };
    let asked = CheckRequest { command: command.cloned(), ..question.request() };
    let refused = RefCell::new(None);
    let render = |answer: &Answer<'_>, _| {
        *refused.borrow_mut() = Some(RefusedDecision::of(answer));
        Ok(Rendered::default())
    };
    decide_and(mode, asked, &question, (edge, &render)).map_err(|mut faults| {
        // the names may be the organisation's
        for diagnostic in faults.diagnostics.iter_mut().filter(|one| one.code == Code::UnknownName) {
            diagnostic.help = diagnostic.help.as_deref().map(|help| or_organisation(help, &args.policy));
        }
        faults
    })?;
    refused.into_inner().ok_or_else(|| {
        grant_fault(Code::Internal, "the refusal was not told", "report this to freezegate's developers")
    })
}

/// The command as a grant has it.
fn bound_command(command: &CommandLine) -> Result<BoundCommand, Faults> {
    BoundCommand::of(command).map_err(|NotText(bytes)| {
        let shown = bytes_for_terminal(&bytes).into_owned();
        let cause = format!("`{shown}` of the command is not UTF-8, and a grant is a text");
        grant_fault(Code::BadGrant, cause, "put the command into a script whose name is UTF-8")
    })
}

/// The warning that a grant does not say all that its command acts on; `None` if everything is known.
fn unknown_facts(command: &BoundCommand) -> Option<String> {
    let unknown: Vec<&str> = command.unknown().map(FactKey::noun).collect();
    (!unknown.is_empty()).then(|| {
        let unknown = unknown.join(" and the ");
        format!("the grant does not name the {unknown} of the command, which could not be read; it is valid for any")
    })
}

/// The policy by which an edit of it is judged: that before it, as `check --range` has it. None if the change edits none, or goes where
/// no policy is read from.
fn in_force(args: &GrantNewArgs, edge: &Edge, refused: &RefusedDecision) -> Result<Option<PolicySource>, Faults> {
    let change = refused.change.as_ref();
    let Some(range) = change.and_then(|change| change.range.as_ref()).filter(|_| args.policy.files.is_empty()) else {
        return Ok(None);
    };
    if args.any_change && !refused.findings.iter().any(RefusedFinding::is_edit) {
        return Ok(None);
    }
    let repository = repository::here(edge)?;
    let range = repository.range(range).map_err(|error| of_option("--range", range, error))?;
    let reference = change.and_then(|change| change.reference.as_ref()).or(args.reference.as_ref());
    let reference = reference.map(RefName::new).transpose().map_err(fault)?;
    let default = repository.default_branch("origin").map_err(fault)?;
    if is_policy_branch((reference.as_ref(), default.as_ref())) == Some(false) {
        return Ok(None);
    }
    let search = EditSearch {
        args: &args.policy.place(),
        world: edge,
        repository: &repository,
        at: edge.now,
        is_recorded: true,
    };
    Ok(search.of_range(range)?.map(|(source, _)| source))
}

/// That nothing says what the grant is for, and what could, in names of the policy.
fn nothing_named(args: &GrantNewArgs, edge: &Edge) -> Faults {
    let known = source::read(&args.policy.place(), edge).map(|policy| {
        policy.environments.iter().take(3).map(|one| format!("`{}`", one.name)).collect::<Vec<_>>().join(", ")
    });
    let such_as = match known {
        Ok(names) if !names.is_empty() => format!(", such as {names}"),
        Ok(_) | Err(_) => String::new(),
    };
    grant_fault(
        Code::InvalidUsage,
        "nothing says what to override: no environment, commits, command or refusal",
        format!(
            "copy the command that the refusal shows; or name an environment{such_as}; or commits: `--range OLD..NEW`; or a command: `-- COMMAND`"
        ),
    )
}

/// The change that was looked at; none where none was.
fn bound(args: &GrantNewArgs, change: Option<RefusedChange>, edge: &Edge) -> Result<Option<BoundChange>, Faults> {
    let Some(change) = change else {
        return Ok(None);
    };
    let range = match (change.range, change.tree) {
        (Some(range), _) => range,
        (None, None) => return Ok(None),
        (None, Some(_)) => {
            return Err(grant_fault(
                Code::BadGrant,
                "the decision does not say between which commits it looked at one ref",
                "write the grant with `--range OLD..NEW --ref REF`, or for any change with `--any-change --incident ID`",
            ));
        }
    };
    let repository = repository::here(edge)?;
    let range = repository.range(&range).map_err(|error| of_option("--range", &range, error))?;
    let reference = match change.reference.or_else(|| args.reference.clone()) {
        Some(name) => RefName::new(&name).map_err(|error| of_option("--ref", &name, error))?,
        None => destination(&repository)?,
    };
    Ok(Some(BoundChange {
        reference: reference.to_string(),
        difference: repository.difference_digest(range).map_err(fault)?.to_string(),
        range: range_text(range),
    }))
}

/// The ref that a change goes to where nobody says: the default branch, else the branch that is checked out.
fn destination(repository: &Repository) -> Result<RefName, Faults> {
    if let Some(tracking) = repository.default_branch("origin").map_err(fault)? {
        let branch = tracking.to_string().replacen("refs/remotes/origin/", "refs/heads/", 1);
        return RefName::new(branch).map_err(fault);
    }
    repository.head().map_err(fault)?.branch.ok_or_else(|| {
        grant_fault(
            Code::BadGrant,
            "no branch is checked out, so the ref that is changed is not known",
            "give `--ref REF`",
        )
    })
}

/// The question whose refusal is to be lifted.
fn question(args: &GrantNewArgs) -> CheckArgs {
    CheckArgs {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        services: args.services.clone(),
        kinds: args.kinds.clone(),
        range: args.range.clone(),
        reference: args.reference.clone(),
        plan: None,
        plan_file: None,
        manifests: None,
        manifests_before: None,
        only: false,
        duration: args.duration.clone(),
        at: args.at.clone(),
        // a question, not an answer to be enforced, wherever it is put
        dry_run: true,
        enforce: false,
        no_ci: true,
        policy_from: args.policy_from.clone(),
        fetch: false,
        record: RecordArgs { location: None },
        lift: LiftArgs { grants: Vec::new(), incident: None, repository: None },
        policy: args.policy.clone(),
        output: OutputArgs { format: Format::Json, file: None, timezone: None },
    }
}

fn repository_name(edge: &Edge) -> Result<String, Faults> {
    let repository = repository::here(edge)?;
    let name = name_of(&repository).map_err(|error| Faults::one(no_evidence(&error)))?;
    name.ok_or_else(|| {
        grant_fault(
            Code::BadGrant,
            "the name of this repository is unknown",
            "give `--repository NAME`, or set it with `git config freezegate.repository NAME`",
        )
    })
}

/// Returns who asks, as git knows them.
fn address_of_asker() -> Result<String, Faults> {
    let unknown = || {
        grant_fault(
            Code::BadGrant,
            "the requester of the grant is unknown",
            "give `--requester a@example.com`, as in the roster",
        )
    };
    own_address().ok_or_else(unknown)
}
