//! What grows with what is sent, at 1, 10 and 100 times its size: nanoseconds for each item, side by side. Linear growth shows as
//! equal columns. And how long it takes to compare policies as large as a company has.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench reports, and ends where its data is wrong"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use freezegate::change::CommandLine;
use freezegate::cli::{HookInput, ref_updates};
use freezegate::draft::PolicyDraft;
use freezegate::lint::{LintOptions, lint};
use freezegate::pattern::fold;
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::reach::{Shown, TargetMatcher};
use freezegate::time::instant;
use freezegate::time::seconds::Seconds;

mod commands;
mod large;
mod policies;

/// 2027-01-01T00:00:00Z
const AT: instant::Instant = instant::Instant::from_second(1_798_761_600);

/// The least of five runs, in nanoseconds.
fn least(mut run: impl FnMut()) -> u128 {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos()
    };
    (0..5).map(|_| time(&mut run)).min().unwrap()
}

fn line(what: &str, sizes: [usize; 3], mut measure: impl FnMut(usize) -> u128) {
    let mut text = format!("{what:<34}");
    for size in sizes {
        let total = measure(size);
        let each = total / u128::try_from(size).unwrap();
        write!(text, " {size:>9}: {each:>7} ns each").unwrap();
    }
    println!("{text}");
}

struct One(String);

impl PolicyFiles for One {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
        Ok(self.0.clone().into_bytes())
    }
}

fn policy(text: String) -> Policy {
    load(&One(text), &["freezegate.toml".to_owned()], &[]).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// A policy of `windows` freezes of an hour each, one a day, of which `edited` are half an hour late.
fn freezes(windows: usize, edited: usize) -> Policy {
    let mut text = "version = 1\n[environments.production]\n[[targets]]\npaths = [\"{environment}/**\"]\n".to_owned();
    for number in 0..windows {
        let (year, month, day) = (2027 + number / 336 % 9, number / 28 % 12 + 1, number % 28 + 1);
        let (hour, minute) = (number / 3024 % 23, if number < edited { 30 } else { 0 });
        let date = format!("{year}-{month:02}-{day:02}");
        write!(
            text,
            "[[freezes]]\nname = \"f{number}\"\nfrom = {date}T{hour:02}:{minute:02}:00\nuntil = {date}T{:02}:00:00\ntimezone = \"UTC\"\n",
            hour + 1
        )
        .unwrap();
    }
    policy(text)
}

fn main() {
    line("refs of one push, as read", [100, 1_000, 10_000], |count| {
        let (old, new) = ("1".repeat(40), "2".repeat(40));
        let input: String = (0..count).map(|number| format!("{old} {new} refs/heads/b{number}\n")).collect();
        least(|| {
            black_box(
                ref_updates(HookInput::PreReceive, input.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}")),
            );
        })
    });
    line("bytes of a name folded", [1_000, 10_000, 100_000], |length| {
        let name = "рrоｄ\u{200b}".repeat(length / 12 + 1);
        least(|| {
            black_box(fold(name.as_bytes()));
        })
    });
    for (what, edited) in [("windows compared, one different", 1), ("windows compared, all different", usize::MAX)] {
        line(what, [100, 1_000, 10_000], |windows| {
            let (old, new) = (freezes(windows, 0), freezes(windows, edited));
            least(|| {
                black_box(compare(&old, &new, &ComparisonOptions::at(AT)));
            })
        });
    }
    for (what, word) in [("targets of commands, one matches", "8"), ("targets of commands, none matches", "none")] {
        line(what, [100, 1_000, 10_000], |count| {
            let policy = policy("version = 1\n".to_owned() + &commands::targets(count));
            let words = ["fleet", word, "--env=lab", "--now"].map(|word| word.as_bytes().to_vec()).to_vec();
            let command = CommandLine { program: b"/usr/bin/fleet".to_vec(), words, facts: None };
            least(|| {
                let mut shown = Shown::default();
                let known = TargetMatcher::new(&policy).command_line(&command, &mut shown);
                assert_eq!(known, Ok(word == "8"));
                black_box(shown);
            })
        });
    }
    line("regions of 50 environments, linted", [5, 50, 500], |regions| {
        let policy = policy(large::regions(regions));
        let options = LintOptions {
            at: AT,
            weeks: 4,
            least_open: Seconds::hours(10),
            system_zone_rules: None,
            allowed: &[],
            coverage: &[],
        };
        least(|| {
            black_box(lint(&policy, &options).unwrap());
        })
    });
    line("files of a repository, drafted for", [10_000, 100_000, 1_000_000], |count| {
        let survey = large::survey(count);
        least(|| {
            black_box(PolicyDraft::new(&survey).text());
        })
    });
    rosters();
    company();
}

/// What a roster costs every check: it is read with the policy.
fn rosters() {
    let text = policies::regions_and_environments(20)
        + "[approvers]\nallowed_signers = \"keys\"\ngroups = { oncall = [\"p0@example.com\"] }\n";
    let [few, many] = [10, 10_000].map(|keys| {
        let files = WithRoster { policy: text.clone(), roster: large::roster(keys) };
        least(|| {
            black_box(load(&files, &["freezegate.toml".to_owned()], &[]).unwrap_or_else(|faults| panic!("{faults:?}")));
        })
    });
    let milliseconds = |nanoseconds: u128| nanoseconds as f64 / 1e6;
    println!(
        "a policy with 10 keys is read in {:.2} ms, with 10,000 keys in {:.2} ms",
        milliseconds(few),
        milliseconds(many)
    );
}

/// A policy and the keys of those who may sign.
struct WithRoster {
    policy: String,
    roster: String,
}

impl PolicyFiles for WithRoster {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        let text = if path == "keys" { &self.roster } else { &self.policy };
        Ok(text.clone().into_bytes())
    }
}

