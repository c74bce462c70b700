//! Bad input: whatever two policies are made of, the comparison ends within its limit, with an answer or with "opened".

use std::fmt::Write;
use std::time::{Duration, Instant};

use freezegate::diagnostic::Faults;
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, PolicyComparison, PolicyPart, compare};
use freezegate::policy::load::{MAX_BYTES, MAX_FILES};
use freezegate::time::instant;

use crate::compare::lifting;
use crate::policies::files::{self, Memory};

/// 2027-01-01T00:00:00Z
const AT: instant::Instant = instant::Instant::from_second(1_798_761_600);

/// Far more than it takes on a slow machine without optimisation, and far less than work that is not counted takes.
const LONGEST: Duration = Duration::from_secs(120);

const TOO_MUCH: &str = "the two policies differ in more than can be compared within the limit of work";

/// Returns what people read of `faults`, on one line.
fn report(faults: &Faults) -> String {
    files::report(faults).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn load(text: String) -> Policy {
    load_with(Memory::one(text))
}

fn load_with(files: Memory) -> Policy {
    files.load().unwrap_or_else(|faults| panic!("{:.1000}", report(&faults)))
}

fn timed(old: &Policy, new: &Policy) -> PolicyComparison {
    let start = Instant::now();
    let comparison = compare(old, new, &ComparisonOptions::at(AT));
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    comparison
}

/// Returns whether something opens because there was too much to compare.
fn is_too_much(comparison: &PolicyComparison) -> bool {
    let uncompared = comparison.openings.iter().filter(|one| one.part == PolicyPart::Uncompared);
    uncompared.filter_map(|one| one.doubt.as_deref()).any(|doubt| doubt == TOO_MUCH)
}

fn numbered(count: usize, mut entry: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.write_str(&entry(number)).unwrap();
        text
    })
}

/// A policy of many entries of one sort or another, each of which something was once to be found for in a search of its own.
fn large(count: usize, moved: usize) -> Vec<(&'static str, String)> {
    let head = "version = 1\n[regions.r]\ntimezones = [\"UTC\"]\n[environments.e]\n";
    let hour = 1 + moved;
    let freeze = |number: usize, rest: &str| {
        format!("[[freezes]]\nname = \"f{number}\"\nhours = [\"Sat {hour:02}:00-23:00\"]\ntimezone = \"UTC\"\n{rest}")
    };
    let few = count / 20;
    let names = |prefix: &str| numbered(few, |number| format!("\"{prefix}{number}\", "));
    vec![
        (
            "environments, each with a freeze",
            head.to_owned()
                + &numbered(count, |number| format!("[environments.e{number}]\naliases = [\"a{number}\"]\n"))
                + &numbered(count, |number| freeze(number, &format!("environments = [\"a{number}\"]\n"))),
        ),
        (
            "freezes of many services",
            head.to_owned()
                + &numbered(few, |number| format!("[services.s{number}]\n"))
                + &numbered(few, |number| freeze(number, &format!("services = [{}]\n", names("s")))),
        ),
        (
            "freezes of many environments",
            head.to_owned()
                + &numbered(few, |number| format!("[environments.e{number}]\n"))
                + &numbered(few, |number| freeze(number, &format!("environments = [{}]\n", names("e")))),
        ),
        (
            "freezes of many regions, read in each",
            head.to_owned()
                + &numbered(few, |number| format!("[regions.r{number}]\ntimezones = [\"UTC\"]\n"))
                + &numbered(few, |number| {
                    freeze(number, &format!("regions = [{}]\n", names("r"))).replace("\"UTC\"", "\"region\"")
                }),
        ),
        (
            "calendars of many dates, one for each freeze",
            head.to_owned()
                + &numbered(few, |number| {
                    let dates = numbered(100, |day| {
                        format!("{}-{:02}-{:02}, ", 2027 + number % 50, 1 + day / 28, 1 + day % 28)
                    });
                    format!(
                        "[calendars.c{number}]\ndates = [{dates}]\n[[freezes]]\nname = \"f{number}\"\n\
                         from = \"c{number} -1d {hour:02}:00\"\nuntil = \"c{number} +1d 00:00\"\ntimezone = \"UTC\"\n"
                    )
                }),
        ),
        (
            "hours of one region",
            head.to_owned()
                + &format!(
                    "[regions.x]\ntimezones = [\"UTC\"]\ncore_hours = [{}]\n",
                    numbered(count, |number| format!(
                        "\"{} {:02}:{:02}-23:59\", ",
                        ["Mon", "Tue", "Wed", "Thu"][number / 1_200],
                        number / 60 % 20 + moved,
                        number % 60
                    ))
                ),
        ),
        (
            "names that look alike",
            head.to_owned()
                + &numbered(few, |number| {
                    // look-alikes of `o`, by the bits of the number
                    let name = (0..12).map(|bit| if number & (1 << bit) == 0 { 'o' } else { 'O' }).collect::<String>();
                    format!("[environments.{name}]\n")
                })
                + &freeze(0, ""),
        ),
        (
            "targets that capture all",
            head.to_owned()
                + &numbered(few, |number| format!("[environments.e{number}]\n[services.s{number}]\n"))
                + "[[targets]]\npaths = [\"{environment}/{service}/{region}/**\"]\n"
                + &numbered(20, |number| freeze(number, "")),
        ),
        (
            "targets of many paths and refs",
            head.to_owned()
                + &format!(
                    "[[targets]]\nenvironment = \"e\"\nrefs = [{}]\npaths = [{}]\n",
                    numbered(few, |number| format!("\"refs/heads/x{}\", ", number + moved)),
                    numbered(few, |number| format!("\"p{number}/**\", "))
                )
                + &freeze(0, ""),
        ),
    ]
}

