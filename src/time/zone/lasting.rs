//! The rule by which a clock goes on after the last change that its zone's data lists one by one.
//!
//! Nearly all that is asked lies after it, in Berlin after 1996, and that rule is read in a fraction of the time that
//! all the changes before it take.

use jiff::tz::TimeZone;

use crate::time::instant::Instant;

/// The rule that lasts.
#[derive(Debug)]
pub(super) struct Lasting {
    /// The last change that is listed; [`Instant::MIN`] if none is.
    pub(super) since: Instant,
    pub(super) rules: TimeZone,
}

impl Lasting {
    /// That of a zone's data in the form of RFC 8536; `None` where the data has none, or is of a form not known here: then all
    /// of its rules are read, and what is damaged is told.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        let (_, rest) = block(data, 4)?;
        let (times, rest) = block(rest, 8)?;
        let last = times.last_chunk().map_or(Instant::MIN, |last| Instant::from_second(i64::from_be_bytes(*last)));
        let footer = rest.strip_prefix(b"\n")?.strip_suffix(b"\n")?;
        match std::str::from_utf8(footer).map(TimeZone::posix) {
            Ok(Ok(rules)) => Some(Self { since: last, rules }),
            Ok(Err(_)) | Err(_) => None,
        }
    }
}

/// The times of changes, `width` bytes each, of the block that begins `data`, and what follows the block.
fn block(data: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (header, body) = data.split_at_checked(44)?;
    // from version 2 on there are two blocks and a footer
    if !header.starts_with(b"TZif") || *header.get(4)? < b'2' {
        return None;
    }
    let mut counts = [0; 6];
    for (count, bytes) in counts.iter_mut().zip(header.get(20..)?.as_chunks().0) {
        let Ok(read) = usize::try_from(u32::from_be_bytes(*bytes)) else {
            return None;
        };
        *count = read;
    }
    let [ut_marks, standard_marks, leap_seconds, changes, types, letters] = counts;
    let times = changes.checked_mul(width)?;
    let length =
        [changes, types.checked_mul(6)?, letters, leap_seconds.checked_mul(width + 4)?, standard_marks, ut_marks];
    let length = length.into_iter().try_fold(times, usize::checked_add)?;
    Some((body.get(..times)?, body.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::Lasting;
    use crate::time::zone::Zone;
    use jiff::Timestamp;

    /// Every second hour of eight years from when it begins or, where that was long ago, from 2020 on.
    #[test]
    fn what_lasts_is_what_all_the_rules_say() {
        let mut lasting_in_2026 = 0;
        for name in Zone::names() {
            let zone = Zone::named(name).unwrap();
            let lasting = Lasting::of(zone.data).unwrap();
            let rules = zone.rules().unwrap();
            let now = "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap().as_second();
            let since = lasting.since.as_second();
            lasting_in_2026 += u32::from(since < now);
            let start = since.max(now - 6 * 365 * 24 * 3600);
            for second in (start..start + 8 * 365 * 24 * 3600).step_by(7200) {
                let instant = Timestamp::from_second(second).unwrap();
                assert_eq!(lasting.rules.to_datetime(instant), rules.to_datetime(instant), "{name} at {instant}");
            }
        }
        assert!(lasting_in_2026 > 400, "{lasting_in_2026}");
    }

    #[test]
    fn data_of_another_form_has_none() {
        let data = Zone::named("Europe/Berlin").unwrap().data;
        assert!(Lasting::of(data).is_some());
        for cut in 0..data.len() {
            assert!(Lasting::of(&data[..cut]).is_none(), "{cut}");
        }
        let mut version_1 = data.to_vec();
        version_1[4] = 0;
        assert!(Lasting::of(&version_1).is_none());
    }
}
