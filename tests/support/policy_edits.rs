//! Edits of a policy that several test programs make.

/// The policy with core hours that are over at the hour of the outage, and less of them.
pub(crate) fn weaker(policy: &str) -> String {
    policy.replace("Mon-Fri 08:00-18:00", "Mon-Fri 12:00-13:00")
}

/// The policy with a freeze of a Sunday that is open without it.
pub(crate) fn frozen(policy: &str) -> String {
    format!(
        "{policy}\n[[freezes]]\nname = \"stop\"\nfrom = 2025-07-13T00:00:00\nuntil = 2025-07-14T00:00:00\ntimezone = \"UTC\"\n"
    )
}
