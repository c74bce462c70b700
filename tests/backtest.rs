//! Backtests: each change comes out as a decision made alone, and what it cost as counting by hand.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use freezegate::backtest::incidents;
use freezegate::backtest::judging::BacktestJudge;
use freezegate::backtest::replay::Replay;
use freezegate::backtest::rows::{LONGEST_ROW, TableError, TableNotes, read};
use freezegate::backtest::tally::Thaw;
use freezegate::backtest::{PastChange, PastVerdict};
use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::standing::standing;
use freezegate::decision::{Decision, Schedule, Verdict};
use freezegate::policy::{Kind, KindSet, Policy};
use freezegate::reach;
use freezegate::reach::{Declared, DeclaredNames};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::policies::files::{Case, Memory};
use crate::time::dice::Dice;
use crate::time::second_opinion::{offset, tz};

fn second(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn load(text: &str) -> Policy {
    Memory::one(text).load().unwrap()
}

/// Names of a policy by chance, among them none and several.
fn names(dice: &mut Dice, policy: &Policy) -> DeclaredNames {
    let mut some = |all: Vec<String>, least: i64| -> Vec<String> {
        let count = dice.within(least, 2).min(i64::try_from(all.len()).unwrap());
        (0..count)
            .map(|_| {
                let place = usize::try_from(dice.within(0, i64::try_from(all.len()).unwrap() - 1)).unwrap();
                all.get(place).unwrap().clone()
            })
            .collect()
    };
    DeclaredNames {
        environments: some(policy.environments.iter().map(|one| one.name.clone()).collect(), 1),
        regions: some(policy.regions.iter().map(|one| one.name.clone()).collect(), 0),
        services: some(policy.services.iter().map(|one| one.name.clone()).collect(), 0),
        kinds: some(Kind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(), 0),
    }
}

/// The same change, decided alone.
fn alone(policy: &Policy, declared: &Declared, duration: Option<Seconds>, at: Instant) -> Option<Decision> {
    let mut reach = reach::declared(policy, declared);
    if declared.rollback {
        for reached in &mut reach.reached {
            reached.kinds = reached.kinds.union(KindSet::ROLLBACK);
        }
    }
    let standing = standing(&reach);
    if reach.reached.is_empty() && standing.is_empty() {
        return None;
    }
    let question = DecisionQuestion { policy, reach: &reach, declared, duration, granted: &[] };
    Some(Schedule::decide_at(&question, &standing, at).unwrap())
}

#[test]
fn each_change_comes_out_as_a_decision_made_alone() {
    let mut dice = Dice::new(18);
    let (mut refused, mut never, mut too_late) = (0, 0, 0);
    for case in Case::all("policies") {
        let policy = case.load().unwrap();
        let replay = Replay::new(&policy);
        for _ in 0..800 {
            let declared = Declared::resolve(&names(&mut dice, &policy), &policy).unwrap();
            // to the second, around the clock changes and at the ends of years
            let at =
                dice.within(second("2025-01-01T00:00:00Z").as_second(), second("2028-02-01T00:00:00Z").as_second());
            let at = if dice.one_in(3) { at - at % 3600 + dice.within(-1, 1) } else { at };
            let duration = dice.one_in(2).then(|| Seconds::new(dice.pick(&[0, 60, 5400, 36_000, 200_000, 2_600_000])));
            let profile = replay.said(&declared).unwrap();
            let verdict =
                replay.judge(&PastChange { at: Instant::from_second(at), duration, profile, name: None }).unwrap();
            let of = format!("{}: {declared:?} for {duration:?} at {at}", case.name);
            let Some(decision) = alone(&policy, &declared, duration, Instant::from_second(at)) else {
                assert_eq!(verdict, PastVerdict::ReachesNothing, "{of}");
                continue;
            };
            match verdict {
                PastVerdict::ReachesNothing => panic!("{of}"),
                PastVerdict::Allowed => assert_eq!(decision.verdict, Verdict::Allowed, "{of}"),
                PastVerdict::Refused(refusal) => {
                    assert_eq!(decision.verdict, Verdict::Refused, "{of}");
                    assert_eq!(refusal.next_open, decision.next_open, "{of}");
                    let windows = replay.windows();
                    let mut met: Vec<String> =
                        refusal.windows.iter().map(|number| windows[*number].id.to_string()).collect();
                    let refusing = decision.findings.iter().filter(|finding| finding.refuses());
                    let mut expected: Vec<String> = refusing.map(|finding| finding.id.to_string()).collect();
                    met.sort_unstable();
                    met.dedup();
                    expected.sort_unstable();
                    expected.dedup();
                    assert_eq!(met, expected, "{of}");
                    refused += 1;
                    never += usize::from(refusal.next_open.is_none());
                    too_late +=
                        usize::from(decision.findings.iter().all(|one| one.code.as_str() == "window-too-short"));
                }
            }
        }
    }
    assert!(refused > 1000 && never > 50 && too_late > 20, "{refused} {never} {too_late}");
}

/// A roll-out does not hide what the policy will refuse.
#[test]
fn a_policy_that_is_rolled_out_is_judged_as_it_will_be() {
    let [plain, staged] = ["", "rollout = [{ from = 2999-01-01, level = \"hard\" }]\n"].map(|rollout| {
        let header = "[environments.production]\n";
        Memory::one(PLAIN.replace(header, &format!("{header}{rollout}"))).load().unwrap()
    });
    let names = DeclaredNames { environments: vec!["production".to_owned()], ..DeclaredNames::default() };
    let (mut refused, mut all) = (0, 0);
    let (first, last) = (second("2025-07-01T00:00:00Z"), second("2025-07-15T00:00:00Z"));
    for at in (first.as_second()..last.as_second()).step_by(1800) {
        let at = Instant::from_second(at);
        let [before, after] = [&plain, &staged].map(|policy| {
            let replay = Replay::new(policy);
            let profile = replay.said(&Declared::resolve(&names, policy).unwrap()).unwrap();
            matches!(
                replay.judge(&PastChange { at, duration: None, profile, name: None }).unwrap(),
                PastVerdict::Refused(_)
            )
        });
        assert_eq!(before, after, "{at:?}");
        (refused, all) = (refused + usize::from(after), all + 1);
    }
    assert!(refused > 100 && refused + 100 < all, "{refused} of {all}");
}

/// Core hours in two zones, and a freeze, on a wall clock by other rules than the program's.
const PLAIN: &str = "version = 1
[regions.us]
timezones  = [\"America/New_York\", \"America/Los_Angeles\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[regions.eu]
timezones  = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
duration = \"10m\"
settle   = \"20m\"
[environments.staging]
during_core_hours = \"off\"
[[freezes]]
name     = \"audit\"
from     = \"Sat 10:00\"
until    = \"Sun 09:00\"
timezone = \"UTC\"
";

/// Returns whether the clock of a zone reads core hours at a minute.
fn at_work(zone: &str, at: Instant) -> bool {
    let at = at.as_second();
    let wall = at + offset(tz(zone), at);
    let (day, minute) = (wall.div_euclid(86_400), wall.rem_euclid(86_400) / 60);
    // 1970-01-01 was a Thursday
    (day + 3).rem_euclid(7) < 5 && (480..1080).contains(&minute)
}

fn closed(zones: &[&str], at: Instant) -> bool {
    let week = (at.as_second() + 3 * 86_400).rem_euclid(7 * 86_400);
    let audit = (5 * 86_400 + 36_000..6 * 86_400 + 32_400).contains(&week);
    audit || zones.iter().any(|zone| at_work(zone, at))
}

#[test]
fn waits_and_batches_are_those_of_going_minute_by_minute() {
    let policy = load(PLAIN);
    let replay = Replay::new(&policy);
    let mut judging = BacktestJudge::new(&replay, 3, (None, None));
    let (us, eu) = (vec!["America/New_York", "America/Los_Angeles"], vec!["Europe/Berlin"]);
    let all = [us.clone(), eu.clone()].concat();
    let mut dice = Dice::new(7);
    let mut held: Vec<(Instant, Instant)> = Vec::new();
    let (mut changes, mut waited) = (BTreeMap::new(), Seconds::ZERO);
    for _ in 0..400 {
        let at = second("2026-03-01T00:00:00Z") + Seconds::new(60 * dice.within(0, 60 * 24 * 60));
        let (region, zones) = dice.pick(&[("us", &us), ("eu", &eu), ("", &all)]);
        let runway = dice.pick(&[None, Some(7200), Some(60)]);
        let names = DeclaredNames {
            environments: vec!["production".to_owned()],
            regions: (!region.is_empty()).then(|| region.to_owned()).into_iter().collect(),
            ..DeclaredNames::default()
        };
        let profile = replay.said(&Declared::resolve(&names, &policy).unwrap()).unwrap();
        judging.add(PastChange { at, duration: runway.map(Seconds::new), profile, name: None }, String::new);
        *changes.entry(region).or_insert(0_u64) += 1;
        let minutes = (runway.unwrap_or(0).max(600) + 1200) / 60;
        let fits = |start: &Instant| (0..minutes).all(|minute| !closed(zones, *start + Seconds::new(minute * 60)));
        let open = (0..).map(|minute| at + Seconds::new(minute * 60)).find(&fits).unwrap();
        if open > at {
            held.push((at, open));
            waited += open - at;
        }
    }
    let judged = judging.finish();
    let tally = &judged.tally;
    assert_eq!((tally.all.changes, tally.all.refused, tally.all.never), (400, u64::try_from(held.len()).unwrap(), 0));
    assert_eq!(tally.all.waited, Seconds::new(waited.get()));
    assert_eq!(tally.all.longest, held.iter().map(|(at, open)| *open - *at).max().unwrap());
    assert_eq!(
        tally.regions.iter().map(|toll| toll.changes).collect::<Vec<_>>(),
        [changes["eu"] + changes[""], changes["us"] + changes[""]].to_vec()
    );
    let mut batches: BTreeMap<Instant, u64> = BTreeMap::new();
    for (_, open) in &held {
        *batches.entry(*open).or_default() += 1;
    }
    assert_eq!(
        tally.thaws().map(|thaw| (thaw.at, thaw.changes)).collect::<Vec<_>>(),
        batches.clone().into_iter().collect::<Vec<_>>()
    );
    assert_eq!(tally.largest_batch().unwrap().changes, *batches.values().max().unwrap());
    // at each minute, how many wait
    let waiting = |at: Instant| held.iter().filter(|(from, open)| *from <= at && at < *open).count();
    let (first, last) = (held.iter().map(|one| one.0).min().unwrap(), held.iter().map(|one| one.1).max().unwrap());
    let most = (first.as_second()..last.as_second()).step_by(60).map(Instant::from_second).map(waiting).max().unwrap();
    let Thaw { at, changes } = tally.most_at_once().unwrap();
    assert_eq!((usize::try_from(changes).unwrap(), waiting(at - Seconds::new(60))), (most, most));
    assert!(most > 3 && tally.windows.len() == 3, "{most}");
    let longest: Vec<Seconds> = tally.longest_waits().iter().map(|held| held.wait).collect();
    let mut waits: Vec<Seconds> = held.iter().map(|(at, open)| *open - *at).collect();
    waits.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(longest, waits[..100]);
}

/// Outages elsewhere, by a policy with the core hours that the data knows.
#[test]
fn incidents_are_stopped_at_the_hours_that_the_data_says() {
    let bytes = include_bytes!("data/incidents.json");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(bytes).unwrap();
    let incidents = incidents::read(bytes).unwrap();
    let zones: BTreeSet<&str> = incidents.iter().flat_map(|one| &one.regions).map(String::as_str).collect();
    let region = |zone: &&str| {
        let name = zone.replace('/', "-").to_lowercase();
        format!("[regions.{name}]\ntimezones = [\"{zone}\"]\ncore_hours = [\"Mon-Fri 09:00-17:00\"]\n")
    };
    let regions: String = zones.iter().map(region).collect();
    let policy = load(&format!("version = 1\n{regions}[environments.production]\n"));
    let replay = Replay::new(&policy);
    let strange = br#"[{"id": "a", "at": "2025-07-09T21:45:00Z", "environment": "beta"}, {"id": "b", "at": "now", "environment": "production"},
        {"id": "c", "at": "2025-07-09T21:45:00Z", "environment": "production", "regions": ["Asia/Pyongyang"]}]"#;
    for judged in incidents::judge(&replay, incidents::read(strange).unwrap()) {
        assert_eq!((judged.outcome.as_str(), judged.outcome.is_beyond_clocks()), ("not-judged", false), "{judged:?}");
    }
    let mut seen = BTreeMap::new();
    for (row, judged) in rows.iter().zip(incidents::judge(&replay, incidents)) {
        let is = |key: &str| row.get(key).and_then(serde_json::Value::as_bool).unwrap();
        let is_core = row.get("in_core_hours").unwrap().as_object().unwrap().values().any(|one| one == true);
        let text = |key: &str| row.get(key).and_then(serde_json::Value::as_str).unwrap();
        let expected = match text("actual_env") {
            _ if !is("observable_by_gate") => "unseen",
            "production" if is("rollback") && text("declared_env") == "production" => "rollback",
            "production" if is_core => "stopped",
            "production" if text("declared_env") != "production" => "mismatch",
            "production" => "open",
            _ => "not-judged",
        };
        assert_eq!(judged.outcome.as_str(), expected, "{row}");
        *seen.entry(expected).or_insert(0) += 1;
    }
    assert_eq!(seen.values().sum::<i32>(), 32);
    assert!(["unseen", "rollback", "stopped", "open", "mismatch"].iter().all(|one| seen.contains_key(one)), "{seen:?}");
}

/// Threads and batches change nothing.
#[test]
fn the_same_comes_out_whoever_counts() {
    let policy = load(PLAIN);
    let replay = Replay::new(&policy);
    let names = DeclaredNames { environments: vec!["production".to_owned()], ..DeclaredNames::default() };
    let profile = replay.said(&Declared::resolve(&names, &policy).unwrap()).unwrap();
    let tallies = [1, 2, 7].map(|threads| {
        let mut judging = BacktestJudge::new(&replay, threads, (Some(second("2020-01-02T00:00:00Z")), None));
        let mut dice = Dice::new(3);
        for _ in 0..70_000 {
            let at =
                dice.within(second("2020-01-01T00:00:00Z").as_second(), second("2026-01-01T00:00:00Z").as_second());
            judging.add(
                PastChange { at: Instant::from_second(at), duration: None, profile: profile.clone(), name: None },
                String::new,
            );
        }
        let judged = judging.finish();
        let tally = judged.tally;
        let longest: Vec<_> = tally.longest_waits().into_iter().cloned().collect();
        let counted = (tally.all, tally.windows.clone(), tally.days.clone(), longest, judged.left_out);
        (counted, tally.most_at_once(), tally.thaws().collect::<Vec<_>>())
    });
    assert!(tallies[0] == tallies[1] && tallies[0] == tallies[2]);
    assert!(tallies[0].0.0.refused > 10_000 && tallies[0].0.4 > 10);
}

#[test]
fn instants_at_the_ends_of_time_are_judged_or_told() {
    let policy = load(PLAIN);
    let replay = Replay::new(&policy);
    let names = DeclaredNames { environments: vec!["production".to_owned()], ..DeclaredNames::default() };
    let profile = replay.said(&Declared::resolve(&names, &policy).unwrap()).unwrap();
    let mut judging = BacktestJudge::new(&replay, 2, (None, None));
    let ends = ["1970-01-01T00:00:00Z", "2099-07-06T15:00:00Z", "-009999-01-05T00:00:00Z", "9999-12-30T00:00:00Z"];
    for (place, at) in ends.iter().enumerate() {
        judging.add(PastChange { at: second(at), duration: None, profile: profile.clone(), name: None }, || {
            place.to_string()
        });
    }
    let judged = judging.finish();
    assert_eq!((judged.tally.all.changes, judged.tally.all.refused), (2, 2));
    let places: Vec<&str> = judged.first_unjudged.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["2", "3"]);
    assert!(judged.first_unjudged[0].cause.contains("first or last date"));
}

