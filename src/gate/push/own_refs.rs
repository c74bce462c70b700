//! The refs that are freezegate's own: no push moves them.

use crate::change::git::RefName;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::record_branch::{RecordBranch, lies_at_or_below};

/// Refuses a push that creates, moves or deletes a ref below `refs/freezegate/`, one of that name, or the branch that holds
/// the record, however it is spelled.
pub(crate) fn guard(names: &[RefName], record: Option<&RecordBranch>) -> Result<(), Faults> {
    for name in names {
        if name.as_bytes() == b"refs/freezegate/stops" {
            let cause = "the hook of this server takes no stops";
            let help = "its administrator turns them on, and other options are kept: `freezegate hook install --stops refs/freezegate/stops`";
            return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
        }
        let cause = if is_own(name.as_bytes()) {
            format!("the push moves `{name}`: refs below `refs/freezegate/` are freezegate's own")
        } else if record.is_some_and(|record| record.holds(name) || record.lies_below(name)) {
            format!("the push moves `{name}`: the record is kept in a branch of that name, or below it")
        } else {
            continue;
        };
        let help = "leave that ref out of the push; keep a record that several machines share in a repository of its own, without this hook";
        return Err(Faults::one(Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help(help)));
    }
    Ok(())
}

fn is_own(name: &[u8]) -> bool {
    lies_at_or_below(name, b"refs/freezegate")
}

#[cfg(test)]
mod tests {
    use super::{guard, is_own};
    use crate::change::git::RefName;
    use crate::gate::record_branch::RecordBranch;

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

    #[test]
    fn every_spelling_of_the_records_branch_is_guarded() {
        let record = RecordBranch::named(&RefName::new("refs/heads/gate/record").unwrap());
        for (name, is_guarded) in [
            ("refs/heads/gate/record", true),
            ("refs/heads/Gate/RECORD", true),
            ("refs/heads/gate/record/below", true),
            ("refs/heads/g\u{200b}ate/record", true),
            ("refs/heads/gate", true),
            ("refs/heads/gates", false),
            ("refs/heads/gate/records", false),
            ("refs/tags/gate/record", false),
            ("refs/heads/x/gate/record", false),
        ] {
            let name = RefName::new(name).unwrap();
            assert_eq!(guard(std::slice::from_ref(&name), record.as_ref()).is_err(), is_guarded, "{name}");
            assert!(guard(&[name], None).is_ok());
        }
        assert_eq!(RecordBranch::named(&RefName::new("refs/freezegate/record").unwrap()), None);
    }
}
