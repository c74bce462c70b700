//! What a command acts on, as far as its arguments, the environment and files say it.

use std::sync::Arc;

use crate::change::fact_value::FactValue;
use crate::change::plan::SavedPlan;
use crate::fact::FactKey;

/// The effect of a command: whether it changes anything where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandEffect {
    /// It only reads.
    Reads,
    /// It may change something.
    Writes,
}

/// The plan that a command of Terraform applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppliedPlan {
    /// One that the command makes itself, as `terraform apply` without a file.
    OfItsOwn,
    /// One that was saved before, as in `terraform apply tfplan`.
    Saved(Arc<SavedPlan>),
    /// A saved one that can't be read; why, for people.
    Unreadable(String),
}

/// The facts about what the tool of a command acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFacts {
    /// The name of the tool.
    pub tool: &'static str,
    /// Its effect.
    pub effect: CommandEffect,
    /// The plan that it applies, if it applies one.
    pub applied: Option<AppliedPlan>,
    /// The reason why it must not be started, whatever the policy says: what it would do contradicts what it was made for.
    pub contradiction: Option<String>,
    values: Vec<(FactKey, FactValue)>,
}

impl CommandFacts {
    /// Facts of a tool, of which none is known yet.
    ///
    /// ```
    /// use freezegate::change::command::{CommandEffect, CommandFacts, FactValue};
    /// use freezegate::fact::FactKey;
    ///
    /// let mut facts = CommandFacts::new("kubectl", CommandEffect::Writes);
    /// facts.add(FactKey::Contexts, FactValue::AnyOf(vec![b"prod".to_vec()]));
    /// facts.add(FactKey::Contexts, FactValue::AnyOf(vec![b"dev".to_vec()]));
    /// assert_eq!(facts.get(FactKey::Contexts), Some(&FactValue::AnyOf(vec![b"prod".to_vec(), b"dev".to_vec()])));
    /// assert_eq!(facts.get(FactKey::Workspaces), None);
    /// ```
    #[must_use]
    pub const fn new(tool: &'static str, effect: CommandEffect) -> Self {
        Self { tool, effect, applied: None, contradiction: None, values: Vec::new() }
    }

    /// Adds what may be so too: more values, or that they can't be determined, which no value makes good.
    pub fn add(&mut self, key: FactKey, value: FactValue) {
        let Some((_, known)) = self.values.iter_mut().find(|(known, _)| *known == key) else {
            self.values.push((key, value));
            return;
        };
        match (known, value) {
            (FactValue::NotUnderstood(_), _) => {}
            (known @ FactValue::AnyOf(_), why @ FactValue::NotUnderstood(_)) => *known = why,
            (FactValue::AnyOf(known), FactValue::AnyOf(more)) => {
                for one in more {
                    if !known.contains(&one) {
                        known.push(one);
                    }
                }
            }
        }
    }

    /// The same, with what another reading of the command says. It writes if one of them does.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        if other.effect == CommandEffect::Writes {
            self.effect = CommandEffect::Writes;
        }
        self.applied = self.applied.or(other.applied);
        self.contradiction = self.contradiction.or(other.contradiction);
        for (key, value) in other.values {
            self.add(key, value);
        }
        self
    }

    /// Returns what is known of `key`; `None` if the tool has no such thing.
    #[must_use]
    pub fn get(&self, key: FactKey) -> Option<&FactValue> {
        self.values.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Everything that is known.
    #[must_use]
    pub fn values(&self) -> &[(FactKey, FactValue)] {
        &self.values
    }
}
