//! Edits of an organisation's own policy, held against the decisions of repositories that follow it, by chance.

use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::policy::load::{OrganisationFiles, PolicyTexts};
use freezegate::policy::organisation::DefinitionsOf;
use freezegate::policy::{Level, Policy};
use freezegate::reach::DeclaredNames;
use freezegate::time::instant::Instant;

use crate::compare::decided::Tried;
use crate::compare::edits::{Chance, pair};
use crate::compare::exempt::hazardous_pair;
use crate::policies::files::Memory;

const ENTRY: &str = "freezegate.toml";

/// What each of both policies is of, besides.
const ORGANISATION: &str = "[organisation]\nname = \"example\"\nserial = 1\nenvironments = [\"left\"]\n";

const ENVIRONMENTS: [&str; 6] = ["e0", "e1", "alias0", "left", "own0", "own1"];
const REGIONS: [&str; 4] = ["r0", "r1", "own-r0", "own-r1"];
const SERVICES: [&str; 3] = ["s0", "s1", "own-s"];
const PATHS: [&str; 9] = [
    "own/e0/r0/a",
    "own/e0/own-r0/a",
    "own/own0/r1/a",
    "own/left/own-r1/a",
    "served/own-s/a",
    "served/s0/a",
    "deploy/e0/r0/a",
    "deploy/e1/own-r0/a",
    "shared/a",
];

const ZONES: [&str; 5] = ["UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Europe/Berlin"];
const HOURS: [&str; 5] =
    ["Mon-Fri 08:00-18:00", "Sat-Sun 00:00-24:00", "daily 00:00-12:00", "Mon 09:00-10:00", "daily 22:00-04:00"];

/// A list of some of `names`, as the value of `key`, or nothing.
fn list(key: &str, names: &[&str], chance: &mut Chance) -> String {
    if chance.below(2) == 0 {
        return String::new();
    }
    let mut chosen: Vec<String> = (0..=chance.below(2)).map(|_| format!("\"{}\"", chance.pick(names))).collect();
    chosen.dedup();
    format!("{key} = [{}]\n", chosen.join(", "))
}

/// The policy of a repository, of which some definitions may not count.
fn repository(chance: &mut Chance) -> String {
    let mut text = "version = 1\n".to_owned();
    for name in ["own-r0", "own-r1"] {
        text.push_str(&format!("[regions.{name}]\ntimezones = [\"{}\"]\n", chance.pick(&ZONES)));
        match chance.below(4) {
            0 => text.push_str(&format!("core_hours = [\"{}\"]\n", chance.pick(&HOURS))),
            1 => text.push_str(&format!("core_hours = [\"{}\"]\nholidays = [\"holidays\"]\n", chance.pick(&HOURS))),
            2 => text.push_str("holidays = [\"holidays\"]\non_holidays = \"closed\"\n"),
            _ => {}
        }
    }
    text.push_str("[services.own-s]\n");
    text.push_str(&list("regions", &["own-r0", "own-r1", "r0"], chance));
    for name in ["own0", "own1", "left"] {
        if name == "left" && chance.below(3) == 0 {
            continue;
        }
        text.push_str(&format!("[environments.{name}]\n"));
        text.push_str(&list("regions", &["own-r0", "r0", "r1"], chance));
        text.push_str(chance.pick(&["", "", "during_core_hours = \"off\"\n", "during_core_hours = \"soft\"\n"]));
        text.push_str(chance.pick(&["", "exempt = []\n", "duration = \"2h\"\n", "settle = \"1h\"\n"]));
    }
    for number in 0..chance.below(3) {
        let zone = chance.pick(&["UTC", "region", "Asia/Tokyo"]);
        let level = chance.pick(&["hard", "soft"]);
        let hours = chance.pick(&HOURS);
        text.push_str(&format!(
            "[[freezes]]\nname = \"own {number}\"\nhours = [\"{hours}\"]\ntimezone = \"{zone}\"\nlevel = \"{level}\"\n"
        ));
        text.push_str(&list("environments", &["own0", "e0", "left"], chance));
        text.push_str(&list("regions", &["own-r0", "r0"], chance));
        text.push_str(&list("services", &["own-s", "s0"], chance));
        text.push_str(chance.pick(&["", "", "hazards = [\"h0\"]\n", "hazards = [\"h1\"]\n"]));
    }
    for target in [
        "paths = [\"own/{environment}/{region}/**\"]",
        "paths = [\"served/{service}/**\"]\nenvironment = \"*\"",
        "paths = [\"own/{environment}/**\"]\nregion = \"own-r0\"",
    ] {
        if chance.below(2) == 0 {
            text.push_str(&format!("[[targets]]\n{target}\n"));
        }
    }
    text
}

