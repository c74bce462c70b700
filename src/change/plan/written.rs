//! The JSON of a plan, read as a stream.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::change::fact_value::FactValue;
use crate::change::plan::address::{module_of, without_keys};
use crate::change::plan::cloud::{Cloud, Located, Providers, RegionVariables, ShownAttributes, WrittenConfiguration};
use crate::change::plan::error::PlanError;
use crate::change::plan::error::{DUPLICATE, of_parser};
use crate::change::plan::facts::{MOST_PLANNED_CHANGES, PlannedAction, PlannedAttribute, PlannedChange, TerraformPlan};
use crate::change::plan::node::{PlanNode, ResourceDigest};
use crate::fact::FactKey;

/// Everything that was read of a plan, in whatever order it stands there.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    plan: TerraformPlan,
    format_version: Option<String>,
    errored: bool,
    /// True if something was there that only plans have.
    is_plan: bool,
    /// True if it holds the values of a state.
    is_state: bool,
    /// The problem with what the parser can read.
    fault: Option<PlanError>,
    texts: HashSet<Arc<str>>,
    variables: RegionVariables,
    providers: Providers,
    /// The place where changes are, as far as their own attributes show it, each with its number.
    located: Vec<(usize, Cloud, Located)>,
}

/// A change, as in the JSON.
#[derive(Deserialize)]
struct WrittenChange {
    address: String,
    previous_address: Option<String>,
    module_address: Option<String>,
    #[serde(rename = "type")]
    resource_type: String,
    provider_name: Option<String>,
    change: WrittenBody,
}

#[derive(Deserialize)]
struct WrittenBody {
    actions: Vec<String>,
    #[serde(default)]
    before: PlanNode,
    #[serde(default)]
    after: PlanNode,
    #[serde(default)]
    after_unknown: PlanNode,
    #[serde(default)]
    before_sensitive: PlanNode,
    #[serde(default)]
    after_sensitive: PlanNode,
    #[serde(default)]
    before_identity: PlanNode,
    importing: Option<IgnoredAny>,
}

/// The attribute of the built-in resource `terraform_data` that its `output` is a copy of
/// (<https://developer.hashicorp.com/terraform/language/resources/terraform-data>).
const COPIED: &str = "input";

impl WrittenChange {
    /// Returns whether an attribute gets the value of [`COPIED`] when the plan is applied, although the plan does not say so.
    fn is_copy(&self, attribute: &str) -> bool {
        attribute == "output"
            && self.resource_type == "terraform_data"
            && self.provider_name.as_deref() == Some("terraform.io/builtin/terraform")
            && matches!(self.change.after_unknown.at(attribute), PlanNode::Bool(true))
    }
}

/// Returns where a resource was before it moved, as facts.
fn former_place(address: &str) -> Vec<(FactKey, FactValue)> {
    let one = |text: &str| FactValue::AnyOf(vec![text.as_bytes().to_vec()]);
    let module = module_of(address).map(|module| (FactKey::Modules, one(module)));
    std::iter::once((FactKey::Addresses, one(address))).chain(module).collect()
}

/// Attributes that providers know a resource by.
const IDENTITY: [&str; 3] = ["id", "arn", "self_link"];

impl WrittenBody {
    /// The resource as it is before the change, if that shows which it is.
    fn identified(&self, address: &str) -> Option<ResourceDigest> {
        let is_shown = |name: &str| !self.before_sensitive.marks(name) && !self.after_sensitive.marks(name);
        let mut identity: Vec<(&str, &PlanNode)> = IDENTITY
            .into_iter()
            .map(|name| (name, self.before.at(name)))
            .filter(|(name, value)| !value.is_null() && is_shown(name))
            .collect();
        if !self.before_identity.is_null() {
            identity.push(("identity", &self.before_identity));
        }
        ResourceDigest::new(address, &identity)
    }

    /// Returns where the resource is before and after the change, as far as its attributes show it.
    fn located(&self, cloud: Cloud) -> Located {
        let shown = ShownAttributes {
            before: &self.before,
            after: &self.after,
            is_made: self.actions.iter().any(|action| action == "create"),
            unknown: &self.after_unknown,
            sensitive: [&self.before_sensitive, &self.after_sensitive],
        };
        Located::by_attributes(cloud, &shown)
    }
}

#[derive(Deserialize)]
struct WrittenDeferral {
    resource_change: Option<WrittenChange>,
    action_invocation: Option<WrittenInvocation>,
}

/// An invoked action, as in the JSON.
#[derive(Deserialize)]
struct WrittenInvocation {
    address: String,
    #[serde(rename = "type")]
    action_type: String,
    module_address: Option<String>,
    provider_name: Option<String>,
}

impl Gathered {
    /// Reads all of a plan.
    pub(super) fn read(reader: impl Read) -> Result<Self, PlanError> {
        let mut gathered = Self::default();
        let mut parser = serde_json::Deserializer::from_reader(reader);
        let read = TopSeed(&mut gathered).deserialize(&mut parser).and_then(|()| parser.end());
        match (gathered.fault.take(), read) {
            (Some(fault), _) => Err(fault),
            (None, Ok(())) => Ok(gathered),
            (None, Err(error)) => Err(of_parser(&error)),
        }
    }

