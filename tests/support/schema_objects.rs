//! The objects of a JSON Schema.

use serde_json::{Map, Value};

/// Every object of a schema, with its path.
pub(crate) fn objects<'s>(value: &'s Value, path: &str, visit: &mut impl FnMut(&str, &'s Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(path, object);
            object.iter().for_each(|(key, value)| objects(value, &format!("{path}/{key}"), visit));
        }
        Value::Array(items) => items.iter().for_each(|value| objects(value, path, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
