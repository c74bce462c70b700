//! The checked policy: what the decision may trust.
//!
//! [`load::load`] makes one from files; nothing else does. Names are resolved, zones exist, windows can be laid out.

use crate::fact::FactKey;
use std::sync::Arc;

use crate::diagnostic::{Place, SourceLayer, Sources};
use crate::pattern::Pattern;
use crate::time::calendar::Calendar;
use crate::time::seconds::Seconds;

mod check;
pub mod compare;
mod document;
pub mod duration;
mod environment;
mod finding_id;
mod freeze;
mod freezes_by_environment;
pub mod hazard;
pub mod kind;
pub mod lift;
mod lift_need;
pub mod load;
pub mod organisation;
pub mod person;
mod policy_files;
pub(crate) mod read;
pub mod requires;
pub mod rollout;
pub mod roster;
pub mod routes;
mod rule_text;
pub(crate) mod signing;
mod standing_stop;

pub use check::MAX_NAME_BYTES;
pub use check::MOST_PLACES;
pub use check::MOST_TARGET_PLACES;
pub use check::keys;
pub use check::{MOST_ADDED_PLACES, MOST_FROZEN_PLACES};
pub use environment::{ChangeWindow, ClosedHolidays, CoreHours, Environment, Region, Service};
pub use finding_id::{FindingCode, FindingId};
pub use freeze::{Freeze, FreezeScope, FreezeZone};
use freezes_by_environment::FreezesByEnvironment;
pub use hazard::Hazard;
pub use kind::Kind;
pub use kind::KindSet;
pub use kind::Level;
pub use lift::{Lift, LiftNeed, LiftedFindings, MOST_SIGNATURES, NeedSort, Signers};
pub use organisation::{Organisation, OrganisationVersion};
pub use rollout::{Rollout, RolloutLevel, RolloutStage};
pub use routes::{OwnerPattern, RouteGuard};
pub(crate) use rule_text::rule_text;
pub use standing_stop::{StandingStop, StandingStops, StopPlace};

/// The JSON Schema (draft 7) of one file of a policy, for editors.
///
/// It sees less than the reader: neither names that nothing defines nor zones that don't exist. Whatever the reader takes,
/// it takes too.
///
/// Draft 7 and `definitions`, with no keyword beside a `$ref`: Taplo, which the TOML extensions of most editors are made of,
/// promises [no more than draft 4](https://taplo.tamasfe.dev/configuration/developing-schemas.html), and what is newer in
/// draft 7 is only left unread there.
pub const SCHEMA: &str = include_str!("policy/schema.json");

/// The name of the file of [`SCHEMA`] where policies refer to it.
pub const SCHEMA_FILE: &str = "freezegate.schema.json";

/// A policy in which every reference points to something.
#[derive(Debug)]
pub struct Policy {
    /// The files it was read from.
    pub sources: Sources,
    /// The organisation whose policy it is or follows, if there is one.
    pub organisation: Option<Organisation>,
    /// The text that is printed with every refusal.
    pub help: Help,
    /// The calendars, by name.
    pub calendars: Vec<Arc<Calendar>>,
    /// The place where each of `calendars` is defined.
    pub calendar_places: Vec<Place>,
    /// The regions, by name.
    pub regions: Vec<Arc<Region>>,
    /// The environments, by name.
    pub environments: Vec<Arc<Environment>>,
    /// The services, by name.
    pub services: Vec<Arc<Service>>,
    /// The way in which a change shows what it reaches.
    pub targets: Vec<Target>,
    /// The hazards, by name.
    pub hazards: Vec<Arc<Hazard>>,
    /// The times when nothing may change, as of the files and of the fragments alike.
    pub freezes: Vec<Freeze>,
    /// The people who may lift findings.
    pub lifts: Vec<Lift>,
    /// The groups and the roster.
    pub approvers: Option<Approvers>,
    /// For how long a former state counts as one to roll back to, in seconds.
    pub rollback_within: Seconds,
    /// The manifests that say who answers requests.
    pub routes: Option<RouteGuard>,
    /// The stops whose freezes a reader added.
    pub stops: StandingStops,
    freezes_by_environment: FreezesByEnvironment,
}

impl Policy {
    /// The name of an environment, for an example in a message.
    pub(crate) fn example_environment(&self) -> &str {
        self.environments.first().map_or("production", |environment| environment.name.as_str())
    }

    /// The freezes that close an environment in some region, in the order of [`Policy::freezes`].
    pub(crate) fn freezes_of(&self, environment: &Arc<Environment>) -> impl Iterator<Item = &Freeze> {
        self.freezes_by_environment.of(environment).into_iter().filter_map(|place| self.freezes.get(place))
    }

