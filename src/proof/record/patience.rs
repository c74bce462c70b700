//! How long whoever holds a record up is waited for.

use std::thread::sleep;
use std::time::Duration;

use super::line::random_number;

/// The time that a record is waited for, before there is no decision.
///
/// Waiting is counted and not measured by a clock, so that a machine under load waits a little longer and never shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the lock of a file that another process holds.
    pub lock: Duration,
    /// For one run of git, which may go over the network.
    pub git: Duration,
    /// For all runs of git that one decision needs.
    pub all: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lock: Duration::from_secs(30), git: Duration::from_secs(60), all: Duration::from_secs(300) }
    }
}

/// Tries again and again until there is a result; `None` if there is none after `limit`. Adds to `waited` for how long it waited.
pub(in crate::proof) fn wait<T>(
    limit: Duration,
    waited: &mut Duration,
    mut attempt: impl FnMut() -> Option<T>,
) -> Option<T> {
    /// In microseconds.
    const LONGEST: u64 = 20_000;
    let mut longest = 500;
    loop {
        if let Some(result) = attempt() {
            return Some(result);
        }
        if *waited >= limit {
            return None;
        }
        // by chance, so that those who wait together part
        let pause = Duration::from_micros(longest / 2 + random_number() % (longest / 2 + 1));
        sleep(pause);
        *waited = waited.saturating_add(pause);
        longest = (longest * 2).min(LONGEST);
    }
}
