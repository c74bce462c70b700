//! Hosts and paths of manifests, and how precise they are.

use crate::route::language::{LanguageId, Languages, TextPattern};

/// A host of a manifest: its pattern and how precise it is.
pub(crate) struct HostRule {
    /// `None`: any host.
    pub(crate) language: Option<LanguageId>,
    /// Exact before wildcards, longer before shorter.
    pub(crate) precedence: [u64; 2],
}

/// The meaning of the `*` of a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HostWildcard {
    /// One label.
    OneLabel,
    /// One label or more.
    Labels,
    /// Any text that is not empty, and `*` need not end a label.
    Text,
}

pub(crate) fn host_rule(host: &str, wildcard: HostWildcard, languages: &mut Languages) -> Result<HostRule, String> {
    let host = host.to_ascii_lowercase();
    if host.is_empty() || host == "*" {
        return Ok(HostRule { language: None, precedence: [2, 0] });
    }
    let length = u64::try_from(host.len()).map_or(0, |length| u64::MAX - length);
    let (rest, class) = match host.strip_prefix('*') {
        Some(rest) => (rest, 1),
        None => (host.as_str(), 0),
    };
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let has_labels = wildcard == HostWildcard::Text || class == 0 || rest.starts_with('.');
    if !rest.bytes().all(is_name) || !has_labels || rest.ends_with('.') || rest.is_empty() {
        return Err(format!("the host `{host}` is not a name or a wildcard"));
    }
    let pattern = match (class, wildcard) {
        (0, _) => TextPattern::Exact(host.clone()),
        (_, HostWildcard::OneLabel) => TextPattern::Regex(format!("[a-z0-9_-]+{}", regex_syntax::escape(rest))),
        (_, HostWildcard::Labels) => {
            TextPattern::Regex(format!(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*{}", regex_syntax::escape(rest)))
        }
        (_, HostWildcard::Text) => TextPattern::Regex(format!("[a-z0-9_.-]+{}", regex_syntax::escape(rest))),
    };
    Ok(HostRule { language: Some(languages.add(pattern)?), precedence: [class, length] })
}

/// Refuses a path that proxies rewrite before they match it.
pub(crate) fn plain_path(path: &str) -> Result<&str, String> {
    let is_plain = path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#%\\".contains(&byte))
        && !path.contains("//")
        && !path.split('/').any(|segment| segment == "." || segment == "..");
    if is_plain { Ok(path) } else { Err(format!("the path `{path}` is one that proxies may rewrite")) }
}

/// The length of a text as a rank: the longest goes first.
pub(crate) fn longest_first(length: usize) -> u64 {
    u64::try_from(length).map_or(0, |length| u64::MAX - length)
}