    /// The environment of this name or alias.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Arc<Environment>> {
        self.environments
            .iter()
            .find(|environment| environment.name == name || environment.aliases.iter().any(|alias| alias == name))
    }

    /// The roll-out by which a window of `environment` counts: of a freeze, or of the environment's own hours.
    ///
    /// A freeze of a fragment closes at once: whoever stops changes now does not wait for a stage. So does one of an organisation, unless
    /// the stages are the organisation's too: a repository may add to its freezes, and not loosen them.
    #[must_use]
    pub fn rollout_of<'p>(&self, environment: &'p Environment, freeze: Option<&Freeze>) -> Option<&'p Rollout> {
        let rollout = environment.rollout.as_ref()?;
        // closed holidays are of the environment's own hours, whoever defines the region
        let Some(freeze) = freeze.filter(|freeze| !freeze.is_of_holidays) else {
            return Some(rollout);
        };
        self.may_loosen(rollout.place, freeze.place).then_some(rollout)
    }

    /// Returns whether what an environment says at `loosening` may take back what `closing` closes: nothing does that to a freeze of a fragment,
    /// and a repository does not do it to what an organisation says.
    fn may_loosen(&self, loosening: Place, closing: Place) -> bool {
        let layer = |place: Place| self.sources.file(place.file).map_or(SourceLayer::Repository, |file| file.layer);
        match (layer(closing), layer(loosening)) {
            (SourceLayer::Fragment, _) | (SourceLayer::Organisation, SourceLayer::Repository) => false,
            (SourceLayer::Organisation | SourceLayer::Repository, _) => true,
        }
    }

    /// Returns whether a change of `environment` that shows `hazard` does not meet `freeze` by it.
    #[must_use]
    pub fn exempts(&self, environment: &Environment, hazard: &Arc<Hazard>, freeze: &Freeze) -> bool {
        environment.exempt_hazards.iter().any(|one| Arc::ptr_eq(one, hazard))
            && self.may_loosen(environment.exempt_hazards_place, freeze.place)
    }

    /// The hazards by which a change of `environment` meets `freeze`: those that it names, and that are not exempt there.
    pub(crate) fn hazards_in<'p>(&self, environment: &Environment, freeze: &'p Freeze) -> Vec<&'p Arc<Hazard>> {
        match &freeze.hazards {
            FreezeScope::All => Vec::new(),
            FreezeScope::Only(named) => named.iter().filter(|one| !self.exempts(environment, one, freeze)).collect(),
        }
    }

    /// Returns how long `environment` must stay open after a change that shows `hazard`, because it does, in seconds; 0 if it is exempt there.
    #[must_use]
    pub fn settle_of(&self, environment: &Environment, hazard: &Arc<Hazard>) -> Seconds {
        let is_exempt = environment.exempt_hazards.iter().any(|one| Arc::ptr_eq(one, hazard))
            && self.may_loosen(environment.exempt_hazards_place, hazard.place);
        if is_exempt { Seconds::ZERO } else { hazard.settle }
    }

    /// Returns whether somebody may override an edit of the policy that opens something of `level`.
    #[must_use]
    pub fn can_lift_policy_change(&self, level: Level) -> bool {
        self.lifts.iter().any(|lift| lift.is_for_policy_change(level))
    }

    /// The organisation whose policy it follows, if it follows one.
    #[must_use]
    pub fn followed(&self) -> Option<&Organisation> {
        self.organisation.as_ref().filter(|organisation| organisation.is_followed)
    }

    /// The region of this name.
    #[must_use]
    pub fn region(&self, name: &str) -> Option<&Arc<Region>> {
        self.regions.iter().find(|region| region.name == name)
    }

    /// The service of this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.name == name)
    }
}

/// The contact for a person who is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help {
    /// A channel or person.
    pub contact: Option<String>,
    /// A page.
    pub url: Option<String>,
    /// The name of the time zone of readers whose own is not known.
    pub timezone: Option<String>,
}

/// The way in which a change shows what it reaches.
#[derive(Debug)]
pub struct Target {
    /// The place where it begins in the file.
    pub place: Place,
    /// Refs, one of which must match; empty: the default branch.
    pub refs: Vec<Pattern>,
    /// Paths, one of which must match; empty: any.
    pub paths: Vec<Pattern>,
    /// Paths that do not count.
    pub except: Vec<Pattern>,
    /// The command that must match, for a target of commands: it has no refs and no paths, and no ref is its.
    pub command: Option<Pattern>,
    /// Everything that the command must act on, each key once: one of its patterns must match. Such a target is one of commands too.
    pub facts: Vec<(FactKey, Vec<Pattern>)>,
    /// The place where it goes.
    pub environment: TargetEnvironment,
    /// The region, where one is named; else captured, or all of the environment's.
    pub region: Option<Arc<Region>>,
    /// The service, where one is named; else captured, or none.
    pub service: Option<Arc<Service>>,
    /// The kinds that a change of this target is of.
    pub kinds: KindSet,
}

impl Target {
    /// Returns whether commands show that something goes there, and not refs or paths.
    #[must_use]
    pub const fn is_of_commands(&self) -> bool {
        self.command.is_some() || !self.facts.is_empty()
    }

    /// The patterns of what a command acts on.
    pub fn fact_patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.facts.iter().flat_map(|(_, patterns)| patterns)
    }

    /// The patterns of paths or of the command.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.paths.iter().chain(&self.command)
    }
}

/// The environment of a target.
#[derive(Debug)]
pub enum TargetEnvironment {
    /// This one.
    Named(Arc<Environment>),
    /// The one that a pattern captures.
    Captured,
    /// Every one (`*`).
    Every,
}

/// The people who may lift.
#[derive(Debug)]
pub struct Approvers {
    /// The place where it is defined.
    pub place: Place,
    /// The roster: OpenSSH's file of allowed signers.
    pub roster: Option<roster::Roster>,
    /// The groups, by name.
    pub groups: Vec<Group>,
}

/// A named set of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// The principals; never empty.
    pub members: Vec<String>,
}
