//! Trailers: the lines `KEY: VALUE` at the end of a message.

use super::Limits;

/// One line `KEY: VALUE` at the end of a message (git-interpret-trailers(1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// The key in the case that it was written in, without spaces before the colon.
    pub key: Vec<u8>,
    /// The value; the lines that it is folded over are joined by one space.
    pub value: Vec<u8>,
}

/// A problem with the trailers of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooMuch {
    /// The message is longer than [`Limits::message_bytes`].
    Bytes,
    /// There are more than [`Limits::trailers`].
    Trailers,
}

/// Reads the trailers of a message as `git interpret-trailers --parse` does, with the comment character `#` and no keys of a
/// configuration (`trailer.c` and `ignored_log_message_bytes` in `commit.c`). Takes time linear in the message.
pub(super) fn parse(message: &[u8], limits: Limits) -> Result<Vec<Trailer>, TooMuch> {
    if u64::try_from(message.len()).unwrap_or(u64::MAX) > limits.message_bytes {
        return Err(TooMuch::Bytes);
    }
    // git ends the last line before it reads it
    let whole = if message.ends_with(b"\n") { message.to_vec() } else { [message, b"\n"].concat() };
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let lines = lines.get(..end(&lines)).unwrap_or(&[]);
    let block = lines.get(start(lines)..).unwrap_or(&[]);
    let mut trailers: Vec<(&[u8], Vec<u8>)> = Vec::new();
    let mut is_folded = false;
    for line in block {
        if is_folded && line.first().is_some_and(|byte| is_space(*byte)) {
            if let Some((_, value)) = trailers.last_mut() {
                value.extend_from_slice(line);
            }
            continue;
        }
        let colon = separator(line).filter(|at| *at >= 1);
        is_folded = colon.is_some();
        if let Some((key, value)) = colon.and_then(|at| line.split_at_checked(at)) {
            if trailers.len() >= limits.trailers {
                return Err(TooMuch::Trailers);
            }
            trailers.push((key, value.get(1..).unwrap_or(&[]).to_vec()));
        }
    }
    Ok(trailers
        .into_iter()
        .map(|(key, value)| Trailer { key: trim(key).to_vec(), value: unfolded(trim(&value)) })
        .collect())
}

/// Returns what git takes for white space (`sane_ctype`).
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn trim(text: &[u8]) -> &[u8] {
    let from = text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len());
    let until = text.iter().rposition(|byte| !is_space(*byte)).map_or(from, |last| last + 1);
    text.get(from..until).unwrap_or(&[])
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| is_space(*byte))
}

/// Returns where the colon behind a key stands; none where the line does not begin with one.
fn separator(line: &[u8]) -> Option<usize> {
    let mut is_spaced = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b':' => return Some(at),
            b' ' | b'\t' if at > 0 => is_spaced = true,
            byte if !is_spaced && (byte.is_ascii_alphanumeric() || *byte == b'-') => {}
            _ => return None,
        }
    }
    None
}

/// The value with each line end, and the white space behind it, as one space.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte == b'\n' {
            while bytes.next_if(|next| is_space(**next)).is_some() {}
            out.push(b' ');
        } else {
            out.push(*byte);
        }
    }
    trim(&out).to_vec()
}

/// Returns how many lines are left without a patch, comments, empty lines and a list of conflicts at the end.
fn end(lines: &[&[u8]]) -> usize {
    const SCISSORS: &[u8] = b"# ------------------------ >8 ------------------------\n";
    let is_divider =
        |line: &&[u8]| line.strip_prefix(b"---").is_some_and(|rest| rest.first().is_some_and(|byte| is_space(*byte)));
    let patch = lines.iter().position(is_divider).unwrap_or(lines.len());
    let lines = lines.get(..patch).unwrap_or(lines);
    let cut = lines.iter().position(|line| *line == SCISSORS).unwrap_or(lines.len());
    // the line at which the rest begins; none is 0, so that a run from the first line on counts from its second, as in git
    let mut rest = 0;
    let mut is_in_conflicts = false;
    for (number, line) in lines.iter().take(cut).enumerate() {
        if line.starts_with(b"#") || *line == b"\n" {
            rest = if rest == 0 { number } else { rest };
        } else if *line == b"Conflicts:\n" {
            is_in_conflicts = true;
            rest = if rest == 0 { number } else { rest };
        } else if !(is_in_conflicts && line.starts_with(b"\t")) && rest > 0 {
            (rest, is_in_conflicts) = (0, false);
        }
    }
    if rest > 0 { rest } else { cut }
}

/// The first line of the last paragraph, if that is one of trailers; else the number of lines.
fn start(lines: &[&[u8]]) -> usize {
    const OF_GIT: [&[u8]; 2] = [b"Signed-off-by: ", b"(cherry picked from commit "];
    let title = lines.iter().position(|line| !line.starts_with(b"#") && is_blank(line)).unwrap_or(lines.len());
    let (mut only_spaces, mut is_of_git) = (true, false);
    let (mut trailers, mut others, mut continued) = (0_usize, 0_usize, 0_usize);
    for (number, line) in lines.iter().enumerate().skip(title).rev() {
        if line.starts_with(b"#") {
            others += continued;
            continued = 0;
        } else if is_blank(line) {
            if only_spaces {
                continue;
            }
            others += continued;
            let is_block = (is_of_git && trailers * 3 >= others) || (trailers > 0 && others == 0);
            return if is_block { number + 1 } else { lines.len() };
        } else {
            only_spaces = false;
            let is_indented = line.first().is_some_and(|byte| is_space(*byte));
            if OF_GIT.iter().any(|prefix| line.starts_with(prefix)) {
                (trailers, continued, is_of_git) = (trailers + 1, 0, true);
            } else if !is_indented && separator(line).is_some_and(|at| at >= 1) {
                (trailers, continued) = (trailers + 1, 0);
            } else if is_indented {
                continued += 1;
            } else {
                (others, continued) = (others + 1 + continued, 0);
            }
        }
    }
    lines.len()
}