/// Two that differ a little and two that share nothing: an answer, or "opened" if there is too much to compare.
#[test]
fn large_policies_have_an_answer() {
    let (before, after) = (large(4_000, 0), large(4_000, 1));
    for ((what, before), (_, after)) in before.into_iter().zip(after) {
        let other = "version = 1\n[environments.other]\n[[targets]]\npaths = [\"x/**\"]\nenvironment = \"other\"\n";
        let (old, new, other) = (load(before), load(after), load(other.to_owned()));
        let comparison = timed(&old, &new);
        if what != "targets that capture all" && what != "names that look alike" {
            assert!(comparison.opens().is_some(), "{what}");
        }
        assert!(timed(&old, &other).opens().is_some(), "{what}: nothing in common");
        timed(&other, &old);
        assert!(timed(&old, &old).openings.is_empty(), "{what}: the same");
    }
}

#[test]
fn what_takes_too_much_work_counts_as_opened() {
    let old = load("version = 1\n[environments.e]\nsettle = \"1m\"\n".to_owned());
    let new = load("version = 1\n[environments.e]\nsettle = \"2m\"\n".to_owned());
    let with = |most_steps| compare(&old, &new, &ComparisonOptions { most_steps, ..ComparisonOptions::at(AT) });
    assert!(with(1_000).openings.is_empty());
    for most_steps in 0..5 {
        assert!(is_too_much(&with(most_steps)), "{most_steps}");
    }
}

/// A comment is a line as well.
#[test]
fn a_million_lines_are_compared_or_refused_for_their_size() {
    let policy = |line: &str, settle: &str| {
        let lines = line.repeat(1_000_000);
        let freeze = "[[freezes]]\nname = \"f\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\n";
        Memory::one(format!("version = 1\n{lines}[environments.e]\nsettle = \"{settle}\"\n{freeze}"))
    };
    let (old, new) = (load_with(policy("#\n", "1m")), load_with(policy("#\n", "2m")));
    assert!(timed(&old, &new).openings.is_empty() && timed(&new, &old).opens().is_some());
    let faults = policy("# a line of a comment\n", "1m").load().unwrap_err();
    let text = report(&faults);
    assert!(text.contains("is larger than 8 MiB") && text.contains("split it into files"), "{text}");
    assert_eq!(faults.diagnostics.len(), 1);
}

/// Each file includes two others.
#[test]
fn an_include_that_grows_ends_with_the_most_files() {
    let file = |number: usize| format!("include = [\"f{}.toml\", \"f{}.toml\"]\n", 2 * number + 1, 2 * number + 2);
    let mut files = Memory::one(format!("version = 1\n{}[environments.e]\n", file(0)));
    for number in 1..2_000 {
        files = files.with(format!("f{number}.toml"), format!("version = 1\n{}", file(number)));
    }
    let text = report(&files.load().unwrap_err());
    assert!(text.contains(&format!("more than {MAX_FILES} policy files")), "{text}");
    const { assert!(MAX_BYTES >= 1_000_000) };
}

/// A roster of 10,000 keys is read, checked and compared.
#[test]
fn a_roster_of_ten_thousand_keys_is_compared() {
    let policy = |signed: &str, keys: std::ops::Range<u32>| {
        let members: String = keys.clone().map(|number| format!("\"p{number}@example.com\", ")).collect();
        let roster: String =
            keys.map(|number| lifting::roster_line(&format!("p{number}@example.com"), number)).collect();
        let text = format!(
            "version = 1\n[environments.e]\n[approvers]\nallowed_signers = \"roster\"\ngroups = {{ all = [{members}] }}\n\
             [[lifts]]\nlevel = \"hard\"\nsigned = [{signed}]\n"
        );
        load_with(Memory::one(text).with("roster", roster))
    };
    let start = Instant::now();
    let (old, new) = (policy("\"all\", \"any\"", 0..10_000), policy("\"all\", \"any\"", 5_000..15_000));
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    let texts: Vec<String> = timed(&old, &new).openings.into_iter().map(|one| one.text).collect();
    let (start, end) = ("the keys of p0@example.com, p10000@example.com, ", ", 9996 others in the roster");
    let keys = texts.iter().filter(|text| text.starts_with(start) && text.ends_with(end));
    assert!(texts.len() == 3 && keys.count() == 1, "{texts:?}");
    assert!(texts.iter().all(|text| text.len() < 400), "{texts:?}");
    assert!(timed(&old, &old).openings.is_empty());
}

