//! Edits that opened something unseen, each as two or three policies of which one follows another.

use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::policy::{Level, Policy};
use freezegate::time::instant::Instant;

use crate::policies::files::Memory;

const HEAD: &str = "version = 1\n[environments.prod]\n";
const FREEZE: &str = "[[freezes]]\nname = \"week end\"\nhours = [\"Sat,Sun 00:00-24:00\"]\ntimezone = \"UTC\"\n";
/// 2027-01-01T00:00:00Z
const AT: Instant = Instant::from_second(1_798_761_600);

fn opens(old: &Policy, new: &Policy) -> bool {
    !compare(old, new, &ComparisonOptions::at(AT)).openings.is_empty()
}

fn policy(text: &str) -> Policy {
    Memory::one(text.to_owned()).load().unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

/// A freeze that itself stays as it is closes less once a target shows a kind.
#[test]
fn a_kind_that_a_target_shows_only_now_opens_what_freezes_of_kinds_close() {
    let target = |kind: &str| format!("[[targets]]\npaths = [\"prod/**\"]\nenvironment = \"prod\"\n{kind}");
    for freeze in ["kinds = [\"deploy\"]\n", "exempt = [\"config\"]\n"] {
        let with = |targets: &str| policy(&format!("{HEAD}{targets}{FREEZE}{freeze}"));
        let (plain, config) = (with(&target("")), with(&target("kind = \"config\"\n")));
        assert!(opens(&plain, &config), "{freeze}");
        assert!(!opens(&plain, &plain) && !opens(&config, &plain), "{freeze}");
        let more = target("kind = \"config\"\n").replace("prod/**", "other/**");
        assert!(opens(&with(""), &with(&more)), "what is only said of a change, a new target shows: {freeze}");
    }
}

/// Two edits, of which neither would open anything by itself, must not open what the two together do.
#[test]
fn a_name_that_is_taken_away_counts_as_opened() {
    let targets = "[environments.test]\n[[targets]]\npaths = [\"{environment}/**\"]\n";
    let freeze = format!("{FREEZE}environments = [\"prod\"]\n");
    let closed = policy(&format!("{HEAD}aliases = [\"live\"]\n{targets}{freeze}"));
    let without = policy(&format!("version = 1\n{targets}"));
    let again = policy(&format!("{HEAD}{targets}"));
    assert!(opens(&closed, &without) && opens(&closed, &again));
    let no_alias = policy(&format!("{HEAD}{targets}{freeze}"));
    assert!(opens(&closed, &no_alias));
    // a name that stays an alias keeps its meaning, but the record's states are known by the name; what nothing closes may go
    let renamed = policy(&format!(
        "version = 1\n[environments.production]\naliases = [\"prod\", \"live\"]\n{targets}{}",
        freeze.replace("[\"prod\"]", "[\"production\"]")
    ));
    assert!(opens(&closed, &renamed) && !opens(&again, &without));
}

fn prod(rest: &str) -> Policy {
    policy(&format!("version = 1\n{rest}"))
}

/// A region with these hours and holidays, and an environment that it closes.
fn at_work(hours: &str, holidays: &str) -> String {
    format!(
        "[calendars.days]\ndates = [2027-05-03, {holidays}]\nvalid_until = 2099-12-31\n[regions.eu]\n\
         timezones = [\"UTC\"]\ncore_hours = [\"{hours}\"]\nholidays = [\"days\"]\n[environments.prod]\n"
    )
}

fn freeze(name: &str, from: &str, until: &str) -> String {
    format!("[[freezes]]\nname = \"{name}\"\nfrom = {from}\nuntil = {until}\ntimezone = \"UTC\"\n")
}

/// What lies more than ten years ahead is compared around the dates that there are.
#[test]
fn dates_far_ahead_are_compared() {
    let hours = "Mon-Fri 08:00-18:00";
    // 2041-05-03 is a Friday, 2041-05-04 a Saturday
    let (plain, holiday) = (prod(&at_work(hours, "")), prod(&at_work(hours, "2041-05-03")));
    assert!(opens(&plain, &holiday) && !opens(&holiday, &plain), "a holiday");
    assert!(!opens(&plain, &prod(&at_work(hours, "2041-05-04"))), "a holiday on which nobody is at work");
    let longer = prod(&at_work("Mon-Fri 08:00-19:00", "2041-05-03"));
    assert!(!opens(&holiday, &longer) && opens(&longer, &holiday), "the same holiday beside other hours");
    let covered = prod(&(at_work(hours, "2041-05-03") + &freeze("may", "2041-05-02T00:00:00", "2041-05-05T00:00:00")));
    assert!(!opens(&plain, &covered), "a holiday in a freeze");
    let uncovered =
        prod(&(at_work(hours, "2041-05-03") + &freeze("may", "2041-05-02T00:00:00", "2041-05-03T17:00:00")));
    assert!(opens(&plain, &uncovered), "a holiday of which a freeze covers a part");

    let with = |freezes: &[(&str, &str)]| {
        let freezes =
            freezes.iter().enumerate().map(|(index, (from, until))| freeze(&format!("f{index}"), from, until));
        prod(&format!("[environments.prod]\n{}", freezes.collect::<String>()))
    };
    let long = with(&[("2041-05-02T00:00:00", "2041-06-02T00:00:00")]);
    assert!(opens(&long, &with(&[("2041-05-02T00:00:00", "2041-06-01T23:59:00")])), "a shorter freeze");
    assert!(!opens(&long, &with(&[("2041-05-01T00:00:00", "2041-06-03T00:00:00")])), "a longer freeze");
    let halves =
        with(&[("2041-05-02T00:00:00", "2041-05-15T00:00:00"), ("2041-05-14T00:00:00", "2041-06-02T00:00:00")]);
    assert!(!opens(&long, &halves) && !opens(&halves, &long), "a freeze in two parts");
    let gap = with(&[("2041-05-02T00:00:00", "2041-05-15T00:00:00"), ("2041-05-15T00:01:00", "2041-06-02T00:00:00")]);
    assert!(opens(&long, &gap), "a gap of a minute");
    // of a single one that lasts for years, what recurs can't take the place
    let years = with(&[("2041-05-02T00:00:00", "2046-05-02T00:00:00")]);
    assert!(!opens(&years, &with(&[("2041-05-01T00:00:00", "2046-05-03T00:00:00")])), "years");
    assert!(opens(&years, &with(&[("2041-05-02T00:00:00", "2043-01-01T00:00:00")])), "fewer years");
}

/// What recurs is not replaced by what comes once, however long that lasts.
#[test]
fn what_ends_does_not_replace_what_recurs() {
    let weekly = "[environments.prod]\n[[freezes]]\nname = \"f\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\n";
    for until in ["2028-06-01", "2035-06-01", "2041-06-01", "2500-06-01"] {
        let once = format!("[environments.prod]\n{}", freeze("f", "2020-01-01T00:00:00", &format!("{until}T00:00:00")));
        assert!(opens(&prod(weekly), &prod(&once)), "{until}");
    }
    // one that stays and lasts as long as dates do stands in no edit's way
    let for_good = weekly.to_owned() + &freeze("g", "2030-01-01T00:00:00", "9999-12-31T00:00:00");
    let more = for_good.replace("Sat 00:00", "Fri,Sat 00:00");
    assert!(!opens(&prod(&for_good), &prod(&more)) && opens(&prod(&more), &prod(&for_good)));
}

/// A pattern is lost once, on however many refs it was looked for.
#[test]
fn a_lost_pattern_is_listed_once() {
    let targets = |paths: &str, refs: &str| {
        let target = format!("[[targets]]\nrefs = [{refs}]\npaths = [{paths}]\nenvironment = \"prod\"\n");
        policy(&format!("{HEAD}{target}{FREEZE}"))
    };
    let lost = |old: &Policy, new: &Policy| -> Vec<String> {
        let openings = compare(old, new, &ComparisonOptions::at(AT)).openings;
        openings.into_iter().filter(|one| one.part == PolicyPart::Target).map(|one| one.text).collect()
    };
    let refs = "\"refs/heads/main\", \"refs/heads/release\", \"refs/tags/*\"";
    let (both, one) = (targets("\"a/**\", \"b/**\"", refs), targets("\"a/**\"", refs));
    assert_eq!(lost(&both, &one).len(), 1, "{:?}", lost(&both, &one));
    assert!(lost(&both, &one)[0].contains("`b/**`"));
    let neither = targets("\"c/**\"", refs);
    assert_eq!(lost(&both, &neither).len(), 2, "{:?}", lost(&both, &neither));
    assert!(lost(&one, &both).is_empty());
    // on one ref alone it is lost as well
    assert_eq!(lost(&one, &targets("\"a/**\"", "\"refs/heads/main\"")).len(), 1);
}

/// A change that a target shows to be of an exempt kind is refused if it says another kind as well.
#[test]
fn a_lost_target_opens_what_closes_changes_that_say_more_kinds() {
    let text = |freeze: &str| {
        format!("{HEAD}[[targets]]\npaths = [\"shared/**\"]\nenvironment = \"*\"\nkind = \"config\"\n{FREEZE}{freeze}")
    };
    for freeze in ["exempt = [\"config\"]\n", "kinds = [\"migration\"]\n"] {
        let old = text(freeze);
        let new = old.replace("shared/**", "other/**");
        let comparison = compare(&policy(&old), &policy(&new), &ComparisonOptions::at(AT));
        assert_eq!(comparison.opens(), Some(Level::Hard), "{freeze}");
    }
    let milder = text("exempt = [\"config\"]\nlevel = \"soft\"\n");
    let comparison = compare(&policy(&milder), &policy(&milder.replace("shared", "x")), &ComparisonOptions::at(AT));
    assert_eq!(comparison.opens(), Some(Level::Soft));
}

/// A rollback goes back on all paths of the targets that it reaches, and the refs of one target have one history.
#[test]
fn a_target_that_is_taken_apart_opens_what_does_not_stop_rollbacks() {
    const BOTH: &str = "[[targets]]\nrefs = [\"refs/heads/main\", \"refs/heads/rel/*\"]\npaths = [\"app/**\", \"db/**\"]\nenvironment = \"prod\"\n";
    let split = |lists: &[(&str, &str)]| -> String {
        let one = |(refs, paths): &(&str, &str)| {
            format!("[[targets]]\nrefs = [{refs}]\npaths = [{paths}]\nenvironment = \"prod\"\n")
        };
        lists.iter().map(one).collect()
    };
    let (main, rel, both) =
        ("\"refs/heads/main\"", "\"refs/heads/rel/*\"", "\"refs/heads/main\", \"refs/heads/rel/*\"");
    let (app, db, paths) = ("\"app/**\"", "\"db/**\"", "\"app/**\", \"db/**\"");
    let apart: [(&[(&str, &str)], bool); 9] = [
        (&[(main, paths), (rel, paths)], true),
        (&[(both, app), (both, db)], true),
        (&[(main, app), (main, db), (rel, paths)], true),
        (&[(both, "\"app/*\""), (both, "\"app/*/**\""), (both, db)], true),
        (&[(both, app), (both, db), (main, paths)], true),
        // one that matches it all is enough, whatever matches a part of it besides
        (&[(both, paths)], false),
        (&[(both, paths), (main, app)], false),
        (&[("\"refs/heads/*\", \"refs/heads/rel/*\"", "\"app/**\", \"db/**\", \"web/**\"")], false),
        (&[("\"refs/**\"", "\"**\"")], false),
    ];
    for (lists, expected) in apart {
        let with = |targets: &str, freeze: &str| policy(&format!("{HEAD}{targets}{FREEZE}{freeze}"));
        assert_eq!(opens(&with(BOTH, ""), &with(&split(lists), "")), expected, "{lists:?}");
        // where nothing exempts rollbacks, there is nothing to go back for
        let stops_all = "exempt = []\n";
        let (old, new) = (with(BOTH, stops_all), with(&split(lists), stops_all));
        assert!(!opens(&old, &new), "{lists:?}");
    }
    let difference = &compare(
        &policy(&format!("{HEAD}{BOTH}{FREEZE}")),
        &policy(&format!("{HEAD}{}{FREEZE}", split(&[(both, app), (both, db)]))),
        &ComparisonOptions::at(AT),
    )
    .openings[0];
    assert_eq!((difference.part, difference.level, difference.is_rollback), (PolicyPart::Rollback, Level::Hard, true));
}

/// Refs of targets that become one have one history from then on: one may go back to what only another one deployed.
#[test]
fn targets_that_become_one_open_what_does_not_stop_rollbacks() {
    let targets = |lists: &[(&str, &str)], freeze: &str| {
        let one = |(refs, paths): &(&str, &str)| {
            format!("[[targets]]\nrefs = [{refs}]\npaths = [{paths}]\nenvironment = \"prod\"\n")
        };
        policy(&format!("{HEAD}{}{FREEZE}{freeze}", lists.iter().map(one).collect::<String>()))
    };
    let (main, rel, both) =
        ("\"refs/heads/main\"", "\"refs/heads/rel/*\"", "\"refs/heads/main\", \"refs/heads/rel/*\"");
    let (app, db, paths) = ("\"app/**\"", "\"db/**\"", "\"app/**\", \"db/**\"");
    type Lists<'l> = &'l [(&'l str, &'l str)];
    let merged: [(Lists<'_>, Lists<'_>, bool); 7] = [
        (&[(main, app), (rel, app)], &[(both, app)], true),
        (&[(main, app), (rel, db)], &[(both, paths)], true),
        (&[(main, app), (rel, app)], &[(main, app), (rel, app), (both, paths)], true),
        // one that matches the refs of all is enough, whatever paths it matches
        (&[(main, app), (rel, app), (both, db)], &[(both, paths)], false),
        // paths that come together go back together
        (&[(main, app), (main, db)], &[(main, paths)], false),
        // a ref that no target matched has deployed nothing
        (&[(main, app)], &[(both, app)], false),
        (&[(main, app), (rel, app)], &[(main, app), (rel, app), (both, db)], false),
    ];
    for (old, new, expected) in merged {
        assert_eq!(opens(&targets(old, ""), &targets(new, "")), expected, "{old:?} -> {new:?}");
        let stops_all = "exempt = []\n";
        assert!(!opens(&targets(old, stops_all), &targets(new, stops_all)), "{old:?} -> {new:?}");
    }
    let (old, new) = (targets(merged[0].0, ""), targets(merged[0].1, ""));
    let found = compare(&old, &new, &ComparisonOptions::at(AT)).openings;
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((one.part, one.level, one.is_rollback), (PolicyPart::Rollback, Level::Hard, true));
    assert_eq!((one.environment.as_deref(), one.new_place), (Some("prod"), Some(new.targets[0].place)));
    // what is lost is told as lost, and what is taken apart besides is told as well
    let (old, new) = (targets(&[(both, paths), (main, "\"web/**\"")], ""), targets(&[(both, app), (both, db)], ""));
    let found = compare(&old, &new, &ComparisonOptions::at(AT)).openings;
    let mut parts: Vec<_> = found.iter().map(|one| (one.part == PolicyPart::Rollback, one.old_place)).collect();
    parts.sort();
    assert_eq!(parts, [(false, Some(old.targets[1].place)), (true, Some(old.targets[0].place))], "{found:#?}");
}

/// Days of months and of years fall on other weekdays in other years: what is so in the coming 400 days need not be so later.
#[test]
fn days_of_a_year_are_compared_over_all_sorts_of_year() {
    let freeze = |from: &str, until: &str| {
        format!("[[freezes]]\nname = \"f\"\nfrom = \"{from}\"\nuntil = \"{until}\"\ntimezone = \"UTC\"\n")
    };
    let with = |freezes: &str| policy(&format!("{HEAD}{freezes}"));
    // of 2027: the fourth Thursday of November is the 25th, February has 28 days, and the 31st of December is a Friday
    let same_now = [
        (("4th Thu of Nov 00:00", "+1d 00:00"), ("Nov 25 00:00", "Nov 26 00:00")),
        (("last day of Feb 00:00", "+1d 00:00"), ("Feb 28 00:00", "Feb 28 24:00")),
        (("Feb 28 00:00", "Mar 1 00:00"), ("Feb 28 00:00", "Feb 28 24:00")),
        (("last Fri of Dec 00:00", "+1d 00:00"), ("Dec 31 00:00", "Dec 31 24:00")),
    ];
    for ((from, until), (later_from, later_until)) in same_now {
        assert!(opens(&with(&freeze(from, until)), &with(&freeze(later_from, later_until))), "{from}: {later_from}");
    }
    let opens_nothing = [
        (("4th Thu of Nov 00:00", "+1d 00:00"), ("Nov 22 00:00", "Nov 28 24:00")),
        (("last day of Feb 00:00", "+1d 00:00"), ("Feb 28 00:00", "Mar 1 00:00")),
        (("Dec 20 00:00", "Jan 5 00:00"), ("Dec 19 00:00", "Jan 6 00:00")),
        (("Dec 20 00:00", "Dec 24 24:00"), ("Dec 20 00:00", "Dec 25 00:00")),
    ];
    for ((from, until), (later_from, later_until)) in opens_nothing {
        assert!(!opens(&with(&freeze(from, until)), &with(&freeze(later_from, later_until))), "{from}: {later_from}");
    }
    // and what recurs each week, by days that fall on it for a year
    let weekly = "[[freezes]]\nname = \"f\"\nhours = [\"Fri 10:00-12:00\"]\ntimezone = \"UTC\"\n";
    let mut days = String::new();
    for week in 0..60_i64 {
        let friday = jiff::civil::date(2027, 1, 1).checked_add(jiff::Span::new().weeks(week)).unwrap();
        let day = friday.strftime("%b %-d").to_string();
        let text = freeze(&format!("{day} 00:00"), &format!("{day} 24:00")).replace("\"f\"", &format!("\"{week}\""));
        days.push_str(&text);
    }
    assert!(opens(&with(weekly), &with(&days)), "60 Fridays by their dates");
    assert!(!opens(&with(weekly), &with(&format!("{days}{weekly}"))));
    let longer = weekly.replace("12:00", "13:00");
    assert!(!opens(&with(&format!("{weekly}{days}")), &with(&format!("{longer}{days}"))));
}

/// A freeze without a known end is as closed as one that ends later than anything that is looked at.
#[test]
fn an_end_opens_what_lasts_until_further_notice() {
    let lift = "[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n";
    let with = |from: &str, until: &str| {
        policy(&format!("{HEAD}{lift}[[freezes]]\nname = \"f\"\nfrom = {from}\nuntil = {until}\ntimezone = \"UTC\"\n"))
    };
    let (begun, later, notice) = ("2026-12-01T00:00:00", "2027-03-01T00:00:00", "\"further notice\"");
    let open = policy(&format!("{HEAD}{lift}"));
    for from in [begun, later] {
        let old = with(from, notice);
        assert!(opens(&old, &open), "{from}");
        for until in ["2027-06-01T00:00:00", "2040-01-01T00:00:00", "2999-01-01T00:00:00"] {
            assert!(opens(&old, &with(from, until)), "{from} {until}");
            assert!(!opens(&with(from, until), &old), "{from} {until}");
        }
        assert!(!opens(&old, &with(begun, notice)), "{from}");
        assert!(!opens(&open, &old), "{from}");
    }
    assert!(opens(&with(begun, notice), &with(later, notice)));
    let old = with(begun, notice);
    assert_eq!(old.freezes[0].text(&old.sources), "2026-12-01T00:00:00 until further notice");
}
