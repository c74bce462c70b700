//! What git said to a server over HTTP.

use std::fs;
use std::path::Path;

/// Returns how many requests git sent, and how many bytes it got, as it traced them.
pub(crate) fn traffic(trace: &Path) -> (usize, usize) {
    let text = fs::read_to_string(trace).unwrap();
    let sent = |line: &&str| ["GET /", "POST /"].iter().any(|verb| line.contains(&format!("=> Send header: {verb}")));
    let got = |line: &str| {
        let (_, rest) = line.split_once("<= Recv data, ")?;
        rest.split_once(" bytes")?.0.trim_start_matches('0').parse::<usize>().ok()
    };
    (text.lines().filter(sent).count(), text.lines().filter_map(got).sum())
}
