//! What was found, brought together: one item for what is the same in all regions, and nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::compare::closed_time::{ClosedTime, Lost};
use crate::policy::compare::kinds;
use crate::policy::compare::sides::{Origin, PlaceInLists, PolicySide};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Kind, KindSet, Level};
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

/// The number of whole weeks that are compared to say what an edit does a week.
const WHOLE_WEEKS: i64 = 57;
/// A week, in seconds.
const WEEK: Seconds = Seconds::days(7);

/// The part of a policy that a difference is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyPart {
    /// The time for which a change may not start.
    ClosedTime,
    /// The facts that a target shows, by which a change is judged at all.
    Target,
    /// That a change says one thing and reaches another.
    Mismatch,
    /// A name of an environment that the new policy does not know.
    Name,
    /// A hazard, or a freeze that names hazards.
    Hazard,
    /// The people who may override what.
    Lift,
    /// For how long a rollback counts as one.
    Rollback,
    /// The rule on whether words alone may name an environment.
    Evidence,
    /// The backends that answer requests.
    Routes,
    /// Something that could not be compared.
    Uncompared,
}

impl PolicyPart {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClosedTime => "closed-time",
            Self::Target => "target",
            Self::Mismatch => "mismatch",
            Self::Name => "name",
            Self::Hazard => "hazard",
            Self::Lift => "lift",
            Self::Rollback => "rollback",
            Self::Evidence => "evidence",
            Self::Routes => "routes",
            Self::Uncompared => "uncompared",
        }
    }
}

/// One thing that one policy refuses and another does not.
#[derive(Debug, Clone)]
pub struct PolicyDifference {
    /// The part of the policy.
    pub part: PolicyPart,
    /// What it is, for people: ``core hours of `us` ``.
    pub text: String,
    /// The environment; `None` for all.
    pub environment: Option<String>,
    /// The region; `None` for all that the environment serves.
    pub region: Option<String>,
    /// The service, the first by name of those that the policies treat alike; `None` for any.
    pub service: Option<String>,
    /// The kinds of the change, all that are shown and said; none for a change of no kind, which meets the most.
    pub kinds: KindSet,
    /// The kinds that both policies treat alike, if the first of them is among `kinds`: the change may be of any of them instead.
    pub alike: KindSet,
    /// True if the change is a verified rollback.
    pub is_rollback: bool,
    /// The strictest level of what no longer refuses.
    pub level: Level,
    /// The level of what refuses still, if something of a milder level does.
    pub remains: Option<Level>,
    /// The instants at which a change may start; none where it may at any hour, or where no time is in question.
    pub spans: Arc<Intervals>,
    /// The share of a week that this is, as the mean of the coming 400 days, in seconds.
    pub week_seconds: Seconds,
    /// The time that the change takes, in seconds; 0 for any that takes no longer than the environment's least.
    pub duration: Seconds,
    /// A zone in which the spans are read.
    pub zone: Option<Arc<Zone>>,
    /// The place where the old policy says it.
    pub old_place: Option<Place>,
    /// The place where the new policy says something about the same.
    pub new_place: Option<Place>,
    /// A path or ref that shows it, as bytes of a repository.
    pub example: Option<Vec<u8>>,
    /// The reason why it could not be compared, if it could not: then it counts as opened.
    pub doubt: Option<String>,
}

impl PolicyDifference {
    /// A difference of no environment in particular and of no span of time.
    pub(crate) fn new(part: PolicyPart, level: Level, text: impl Into<String>) -> Self {
        Self {
            part,
            text: text.into(),
            environment: None,
            region: None,
            service: None,
            kinds: KindSet::NONE,
            alike: KindSet::NONE,
            is_rollback: false,
            level,
            remains: None,
            spans: Arc::new(Intervals::union(Vec::new())),
            week_seconds: Seconds::ZERO,
            duration: Seconds::ZERO,
            zone: None,
            old_place: None,
            new_place: None,
            example: None,
            doubt: None,
        }
    }
}

/// By what lost time is grouped: environment, service, level, what remains, kinds, rollback, duration and hazard, and origin.
type LossGroup<'g> =
    (&'g str, Option<&'g str>, Level, Option<Level>, Vec<Kind>, bool, (Seconds, Option<usize>), Origin);