/// Definitions that an organisation adds.
fn added(chance: &mut Chance) -> String {
    let parts = [
        "[regions.r8]\ntimezones = [\"UTC\"]\n",
        "[regions.r8]\ntimezones = [\"Asia/Tokyo\"]\ncore_hours = [\"daily 00:00-24:00\"]\n",
        "[environments.e8]\nduring_core_hours = \"off\"\n",
        "[services.s8]\n",
        "[[targets]]\npaths = [\"own/{environment}/**\"]\n",
        "[[targets]]\npaths = [\"shared/**\"]\nenvironment = \"e0\"\n",
        "[[freezes]]\nname = \"added\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\n",
    ];
    (0..=chance.below(2)).map(|_| chance.pick(&parts)).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The policy of a repository that follows an organisation's; `None` if it does not load: then nothing is decided.
fn followed(organisation: &str, repository: &str) -> Option<Policy> {
    let (theirs, own) = (Memory::one(organisation), Memory::one(repository));
    let organisation = OrganisationFiles { files: &theirs, entry: ENTRY, definitions: DefinitionsOf::Organisation };
    let entries = [ENTRY.to_owned()];
    PolicyTexts { files: &own, entries: &entries, fragments: &[], organisation: Some(organisation) }.load().ok()
}

fn tried(chance: &mut Chance) -> Tried {
    let one = |names: &[&str], chance: &mut Chance| match chance.below(2) {
        0 => Vec::new(),
        _ => vec![chance.pick(names).to_owned()],
    };
    let paths = (chance.below(2) == 0).then(|| vec![chance.pick(&PATHS).as_bytes().to_vec()]);
    let environments =
        if paths.is_none() { vec![chance.pick(&ENVIRONMENTS).to_owned()] } else { one(&ENVIRONMENTS, chance) };
    Tried {
        said: DeclaredNames {
            environments,
            regions: one(&REGIONS, chance),
            services: one(&SERVICES, chance),
            kinds: one(&["deploy", "config", "migration"], chance),
        },
        paths,
        reference: chance.pick(&[None, Some("refs/heads/main")]),
        is_rollback: chance.below(6) == 0,
        planned: if chance.below(3) == 0 { vec![chance.pick(&["t0", "t1"])] } else { Vec::new() },
        ..Tried::default()
    }
}

/// If an edit of the organisation's policy opens nothing, no repository that follows it allows what it refused.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a run by hand says how many, and is told what came"
)]
fn no_change_becomes_allowed_in_a_repository_that_follows_if_nothing_opens() {
    let pairs = std::env::var("FREEZEGATE_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let [mut open_nothing, mut judged, mut opened] = [0_usize; 3];
    for seed in 0..pairs {
        let mut chance = Chance::new(seed);
        let [before, after] = pair(&mut chance);
        let [before, after] =
            if chance.below(2) == 0 { hazardous_pair([before, after], &mut chance) } else { [before, after] };
        // what is only added, to every other
        let after = if chance.below(2) == 0 { before.clone() + &added(&mut chance) } else { after };
        let [before, after] = [before, after].map(|text| text + ORGANISATION);
        let (Ok(old), Ok(new)) = (Memory::one(before.clone()).load(), Memory::one(after.clone()).load()) else {
            continue;
        };
        let at = Instant::from_second(1_767_225_600 + i64::try_from(chance.below(500 * 24 * 60)).unwrap() * 60);
        let opens = compare(&old, &new, &ComparisonOptions::at(at)).opens();
        open_nothing += usize::from(opens.is_none());
        for _ in 0..if opens == Some(Level::Hard) { 1 } else { 6 } {
            let repository = repository(&mut chance);
            let (Some(old), Some(new)) = (followed(&before, &repository), followed(&after, &repository)) else {
                continue;
            };
            for _ in 0..6 {
                let change = tried(&mut chance);
                judged += 1;
                let Some(first) = change.opened(&old, &new, at).and_then(|opened| opened.as_slice().first().copied())
                else {
                    continue;
                };
                opened += 1;
                assert!(
                    opens.is_some(),
                    "seed {seed}: {change:?}\nopened at {first:?}, and nothing is said to open\n--- old\n{before}\n--- new\n{after}\n--- repository\n{repository}"
                );
            }
        }
    }
    eprintln!("{pairs}: {open_nothing} open nothing, {judged} judged, {opened} opened");
    assert!(open_nothing > 150 && judged > 4_000 && opened > 60, "{open_nothing} {judged} {opened}");
}
