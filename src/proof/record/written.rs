//! How instants, levels and kinds are written in an entry: by the names and in the form that answers have.

/// Seconds since 1970-01-01T00:00:00Z as RFC 3339 in UTC.
pub(super) mod utc {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    use crate::time::instant::Instant;

    pub(crate) fn serialize<S: Serializer>(second: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        let instant = second.timestamp().map_err(ser::Error::custom)?;
        serializer.collect_str(&instant)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse::<Timestamp>() {
            Ok(instant) if instant.to_string() == text && instant.subsec_nanosecond() == 0 => Ok(instant.into()),
            Ok(_) | Err(_) => Err(de::Error::custom(format!("`{text}` is not a time in UTC and whole seconds"))),
        }
    }
}

/// A level by its name.
pub(super) mod level {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::policy::Level;

    pub(crate) fn serialize<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(level.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
        let text = String::deserialize(deserializer)?;
        Level::named(&text).ok_or_else(|| de::Error::custom(format!("there is no level `{text}`")))
    }
}

/// A level by its name, where there may be none.
pub(super) mod optional_level {
    use serde::{Deserializer, Serializer};

    use crate::policy::Level;

    pub(crate) fn serialize<S: Serializer>(level: &Option<Level>, serializer: S) -> Result<S::Ok, S::Error> {
        match level {
            Some(level) => super::level::serialize(level, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// A level: what is there is never null.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Level>, D::Error> {
        super::level::deserialize(deserializer).map(Some)
    }
}

/// Kinds as a list of their names.
pub(super) mod kinds {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::policy::{Kind, KindSet};

    pub(crate) fn serialize<S: Serializer>(kinds: &KindSet, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(kinds.iter().map(Kind::as_str))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KindSet, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let kind =
            |name: &String| Kind::named(name).ok_or_else(|| de::Error::custom(format!("there is no kind `{name}`")));
        names.iter().map(kind).collect()
    }
}
