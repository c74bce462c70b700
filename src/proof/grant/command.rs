//! The one command that a grant is for: its program, its arguments, and what it acts on.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::CommandLine;
use crate::change::command::{CommandEffect, CommandFacts, FactValue};
use crate::diagnostic::Code;
use crate::fact::FactKey;
use crate::hex::short_id;
use crate::policy::read::{At, Section};
use crate::proof::grant::fault::{Condition, GrantFault, names};
use crate::proof::grant::hidden::is_hidden;
use crate::proof::record::CommandDigest;

/// The table of what the command acts on.
const ACTS_ON: &str = "acts_on";

/// The key of what could not be determined.
const UNKNOWN: &str = "unknown";

/// The keys of a grant for a command.
pub(super) const KEYS: [&str; 3] = ["program", "command", ACTS_ON];

/// The one command that a grant is for, in full: whoever signs sees what is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundCommand {
    /// The path of the program, from the root of the file system.
    pub program: String,
    /// The program as it is called, and its arguments.
    pub words: Vec<String>,
    /// The facts that its tool acts on, such as `contexts`; empty for programs whose facts are not known here.
    pub acts_on: BTreeMap<FactKey, BoundFact>,
}

/// One thing that the command of a grant acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoundFact {
    /// Any of these; none if the command has no such thing.
    AnyOf(BTreeSet<String>),
    /// It could not be determined when the grant was written, and whoever signs knows that.
    NotUnderstood,
}

/// A part of a command that a text can't hold, because it is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotText(pub Vec<u8>);

impl BoundCommand {
    /// The command as a grant has it.
    ///
    /// # Errors
    ///
    /// [`NotText`], if the program, an argument or a name of what it acts on is not UTF-8.
    ///
    /// ```
    /// use freezegate::change::CommandLine;
    /// use freezegate::change::command::{CommandEffect, CommandFacts, FactValue};
    /// use freezegate::fact::FactKey;
    /// use freezegate::proof::grant::{BoundCommand, BoundFact};
    ///
    /// let mut facts = CommandFacts::new("kubectl", CommandEffect::Writes);
    /// facts.add(FactKey::Contexts, FactValue::AnyOf(vec![b"prod".to_vec()]));
    /// let words = ["kubectl", "delete", "pod", "x"].map(|word| word.as_bytes().to_vec()).to_vec();
    /// let line = CommandLine { program: b"/usr/bin/kubectl".to_vec(), words, facts: Some(facts) };
    /// let bound = BoundCommand::of(&line).map_err(|_| "not UTF-8")?;
    /// assert_eq!(bound.acts_on[&FactKey::Contexts], BoundFact::AnyOf(["prod".to_owned()].into()));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn of(line: &CommandLine) -> Result<Self, NotText> {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).map_err(|error| NotText(error.into_bytes()));
        let mut acts_on = BTreeMap::new();
        for (key, value) in line.facts.iter().flat_map(CommandFacts::values) {
            let fact = match value {
                FactValue::AnyOf(values) => BoundFact::AnyOf(values.iter().map(text).collect::<Result<_, _>>()?),
                FactValue::NotUnderstood(_) => BoundFact::NotUnderstood,
            };
            acts_on.insert(*key, fact);
        }
        let words = line.words.iter().map(text).collect::<Result<_, _>>()?;
        Ok(Self { program: text(&line.program)?, words, acts_on })
    }

    /// The command as it would be started; it changes something where it acts on something.
    #[must_use]
    pub fn line(&self) -> CommandLine {
        let bytes = |text: &String| text.clone().into_bytes();
        let words = self.words.iter().map(bytes).collect();
        let mut line = CommandLine { program: bytes(&self.program), words, facts: None };
        if let Some(tool) = line.tool().filter(|_| !self.acts_on.is_empty()) {
            let mut facts = CommandFacts::new(tool, CommandEffect::Writes);
            for (key, fact) in &self.acts_on {
                let value = match fact {
                    BoundFact::AnyOf(values) => FactValue::AnyOf(values.iter().map(bytes).collect()),
                    BoundFact::NotUnderstood => {
                        FactValue::NotUnderstood("it was not known when the grant was written".to_owned())
                    }
                };
                facts.add(*key, value);
            }
            line.facts = Some(facts);
        }
        line
    }

    /// Compares it with the command that is started, and notes what differs.
    pub(super) fn compare(&self, here: &CommandLine, faults: &mut Vec<GrantFault>) {
        let mut differs = |condition, signed: &str, here: &str| {
            faults.push(GrantFault::Differs { condition, signed: signed.to_owned(), here: here.to_owned() });
        };
        let digest = CommandDigest::of(here);
        if self.program.as_bytes() != here.program {
            differs(Condition::Program, &self.program, &digest.program);
            return;
        }
        if !self.words.iter().map(String::as_bytes).eq(here.words.iter().map(Vec::as_slice)) {
            let signed = CommandDigest::of(&self.line()).sha256.to_string();
            differs(Condition::Command, short_id(&signed), short_id(&digest.sha256.to_string()));
        }
        for key in FactKey::ALL {
            let signed = self.acts_on.get(&key);
            let found = here.facts.as_ref().and_then(|facts| facts.get(key));
            if !is_same(signed, found) {
                faults.push(GrantFault::ActsElsewhere {
                    key,
                    signed: granted_fact_text(signed),
                    here: known_fact_text(found),
                });
            }
        }
    }

    /// The keys of what could not be determined when it was written.
    pub fn unknown(&self) -> impl Iterator<Item = FactKey> {
        self.acts_on.iter().filter(|(_, fact)| **fact == BoundFact::NotUnderstood).map(|(key, _)| *key)
    }
}