/// Numbers of lines, each with its instant or what is wrong.
type Lines = Vec<(u64, Result<Instant, String>)>;

/// The lines of a table with what is wrong in them, or the instants of its rows.
fn rows(table: &[u8]) -> Result<(Lines, TableNotes), String> {
    let mut found = Vec::new();
    // pieces of a few bytes, so that everything comes in parts
    let notes = read(&mut BufReader::with_capacity(7, table), &mut |line, row| {
        found.push((line, row.map(|row| row.at).map_err(|bad| bad.cause)));
        ControlFlow::Continue(())
    });
    match notes {
        Ok(notes) => Ok((found, notes)),
        Err(TableError::Malformed(cause, help)) => Err(format!("{cause}; {help}")),
        Err(TableError::Unreadable(error)) => Err(error.to_string()),
    }
}

#[test]
fn tables_are_read_in_each_form_that_is_documented() {
    let at = second("2026-07-06T12:00:00Z");
    let wide =
        format!("[{}{{\"time\": \"2026-07-06T12:00:00Z\", \"environment\": \"p\"}}]", " ".repeat(3 * LONGEST_ROW));
    for table in [
        wide.as_str(),
        "time,environment\n2026-07-06T12:00:00Z,production\n",
        "time,environment\r\n2026-07-06T14:00:00+02:00,production\r\n",
        "\u{feff}environment;time\nproduction;2026-07-06 12:00:00Z",
        "id\ttime\tenvironment\nx\t2026-07-06T12:00:00Z\tproduction\n",
        "\"time\",\"environment\"\n\n\"2026-07-06T12:00:00Z\",\"production\"\n",
        "[{\"time\": \"2026-07-06T12:00:00Z\", \"environment\": [\"production\", \"staging\"], \"duration\": 60}]",
        " \n{\"time\": \"2026-07-06T12:00:00Z\", \"environment\": \"production\", \"region\": null, \"id\": 7}\n\n",
    ] {
        let (found, notes) = rows(table.as_bytes()).unwrap();
        assert_eq!((found.len(), found[0].1.clone(), notes.rows), (1, Ok(at), 1), "{table}");
    }
    let two = "time,environment,note,duration\n2026-07-06T12:00:00Z,production,\"a\nb\",5m\n2026-07-06T12:00:00Z,\n";
    let (found, notes) = rows(two.as_bytes()).unwrap();
    assert_eq!(notes.unused, ["note"]);
    assert_eq!(found[0], (3, Ok(at)));
    assert_eq!(found[1], (4, Err("it has 2 columns, the first line of the table 4".to_owned())));
}

