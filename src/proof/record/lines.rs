//! Lines of a file that is too large to be held in memory.

use std::ops::ControlFlow;

/// The number of bytes that are read at once.
const BLOCK_BYTES: usize = 256 << 10;

/// The most bytes of one line. Entries of this version have 1 MiB at most; earlier ones had no limit.
pub(super) const MAX_LINE_BYTES: usize = 64 << 20;

/// A line, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordLine<'b> {
    /// It has an end.
    Ended(&'b [u8]),
    /// It is the last, and its end is missing.
    Open(&'b [u8]),
    /// It is longer than [`MAX_LINE_BYTES`].
    TooLong,
}

/// Hands each line to `take` until that breaks off. `fill` reads the next bytes into a block, and says how many: none at the end.
pub(super) fn each_line<E>(
    fill: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>,
    take: &mut dyn FnMut(RecordLine<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, E> {
    let mut block = vec![0; BLOCK_BYTES];
    // the beginning of a line whose end is in a later block
    let mut begun: Vec<u8> = Vec::new();
    let mut is_too_long = false;
    loop {
        let length = fill(&mut block)?;
        let Some(bytes) = block.get(..length).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            is_too_long |= begun.len().saturating_add(text.len()) > MAX_LINE_BYTES;
            if is_too_long {
                begun = Vec::new();
            } else if !is_ended || !begun.is_empty() {
                begun.extend_from_slice(text);
            }
            if !is_ended {
                continue;
            }
            let line = if is_too_long {
                RecordLine::TooLong
            } else {
                RecordLine::Ended(if begun.is_empty() { text } else { &begun })
            };
            if take(line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            begun.clear();
            is_too_long = false;
        }
    }
    match (is_too_long, begun.as_slice()) {
        (true, _) => Ok(take(RecordLine::TooLong)),
        (false, []) => Ok(ControlFlow::Continue(())),
        (false, open) => Ok(take(RecordLine::Open(open))),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::ops::ControlFlow;

    use super::{MAX_LINE_BYTES, RecordLine, each_line};

    /// The lines of `bytes`, which come in pieces of `piece` bytes, and whether each has an end.
    fn lines(bytes: &[u8], piece: usize) -> Vec<(Option<Vec<u8>>, bool)> {
        let mut rest = bytes;
        let mut found = Vec::new();
        let read = each_line::<Infallible>(
            &mut |block| {
                let length = piece.min(rest.len()).min(block.len());
                let (now, later) = rest.split_at(length);
                block[..length].copy_from_slice(now);
                rest = later;
                Ok(length)
            },
            &mut |line| {
                found.push(match line {
                    RecordLine::Ended(text) => (Some(text.to_vec()), true),
                    RecordLine::Open(text) => (Some(text.to_vec()), false),
                    RecordLine::TooLong => (None, true),
                });
                ControlFlow::Continue(())
            },
        );
        assert_eq!(read, Ok(ControlFlow::Continue(())));
        found
    }

    #[test]
    fn lines_are_the_same_however_the_blocks_fall() {
        for text in ["", "\n", "\n\n", "a", "a\n", "a\n\nbc\n", "\nabc\nd", "abcdefgh\nijkl\n\nm\n", "ab\n\n"] {
            let mut wanted: Vec<_> = text.split('\n').map(|line| (Some(line.as_bytes().to_vec()), true)).collect();
            // what is behind the last end is a line only if there is something
            let last = wanted.pop().and_then(|(line, _)| line).filter(|line| !line.is_empty());
            wanted.extend(last.map(|line| (Some(line), false)));
            for piece in 1..=text.len().max(1) {
                assert_eq!(lines(text.as_bytes(), piece), wanted, "{text:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_those_around_it_are_not() {
        let exact = vec![b'x'; MAX_LINE_BYTES];
        let mut bytes = b"first\n".to_vec();
        bytes.extend_from_slice(&exact);
        bytes.extend_from_slice(b"\n");
        bytes.extend_from_slice(&exact);
        bytes.extend_from_slice(b"x\nlast\n");
        let ended = |text: &[u8]| (Some(text.to_vec()), true);
        assert_eq!(lines(&[&exact[..], b"x"].concat(), 1 << 20), [(None, true)]);
        assert_eq!(lines(&bytes, 1 << 20), [ended(b"first"), ended(&exact), (None, true), ended(b"last")]);
    }

    #[test]
    fn reading_ends_where_it_is_broken_off() {
        let mut filled = 0;
        let mut taken = 0;
        let read = each_line::<Infallible>(
            &mut |block| {
                filled += 1;
                block[..4].copy_from_slice(b"a\nb\n");
                Ok(4)
            },
            &mut |_| {
                taken += 1;
                if taken < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        );
        assert_eq!((read, filled, taken), (Ok(ControlFlow::Break(())), 2, 3));
    }
}
