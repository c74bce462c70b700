//! Targets of what a command acts on: what they match, and how edits of them are compared.

#![expect(clippy::unwrap_used, reason = "a test that can't read its policy should fail")]

use freezegate::change::CommandLine;
use freezegate::change::command::{CommandEffect, CommandFacts, FactValue};
use freezegate::fact::FactKey;
use freezegate::pattern::{Pattern, PatternSet, name_text};
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::reach::{RefSide, Shown, TargetMatcher};
use freezegate::time::instant::Instant;

use crate::policies::files::Memory;

fn policy(targets: &str) -> Policy {
    let head = "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n";
    let tables = "[environments.production]\n[environments.staging]\n[services.shop]\n[services.pay]\n";
    Memory::one(format!("{head}{tables}{targets}")).load().unwrap()
}

fn target(keys: &str) -> String {
    format!("[[targets]]\n{keys}\n")
}

/// Values that are divided by blanks; `?` is one that is not understood.
fn facts(effect: CommandEffect, values: &[(FactKey, &str)]) -> CommandFacts {
    let mut facts = CommandFacts::new("kubectl", effect);
    for (key, text) in values {
        facts.add(
            *key,
            match *text {
                "?" => FactValue::NotUnderstood("`/config` can't be read".to_owned()),
                text => FactValue::AnyOf(text.split_whitespace().map(|one| one.as_bytes().to_vec()).collect()),
            },
        );
    }
    facts
}

/// The environments and services that are shown, or why that can't be told.
fn shown(policy: &Policy, line: &str, facts: CommandFacts) -> Result<String, String> {
    let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
    let command = CommandLine { program: words.first().unwrap().clone(), words, facts: Some(facts) };
    let mut shown = Shown::default();
    let is_known = TargetMatcher::new(policy).command_line(&command, &mut shown).map_err(|error| error.to_string())?;
    assert_eq!(is_known, !shown.hits.is_empty() || !shown.unknown.is_empty());
    let hit = |hit: &freezegate::reach::shown::Hit| {
        let service = hit.reached.service.as_ref().map_or_else(String::new, |one| format!("/{}", one.name));
        format!("{}{service}", hit.reached.environment.name)
    };
    let unknown = shown.unknown.iter().map(|one| one.message.clone());
    Ok(shown.hits.iter().map(hit).chain(unknown).collect::<Vec<_>>().join(" "))
}

#[test]
fn every_key_of_a_target_must_match_and_each_value_may() {
    let context = "contexts = [\"prod-*\", \"live\"]\nenvironment = \"production\"";
    let captured = "contexts = [\"{environment}\", \"arn:aws:eks:*:cluster/{environment}\"]";
    let state = "states = [\"s3:acme-state/{environment}/*\"]";
    let both = "contexts = [\"{environment}\"]\nnamespaces = [\"{service}\"]";
    let with_command = "command = [\"*\", \"delete\", \"**\"]\ncontexts = [\"*\"]\nenvironment = \"production\"";
    let servers = "servers = [\"https://*.example.com:6443\"]\nnamespaces = [\"shop-*\"]\nenvironment = \"production\"";
    for (keys, line, values, expected) in [
        (context, "kubectl x", &[(FactKey::Contexts, "prod-eu")][..], "production"),
        (context, "kubectl x", &[(FactKey::Contexts, "PROD-eu")], "production"),
        (context, "kubectl x", &[(FactKey::Contexts, "dev live")], "production"),
        (context, "kubectl x", &[(FactKey::Contexts, "preprod-eu")], ""),
        (context, "kubectl x", &[(FactKey::Contexts, "")], ""),
        (context, "kubectl x", &[(FactKey::Namespaces, "prod-eu")], ""),
        (context, "kubectl x", &[], ""),
        (
            captured,
            "kubectl x",
            &[(FactKey::Contexts, "staging arn:aws:eks:us-east-1:1:cluster/production")],
            "staging production",
        ),
        (captured, "kubectl x", &[(FactKey::Contexts, "arn:aws:eks:us-east-1:1:x/cluster/production")], ""),
        (captured, "kubectl x", &[(FactKey::Contexts, "a")], "there is no environment `a`"),
        (captured, "kubectl x", &[(FactKey::Contexts, "a/b")], ""),
        (state, "terraform x", &[(FactKey::States, "s3:acme-state/production/app/x.tfstate")], "production"),
        (state, "terraform x", &[(FactKey::States, "s3:acme-state/production")], ""),
        (state, "terraform x", &[(FactKey::States, "s3:acme-state/x/production/a")], "there is no environment `x`"),
        (
            both,
            "kubectl x",
            &[(FactKey::Contexts, "staging"), (FactKey::Namespaces, "shop pay")],
            "staging/shop staging/pay",
        ),
        (both, "kubectl x", &[(FactKey::Contexts, "staging")], ""),
        (with_command, "kubectl delete pod", &[(FactKey::Contexts, "dev")], "production"),
        (with_command, "kubectl apply pod", &[(FactKey::Contexts, "dev")], ""),
        (with_command, "sudo kubectl delete pod", &[(FactKey::Contexts, "dev")], "production"),
        (
            servers,
            "kubectl x",
            &[(FactKey::Servers, "https://a.b.example.com:6443"), (FactKey::Namespaces, "shop-1")],
            "production",
        ),
        (servers, "kubectl x", &[(FactKey::Servers, "https://example.com:6443"), (FactKey::Namespaces, "shop-1")], ""),
        (servers, "kubectl x", &[(FactKey::Servers, "https://a.example.com:6443"), (FactKey::Namespaces, "shop")], ""),
    ] {
        let policy = policy(&target(keys));
        let facts = facts(CommandEffect::Writes, values);
        assert_eq!(shown(&policy, line, facts).unwrap(), expected, "{keys} {line} {values:?}");
    }
}

