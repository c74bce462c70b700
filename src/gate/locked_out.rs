//! Edits of the policy after which no later edit could pass: nobody could take them back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::change::git::RefName;
use crate::decision::long_closure::{Starts, first_long_closure};
use crate::decision::schedule::DecisionQuestion;
use crate::decision::{Granted, HORIZON};
use crate::diagnostic::Faults;
use crate::escape::for_terminal;
use crate::gate::edit::EditSearch;
use crate::gate::fault::too_much;
use crate::gate::judgement::no_instant;
use crate::gate::source::{PolicySource, no_policy};
use crate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use crate::policy::{Environment, Level, Lift, Policy};
use crate::proof::grant::lift_lasts;
use crate::reach::{self, Declared, Reach, RefSide, Shown, TargetMatcher, edit_of};
use crate::time::instant::Instant;

/// The levels that refuse.
const REFUSING: [Level; 2] = [Level::Soft, Level::Hard];

/// A policy, with all that an edit of it reaches.
struct EditedPolicy<'p> {
    policy: &'p Policy,
    /// The places that its own files and its branch reach by its targets.
    own: Reach,
    /// The findings that can be overridden here.
    granted: Vec<Granted>,
}

impl<'p> EditedPolicy<'p> {
    fn new(source: &'p PolicySource, reference: Option<&RefName>, granted: Vec<Granted>) -> Result<Self, Faults> {
        let policy = &source.policy;
        let matcher = TargetMatcher::new(policy);
        let side = reference
            .map_or(RefSide::Unknown, |name| RefSide::Named { name: name.as_bytes(), default_branch: Some(true) });
        let mut shown = Shown::default();
        let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
        shown.part(None);
        of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
        for path in source.paths() {
            of_ref.path(path.as_bytes(), &mut shown).map_err(|error| too_much(&error))?;
        }
        // an edit of them alone passes what a calendar closes that has run out
        let own = Reach { is_policy_alone: true, ..reach::reach(policy, &Declared::default(), Some(shown), false) };
        Ok(Self { policy, own, granted })
    }

    /// Returns what an edit reaches that opens `opened`, besides what its own files and the branch reach.
    fn opening(opened: &Arc<Environment>) -> Reach {
        edit_of(opened, "")
    }
}

