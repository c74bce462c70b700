//! What an edit of a policy opens, and what it closes: two checked policies, compared with each other. Pure.
//!
//! An edit *opens* something if some change that the old policy refuses at some instant is allowed by the new one, or if it
//! touches who may override what. If nothing is found to open, no such change exists:
//!
//! - **Closed time** ([`PolicyPart::ClosedTime`]) is compared to the second, as intervals of instants: for each text that
//!   stands for an environment, a region and a service, for no kind and for sets of kinds, for each level and for changes of
//!   any duration. A hard window stands for a soft one if whoever may override the one may override the other. All time of the coming 400 days is looked at, that of ten years if a policy names dates in them, that of 40 years for days of a month or of a year, and
//!   beyond that the time near each date that it names. What comes once and lasts for years there counts as opened.
//! - **Targets** ([`PolicyPart::Target`]) are kept if others match all that they match: patterns are compared as languages.
//!   A change is compared with what it says by the targets too ([`PolicyPart::Mismatch`]). What one target matched and no one target matches
//!   now counts as opened for rollbacks ([`PolicyPart::Rollback`]), and so do refs that one target brings together.
//! - **Hazards** and the freezes that name them ([`PolicyPart::Hazard`]) count if one of the old policy has none in the new that
//!   covers as much, at the same time for the same places. What is exempt in an environment does not count there.
//! - **Lifts**, groups and keys ([`PolicyPart::Lift`]) count if anything differs, be it easier or harder.
//! - A text that the old policy does not know is refused by it at any hour. That alone does not count: such a change is
//!   judged by the windows that the old policy holds it against besides. So regions and environments can be added. A name of an
//!   environment that is taken away ([`PolicyPart::Name`]) counts as opened, as a later edit could give it to something else.
//! - **Evidence** ([`PolicyPart::Evidence`]): an environment whose name alone was no evidence, and is now, or that a target
//!   shows only now.
//! - **Routes** ([`PolicyPart::Routes`]) count if a level of `[routes]` is milder, or a pattern is gone or may mean another owner.
//! - Of an organisation's own policy, each definition that changes or goes counts as opened ([`PolicyPart::Name`]), as repositories build on it in ways
//!   that are not known; what is added does not.
//! - What could not be compared within the limit of work counts as opened.
//!
//! What keeps its meaning under another name (a freeze, a group) opens nothing. An environment does, also if it keeps its old name as an
//! alias: the record knows it by its name. A freeze's name is in the ids of grants, but those also hold a digest of what they lift.
//!
//! [`COMPARED_KEYS`] lists how each key is compared. One that is missing there counts as opened.

use crate::diagnostic::SourceFile;
use crate::policy::{Kind, Level, Policy};
use crate::time::instant::Instant;

mod added_freezes;
mod closed_time;
mod covers;
mod definitions;
mod evidence;
mod goals;
mod hazards;
mod histories;
mod keys;
mod kinds;
mod layers;
mod lifts;
mod names;
mod overrides;
mod removed;
mod report;
mod routes;
mod scalars;
mod settles;
mod shapes;
mod shown;
mod sides;
mod targets;
mod work;

pub use closed_time::COMPARED_AHEAD;
pub use keys::{COMPARED_KEYS, ComparedBy, ComparedKey};
pub use report::{PolicyDifference, PolicyPart};
pub use work::MOST_STEPS;

use closed_time::ClosedTime;
use shapes::Shapes;
use shown::Comparing;
use sides::PolicySide;
use targets::Pairs;
use work::{Halt, Work};

/// The openings and closings of an edit of a policy.
#[derive(Debug, Clone, Default)]
pub struct PolicyComparison {
    /// Everything that the old policy refuses and the new one does not, the strictest level first. Empty: it opens nothing.
    pub openings: Vec<PolicyDifference>,
    /// Everything that the new policy refuses and the old one does not.
    pub closings: Vec<PolicyDifference>,
}

impl PolicyComparison {
    /// Returns whether nothing opens and nothing closes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.openings.is_empty() && self.closings.is_empty()
    }

    /// The strictest level of what opens; `None` if nothing does.
    #[must_use]
    pub fn opens(&self) -> Option<Level> {
        self.openings.iter().map(|one| one.level).max()
    }
}

/// The comparison of two policies.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonOptions<'o> {
    /// The instant from which on time is compared, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The most steps of work, for openings and for closings each.
    pub most_steps: u64,
    /// The keys that have a comparison.
    pub compared_keys: &'o [ComparedKey],
}

impl ComparisonOptions<'_> {
    /// From `at` on, with the usual limit and keys.
    #[must_use]
    pub const fn at(at: Instant) -> Self {
        Self { at, most_steps: MOST_STEPS, compared_keys: COMPARED_KEYS }
    }
}