#[test]
fn each_bad_row_is_told_with_its_line_and_none_hides_another() {
    for (row, cause) in [
        ("yesterday,production,,,,,", "`time`: `yesterday` is not an instant"),
        ("2026-07-06,production,,,,,", "`time`: `2026-07-06` has no offset; add `Z` for UTC"),
        ("2026-07-06T12:00:00,production,,,,,", "has no offset"),
        ("2026-07-06T12:00:00+02:00[Europe/Berlin],production,,,,,", "is not an instant"),
        (",production,,,,,", "it has no `time`"),
        ("2026-07-06T12:00:00Z,,,,,,", "it has no `environment`"),
        ("2026-07-06T12:00:00Z,production,,,,40d,", "`duration`: `40d` is longer than 31 days"),
        ("2026-07-06T12:00:00Z,production,,,,5,", "`duration`: `5` is not a duration"),
        ("2026-07-06T12:00:00Z,production", "it has 2 columns"),
        ("2026-07-06T12:00:00Z,production,,,,,,", "it has 8 columns"),
    ] {
        let table =
            format!("time,environment,region,service,kind,duration,id\n{row}\n2026-07-06T12:00:00Z,production,,,,,\n");
        let (found, notes) = rows(table.as_bytes()).unwrap();
        assert_eq!((found.len(), notes.rows), (2, 2), "{row}");
        assert!(found[0].0 == 2 && found[0].1.as_ref().unwrap_err().contains(cause), "{row}: {found:?}");
        assert_eq!(found[1], (3, Ok(second("2026-07-06T12:00:00Z"))), "{row}");
    }
    let bytes = b"time,environment\n2026-07-06T12:00:00Z,prod\xff\n";
    assert_eq!(rows(bytes).unwrap().0[0], (2, Err("`environment` is not UTF-8".to_owned())));
    let json = "{\"time\": 5, \"environment\": \"x\"}\n[1]\n{\"time\"\n{\"time\": \"2026-07-06T12:00:00Z\", \"environment\": [3]}\n";
    let (found, _) = rows(json.as_bytes()).unwrap();
    let causes: Vec<&str> = found.iter().map(|(_, row)| row.as_ref().unwrap_err().as_str()).collect();
    assert_eq!((causes[0], causes[1]), ("`time` is not a text", "it is not an object"));
    assert!(causes[2].contains("not one object of JSON a line") && causes[3] == "`environment` holds more than names");
}

