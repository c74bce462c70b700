//! What an edit of an organisation's own policy opens in repositories that follow it: where only they define an environment, a region, a
//! service or a freeze.
//!
//! Which definitions they have is not known. So both policies are read as one repository would that follows them and has each definition that could
//! tell them apart: regions at both ends of the world and one with core hours, environments that no other window closes or that its own freezes do, a service
//! of its own. What opens there opens in some repository.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{FileId, Place, SourceLayer};
use crate::policy::compare::added_freezes;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::load::{OrganisationFiles, PolicyTexts};
use crate::policy::organisation::DefinitionsOf;
use crate::policy::policy_files::{PolicyFiles, ReadFault};
use crate::policy::roster::Roster;
use crate::policy::{Environment, Level, Policy};

/// The path of the repository's own policy.
const OWN: &str = "freezegate.toml";

/// The regions of a repository: without core hours, where each day begins first and last, and with them.
const REGIONS: [(&str, &str); 3] = [
    ("region", "timezones = [\"Pacific/Kiritimati\"]"),
    ("second-region", "timezones = [\"Pacific/Pago_Pago\"]"),
    ("region-with-core-hours", "timezones = [\"UTC\"]\ncore_hours = [\"Mon-Sat 00:00-24:00\"]"),
];

/// What the name of each of a repository's definitions ends with. Names of the organisation's policy may, but hardly do.
const ENDS: [&str; 4] = ["-of-a-repository", "-of-a-repository-2", "-of-a-repository-3", "-of-a-repository-4"];

/// An organisation's policy before and after an edit, as a repository reads it.
pub(super) struct Followed {
    pub(super) old: Policy,
    pub(super) new: Policy,
    /// What the name of each definition of the repository ends with.
    end: &'static str,
}

impl Followed {
    /// Reads both policies as a repository does; `None` if they are not the policy of an organisation before and after, or if the edit only adds
    /// freezes.
    ///
    /// # Errors
    ///
    /// Why they can't be read so.
    pub(super) fn of(old: &Policy, new: &Policy) -> Result<Option<Self>, String> {
        let is_own =
            |policy: &Policy| policy.organisation.as_ref().is_some_and(|organisation| !organisation.is_followed);
        if !is_own(old) || !is_own(new) || added_freezes::are_all(old, new) {
            return Ok(None);
        }
        let Some(end) = ENDS.into_iter().find(|end| !is_written(end, old) && !is_written(end, new)) else {
            return Err("the policy has names for it".to_owned());
        };
        let text = repository(end, old, new);
        Ok(Some(Self { old: followed(old, &text)?, new: followed(new, &text)?, end }))
    }

    /// Returns those of `found`, what opens in the repository, that `known` does not say, what opens in the organisation's policy alone; with
    /// their places there. Of what is the same in several places of the repository alone, the first.
    pub(super) fn beside(
        &self,
        known: &[PolicyDifference],
        found: &[PolicyDifference],
        (old, new): (&Policy, &Policy),
    ) -> Vec<PolicyDifference> {
        let mut said = Said { end: self.end, levels: BTreeMap::new() };
        known.iter().for_each(|one| said.add(one));
        let mut openings: Vec<PolicyDifference> = Vec::new();
        for one in found {
            if said.holds(one) {
                continue;
            }
            said.add(one);
            openings.push(PolicyDifference {
                old_place: one.old_place.and_then(|place| of_organisation(place, &self.old, old)),
                new_place: one.new_place.and_then(|place| of_organisation(place, &self.new, new)),
                ..one.clone()
            });
        }
        openings
    }
}

/// The names of an environment, a region and a service; `None` for all.
type Names<'d> = [Option<&'d str>; 3];

/// What was said to open, with the strictest level of each; names of the repository stand for each other.
struct Said<'d> {
    end: &'static str,
    levels: BTreeMap<(PolicyPart, &'d str, Names<'d>), Level>,
}

