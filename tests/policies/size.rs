//! How many environments, regions and targets a policy may have.

use freezegate::diagnostic::Code;
use freezegate::policy::load::{Fragment, load};
use freezegate::policy::{MAX_NAME_BYTES, MOST_ADDED_PLACES, MOST_FROZEN_PLACES, MOST_PLACES, MOST_TARGET_PLACES};
use freezegate::report::json::undecided;
use freezegate::stop::entry::MOST_HOLDING;

use crate::policies::files::{Memory, report};

/// The codes of what is wrong with a policy, each with what it points at.
fn faults(text: &str) -> Vec<(Code, String)> {
    let Err(faults) = Memory::one(format!("version = 1\n{text}")).load() else {
        return Vec::new();
    };
    let at = |place: Option<freezegate::diagnostic::Place>| {
        place.and_then(|place| faults.sources.text(place)).unwrap_or_default().to_owned()
    };
    faults.diagnostics.iter().map(|one| (one.code, at(one.place))).collect()
}

/// Environments of so many names each of so many letters.
fn environments(count: usize, letters: usize) -> String {
    (0..count).map(|number| format!("[environments.e{number:0>width$}]\n", width = letters - 1)).collect()
}

fn regions(count: usize, letters: usize) -> String {
    let region = |number| format!("[regions.r{number:0>width$}]\ntimezones = [\"UTC\"]\n", width = letters - 1);
    (0..count).map(region).collect()
}

/// The names of 1,024 environments of 189 letters have just as many bytes in a list as is possible.
#[test]
fn names_of_environments_are_limited_and_one_letter_more_is_too_much() {
    assert_eq!(1024 * (189 + 3), MAX_NAME_BYTES);
    let most = environments(1024, 189);
    assert_eq!(faults(&most), []);
    let longer = format!("{}[environments.{}]\n", environments(1023, 189), "x".repeat(190));
    let found = faults(&longer);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, Code::TooLarge);
    // the last that is counted is named, and all that refers to names is right
    let more = format!("{most}[environments.last]\n[[targets]]\npaths = [\"a\"]\nenvironment = \"last\"\n");
    let found = faults(&more);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("last"), "{found:?}");
}

/// The regions count for each environment that has them, whether it lists them or not.
#[test]
fn regions_count_for_each_environment() {
    let regions = regions(50, 5);
    let most = MOST_PLACES / 50;
    assert_eq!(faults(&format!("{regions}{}", environments(most, 5))), []);
    let found = faults(&format!("{regions}{}", environments(most + 1, 5)));
    assert_eq!(found.len(), 1, "{found:?}");
    let few = environments(most + 1, 5).replace("]\n", "]\nregions = [\"r0001\", \"r0002\"]\n");
    assert_eq!(faults(&format!("{regions}{few}")), []);
}

/// Far more than is possible is refused without being built.
#[test]
fn far_too_many_regions_are_refused_at_once() {
    let text = format!("{}{}", regions(20_000, 10), environments(20_000, 10));
    let found = faults(&text);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn targets_of_every_environment_are_limited_by_the_places_that_they_reach() {
    let policy = |targets: usize| {
        let targets = "[[targets]]\npaths = [\"a\"]\nenvironment = \"*\"\n".repeat(targets);
        format!("{}{}[[targets]]\npaths = [\"{{environment}}/**\"]\n{targets}", regions(100, 5), environments(100, 5))
    };
    let most = MOST_TARGET_PLACES / (100 * 100);
    assert_eq!(faults(&policy(most)), []);
    let found = faults(&policy(most + 1));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::TooLarge]);
}

/// Freezes count for what they close: one of all counts once for each place, one that names some for these.
#[test]
fn freezes_are_limited_by_the_places_that_they_close() {
    let policy = |freezes: usize, scope: &str| {
        let freezes = (0..freezes).map(|number| {
            format!("[[freezes]]\nname = \"f{number}\"\nhours = [\"Sat 01:00-02:00\"]\ntimezone = \"UTC\"\n{scope}")
        });
        format!("{}{}{}", regions(50, 5), environments(100, 5), freezes.collect::<String>())
    };
    for (scope, places) in [
        ("", 5000),
        ("environments = [\"e0001\", \"e0002\"]\n", 100),
        ("regions = [\"r0001\", \"r0002\", \"r0003\"]\n", 300),
        ("environments = [\"e0001\", \"e0002\"]\nregions = [\"r0001\"]\n", 2),
    ] {
        let most = MOST_FROZEN_PLACES / places;
        if most > 20_000 {
            assert_eq!(faults(&policy(20_000, scope)), [], "{scope}");
            continue;
        }
        assert_eq!(faults(&policy(most, scope)), [], "{scope}");
        let found = faults(&policy(most + 1, scope));
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::TooLarge], "{scope}");
    }
}

