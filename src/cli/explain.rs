//! `explain`: what a finding or an error means, and what to do.

use crate::cli::args::ExplainArgs;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::explain::Topic;
use crate::report::explain;
use crate::time::names::nearest;

/// Codes that are called otherwise now, and how.
const RENAMED_CODES: [(&str, &str); 7] = [
    ("no-runway", "window-too-short"),
    ("clock", "clock-behind"),
    ("no-lift", "not-liftable"),
    ("several-countries", "mixed-country-holidays"),
    ("bad-question", "invalid-usage"),
    ("bad-moment", "invalid-time"),
    ("bad-instant", "invalid-timestamp"),
];

/// How a code is called now that is given by its old name.
pub(super) fn renamed_code(given: &str) -> Option<&'static str> {
    RENAMED_CODES.iter().find(|(old, _)| *old == given).map(|(_, new)| *new)
}

/// `freezegate explain`: 0 explained, 2 there is no such code.
pub(super) fn explain(args: &ExplainArgs, edge: &Edge, output: &mut Output) -> Status {
    let Some(name) = &args.code else {
        output.answer(&explain::list(edge.width()));
        return Status::Allowed;
    };
    match Topic::named(name) {
        Some(topic) => {
            output.answer(&explain::topic(topic, edge.width()));
            Status::Allowed
        }
        None => {
            let help = match (renamed_code(name), nearest(name, Topic::all().map(Topic::as_str))) {
                (Some(new), _) => format!("it is called `{new}` now: `freezegate explain {new}`"),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => "`freezegate explain` lists all codes".to_owned(),
            };
            let fault = Diagnostic::error(Code::UnknownName, format!("there is no code `{name}`")).help(help);
            output.diagnostics(&[fault], &Sources::default(), edge);
            Status::Undecided
        }
    }
}