#[test]
fn a_table_that_cannot_be_understood_is_an_error_with_a_way_out() {
    for (table, cause, help) in [
        ("", "the table is empty", "begin it with a header line"),
        ("\n \n", "the table is empty", "begin it with a header line"),
        ("2026-07-06T12:00:00Z,production\n", "the table has no column `time`", "the first line names the columns"),
        ("time,region\n", "the table has no column `environment`", "the first line names the columns"),
        ("time,enviroment\n", "column `enviroment`, which is not known", "did you mean `environment`?"),
        ("time,environment,regoin\n", "column `regoin`", "did you mean `region`?"),
        ("time,time,environment\n", "two columns `time`", "remove one"),
        ("[{\"time\":", "the table is not JSON", "an array of objects"),
        ("{\"time\": \"2026-07-06T12:00:00Z\", \"enviroment\": \"x\"}", "`enviroment`", "did you mean `environment`?"),
    ] {
        let told = rows(table.as_bytes()).unwrap_err();
        assert!(told.contains(cause) && told.contains(help), "{table}: {told}");
    }
}

/// Bytes without end, as many as are asked for.
struct Flood {
    begin: &'static [u8],
    piece: &'static [u8],
    left: usize,
    place: usize,
}

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.begin.is_empty() {
            return self.begin.read(buffer);
        }
        let count = buffer.len().min(self.left);
        for byte in buffer.iter_mut().take(count) {
            *byte = *self.piece.get(self.place).unwrap();
            self.place = (self.place + 1) % self.piece.len();
        }
        self.left -= count;
        Ok(count)
    }
}