impl EditSearch<'_> {
    /// Refuses a policy under which later edits of it could never pass, if the one in force does not refuse them already:
    ///
    /// - its targets take its own files, or the branch, for something unknown;
    /// - it closes an environment for more than 400 days at once, or all those together that its own files and the branch reach, from
    ///   now on or from any later time on, and nobody may override that;
    /// - only signatures let edits pass that open something, and too few keys may give them.
    ///
    /// An override counts only where it can be given here.
    pub(crate) fn leaves_a_way(
        &self,
        in_force: Option<&PolicySource>,
        new: &PolicySource,
        reference: Option<&RefName>,
    ) -> Result<(), Faults> {
        let policy = &new.policy;
        self.leaves_a_key(in_force.map(|source| &source.policy), policy)?;
        let after = EditedPolicy::new(new, reference, self.granted(policy))?;
        let before = match in_force {
            Some(source) => Some(EditedPolicy::new(source, reference, self.granted(&source.policy))?),
            None => None,
        };
        if !after.granted.iter().any(|granted| granted.levels.contains(&Level::Hard))
            && let Some(unknown) = after.own.unknown.first()
        {
            let message = for_terminal(&unknown.message);
            let cause = format!("the edit refuses every later edit of the policy at any hour: {message}");
            return Err(no_policy(cause, "narrow the target, so that it does not match the policy and its branch"));
        }
        let declared = Declared::default();
        // laid out once, however many environments there are
        let own_after = Starts::kept(after.question(&after.own, &declared), self.at);
        let own_before = before.as_ref().map(|edited| Starts::kept(edited.question(&edited.own, &declared), self.at));
        let mut known_before: HashMap<&str, &Arc<Environment>> = HashMap::new();
        for environment in before.iter().flat_map(|edited| &edited.policy.environments) {
            for name in environment.aliases.iter().chain([&environment.name]) {
                known_before.insert(name, environment);
            }
        }
        let lock_of_own = || {
            let old = own_before.as_ref().map(|own| [own]);
            first_long_closure(&[&own_after], old.as_ref().map(<[_; 1]>::as_slice), self.at).map_err(no_instant)
        };
        let lock = |opened: &Arc<Environment>, with_own: bool| -> Result<Option<Instant>, Faults> {
            let reach = EditedPolicy::opening(opened);
            let opening = own_after.beside(after.question(&reach, &declared));
            let old_reach = before.as_ref().zip(own_before.as_ref()).and_then(|(edited, own)| {
                let environment = known_before.get(opened.name.as_str())?;
                Some((edited, own, EditedPolicy::opening(environment)))
            });
            let old_opening =
                old_reach.as_ref().map(|(edited, own, reach)| own.beside(edited.question(reach, &declared)));
            let mut new = vec![&opening];
            new.extend(with_own.then_some(&own_after));
            let old = old_opening.as_ref().map(|opening| {
                let mut old = vec![opening];
                old.extend(own_before.as_ref().filter(|_| with_own));
                old
            });
            first_long_closure(&new, old.as_deref(), self.at).map_err(no_instant)
        };
        if !after.own.reached.is_empty()
            && let Some(from) = lock_of_own()?
        {
            let reached = after.own_names();
            let cause = match reached.as_slice() {
                [only] => format!("which reach {only}, and that is closed for 400 days {}", self.since(from)?),
                several => {
                    format!(
                        "which reach {}, and those are never open together for 400 days {}",
                        several.join(", "),
                        self.since(from)?
                    )
                }
            };
            let cause = format!("the edit refuses every later edit of the policy's own files, {cause}");
            return Err(no_policy(
                cause,
                &self.way_out(policy, "narrow the targets, so that they do not match the policy and its branch, "),
            ));
        }
        // where every level can be overridden, no edit waits for an opening of what it opens
        let waits = !self.is_recorded || REFUSING.iter().any(|level| !policy.can_lift_policy_change(*level));
        for environment in policy.environments.iter().filter(|_| waits) {
            let name = for_terminal(&environment.name);
            let tail = self.nobody(policy);
            if let Some(from) = lock(environment, false)? {
                let cause = if from == self.at {
                    format!("the edit closes `{name}` for the coming 400 days")
                } else {
                    format!("the edit closes `{name}` for 400 days {}", self.since(from)?)
                };
                let way_out = self.way_out(policy, "leave a time that is open for a change and its settling, ");
                return Err(no_policy(cause, &format!("{way_out}: no later edit could open it, {tail}")));
            }
            if !after.own.reached.is_empty()
                && let Some(from) = lock(environment, true)?
            {
                let own = after.own_names().join(", ");
                let cause =
                    format!("the edit never opens `{name}` together with {own} for 400 days {}", self.since(from)?);
                let way_out = self.way_out(policy, "leave a time at which they are open together, ");
                return Err(no_policy(
                    cause,
                    &format!(
                        "{way_out}: the policy's own files reach {own}, so no later edit could open `{name}`, {tail}"
                    ),
                ));
            }
        }
        match in_force {
            Some(source) if waits => self.leaves_an_hour_of_all(&source.policy, &after),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a policy that an edit can take back only by opening all environments, if those are never open together: one with a target for
    /// all of them, say, or one that can't be compared with the one before it within the limit of work.
    fn leaves_an_hour_of_all(&self, in_force: &Policy, after: &EditedPolicy<'_>) -> Result<(), Faults> {
        let policy = after.policy;
        let back = compare(policy, in_force, &ComparisonOptions::at(self.at));
        let waits = |level: Level| level.refuses() && !(self.is_recorded && policy.can_lift_policy_change(level));
        let is_of_all =
            |part: PolicyPart| matches!(part, PolicyPart::Target | PolicyPart::Routes | PolicyPart::Uncompared);
        let mut of_all = back.openings.iter().filter(|one| one.environment.is_none() && is_of_all(one.part));
        let Some(of_all) = of_all.find(|one| waits(one.level)) else {
            return Ok(());
        };
        let declared = Declared::default();
        let reaches: Vec<Reach> = policy.environments.iter().map(EditedPolicy::opening).collect();
        let starts: Vec<Starts<'_>> =
            reaches.iter().map(|reach| Starts::kept(after.question(reach, &declared), self.at)).collect();
        let all: Vec<&Starts<'_>> = starts.iter().collect();
        let Some(from) = first_long_closure(&all, None, self.at).map_err(no_instant)? else {
            return Ok(());
        };
        let since = self.since(from)?;
        let apart = format!("and not all environments are open together for 400 days {since}");
        let (cause, first) = if of_all.part == PolicyPart::Uncompared {
            (
                format!("too large to compare, {apart}"),
                "write fewer windows, or leave a time at which all are open together, ",
            )
        } else {
            let what = of_all
                .old_place
                .map_or_else(|| "the edit".to_owned(), |place| for_terminal(&policy.sources.cite(place)).into_owned());
            (
                format!("only an edit that opens all environments could take back {what}, {apart}"),
                "name one environment, or leave a time at which all are open together, ",
            )
        };
        let way_out = self.way_out(policy, first);
        Err(no_policy(cause, &format!("{way_out}: otherwise nobody could take the edit back")))
    }

    /// Refuses a policy of which edits that open something need signatures that no key may give, or not for the coming 400 days, unless that
    /// was so.
    fn leaves_a_key(&self, in_force: Option<&Policy>, new: &Policy) -> Result<(), Faults> {
        for level in REFUSING {
            self.leaves_a_key_for(level, in_force, new)?;
        }
        Ok(())
    }

    /// The same, of edits that open something of one level.
    fn leaves_a_key_for(&self, level: Level, in_force: Option<&Policy>, new: &Policy) -> Result<(), Faults> {
        let lasting = |policy: &'_ Policy| -> Vec<Instant> {
            let lifts = policy.lifts.iter().filter(|lift| lift.is_for_policy_change(level));
            let usable = |lift: &Lift| self.is_recorded || !lift.signed.is_empty();
            let lasts = |lift: &Lift| lift_lasts(policy, lift, self.at).filter(|_| usable(lift)).unwrap_or(self.at);
            lifts.map(lasts).collect()
        };
        // what nobody may override waits for an opening
        let until = lasting(new).into_iter().max().unwrap_or(Instant::MAX);
        let before = in_force.map_or(Instant::MAX, |policy| lasting(policy).into_iter().max().unwrap_or(Instant::MAX));
        if until >= self.at.saturating_add(HORIZON) || until >= before {
            return Ok(());
        }
        let roster = new.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
        let mut lifts = new.lifts.iter().filter(|lift| lift.is_for_policy_change(level));
        let (Some(roster), true) = (roster, lifts.any(|lift| !lift.signed.is_empty())) else {
            let cause = "later edits of this policy need an incident, which counts only with a record";
            return Err(no_policy(cause, RECORD));
        };
        let when = if until == self.at { "now".to_owned() } else { self.since(until)? };
        let path = for_terminal(roster.path());
        let cause = format!("later edits need signatures, and too few keys of `{path}` may sign {when}");
        let help = format!(
            "list keys that may sign for the next 400 days at least: `valid-after`, `valid-before` and `namespaces` in `{path}` say when and for what they may"
        );
        Err(no_policy(cause, &help))
    }

    /// Returns what can be overridden here, by level, as long as there are keys that may sign.
    fn granted(&self, policy: &Policy) -> Vec<Granted> {
        let until = |level: Level| {
            let lifts = policy.lifts.iter().filter(|lift| self.is_recorded && lift.is_of_level(level));
            Some((level, lifts.filter_map(|lift| lift_lasts(policy, lift, self.at)).max()?))
        };
        let granted = REFUSING.into_iter().filter_map(until).map(|(level, until)| Granted {
            by: String::new(),
            ids: None,
            levels: vec![level],
            environments: None,
            regions: None,
            until,
            share: None,
        });
        granted.collect()
    }

    /// Returns whether somebody could override what is hard if a record were kept.
    fn lacks_record(&self, policy: &Policy) -> bool {
        !self.is_recorded && policy.can_lift_policy_change(Level::Hard)
    }

    /// Says, for people, that nobody may override.
    fn nobody(&self, policy: &Policy) -> &'static str {
        if self.lacks_record(policy) {
            "and nobody can override that here, as no record is kept"
        } else {
            "and nobody may override that"
        }
    }

    /// Returns what to do: `first`, or else something that lets somebody override.
    fn way_out(&self, policy: &Policy, first: &str) -> String {
        let last =
            if self.lacks_record(policy) { RECORD } else { "add `[[lifts]]` with `finding = \"policy-change\"`" };
        format!("{first}or {last}")
    }

    /// Returns the instant from which on something holds, for people.
    fn since(&self, from: Instant) -> Result<String, Faults> {
        if from == self.at {
            return Ok("from now on".to_owned());
        }
        let instant = from.timestamp().map_err(|error| no_instant(error.into()))?;
        Ok(format!("from {} on", instant.strftime("%a %-d %b %Y %H:%M UTC")))
    }
}

/// The way in which overrides come to count.
const RECORD: &str = "keep a record, in which overrides are noted: `--record FILE`";

impl EditedPolicy<'_> {
    fn question<'q>(&'q self, reach: &'q Reach, declared: &'q Declared) -> DecisionQuestion<'q> {
        DecisionQuestion { policy: self.policy, reach, declared, duration: None, granted: &self.granted }
    }

    /// The environments that the policy's own files and its branch reach, each once, for people.
    fn own_names(&self) -> Vec<String> {
        let mut known = HashSet::new();
        let names = self.own.reached.iter().map(|reached| reached.environment.name.as_str());
        names.filter(|name| known.insert(*name)).map(|name| format!("`{}`", for_terminal(name))).collect()
    }
}
