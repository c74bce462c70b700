//! The parts of a saved plan: a ZIP archive, messages of Protocol Buffers in it, and values of MessagePack in those.

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde_json::{Map, Value};

/// The most bytes of an entry, unpacked: 256 MiB.
const MOST_ENTRY_BYTES: usize = 256 << 20;

/// The most fields of a message, and the most bytes of a value of MessagePack: more is not read, so that it fits into memory.
const MOST_FIELDS: usize = 1 << 20;

/// Values deeper than this are not read.
const MOST_DEPTH: usize = 32;

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| (number << 8_u32) | usize::from(*byte)))
}

/// The first entry of this name in a ZIP archive, by its central directory.
pub(super) fn entry(archive: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let comment = number(archive, end + 20, 2)?;
    archive.get(end + 22..end + 22 + comment)?;
    let mut at = number(archive, end + 16, 4)?;
    for _ in 0..number(archive, end + 10, 2)? {
        if archive.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let (method, packed, size) =
            (number(archive, at + 10, 2)?, number(archive, at + 20, 4)?, number(archive, at + 24, 4)?);
        let lengths = [28, 30, 32].map(|place| number(archive, at + place, 2));
        let [Some(of_name), Some(of_extra), Some(of_comment)] = lengths else {
            return None;
        };
        if archive.get(at + 46..at + 46 + of_name)? == name {
            let local = number(archive, at + 42, 4)?;
            let start = local + 30 + number(archive, local + 26, 2)? + number(archive, local + 28, 2)?;
            let data = archive.get(start..start.checked_add(packed)?)?;
            return match method {
                0 => Some(data.to_vec()),
                8 => decompress_to_vec_with_limit(data, MOST_ENTRY_BYTES).ok().filter(|plain| plain.len() == size),
                _ => None,
            };
        }
        at = at + 46 + of_name + of_extra + of_comment;
    }
    None
}

/// A value of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireValue<'m> {
    Number(u64),
    Bytes(&'m [u8]),
    /// A number of fixed length, which no field that is read here has.
    Fixed,
}

impl<'m> WireValue<'m> {
    pub(super) const fn bytes(self) -> Option<&'m [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) | Self::Fixed => None,
        }
    }

    pub(super) const fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Bytes(_) | Self::Fixed => None,
        }
    }
}

/// The fields of a message, each with its number, in their order; `None` if it is damaged.
pub(super) fn fields(mut message: &[u8]) -> Option<Vec<(u64, WireValue<'_>)>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let (tag, rest) = varint(message)?;
        let (value, rest) = match tag & 7 {
            0 => {
                let (number, rest) = varint(rest)?;
                (WireValue::Number(number), rest)
            }
            1 => (WireValue::Fixed, rest.get(8..)?),
            2 => {
                let (length, rest) = varint(rest)?;
                let length = usize::try_from(length).ok()?;
                (WireValue::Bytes(rest.get(..length)?), rest.get(length..)?)
            }
            5 => (WireValue::Fixed, rest.get(4..)?),
            _ => return None,
        };
        if found.len() >= MOST_FIELDS {
            return None;
        }
        found.push((tag >> 3_u32, value));
        message = rest;
    }
    Some(found)
}

/// The last field of this number.
pub(super) fn last<'m>(fields: &[(u64, WireValue<'m>)], wanted: u64) -> Option<WireValue<'m>> {
    fields.iter().rev().find(|(number, _)| *number == wanted).map(|(_, value)| *value)
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f).checked_shl(u32::try_from(place * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(place + 1..)?));
        }
    }
    None
}

/// A value of MessagePack, which is all of `bytes`. Numbers and what is not known yet are null: nothing asks for them.
pub(super) fn message_pack(bytes: &[u8]) -> Option<Value> {
    if bytes.len() > MOST_FIELDS {
        return None;
    }
    let (value, rest) = packed(bytes, 0)?;
    rest.is_empty().then_some(value)
}

