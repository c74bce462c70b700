//! What grows with what is sent, at 1, 10 and 100 times its size: nanoseconds for each item, side by side. Linear growth shows as
//! equal columns.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench reports, and ends where its data is wrong"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use freezegate::cli::{HookInput, ref_updates};
use freezegate::pattern::fold;
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::policy::load::{PolicyFiles, ReadFault, load};

/// 2027-01-01T00:00:00Z
const AT: i64 = 1_798_761_600;

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

/// A policy of `windows` freezes of an hour each, one a day, `moved` minutes late.
fn freezes(windows: usize, moved: usize) -> Policy {
    let mut text = "version = 1\n[environments.production]\n[[targets]]\npaths = [\"{environment}/**\"]\n".to_owned();
    for number in 0..windows {
        let (year, month, day) = (2027 + number / 336 % 9, number / 28 % 12 + 1, number % 28 + 1);
        let (hour, minute) = (number / 3024 % 23, moved % 60);
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
    for (what, moved) in [("windows compared, all equal", 0), ("windows compared, all different", 30)] {
        line(what, [100, 1_000, 10_000], |windows| {
            let (old, new) = (freezes(windows, 0), freezes(windows, moved));
            least(|| {
                black_box(compare(&old, &new, &ComparisonOptions::at(AT)));
            })
        });
    }
}