#[test]
fn a_pattern_is_compared_with_the_whole_name() {
    for (pattern, matching, others) in [
        ("prod", &["prod"][..], &["preprod", "prod-1", "a/prod", "prod/a", ""][..]),
        ("*", &["prod", "", "a/b", "https://a:1/", "/", "//"], &[]),
        ("*prod", &["prod", "preprod", "a/prod", "a//xprod"], &["prod/a", "prod1"]),
        ("prod*", &["prod", "prod-1", "prod/a", "prod-1/a/"], &["a/prod", "preprod"]),
        ("*prod*", &["prod", "a/b-prod-c/d"], &["a/pro/d"]),
        ("a*b", &["ab", "axb"], &["a/b", "ax/yb", "xab", "abx"]),
        (
            "https://*.example.com",
            &["https://a.b.example.com"],
            &["https:/a.example.com", "http://a.example.com", "https://x/.example.com"],
        ),
        ("https://a/x", &["https://a/x"], &["https://a/x/", "https://a//x", "https://a"]),
        ("a:*:cluster/*", &["a:b:c:cluster/x", "a::cluster/x/y"], &["a:b/c:cluster/x", "a:b:cluster"]),
        (r"\*", &["*"], &["a"]),
    ] {
        let pattern = Pattern::of_name(pattern).unwrap();
        let is_match = |name: &str| PatternSet::new([&pattern]).any_exactly(&name_text(name.as_bytes()));
        for name in matching {
            assert!(is_match(name), "{pattern} {name}");
        }
        for name in others {
            assert!(!is_match(name), "{pattern} {name}");
        }
    }
    for wrong in ["", "a**", "**", "{environment}*", "{env}", "a{", "a\u{200b}"] {
        assert!(Pattern::of_name(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_not_understood_stops_only_what_asks_for_it() {
    let keys = "contexts = [\"prod\"]\nnamespaces = [\"shop\"]\nenvironment = \"production\"";
    let policy = policy(&target(keys));
    let ask = |values: &[(FactKey, &str)]| shown(&policy, "kubectl x", facts(CommandEffect::Writes, values));
    let error = "the namespace that `kubectl` acts on is not known: `/config` can't be read";
    assert_eq!(ask(&[(FactKey::Contexts, "prod"), (FactKey::Namespaces, "?")]).unwrap_err(), error);
    assert_eq!(
        ask(&[(FactKey::Contexts, "?"), (FactKey::Namespaces, "?")]).unwrap_err(),
        error.replace("namespace", "context")
    );
    assert_eq!(ask(&[(FactKey::Contexts, "dev"), (FactKey::Namespaces, "?")]).unwrap(), "");
    assert_eq!(ask(&[(FactKey::Servers, "?")]).unwrap(), "");
    let reading = facts(CommandEffect::Reads, &[(FactKey::Contexts, "?")]);
    assert_eq!(shown(&policy, "kubectl x", reading).unwrap(), "");
}

#[test]
fn no_ref_and_no_path_is_a_target_of_what_commands_act_on() {
    let policy = policy(&target("contexts = [\"*\"]\nenvironment = \"*\""));
    let matcher = TargetMatcher::new(&policy);
    for side in [RefSide::Unknown, RefSide::Named { name: b"refs/heads/main", default_branch: Some(true) }] {
        let of_ref = matcher.of_ref(side).unwrap();
        let mut shown = Shown::default();
        of_ref.alone(&mut shown).unwrap();
        of_ref.path(b"a/b", &mut shown).unwrap();
        assert!(shown.hits.is_empty() && !of_ref.is_judged(), "{side:?}");
    }
}

#[test]
fn an_edit_of_such_a_target_opens_unless_the_new_one_matches_all_that_the_old_one_did() {
    let old = "contexts = [\"prod-*\", \"live\"]\nnamespaces = [\"shop\"]\nenvironment = \"production\"";
    let captured = "contexts = [\"{environment}\"]\nnamespaces = [\"{service}\"]";
    for (old, new, opens) in [
        (old, old, false),
        (
            old,
            "contexts = [\"live\", \"prod-*\", \"new\"]\nnamespaces = [\"shop\"]\nenvironment = \"production\"",
            false,
        ),
        (old, "contexts = [\"*\"]\nnamespaces = [\"s*\", \"t\"]\nenvironment = \"production\"", false),
        (old, "contexts = [\"prod-*\", \"live\"]\nenvironment = \"production\"", false),
        (old, "namespaces = [\"shop\"]\nenvironment = \"production\"", false),
        (old, "contexts = [\"prod-*\"]\nnamespaces = [\"shop\"]\nenvironment = \"production\"", true),
        (old, "contexts = [\"prod-eu-*\", \"live\"]\nnamespaces = [\"shop\"]\nenvironment = \"production\"", true),
        (old, "contexts = [\"*\"]\nnamespaces = [\"*\"]\nservers = [\"*\"]\nenvironment = \"production\"", true),
        (old, "contexts = [\"*\"]\nenvironment = \"staging\"", true),
        (old, "command = [\"**\"]\nenvironment = \"production\"", true),
        (old, "refs = [\"refs/**\"]\nenvironment = \"production\"", true),
        (old, "servers = [\"*\"]\nenvironment = \"production\"", true),
        (captured, captured, false),
        (captured, "contexts = [\"{environment}\", \"x-{environment}\"]\nnamespaces = [\"{service}\"]", false),
        (captured, "contexts = [\"{environment}\"]", true),
        (captured, "contexts = [\"{environment}\"]\nnamespaces = [\"*\"]", true),
        (captured, "contexts = [\"x-{environment}\"]\nnamespaces = [\"{service}\"]", true),
        (
            "command = [\"kubectl\", \"**\"]\ncontexts = [\"prod\"]\nenvironment = \"production\"",
            "command = [\"*\", \"**\"]\ncontexts = [\"prod\"]\nenvironment = \"production\"",
            false,
        ),
        (
            "command = [\"kubectl\", \"**\"]\ncontexts = [\"prod\"]\nenvironment = \"production\"",
            "command = [\"kubectl\", \"delete\", \"**\"]\ncontexts = [\"prod\"]\nenvironment = \"production\"",
            true,
        ),
    ] {
        let [before, after] = [old, new].map(|keys| policy(&target(keys)));
        let found = compare(&before, &after, &ComparisonOptions::at(Instant::from_second(0))).openings;
        assert_eq!(!found.is_empty(), opens, "{old}\n{new}\n{found:?}");
    }
}
