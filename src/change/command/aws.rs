//! What a command of the AWS command line acts on: profile, region, account. Where versions 1 and 2 disagree, both count.

use std::collections::BTreeMap;

use crate::change::command::facts::{CommandEffect, CommandFacts};
use crate::change::command::kubectl::value;
use crate::change::command::surroundings::{Scene, Unknown};
use crate::change::fact_value::FactValue;
use crate::fact::FactKey;

/// Options of every command that take a value.
const VALUES: [&str; 11] = [
    "endpoint-url",
    "output",
    "query",
    "profile",
    "region",
    "color",
    "ca-bundle",
    "cli-read-timeout",
    "cli-connect-timeout",
    "cli-binary-format",
    "cli-error-format",
];

/// Options of every command that take none.
const FLAGS: [&str; 9] = [
    "debug",
    "no-verify-ssl",
    "no-paginate",
    "no-sign-request",
    "version",
    "no-cli-pager",
    "cli-auto-prompt",
    "no-cli-auto-prompt",
    "help",
];

/// The beginnings of operations that only read.
const READING: [&str; 5] = ["describe-", "list-", "get-", "head-", "batch-get-"];

type Values = Result<Vec<Vec<u8>>, Unknown>;

/// The sections of a configuration file, with their keys.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Returns what `aws` with these arguments acts on.
pub(super) fn facts(words: &[Vec<u8>], scene: &Scene<'_>) -> CommandFacts {
    let words: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let command = match command(&words) {
        Ok(command) => command,
        Err(why) => return unknown(&why),
    };
    // an alias may have the name of what only reads
    if let Err(why) = is_own(&command, scene) {
        return unknown(&why);
    }
    if is_reading(&command, &words) {
        return CommandFacts::new("aws", CommandEffect::Reads);
    }
    let profiles = profiles(&words, scene);
    let of_variables = variables_decide(&words, scene);
    let files = AwsFiles::read(scene);
    let mut facts = CommandFacts::new("aws", CommandEffect::Writes);
    let decided = match of_variables {
        Ok(None) => profiles.clone(),
        Ok(Some(what)) => Err(format!("{what} in the environment decide it, not a profile")),
        Err(why) => Err(why),
    };
    let regions = regions(&words, scene, &profiles, &files);
    let accounts = decided.clone().and_then(|profiles| accounts(&profiles, &files));
    for (key, values) in [(FactKey::Profiles, decided), (FactKey::Regions, regions), (FactKey::Accounts, accounts)] {
        facts.add(key, value(values));
    }
    facts
}

fn unknown(why: &str) -> CommandFacts {
    let mut facts = CommandFacts::new("aws", CommandEffect::Writes);
    for key in [FactKey::Profiles, FactKey::Regions, FactKey::Accounts] {
        facts.add(key, FactValue::NotUnderstood(why.to_owned()));
    }
    facts
}

/// The first words that are no options: service and operation.
fn command(words: &[String]) -> Result<Vec<&str>, Unknown> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix("--") else {
            found.push(word.as_str());
            if found.len() == 3 {
                break;
            }
            continue;
        };
        if found.len() >= 2 {
            break;
        }
        let name = option.split('=').next().unwrap_or(option);
        // version 1 takes the beginning of a name
        if VALUES.iter().any(|known| known.starts_with(name)) {
            if !option.contains('=') {
                words.next();
            }
        } else if !FLAGS.contains(&name) {
            return Err(format!("`{word}` is not a known option"));
        }
    }
    Ok(found)
}

fn is_reading(command: &[&str], words: &[String]) -> bool {
    let has = |option: &str| words.iter().any(|word| word == option || word.starts_with(&format!("{option}=")));
    match command {
        [] => true,
        // help is the last word of all: behind it, it is an operand
        ["help"] | [_, "help"] | [_, _, "help"] if words.last().is_some_and(|last| last == "help") => true,
        [_, "wait", ..] => true,
        ["s3", "ls", ..] | ["configure", "list" | "get" | "list-profiles", ..] => true,
        // the last one counts; who gives both is not read
        ["ec2", ..] if has("--dry-run") && !has("--no-dry-run") => true,
        [_, operation, ..] if READING.iter().any(|start| operation.starts_with(start)) => true,
        [..] => has("--generate-cli-skeleton"),
    }
}

/// Sees that nobody defines a command of this name, which may run anything.
fn is_own(command: &[&str], scene: &Scene<'_>) -> Result<(), Unknown> {
    let path = scene.at_home(".aws/cli/alias")?;
    let text = scene.file(&path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let name = |line: &str| line.split_once('=').map(|(name, _)| name.trim().to_owned());
    let names: Vec<String> = text.lines().filter_map(name).collect();
    match command.iter().take(2).find(|word| names.iter().any(|name| name == *word)) {
        Some(word) => Err(format!("`{word}` may be an alias of `~/.aws/cli/alias`")),
        None => Ok(()),
    }
}

/// The values of an option wherever it stands, abbreviated or not; of the whole name, the last alone if nothing is abbreviated.
fn given(option: &str, words: &[String]) -> Vec<Vec<u8>> {
    let mut whole: Option<Vec<u8>> = None;
    let mut short = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(text) = word.strip_prefix("--") else {
            continue;
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, words.get(place + 1).cloned()),
        };
        let Some(value) = value.filter(|_| !name.is_empty() && option.starts_with(name)) else {
            continue;
        };
        if name == option {
            whole = Some(value.into_bytes());
        } else {
            short.push(value.into_bytes());
        }
    }
    whole.into_iter().chain(short).collect()
}

