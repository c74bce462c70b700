//! What the readers of JSON and YAML say is wrong, in plain words.

/// Returns the message of serde or of a reader, such as `` missing field `id` at line 1 column 7 ``, in plain words:
/// `` it has no `id` (line 1, column 7) ``. Other messages stay as they are.
#[must_use]
pub fn in_words(message: &str) -> String {
    let (place, rest) = match message.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, rest)) if place.contains(" column ") => (Some(place), rest),
        Some(_) | None => match message.rsplit_once(" at line ") {
            Some((rest, place)) if place.contains(" column ") => (Some(place), rest),
            Some(_) | None => (None, message),
        },
    };
    let words = words(rest);
    match place.and_then(|place| place.split_once(" column ")) {
        Some((line, column)) => format!("{words} (line {line}, column {column})"),
        None => words,
    }
}

/// Returns what is wrong with JSON, in plain words.
#[must_use]
pub fn json(error: &serde_json::Error) -> String {
    in_words(&error.to_string())
}

/// Returns what is wrong with the JSON of one line, in plain words and without the place, as the line is named beside it.
#[must_use]
pub fn json_of_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    words(text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause))
}

fn words(message: &str) -> String {
    let quoted = |start: &str| {
        let rest = message.strip_prefix(start)?.strip_prefix('`')?;
        rest.split_once('`')
    };
    if let Some((key, _)) = quoted("missing field ") {
        return format!("it has no `{key}`");
    }
    if let Some((key, _)) = quoted("unknown field ") {
        return format!("it has the unknown key `{key}`");
    }
    if let Some((key, _)) = quoted("duplicate field ") {
        return format!("it has `{key}` twice");
    }
    if let Some((value, rest)) = quoted("unknown variant ") {
        let known = rest.trim_start_matches(", expected ").trim_start_matches("one of ");
        return format!("`{value}` is not known: write {known}");
    }
    if let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))
        && let Some((found, wanted)) = rest.split_once(", expected ")
    {
        return format!("{} is not {}", of_value(found), kind(wanted));
    }
    match message {
        "expected value"
        | "expected ident"
        | "trailing characters"
        | "trailing comma"
        | "key must be a string"
        | "expected `:`"
        | "expected `,` or `}`"
        | "expected `,` or `]`" => "it is not JSON".to_owned(),
        "expected sequence start" => "a list is missing there".to_owned(),
        "expected mapping start" => "a table is missing there".to_owned(),
        _ if message.starts_with("EOF while parsing") => "it ends too early".to_owned(),
        _ => message.to_owned(),
    }
}

/// Returns a value as people call it, of what serde says that it found.
fn of_value(found: &str) -> String {
    let value = |start: &str| found.strip_prefix(start);
    match found {
        "null" | "unit value" | "Option value" => "`null`".to_owned(),
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => {
            let bare =
                ["string ", "integer ", "floating point ", "boolean ", "character "].iter().find_map(|one| value(one));
            bare.map_or_else(|| found.to_owned(), |bare| format!("`{}`", bare.trim_matches('`')))
        }
    }
}

/// Returns the kind of value that is wanted as people call it.
fn kind(wanted: &str) -> String {
    match wanted {
        "a map" => "a table".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a string" | "a borrowed string" => "a string".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        // the name of a type of this program
        _ if wanted.starts_with("struct ") => "a table".to_owned(),
        _ => wanted.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct ParsedExample {
        name: String,
        size: Option<u32>,
        level: Option<ParsedLevel>,
        inner: Option<ParsedInner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct ParsedInner {
        list: Vec<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum ParsedLevel {
        Hard,
        Soft,
    }

    #[test]
    fn the_reader_is_quoted_in_plain_words() {
        for (text, expected) in [
            ("{}", "it has no `name` (line 1, column 2)"),
            (r#"{"nam": "x"}"#, "it has the unknown key `nam` (line 1, column 6)"),
            (r#"{"name": "x", "name": "y"}"#, "it has `name` twice (line 1, column 20)"),
            (r#"{"name": 5}"#, "`5` is not a string (line 1, column 10)"),
            (r#"{"name": null}"#, "`null` is not a string (line 1, column 13)"),
            (r#"{"name": "x", "size": -1}"#, "`-1` is not a whole number from 0 on (line 1, column 24)"),
            (r#"{"name": "x", "size": "big"}"#, "`\"big\"` is not a whole number from 0 on (line 1, column 27)"),
            (r#"{"name": "x", "level": "hrad"}"#, "`hrad` is not known: write `hard` or `soft` (line 1, column 29)"),
            (r#"{"name": "x", "inner": {"list": 5}}"#, "`5` is not a list (line 1, column 33)"),
            (r#"{"name": "x", "inner": {"list": [{}]}}"#, "a table is not `true` or `false` (line 1, column 33)"),
            (r#"{"name": "x", "inner": 3}"#, "`3` is not a table (line 1, column 24)"),
            ("name: x", "it is not JSON (line 1, column 2)"),
            (r#"{"name": "x""#, "it ends too early (line 1, column 12)"),
        ] {
            let error = serde_json::from_str::<ParsedExample>(text).unwrap_err();
            assert_eq!(in_words(&error.to_string()), expected, "{text}");
        }
        assert_eq!(
            in_words("line 2 column 21: expected sequence start"),
            "a list is missing there (line 2, column 21)"
        );
        assert_eq!(in_words("line 2 column 21: unclosed bracket '['"), "unclosed bracket '[' (line 2, column 21)");
        assert_eq!(in_words("it is too long"), "it is too long");
    }
}