fn packed(bytes: &[u8], depth: usize) -> Option<(Value, &[u8])> {
    if depth > MOST_DEPTH {
        return None;
    }
    let (first, rest) = bytes.split_first()?;
    let counted = |length: usize| {
        let count = rest.get(..length)?.iter().fold(0_usize, |count, byte| (count << 8_u32) | usize::from(*byte));
        Some((count, rest.get(length..)?))
    };
    let skipped = |length: usize| Some((Value::Null, rest.get(length..)?));
    match *first {
        0x00..=0x7f | 0xc0 | 0xe0..=0xff => Some((Value::Null, rest)),
        0x80..=0x8f => map(usize::from(*first & 0x0f), rest, depth),
        0x90..=0x9f => list(usize::from(*first & 0x0f), rest, depth),
        0xa0..=0xbf => text(usize::from(*first & 0x1f), rest),
        0xc1 => None,
        0xc2 => Some((Value::Bool(false), rest)),
        0xc3 => Some((Value::Bool(true), rest)),
        0xc4 | 0xc7 => {
            let (length, rest) = counted(1)?;
            Some((Value::Null, rest.get(length.checked_add(usize::from(*first == 0xc7))?..)?))
        }
        0xc5 | 0xc8 => {
            let (length, rest) = counted(2)?;
            Some((Value::Null, rest.get(length.checked_add(usize::from(*first == 0xc8))?..)?))
        }
        0xc6 | 0xc9 => {
            let (length, rest) = counted(4)?;
            Some((Value::Null, rest.get(length.checked_add(usize::from(*first == 0xc9))?..)?))
        }
        0xcc | 0xd0 => skipped(1),
        0xcd | 0xd1 | 0xd4 => skipped(2),
        0xca | 0xce | 0xd2 => skipped(4),
        0xcb | 0xcf | 0xd3 => skipped(8),
        0xd5 => skipped(3),
        0xd6 => skipped(5),
        0xd7 => skipped(9),
        0xd8 => skipped(17),
        0xd9 => counted(1).and_then(|(length, rest)| text(length, rest)),
        0xda => counted(2).and_then(|(length, rest)| text(length, rest)),
        0xdb => counted(4).and_then(|(length, rest)| text(length, rest)),
        0xdc => counted(2).and_then(|(length, rest)| list(length, rest, depth)),
        0xdd => counted(4).and_then(|(length, rest)| list(length, rest, depth)),
        0xde => counted(2).and_then(|(length, rest)| map(length, rest, depth)),
        0xdf => counted(4).and_then(|(length, rest)| map(length, rest, depth)),
    }
}

fn text(length: usize, bytes: &[u8]) -> Option<(Value, &[u8])> {
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    Some((Value::String(text.to_owned()), bytes.get(length..)?))
}

fn list(length: usize, mut bytes: &[u8], depth: usize) -> Option<(Value, &[u8])> {
    let mut list = Vec::new();
    for _ in 0..length {
        let (value, rest) = packed(bytes, depth + 1)?;
        list.push(value);
        bytes = rest;
    }
    Some((Value::Array(list), bytes))
}

fn map(length: usize, mut bytes: &[u8], depth: usize) -> Option<(Value, &[u8])> {
    let mut map = Map::new();
    for _ in 0..length {
        let (key, rest) = packed(bytes, depth + 1)?;
        let (value, rest) = packed(rest, depth + 1)?;
        map.insert(key.as_str()?.to_owned(), value);
        bytes = rest;
    }
    Some((Value::Object(map), bytes))
}

#[cfg(test)]
mod tests {
    use super::message_pack;

    /// By the specification of MessagePack, section "Formats".
    #[test]
    fn values_are_read_and_no_more_than_they_are() {
        for (bytes, expected) in [
            (&b"\x82\xa4path\xc0\xa1x\x93\xc3\xc2\xa1y"[..], Some(r#"{"path":null,"x":[true,false,"y"]}"#)),
            (b"\xde\x00\x01\xd9\x01a\xdc\x00\x01\xda\x00\x01b", Some(r#"{"a":["b"]}"#)),
            (b"\xdf\x00\x00\x00\x01\xdb\x00\x00\x00\x01a\xdd\x00\x00\x00\x00", Some(r#"{"a":[]}"#)),
            (
                b"\x96\x05\xff\xcd\x07\xd0\xcb12345678\xd4\x00\x00\xc7\x02\x0cab",
                Some("[null,null,null,null,null,null]"),
            ),
            (b"\x93\xc4\x01x\xd8\x001234567890123456\xce1234", Some("[null,null,null]")),
            (b"\xa2a", None),
            (b"\x81\x01\xc0", None),
            (b"\xc1", None),
            (b"\xc0\xc0", None),
            (b"\xdd\xff\xff\xff\xff", None),
            (b"\xa1\xff", None),
            (b"", None),
        ] {
            assert_eq!(message_pack(bytes).map(|value| value.to_string()).as_deref(), expected, "{bytes:?}");
        }
        assert_eq!(message_pack(&[0x91; 100_000]), None);
    }
}
