//! The refs that are freezegate's own: no push moves them.

use crate::change::git::RefName;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::pattern::fold;
use crate::report::escape::for_terminal;

/// Refuses a push that creates, moves or deletes a ref below `refs/freezegate/`, or one of that name, however it is spelled.
pub(super) fn guard(names: &[RefName]) -> Result<(), Faults> {
    let Some(own) = names.iter().find(|name| is_own(name.as_bytes())) else {
        return Ok(());
    };
    let cause = format!("the push moves `{own}`: refs below `refs/freezegate/` are freezegate's own");
    let help = "leave that ref out of the push; a record that several machines share lies in a repository of its own, without this hook";
    Err(Faults::one(Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help(help)))
}

/// Whether a file system may take the name for one below `refs/freezegate`: some ignore case, composition and invisible
/// characters, and some ignore dots and blanks at the end of a name
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>).
fn is_own(name: &[u8]) -> bool {
    let folded = fold(name);
    let mut segments = folded.split(|byte| *byte == b'/').map(|segment| {
        let end = segment.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
        segment.get(..end).unwrap_or(segment)
    });
    (segments.next(), segments.next()) == (Some(b"refs"), Some(b"freezegate"))
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn every_spelling_of_an_own_ref_is_known() {
        for name in [
            "refs/freezegate",
            "refs/freezegate/record",
            "refs/freezegate/seen/x",
            "refs/freezegate/record/below",
            "refs/FreezeGate/record",
            "Refs/freezegate/record",
            "refs/freezegate./record",
            "refs/fr\u{200b}eezegate/record",
            "refs/ｆreezegate/record",
        ] {
            assert!(is_own(name.as_bytes()), "{name}");
        }
        for name in
            ["refs/heads/freezegate", "refs/freezegates/x", "refs/freeze/gate", "refs/heads/refs/freezegate/x", "HEAD"]
        {
            assert!(!is_own(name.as_bytes()), "{name}");
        }
    }
}
