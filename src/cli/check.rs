//! `check` and `next`: may it go now, and when?

use crate::change::DeclaredNames;
use crate::cli::Status;
use crate::cli::args::{CheckArgs, Format};
use crate::cli::edge::Edge;
use crate::cli::judge::{Case, Mode, judge};
use crate::cli::output::Output;
use crate::cli::{evidence, policy};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::policy::{Policy, duration};
use crate::report::Trust;

/// `freezegate check`: 0 allowed, 1 refused, 2 no decision.
pub(super) fn check(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    answer(Mode::Check, args, edge, output)
}

/// `freezegate next`: 0 answered, also where the answer is "never".
pub(super) fn next(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    match answer(Mode::Next, args, edge, output) {
        Status::Allowed | Status::Refused => Status::Allowed,
        Status::Undecided => Status::Undecided,
    }
}

fn answer(mode: Mode, args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
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
            output.undecided(mode.as_str(), &faults, json, edge);
            Status::Undecided
        }
    }
}

/// The answer as text and as a status.
fn decide(mode: Mode, args: &CheckArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    // the process ends with the answer, which is quicker than to take a large policy apart before
    let policy: &Policy = Box::leak(Box::new(policy::read(&args.policy, edge)?));
    let evidence = if evidence::is_asked_for(args) {
        let repository = evidence::repository()?;
        let files = policy::paths_in(&repository, policy, edge);
        Some(evidence::gather(args, policy, &repository, files)?)
    } else {
        None
    };
    let mut faults = Vec::new();
    let at = edge.instant(args.at.as_deref()).map_err(|fault| faults.push(fault));
    let duration = args.duration.as_deref().map(duration::seconds).transpose().map_err(|cause| {
        faults.push(
            Diagnostic::error(Code::BadDuration, format!("`--for`: {cause}")).help("write `45m`, `1h30m` or `3d`"),
        );
    });
    let asker = edge.asker(args.output.timezone.as_deref()).map_err(|fault| faults.push(fault));
    let (Ok(at), Ok(duration), Ok(asker)) = (at, duration, asker) else {
        return Err(Faults { sources: Sources::default(), diagnostics: faults });
    };
    let case = Case {
        mode,
        policy,
        policy_from: "work tree",
        trust: Trust::Advice,
        at,
        hypothetical: args.at.is_some(),
        advise: args.advise,
        only: args.only,
        names: DeclaredNames {
            environments: args.environments.clone(),
            regions: args.regions.clone(),
            services: args.services.clone(),
            kinds: args.kinds.clone(),
        },
        duration,
        evidence,
        asker,
        format: args.output.format,
    };
    judge(case, edge)
}