/// Returns whether a command acts on the same as when it was signed. Of what could not be determined neither then nor now, nothing differs.
fn is_same(signed: Option<&BoundFact>, here: Option<&FactValue>) -> bool {
    match (signed, here) {
        (None, None) | (Some(BoundFact::NotUnderstood), Some(FactValue::NotUnderstood(_))) => true,
        (Some(BoundFact::AnyOf(signed)), Some(FactValue::AnyOf(here))) => {
            let here: BTreeSet<&[u8]> = here.iter().map(Vec::as_slice).collect();
            here == signed.iter().map(String::as_bytes).collect()
        }
        (Some(_), Some(_)) | (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Returns what a grant says of a thing, for people.
fn granted_fact_text(fact: Option<&BoundFact>) -> String {
    match fact {
        None => "nothing".to_owned(),
        Some(BoundFact::NotUnderstood) => "an unknown one".to_owned(),
        Some(BoundFact::AnyOf(values)) if values.is_empty() => "none".to_owned(),
        Some(BoundFact::AnyOf(values)) => names(&values.iter().cloned().collect::<Vec<_>>()),
    }
}

/// Returns what is known of a thing, for people.
fn known_fact_text(value: Option<&FactValue>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(FactValue::NotUnderstood(_)) => "an unknown one".to_owned(),
        Some(FactValue::AnyOf(values)) if values.is_empty() => "none".to_owned(),
        Some(FactValue::AnyOf(values)) => {
            let mut values: Vec<String> = values.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
            values.sort_unstable();
            names(&values)
        }
    }
}

impl BoundFact {
    /// Describes it for people: "`prod`", "none" or "an unknown one".
    #[must_use]
    pub fn told(&self) -> String {
        granted_fact_text(Some(self))
    }
}

/// Reads the command of a grant; none if it names none, or it is wrong.
pub(super) fn read(section: &Section<'_, '_>, program: impl FnOnce() -> Option<String>) -> Option<BoundCommand> {
    if !is_named(section) {
        return None;
    }
    let program = program();
    if section.get("command").is_none() {
        section.missing("command", "write it with `freezegate grant new`");
    }
    let words = texts(section, "command", "put it into a script");
    let acts_on = acts_on(section)?;
    let words = words?;
    if words.is_empty() {
        let help = "write it with `freezegate grant new`";
        section.error(Code::BadValue, section.place_of("command"), "`command` of the grant has no program", help);
        return None;
    }
    Some(BoundCommand { program: program?, words, acts_on })
}

/// Returns whether a grant names a command.
pub(super) fn is_named(section: &Section<'_, '_>) -> bool {
    KEYS.into_iter().any(|key| section.get(key).is_some())
}

fn acts_on(section: &Section<'_, '_>) -> Option<BTreeMap<FactKey, BoundFact>> {
    if section.get(ACTS_ON).is_none() {
        return Some(BTreeMap::new());
    }
    let known: Vec<&'static str> = FactKey::ALL.into_iter().map(FactKey::as_str).chain([UNKNOWN]).collect();
    let table = section.table(ACTS_ON, "`acts_on` of a grant", &known)?;
    let mut facts = BTreeMap::new();
    for key in FactKey::ALL.into_iter().filter(|key| table.get(key.as_str()).is_some()) {
        let values = texts(&table, key.as_str(), "name it without that character")?;
        facts.insert(key, BoundFact::AnyOf(values.into_iter().collect()));
    }
    if table.get(UNKNOWN).is_some() {
        for name in table.strings(UNKNOWN)?.items {
            let key = FactKey::ALL.into_iter().find(|key| key.as_str() == name.value);
            let Some(key) = key.filter(|key| !facts.contains_key(key)) else {
                let cause = format!("`unknown` of the grant names `{}`", name.value);
                table.error(Code::BadValue, name.place, cause, "name keys of `acts_on` that have no values");
                return None;
            };
            facts.insert(key, BoundFact::NotUnderstood);
        }
    }
    Some(facts)
}

/// A list of texts, all of whose characters can be seen.
fn texts(section: &Section<'_, '_>, key: &'static str, fix: &str) -> Option<Vec<String>> {
    let list = section.repeatable_strings(key)?;
    let has_hidden = |word: &&At<&str>| word.value.contains(is_hidden);
    if let Some(word) = list.items.iter().find(has_hidden) {
        let noun = if key == "command" { "an argument" } else { "a name" };
        let cause = format!("{noun} of `{key}` has an invisible character");
        section.error(Code::BadValue, word.place, cause, format!("{fix}: signers must see what they sign"));
        return None;
    }
    Some(list.items.into_iter().map(|word| word.value.to_owned()).collect())
}

/// The lines of the text of a grant: the keys of the command, and the table, which has to come last.
pub(super) fn lines(bound: &BoundCommand, quoted: fn(&str) -> String) -> String {
    let list =
        |items: &mut dyn Iterator<Item = &str>| format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(", "));
    let mut text = format!("program = {}\n", quoted(&bound.program));
    text.push_str(&format!("command = {}\n", list(&mut bound.words.iter().map(String::as_str))));
    if bound.acts_on.is_empty() {
        return text;
    }
    text.push_str(&format!("\n[{ACTS_ON}]\n"));
    for (key, fact) in &bound.acts_on {
        if let BoundFact::AnyOf(values) = fact {
            text.push_str(&format!("{key} = {}\n", list(&mut values.iter().map(String::as_str))));
        }
    }
    if bound.unknown().next().is_some() {
        text.push_str(&format!("{UNKNOWN} = {}\n", list(&mut bound.unknown().map(FactKey::as_str))));
    }
    text
}
