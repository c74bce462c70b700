//! What people call environments.

/// The environment that every draft has, in one spelling or another.
pub(super) const PRODUCTION: &str = "production";

/// The spellings of what is usually one thing; the first is what it is called in a draft.
const FAMILIES: [(&[&str], Guard); 15] = [
    (&[PRODUCTION, "prod", "prd"], Guard::Guarded),
    (&["live"], Guard::Guarded),
    (&["canary"], Guard::Guarded),
    (&["pre-production", "preproduction", "pre-prod", "preprod", "pre_prod", "pre_production"], Guard::Open),
    (&["non-production", "nonproduction", "non-prod", "nonprod", "non_prod", "non_production"], Guard::Open),
    (&["staging", "stage", "stg"], Guard::Open),
    (&["uat"], Guard::Open),
    (&["qa"], Guard::Open),
    (&["test", "testing"], Guard::Open),
    (&["integration", "int"], Guard::Open),
    (&["development", "dev"], Guard::Open),
    (&["sandbox"], Guard::Open),
    (&["demo"], Guard::Open),
    (&["preview", "review"], Guard::Open),
    (&["local"], Guard::Open),
];

/// Places that may stand beside the name of an environment, as in `prod-eu-west-1`, and a time zone in each.
const PLACES: [(&str, &str); 28] = [
    ("us", "America/New_York"),
    ("usa", "America/New_York"),
    ("na", "America/New_York"),
    ("ca", "America/Toronto"),
    ("latam", "America/Sao_Paulo"),
    ("sa", "America/Sao_Paulo"),
    ("br", "America/Sao_Paulo"),
    ("eu", "Europe/Berlin"),
    ("emea", "Europe/Berlin"),
    ("uk", "Europe/London"),
    ("gb", "Europe/London"),
    ("de", "Europe/Berlin"),
    ("fr", "Europe/Paris"),
    ("it", "Europe/Rome"),
    ("es", "Europe/Madrid"),
    ("nl", "Europe/Amsterdam"),
    ("pl", "Europe/Warsaw"),
    ("se", "Europe/Stockholm"),
    ("ch", "Europe/Zurich"),
    ("ap", "Asia/Singapore"),
    ("apac", "Asia/Singapore"),
    ("asia", "Asia/Singapore"),
    ("sg", "Asia/Singapore"),
    ("jp", "Asia/Tokyo"),
    ("in", "Asia/Kolkata"),
    ("au", "Australia/Sydney"),
    ("cn", "Asia/Shanghai"),
    ("af", "Africa/Johannesburg"),
];

/// Parts of names of places that do not say where on Earth.
const DIRECTIONS: [&str; 9] = ["east", "west", "north", "south", "central", "northeast", "southeast", "me", "mea"];

/// The halves of a pair.
const HALVES: [&str; 3] = ["blue", "green", "dr"];

/// The way in which core hours close an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// It may be what customers use.
    Guarded,
    /// It is named for something that customers don't use.
    Open,
}

/// The meaning of a name for the environment that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameMeaning {
    /// Its name in a draft, whatever the spelling; `None` where the name is its own.
    pub(super) family: Option<&'static str>,
    /// True if it may be what customers use.
    pub(super) guarded: bool,
}

impl NameMeaning {
    /// The meaning of the name itself.
    pub(super) const PRODUCTION: Self = Self { family: Some(PRODUCTION), guarded: true };
    /// The meaning of a name that says nothing: it may be production.
    pub(super) const UNKNOWN: Self = Self { family: None, guarded: true };
}

/// Returns what `name` says, in any case, if it is a name of an environment and of nothing else.
pub(super) fn meaning(name: &str) -> Option<NameMeaning> {
    word(name).or_else(|| qualified(name))
}

/// Returns what one of the known spellings says.
pub(super) fn word(name: &str) -> Option<NameMeaning> {
    let lower = name.to_ascii_lowercase();
    FAMILIES
        .iter()
        .find(|(spellings, _)| spellings.contains(&lower.as_str()))
        .map(|(spellings, guard)| NameMeaning { family: spellings.first().copied(), guarded: *guard == Guard::Guarded })
}