fn profiles(words: &[String], scene: &Scene<'_>) -> Values {
    let given = given("profile", words);
    if !given.is_empty() {
        return Ok(given);
    }
    // version 1 asks for AWS_DEFAULT_PROFILE first, version 2 for AWS_PROFILE
    let mut found = Vec::new();
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        found.extend(scene.variable(name)?.filter(|value| !found.contains(value)));
    }
    if found.is_empty() {
        found.push(b"default".to_vec());
    }
    Ok(found)
}

/// Returns what in the environment decides who calls: it comes before a profile that only a variable names (`create_credential_resolver` of
/// botocore).
fn variables_decide(words: &[String], scene: &Scene<'_>) -> Result<Option<&'static str>, Unknown> {
    if !given("profile", words).is_empty() {
        return Ok(None);
    }
    if scene.variable("AWS_ACCESS_KEY_ID")?.is_some() {
        return Ok(Some("keys"));
    }
    Ok(scene.variable("AWS_WEB_IDENTITY_TOKEN_FILE")?.map(|_| "a role and a token"))
}

fn regions(words: &[String], scene: &Scene<'_>, profiles: &Values, files: &Result<AwsFiles, Unknown>) -> Values {
    let given = given("region", words);
    if !given.is_empty() {
        return Ok(given);
    }
    let mut found: Vec<Vec<u8>> = Vec::new();
    // version 1 does not know AWS_REGION
    let of_default = scene.variable("AWS_DEFAULT_REGION")?;
    found.extend(scene.variable("AWS_REGION")?);
    let is_decided = of_default.is_some();
    found.extend(of_default);
    if !is_decided {
        let files = files.as_ref().map_err(Clone::clone)?;
        for profile in profiles.clone()? {
            found.extend(files.values(&profile, "region").map(String::into_bytes));
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err("nothing names one".to_owned());
    }
    Ok(found)
}

/// The accounts of profiles, as far as they name a role or an account.
fn accounts(profiles: &[Vec<u8>], files: &Result<AwsFiles, Unknown>) -> Values {
    let files = files.as_ref().map_err(Clone::clone)?;
    let mut found = Vec::new();
    for profile in profiles {
        let roles = files.values(profile, "role_arn");
        let mut accounts: Vec<String> = roles.map(|arn| arn.split(':').nth(4).unwrap_or_default().to_owned()).collect();
        if accounts.is_empty() {
            accounts.extend(files.values(profile, "sso_account_id"));
        }
        if accounts.is_empty() || accounts.iter().any(String::is_empty) {
            let profile = String::from_utf8_lossy(profile);
            return Err(format!("the profile `{profile}` names neither `role_arn` nor `sso_account_id`"));
        }
        found.extend(accounts.into_iter().map(String::into_bytes));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The configuration and the file with credentials.
struct AwsFiles([Sections; 2]);

impl AwsFiles {
    fn read(scene: &Scene<'_>) -> Result<Self, Unknown> {
        let config = sections(scene, "AWS_CONFIG_FILE", ".aws/config")?;
        Ok(Self([config, sections(scene, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?]))
    }

    /// The values of a key in both files. The one with credentials wins (`full_config` of botocore), and both count here.
    fn values<'s>(&'s self, profile: &[u8], name: &'s str) -> impl Iterator<Item = String> + use<'s> {
        let profile = String::from_utf8_lossy(profile).into_owned();
        self.0.iter().filter_map(move |sections| key(sections, &profile, name))
    }
}

/// The value of a key, `[DEFAULT]` being that of every section (RawConfigParser of Python, by which botocore reads both files).
fn key(sections: &Sections, profile: &str, name: &str) -> Option<String> {
    let section = sections.get(profile)?;
    section.get(name).or_else(|| sections.get("DEFAULT")?.get(name)).cloned()
}

/// The sections of a configuration file, `[profile NAME]` as `NAME`; none if it is not there.
fn sections(scene: &Scene<'_>, variable: &str, at_home: &str) -> Result<Sections, Unknown> {
    let path = match scene.variable(variable)? {
        Some(path) if path.starts_with(b"~/") => {
            scene.at_home(&String::from_utf8_lossy(path.get(2..).unwrap_or_default()))?
        }
        Some(path) => path,
        None => scene.at_home(at_home)?,
    };
    let text = scene.file(&path)?.unwrap_or_default();
    let mut sections = Sections::new();
    let mut current = String::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let trimmed = line.trim();
        if let Some(head) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let head = head.trim();
            let name = head.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(head);
            current = name.trim().trim_matches(['"', '\'']).to_owned();
        } else if let Some((name, value)) =
            trimmed.split_once(['=', ':']).filter(|_| !line.starts_with([' ', '\t', '#', ';']))
        {
            let section = sections.entry(current.clone()).or_default();
            section.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    Ok(sections)
}
