//! Tags of what the record says was allowed already.

use std::collections::BTreeSet;

use crate::change::git::{EvidenceError, RefName};
use crate::diagnostic::Faults;
use crate::escape::for_terminal;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::fault::fault;
use crate::gate::look::look;
use crate::gate::messages::Messages;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::push::Push;
use crate::gate::push::update::Update;
use crate::gate::world::World;
use crate::proof::record::{Folded, ref_text};
use crate::reach::{Shown, TargetMatcher};
use crate::report::{Breadth, Examined};

impl Push<'_> {
    /// Finds the tags that bring nothing new: every environment that they reach was brought to their commit last, by a decision
    /// about its whole tree in this repository, and the ref of that decision holds the commit now: git may have turned a push
    /// down that was allowed.
    ///
    /// A tag that is moved is none of them. One that reaches another environment too, or something that no table names, is judged for all.
    pub(crate) fn settle(
        &mut self,
        world: &dyn World,
        folded: &Folded,
        repository: Option<&str>,
    ) -> Result<(), Faults> {
        self.known = BaselineSnapshot::default();
        self.settled.clear();
        let names = self.updates.iter().map(|update| &update.name);
        self.known.policy_branches = names.filter(|name| (self.is_default)(name) == Some(true)).map(ref_text).collect();
        let matcher = TargetMatcher::new(&self.source.policy);
        let policies = PoliciesThen::new(&self.source.policy, (self.policy, world, self.repository), None);
        let mut messages = Messages::new(self.repository, self.known_commits()?);
        let is_tag = |update: &&Update| update.name.as_bytes().starts_with(b"refs/tags/");
        // to move a tag takes back what it brought, and the record has to know
        for update in self.updates.iter().filter(is_tag).filter(|update| update.old.is_zero()) {
            let Some(Some(new)) = self.state(update.new)? else {
                continue;
            };
            let mut shown = Shown::default();
            for name in self.names(update)? {
                let ends = (|| self.old(update), || Ok(Some(new)));
                look(self.repository, &matcher, self.side(&name), ends, Some(&mut messages), &mut shown)?;
                self.look_at_lacking(&matcher, update, &name, &mut shown)?;
            }
            let names = shown.environment_names();
            let landed = |name: &RefName| match self.repository.revision_of(name) {
                Ok(now) => Ok(now.is_some_and(|now| now.commit == new.commit)),
                Err(EvidenceError::NotACommit { .. } | EvidenceError::MissingObject { .. }) => Ok(false),
                Err(error) => Err(fault(error)),
            };
            let scope = Breadth::of(&shown, &self.source.policy, Some(&update.name)).scope;
            let commit = (new.commit.to_string(), scope, repository);
            let current = self.known.current_of(folded, commit, (names.iter().copied(), &policies), &landed)?;
            let plain = shown.unknown.is_empty() && shown.said.is_empty();
            if plain && !names.is_empty() && current.len() == names.len() {
                self.settled.insert(update.name.clone());
            }
        }
        Ok(())
    }
}

/// As many tags that bring nothing new are named; each part of an entry of the record repeats them.
const MOST_NAMED: usize = 5;

/// Says which tags bring nothing new.
pub(crate) fn tell(settled: &BTreeSet<RefName>, examined: &mut Examined) {
    if settled.is_empty() {
        return;
    }
    let named = settled.iter().take(MOST_NAMED).map(|name| format!("`{}`", for_terminal(&name.to_string())));
    let named = named.collect::<Vec<_>>().join(", ");
    let more = settled.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    examined.base.push_str(&format!("; record: {named}{more} brought nothing new"));
}
