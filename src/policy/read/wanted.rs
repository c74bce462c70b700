//! What a key wants, what it got instead, and what to write.

use toml::de::DeValue;

/// The type of value that a key wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum WantedType {
    String,
    Integer,
    Boolean,
    Date,
    Moment,
    Table,
    Strings,
    StringOrStrings,
    Dates,
    Tables,
}

impl WantedType {
    /// The type for people.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Boolean => "`true` or `false`",
            Self::Date => "a date",
            Self::Moment => "a moment",
            Self::Table => "a table",
            Self::Strings => "a list of strings",
            Self::StringOrStrings => "a string or a list of strings",
            Self::Dates => "a list of dates",
            Self::Tables => "a list of tables",
        }
    }

    /// Returns what a list of it holds, for people.
    pub(super) const fn items(self) -> &'static str {
        match self {
            Self::Strings | Self::StringOrStrings => "strings",
            Self::Dates => "dates",
            Self::Tables => "tables",
            Self::String | Self::Integer | Self::Boolean | Self::Date | Self::Moment | Self::Table => self.as_str(),
        }
    }

    /// Returns what to write for `key` of `noun` where `value` stands.
    pub(super) fn help(self, noun: &str, key: &str, value: &DeValue<'_>) -> Option<String> {
        match (self, value) {
            (Self::Strings, DeValue::String(text)) if is_plain(text) => Some(format!("write `{key} = [\"{text}\"]`")),
            (Self::String, DeValue::Boolean(false)) if key == "during_core_hours" => {
                Some("write `during_core_hours = \"off\"`".to_owned())
            }
            (Self::Table, _) if key.contains('.') => Some(format!("write `[{key}]`")),
            (
                Self::String
                | Self::Integer
                | Self::Boolean
                | Self::Date
                | Self::Moment
                | Self::Table
                | Self::Strings
                | Self::StringOrStrings
                | Self::Dates
                | Self::Tables,
                _,
            ) => example(noun, key).map(|example| format!("write `{example}`")),
        }
    }
}

/// Returns whether a string can be shown as it would stand in a policy.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= 60 && !text.contains(|c: char| c.is_control() || c == '"' || c == '\\')
}

/// Returns how a value of `key` looks where it is right; `None` for keys that are names of the policy's own.
fn example(noun: &str, key: &str) -> Option<&'static str> {
    Some(match (noun, key) {
        ("the policy", "regions") => "[regions.us]",
        ("the policy", "environments") => "[environments.production]",
        ("the policy", "services") => "[services.billing]",
        ("a stage", "from") => "from = 2027-01-11",
        ("a stage", "level") => "level = \"warn\"",
        (_, "calendars") => "[calendars.us-federal]",
        (_, "help") => "[help]",
        (_, "rollback") => "[rollback]",
        (_, "routes") => "[routes]",
        (_, "owners") => "owners = [\"{environment}-*\"]",
        (_, "together") => "together = [\"environment\"]",
        (_, "hijack") => "hijack = \"hard\"",
        (_, "overlap") => "overlap = \"soft\"",
        (_, "takeover") => "takeover = \"warn\"",
        (_, "dead") => "dead = \"warn\"",
        (_, "approvers") => "[approvers]",
        (_, "targets") => "[[targets]]",
        (_, "freezes") => "[[freezes]]",
        (_, "lifts") => "[[lifts]]",
        (_, "version") => "version = 1",
        (_, "requires") => "requires = \"0.1\"",
        (_, "organisation") => "[organisation]",
        ("the organisation table", "name") => "name = \"example\"",
        (_, "formerly") => "formerly = [\"old-example\"]",
        (_, "serial") => "serial = 1",
        (_, "include") => "include = [\"org.toml\"]",
        (_, "contact") => "contact = \"#freeze-help\"",
        (_, "url") => "url = \"https://example.com/freezes\"",
        (_, "timezones") => "timezones = [\"America/New_York\", \"America/Los_Angeles\"]",
        (_, "core_hours") => "core_hours = [\"Mon-Fri 08:00-18:00\"]",
        (_, "holidays") => "holidays = [\"us-federal\"]`, and the dates in `[calendars.us-federal]",
        (_, "dates") => "dates = [2026-11-26, 2026-12-25]",
        (_, "valid_until") => "valid_until = 2026-12-31",
        (_, "owner") => "owner = \"team-payments\"",
        (_, "aliases") => "aliases = [\"prod\"]",
        (_, "during_core_hours") => "during_core_hours = \"hard\"",
        (_, "evidence") => "evidence = \"required\"",
        (_, "duration") => "duration = \"10m\"",
        (_, "settle") => "settle = \"30m\"",
        (_, "within") => "within = \"72h\"",
        (_, "max_duration") => "max_duration = \"1h\"",
        (_, "change_windows") => "change_windows = [{ hours = \"Mon-Thu 06:00-22:00\", timezone = \"Europe/Berlin\" }]",
        (_, "rollout") => {
            "rollout = [{ from = 2027-01-11, level = \"warn\" }, { from = 2027-02-01, level = \"hard\" }]"
        }
        (_, "hours") => "hours = [\"Fri 12:00-24:00\"]",
        (_, "timezone") => "timezone = \"Europe/Berlin\"",
        (_, "refs") => "refs = [\"refs/heads/main\"]",
        (_, "paths") => "paths = [\"deploy/**\"]",
        (_, "except") => "except = [\"**/*.md\"]",
        (_, "environment") => "environment = \"production\"`, or for every one `environment = \"*\"",
        (_, "environments") => "environments = [\"production\"]",
        (_, "region") => "region = \"us\"",
        (_, "regions") => "regions = [\"us\"]",
        (_, "service") => "service = \"billing\"",
        (_, "services") => "services = [\"billing\"]",
        (_, "kind") => "kind = \"config\"",
        (_, "kinds") => "kinds = [\"config\"]",
        (_, "exempt") => "exempt = [\"rollback\"]",
        (_, "exempt_hazards") => "exempt_hazards = [\"rds-restart\"]",
        (_, "name") => "name = \"year end\"",
        (_, "from") => "from = \"Dec 20 23:00\"",
        (_, "until") => "until = \"Jan 5 09:00\"",
        (_, "level") => "level = \"hard\"",
        (_, "reason") => "reason = \"half the on-call rota is away\"",
        (_, "allowed_signers") => "allowed_signers = \"approvers.allowed_signers\"",
        (_, "groups") => "[approvers.groups]",
        (_, "signed") => "signed = [\"any\"]",
        (_, "incident") => "incident = true",
        (_, "requester") => "requester = true",
        (_, "author") => "author = true",
        _ => return None,
    })
}

/// Returns what a value is, for people.
pub(super) const fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(moment) => match (moment.date.is_some(), moment.time.is_some()) {
            (true, true) => "a date with a time",
            (true, false) => "a date",
            (false, _) => "a time of day",
        },
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