/// Lost time as differences: what a plainer change loses too is left out, and regions that lose the same are one.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn closed_time(
    mut lost: Vec<Lost>,
    compared: &ClosedTime<'_, '_>,
    part: PolicyPart,
) -> Result<Vec<PolicyDifference>, Halt> {
    // the plainest first: no kind, any service, the strictest level, any duration; and what opens the most
    lost.sort_by_key(|one| {
        let kinds = (one.state.is_rollback, one.state.all().iter().count(), one.state.all().iter().collect::<Vec<_>>());
        let spot = one.spot;
        let most = std::cmp::Reverse(one.spans.seconds());
        let level = std::cmp::Reverse(one.level);
        (spot.environment, spot.region, level, kinds, spot.service, one.duration, one.remains, most)
    });
    let mut kept: Vec<Lost> = Vec::new();
    let mut of_spot = 0;
    for one in lost {
        let same_spot =
            |known: &Lost| known.spot.environment == one.spot.environment && known.spot.region == one.spot.region;
        if !kept.get(of_spot).is_some_and(same_spot) {
            of_spot = kept.len();
        }
        let mut is_told = false;
        for known in kept.iter().skip(of_spot) {
            compared.work.spend(1)?;
            // a longer change begins earlier, which says nothing new
            let is_longer =
                known.duration == Seconds::ZERO && one.duration > Seconds::ZERO && known.origin == one.origin;
            // what only opens to changes with a hazard says nothing of others
            let is_of_hazards = |lost: &Lost| lost.shown.is_some() || compared.old.names_hazards(lost.origin);
            let is_wider = !is_of_hazards(known) || is_of_hazards(&one);
            if is_wider && is_plainer(known, &one) && (is_longer || holds(&known.spans, &one.spans, compared.work)?) {
                is_told = true;
                break;
            }
        }
        if !is_told {
            kept.push(one);
        }
    }
    let mut lost_of_groups: BTreeMap<LossGroup<'_>, Vec<Lost>> = BTreeMap::new();
    for one in kept {
        let [environment, _, service] = compared.old.names(one.spot);
        // core hours are of their own region each
        let group: LossGroup<'_> = (
            environment.unwrap_or_default(),
            service,
            one.level,
            one.remains,
            one.state.all().iter().collect(),
            one.state.is_rollback,
            (one.duration, one.shown),
            one.origin,
        );
        // kinds that are shown and kinds that are said read alike
        let alike = lost_of_groups.entry(group).or_default();
        compared.work.spend(alike.len())?;
        match alike.iter_mut().find(|known| known.spot == one.spot && known.doubt == one.doubt) {
            Some(known) => {
                let both = [known.spans.as_slice(), one.spans.as_slice()].concat();
                compared.work.spend(both.len())?;
                known.spans = Arc::new(Intervals::union(both));
            }
            None => alike.push(one),
        }
    }
    let mut groups: BTreeMap<LossGroup<'_>, Vec<(Lost, Vec<PlaceInLists>)>> = BTreeMap::new();
    for (group, one) in
        lost_of_groups.into_iter().flat_map(|(group, all)| all.into_iter().map(move |one| (group.clone(), one)))
    {
        let entries = groups.entry(group).or_default();
        for (known, spots) in entries.iter() {
            // equal spans of two are mostly the same ones
            let shared = Arc::ptr_eq(&known.spans, &one.spans);
            compared.work.spend(if shared { 1 } else { one.spans.as_slice().len().saturating_add(1) })?;
            compared.work.spend(spots.len())?;
        }
        match entries.iter_mut().find(|(known, _)| {
            (Arc::ptr_eq(&known.spans, &one.spans) || known.spans == one.spans) && known.doubt == one.doubt
        }) {
            Some((_, spots)) => {
                if !spots.contains(&one.spot) {
                    spots.push(one.spot);
                }
            }
            None => {
                let spot = one.spot;
                entries.push((one, vec![spot]));
            }
        }
    }
    let mut found = Vec::new();
    let alike = kinds::alike(compared.old.policy, compared.new.policy);
    let item = |one: &Lost, spot: PlaceInLists| item(one, spot, compared, (part, alike));
    for (one, spots) in groups.into_values().flatten() {
        let served = compared.old.served.get(one.spot.environment).map_or(0, Vec::len);
        if spots.len() >= served.max(1) && served != 1 {
            found.push(item(&one, PlaceInLists { region: None, ..one.spot }));
        } else {
            found.extend(spots.iter().map(|spot| item(&one, *spot)));
        }
    }
    Ok(found)
}

/// Returns whether all of `spans` is in `known`.
fn holds(known: &Arc<Intervals>, spans: &Arc<Intervals>, work: &Work) -> Result<bool, Halt> {
    if Arc::ptr_eq(known, spans) {
        return Ok(true);
    }
    work.spend(known.as_slice().len().saturating_add(spans.as_slice().len()))?;
    Ok(spans.difference(known).as_slice().is_empty())
}

/// Returns whether `known` says what `one` does for a plainer change, whatever the spans.
fn is_plainer(known: &Lost, one: &Lost) -> bool {
    known.level >= one.level
        && (known.remains.is_none() || known.remains == one.remains)
        && known.doubt == one.doubt
        && (known.spot.service.is_none() || known.spot.service == one.spot.service)
        && known.state.all().is_subset_of(one.state.all())
}

