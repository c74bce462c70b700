//! Hexadecimal digits, of bytes and of the names of commits.

/// Returns two lower-case digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Returns the first seven digits of the name of a commit or of a digest, for people.
pub(crate) fn short_id(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::{hex, short_id};

    #[test]
    fn each_byte_has_two_digits() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let expected: Vec<String> = all.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(&all), expected.concat());
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn what_has_fewer_digits_stays() {
        for (id, short) in [("4b825dc642cb6eb9", "4b825dc"), ("4b825dc", "4b825dc"), ("4b", "4b"), ("éééééé", "éééééé")]
        {
            assert_eq!(short_id(id), short);
        }
    }
}
