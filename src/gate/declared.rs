//! What is said of a change: on the command line, and by the CI job that asks.

use std::collections::BTreeSet;

use crate::change::ci::Pipeline;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::escape::for_terminal;
use crate::gate::request::CheckRequest;
use crate::policy::{Kind, Policy};
use crate::reach::shown::Hit;
use crate::reach::{Because, Declared, DeclaredNames, Reached, Shown, declared};

/// Returns what is declared that narrows a decision, as the record keeps it: equal texts mean the same. `None` if it is about all of the change, or
/// of an environment.
pub(crate) fn narrowed(names: &DeclaredNames, args: &CheckRequest) -> Option<String> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for (key, values) in [("region", &names.regions), ("service", &names.services), ("kind", &names.kinds)] {
        // whether it is a rollback is shown, not said
        let values = values.iter().filter(|value| *value != Kind::Rollback.as_str());
        words.extend(values.map(|value| format!("{key}={value}")));
    }
    if args.only {
        // of the environments too: what else the change reaches was not judged
        words.extend(names.environments.iter().map(|name| format!("only={name}")));
    }
    (!words.is_empty()).then(|| words.into_iter().collect::<Vec<String>>().join(" "))
}

/// The words of [`narrowed`] for the regions and services that a policy defines.
pub(crate) fn defined(policy: &Policy) -> BTreeSet<String> {
    let regions = policy.regions.iter().map(|region| ("region", region.name.as_str()));
    let services = policy.services.iter().map(|service| ("service", service.name.as_str()));
    regions.chain(services).map(|(key, name)| format!("{key}={name}")).collect()
}

/// The names that are declared: those of the command line; where it names no environment, the job's.
///
/// # Errors
///
/// None is, in a job that is about to deploy: then a change that reaches another environment than meant could not be distinguished from one that does not.
pub(crate) fn names(args: &CheckRequest, pipeline: Option<&Pipeline>) -> Result<DeclaredNames, Faults> {
    let of_job = pipeline.and_then(|pipeline| pipeline.environment.clone());
    let environments =
        if args.environments.is_empty() { of_job.into_iter().collect() } else { args.environments.clone() };
    let wrong = |cause: String, help: &str| Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    if environments.is_empty() && args.only {
        return wrong(
            "`--declared-only` needs an environment".to_owned(),
            "name each environment that this job applies, such as `production`",
        );
    }
    // any other job may be about to deploy
    if let Some(pipeline) =
        pipeline.filter(|pipeline| environments.is_empty() && args.range.is_none() && !pipeline.is_proposal())
    {
        // such a job uses no override up, so it has nothing to record
        let help = if args.record.location.is_some() {
            "write `freezegate check production`; for a job that deploys nothing, leave out `--record` and add `--range OLD..NEW`"
        } else {
            "write `freezegate check production`; for a job that deploys nothing, add `--range OLD..NEW`"
        };
        return wrong(format!("{} does not name the environment that this job is for", pipeline.provider), help);
    }
    Ok(DeclaredNames {
        environments,
        regions: args.regions.clone(),
        services: args.services.clone(),
        kinds: args.kinds.clone(),
    })
}

/// Judges the job's own environment too, where the command line named others: flags overrule what is said, and open nothing.
///
/// A name that the policy does not know, such as that of an environment for one branch, is overruled altogether.
pub(crate) fn judge_job_too(pipeline: &Pipeline, policy: &Policy, names: &DeclaredNames, shown: &mut Shown) {
    let Some(environment) = pipeline.environment.as_ref().and_then(|name| policy.environment(name)) else {
        return;
    };
    let said = names.environments.iter().filter_map(|name| policy.environment(name));
    if said.into_iter().any(|one| one.name == environment.name) {
        return;
    }
    let job = Declared { environments: vec![environment.clone()], ..Declared::default() };
    let what = format!("the job is for it, says {}", pipeline.provider);
    shown.hits.extend(declared(policy, &job).reached.into_iter().map(|reached| Hit {
        reached: Reached { because: Because::Job { what: what.clone(), policy: environment.place }, ..reached },
        every: true,
        named_region: false,
        speaker: None,
    }));
}

/// Sees that an edit of the policy leaves the names that the job gives: by the edited policy no later job with those would have a decision, not
/// even about the edit that takes it back. A name of an environment that becomes an alias of another counts as taken out: the record goes by names.
///
/// # Errors
///
/// Each name that `in_force` has and `new` has not.
pub(crate) fn stay_known(names: &DeclaredNames, in_force: &Policy, new: &Policy) -> Result<(), Faults> {
    type Knows = fn(&Policy, &str) -> bool;
    let given: [(&str, &[String], Knows); 3] = [
        ("environment", &names.environments, |policy, name| policy.environment(name).is_some()),
        ("region", &names.regions, |policy, name| policy.region(name).is_some()),
        ("service", &names.services, |policy, name| policy.service(name).is_some()),
    ];
    let gone = given.into_iter().flat_map(|(noun, names, knows)| {
        names.iter().filter(move |name| knows(in_force, name) && !knows(new, name)).map(move |name| {
            let cause = format!("the edit takes out the {noun} `{}`, which this job gives", for_terminal(name));
            (cause, format!("keep the {noun} until no job gives its name"))
        })
    });
    let renamed = names.environments.iter().filter_map(|name| {
        let (was, is) = (in_force.environment(name)?, new.environment(name)?);
        (was.name == *name && is.name != *name).then(|| {
            let (old, new) = (for_terminal(name), for_terminal(&is.name));
            let cause = format!("the edit renames the environment `{old}`, which this job gives, to `{new}`");
            (cause, format!("let the job give the new name first, as an alias: `aliases = [\"{new}\"]` in `[environments.{old}]`"))
        })
    });
    let gone = gone.chain(renamed).map(|(cause, help)| Diagnostic::error(Code::UnknownName, cause).help(help));
    let diagnostics: Vec<Diagnostic> = gone.collect();
    if diagnostics.is_empty() { Ok(()) } else { Err(Faults { sources: Sources::default(), diagnostics }) }
}

/// The same names for a policy that is asked besides the one in force. A name that only the latter knows may be any that only the
/// former knows; a region or service of that sort narrows nothing.
pub(crate) fn as_known_by(names: &DeclaredNames, in_force: &Policy, other: &Policy) -> DeclaredNames {
    let mut known = names.clone();
    if names.environments.iter().any(|name| other.environment(name).is_none()) {
        let new = other.environments.iter().filter(|environment| {
            let mut all = environment.aliases.iter().chain([&environment.name]);
            all.all(|name| in_force.environment(name).is_none())
        });
        let new = new.map(|environment| environment.name.clone());
        known.environments.retain(|name| other.environment(name).is_some());
        known.environments.extend(new);
    }
    if names.regions.iter().any(|name| other.region(name).is_none()) {
        known.regions.clear();
    }
    if names.services.iter().any(|name| other.service(name).is_none()) {
        known.services.clear();
    }
    known
}
