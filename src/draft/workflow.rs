//! The environments that the jobs of a workflow name.
//!
//! GitHub's [workflow syntax] has `environment: NAME`, and `environment:` with `name: NAME` below it. Both are found in the
//! text as lines: that suffices for a draft, and what it misses only lacks a line that somebody adds.
//!
//! [workflow syntax]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idenvironment

/// The names in the text of a workflow, in the order of the lines. Those that are put together while it runs are left out.
///
/// ```
/// use freezegate::draft::workflow::environments;
///
/// let text = "\
/// jobs:
///   one:
///     environment: 'production' # the real one
///   two:
///     environment:
///       url: https://example.com
///       name: staging
///   three:
///     environment: ${{ inputs.where }}
/// ";
/// assert_eq!(environments(text), ["production", "staging"]);
/// ```
#[must_use]
pub fn environments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(rest) = value_of("environment", line) else {
            continue;
        };
        if !rest.is_empty() {
            found.extend(scalar(rest).or_else(|| in_braces(rest)));
            continue;
        }
        // the block below: `name` among its keys, which are further in
        let depth = indent(line);
        while let Some(below) = lines.next_if(|below| below.trim().is_empty() || indent(below) > depth) {
            found.extend(value_of("name", below).and_then(scalar));
        }
    }
    found
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns what follows `key:`, as `key` of a mapping, in a list or not.
fn value_of<'l>(key: &str, line: &'l str) -> Option<&'l str> {
    let line = line.trim_start_matches([' ', '-']);
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix(':')?;
    let comment = rest.trim_start().starts_with('#');
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| if comment { "" } else { rest.trim() })
}

/// A plain or quoted scalar without what follows it.
fn scalar(text: &str) -> Option<String> {
    let value = match text.chars().next()? {
        quote @ ('"' | '\'') => text.get(1..)?.split(quote).next()?,
        '{' | '[' | '|' | '>' | '&' | '*' | '!' => return None,
        _ => text.split(" #").next()?.trim_end(),
    };
    (!value.is_empty() && !value.contains("${{")).then(|| value.to_owned())
}

/// The name in `{ name: production, url: ... }`.
fn in_braces(text: &str) -> Option<String> {
    let inner = text.strip_prefix('{')?;
    let pair = inner.trim_end_matches('}').split(',').find_map(|pair| value_of("name", pair))?;
    scalar(pair)
}

#[cfg(test)]
mod tests {
    use super::environments;

    #[test]
    fn names_are_found_in_every_form_and_nothing_else_is() {
        for (text, names) in [
            ("environment: production", &["production"][..]),
            ("  environment:   production   ", &["production"]),
            ("  - environment: \"prod eu\" # why", &["prod eu"]),
            ("environment: prod#1", &["prod#1"]),
            ("environment:\n  name: a\n  url: b\nname: c", &["a"]),
            ("environment:\n\n    name: 'a'\n\n    deployment: false", &["a"]),
            ("environment: # below\n  name: a", &["a"]),
            ("environment: { name: a, url: 'https://example.com' }", &["a"]),
            ("environment: {name: \"a\"}", &["a"]),
            ("environment:\nname: workflow", &[]),
            ("environment: ${{ inputs.x }}", &[]),
            ("environment: a-${{ inputs.x }}", &[]),
            ("environment:\n  name: ${{ matrix.x }}", &[]),
            ("environments: a", &[]),
            ("environment:a", &[]),
            ("# environment: a", &[]),
            ("run: echo environment: a", &[]),
            ("environment:", &[]),
            ("environment: ''", &[]),
            ("environment: *anchor", &[]),
            ("", &[]),
        ] {
            assert_eq!(environments(text), names, "{text:?}");
        }
    }
}