    /// The plan, if it is one, whole and of a format that is known.
    pub(super) fn into_plan(self) -> Result<TerraformPlan, PlanError> {
        let Some(version) = &self.format_version else {
            return Err(PlanError::NotAPlan { what: "it lacks `format_version`" });
        };
        if version.split_once('.').map(|(major, _)| major) != Some("1") {
            return Err(PlanError::UnknownFormat { version: version.chars().take(40).collect() });
        }
        if self.errored {
            return Err(PlanError::Errored);
        }
        match (self.is_plan, self.is_state) {
            (true, _) => Ok(self.located()),
            (false, true) => Err(PlanError::NotAPlan { what: "it is a state" }),
            (false, false) => Err(PlanError::NotAPlan { what: "it lacks `planned_values`" }),
        }
    }

    /// The plan, each of its changes with its region and account. The configuration comes last in the JSON.
    fn located(mut self) -> TerraformPlan {
        for (number, cloud, located) in self.located {
            if let Some(change) = self.plan.changes.get_mut(number) {
                let of_provider = if located.is_whole() {
                    None
                } else {
                    self.providers.of(cloud, &without_keys(&change.address), &self.variables)
                };
                change.facts.extend(located.or(of_provider.as_ref()).facts(&change.address));
            }
        }
        self.plan
    }

    /// One text for all that are equal.
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(text);
        self.texts.insert(Arc::clone(&new));
        new
    }

    fn add(&mut self, change: PlannedChange) -> Result<(), PlanError> {
        if self.plan.changes.len() >= MOST_PLANNED_CHANGES {
            return Err(PlanError::TooManyChanges);
        }
        self.plan.changes.push(change);
        Ok(())
    }

    fn add_change(&mut self, written: &WrittenChange) -> Result<(), PlanError> {
        let body = &written.change;
        let is_moved = written.previous_address.is_some();
        self.plan.imported += usize::from(body.importing.is_some());
        let names: Vec<&str> = body.actions.iter().map(String::as_str).collect();
        let actions: &[PlannedAction] = match names.as_slice() {
            ["no-op"] | ["read"] => {
                self.plan.moved += usize::from(is_moved);
                return Ok(());
            }
            ["create"] => &[PlannedAction::Create],
            ["update"] => &[PlannedAction::Update],
            ["delete"] => &[PlannedAction::Delete],
            ["forget"] => &[PlannedAction::Forget],
            ["delete", "create"] | ["create", "delete"] => &[PlannedAction::Replace],
            // what is replaced stays where it is
            ["create", "forget"] | ["forget", "create"] => &[PlannedAction::Create, PlannedAction::Forget],
            _ => {
                let actions = names.join(", ").chars().take(100).collect();
                return Err(PlanError::UnknownAction { address: written.address.clone(), actions });
            }
        };
        self.plan.moved += usize::from(is_moved);
        for action in actions.iter().copied() {
            let (attributes, is_unclear) = self.attributes(written, action);
            if let Some(cloud) = written.provider_name.as_deref().and_then(Cloud::of) {
                self.located.push((self.plan.changes.len(), cloud, body.located(cloud)));
            }
            let change = PlannedChange {
                facts: written.previous_address.as_deref().map(former_place).unwrap_or_default(),
                resource_type: self.text(&written.resource_type),
                module: written.module_address.as_deref().map(|module| self.text(module)),
                provider: written.provider_name.as_deref().map(|provider| self.text(provider)),
                address: written.address.clone(),
                action,
                attributes,
                is_unclear,
            };
            self.add(change)?;
        }
        Ok(())
    }

    fn attributes(&mut self, written: &WrittenChange, action: PlannedAction) -> (Vec<PlannedAttribute>, bool) {
        let body = &written.change;
        let WrittenBody { before, after, after_unknown, before_sensitive, after_sensitive, .. } = body;
        let (is_update, replaces) = match action {
            PlannedAction::Update => (true, true),
            PlannedAction::Replace => (false, true),
            PlannedAction::Create | PlannedAction::Delete | PlannedAction::Forget | PlannedAction::Invoke => {
                (false, false)
            }
        };
        let identified = if is_update { body.identified(&written.address) } else { None };
        let addresses = [Some(&written.address), written.previous_address.as_ref()];
        let places: Vec<ResourceDigest> =
            addresses.into_iter().flatten().map(|address| ResourceDigest::at(address)).collect();
        let mut names: Vec<&str> = before.keys().chain(after.keys()).chain(after_unknown.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut attributes = Vec::new();
        for name in &names {
            // known only after apply, but for what is written elsewhere already
            let source = if written.is_copy(name) { COPIED } else { name };
            let (old, new, is_unknown) = (before.at(name), after.at(source), after_unknown.marks(source));
            if !is_unknown && old.is_same(new) {
                continue;
            }
            let is_sensitive =
                [name, source].into_iter().any(|name| before_sensitive.marks(name) || after_sensitive.marks(name));
            let shown = |value: &PlanNode, resource: &ResourceDigest| {
                if is_sensitive { None } else { value.digest(resource, name) }
            };
            let values = identified.as_ref().filter(|_| !is_unknown).and_then(|resource| {
                let (before, after) = shown(old, resource).zip(shown(new, resource))?;
                Some(Box::new([before, after]))
            });
            let any = |place| PlanNode::any_digest(place, name);
            let old_places = places.iter().filter(|_| replaces);
            let replaced = old_places.map(|place| shown(old, place).unwrap_or_else(|| any(place))).collect();
            let brought = places.iter().filter(|_| values.is_some());
            let brought = brought.flat_map(|place| shown(new, place).into_iter().chain([any(place)])).collect();
            attributes.push(PlannedAttribute { name: self.text(name), replaced, brought, values });
        }
        // such as where only the mark of being sensitive differs
        let is_unclear = is_update && attributes.is_empty();
        // what all of it is unknown or hidden, no list of names says
        let is_hidden = !before.is_null() && !after.is_null() && names.is_empty();
        (attributes, is_unclear || (is_update && is_hidden) || matches!(after_unknown, PlanNode::Bool(true)))
    }

    fn add_invocation(&mut self, written: &WrittenInvocation) -> Result<(), PlanError> {
        if let Some(cloud) = written.provider_name.as_deref().and_then(Cloud::of) {
            self.located.push((self.plan.changes.len(), cloud, Located::default()));
        }
        let change = PlannedChange {
            facts: Vec::new(),
            resource_type: self.text(&written.action_type),
            module: written.module_address.as_deref().map(|module| self.text(module)),
            provider: written.provider_name.as_deref().map(|provider| self.text(provider)),
            address: written.address.clone(),
            action: PlannedAction::Invoke,
            attributes: Vec::new(),
            is_unclear: false,
        };
        self.add(change)
    }

    /// Keeps what is wrong, and stops the parser.
    fn stop<E: Error>(&mut self, added: Result<(), PlanError>) -> Result<(), E> {
        added.map_err(|fault| {
            self.fault = Some(fault);
            E::custom("stopped")
        })
    }
}

