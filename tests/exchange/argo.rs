//! Sync windows as Argo CD reads them: `SyncWindows.active`, `inactiveAllows` and `CanSync` of `pkg/apis/application/v1alpha1/types.go`
//! (argoproj/argo-cd, commit 37ee0097) with `SpecSchedule.Next` of `spec.go` and `getField` of `parser.go` (robfig/cron, commit bc59245f).
//! Zones are chrono-tz's.

use chrono::{DateTime, Datelike, Months, NaiveDateTime, TimeDelta, Timelike};
use serde::Deserialize;

use crate::time::second_opinion::{offset, tz};

/// A window of `spec.syncWindows`, with the keys that the custom resource has.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SyncWindow {
    pub(crate) kind: String,
    pub(crate) schedule: String,
    pub(crate) duration: String,
    #[serde(default)]
    pub(crate) time_zone: String,
    pub(crate) applications: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) manual_sync: bool,
}

/// `SpecSchedule`: a bit for each number; bit 63 for a star.
struct Spec {
    minute: u64,
    hour: u64,
    dom: u64,
    month: u64,
    dow: u64,
}

const STAR: u64 = 1 << 63;

/// `getField` and `getRange`, names of months and weekdays left out.
fn field(text: &str, min: u64, max: u64) -> u64 {
    text.split(',')
        .map(|part| {
            let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let single = !range.contains('-');
            let (start, mut end, mut extra) = match range.split_once('-') {
                None if range == "*" || range == "?" => (min, max, STAR),
                None => (range.parse().unwrap(), range.parse().unwrap(), 0),
                Some((start, end)) => (start.parse().unwrap(), end.parse().unwrap(), 0),
            };
            let step: u64 = step.map_or(1, |step| step.parse().unwrap());
            if part.contains('/') {
                end = if single { max } else { end };
                extra = if step > 1 { 0 } else { extra };
            }
            assert!(min <= start && end <= max && start <= end && step > 0, "{part}");
            (start..=end).step_by(usize::try_from(step).unwrap()).fold(extra, |bits, one| bits | 1 << one)
        })
        .fold(0, |all, bits| all | bits)
}

impl Spec {
    fn parse(text: &str) -> Self {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, dom, month, dow] = <[&str; 5]>::try_from(fields).unwrap();
        Self {
            minute: field(minute, 0, 59),
            hour: field(hour, 0, 23),
            dom: field(dom, 1, 31),
            month: field(month, 1, 12),
            dow: field(dow, 0, 6),
        }
    }

    fn day_matches(&self, at: NaiveDateTime) -> bool {
        let dom = 1 << at.day() & self.dom > 0;
        let dow = 1 << at.weekday().num_days_from_sunday() & self.dow > 0;
        if (self.dom | self.dow) & STAR > 0 { dom && dow } else { dom || dow }
    }

    /// The first time after `from` that the line names, in UTC as Argo CD asks.
    fn next(&self, from: NaiveDateTime) -> NaiveDateTime {
        let midnight = |at: NaiveDateTime| at.date().and_hms_opt(0, 0, 0).unwrap();
        let mut at = from + TimeDelta::seconds(1);
        let limit = at.year() + 5;
        loop {
            assert!(at.year() <= limit, "no time within five years");
            if 1 << at.month() & self.month == 0 {
                at = midnight(at).with_day(1).unwrap() + Months::new(1);
            } else if !self.day_matches(at) {
                at = midnight(at) + TimeDelta::days(1);
            } else if 1 << at.hour() & self.hour == 0 {
                at = midnight(at) + TimeDelta::hours(i64::from(at.hour()) + 1);
            } else if 1 << at.minute() & self.minute == 0 || at.second() != 0 {
                at = at.with_second(0).unwrap() + TimeDelta::minutes(1);
            } else {
                return at;
            }
        }
    }
}

/// `time.ParseDuration` of hours, minutes and seconds.
fn duration(text: &str) -> TimeDelta {
    let (mut total, mut number) = (0, String::new());
    for letter in text.chars() {
        let unit = match letter {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                number.push(digit);
                continue;
            }
        };
        total += unit * number.parse::<i64>().unwrap();
        number.clear();
    }
    assert!(number.is_empty(), "{text}");
    TimeDelta::seconds(total)
}

/// The windows of a project, each with the last answer of `Next` and what it was about.
pub(crate) struct SyncWindows(Vec<Read>);

struct Read {
    window: SyncWindow,
    spec: Spec,
    length: TimeDelta,
    /// What `Next` was asked for last, and what it said.
    last: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl SyncWindows {
    pub(crate) fn new(windows: Vec<SyncWindow>) -> Self {
        let read = |window: SyncWindow| {
            assert!(["allow", "deny"].contains(&window.kind.as_str()) && window.applications.is_some());
            let (spec, length) = (Spec::parse(&window.schedule), duration(&window.duration));
            Read { window, spec, length, last: None }
        };
        Self(windows.into_iter().map(read).collect())
    }

    /// `CanSync(false, nil)`.
    pub(crate) fn can_sync(&mut self, at: i64) -> bool {
        let (mut denied, mut allowed, mut has_allow) = (false, false, false);
        for Read { window, spec, length, last } in &mut self.0 {
            let zone = if window.time_zone.is_empty() { "UTC" } else { &window.time_zone };
            // the offset of now, added to now in UTC
            let local = DateTime::from_timestamp(at + offset(tz(zone), at), 0).unwrap().naive_utc();
            let asked = local - *length;
            let next = match *last {
                Some((from, next)) if from <= asked && asked < next => next,
                _ => spec.next(asked),
            };
            *last = Some((asked, next));
            let active = next < local;
            let is_allow = window.kind == "allow";
            has_allow |= is_allow;
            allowed |= is_allow && active;
            denied |= !is_allow && active;
            assert!(!window.manual_sync);
        }
        !denied && (allowed || !has_allow)
    }
}
