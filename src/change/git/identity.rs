//! Who a commit or a line of a reflog names, and when.

use crate::time::instant::Instant;

/// A person and a moment, as a commit or a reflog states them. Whoever made it chose all of it: names and times prove
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitIdentity {
    /// The name, without the spaces round it; may be empty.
    pub name: Vec<u8>,
    /// The text that stands between `<` and `>`, without the spaces round it; may be empty.
    pub email: Vec<u8>,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: Instant,
    /// The offset of the clock that was read, in minutes east of UTC.
    pub offset_minutes: i32,
}

impl GitIdentity {
    /// Reads `NAME <EMAIL> SECONDS ±HHMM`, the form of gitformat-commit and of reflogs; none if it is anything else.
    ///
    /// As git does, the address is what stands between the first `<` and the `>` after it.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (name, rest) = split_at_byte(text, b'<')?;
        let (email, rest) = split_at_byte(rest, b'>')?;
        let Ok(moment) = std::str::from_utf8(rest.strip_prefix(b" ")?) else { return None };
        let (seconds, offset) = moment.split_once(' ')?;
        let Ok(seconds) = seconds.parse() else { return None };
        Some(Self {
            name: name.trim_ascii().to_vec(),
            email: email.trim_ascii().to_vec(),
            seconds: Instant::from_second(seconds),
            offset_minutes: parse_offset(offset)?,
        })
    }
}

/// `±HHMM` in minutes. git writes nothing else, but keeps what others wrote, so that hours may be anything.
fn parse_offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
    Some(sign * (number / 100 * 60 + number % 100))
}

/// Returns what stands before and after the first such byte.
pub(super) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|found| *found == byte)?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::GitIdentity;
    use crate::time::instant::Instant;

    #[test]
    fn reads_what_git_writes_and_nothing_else() {
        let read = |text: &str| {
            GitIdentity::parse(text.as_bytes()).map(|identity| {
                (
                    String::from_utf8(identity.name).unwrap(),
                    String::from_utf8(identity.email).unwrap(),
                    identity.seconds,
                    identity.offset_minutes,
                )
            })
        };
        let some = |name: &str, email: &str, seconds, offset| {
            Some((name.to_owned(), email.to_owned(), Instant::from_second(seconds), offset))
        };

        assert_eq!(read("A B <a@example.com> 1751366940 +0200"), some("A B", "a@example.com", 1_751_366_940, 120));
        assert_eq!(read("A <a@example.com> -1 -0330"), some("A", "a@example.com", -1, -210));
        assert_eq!(read(" <> 0 +0000"), some("", "", 0, 0));
        assert_eq!(read("A <b> <c> 0 +0000"), None, "a second address where the time should be");
        assert_eq!(read("A a@example.com 0 +0000"), None);
        assert_eq!(read("A <a@example.com>"), None);
        assert_eq!(read("A <a@example.com> 0"), None);
        assert_eq!(read("A <a@example.com> soon +0000"), None);
        assert_eq!(read("A <a@example.com> 0 0000"), None);
        assert_eq!(read("A <a@example.com> 0 +00"), None);
        assert_eq!(read("A <a@example.com> 99999999999999999999 +0000"), None);
    }
}
