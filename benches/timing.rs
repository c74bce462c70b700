//! Timing on a machine that does other things too: two things in turn, so that they share its moods, and medians.

use std::time::Duration;

/// What a pair of measurements, taken `A B A B …`, says.
pub(crate) struct Pair {
    a: Vec<Duration>,
    b: Vec<Duration>,
}

impl Pair {
    /// Takes `runs` measurements of each, after two that do not count.
    pub(crate) fn measure<E>(
        runs: usize,
        mut a: impl FnMut() -> Result<Duration, E>,
        mut b: impl FnMut() -> Result<Duration, E>,
    ) -> Result<Self, E> {
        for _ in 0..2 {
            a()?;
            b()?;
        }
        let mut pair = Self { a: Vec::with_capacity(runs), b: Vec::with_capacity(runs) };
        for _ in 0..runs {
            pair.a.push(a()?);
            pair.b.push(b()?);
        }
        Ok(pair)
    }

    /// One line: medians, minima, and the median of the ratios within each turn.
    pub(crate) fn line(&self, a: &str, b: &str) -> String {
        let ratios = self.a.iter().zip(&self.b).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
        format!(
            "{a:<34} {:>8.3} ms (min {:>8.3})   {b:<22} {:>8.3} ms (min {:>8.3})   ratio {:.2}",
            millis(median(self.a.clone())),
            millis(least(&self.a)),
            millis(median(self.b.clone())),
            millis(least(&self.b)),
            middle(ratios, f64::total_cmp),
        )
    }
}

/// The middle one.
pub(crate) fn median(times: Vec<Duration>) -> Duration {
    middle(times, Duration::cmp)
}

fn middle<T: Copy>(mut items: Vec<T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> T {
    items.sort_by(order);
    items[items.len() / 2]
}

fn least(times: &[Duration]) -> Duration {
    times.iter().copied().min().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