/// Returns what a known spelling says that has numbers and places around it: `prod-us`, `eu-west-1-staging`, `test2`.
fn qualified(name: &str) -> Option<NameMeaning> {
    let lower = name.to_ascii_lowercase();
    let mut found = None;
    let mut parts = lower.split(['-', '_', '.']).peekable();
    while let Some(part) = parts.next() {
        let bare = part.trim_end_matches(|c: char| c.is_ascii_digit());
        // what comes before decides: `pre-prod-eu` is no production
        let joined = match (bare, parts.peek()) {
            ("pre" | "non", Some(next)) => word(&format!("{bare}-{next}")),
            _ => None,
        };
        if joined.is_some() {
            parts.next();
        }
        match joined.or_else(|| word(bare)) {
            Some(_) if found.is_some() => return None,
            Some(meaning) => found = Some(meaning),
            None if part.is_empty() || !(bare.is_empty() || is_qualifier(bare)) => return None,
            None => {}
        }
    }
    found.map(|meaning| NameMeaning { family: None, ..meaning })
}

/// The name of an environment in one region: `prod-us`, `eu-west-1-staging`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegionalName<'n> {
    /// The text that precedes the region, with a break at its end, or nothing.
    pub(super) before: &'n str,
    pub(super) region: &'n str,
    /// The text that follows the region, with a break at its start, or nothing.
    pub(super) behind: &'n str,
}

impl RegionalName<'_> {
    /// Returns whether the environment is production.
    pub(super) fn is_production(&self) -> bool {
        let breaks = ['-', '_', '.'];
        word(self.before.trim_end_matches(breaks))
            .or_else(|| word(self.behind.trim_start_matches(breaks)))
            .is_some_and(|meaning| meaning.family == Some(PRODUCTION))
    }
}

/// Parts a name into an environment and a region; `None` if it is anything else.
pub(super) fn regional(name: &str) -> Option<RegionalName<'_>> {
    let breaks = || name.char_indices().filter(|(_, c)| matches!(c, '-' | '_' | '.')).map(|(at, _)| at);
    let of = |environment: &str, region: &str| word(environment).is_some() && is_place(region);
    breaks().find_map(|at| {
        let (first, rest) = name.split_at_checked(at)?;
        let (before, second) = name.split_at_checked(at + 1)?;
        if of(first, second) {
            return Some(RegionalName { before, region: second, behind: "" });
        }
        of(second, first).then_some(RegionalName { before: "", region: first, behind: rest })
    })
}

/// Returns whether it names a place, as regions of clouds are named: `us`, `eu-west-1`. Capitals could not be written as captured.
pub(super) fn is_place(name: &str) -> bool {
    let mut parts = name.split(['-', '_']);
    let is_known = |part: &str| PLACES.iter().any(|(place, _)| *place == part) || DIRECTIONS.contains(&part);
    let bare = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let begins = parts.next().is_some_and(|part| is_known(part.get(..bare(part)).unwrap_or(part)));
    begins
        && parts.all(|part| {
            !part.is_empty() && part.get(..bare(part)).is_some_and(|text| text.is_empty() || is_known(text))
        })
}

/// A time zone in a place, to begin with; `None` if its name does not say where on Earth it is.
pub(super) fn zone_of(region: &str) -> Option<&'static str> {
    let place = region.split(['-', '_']).next()?.trim_end_matches(|c: char| c.is_ascii_digit());
    PLACES.iter().find(|(name, _)| *name == place).map(|(_, zone)| *zone)
}

fn is_qualifier(part: &str) -> bool {
    PLACES.iter().any(|(place, _)| *place == part) || DIRECTIONS.contains(&part) || HALVES.contains(&part)
}

/// Returns whether a policy can hold the name.
pub(super) fn is_usable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '.'])
}

#[cfg(test)]
mod tests {
    use super::{meaning, word};

    #[test]
    fn known_spellings_are_told_from_production_and_from_other_words() {
        for (name, family, guarded) in [
            ("production", Some("production"), true),
            ("Prod", Some("production"), true),
            ("PRD", Some("production"), true),
            ("live", Some("live"), true),
            ("preprod", Some("pre-production"), false),
            ("pre-prod", Some("pre-production"), false),
            ("non-prod", Some("non-production"), false),
            ("stage", Some("staging"), false),
            ("dev", Some("development"), false),
            ("prod-us", None, true),
            ("us-prod", None, true),
            ("prod2", None, true),
            ("eu-west-1-prod", None, true),
            ("pre-prod-eu", None, false),
            ("eu-non-production", None, false),
            ("staging_2", None, false),
            ("test.eu", None, false),
        ] {
            let found = meaning(name).map(|meaning| (meaning.family, meaning.guarded));
            assert_eq!(found, Some((family, guarded)), "{name}");
        }
        for name in [
            "",
            "-",
            "product",
            "prods",
            "test-utils",
            "dev-tools",
            "prod-",
            "-prod",
            "prod--us",
            "us",
            "1",
            "prod-staging",
            "größe",
        ] {
            assert_eq!(meaning(name), None, "{name}");
        }
        assert_eq!(word("prod-us"), None);
    }
}
