//! `Intervals` against naive sets of seconds: all sets of a small world, then random pieces.

use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;
use proptest::prelude::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::time::span;

/// Seconds of the small world.
const WORLD: i64 = 8;

/// The set whose seconds are the bits of `mask`, made of one piece a second in reverse order.
fn set(mask: u32) -> Intervals {
    let bits = (0..WORLD).rev().filter(|second| mask & (1 << second) != 0);
    Intervals::union(bits.map(|second| span(second, second + 1)).collect())
}

/// The seconds of the small world that lie in `intervals`, by asking each piece.
fn mask(intervals: &Intervals) -> u32 {
    (0..WORLD)
        .filter(|second| {
            intervals
                .as_slice()
                .iter()
                .any(|piece| piece.from <= Instant::from_second(*second) && *second < piece.until.as_second())
        })
        .fold(0, |mask, second| mask | 1 << second)
}

/// Sorted, none empty, none touching the next.
fn is_normal(intervals: &Intervals) -> bool {
    intervals.as_slice().iter().all(|piece| piece.from < piece.until)
        && intervals.as_slice().windows(2).all(|pair| pair[0].until < pair[1].from)
}

#[test]
fn every_set_of_a_small_world_is_told_second_by_second() {
    for bits in 0..1 << WORLD {
        let set = set(bits);
        assert!(is_normal(&set), "{set:?}");
        assert_eq!(mask(&set), bits);
        assert_eq!(set.seconds(), Seconds::new(i64::from(bits.count_ones())));
        for second in -1..=WORLD {
            let here = (0..WORLD).contains(&second) && bits & (1 << second) != 0;
            let containing = set.containing(Instant::from_second(second));
            assert_eq!(containing.is_some(), here, "{second} in {set:?}");
            assert_eq!(
                containing,
                set.as_slice().iter().copied().find(|piece| piece.contains(Instant::from_second(second)))
            );
            let next = set.as_slice().iter().copied().find(|piece| piece.from > Instant::from_second(second));
            assert_eq!(set.next_after(Instant::from_second(second)), next, "after {second} in {set:?}");
        }
    }
}

#[test]
fn every_pair_of_sets_of_a_small_world_meets_second_by_second() {
    for left in 0..1 << WORLD {
        for right in 0..1 << WORLD {
            let both = set(left).intersection(&set(right));
            assert!(is_normal(&both), "{both:?}");
            assert_eq!(mask(&both), left & right);
            let rest = set(left).difference(&set(right));
            assert!(is_normal(&rest), "{rest:?}");
            assert_eq!(mask(&rest), left & !right);
            let pieces = [set(left).as_slice(), set(right).as_slice()].concat();
            assert_eq!(Intervals::union(pieces), set(left | right));
        }
    }
}

#[test]
fn every_complement_in_every_range_of_a_small_world_is_told_second_by_second() {
    for bits in 0..1 << WORLD {
        for from in 0..=WORLD {
            for until in 0..=WORLD {
                let range = span(from, until);
                let open = set(bits).complement(range);
                assert!(is_normal(&open), "{open:?}");
                let world = (from..until).fold(0_u32, |mask, second| mask | 1 << second);
                assert_eq!(mask(&open), world & !bits, "without {:?} in {range:?}", set(bits));
                assert!(open.as_slice().iter().all(|piece| piece.clipped(range) == *piece), "{open:?} in {range:?}");
            }
        }
    }
}

/// A runner that tries the same cases in every run.
fn runner() -> TestRunner {
    let config = Config { cases: 4_000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Pieces that overlap, touch, are empty or the wrong way round.
fn pieces() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((-60..60_i64, -60..60_i64), 0..12)
}

fn pieces_of(ends: &[(i64, i64)]) -> Vec<Interval> {
    ends.iter().map(|(from, until)| span(*from, *until)).collect()
}

fn holds(pieces: &[Interval], second: i64) -> bool {
    pieces.iter().any(|piece| piece.from <= Instant::from_second(second) && second < piece.until.as_second())
}

#[test]
fn random_pieces_hold_what_their_union_intersection_complement_and_difference_say() {
    let cases = (pieces(), pieces(), (-70..70_i64, -70..70_i64));
    runner()
        .run(&cases, |(left, right, (from, until))| {
            let (left, right) = (pieces_of(&left), pieces_of(&right));
            let range = span(from, until);
            let (a, b) = (Intervals::union(left.clone()), Intervals::union(right.clone()));
            let (both, rest, only) = (a.intersection(&b), a.complement(range), a.difference(&b));
            for intervals in [&a, &b, &both, &rest, &only] {
                proptest::prop_assert!(is_normal(intervals), "{intervals:?}");
            }
            let mut count = 0;
            for second in -75..75 {
                let (in_left, in_right) = (holds(&left, second), holds(&right, second));
                count += i64::from(in_left);
                let instant = Instant::from_second(second);
                proptest::prop_assert_eq!(a.containing(instant).is_some(), in_left);
                proptest::prop_assert_eq!(both.containing(instant).is_some(), in_left && in_right);
                proptest::prop_assert_eq!(only.containing(instant).is_some(), in_left && !in_right);
                proptest::prop_assert_eq!(rest.containing(instant).is_some(), range.contains(instant) && !in_left);
                // the first second after that begins a piece: it is inside and the one before is not
                let next = (second + 1..75).find(|next| holds(&left, *next) && !holds(&left, next - 1));
                proptest::prop_assert_eq!(a.next_after(instant).map(|piece| piece.from.as_second()), next);
            }
            proptest::prop_assert_eq!(a.seconds().get(), count);
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_bound_at_either_end_is_no_special_case() {
    let closed = Intervals::union(vec![span(i64::MIN, -5), span(-5, 0), span(10, i64::MAX)]);
    assert_eq!(closed.as_slice(), [span(i64::MIN, 0), span(10, i64::MAX)]);
    assert_eq!(closed.complement(Interval::FOREVER).as_slice(), [span(0, 10)]);
    assert_eq!(closed.containing(Instant::MIN), Some(span(i64::MIN, 0)));
    assert_eq!(closed.next_after(Instant::from_second(i64::MAX - 1)), None);
    assert_eq!(closed.seconds(), Seconds::MAX);
    assert_eq!(Interval::FOREVER.seconds(), Seconds::MAX);
    assert_eq!(Intervals::union(vec![Interval::FOREVER]).complement(Interval::FOREVER).as_slice(), []);
    assert_eq!(Intervals::union(Vec::new()).complement(Interval::FOREVER).as_slice(), [Interval::FOREVER]);
}