/// Edits of a policy of 20 regions and 50 environments, which serve all regions and have 20 freezes and two targets.
fn company() {
    let targets = "\n[[targets]]\npaths = [\"deploy/{environment}/{region}/**\"]\n[[targets]]\npaths = [\"shared/**\"]\n\
                   environment = \"*\"\nkind = \"config\"\n";
    let text = policies::regions_and_environments(20) + &policies::freezes(20, 5) + targets;
    let with = |from: &str, to: &str, times: usize| policy(text.replacen(from, to, times));
    let old = policy(text.clone());
    let edits = [
        ("the same", with("", "", 0)),
        ("a comment", with("version = 1", "version = 1 # one", 1)),
        ("one region at work for longer", with("08:00-18:00", "07:00-18:00", 1)),
        ("one region at work for less", with("08:00-18:00", "09:00-18:00", 1)),
        ("all regions at work for longer", with("08:00-18:00", "07:00-18:00", usize::MAX)),
        ("all regions at work for less", with("08:00-18:00", "09:00-18:00", usize::MAX)),
        ("one environment that settles", with("\n[environments.e0]\n", "\n[environments.e0]\nsettle = \"1h\"\n", 1)),
        ("one environment of fewer regions", with("\"r0\", \"r1\", ", "\"r1\", ", 1)),
        ("one target less", with(targets, "", 1)),
        ("one target of another kind", with("kind = \"config\"", "kind = \"deploy\"", 1)),
        ("nothing in common", policy("version = 1\n[environments.other]\n".to_owned())),
    ];
    println!("20 regions, 50 environments:");
    for (what, new) in &edits {
        let mut opened = 0;
        let nanoseconds = least(|| opened = black_box(compare(&old, new, &ComparisonOptions::at(AT))).openings.len());
        let milliseconds = Duration::from_nanos(u64::try_from(nanoseconds).unwrap()).as_secs_f64() * 1e3;
        println!("{what:<34} {milliseconds:>9.2} ms, opens {opened}");
    }
}
