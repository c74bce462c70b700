//! GitHub's runner, as `tests/data/workflow_commands.json` describes it: which lines it obeys, and how it reads a step's outputs.

use std::collections::BTreeMap;

use serde_json::Value;

/// One line that the runner obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) message: String,
}

pub(crate) fn facts() -> Value {
    serde_json::from_str(include_str!("../data/workflow_commands.json")).unwrap()
}

/// The lines of a job's log that the runner obeys, in both forms.
pub(crate) fn commands(log: &str) -> Vec<Command> {
    log.lines().filter_map(|line| newer(line).or_else(|| older(line))).collect()
}

fn registered(name: &str) -> bool {
    facts()["registered_names"].as_array().unwrap().iter().any(|known| known == name)
}

/// `::name key=value,key=value::message`, after space.
fn newer(line: &str) -> Option<Command> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":");
        text.replace("%2C", ",").replace("%25", "%")
    };
    let properties = properties.split(',').filter_map(|pair| pair.split_once('='));
    let properties = properties.map(|(key, value)| (key.trim().to_owned(), property(value))).collect();
    registered(name).then(|| Command { name: name.to_owned(), properties, message: plain(message) })
}

/// `##[name key=value;key=value]message`, anywhere.
fn older(line: &str) -> Option<Command> {
    let (head, message) = line.split_once("##[")?.1.split_once(']')?;
    let name = head.split(' ').next().unwrap_or(head);
    registered(name).then(|| Command {
        name: name.to_owned(),
        properties: BTreeMap::new(),
        message: message.to_owned(),
    })
}

/// Returns what other providers' logs obey.
pub(crate) fn is_inert_elsewhere(log: &str) -> bool {
    let anywhere = ["##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "\u{1b}", "\u{9b}", "\r"];
    let at_start = ["--- ", "+++ ", "~~~ ", "^^^ +++"];
    !anywhere.iter().any(|marker| log.contains(marker))
        && !log.lines().any(|line| at_start.iter().any(|marker| line.trim_start().starts_with(marker)))
}

/// A step's outputs: entries `name<<delimiter`, the value, the delimiter. Of two of one name the last counts.
pub(crate) fn outputs(file: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("no entry: {line}"));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
