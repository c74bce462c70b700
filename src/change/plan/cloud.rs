//! The region and the account of a changed resource, as far as a plan shows them.
//!
//! A plan says where a resource is by its own attributes, such as its ARN, or by the configuration of its provider. A value that is computed
//! from several others is not understood.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::change::fact_value::FactValue;
use crate::change::plan::error::DUPLICATE;
use crate::change::plan::node::PlanNode;
use crate::fact::FactKey;

/// A cloud whose resources have a region and an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cloud {
    Aws,
    Google,
    Azure,
}

impl Cloud {
    /// The cloud of a provider, such as `registry.terraform.io/hashicorp/aws`.
    pub(super) fn of(provider: &str) -> Option<Self> {
        match provider.rsplit('/').next().unwrap_or_default() {
            "aws" | "awscc" => Some(Self::Aws),
            "google" | "google-beta" => Some(Self::Google),
            "azurerm" => Some(Self::Azure),
            _ => None,
        }
    }

    /// The expression of its provider that names the account.
    const fn account_expression(self) -> &'static str {
        match self {
            Self::Aws => "allowed_account_ids",
            Self::Google => "project",
            Self::Azure => "subscription_id",
        }
    }
}

/// Regions and accounts: those of a resource, or of a provider; none if that is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Located {
    regions: Vec<String>,
    accounts: Vec<String>,
    /// True if the resource may also be in another region, which its provider knows.
    has_open_region: bool,
    /// The same of its account.
    has_open_account: bool,
}

/// The attributes of a resource that a change shows.
pub(super) struct ShownAttributes<'c> {
    pub(super) before: &'c PlanNode,
    pub(super) after: &'c PlanNode,
    /// True if the change makes a resource, so that what it was before does not say where the new one is.
    pub(super) is_made: bool,
    /// Marks what is known only after the change.
    pub(super) unknown: &'c PlanNode,
    /// Mark what must not be looked at.
    pub(super) sensitive: [&'c PlanNode; 2],
}

impl Located {
    /// By the attributes of a resource.
    pub(super) fn by_attributes(cloud: Cloud, shown: &ShownAttributes<'_>) -> Self {
        let mut located = Self::default();
        let mut add_side = |side: &PlanNode| {
            let is_hidden = |name: &str| shown.sensitive.iter().any(|mask| mask.marks(name));
            let of = |name: &str| if is_hidden(name) { None } else { side.text_at(name) };
            let (region, account) = match cloud {
                Cloud::Aws => {
                    let mut arn = of("arn").unwrap_or_default().splitn(6, ':').skip(3);
                    let (region, account) = (arn.next(), arn.next());
                    (of("region").or(region), account)
                }
                Cloud::Google => {
                    let zone = of("zone").or_else(|| of("location"));
                    let of_zone = zone.map(|zone| match zone.rsplit_once('-') {
                        Some((region, letter)) if letter.len() == 1 => region,
                        Some(_) | None => zone,
                    });
                    (of("region").or(of_zone), of("project"))
                }
                Cloud::Azure => {
                    let id = of("id").and_then(|id| id.strip_prefix("/subscriptions/"));
                    (of("location"), id.and_then(|id| id.split('/').next()))
                }
            };
            [add(&mut located.regions, region), add(&mut located.accounts, account)]
        };
        let [had_region, had_account] = add_side(shown.before);
        let [has_region, has_account] = add_side(shown.after);
        let is_unknown = |names: &[&str]| names.iter().any(|name| shown.unknown.marks(name));
        let (of_region, of_account): (&[&str], &[&str]) = match cloud {
            Cloud::Aws => (&["region"], &[]),
            Cloud::Google => (&["region", "zone", "location"], &["project"]),
            Cloud::Azure => (&["location"], &[]),
        };
        // a resource that is changed in place stays where it is
        let is_told = |had: bool, names: &[&str]| had && !shown.is_made && !is_unknown(names);
        located.has_open_region = !has_region && !is_told(had_region, of_region);
        located.has_open_account = !has_account && !is_told(had_account, of_account);
        located
    }

    /// Returns whether a provider has nothing to add.
    pub(super) const fn is_whole(&self) -> bool {
        !self.has_open_region && !self.has_open_account && !self.regions.is_empty() && !self.accounts.is_empty()
    }

    /// The same, with what a provider says of what is not shown otherwise.
    pub(super) fn or(mut self, provider: Option<&Self>) -> Self {
        let none = Vec::new();
        let (regions, accounts) = provider.map_or((&none, &none), |provider| (&provider.regions, &provider.accounts));
        let complete = |own: &mut Vec<String>, is_open: bool, of_provider: &[String]| {
            if !is_open && !own.is_empty() {
                return;
            }
            if of_provider.is_empty() {
                own.clear();
            }
            for one in of_provider {
                add(own, Some(one));
            }
        };
        complete(&mut self.regions, self.has_open_region, regions);
        complete(&mut self.accounts, self.has_open_account, accounts);
        self
    }

