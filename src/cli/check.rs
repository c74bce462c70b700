//! `check` and `next`: may it go now, and when?

use crate::change::{Declared, DeclaredNames};
use crate::cli::Status;
use crate::cli::args::{CheckArgs, Format};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::{evidence, policy};
use crate::decision::Schedule;
use crate::decision::openings::{Opening, openings};
use crate::decision::schedule::Question;
use crate::decision::standing::standing;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::{Policy, duration};
use crate::reach::{self, Reach, Shown};
use crate::report::{Answer, Trust, json, text};
use crate::time::zone::TimeError;

/// How many openings `next` tells.
const OPENINGS: usize = 5;

/// `freezegate check`: 0 allowed, 1 refused, 2 no decision.
pub(super) fn check(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    answer("check", args, edge, output)
}

/// `freezegate next`: 0 answered, also where the answer is "never".
pub(super) fn next(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    match answer("next", args, edge, output) {
        Status::Allowed | Status::Refused => Status::Allowed,
        Status::Undecided => Status::Undecided,
    }
}

fn answer(mode: &'static str, args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    let json = match args.output.format {
        Format::Text => false,
        Format::Json => true,
    };
    match decide(mode, args, edge) {
        Ok((text, status)) => {
            output.answer_to(args.output.file.as_deref(), &text);
            status
        }
        Err(faults) => {
            output.undecided(mode, &faults, json, edge);
            Status::Undecided
        }
    }
}

/// The answer as text and as a status.
fn decide(mode: &'static str, args: &CheckArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let policy = policy::read(&args.policy, edge)?;
    let evidence = if evidence::is_asked_for(args) {
        let repository = evidence::repository().map_err(Faults::one)?;
        let files = policy::paths_in(&repository, &policy, edge);
        Some(evidence::gather(args, &policy, &repository, files).map_err(Faults::one)?)
    } else {
        None
    };
    let (shown, examined) = evidence.map_or((None, None), |found| (Some(found.shown), Some(found.examined)));
    let asked = ask(args, edge, &policy, shown)
        .map_err(|diagnostics| Faults { sources: crate::diagnostic::Sources::default(), diagnostics })?;
    let question =
        Question { policy: &policy, reach: &asked.reach, declared: &asked.declared, duration: asked.duration };
    let standing = standing(&policy, &asked.reach);
    let time = |error: TimeError| {
        let help = "ask about an instant in the years 1 to 9000";
        Faults::one(Diagnostic::error(Code::BadInstant, error.to_string()).help(help))
    };
    let decision = Schedule::decide_at(&question, &standing, asked.at).map_err(time)?;
    let ahead: Option<Vec<Opening>> = match mode {
        "next" => Some(openings(&question, &standing, asked.at, OPENINGS).map_err(time)?),
        _ => None,
    };
    let asker = edge.asker(args.output.timezone.as_deref()).map_err(Faults::one)?;
    let warnings = edge.warnings(asked.at);
    let longest = asked.reach.reached.iter().map(|reached| question.duration_in(&reached.environment)).max();
    let answer = Answer {
        mode,
        trust: Trust::Advice,
        hypothetical: args.at.is_some(),
        advise: args.advise,
        policy: &policy,
        policy_from: "work tree",
        declared: &asked.names,
        kinds: asked.declared.kinds,
        duration: longest.or(asked.duration).unwrap_or(0),
        evidence: examined.as_ref(),
        reach: &asked.reach,
        decision: &decision,
        openings: ahead.as_deref(),
        asker: asker.as_ref(),
        warnings: &warnings,
    };
    let text = match (args.output.format, mode) {
        (Format::Json, _) => json::answer(&answer).map_err(|error| {
            Faults::one(
                Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers"),
            )
        })?,
        (Format::Text, "next") => text::next(&answer, edge.width()).map_err(time)?,
        (Format::Text, _) => text::check(&answer, edge.width()).map_err(time)?,
    };
    let status = if answer.is_refused() && !args.advise { Status::Refused } else { Status::Allowed };
    Ok((text, status))
}

/// The question as the policy understands it.
struct Asked {
    at: i64,
    duration: Option<i64>,
    names: DeclaredNames,
    declared: Declared,
    reach: Reach,
}

fn ask(args: &CheckArgs, edge: &Edge, policy: &Policy, shown: Option<Shown>) -> Result<Asked, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let at = edge.instant(args.at.as_deref()).map_err(|fault| faults.push(fault));
    let duration = args.duration.as_deref().map(duration::seconds).transpose().map_err(|cause| {
        faults.push(
            Diagnostic::error(Code::BadDuration, format!("`--for`: {cause}")).help("write `45m`, `1h30m` or `3d`"),
        );
    });
    let names = DeclaredNames {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        services: args.services.clone(),
        kinds: args.kinds.clone(),
    };
    let declared = Declared::resolve(&names, policy).map_err(|unknown| faults.extend(unknown));
    if names.environments.is_empty() && (shown.is_none() || policy.targets.is_empty()) {
        let first = policy.environments.first().map_or("production", |environment| environment.name.as_str());
        faults.push(nothing_to_judge(policy).help(format!("name an environment: `freezegate check {first}`")));
    }
    match (at, duration, declared) {
        (Ok(at), Ok(duration), Ok(declared)) if faults.is_empty() => {
            let reach = reach::reach(policy, &declared, shown, args.only);
            Ok(Asked { at, duration, names, declared, reach })
        }
        (Ok(_) | Err(()), Ok(_) | Err(()), Ok(_) | Err(())) => Err(faults),
    }
}

fn nothing_to_judge(policy: &Policy) -> Diagnostic {
    let cause = if policy.targets.is_empty() {
        "nothing is declared and the policy has no targets, so nothing could ever be refused"
    } else {
        "nothing is declared and no evidence is given"
    };
    Diagnostic::error(Code::BadQuestion, cause)
}
