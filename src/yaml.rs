//! What the reader of YAML says.

/// Returns the cause of an error in one line, without the reader's advice to its caller.
pub(crate) fn cause(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    first.split_once(", set ").map_or(first, |(cause, _)| cause).to_owned()
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
        assert!(!cause(&large).contains('\n') && !cause(&large).contains(", set "), "{large}");
    }
}
