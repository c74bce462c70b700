//! The checked policy: what the decision may trust.
//!
//! [`load::load`] makes one from files; nothing else does. Names are resolved, zones exist, windows can be laid out.

use std::sync::Arc;

use crate::diagnostic::{Place, SourceLayer, Sources};
use crate::pattern::Pattern;
use crate::time::calendar::Calendar;
use crate::time::hours::Hours;
use crate::time::window::{End, FURTHER_NOTICE, Rule};
use crate::time::zone::Zone;

mod check;
pub mod compare;
pub mod duration;
mod fact_key;
mod freezes_by_environment;
pub mod hazard;
pub mod kind;
pub mod lift;
pub mod load;
pub mod organisation;
pub mod person;
pub(crate) mod read;
pub mod requires;
pub mod rollout;
pub mod roster;
pub mod routes;
pub(crate) mod signing;
mod standing_stop;

pub use check::MAX_NAME_BYTES;
pub use check::MOST_FROZEN_PLACES;
pub use check::MOST_PLACES;
pub use check::MOST_TARGET_PLACES;
pub use check::keys;
pub use fact_key::{FactKey, FactSource};
use freezes_by_environment::FreezesByEnvironment;
pub use hazard::Hazard;
pub use hazard::PlannedAction;
pub use kind::Kind;
pub use kind::KindSet;
pub use kind::Level;
pub use lift::{Lift, LiftNeed, LiftedFindings, MOST_SIGNATURES, NeedSort, Signers};
pub use organisation::{Organisation, OrganisationVersion};
pub use rollout::{Rollout, RolloutLevel, RolloutStage};
pub use routes::{OwnerPattern, RouteGuard};
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
    pub rollback_within: i64,
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
            Scope::All => Vec::new(),
            Scope::Only(named) => named.iter().filter(|one| !self.exempts(environment, one, freeze)).collect(),
        }
    }

    /// Returns how long `environment` must stay open after a change that shows `hazard`, because it does, in seconds; 0 if it is exempt there.
    #[must_use]
    pub fn settle_of(&self, environment: &Environment, hazard: &Arc<Hazard>) -> i64 {
        let is_exempt = environment.exempt_hazards.iter().any(|one| Arc::ptr_eq(one, hazard))
            && self.may_loosen(environment.exempt_hazards_place, hazard.place);
        if is_exempt { 0 } else { hazard.settle }
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

/// People who share hours and holidays; it may span zones.
#[derive(Debug)]
pub struct Region {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Its zones, in the order of the policy; never empty.
    pub zones: Vec<Arc<Zone>>,
    /// The place where each of `zones` is written.
    pub zone_places: Vec<Place>,
    /// The hours when people are at work, in each of the zones; `None` for a region that only names zones.
    pub core_hours: Option<CoreHours>,
    /// The holidays on which it is closed all day; `None` where no core hours start on holidays.
    pub closed_holidays: Option<ClosedHolidays>,
}

/// The holidays on which a region is closed all day, `on_holidays = "closed"`.
///
/// For each environment that the region serves, unless its `during_core_hours` is `off`, they close as freezes do, at that level.
#[derive(Debug)]
pub struct ClosedHolidays {
    /// The calendars, in the order of the policy, each with the place where the region names it.
    pub calendars: Vec<(Arc<Calendar>, Place)>,
    /// The place where `on_holidays` is written.
    pub place: Place,
}

/// The core hours of a region.
#[derive(Debug)]
pub struct CoreHours {
    /// The window, holidays dropped.
    pub rule: Rule,
    /// The place where it is written.
    pub place: Place,
}

impl CoreHours {
    /// The entries as the policy wrote them, joined.
    #[must_use]
    pub fn text(&self) -> String {
        rule_text(&self.rule)
    }
}

/// A protected environment.
#[derive(Debug)]
pub struct Environment {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// The person who answers for it.
    pub owner: Option<String>,
    /// The regions that it serves; empty only if the policy has none.
    pub regions: Vec<Arc<Region>>,
    /// The effect of core hours on it; `None` is `off`.
    pub during_core_hours: Option<Level>,
    /// Kinds that core hours and change windows do not stop.
    pub exempt: KindSet,
    /// Hazards that do not count here, each once; [`Policy::exempts`] says for which freezes.
    pub exempt_hazards: Vec<Arc<Hazard>>,
    /// The place where `exempt_hazards` is written, else where the environment is.
    pub exempt_hazards_place: Place,
    /// The time that a change takes at least, in seconds.
    pub duration: i64,
    /// Open time that must remain after a change, in seconds.
    pub settle: i64,
    /// If not empty: only then may it change.
    pub change_windows: Vec<ChangeWindow>,
    /// The place where the change windows are written.
    pub change_windows_place: Place,
    /// True if there is no decision while enforcing where only words name it (`evidence = "required"`).
    pub requires_evidence: bool,
    /// From when on its windows count at which level; `None`: each at its own level, always.
    pub rollout: Option<Rollout>,
}

/// A span of hours in a zone in which an environment may change.
#[derive(Debug)]
pub struct ChangeWindow {
    /// The hours.
    pub rule: Rule,
    /// The zone in which they are read.
    pub zone: Arc<Zone>,
    /// The place where the zone is written.
    pub zone_place: Place,
    /// The place where it is written.
    pub place: Place,
}

/// A part of the product that has its own customers.
#[derive(Debug)]
pub struct Service {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Narrows whom a change of this service reaches; empty: no narrowing.
    pub regions: Vec<Arc<Region>>,
}

/// The scope of a freeze.
#[derive(Debug, Clone)]
pub enum Scope<T> {
    /// Everything.
    All,
    /// These; never empty.
    Only(Vec<Arc<T>>),
}

impl<T> Scope<T> {
    /// Returns whether `item` is within; identity, not equality, counts.
    #[must_use]
    pub fn contains(&self, item: &Arc<T>) -> bool {
        match self {
            Self::All => true,
            Self::Only(items) => items.iter().any(|one| Arc::ptr_eq(one, item)),
        }
    }

    /// Returns whether nothing is excluded.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// A time when nothing may change.
#[derive(Debug)]
pub struct Freeze {
    /// The name, unique in the policy.
    pub name: String,
    /// The place where it begins in the file.
    pub place: Place,
    /// Its times.
    pub rule: Rule,
    /// True if it is at every hour, `always = true`.
    pub is_always: bool,
    /// True if it is made of the holidays of a region ([`ClosedHolidays`]), not of an entry of `[[freezes]]`.
    pub is_of_holidays: bool,
    /// The place where the start or the hours are written.
    pub rule_place: Place,
    /// The place where the end is written; of hours, the same as [`Freeze::rule_place`].
    pub until_place: Place,
    /// The place where the clock is read.
    pub zone: FreezeZone,
    /// The place where `zone` is written.
    pub zone_place: Place,
    /// Its effect.
    pub level: Level,
    /// The environments that it closes.
    pub environments: Scope<Environment>,
    /// The regions.
    pub regions: Scope<Region>,
    /// The services.
    pub services: Scope<Service>,
    /// The kinds of change; `None`: every kind.
    pub kinds: Option<KindSet>,
    /// The hazards, one of which a change must show to be stopped.
    pub hazards: Scope<Hazard>,
    /// Kinds that it does not stop.
    pub exempt: KindSet,
    /// The reason, for people.
    pub reason: Option<String>,
}

impl Freeze {
    /// Returns whether it closes a region, or what has none.
    #[must_use]
    pub fn closes_region(&self, region: Option<&Arc<Region>>) -> bool {
        region.map_or_else(|| self.regions.is_all(), |region| self.regions.contains(region))
    }

    /// Returns whether it lasts until further notice.
    #[must_use]
    pub fn has_no_end(&self) -> bool {
        matches!(self.rule, Rule::Once { until: End::At(FURTHER_NOTICE), .. })
    }

    /// The moments or hours as the policy, whose files are `sources`, wrote them.
    #[must_use]
    pub fn text(&self, sources: &Sources) -> String {
        if self.is_always {
            return "always".to_owned();
        }
        match &self.rule {
            Rule::Hours { .. } => return rule_text(&self.rule),
            Rule::Around { calendar, .. } if self.is_of_holidays => return format!("the dates of {}", calendar.name),
            Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => {}
        }
        let written = |place| sources.text(place).unwrap_or("?").trim_matches(['"', '\'']);
        let to = if self.has_no_end() { " until " } else { " to " };
        [written(self.rule_place), to, written(self.until_place)].concat()
    }
}

/// In which zone a freeze is read.
#[derive(Debug, Clone)]
pub enum FreezeZone {
    /// In this one, for all that it closes.
    Zone(Arc<Zone>),
    /// For each region in that region's own zones.
    Region,
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

/// The `hours` of a rule as the policy wrote them, joined; empty for rules of another sort.
pub(crate) fn rule_text(rule: &Rule) -> String {
    match rule {
        Rule::Hours { hours, .. } => hours.iter().map(Hours::text).collect::<Vec<_>>().join(", "),
        Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => String::new(),
    }
}