/// Reads the object of the plan.
struct TopSeed<'g>(&'g mut Gathered);

impl<'de> DeserializeSeed<'de> for TopSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TopSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let gathered = self.0;
        let mut known = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "format_version" => gathered.format_version = Some(entries.next_value()?),
                "terraform_version" => {
                    gathered.plan.made_by = entries.next_value::<Option<String>>()?;
                }
                "errored" => gathered.errored = entries.next_value()?,
                "complete" => gathered.plan.is_partial = !entries.next_value::<bool>()?,
                "timestamp" => gathered.plan.timestamp = entries.next_value::<Option<String>>()?,
                "variables" => {
                    gathered.variables = RegionVariables::of(&entries.next_value::<PlanNode>()?);
                }
                "configuration" => {
                    let configuration = entries.next_value::<Option<WrittenConfiguration>>()?;
                    gathered.providers = configuration.map(Providers::new).unwrap_or_default();
                }
                "planned_values" => {
                    gathered.is_plan = true;
                    entries.next_value::<IgnoredAny>()?;
                }
                "values" => {
                    gathered.is_state = true;
                    entries.next_value::<IgnoredAny>()?;
                }
                "resource_changes" => {
                    gathered.is_plan = true;
                    entries.next_value_seed(ListSeed(gathered, |gathered, one: WrittenChange| {
                        gathered.add_change(&one)
                    }))?;
                }
                "action_invocations" => {
                    gathered.is_plan = true;
                    entries.next_value_seed(ListSeed(gathered, |gathered, one: WrittenInvocation| {
                        gathered.add_invocation(&one)
                    }))?;
                }
                "deferred_changes" | "deferred_action_invocations" => {
                    entries.next_value_seed(ListSeed(gathered, |gathered, one: WrittenDeferral| {
                        let before = gathered.plan.changes.len();
                        one.resource_change.map_or(Ok(()), |change| gathered.add_change(&change))?;
                        one.action_invocation.map_or(Ok(()), |action| gathered.add_invocation(&action))?;
                        gathered.plan.deferred += gathered.plan.changes.len() - before;
                        Ok(())
                    }))?;
                }
                "resource_drift" => {
                    entries.next_value_seed(ListSeed(gathered, |gathered, _: IgnoredAny| {
                        gathered.plan.drifted += 1;
                        Ok(())
                    }))?;
                }
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
            if !known.insert(key) {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(())
    }
}

/// Reads a list, or null, item by item.
struct ListSeed<'g, T>(&'g mut Gathered, fn(&mut Gathered, T) -> Result<(), PlanError>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for ListSeed<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListSeed<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self(gathered, add) = self;
        while let Some(item) = items.next_element::<T>()? {
            let added = add(gathered, item);
            gathered.stop(added)?;
        }
        Ok(())
    }
}
