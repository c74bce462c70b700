//! The draft as the text of a policy, with comments.

use crate::draft::{DraftedEnvironment, DraftedTarget, PolicyDraft, ZoneSource};
use crate::escape::for_terminal;
use crate::policy::SCHEMA_FILE;

/// The most columns that a list may take on one line.
const WIDTH: usize = 100;

/// A first line that [Taplo](https://taplo.tamasfe.dev/configuration/directives.html) and the editors that use it obey.
const HEAD: &str = "\n\
# When nothing may change here, and which files, branches and tags reach which environment. Drafted by `freezegate init`:
# lines marked `TODO` are guesses. `freezegate lint` reports likely mistakes.
version = 1

[help]
# TODO: a channel or a person, printed with every refusal
contact = \"the owners of this repository\"
";

const REGIONS: &str = "\n\
# Core hours: when the people affected by an outage are at work. A region is a group of people with the same hours and
# holidays. It may span several time zones, and is closed during core hours in any of them.
";

const ENVIRONMENTS: &str = "\n\
# What is protected. Environments that customers use are closed in core hours; the others, such as staging, have
# `during_core_hours = \"off\"`. If the name does not show which kind it is, the environment is closed.
";

/// The one region, if no folder names any.
pub(super) const CUSTOMERS: &str = "customers";

const TAIL: &str = "\n\
# Freezes: nothing may change, in core hours or not.
# [[freezes]]
# name         = \"year end\"
# from         = \"Dec 20 18:00\"
# until        = \"Jan 4 08:00\"
# timezone     = \"region\"
# environments = [ENVIRONMENT]
# reason       = \"half the team is away\"

# Who may override a freeze, and who may change this policy. Until you fill in the lines below, nobody may override, and
# anyone who may push while production is open may change the policy.
# TODO: name the people who may sign, then remove this comment and the line `lint: allow`, which keeps `freezegate lint`
# from warning that nobody may override. `allowed_signers` is a file beside this one, with a line like
# `ana@example.com ssh-ed25519 AAAA…` for each approver: the address, then the text of their `.pub` file.
# lint: allow not-liftable
# [approvers]
# allowed_signers = \"approvers.allowed_signers\"
# groups          = { oncall = [\"ana@example.com\", \"ben@example.com\"] }
#
# [[lifts]]
# level    = \"hard\"
# signed   = [\"oncall\"]
# incident = true   # and an incident must be named
";

impl PolicyDraft {
    /// The text of the policy.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("#:schema ./{SCHEMA_FILE}\n{HEAD}{REGIONS}");
        text.push_str(&self.regions_text());
        text.push_str(ENVIRONMENTS);
        if !self.unusable.is_empty() {
            text.push_str(
                "# Environments of workflows that are left out because their names are invalid in a policy:\n",
            );
            for name in &self.unusable {
                text.push_str(&format!("#   {}\n", for_terminal(name)));
            }
            text.push('\n');
        }
        for (index, environment) in self.environments.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(&environment_text(environment));
        }
        let mut why = "";
        for target in &self.targets {
            text.push('\n');
            if target.why != why {
                why = target.why;
                text.push_str(&format!("# {why}\n"));
            }
            text.push_str(&target_text(target));
        }
        let first = self.environments.first().map_or("production", |environment| environment.name.as_str());
        text.push_str(&TAIL.replace("ENVIRONMENT", &quoted(first)));
        text
    }

    fn regions_text(&self) -> String {
        let region = |name: &str, zones: &[String], why: &str| {
            let rows = [
                ("timezones", list("timezones", zones)),
                ("core_hours", list("core_hours", &["Mon-Fri 08:00-18:00".to_owned()])),
            ];
            format!("[regions.{}]\n# {why}\n{}", key(name), aligned(&rows))
        };
        let why = match (self.timezones.as_slice(), self.zone_source) {
            ([_, ..], ZoneSource::Named) => "add every other time zone of your customers",
            ([_, ..], ZoneSource::Machine) => {
                "TODO: this is the time zone of your machine; list every time zone of your customers"
            }
            ([], ZoneSource::Named | ZoneSource::Machine) => {
                "TODO: list every time zone of your customers, such as `America/New_York`"
            }
        };
        if self.regions.is_empty() {
            return region(CUSTOMERS, &self.zones(), why);
        }
        let texts: Vec<String> = self
            .regions
            .iter()
            .map(|one| {
                let todo = "TODO: guessed from the name; list every time zone of the customers in this region";
                region(&one.name, &one.timezones, todo)
            })
            .collect();
        texts.join("\n")
    }
}

fn environment_text(environment: &DraftedEnvironment) -> String {
    let mut rows = Vec::new();
    if !environment.aliases.is_empty() {
        rows.push(("aliases", list("aliases", &environment.aliases)));
    }
    if environment.guarded {
        rows.push(("duration", "\"10m\"".to_owned()));
        rows.push(("settle", "\"30m\"".to_owned()));
    } else {
        rows.push(("during_core_hours", "\"off\"".to_owned()));
    }
    format!("[environments.{}]\n{}", key(&environment.name), aligned(&rows))
}

fn target_text(target: &DraftedTarget) -> String {
    let lists = [("refs", &target.refs), ("paths", &target.paths), ("except", &target.except)];
    let filled = lists.into_iter().filter(|(_, items)| !items.is_empty());
    let mut rows: Vec<_> = filled.map(|(name, items)| (name, list(name, items))).collect();
    rows.extend(target.environment.as_ref().map(|environment| ("environment", quoted(environment))));
    format!("[[targets]]\n{}", aligned(&rows))
}

/// Keys and values, the values one below the other.
pub(super) fn aligned(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:width$} = {value}\n")).collect()
}

/// A list of strings, on several lines where one would be too long.
fn list(key: &str, items: &[String]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    let line = format!("[{}]", quoted.join(", "));
    if key.len() + line.len() <= WIDTH {
        return line;
    }
    let lines: String = quoted.iter().map(|item| format!("    {item},\n")).collect();
    format!("[\n{lines}]")
}

/// A string of TOML, escaped where it has to be.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key of TOML: bare, or quoted as a string is (<https://toml.io/en/v1.0.0#keys>).
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { name.to_owned() } else { quoted(name) }
}
