//! How each key of the policy language is compared.

use crate::policy::{Policy, keys};

/// The way in which a key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedBy {
    /// By the time for which a change may not start, exact to the second.
    ClosedTime,
    /// By the texts that stand for an environment, a region or a service.
    Names,
    /// By the languages of patterns, and by what targets show.
    Targets,
    /// By what hazards cover, and by the freezes that name them, which count if they differ in anything else.
    Hazards,
    /// By who may override what; every difference counts.
    Lifts,
    /// By the texts of patterns, and by levels.
    Routes,
    /// By its value.
    Value,
    /// By what the files say together: where it stands means nothing.
    Content,
    /// Not at all: people read it, and nothing is decided by it.
    ForPeople,
}

/// A key of the policy language, as [`policy::keys`](crate::policy::keys) has it, and how it is compared.
pub type ComparedKey = (&'static str, &'static str, ComparedBy);

/// Every key with its comparison. A key that is not listed here counts as opened, hard, wherever it is used.
pub const COMPARED_KEYS: &[ComparedKey] = &[
    ("", "version", ComparedBy::Content),
    // says which programs read the policy, not what it closes
    ("", "requires", ComparedBy::ForPeople),
    ("", "include", ComparedBy::Content),
    // distinguishes versions of the policy, and closes nothing
    ("", "organisation", ComparedBy::ForPeople),
    ("organisation", "name", ComparedBy::ForPeople),
    ("organisation", "formerly", ComparedBy::ForPeople),
    ("organisation", "serial", ComparedBy::ForPeople),
    ("organisation", "environments", ComparedBy::Names),
    ("", "help", ComparedBy::ForPeople),
    ("", "regions", ComparedBy::Names),
    ("", "calendars", ComparedBy::ClosedTime),
    ("", "environments", ComparedBy::Names),
    ("", "services", ComparedBy::Names),
    ("", "targets", ComparedBy::Targets),
    ("", "hazards", ComparedBy::Hazards),
    ("", "freezes", ComparedBy::ClosedTime),
    ("", "approvers", ComparedBy::Lifts),
    ("", "lifts", ComparedBy::Lifts),
    ("", "rollback", ComparedBy::Value),
    ("", "routes", ComparedBy::Routes),
    ("help", "contact", ComparedBy::ForPeople),
    ("help", "url", ComparedBy::ForPeople),
    ("help", "timezone", ComparedBy::ForPeople),
    ("regions.NAME", "timezones", ComparedBy::ClosedTime),
    ("regions.NAME", "core_hours", ComparedBy::ClosedTime),
    ("regions.NAME", "holidays", ComparedBy::ClosedTime),
    ("regions.NAME", "on_holidays", ComparedBy::ClosedTime),
    ("calendars.NAME", "dates", ComparedBy::ClosedTime),
    ("calendars.NAME", "valid_until", ComparedBy::ClosedTime),
    ("environments.NAME", "aliases", ComparedBy::Names),
    ("environments.NAME", "owner", ComparedBy::ForPeople),
    ("environments.NAME", "regions", ComparedBy::ClosedTime),
    ("environments.NAME", "during_core_hours", ComparedBy::ClosedTime),
    ("environments.NAME", "exempt", ComparedBy::ClosedTime),
    // where freezes that name hazards and their `settle` are compared, so is which hazards count there
    ("environments.NAME", "exempt_hazards", ComparedBy::Hazards),
    ("environments.NAME", "duration", ComparedBy::ClosedTime),
    ("environments.NAME", "settle", ComparedBy::ClosedTime),
    ("environments.NAME", "change_windows", ComparedBy::ClosedTime),
    ("environments.NAME", "evidence", ComparedBy::Value),
    ("environments.NAME", "rollout", ComparedBy::ClosedTime),
    ("environments.NAME.change_windows[]", "hours", ComparedBy::ClosedTime),
    ("environments.NAME.change_windows[]", "timezone", ComparedBy::ClosedTime),
    ("environments.NAME.rollout[]", "from", ComparedBy::ClosedTime),
    ("environments.NAME.rollout[]", "level", ComparedBy::ClosedTime),
    ("environments.NAME.rollout[]", "timezone", ComparedBy::ClosedTime),
    ("services.NAME", "regions", ComparedBy::ClosedTime),
    ("targets[]", "refs", ComparedBy::Targets),
    ("targets[]", "paths", ComparedBy::Targets),
    ("targets[]", "except", ComparedBy::Targets),
    ("targets[]", "command", ComparedBy::Targets),
    ("targets[]", "contexts", ComparedBy::Targets),
    ("targets[]", "servers", ComparedBy::Targets),
    ("targets[]", "namespaces", ComparedBy::Targets),
    ("targets[]", "workspaces", ComparedBy::Targets),
    ("targets[]", "states", ComparedBy::Targets),
    ("targets[]", "profiles", ComparedBy::Targets),
    ("targets[]", "regions", ComparedBy::Targets),
    ("targets[]", "accounts", ComparedBy::Targets),
    ("targets[]", "resources", ComparedBy::Targets),
    ("targets[]", "addresses", ComparedBy::Targets),
    ("targets[]", "modules", ComparedBy::Targets),
    ("targets[]", "providers", ComparedBy::Targets),
    ("targets[]", "objects", ComparedBy::Targets),
    ("targets[]", "labels", ComparedBy::Targets),
    ("targets[]", "annotations", ComparedBy::Targets),
    ("targets[]", "images", ComparedBy::Targets),
    ("targets[]", "environment", ComparedBy::Targets),
    ("targets[]", "region", ComparedBy::Targets),
    ("targets[]", "service", ComparedBy::Targets),
    ("targets[]", "kind", ComparedBy::ClosedTime),
    ("hazards.NAME", "resources", ComparedBy::Hazards),
    ("hazards.NAME", "attributes", ComparedBy::Hazards),
    ("hazards.NAME", "actions", ComparedBy::Hazards),
    ("hazards.NAME", "settle", ComparedBy::Hazards),
    // counts in the level of the freezes that name it
    ("hazards.NAME", "level", ComparedBy::ClosedTime),
    ("hazards.NAME", "reason", ComparedBy::ForPeople),
    ("hazards.NAME", "source", ComparedBy::ForPeople),
    // ids of grants hold it; a grant also holds a digest of what it lifts, so that a new name lifts nothing else
    ("freezes[]", "name", ComparedBy::ForPeople),
    ("freezes[]", "from", ComparedBy::ClosedTime),
    ("freezes[]", "until", ComparedBy::ClosedTime),
    ("freezes[]", "hours", ComparedBy::ClosedTime),
    ("freezes[]", "always", ComparedBy::ClosedTime),
    ("freezes[]", "timezone", ComparedBy::ClosedTime),
    ("freezes[]", "level", ComparedBy::ClosedTime),
    ("freezes[]", "environments", ComparedBy::ClosedTime),
    ("freezes[]", "regions", ComparedBy::ClosedTime),
    ("freezes[]", "services", ComparedBy::ClosedTime),
    ("freezes[]", "kinds", ComparedBy::ClosedTime),
    ("freezes[]", "hazards", ComparedBy::Hazards),
    ("freezes[]", "exempt", ComparedBy::ClosedTime),
    ("freezes[]", "reason", ComparedBy::ForPeople),
    ("approvers", "allowed_signers", ComparedBy::Lifts),
    ("approvers", "groups", ComparedBy::Lifts),
    ("lifts[]", "author", ComparedBy::Lifts),
    ("lifts[]", "finding", ComparedBy::Lifts),
    // where freezes that name hazards are compared, so is which entries are for them
    ("lifts[]", "hazards", ComparedBy::Lifts),
    ("lifts[]", "level", ComparedBy::Lifts),
    ("lifts[]", "signed", ComparedBy::Lifts),
    ("lifts[]", "incident", ComparedBy::Lifts),
    ("lifts[]", "requester", ComparedBy::Lifts),
    ("lifts[]", "max_duration", ComparedBy::Lifts),
    ("rollback", "within", ComparedBy::Value),
    ("routes", "refs", ComparedBy::Routes),
    ("routes", "paths", ComparedBy::Routes),
    ("routes", "except", ComparedBy::Routes),
    ("routes", "owners", ComparedBy::Routes),
    ("routes", "together", ComparedBy::Routes),
    ("routes", "hijack", ComparedBy::Routes),
    ("routes", "overlap", ComparedBy::Routes),
    ("routes", "takeover", ComparedBy::Routes),
    ("routes", "dead", ComparedBy::Routes),
];

/// The keys that have no comparison and stand in the text of either policy, if the texts differ at all.
pub(super) fn uncompared(old: &Policy, new: &Policy, compared: &[ComparedKey]) -> Vec<(&'static str, &'static str)> {
    if old.sources.digest() == new.sources.digest() {
        return Vec::new();
    }
    let is_written = |key: &str| {
        let files = old.sources.files().iter().chain(new.sources.files());
        // a key in quotes may be written with escapes
        files.map(|file| file.text.as_str()).any(|text| text.contains(key) || text.contains('\\'))
    };
    let mut missing = Vec::new();
    for (table, table_keys) in keys() {
        for key in table_keys {
            let known = compared.iter().any(|(known, name, _)| *known == table && name == key);
            if !known && is_written(key) {
                missing.push((table, *key));
            }
        }
    }
    missing
}