/// What is read is not kept: a row without end costs time, and is told.
#[test]
fn rows_without_end_are_told_and_what_follows_is_read() {
    let count = |begin, piece, left| {
        let mut input = BufReader::new(Flood { begin, piece, left, place: 0 });
        let (mut good, mut bad) = (0_u64, Vec::new());
        read(&mut input, &mut |line, row| {
            match row {
                Ok(_) => good += 1,
                Err(one) => bad.push((line, one.cause)),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        (good, bad)
    };
    let (good, bad) = count(b"time,environment\n\"never closed\n", b"2026-07-06T12:00:00Z,p\n", 20 << 20);
    assert_eq!((good, bad.len()), (0, 1));
    assert!(bad[0].1.contains("a quote that is never closed; nothing up to its end is judged"), "{bad:?}");
    let (good, bad) = count(b"time,environment\n", b"2026-07-06T12:00:00Z,p\n", 23 * 50_000);
    assert_eq!((good, bad.len()), (50_000, 0));
    let (good, bad) = count(b"{}\n", b"xxxxxxxx", 20 << 20);
    assert_eq!((good, bad.len()), (0, 2));
    assert!(bad[1].1.contains("longer than 64 KiB"), "{bad:?}");
    let long = format!("time,environment\n{},p\n2026-07-06T12:00:00Z,p\n", "x".repeat(LONGEST_ROW));
    let (found, _) = rows(long.as_bytes()).unwrap();
    assert!(found[0].0 == 2 && found[0].1.is_err() && found[1] == (3, Ok(second("2026-07-06T12:00:00Z"))), "{found:?}");
}
