//! Hosts, of which it can be asked whether another may be one of them.

use std::collections::BTreeSet;
use std::ops::Bound;

/// Hosts in lower case; a wildcard is a `*` and the text that it ends with, which may be any text before.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostSet {
    /// The exact ones, from their end.
    exact: BTreeSet<Vec<u8>>,
    /// The texts behind the `*` of wildcards, from their end.
    suffixes: BTreeSet<Vec<u8>>,
}

impl HostSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.suffixes.is_empty()
    }

    pub(crate) fn insert(&mut self, host: &str) {
        match host.strip_prefix('*') {
            Some(suffix) => self.suffixes.insert(from_end(suffix)),
            None => self.exact.insert(from_end(host)),
        };
    }

    /// Returns whether a host may be one of these, or a wildcard may stand for one. It takes as long as the host, however many there are.
    pub(crate) fn may_meet(&self, host: &str) -> bool {
        match host.strip_prefix('*') {
            Some(suffix) => {
                let suffix = from_end(suffix);
                begins(&self.exact, &suffix) || begins(&self.suffixes, &suffix) || self.is_below_wildcard(&suffix)
            }
            None => {
                let host = from_end(host);
                self.exact.contains(&host) || self.is_below_wildcard(&host)
            }
        }
    }

    fn is_below_wildcard(&self, text: &[u8]) -> bool {
        !self.suffixes.is_empty()
            && (0..=text.len()).any(|length| text.get(..length).is_some_and(|suffix| self.suffixes.contains(suffix)))
    }
}

impl<'h> FromIterator<&'h str> for HostSet {
    fn from_iter<I: IntoIterator<Item = &'h str>>(hosts: I) -> Self {
        let mut set = Self::default();
        hosts.into_iter().for_each(|host| set.insert(host));
        set
    }
}

fn from_end(text: &str) -> Vec<u8> {
    text.bytes().rev().collect()
}

/// Returns whether one of the texts begins with another.
fn begins(texts: &BTreeSet<Vec<u8>>, begin: &[u8]) -> bool {
    let mut from = texts.range::<[u8], _>((Bound::Included(begin), Bound::Unbounded));
    from.next().is_some_and(|text| text.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::HostSet;

    /// The oracle looks at each pair.
    #[test]
    fn hosts_meet_as_pairs_say() {
        const HOSTS: [&str; 10] = [
            "a.example.com",
            "b.a.example.com",
            "example.com",
            "*.example.com",
            "*.a.example.com",
            "*",
            "*example.com",
            "a.example.org",
            "*.org",
            "b.example.net",
        ];
        let meets = |one: &str, other: &str| match (one.strip_prefix('*'), other.strip_prefix('*')) {
            (None, None) => one == other,
            (Some(suffix), None) => other.ends_with(suffix),
            (None, Some(suffix)) => one.ends_with(suffix),
            (Some(one), Some(other)) => one.ends_with(other) || other.ends_with(one),
        };
        for subset in 0_u32..1 << HOSTS.len() {
            let chosen = || (0_u32..).zip(HOSTS).filter(|(bit, _)| subset & (1 << bit) != 0).map(|(_, host)| host);
            let set: HostSet = chosen().collect();
            assert_eq!(set.is_empty(), subset == 0);
            for host in HOSTS {
                assert_eq!(set.may_meet(host), chosen().any(|one| meets(one, host)), "{host} in {set:?}");
            }
        }
    }
}
