//! From parsed files to a checked policy: every reference resolved, every window readable, every fault collected.

use std::cell::RefCell;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::{Code, Collector, Diagnostic, FileId, Place, SourceLayer};
use crate::policy::check::context::Context;
use crate::policy::check::values::only_one;
use crate::policy::document::{PolicyDocument, beside, root};
use crate::policy::freezes_by_environment::FreezesByEnvironment;
use crate::policy::organisation::{DefinitionsOf, PassedOver};
use crate::policy::read::{At, Section, WantedType};
use crate::policy::requires::{NotAVersion, ProgramVersion, Requirement};
use crate::policy::{Environment, Freeze, Help, Policy, StandingStops};
use crate::time::seconds::Seconds;

pub(super) use context::LayerFiles;
pub use size::{MAX_NAME_BYTES, MOST_ADDED_PLACES, MOST_FROZEN_PLACES, MOST_PLACES, MOST_TARGET_PLACES};

mod context;
mod deadlock;
mod environments;
mod freezes;
mod hazards;
mod holidays;
mod lifts;
mod names;
mod organisation;
mod regions;
mod rollout;
mod routes;
mod size;
mod targets;
mod values;
mod windows;
mod zones;

const KEYS: [&str; 16] = [
    "version",
    "requires",
    "include",
    "organisation",
    "help",
    "regions",
    "calendars",
    "environments",
    "services",
    "targets",
    "hazards",
    "freezes",
    "approvers",
    "lifts",
    "rollback",
    "routes",
];

const HELP_KEYS: [&str; 3] = ["contact", "url", "timezone"];
const ROLLBACK_KEYS: [&str; 1] = ["within"];