/// Returns what `new` opens and closes, compared with `old`.
///
/// It always answers: what could not be compared is an opening with [`PolicyDifference::doubt`].
#[must_use]
pub fn compare(old: &Policy, new: &Policy, options: &ComparisonOptions<'_>) -> PolicyComparison {
    if is_same(old, new) {
        return PolicyComparison::default();
    }
    let mut openings = Vec::new();
    if !takes_the_same_definitions(old, new) || !added_freezes::are_all(old, new) {
        openings = openings_of(old, new, options);
        openings.extend(definitions::that_changed(old, new));
    }
    for (table, key) in keys::uncompared(old, new, options.compared_keys) {
        let table = if table.is_empty() { "the top" } else { table };
        openings.push(doubtful(format!("the key `{key}` of `{table}`"), "there is no comparison for it"));
    }
    openings.sort_by(|one, other| order(one).cmp(&order(other)));
    let mut closings = one_way(new, old, options);
    closings.retain(|one| one.part != PolicyPart::Uncompared);
    for closing in &mut closings {
        std::mem::swap(&mut closing.old_place, &mut closing.new_place);
    }
    closings.sort_by(|one, other| order(one).cmp(&order(other)));
    PolicyComparison { openings, closings }
}

/// Returns what `old` refuses and `new` does not, and what changes of who may override.
fn openings_of(old: &Policy, new: &Policy, options: &ComparisonOptions<'_>) -> Vec<PolicyDifference> {
    let mut openings = one_way(old, new, options);
    let lifts = lifts::compare(old, new, &Work::new(options.most_steps)).unwrap_or_else(|halt| {
        openings.push(doubtful("who may override what", halt.text()));
        Vec::new()
    });
    for difference in lifts {
        openings.push(PolicyDifference {
            old_place: difference.old_place,
            new_place: difference.new_place,
            ..PolicyDifference::new(PolicyPart::Lift, difference.level, difference.text)
        });
    }
    openings.extend(removed::names(old, new));
    openings.extend(scalars::shorter_rollback(old, new));
    match histories::targets((old, new), &openings, &Work::new(options.most_steps)) {
        Ok(apart) => openings.extend(apart),
        Err(halt) => openings.push(doubtful("what each target keeps together", halt.text())),
    }
    match histories::refs((old, new), &Work::new(options.most_steps)) {
        Ok(together) => openings.extend(together),
        Err(halt) => openings.push(doubtful("which refs have one history", halt.text())),
    }
    openings
}

/// Returns whether two policies are read from the same bytes, file by file and key by key, and so mean the same.
fn is_same(old: &Policy, new: &Policy) -> bool {
    let (before, after) = (old.sources.files(), new.sources.files());
    let is_same_file = |(one, other): (&SourceFile, &SourceFile)| {
        one.path == other.path && one.layer == other.layer && one.text == other.text
    };
    before.len() == after.len()
        && before.iter().zip(after).all(is_same_file)
        && lifts::has_same_roster(old, new)
        && takes_the_same_definitions(old, new)
}

/// Returns whether two policies take the definitions of the same one if a repository and the organisation that it follows have one of a name.
fn takes_the_same_definitions(old: &Policy, new: &Policy) -> bool {
    let of = |policy: &Policy| policy.followed().map(|organisation| organisation.definitions);
    of(old) == of(new)
}

/// The strictest level first, then by what is meant.
fn order(one: &PolicyDifference) -> impl Ord + use<'_> {
    let names = (&one.environment, &one.region, &one.service);
    (std::cmp::Reverse(one.level), one.part, names, &one.text, one.is_rollback, one.kinds.iter().collect::<Vec<Kind>>())
}

fn doubtful(text: impl Into<String>, doubt: impl Into<String>) -> PolicyDifference {
    PolicyDifference { doubt: Some(doubt.into()), ..PolicyDifference::new(PolicyPart::Uncompared, Level::Hard, text) }
}

/// Returns what `old` refuses and `new` does not, lifts aside.
fn one_way(old: &Policy, new: &Policy, options: &ComparisonOptions<'_>) -> Vec<PolicyDifference> {
    let work = Work::new(options.most_steps);
    let mut found = Vec::new();
    if let Err(halt) = time_and_targets(old, new, options, &work, &mut found) {
        found.push(doubtful("the rest of the policy", halt.text()));
    }
    found.extend(scalars::longer_rollback(old, new));
    found.extend(routes::routes(old, new));
    found.extend(hazards::settles(old, new));
    found
}

fn time_and_targets(
    old: &Policy,
    new: &Policy,
    options: &ComparisonOptions<'_>,
    work: &Work,
    found: &mut Vec<PolicyDifference>,
) -> Result<(), Halt> {
    let mut shapes = Shapes::default();
    let mut old_side = PolicySide::new(old, &mut shapes, work)?;
    let mut new_side = PolicySide::new(new, &mut shapes, work)?;
    PolicySide::note_changed(&mut old_side, &mut new_side, work)?;
    let pairs = Pairs::new(old, new, work)?;
    let closed_time = ClosedTime::new(&shapes, (&old_side, &new_side), work, options.at)?;
    let comparing = Comparing { closed_time: &closed_time, pairs: &pairs, kinds: kinds::told_apart(old, new) };
    comparing.declared(found)?;
    comparing.targets(found)?;
    comparing.added_targets(found)?;
    comparing.merged_names(found)?;
    comparing.evidence(found)
}