    /// As facts of the resource at `address`.
    pub(super) fn facts(self, address: &str) -> [(FactKey, FactValue); 2] {
        let value = |values: Vec<String>, noun: &str| match values.as_slice() {
            [] => FactValue::NotUnderstood(format!("the plan does not show the {noun} of `{address}`")),
            [..] => FactValue::AnyOf(values.into_iter().map(String::into_bytes).collect()),
        };
        [(FactKey::Regions, value(self.regions, "region")), (FactKey::Accounts, value(self.accounts, "account"))]
    }
}

/// Adds a value, if it is one; returns whether it is.
fn add(values: &mut Vec<String>, value: Option<&str>) -> bool {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return false;
    };
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
    true
}

/// Variables of the plan whose values could be names of regions.
#[derive(Debug, Default)]
pub(super) struct RegionVariables(BTreeMap<String, String>);

impl RegionVariables {
    /// Of all variables, those that look like a region, such as `eu-west-1` and `europe-west3`.
    pub(super) fn of(variables: &PlanNode) -> Self {
        let is_region = |text: &str| {
            let is_possible = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            text.len() <= 30
                && text.contains('-')
                && text.ends_with(|c: char| c.is_ascii_digit())
                && text.chars().all(is_possible)
        };
        let named = variables.keys().filter_map(|name| {
            let value = variables.at(name).text_at("value").filter(|value| is_region(value))?;
            Some((name.to_owned(), value.to_owned()))
        });
        Self(named.collect())
    }
}

/// The providers in the configuration of a plan.
#[derive(Debug, Default)]
pub(super) struct Providers {
    /// Everything that each configuration of a provider says, by its key.
    written: BTreeMap<String, WrittenProvider>,
    /// The key of the provider of each resource, by the address in the configuration.
    of_resources: HashMap<String, Arc<str>>,
}

impl Providers {
    pub(super) fn new(configuration: WrittenConfiguration) -> Self {
        let mut providers = Self { written: configuration.provider_config.0, of_resources: HashMap::new() };
        let mut keys: HashMap<String, Arc<str>> = HashMap::new();
        let mut modules = vec![(String::new(), configuration.root_module)];
        while let Some((prefix, module)) = modules.pop() {
            for resource in module.resources {
                let Some(key) = resource.provider_config_key else {
                    continue;
                };
                let key = keys.entry(key).or_insert_with_key(|key| Arc::from(key.as_str()));
                providers.of_resources.insert(format!("{prefix}{}", resource.address), Arc::clone(key));
            }
            let calls = module.module_calls.0.into_iter();
            modules.extend(calls.filter_map(|(name, call)| Some((format!("{prefix}module.{name}."), call.module?))));
        }
        providers
    }

    /// Returns what the provider says of a resource, by its address in the configuration.
    pub(super) fn of(&self, cloud: Cloud, address: &str, variables: &RegionVariables) -> Option<Located> {
        let written = self.written.get(&**self.of_resources.get(address)?)?;
        let mut located = Located::default();
        let region = written.expressions.at("region");
        add(&mut located.regions, region.text_at("constant_value"));
        // in a module, `var` is another variable
        if written.module_address.is_none()
            && let Some(name) = region.only_reference().and_then(|reference| reference.strip_prefix("var."))
        {
            add(&mut located.regions, variables.0.get(name).map(String::as_str));
        }
        let account = written.expressions.at(cloud.account_expression());
        add(&mut located.accounts, account.text_at("constant_value"));
        for id in account.at("constant_value").texts() {
            add(&mut located.accounts, Some(id));
        }
        if cloud == Cloud::Aws && located.accounts.is_empty() {
            for role in written.expressions.at("assume_role").items() {
                let arn = role.at("role_arn").text_at("constant_value").unwrap_or_default();
                add(&mut located.accounts, arn.split(':').nth(4));
            }
        }
        Some(located)
    }
}

/// The configuration, as in the JSON.
#[derive(Deserialize)]
pub(super) struct WrittenConfiguration {
    #[serde(default)]
    provider_config: Unique<WrittenProvider>,
    #[serde(default)]
    root_module: WrittenModule,
}

#[derive(Debug, Deserialize)]
struct WrittenProvider {
    module_address: Option<String>,
    #[serde(default)]
    expressions: PlanNode,
}

#[derive(Default, Deserialize)]
struct WrittenModule {
    #[serde(default)]
    resources: Vec<WrittenResource>,
    #[serde(default)]
    module_calls: Unique<WrittenCall>,
}

#[derive(Deserialize)]
struct WrittenResource {
    address: String,
    provider_config_key: Option<String>,
}

#[derive(Deserialize)]
struct WrittenCall {
    module: Option<WrittenModule>,
}

/// A map in which no key stands twice.
struct Unique<T>(BTreeMap<String, T>);

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UniqueVisitor<T>(Unique<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for UniqueVisitor<T> {
            type Value = Unique<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Unique<T>, A::Error> {
                while let Some((key, value)) = entries.next_entry::<String, T>()? {
                    if self.0.0.insert(key, value).is_some() {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                }
                Ok(self.0)
            }
        }

        deserializer.deserialize_map(UniqueVisitor(Self::default()))
    }
}
