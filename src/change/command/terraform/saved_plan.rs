//! The workspace for which a saved plan of Terraform was made.
//!
//! The file is a ZIP archive whose entry `tfplan` is a message of Protocol Buffers: `plan.proto`, field 13 is the backend, and its field 3
//! the workspace.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::change::command::surroundings::Unknown;

/// The most bytes of the entry.
const MOST_PLAN_BYTES: usize = 64 << 20;

/// The workspace of a saved plan.
pub(super) fn workspace(archive: &[u8]) -> Result<String, Unknown> {
    let fault = || "its saved plan can't be read here".to_owned();
    let plan = entry(archive, b"tfplan").ok_or_else(fault)?;
    let backend = field(&plan, 13).ok_or_else(fault)?;
    let workspace = field(backend, 3).ok_or_else(fault)?;
    String::from_utf8(workspace.to_vec()).map_err(|_| fault())
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| (number << 8_u32) | usize::from(*byte)))
}

/// An entry of a ZIP archive, by its central directory.
fn entry(archive: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
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
                8 => decompress_to_vec_with_limit(data, MOST_PLAN_BYTES).ok().filter(|plain| plain.len() == size),
                _ => None,
            };
        }
        at = at + 46 + of_name + of_extra + of_comment;
    }
    None
}

/// The last field of this number that has a length.
fn field(mut message: &[u8], wanted: u64) -> Option<&[u8]> {
    let mut found = None;
    while !message.is_empty() {
        let (tag, rest) = varint(message)?;
        let (value, rest) = match tag & 7 {
            0 => (None, varint(rest)?.1),
            1 => (None, rest.get(8..)?),
            2 => {
                let (length, rest) = varint(rest)?;
                let length = usize::try_from(length).ok()?;
                (Some(rest.get(..length)?), rest.get(length..)?)
            }
            5 => (None, rest.get(4..)?),
            _ => return None,
        };
        if tag >> 3_u32 == wanted {
            found = value.or(found);
        }
        message = rest;
    }
    found
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

#[cfg(test)]
mod tests {
    use super::workspace;

    /// A plan that Terraform 1.11.4 made in the workspace `prod`.
    const PLAN: &[u8] = include_bytes!("../../../../tests/data/plans/prod.tfplan");

    #[test]
    fn the_workspace_of_a_saved_plan_is_read() {
        assert_eq!(workspace(PLAN).as_deref(), Ok("prod"));
        for wrong in [&b""[..], b"PK\x05\x06", b"not a plan", PLAN.get(..1000).unwrap_or_default()] {
            assert!(workspace(wrong).is_err(), "{} bytes", wrong.len());
        }
    }

    /// What is cut off or changed is read or refused, and nothing else happens.
    #[test]
    fn a_damaged_plan_is_no_fault_of_the_program() {
        for length in 0..PLAN.len() {
            drop(workspace(PLAN.get(..length).unwrap_or_default()));
        }
        for place in 0..PLAN.len() {
            let mut plan = PLAN.to_vec();
            if let Some(byte) = plan.get_mut(place) {
                *byte ^= 0xff;
            }
            drop(workspace(&plan));
        }
    }
}