impl<'d> Said<'d> {
    fn names(&self, one: &'d PolicyDifference) -> Names<'d> {
        let names = [&one.environment, &one.region, &one.service];
        names.map(|name| name.as_deref().map(|name| if name.ends_with(self.end) { self.end } else { name }))
    }

    fn add(&mut self, one: &'d PolicyDifference) {
        let level = self.levels.entry((one.part, &one.text, self.names(one))).or_insert(one.level);
        *level = one.level.max(*level);
    }

    /// Returns whether it was said of the same place, or of all.
    fn holds(&self, one: &'d PolicyDifference) -> bool {
        let [environment, region, service] = self.names(one);
        let or_all = |name: Option<&'d str>| [name, None].into_iter();
        or_all(environment)
            .flat_map(|environment| or_all(region).map(move |region| (environment, region)))
            .flat_map(|(environment, region)| or_all(service).map(move |service| [environment, region, service]))
            .any(|names| self.levels.get(&(one.part, &*one.text, names)).is_some_and(|level| *level >= one.level))
    }
}

/// The place in the organisation's own policy that `place` is in the policy of a repository that follows it; `None` in what that defines.
fn of_organisation(place: Place, followed: &Policy, own: &Policy) -> Option<Place> {
    let file = followed.sources.file(place.file).filter(|file| file.layer == SourceLayer::Organisation)?;
    let index = own.sources.files().iter().position(|one| one.is_own() && one.path == file.path)?;
    Some(Place { file: FileId::nth(index), ..place })
}

/// Reads a policy as a repository does that follows it and has the policy `text`.
///
/// # Errors
///
/// Why it could not: it has more than one first file, or no room for another definition.
fn followed(policy: &Policy, text: &str) -> Result<Policy, String> {
    let own = || policy.sources.files().iter().filter(|file| file.is_own());
    let Some(entry) = own().next() else {
        return Err("it has no file".to_owned());
    };
    let organisation =
        OrganisationFiles { files: &Files { policy }, entry: &entry.path, definitions: DefinitionsOf::Organisation };
    let files = Only(text);
    let texts =
        PolicyTexts { files: &files, entries: &[OWN.to_owned()], fragments: &[], organisation: Some(organisation) };
    let followed = texts.load().map_err(|faults| match faults.diagnostics.first() {
        Some(first) => format!("with definitions of a repository: {}", first.cause),
        None => "it can't be read with those of a repository".to_owned(),
    })?;
    let read = followed.sources.files().iter().filter(|file| file.layer == SourceLayer::Organisation).count();
    if read != own().count() {
        return Err("repositories can follow a policy of one file and what it includes".to_owned());
    }
    Ok(followed)
}

/// The files that a policy was read from.
struct Files<'p> {
    policy: &'p Policy,
}

impl PolicyFiles for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        let mut own = self.policy.sources.files().iter().filter(|file| file.is_own());
        let roster = self.policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
        let text = own.find(|file| file.path == path).map(|file| file.text.as_str());
        let text = text.or_else(|| roster.filter(|roster| roster.path() == path).map(Roster::text));
        text.map(|text| text.as_bytes().to_vec()).ok_or_else(missing)
    }
}

/// One file.
struct Only<'t>(&'t str);

impl PolicyFiles for Only<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        if path == OWN { Ok(self.0.as_bytes().to_vec()) } else { Err(missing()) }
    }
}

fn missing() -> ReadFault {
    ReadFault { cause: "is not there".to_owned(), help: "name a file of the policy".to_owned() }
}

fn is_written(text: &str, policy: &Policy) -> bool {
    policy.sources.files().iter().any(|file| file.text.contains(text))
}

/// The policy of a repository, with `end` at the end of each of its names.
///
/// The environments that the organisation leaves to it have no core hours, as without definition they have those of all regions.
fn repository(end: &str, old: &Policy, new: &Policy) -> String {
    let mut text = "version = 1\n".to_owned();
    let mut add = |part: String| {
        text.push_str(&part);
        text.push('\n');
    };
    for (name, keys) in REGIONS {
        add(format!("[regions.{name}{end}]\n{keys}"));
    }
    add(format!("[services.service{end}]"));
    add(format!("[environments.environment{end}]"));
    let open = "during_core_hours = \"off\"\nexempt = []";
    add(format!("[environments.second-environment{end}]\n{open}"));
    add(format!("[environments.third-environment{end}]\n{open}"));
    let left: BTreeSet<&str> = [old, new].into_iter().flat_map(left_to_repositories).collect();
    for name in left {
        add(format!("[environments.\"{name}\"]\n{open}"));
    }
    let mut freeze = |name: &str, keys: String| {
        add(format!("[[freezes]]\nname = \"freeze{name}{end}\"\nenvironments = [\"third-environment{end}\"]\n{keys}"));
    };
    freeze("", "hours = [\"Mon-Fri 08:00-18:00\"]\ntimezone = \"region\"".to_owned());
    let known: BTreeSet<&str> = new.hazards.iter().map(|hazard| hazard.name.as_str()).collect();
    for hazard in old.hazards.iter().filter(|hazard| known.contains(hazard.name.as_str())) {
        let keys = format!("hours = [\"Sat-Sun 00:00-24:00\"]\ntimezone = \"UTC\"\nhazards = [\"{}\"]", hazard.name);
        freeze(&format!("-for-{}", hazard.name), keys);
    }
    text
}

fn left_to_repositories(policy: &Policy) -> impl Iterator<Item = &str> {
    let leaves = |one: &Environment| policy.organisation.as_ref().is_some_and(|organisation| organisation.leaves(one));
    policy.environments.iter().filter(move |one| leaves(one)).map(|one| one.name.as_str())
}
