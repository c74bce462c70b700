//! Edits that chance meets rarely, one for each rule of the comparison that they alone show to be needed.

use std::collections::BTreeSet;

use freezegate::policy::compare::{ComparisonOptions, PolicyDifference, PolicyPart, compare};
use freezegate::policy::{Kind, Level, Policy};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::compare::lifting::roster_line;
use crate::policies::files::Memory;

/// 2027-01-01T00:00:00Z
const AT: Instant = Instant::from_second(1_798_761_600);

const DAILY: &str = "hours = [\"daily 10:00-12:00\"]\ntimezone = \"UTC\"\n";

fn policy(rest: &str) -> Policy {
    let approvers = if rest.contains("signed = [\"") { "[approvers]\nallowed_signers = \"roster\"\n" } else { "" };
    let text = format!("version = 1\n{approvers}{rest}");
    let roster =
        ["a", "b", "c"].iter().zip(1..).map(|(name, number)| roster_line(&format!("{name}@example.com"), number));
    Memory::one(text.clone())
        .with("roster", roster.collect::<String>())
        .load()
        .unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

fn openings(old: &str, new: &str) -> Vec<PolicyDifference> {
    compare(&policy(old), &policy(new), &ComparisonOptions::at(AT)).openings
}

fn freeze(name: &str, rest: &str) -> String {
    format!("[[freezes]]\nname = \"{name}\"\n{DAILY}{rest}")
}

#[test]
fn a_freeze_of_other_services_opens_those_that_it_was_for() {
    let of = |service: &str| {
        "[environments.e]\n[services.s]\n[services.t]\n".to_owned()
            + &freeze("f", &format!("services = [\"{service}\"]\n"))
    };
    let found = openings(&of("s"), &of("t"));
    let services: Vec<Option<&str>> = found.iter().map(|one| one.service.as_deref()).collect();
    assert_eq!(services, [Some("s")], "{found:#?}");
    // each service is compared, not only the first that has the same regions
    let found = openings(&of("t"), &of("s"));
    let services: Vec<Option<&str>> = found.iter().map(|one| one.service.as_deref()).collect();
    assert_eq!(services, [Some("t")], "{found:#?}");
    assert!(openings(&of("s"), &of("s")).is_empty());
}

#[test]
fn a_rollback_that_counts_for_longer_opens() {
    let within = |time: &str| {
        format!("[environments.e]\n[rollback]\nwithin = \"{time}\"\n") + &freeze("f", "exempt = [\"rollback\"]\n")
    };
    let found = openings(&within("24h"), &within("48h"));
    assert!(matches!(&found[..], [one] if one.part == PolicyPart::Rollback), "{found:#?}");
    // and a state whose commit is gone stops rollbacks only for so long
    let found = openings(&within("48h"), &within("24h"));
    assert!(matches!(&found[..], [one] if one.part == PolicyPart::Rollback), "{found:#?}");
    assert!(openings(&within("24h"), &within("24h")).is_empty());
}

/// A change that says another region than a target shows is a mismatch, at any hour.
#[test]
fn a_region_that_a_target_shows_no_more_is_a_mismatch_no_more() {
    let serving = |regions: &str| {
        format!(
            "[regions.r]\ntimezones = [\"UTC\"]\n[regions.s]\ntimezones = [\"UTC\"]\n[environments.e]\nregions = [{regions}]\n\
             [[targets]]\npaths = [\"deploy/**\"]\nenvironment = \"e\"\n"
        )
    };
    let found = openings(&serving("\"r\", \"s\""), &serving("\"r\""));
    let lost = |one: &PolicyDifference| one.part == PolicyPart::Mismatch && one.region.as_deref() == Some("s");
    assert!(found.iter().any(lost), "{found:#?}");
    // to name a region that is not served is refused at any hour
    assert!(found.iter().all(|one| one.part == PolicyPart::Mismatch), "{found:#?}");
}

/// To say one environment and to reach another is a mismatch; when their names stand for one, it is none.
#[test]
fn names_of_two_environments_that_become_one_open() {
    let targets = "[[targets]]\npaths = [\"{environment}/**\"]\n";
    let apart = format!("[environments.e]\n[environments.f]\n{targets}");
    let merged = format!("[environments.e]\naliases = [\"f\"]\n{targets}");
    let found = openings(&apart, &merged);
    assert!(found.iter().any(|one| one.part == PolicyPart::Mismatch), "{found:#?}");
}

/// What is said to go to two regions, of which its service reaches one alone, is held against that one.
#[test]
fn a_service_that_reaches_a_region_no_more_opens_it_to_what_names_both() {
    let reaching = |regions: &str| {
        format!(
            "[regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 08:00-18:00\"]\n[regions.s]\ntimezones = [\"UTC\"]\n\
             [environments.e]\n[services.x]\nregions = [{regions}]\n"
        )
    };
    let found = openings(&reaching("\"r\", \"s\""), &reaching("\"s\""));
    let is_lost = |one: &PolicyDifference| one.region.as_deref() == Some("r") && one.service.as_deref() == Some("x");
    assert!(found.iter().any(is_lost), "{found:#?}");
    // a third region that is closed for as long covers it where no region is named, and not where both are
    let third = |regions: &str| {
        reaching(regions).replace(
            "[environments.e]",
            "[regions.t]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 08:00-18:00\"]\n[environments.e]",
        )
    };
    let found = openings(&third("\"r\", \"s\", \"t\""), &third("\"s\", \"t\""));
    assert!(found.iter().any(is_lost), "{found:#?}");
}

#[test]
fn change_windows_of_another_zone_are_others() {
    let of = |zone: &str| {
        format!("[environments.e]\nchange_windows = [{{ hours = \"daily 09:00-17:00\", timezone = \"{zone}\" }}]\n")
    };
    let found = openings(&of("Europe/Berlin"), &of("America/New_York"));
    assert!(matches!(&found[..], [one] if one.part == PolicyPart::ClosedTime), "{found:#?}");
}

/// A region that is taken from an environment is refused there at any hour, so that its core hours open nothing.
#[test]
fn a_region_that_is_served_no_more_is_refused_and_not_open() {
    let serving = |regions: &str| {
        format!(
            "[regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 08:00-18:00\"]\n[regions.s]\ntimezones = [\"UTC\"]\n\
             core_hours = [\"daily 07:00-19:00\"]\n[environments.e]\nregions = [{regions}]\n"
        )
    };
    assert!(openings(&serving("\"r\", \"s\""), &serving("\"s\"")).is_empty());
}

/// Environments that need different time before a window can't be reckoned with as if each needed the most.
#[test]
fn a_window_with_less_time_before_it_does_not_cover_one_with_more() {
    let with = |kind: &str| {
        let environments = "[environments.quick]\n[environments.slow]\nsettle = \"2h\"\n";
        let target = format!("[[targets]]\npaths = [\"shared/**\"]\nenvironment = \"*\"\nkind = \"{kind}\"\n");
        let slow = freeze("slow", "environments = [\"slow\"]\nexempt = [\"deploy\"]\n");
        format!("{environments}{target}{slow}{}", freeze("quick", "environments = [\"quick\"]\n"))
    };
    let found = openings(&with("config"), &with("deploy"));
    // from 08:00 to 10:00 it was too late for the one that settles, and is in time for the other
    let first = found.iter().flat_map(|one| one.spans.as_slice()).map(|span| span.from.as_second() % 86_400).next();
    assert_eq!(first, Some(8 * 3600 + 1), "{found:#?}");
}

/// Not all time is compared more than ten years ahead, so that what is closed for years there counts as opened once anything of it goes.
#[test]
fn what_lasts_for_years_far_ahead_is_told_as_not_compared() {
    let years =
        "[[freezes]]\nname = \"years\"\nfrom = 2040-01-01T00:00:00\nuntil = 2060-01-01T00:00:00\ntimezone = \"UTC\"\n";
    let always = "[environments.e]\n[[freezes]]\nname = \"days\"\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\nlevel = \"soft\"\n";
    let lifts = "[[lifts]]\nlevel = \"soft\"\nsigned = []\nincident = true\n";
    let found =
        openings(&format!("{always}{lifts}{}", years.to_owned() + "level = \"soft\"\n"), &format!("{always}{lifts}"));
    assert!(matches!(&found[..], [one] if one.doubt.is_some()), "{found:#?}");
}

/// Of what is alike, each kind is told that is not told by a plainer one.
#[test]
fn each_kind_that_opens_is_told() {
    let of = |kinds: &str| "[environments.e]\n".to_owned() + &freeze("f", &format!("kinds = [{kinds}]\n"));
    let found = openings(&of("\"config\", \"deploy\""), &of("\"migration\""));
    let mut kinds: Vec<Vec<Kind>> = found.iter().map(|one| one.kinds.iter().collect()).collect();
    kinds.sort();
    assert_eq!(kinds, [vec![Kind::Deploy], vec![Kind::Config]], "{found:#?}");
}

/// Whoever may override what is hard, and not what is soft, is allowed by a soft window that turns hard.
#[test]
fn a_soft_window_that_turns_hard_opens_to_those_who_lift_hard_alone() {
    let lift = |level: &str, rest: &str| format!("[[lifts]]\nlevel = \"{level}\"\n{rest}\n");
    let with = |level: &str, lifts: &[String]| {
        format!("[environments.e]\n{}{}", freeze("f", &format!("level = \"{level}\"\n")), lifts.concat())
    };
    let incident = "signed = []\nincident = true";
    let (any, two) = ("signed = [\"any\"]", "signed = [\"any\", \"any\"]");
    let cases = [
        (vec![lift("hard", any), lift("soft", incident)], true),
        (vec![lift("hard", any), lift("soft", &format!("{any}\nincident = true"))], true),
        (vec![lift("hard", &format!("{any}\nincident = true")), lift("soft", any)], false),
        (vec![lift("hard", two), lift("soft", any)], false),
        (vec![lift("hard", any), lift("soft", two)], true),
        (vec![lift("hard", &format!("{any}\nrequester = true")), lift("soft", any)], true),
        (vec![lift("hard", incident)], true),
        // what nobody may override needs no signature to be opened later
        (vec![lift("soft", incident)], true),
        (vec![lift("soft", any)], true),
        (vec![lift("hard", incident), lift("soft", incident)], false),
        (vec![], false),
        (vec![lift("hard", incident), lift("soft", "signed = []\nincident = true\nmax_duration = \"30m\"")], true),
    ];
    for (lifts, is_opened) in cases {
        let found = openings(&with("soft", &lifts), &with("hard", &lifts));
        assert_eq!(!found.is_empty(), is_opened, "{lifts:?}: {found:#?}");
        if let Some(first) = found.first() {
            assert_eq!((first.level, first.remains), (Level::Soft, Some(Level::Hard)), "{found:#?}");
        }
    }
}

/// That a calendar has run out stops no edit, so that it stands for nothing that does.
#[test]
fn a_calendar_that_has_run_out_stands_for_no_other_window() {
    let around = |name: &str, calendar: &str| {
        format!(
            "[[freezes]]\nname = \"{name}\"\nfrom = \"{calendar} 00:00\"\nuntil = \"{calendar} +1d 00:00\"\ntimezone = \"UTC\"\n"
        )
    };
    let calendars = "[calendars.a]\ndates = [2020-01-01]\n[calendars.b]\ndates = [2020-01-02]\n[environments.e]\n";
    let with = |freezes: &[&String]| -> String {
        let freezes = freezes.iter().map(|one| one.as_str());
        std::iter::once(calendars).chain(freezes).collect()
    };
    let (stale, other) = (around("stale", "a"), around("other", "b"));
    let weekly = freeze("f", "");
    assert!(!openings(&with(&[&weekly]), &with(&[&stale])).is_empty());
    assert!(openings(&with(&[&weekly]), &with(&[&weekly, &stale])).is_empty());
    assert!(openings(&with(&[&stale]), &with(&[&other])).is_empty());
    assert!(!openings(&with(&[&weekly, &stale]), &with(&[&other])).is_empty());
}

#[test]
fn a_hard_window_that_turns_soft_opens_to_those_who_lift_soft() {
    let with = |level: &str| "[environments.e]\n".to_owned() + &freeze("f", &format!("level = \"{level}\"\n"));
    let found = openings(&with("hard"), &with("soft"));
    assert!(matches!(&found[..], [one] if (one.level, one.remains) == (Level::Hard, Some(Level::Soft))), "{found:#?}");
}

/// What an edit closes is what the edit back opens; what can't be compared closes nothing.
#[test]
fn what_an_edit_closes_is_told_as_what_the_edit_back_opens() {
    let (open, closed) = ("[environments.e]\n".to_owned(), "[environments.e]\n".to_owned() + &freeze("f", ""));
    let [open, closed] = [open, closed].map(|text| policy(&text));
    let there = compare(&open, &closed, &ComparisonOptions::at(AT));
    let back = compare(&closed, &open, &ComparisonOptions::at(AT));
    assert!(there.openings.is_empty() && back.closings.is_empty(), "{there:#?}");
    let [closing] = &there.closings[..] else { panic!("{there:#?}") };
    let [opening] = &back.openings[..] else { panic!("{back:#?}") };
    assert_eq!((closing.old_place, closing.new_place), (None, opening.old_place));
    assert_eq!((closing.part, closing.level, &closing.spans), (opening.part, opening.level, &opening.spans));
    let hurried = compare(&closed, &open, &ComparisonOptions { most_steps: 1, ..ComparisonOptions::at(AT) });
    assert!(hurried.openings.iter().any(|one| one.part == PolicyPart::Uncompared), "{hurried:#?}");
    assert!(hurried.closings.is_empty(), "{hurried:#?}");
}

/// What all regions of an environment lose is one difference; the only one of several that it serves is named.
#[test]
fn what_opens_in_all_regions_is_told_once() {
    let serving = |regions: &str| {
        format!(
            "[regions.r]\ntimezones = [\"UTC\"]\n[regions.s]\ntimezones = [\"UTC\"]\n[regions.t]\ntimezones = [\"UTC\"]\n\
             [environments.e]\nregions = [{regions}]\n"
        )
    };
    for (regions, closed, expected) in [
        ("\"r\", \"s\"", "", vec![None]),
        ("\"r\", \"s\"", "regions = [\"s\"]\n", vec![Some("s")]),
        ("\"r\", \"s\", \"t\"", "regions = [\"r\", \"s\"]\n", vec![Some("r"), Some("s")]),
        ("\"r\"", "regions = [\"r\"]\n", vec![Some("r")]),
    ] {
        let text = serving(regions);
        let found = openings(&(text.clone() + &freeze("f", closed)), &text);
        let told: Vec<Option<&str>> = found.iter().map(|one| one.region.as_deref()).collect();
        assert_eq!(told, expected, "{regions}, {closed}: {found:#?}");
    }
}

/// What a target shows by another kind is left out if it is said already: of the same environment, at a level as strict.
#[test]
fn what_another_kind_of_a_target_opens_is_told_unless_it_is_said() {
    let target = |kind: &str| format!("[[targets]]\npaths = [\"e/**\"]\nenvironment = \"e\"\nkind = \"{kind}\"\n");
    let head = "[environments.e]\n[environments.other]\n";
    let stays = freeze("stays", "kinds = [\"config\"]\n");
    let with = |kind: &str, freezes: &str| format!("{head}{}{freezes}", target(kind));
    let told = |gone: &str| -> BTreeSet<(String, Level)> {
        let found = openings(&with("config", &format!("{stays}{gone}")), &with("deploy", &stays));
        let of_time = found.into_iter().filter(|one| one.part == PolicyPart::ClosedTime);
        of_time.map(|one| (one.environment.unwrap_or_default(), one.level)).collect()
    };
    let set = |all: &[(&str, Level)]| all.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect();
    let own = ("e", Level::Hard);
    assert_eq!(told(""), set(&[own]));
    // the same hours of another environment, or at another level, say nothing of these
    let elsewhere = freeze("elsewhere", "environments = [\"other\"]\n");
    assert_eq!(told(&elsewhere), set(&[own, ("other", Level::Hard)]));
    let soft = freeze("soft", "environments = [\"e\"]\nlevel = \"soft\"\n");
    assert_eq!(told(&soft), set(&[own, ("e", Level::Soft)]));
    // all changes of these hours, and what is shown is among them
    let all = freeze("all", "environments = [\"e\"]\n");
    let dropped = openings(&with("config", &all), &with("deploy", ""));
    assert!(
        matches!(&dropped[..], [one] if one.part == PolicyPart::ClosedTime && one.kinds.is_empty()),
        "{dropped:#?}"
    );
    let milder = openings(&with("config", &all), &with("deploy", &all.replace("e\"]\n", "e\"]\nlevel = \"soft\"\n")));
    assert!(matches!(&milder[..], [one] if one.remains == Some(Level::Soft) && one.kinds.is_empty()), "{milder:#?}");
}

/// A service may reach some regions of an environment alone: in the others nobody is refused.
#[test]
fn a_freeze_of_other_services_opens_those_regions_that_its_service_reaches() {
    let of = |service: &str| {
        "[regions.r]\ntimezones = [\"UTC\"]\n[regions.s]\ntimezones = [\"UTC\"]\n[environments.e]\n\
         [services.x]\nregions = [\"s\"]\n[services.y]\n"
            .to_owned()
            + &freeze("f", &format!("services = [\"{service}\"]\n"))
    };
    let found = openings(&of("x"), &of("y"));
    let lost: Vec<_> = found.iter().map(|one| (one.region.as_deref(), one.service.as_deref())).collect();
    assert_eq!(lost, [(Some("s"), Some("x"))], "{found:#?}");
}

/// A path that captures a name is compared by what it means in each policy, also if it is written in other letters.
#[test]
fn a_kind_that_a_captured_environment_shows_opens() {
    let with = |name: &str, kind: &str, alias: &str| {
        format!(
            "[environments.{name}]\n{alias}[[targets]]\npaths = [\"{{environment}}/**\"]\nkind = \"{kind}\"\n{}",
            freeze("f", "kinds = [\"config\"]\n")
        )
    };
    let is_told = |old: &str, new: &str| {
        let found = openings(old, new);
        found.iter().any(|one| one.part == PolicyPart::ClosedTime && one.environment.as_deref() == Some("e"))
    };
    assert!(is_told(&with("e", "config", ""), &with("e", "deploy", "")));
    assert!(!is_told(&with("e", "config", ""), &with("e", "config", "")));
    assert!(is_told(&with("e", "config", ""), &with("E", "deploy", "")));
}

/// A window is laid out with the time before it that it needs, at each instant at which the comparison goes on by other means.
#[test]
fn the_time_before_a_window_counts_wherever_the_window_is() {
    let with = |from: Instant, settle: &str| {
        let text = |second: Instant| second.timestamp().unwrap().strftime("%FT%T").to_string();
        format!(
            "[environments.e]\nsettle = \"{settle}\"\n[[freezes]]\nname = \"f\"\nfrom = {}\nuntil = {}\ntimezone = \"UTC\"\n",
            text(from),
            text(from + Seconds::days(1))
        )
    };
    for from in [0, 400 * 86_400, 400 * 86_400 + 60, 3660 * 86_400, 3660 * 86_400 + 60, 5000 * 86_400] {
        let from = AT + Seconds::new(from);
        let found = openings(&with(from, "2h"), &with(from, "0s"));
        let lost: Seconds = found.iter().flat_map(|one| one.spans.as_slice()).map(|span| span.until - span.from).sum();
        assert!(lost > Seconds::ZERO || from == AT, "{from:?}: {found:#?}");
        assert!(openings(&with(from, "0s"), &with(from, "2h")).is_empty(), "{from:?}");
    }
}

/// What was refused because it may be of any service is not, once a new target shows of which one it is.
#[test]
fn a_service_that_a_new_target_shows_opens_what_freezes_of_others_close() {
    let with = |target: &str| {
        let head = "[environments.e]\n[services.x]\n[services.y]\n";
        format!("{head}{target}{}", freeze("f", "services = [\"x\"]\n"))
    };
    let target = |rest: &str| format!("[[targets]]\npaths = [\"app/**\"]\nenvironment = \"e\"\n{rest}");
    for (rest, is_opened) in [("", false), ("service = \"x\"\n", false), ("service = \"y\"\n", true)] {
        let found = openings(&with(""), &with(&target(rest)));
        assert_eq!(!found.is_empty(), is_opened, "{rest}: {found:#?}");
    }
}

/// A service that reaches one region alone is not refused in the others, so that its targets open that region.
#[test]
fn a_kind_that_a_target_shows_opens_the_region_that_its_service_reaches() {
    let with = |kind: &str| {
        format!(
            "[regions.r]\ntimezones = [\"UTC\"]\n[regions.s]\ntimezones = [\"UTC\"]\n[environments.e]\n\
             [services.x]\nregions = [\"s\"]\n[[targets]]\npaths = [\"x/**\"]\nenvironment = \"e\"\nservice = \"x\"\nkind = \"{kind}\"\n{}",
            freeze("f", "kinds = [\"config\"]\n")
        )
    };
    let found = openings(&with("config"), &with("deploy"));
    let of_service = |one: &PolicyDifference| (one.region.as_deref(), one.service.as_deref()) == (Some("s"), Some("x"));
    assert!(found.iter().any(of_service), "{found:#?}");
}
