//! A value of a plan, for as long as it takes to compare it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

use crate::change::plan::error::DUPLICATE;
use crate::change::plan::facts::ValueDigest;

/// A value of a plan.
#[derive(Debug, Clone, Default)]
pub(super) enum PlanNode {
    #[default]
    Null,
    Bool(bool),
    Integer(i128),
    /// A number with a fraction, by its bits.
    Fraction(u64),
    /// A number too large for an exact value: it equals nothing, not even itself.
    Inexact,
    Text(String),
    List(Vec<PlanNode>),
    Map(BTreeMap<String, PlanNode>),
}

static NULL: PlanNode = PlanNode::Null;

impl PlanNode {
    /// Returns the value of a key; null if it is missing.
    pub(super) fn at(&self, key: &str) -> &Self {
        match self {
            Self::Map(map) => map.get(key).unwrap_or(&NULL),
            Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Fraction(_)
            | Self::Inexact
            | Self::Text(_)
            | Self::List(_) => &NULL,
        }
    }

    /// Its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let map = match self {
            Self::Map(map) => Some(map),
            Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Fraction(_)
            | Self::Inexact
            | Self::Text(_)
            | Self::List(_) => None,
        };
        map.into_iter().flatten().map(|(key, _)| key.as_str())
    }

    /// The text of a key, if it has one.
    pub(super) fn text_at(&self, key: &str) -> Option<&str> {
        self.at(key).as_text()
    }

    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Fraction(_)
            | Self::Inexact
            | Self::List(_)
            | Self::Map(_) => None,
        }
    }

    /// Its items, if it is a list.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Fraction(_)
            | Self::Inexact
            | Self::Text(_)
            | Self::Map(_) => &[],
        }
    }

    /// Those of its items that are texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.items().iter().filter_map(Self::as_text)
    }

    /// The one thing that an expression refers to, if it refers to one.
    pub(super) fn only_reference(&self) -> Option<&str> {
        match self.at("references").items() {
            [one] => one.as_text(),
            [] | [_, _, ..] => None,
        }
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns whether it is surely the same value.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Fraction(one), Self::Fraction(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
            }
            (Self::Map(one), Self::Map(other)) => {
                let is_same = |((key, one), (name, other)): ((_, &Self), (_, &Self))| key == name && one.is_same(other);
                one.len() == other.len() && one.iter().zip(other).all(is_same)
            }
            (
                Self::Null
                | Self::Bool(_)
                | Self::Integer(_)
                | Self::Fraction(_)
                | Self::Inexact
                | Self::Text(_)
                | Self::List(_)
                | Self::Map(_),
                _,
            ) => false,
        }
    }

    /// Returns whether a mask, such as `after_unknown`, marks any part.
    pub(super) fn marks_any(&self) -> bool {
        match self {
            Self::Bool(marked) => *marked,
            Self::List(list) => list.iter().any(Self::marks_any),
            Self::Map(map) => map.values().any(Self::marks_any),
            Self::Null => false,
            // not a mask: counts as sensitive
            Self::Integer(_) | Self::Fraction(_) | Self::Inexact | Self::Text(_) => true,
        }
    }

    /// Returns whether a mask marks any part of the attribute `key`, or all of the object.
    pub(super) fn marks(&self, key: &str) -> bool {
        matches!(self, Self::Bool(true)) || self.at(key).marks_any()
    }

    /// The digest of the value, which the attribute `key` of a resource has; `None` if it is not exact.
    pub(super) fn digest(&self, resource: &ResourceDigest, key: &str) -> Option<ValueDigest> {
        let mut hasher = resource.0.clone();
        text(&mut hasher, key);
        self.feed(&mut hasher).then(|| hasher.finalize().into())
    }

    /// The digest that stands for any value of the attribute `key` of a resource.
    pub(super) fn any_digest(resource: &ResourceDigest, key: &str) -> ValueDigest {
        let mut hasher = resource.0.clone();
        text(&mut hasher, key);
        hasher.update(b"*");
        hasher.finalize().into()
    }

    /// Feeds the value, so that different values feed different bytes; false if it is not exact.
    fn feed(&self, hasher: &mut Sha256) -> bool {
        match self {
            Self::Null => hasher.update(b"n"),
            Self::Bool(value) => hasher.update(if *value { b"t" } else { b"f" }),
            Self::Integer(value) => {
                hasher.update(b"i");
                hasher.update(value.to_be_bytes());
            }
            Self::Fraction(bits) => {
                hasher.update(b"d");
                hasher.update(bits.to_be_bytes());
            }
            Self::Inexact => return false,
            Self::Text(value) => {
                hasher.update(b"s");
                text(hasher, value);
            }
            Self::List(list) => {
                hasher.update(b"l");
                length(hasher, list.len());
                return list.iter().all(|item| item.feed(hasher));
            }
            Self::Map(map) => {
                hasher.update(b"m");
                length(hasher, map.len());
                return map.iter().all(|(key, value)| {
                    text(hasher, key);
                    value.feed(hasher)
                });
            }
        }
        true
    }
}

/// The identity of a resource: its address, and what its provider knows it by. Stacks can have one address in common.
pub(super) struct ResourceDigest(Sha256);

impl ResourceDigest {
    /// By its address alone.
    pub(super) fn at(address: &str) -> Self {
        let mut hasher = Sha256::new();
        text(&mut hasher, address);
        length(&mut hasher, 0);
        Self(hasher)
    }

    /// `identity` are names and values; `None` if there is none, or one is not exact.
    pub(super) fn new(address: &str, identity: &[(&str, &PlanNode)]) -> Option<Self> {
        let mut hasher = Sha256::new();
        text(&mut hasher, address);
        length(&mut hasher, identity.len());
        let is_exact = identity.iter().all(|(name, value)| {
            text(&mut hasher, name);
            value.feed(&mut hasher)
        });
        (is_exact && !identity.is_empty()).then_some(Self(hasher))
    }
}

fn length(hasher: &mut Sha256, length: usize) {
    hasher.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

fn text(hasher: &mut Sha256, text: &str) {
    length(hasher, text.len());
    hasher.update(text);
}

impl<'de> Deserialize<'de> for PlanNode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = PlanNode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<PlanNode, E> {
        Ok(PlanNode::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<PlanNode, E> {
        Ok(PlanNode::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<PlanNode, E> {
        Ok(PlanNode::Integer(i128::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<PlanNode, E> {
        Ok(PlanNode::Integer(i128::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<PlanNode, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let is_whole = value.fract() == 0.0;
        if !value.is_finite() || (is_whole && value.abs() >= EXACT) {
            return Ok(PlanNode::Inexact);
        }
        // `1.0` and `1` are one number; what is left of the decimal point fits
        let whole = format!("{value:.0}").parse::<i128>().ok().filter(|_| is_whole);
        Ok(whole.map_or(PlanNode::Fraction(value.to_bits()), PlanNode::Integer))
    }

    fn visit_str<E>(self, value: &str) -> Result<PlanNode, E> {
        Ok(PlanNode::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<PlanNode, E> {
        Ok(PlanNode::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PlanNode, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(PlanNode::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<PlanNode, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<String, PlanNode>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(PlanNode::Map(map))
    }
}