/// As many stops of everything as may stand at one time leave the largest policy one that loads, and its edits too.
#[test]
fn a_hundred_stops_of_everything_have_room_in_the_largest_policy() {
    let text = format!("version = 1\n{}{}", regions(200, 5), environments(250, 5));
    let stops = |count: usize| {
        let freezes = (0..count).map(|number| {
            format!("[[freezes]]\nname = \"s{number}\"\nfrom = 2026-12-02T10:00:00Z\nuntil = 2027-01-02T09:00:00Z\ntimezone = \"UTC\"\n")
        });
        [Fragment { name: "stops".to_owned(), bytes: freezes.collect::<String>().into_bytes() }]
    };
    let loaded = |count| load(&Memory::one(text.clone()), &["freezegate.toml".to_owned()], &stops(count));
    assert_eq!((200 * 250, MOST_HOLDING * 200 * 250), (MOST_PLACES, MOST_ADDED_PLACES));
    assert_eq!(loaded(MOST_HOLDING).map_or_else(|faults| report(&faults), |_| String::new()), "");
    let codes: Vec<Code> = loaded(MOST_HOLDING + 1).unwrap_err().diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::TooLarge]);
}

/// Whoever pushes a policy chooses how many faults it has, and how long its lines are: what is said of them stays short.
#[test]
fn what_is_said_of_a_policy_does_not_grow_with_each_fault_times_its_line() {
    let items: Vec<String> =
        (0..6_000).map(|item| format!("\"Mon {:02}:{:02}-24:00\"", item % 1_440 / 60, item % 60)).collect();
    let text = format!("version = 1\n[regions.q]\ntimezones = [\"UTC\"]\ncore_hours = [{}]\n", items.join(", "));
    let faults = Memory::one(text.clone()).load().unwrap_err();
    assert!(faults.diagnostics.len() > 4_000, "{}", faults.diagnostics.len());
    let said = report(&faults);
    assert!(said.len() < 100_000, "{} bytes", said.len());
    assert!(said.contains("--> freezegate.toml:4:") && said.contains("more; fix these first"), "{said}");
    let machine = undecided("check", &faults.diagnostics, &faults.sources).unwrap();
    assert!(machine.len() < 10 * text.len(), "{} bytes of {}", machine.len(), text.len());
}

/// Of thousands of faults, what was meant is looked up for the first thousand alone: to compare each wrong name with each that is defined takes
/// long.
#[test]
fn what_was_meant_is_looked_up_for_so_many_faults_alone() {
    let zones: String = (0..1_200).map(|number| format!("\"Europe/Berln{number}\", ")).collect();
    let names: String = (0..1_200).map(|number| format!("\"produktion{number}\", ")).collect();
    let texts = [
        ("zones", format!("[regions.eu]\ntimezones = [{zones}]\n[environments.production]\n"), "Europe/Berlin"),
        (
            "names",
            format!(
                "[environments.production]\n[[freezes]]\nname = \"x\"\nfrom = 2025-01-01T00:00:00\nuntil = 2025-01-02T00:00:00\ntimezone = \"UTC\"\nenvironments = [{names}]\n"
            ),
            "the policy defines 1 environments",
        ),
    ];
    for (what, text, last) in texts {
        let Err(faults) = Memory::one(format!("version = 1\n{text}")).load() else {
            panic!("{what}");
        };
        let helps: Vec<&str> = faults.diagnostics.iter().filter_map(|one| one.help.as_deref()).collect();
        assert!(helps.len() >= 1_200, "{what}: {}", helps.len());
        let meant = helps.iter().filter(|help| help.starts_with("did you mean")).count();
        assert_eq!(meant, 1_000, "{what}");
        assert!(helps.last().is_some_and(|help| help.contains(last)), "{what}: {:?}", helps.last());
    }
}
