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

/// Returns how a code is called now that is given by its old name.
pub(super) fn renamed_code(given: &str) -> Option<&'static str> {
    RENAMED_CODES.iter().find(|(old, _)| *old == given).map(|(_, new)| *new)
}

/// The most codes that are proposed.
const MOST_ALIKE: usize = 3;

/// The codes that may be meant: one that has the last word of `given`, if few have it, else the one that is spelled most like it, else
/// those that have most words of it.
fn alike(given: &str) -> Vec<&'static str> {
    let near = nearest(given, Topic::all().map(Topic::as_str));
    let last = given.rsplit_once('-').map(|(_, last)| last.to_lowercase());
    let has_last = |code: &&str| code.rsplit('-').next() == last.as_deref();
    let with_last: Vec<&str> = Topic::all().map(Topic::as_str).filter(has_last).collect();
    match near {
        // `bad-zone` is spelled like `bad-name`, and means another thing
        Some(near) if !has_last(&near) && (1..=MOST_ALIKE).contains(&with_last.len()) => return with_last,
        Some(near) => return vec![near],
        None => {}
    }
    let words: Vec<String> = given.to_lowercase().split(['-', '_', ' ', '/']).map(str::to_owned).collect();
    let shared = |code: &str| code.split('-').filter(|word| words.iter().any(|one| one == word)).count();
    let most = Topic::all().map(|topic| shared(topic.as_str())).max().unwrap_or(0);
    let best: Vec<&str> = Topic::all().map(Topic::as_str).filter(|code| most > 0 && shared(code) == most).collect();
    // a word that many codes have says little
    if best.len() > MOST_ALIKE { Vec::new() } else { best }
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
            let help = match (renamed_code(name), alike(name).as_slice()) {
                (Some(new), _) => format!("it is called `{new}` now: `freezegate explain {new}`"),
                (None, []) => "`freezegate explain` lists all codes".to_owned(),
                (None, some) => {
                    let some: Vec<String> = some.iter().map(|code| format!("`{code}`")).collect();
                    format!("did you mean {}?", some.join(" or "))
                }
            };
            let fault = Diagnostic::error(Code::UnknownName, format!("there is no code `{name}`")).help(help);
            output.diagnostics(&[fault], &Sources::default(), edge);
            Status::Undecided
        }
    }
}
