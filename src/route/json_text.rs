//! Values of YAML as text of JSON: a table of ten thousand routes is held in a hundredth of what a tree of values takes.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A value as text of JSON, in the order in which it was written.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct JsonText(Box<str>);

impl Default for JsonText {
    fn default() -> Self {
        Self("null".into())
    }
}

impl JsonText {
    /// Reads the value as another type.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without a place: that of the text is nobody's.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Result<T, String> {
        serde_json::from_str(&self.0).map_err(|error| {
            let text = error.to_string();
            text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause).to_owned()
        })
    }

    /// The value as a tree.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn value(&self) -> Result<Value, String> {
        self.read()
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::new();
        JsonWriter(&mut text).deserialize(deserializer)?;
        Ok(Self(text.into_boxed_str()))
    }
}

/// Appends a value to a text.
struct JsonWriter<'t>(&'t mut String);

impl JsonWriter<'_> {
    fn display<E: serde::de::Error>(self, value: impl fmt::Display) -> Result<(), E> {
        write!(self.0, "{value}").map_err(E::custom)
    }

    fn string<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.0.push_str(&serde_json::to_string(text).map_err(E::custom)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for JsonWriter<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonWriter<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.display(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.display(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.display(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        // what is no number of JSON is nothing
        self.display(Value::from(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.string(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut is_first = true;
        loop {
            let end = self.0.len();
            if !is_first {
                self.0.push(',');
            }
            if items.next_element_seed(JsonWriter(self.0))?.is_none() {
                self.0.truncate(end);
                break;
            }
            is_first = false;
        }
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        self.0.push('{');
        let mut is_first = true;
        while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
            if !is_first {
                self.0.push(',');
            }
            is_first = false;
            self.0.push_str(&serde_json::to_string(&key).map_err(A::Error::custom)?);
            self.0.push(':');
            fields.next_value_seed(JsonWriter(self.0))?;
        }
        self.0.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::JsonText;

    #[test]
    fn a_text_is_the_value_that_was_read() {
        for yaml in [
            "a: [1, -2, 2.5, true, null, ~, 'x\"\\', \"\\u00fc\\n\"]\nb: {80: {}, c: [], d: [[]]}\n\"e\": 'yes'\n",
            "just text",
            "- {a: 18446744073709551615}\n",
        ] {
            let value: Value = serde_saphyr::from_str(yaml).unwrap();
            let text: JsonText = serde_saphyr::from_str(yaml).unwrap();
            assert_eq!(text.value().unwrap(), value, "{text:?}");
            assert_eq!(serde_json::from_value::<JsonText>(value.clone()).unwrap().value().unwrap(), value);
        }
        assert!(serde_saphyr::from_str::<JsonText>("a: {b: 1, b: 2}").is_err());
        assert_eq!(JsonText::default().value().unwrap(), Value::Null);
        assert!(!JsonText::default().read::<Vec<u8>>().unwrap_err().contains("line"));
    }
}