/// Every sort of table in a policy with the keys that it may have; `NAME` stands for any name, `[]` for each item of a list.
///
/// The reader takes no others, and the schema for editors ([`SCHEMA`](crate::policy::SCHEMA)) must say the same.
#[must_use]
pub const fn keys() -> [(&'static str, &'static [&'static str]); 16] {
    [
        ("", &KEYS),
        ("organisation", &organisation::KEYS),
        ("help", &HELP_KEYS),
        ("regions.NAME", &regions::REGION_KEYS),
        ("calendars.NAME", &regions::CALENDAR_KEYS),
        ("environments.NAME", &environments::ENVIRONMENT_KEYS),
        ("environments.NAME.change_windows[]", &environments::CHANGE_WINDOW_KEYS),
        ("environments.NAME.rollout[]", &rollout::STAGE_KEYS),
        ("services.NAME", &environments::SERVICE_KEYS),
        ("targets[]", &targets::KEYS),
        ("hazards.NAME", &hazards::KEYS),
        ("freezes[]", &freezes::KEYS),
        ("approvers", &lifts::APPROVER_KEYS),
        ("lifts[]", &lifts::LIFT_KEYS),
        ("rollback", &ROLLBACK_KEYS),
        ("routes", &routes::KEYS),
    ]
}

/// The time that a former state counts as one to roll back to, if the policy doesn't say: 72 hours, in seconds.
const ROLLBACK_WITHIN: Seconds = Seconds::hours(72);

/// The files that `document` includes, as paths like those of the entries, each with the place that names it.
pub(super) fn includes(document: &PolicyDocument<'_>, found: &Collector) -> Vec<(String, Place)> {
    // unknown keys are reported by `check`, with all files at hand
    let silent = Collector::default();
    let Some(list) = root(document, &silent, &KEYS).strings("include") else {
        return Vec::new();
    };
    let path = |path: At<&str>| beside(document, path, Code::BadInclude, found).map(|joined| (joined, path.place));
    list.items.into_iter().filter_map(path).collect()
}

/// The checked policy; `None` or a fault in `found` where there is none. Its sources are still to be filled in.
pub(super) fn check(
    documents: &[PolicyDocument<'_>],
    texts: &[&str],
    files: &LayerFiles<'_>,
    (found, broken): (&Collector, bool),
    layers: (DefinitionsOf, Vec<PassedOver>),
) -> Option<Policy> {
    let context = Context { found, texts, files, zones: RefCell::default() };
    let (fragments, policies): (Vec<&PolicyDocument<'_>>, Vec<&PolicyDocument<'_>>) =
        documents.iter().partition(|document| document.is_fragment());
    if policies.iter().filter(|document| is_of_other_version(document, found)).count() > 0 {
        // what is wrong in version 1 may be right in another
        return None;
    }
    let roots: Vec<Section<'_, '_>> = policies.iter().map(|document| root(document, found, &KEYS)).collect();
    let is_blank = !broken && policies.iter().all(|document| document.table.get_ref().is_empty());
    for section in &roots {
        if !is_blank {
            check_version(section);
        }
        check_requires(section);
        section.filled_strings("include");
    }
    let calendars = regions::calendars(&context, &roots);
    let regions = regions::regions(&context, &roots, &calendars);
    let written = organisation::read(&policies, &roots, layers);
    let left_out = DeTable::new();
    let hazards = hazards::hazards(&context, &roots);
    let environments =
        environments::environments(&context, &roots, (&regions, &hazards), (&written.environments, &left_out));
    let services = environments::services(&roots, &regions, &environments, found);
    let names = freezes::DefinedNames {
        calendars: &calendars,
        regions: &regions,
        environments: &environments,
        services: &services,
        hazards: &hazards,
    };
    let fragment_roots: Vec<Section<'_, '_>> = fragments.iter().map(|document| fragment(document, found)).collect();
    let mut freezes = freezes::freezes(&context, roots.iter().chain(&fragment_roots), &names);
    holidays::add(&mut freezes, (&regions, &environments), found);
    let (targets, are_all_read) = targets::targets(&context, &roots, &names);
    let all_environments: Vec<&Environment> = environments.all().map(Arc::as_ref).collect();
    size::check_targets(&targets, &all_environments, found);
    let approvers = lifts::approvers(&context, &policies, &roots);
    let lifts = lifts::lifts(&roots, approvers.as_ref(), &hazards, found);
    let fragment_files: Vec<FileId> = fragments.iter().map(|document| document.file).collect();
    let (added, own): (Vec<&Freeze>, Vec<&Freeze>) =
        freezes.iter().partition(|freeze| fragment_files.contains(&freeze.place.file));
    size::check_freezes(own.into_iter(), MOST_FROZEN_PLACES, &all_environments, found);
    size::check_freezes(added.into_iter(), MOST_ADDED_PLACES, &all_environments, found);
    deadlock::check(&freezes, &lifts, &fragment_files, found);
    if are_all_read {
        // whether a repository maps files to what an organisation defines is the repository's to say
        let is_of_organisation = |place: Place| match &written.organisation {
            None => false,
            Some(organisation) => {
                let of = policies.iter().find(|document| document.file == place.file);
                !organisation.is_followed || of.is_some_and(|document| document.layer == SourceLayer::Organisation)
            }
        };
        let own = all_environments.iter().copied().filter(|environment| !is_of_organisation(environment.place));
        deadlock::check_evidence(own, &targets, found);
    }
    let help = only_one(&roots, "help", "the help table", &HELP_KEYS, found).map_or_else(Help::default, |help| Help {
        contact: help.text("contact").map(|text| text.value.to_owned()),
        url: help.text("url").map(|text| text.value.to_owned()),
        timezone: help.string("timezone").and_then(|name| context.zone(name)).map(|zone| zone.name().to_owned()),
    });
    let rollback_within = only_one(&roots, "rollback", "the rollback table", &ROLLBACK_KEYS, found)
        .and_then(|rollback| rollback.duration("within"))
        .unwrap_or(ROLLBACK_WITHIN);
    let routes = routes::routes(&context, &roots);
    // an organisation's own policy may leave all environments to repositories
    let is_for_others = written.organisation.as_ref().is_some_and(|organisation| !organisation.is_followed);
    if !broken && written.environments.is_empty() && !is_for_others {
        check_environments(&roots, is_blank, found);
    }
    let (calendars, calendar_places) = calendars.into_defined();
    let freezes_by_environment = FreezesByEnvironment::new(&freezes);
    Some(Policy {
        sources: crate::diagnostic::Sources::default(),
        organisation: written.organisation,
        help,
        calendars,
        calendar_places,
        regions: regions.into_defined().0,
        environments: environments.into_defined().0,
        services: services.into_defined().0,
        targets,
        hazards: hazards.into_defined().0,
        freezes,
        lifts,
        approvers,
        rollback_within,
        routes,
        stops: StandingStops::default(),
        freezes_by_environment,
    })
}

/// Returns whether `document` is written in another version of the language than the one that is read here.
fn is_of_other_version(document: &PolicyDocument<'_>, found: &Collector) -> bool {
    let Some((value, version)) =
        document.table.get_ref().get("version").and_then(|value| Some((value, value.get_ref().as_integer()?)))
    else {
        return false;
    };
    let is_other = version.as_str() != "1" || version.radix() != 10;
    if is_other {
        found.push(
            Diagnostic::error(Code::WrongVersion, "this program reads policies of version 1 only")
                .at(Place::new(document.file, &value.span()))
                .help("write `version = 1`, or read the policy with a newer freezegate"),
        );
    }
    is_other
}

fn check_version(section: &Section<'_, '_>) {
    match section.get("version") {
        None => section.error(
            Code::WrongVersion,
            section.place,
            "the policy lacks `version`",
            "write `version = 1` at the top of each of its files",
        ),
        Some(value) if value.get_ref().is_integer() => {}
        Some(value) => section.wrong_type("version", value, WantedType::Integer),
    }
}

/// Returns the `requires` of `document`, if it is a version; `check` reports any other form.
pub(super) fn requirement<'d>(document: &'d PolicyDocument<'_>) -> Option<Requirement<'d>> {
    let (key, value) = document.table.get_ref().get_key_value("requires")?;
    let text = value.get_ref().as_str()?;
    match text.parse() {
        Ok(least) => Some(Requirement { text, least, place: Place::new(document.file, &key.span()) }),
        Err(NotAVersion) => None,
    }
}

fn check_requires(section: &Section<'_, '_>) {
    if let Some(text) = section.string("requires")
        && let Err(NotAVersion) = text.value.parse::<ProgramVersion>()
    {
        section.error(
            Code::BadValue,
            text.place,
            format!("`requires` can't be `{}`", text.value),
            "name the minimum version, with two or three parts: `requires = \"0.1\"`",
        );
    }
}

/// Reports a policy that protects nothing.
fn check_environments(roots: &[Section<'_, '_>], is_blank: bool, found: &Collector) {
    let mut written = roots.iter().filter_map(|root| root.get("environments"));
    // a slip for `environments` is reported as such
    if roots.iter().any(|root| root.has_slip_for("environments", &KEYS)) {
        return;
    }
    // what is no table is reported as such
    if written.any(|value| value.get_ref().as_table().is_none_or(|table| !table.is_empty())) {
        return;
    }
    let error = if is_blank {
        Diagnostic::error(Code::EmptyPolicy, "the policy is empty")
            .help("begin with `version = 1`, and name what it protects: `[environments.production]`")
    } else {
        Diagnostic::error(Code::EmptyPolicy, "the policy has no environments, so it could never refuse")
            .help("name what it protects: `[environments.production]`")
    };
    let holder = roots.iter().find(|root| root.get("environments").is_some()).or(roots.first());
    found.push(match holder {
        Some(root) => error.at(root.place_of("environments")),
        None => error,
    });
}

/// The root of a fragment, which holds freezes and nothing else.
fn fragment<'d>(document: &'d PolicyDocument<'_>, found: &'d Collector) -> Section<'d, 'd> {
    let others = || document.table.get_ref().keys().filter(|key| *key.get_ref() != "freezes");
    let find = |name: &str| others().find(|key| *key.get_ref() == name);
    if let (Some(key), Some(_)) = (find("version"), find("environments")) {
        found.push(
            Diagnostic::error(Code::NotInFragment, "this is a policy, not a file of extra freezes")
                .at(Place::new(document.file, &key.span()))
                .help("name a file that holds `[[freezes]]` alone, as `freezegate stop` prints it"),
        );
    } else {
        for key in others() {
            found.push(
                Diagnostic::error(
                    Code::NotInFragment,
                    format!("a file of extra freezes can't contain `{}`", key.get_ref()),
                )
                .at(Place::new(document.file, &key.span()))
                .help("keep only `[[freezes]]` in it: such a file can only close"),
            );
        }
    }
    let freezes = document.table.get_ref().get("freezes");
    let is_empty = match freezes {
        Some(freezes) => freezes.get_ref().as_array().is_some_and(|list| list.is_empty()),
        None => document.table.get_ref().is_empty(),
    };
    if is_empty {
        let range = freezes.map_or(0..0, Spanned::span);
        found.push(
            Diagnostic::error(Code::EmptySet, "the file of extra freezes is empty")
                .at(Place::new(document.file, &range))
                .help("`freezegate stop` prints one; to add none, omit the file"),
        );
    }
    Section::unchecked(document.table.get_ref(), Place::new(document.file, &(0..0)), "a fragment", found)
}
