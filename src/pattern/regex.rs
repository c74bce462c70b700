//! Regular expressions where a glob belongs, and the globs that match what they match.

use crate::pattern::{Pattern, PatternError, PatternSubject};

/// Returns what is wrong with `text` if it is a regular expression: as a glob it is valid, and matches no path that anybody
/// means.
///
/// `.*` alone in a segment is refused unless `**` stands in the pattern too, or `lets_go` says that what it matches is
/// taken out: there it is a hidden file, and a miss only closes more.
#[must_use]
pub fn regular_expression(text: &str, subject: PatternSubject, lets_go: bool) -> Option<PatternError> {
    let sign = sign(text, lets_go)?;
    let globs = globs(text).filter(|globs| globs.iter().all(|glob| Pattern::parse(glob, subject).is_ok()));
    let help = match globs.as_deref() {
        Some([one]) => format!("write `{one}`"),
        Some(several) if !several.is_empty() => {
            format!("write {} patterns: {}", several.len(), quoted(several))
        }
        Some(_) | None if subject == PatternSubject::Name => {
            "`*` is any text; each alternative is a pattern of its own".to_owned()
        }
        Some(_) | None => {
            "`*` is any text within a segment, `**` any folders; each alternative is a pattern of its own".to_owned()
        }
    };
    Some(PatternError {
        range: 0..text.len(),
        cause: format!("patterns are globs, and `{sign}` belongs to regular expressions"),
        help,
    })
}

fn quoted(globs: &[String]) -> String {
    globs.iter().map(|glob| format!("`{glob}`")).collect::<Vec<_>>().join(", ")
}

/// Returns what in `text` only a regular expression has.
fn sign(text: &str, lets_go: bool) -> Option<&'static str> {
    if text.len() > 1 && text.starts_with('^') {
        return Some("^");
    }
    // `routes/$` is a file's name in some frameworks
    if text.ends_with('$') && !text.ends_with("/$") && text.len() > 1 {
        return Some("$");
    }
    if text.contains('|') {
        return Some("|");
    }
    let has = |segment: &str| text.split('/').any(|one| one == segment);
    if has("**") || lets_go {
        return None;
    }
    [".*", ".+"].into_iter().find(|wild| has(wild))
}

/// The most globs that one expression may become.
const MOST_GLOBS: usize = 8;

/// The globs that match what the expression `text` matches from the first to the last character of a path; `None` if
/// that is not known.
fn globs(text: &str) -> Option<Vec<String>> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let text = text.strip_suffix('$').unwrap_or(text);
    let mut globs = Vec::new();
    for alternative in alternatives(text)? {
        globs.push(glob(&alternative)?);
    }
    Some(globs)
}

/// `text` once for each choice of its alternatives: `(a|b)/c` is `a/c` and `b/c`.
fn alternatives(text: &str) -> Option<Vec<String>> {
    let Some(open) = text.find('(') else {
        return (!text.contains(')')).then(|| text.split('|').map(str::to_owned).collect());
    };
    let (head, rest) = text.split_at_checked(open)?;
    let (inner, tail) = rest.get(1..)?.split_once(')')?;
    let inner = inner.strip_prefix("?:").unwrap_or(inner);
    if inner.contains('(') || head.contains('|') || tail.starts_with(['?', '*', '+', '{']) {
        return None;
    }
    let tails = alternatives(tail)?;
    // an alternative behind the group would belong to the whole text
    if inner.is_empty() || (!tail.contains('(') && tails.len() > 1) {
        return None;
    }
    let found: Vec<String> =
        inner.split('|').flat_map(|one| tails.iter().map(move |tail| format!("{head}{one}{tail}"))).collect();
    (found.len() <= MOST_GLOBS).then_some(found)
}

/// The glob of an expression without alternatives.
fn glob(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let text = text.replace("[^/]+", "\u{1}").replace("[^/]*", "\u{1}");
    let text = text.as_str();
    // any text over folders: at the end of a path all that lies below, before a name any folder
    let (text, below) = match text.strip_suffix("/.*").or_else(|| text.strip_suffix("/.+")) {
        Some(head) => (head, true),
        None => (text, false),
    };
    let mut segments = Vec::new();
    for segment in text.split('/') {
        match segment {
            ".*" | ".+" => segments.push("**".to_owned()),
            _ => match segment.strip_prefix(".*") {
                Some(name) => segments.extend(["**".to_owned(), format!("*{}", literal(name)?)]),
                None => segments.push(literal(segment)?),
            },
        }
    }
    if below {
        segments.push("**".to_owned());
    }
    (segments.iter().any(|segment| segment != "**")).then(|| segments.join("/"))
}

/// A segment with nothing of an expression but escaped signs, as it stands in a path.
fn literal(segment: &str) -> Option<String> {
    let mut found = String::new();
    if segment.is_empty() {
        return None;
    }
    let unescaped = segment.replace("\\.", "\u{2}").replace("\\-", "-").replace("\\_", "_");
    for character in unescaped.chars() {
        match character {
            '\u{1}' => found.push('*'),
            '\u{2}' => found.push('.'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '@' | '~') => found.push(c),
            _ => return None,
        }
    }
    Some(found)
}