/// To find so many different persons took a search as deep as there are signatures.
#[test]
fn a_lift_asks_for_no_more_signatures_than_a_grant_holds() {
    let load = |count: u32| {
        let roster: String =
            (0..count).map(|number| lifting::roster_line(&format!("p{number}@example.com"), number)).collect();
        let any = "\"any\", ".repeat(usize::try_from(count).unwrap());
        let lift = format!("[[lifts]]\nlevel = \"hard\"\nsigned = [{any}]\n");
        let text = format!("version = 1\n[environments.e]\n[approvers]\nallowed_signers = \"roster\"\n{lift}");
        Memory::one(text).with("roster", roster).load()
    };
    assert!(load(32).is_ok());
    let text = report(&load(5_000).unwrap_err());
    assert!(text.contains("a `[[lifts]]` entry asks for 5000 signatures, and a grant holds 32 at most"), "{text}");
}

/// Targets whose exceptions take much work to compare with each other.
fn intricate(numbers: impl Iterator<Item = usize>) -> String {
    numbers.fold(String::new(), |mut text, number| {
        write!(
            text,
            "[[targets]]\npaths = [\"**/a{number}/**\"]\nexcept = [\"**/b/**/c*d*e{number}/**\"]\nenvironment = \"e\"\n"
        )
        .unwrap();
        text
    })
}

const HEAD: &str = "version = 1\n[environments.e]\n[environments.other]\n[[freezes]]\nname = \"f\"\nhours = [\"Sat 01:00-23:00\"]\ntimezone = \"UTC\"\nenvironments = [\"e\"]\n";

const STOP: &str =
    "[[freezes]]\nname = \"stop\"\nfrom = 2027-02-01T00:00:00\nuntil = 2027-02-02T00:00:00\ntimezone = \"UTC\"\n";

/// As many steps as a text of so many targets may take: they are gone through, never searched.
fn few_steps(targets: usize) -> u64 {
    u64::try_from(targets).unwrap() * 400 + 100_000
}

#[test]
fn targets_that_stand_unchanged_take_no_searches() {
    for count in [20, 200, 2_000] {
        let old = load(HEAD.to_owned() + &intricate(0..count));
        let in_turn = intricate((0..count).rev());
        let edits = [
            ("in another order", format!("{HEAD}{in_turn}")),
            ("with a freeze", format!("{HEAD}{in_turn}{STOP}")),
            ("behind comments", format!("{HEAD}# targets\n{in_turn}")),
            ("with a new target", format!("{HEAD}{in_turn}[[targets]]\npaths = [\"x/**\"]\nenvironment = \"other\"\n")),
            (
                "with a duration",
                format!("{HEAD}{in_turn}").replace("[environments.other]", "[environments.other]\nsettle = \"1h\""),
            ),
        ];
        for (name, new) in edits {
            let options = ComparisonOptions { most_steps: few_steps(count), ..ComparisonOptions::at(AT) };
            let comparison = compare(&old, &load(new), &options);
            assert!(comparison.openings.is_empty(), "{count}, {name}: {:?}", comparison.openings);
        }
    }
}

#[test]
fn a_change_of_one_of_many_targets_is_found() {
    let old = load(HEAD.to_owned() + &intricate(0..240));
    let narrowed = intricate(0..240).replace("**/a7/**", "**/a7/*");
    let comparison = timed(&old, &load(format!("{HEAD}{narrowed}")));
    assert!(!comparison.openings.is_empty());
}

/// Whatever the rest of a policy is, and however few steps there are.
#[test]
fn an_edit_that_only_adds_a_freeze_opens_nothing_whatever_it_takes_to_compare() {
    for (name, text) in large(400, 0) {
        let old = load(text.clone());
        // in front of the others, too
        let first = text.replacen("[[freezes]]", &format!("{STOP}[[freezes]]"), 1);
        let stop = if text.contains("\n[[freezes]]") { first } else { format!("{text}{STOP}") };
        let none = ComparisonOptions { most_steps: 0, ..ComparisonOptions::at(AT) };
        for new in [format!("{text}{STOP}"), stop, format!("{text}# a comment\n")] {
            let new = load(new);
            let comparison = compare(&old, &new, &none);
            assert!(comparison.openings.is_empty(), "{name}: {:?}", comparison.openings);
        }
        // nor is anything else taken for such an edit
        let back = load(format!("{text}{STOP}"));
        assert!(!compare(&back, &old, &none).openings.is_empty(), "{name}, taken back");
        let with =
            load(format!("{text}{STOP}").replacen("[environments.", "[environments.another]\n[environments.", 1));
        assert!(!compare(&old, &with, &none).openings.is_empty(), "{name}, with an environment");
    }
}
