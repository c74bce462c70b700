//! How many tracked files reach an environment, for people: by folder, so that none goes unmentioned.

use crate::lint::coverage::FileCounts;
use crate::report::backtest::text::number;
use crate::report::rows::Rows;

/// As many folders are listed.
const LISTED: usize = 10;

/// Adds the count and its folders to `rows`.
pub fn add(counts: &FileCounts, rows: &mut Rows) {
    let all = thousands(counts.files);
    let files = if counts.files == 1 { "file" } else { "files" };
    let text = match (counts.unreached, counts.excepted) {
        (0, _) if counts.files == 0 => "no file is tracked".to_owned(),
        (0, _) => format!("each of {all} tracked {files} reaches an environment"),
        (unreached, 0) => format!("{} of {all} tracked {files} reach no environment", thousands(unreached)),
        (unreached, excepted) => format!(
            "{} of {all} tracked {files} reach no environment, {} of them by `except`",
            thousands(unreached),
            if excepted == unreached { "all".to_owned() } else { thousands(excepted) }
        ),
    };
    rows.row("files", &text, None);
    let (listed, more) = counts.folders.split_at_checked(LISTED).unwrap_or((&counts.folders, &[]));
    for folder in listed {
        let of = format!("{} of {}", thousands(folder.unreached), thousands(folder.files));
        let place = if folder.path.is_empty() { "at the top".to_owned() } else { format!("in `{}/`", folder.path) };
        rows.row("", &format!("{of} {place}"), None);
    }
    if !more.is_empty() {
        let rest = more.iter().fold(0_usize, |sum, folder| sum.saturating_add(folder.unreached));
        rows.row("", &format!("{} in {} other folders", thousands(rest), thousands(more.len())), None);
    }
}

fn thousands(count: usize) -> String {
    number(u64::try_from(count).unwrap_or(u64::MAX))
}
