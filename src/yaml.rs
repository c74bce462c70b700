//! What the reader of YAML says.

/// Returns the cause of an error in one line, without the reader's advice to its caller.
pub(crate) fn cause(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let first = first.split_once(", set ").map_or(first, |(cause, _)| cause);
    // the reader shows the limit as its source has it
    match first.split_once(BREACH) {
        Some((place, breach)) => {
            format!("{place}{}", too_much(breach.split_once(' ').map_or(breach, |(name, _)| name)))
        }
        None => first.to_owned(),
    }
}

/// The message of the reader where a limit is passed, in front of its name.
const BREACH: &str = "budget breached: ";

/// Returns what there is too much of, by the name of the limit.
fn too_much(limit: &str) -> &'static str {
    match limit {
        "Depth" => "values are nested too deeply",
        "Documents" => "too many documents",
        "Anchors" | "Aliases" | "AliasAnchorRatio" | "RecordedAnchorEvents" => "too many anchors and aliases",
        _ => "too many values",
    }
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn a_cause_is_one_line_without_advice() {
        let wrong = serde_saphyr::from_str::<serde_json::Value>("a: 1\na: 2\n").unwrap_err();
        assert_eq!(cause(&wrong), "line 2 column 1: duplicate mapping key: a");
        let options = serde_saphyr::options! { budget: serde_saphyr::budget! { max_nodes: 3 } };
        let large = serde_saphyr::from_str_with_options::<serde_json::Value>("[1, 2, 3, 4, 5]", options).unwrap_err();
        assert_eq!(cause(&large), "line 1 column 8: too many values");
    }

    #[test]
    fn a_limit_is_told_in_words() {
        let bomb = "a: &a [1, 1, 1]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n";
        for (text, options, expected) in [
            (
                "[[[[1]]]]",
                serde_saphyr::options! { budget: serde_saphyr::budget! { max_depth: 3 } },
                "values are nested too deeply",
            ),
            (
                bomb,
                serde_saphyr::options! { budget: serde_saphyr::budget! { max_recorded_anchor_events: 10 } },
                "too many anchors and aliases",
            ),
            (
                bomb,
                serde_saphyr::options! { budget: serde_saphyr::budget! { max_aliases: 2 } },
                "too many anchors and aliases",
            ),
        ] {
            let error = serde_saphyr::from_str_with_options::<serde_json::Value>(text, options).unwrap_err();
            assert!(cause(&error).ends_with(expected), "{error}");
        }
    }
}