/// Returns whether a difference in closed time is said by one that is found already.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn is_said(item: &PolicyDifference, found: &[PolicyDifference], work: &Work) -> Result<bool, Halt> {
    work.spend(found.len())?;
    for known in found {
        let is_plainer = known.part == PolicyPart::ClosedTime
            && known.level >= item.level
            && known.environment == item.environment
            && (known.region.is_none() || known.region == item.region)
            && (known.service.is_none() || known.service == item.service)
            && known.kinds.is_subset_of(item.kinds)
            && (known.remains.is_none() || known.remains == item.remains)
            && item.doubt.is_none();
        if is_plainer && holds(&known.spans, &item.spans, work)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn item(
    one: &Lost,
    spot: PlaceInLists,
    compared: &ClosedTime<'_, '_>,
    (part, alike): (PolicyPart, KindSet),
) -> PolicyDifference {
    let (old, new) = (compared.old, compared.new);
    let is_of_alike = alike.iter().next().is_some_and(|first| one.state.all().contains(first));
    let hazard = one.shown.and_then(|shown| old.policy.hazards.get(shown));
    let part = if hazard.is_some() || old.names_hazards(one.origin) { PolicyPart::Hazard } else { part };
    let text = match hazard {
        Some(hazard) if !old.names_hazards(one.origin) => {
            format!("`settle` of the hazard `{}`, before {}", hazard.name, old.text(one.origin))
        }
        Some(_) | None => old.text(one.origin),
    };
    let [environment, region, service] = old.names(spot).map(|name| name.map(str::to_owned));
    // whole weeks, so that no weekday counts once more than the others
    let near = compared.near();
    let whole =
        Interval { from: near.from, until: near.from.saturating_add(WEEK.saturating_mul(WHOLE_WEEKS)).min(near.until) };
    let seconds = one.spans.intersection(&Intervals::union(vec![whole])).seconds();
    PolicyDifference {
        environment,
        region,
        service,
        kinds: one.state.all(),
        alike: if is_of_alike { alike } else { KindSet::NONE },
        is_rollback: one.state.is_rollback,
        remains: one.remains,
        spans: Arc::clone(&one.spans),
        week_seconds: seconds.checked_div(WHOLE_WEEKS).unwrap_or(Seconds::ZERO),
        duration: one.duration,
        zone: zone(old, one),
        old_place: old.place(one.origin),
        new_place: rollout_place(old, new, one).or_else(|| new_place(old, new, one.origin)),
        doubt: one.doubt.map(str::to_owned),
        ..PolicyDifference::new(part, one.level, text)
    }
}

/// The zone in which the old policy reads what was lost.
fn zone(old: &PolicySide<'_>, one: &Lost) -> Option<Arc<Zone>> {
    let of_region = |region: Option<usize>| {
        region.and_then(|region| old.policy.regions.get(region)).and_then(|region| region.zones.first())
    };
    match one.origin {
        Origin::CoreHours(region) => of_region(Some(region)).cloned(),
        Origin::ChangeWindows(environment) => {
            let windows = old.policy.environments.get(environment).map(|one| one.change_windows.as_slice());
            windows.and_then(<[_]>::first).map(|window| Arc::clone(&window.zone))
        }
        Origin::Freeze(freeze) | Origin::Stale(freeze) => match old.policy.freezes.get(freeze).map(|one| &one.zone) {
            Some(crate::policy::FreezeZone::Zone(zone)) => Some(Arc::clone(zone)),
            Some(crate::policy::FreezeZone::Region) | None => of_region(one.spot.region).cloned(),
        },
    }
}

/// Returns where the new policy rolls the environment out, if the old one does so otherwise.
fn rollout_place(old: &PolicySide<'_>, new: &PolicySide<'_>, one: &Lost) -> Option<Place> {
    let name = &old.policy.environments.get(one.spot.environment)?.name;
    let place = new.policy.environments.iter().position(|environment| environment.name == *name)?;
    let rollout = new.policy.environments.get(place)?.rollout.as_ref()?;
    (!old.rolls_out_as(one.spot.environment, new, place)).then_some(rollout.place)
}

/// Returns where the new policy says something of the same name.
fn new_place(old: &PolicySide<'_>, new: &PolicySide<'_>, origin: Origin) -> Option<Place> {
    match origin {
        Origin::CoreHours(region) => {
            let region = new.policy.region(&old.policy.regions.get(region)?.name)?;
            Some(region.core_hours.as_ref().map_or(region.place, |core_hours| core_hours.place))
        }
        Origin::ChangeWindows(environment) => {
            let environment = new.policy.environment(&old.policy.environments.get(environment)?.name)?;
            Some(if environment.change_windows.is_empty() {
                environment.place
            } else {
                environment.change_windows_place
            })
        }
        Origin::Freeze(freeze) | Origin::Stale(freeze) => {
            let name = &old.policy.freezes.get(freeze)?.name;
            new.policy.freezes.iter().find(|one| one.name == *name).map(|one| one.rule_place)
        }
    }
}
