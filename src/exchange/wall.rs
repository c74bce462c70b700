//! What a policy closes for one environment, as windows that start and end at fixed times of the wall clock; and all that is not one.

use std::sync::Arc;

use jiff::civil::Date;

use crate::diagnostic::{Code, Diagnostic, FileId, Place, listed};
use crate::exchange::cron::CronDays;
use crate::exchange::wall_days::{DAY_MINUTES, recurring, shifted, weekdays};
use crate::policy::{Environment, FindingId, Freeze, FreezeScope, FreezeZone, KindSet, Policy, Region};
use crate::time::hours::Hours;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::window::Rule;
use crate::time::zone::Zone;

/// The minutes of a week.
const WEEK_MINUTES: usize = 7 * 24 * 60;

/// A window between two times of the wall clock.
#[derive(Debug, Clone)]
pub(crate) struct WallWindow {
    /// By what grants name it, such as `core-hours/us`.
    pub(crate) id: String,
    /// The line of the policy.
    pub(crate) place: Place,
    /// The time zone.
    pub(crate) zone: Arc<Zone>,
    /// The days on which it starts.
    pub(crate) days: CronDays,
    /// The time, in minutes since midnight; less than a day.
    pub(crate) start: u16,
    /// The days on which it ends, if they can be named.
    pub(crate) end_days: Option<CronDays>,
    /// The time, in minutes since midnight; less than a day.
    pub(crate) end: u16,
    /// Its length on the wall calendar, in whole minutes, if that is always the same.
    pub(crate) length: Option<Seconds>,
    /// Dates to come on which it does not start, as the window itself starts and not one that is `earlier`.
    pub(crate) left_out: Vec<Date>,
}

/// A window for which there is no line of cron, but dates.
#[derive(Debug, Clone)]
pub(crate) struct DatedWindow {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) zone: Arc<Zone>,
    pub(crate) rule: Rule,
}

/// The dates that the other program's windows can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WallYears {
    /// Lines of cron, which have no years.
    Never,
    /// Dates, too; what starts so much before a window has to recur as well.
    Dated(Seconds),
}

impl WallWindow {
    /// The same, starting `runway` earlier, cut to whole minutes; `None` if the days of that start can't be named.
    pub(crate) fn earlier(&self, runway: Seconds) -> Option<Self> {
        let runway = runway.rounded_down(Seconds::minutes(1));
        let start_minute = i64::from(self.start) - runway.get() / 60;
        let days = start_minute.div_euclid(i64::from(DAY_MINUTES));
        Some(Self {
            days: shifted(self.days, i32::try_from(days).ok()?)?,
            start: u16::try_from(start_minute.rem_euclid(i64::from(DAY_MINUTES))).ok()?,
            length: self.length.map(|length| length + runway),
            ..self.clone()
        })
    }
}

/// The windows of a policy for an environment.
#[derive(Debug, Default)]
pub(crate) struct WallWindows {
    /// The times when it is closed.
    pub(crate) closed: Vec<WallWindow>,
    /// The times when alone it is open, runs of hours already joined; the line of the policy, if there are such windows.
    pub(crate) open: Vec<WallWindow>,
    /// The place where the change windows are, if there are any.
    pub(crate) open_place: Option<Place>,
    /// The times when it is closed besides, if the other program's windows can have dates.
    pub(crate) dated: Vec<DatedWindow>,
    /// Everything that can't be said.
    pub(crate) unsayable: Vec<Diagnostic>,
    /// Everything that the other program would stop and the policy does not.
    pub(crate) stricter: Vec<Diagnostic>,
}

/// Collects the windows of `environment` in `regions` (all, if the policy has none) from `now` on. Windows that only warn are none.
pub(crate) fn wall_windows(
    policy: &Policy,
    environment: &Arc<Environment>,
    regions: &[Arc<Region>],
    now: Instant,
    years: WallYears,
) -> WallWindows {
    let mut found = WallWindows::default();
    if let Some(rollout) = environment.rollout.as_ref().filter(|one| one.last().is_some_and(|last| last.from > now)) {
        let cause = format!("`{}` is rolled out by stages, and other programs have no levels", environment.name);
        found.unsayable.push(inexact(cause, rollout.place, "export it after the last stage, or remove `rollout`"));
    }
    if environment.during_core_hours.is_some_and(|level| level.refuses()) {
        for region in regions {
            let Some(core_hours) = &region.core_hours else {
                continue;
            };
            let id = FindingId::of_core_hours(&region.name).to_string();
            for zone in &region.zones {
                found.rule(&core_hours.rule, (&id, core_hours.place), zone, (now, years));
            }
        }
    }
    for window in &environment.change_windows {
        found.open_place = Some(environment.change_windows_place);
        match &window.rule {
            Rule::Hours { .. } => {}
            Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => {
                let cause = "change windows are not weekly hours";
                found.unsayable.push(inexact(cause, window.place, "write `hours`"));
            }
        }
    }
    found.open = open_runs(environment);
    let own = policy.freezes_of(environment).filter(|freeze| freeze.level.refuses());
    for freeze in own.filter(|freeze| is_asked(freeze, regions)) {
        found.freeze(freeze, regions, (now, years));
    }
    found.passes(policy, environment);
    found
}

/// An item of what can't be said.
pub(crate) fn inexact(cause: impl Into<String>, place: Place, help: &str) -> Diagnostic {
    Diagnostic::error(Code::Inexact, cause).at(place).help(help)
}

fn is_asked(freeze: &Freeze, regions: &[Arc<Region>]) -> bool {
    freeze.regions.is_all() || regions.iter().any(|region| freeze.regions.contains(region))
}

impl WallWindows {
    fn freeze(&mut self, freeze: &Freeze, regions: &[Arc<Region>], now: (Instant, WallYears)) {
        let name = FindingId::of_freeze(&freeze.name).to_string();
        if freeze.is_always || !freeze.hazards.is_all() {
            let cause = format!("the freeze `{}` is for some changes only, as Terraform plans show them", freeze.name);
            let cause = if freeze.hazards.is_all() {
                format!("the freeze `{}` is at every hour, for some kinds of change", freeze.name)
            } else {
                cause
            };
            let help = "remove it from a copy of the policy, and export that";
            self.unsayable.push(inexact(cause, freeze.place, help));
            return;
        }
        let zones: Vec<&Arc<Zone>> = match &freeze.zone {
            FreezeZone::Zone(zone) => vec![zone],
            FreezeZone::Region => {
                let closed = regions.iter().filter(|region| freeze.regions.contains(region));
                closed.flat_map(|region| &region.zones).collect()
            }
        };
        for zone in zones {
            self.rule(&freeze.rule, (&name, freeze.rule_place), zone, now);
        }
    }

    /// Adds the windows of a rule, or says why there are none.
    fn rule(&mut self, rule: &Rule, (id, place): (&str, Place), zone: &Arc<Zone>, (now, years): (Instant, WallYears)) {
        if !matches!(rule, Rule::Hours { .. }) && rule.last_date().is_some_and(|last| last < now) && !is_around(rule) {
            return;
        }
        let mut refuse = |cause: String, help: &str| {
            // a freeze of several zones is one line of the policy
            let item = inexact(cause, place, help);
            if !self.unsayable.contains(&item) {
                self.unsayable.push(item);
            }
        };
        let dated = || DatedWindow { id: id.to_owned(), place, zone: Arc::clone(zone), rule: rule.clone() };
        let has_years = years != WallYears::Never;
        match rule {
            Rule::Once { .. } | Rule::Around { .. } if has_years => self.dated.push(dated()),
            Rule::Hours { hours, holidays } => {
                let today = zone.date(now).unwrap_or(Date::MIN);
                let is_ahead = |date: &Date| *date >= today;
                let calendar = holidays.iter().find(|calendar| calendar.dates.iter().any(is_ahead));
                if let Some(calendar) = calendar.filter(|_| !has_years) {
                    let cause = format!("`{id}` has holidays (`{}`), and a cron line has no years", calendar.name);
                    refuse(cause, "remove `holidays` from a copy of the policy, and export that");
                }
                let ahead = holidays.iter().flat_map(|calendar| calendar.dates.iter().copied());
                let ahead: Vec<Date> = ahead.filter(|date| has_years && is_near(date, today)).collect();
                for entry in hours {
                    let mut left_out: Vec<Date> =
                        ahead.iter().copied().filter(|date| entry.days().contains(date.weekday())).collect();
                    left_out.sort_unstable();
                    left_out.dedup();
                    self.closed.push(WallWindow { left_out, ..of_hours(entry, id, place, zone) });
                }
            }
            Rule::Once { .. } => {
                let cause = format!("`{id}` comes once, and a cron line has no years: it would come every year");
                refuse(cause, "close it by hand when it comes, or use `export ics`");
            }
            Rule::Around { calendar, .. } => {
                let cause = format!("`{id}` depends on the dates of `{}`, and a cron line has no years", calendar.name);
                refuse(cause, "close it by hand when it comes, or use `export ics`");
            }
            Rule::Recurring { from, until } => {
                let window = recurring(from, until).map(|shape| WallWindow {
                    id: id.to_owned(),
                    place,
                    zone: Arc::clone(zone),
                    days: shape.days,
                    start: shape.start,
                    end_days: shape.end_days,
                    end: shape.end,
                    length: shape.length,
                    left_out: Vec::new(),
                });
                let recurs = |window: &WallWindow, runway: Seconds| {
                    window.earlier(runway).is_some_and(|early| early.length.is_some())
                };
                match (window, years) {
                    (Some(window), WallYears::Never) => self.closed.push(window),
                    (Some(window), WallYears::Dated(runway)) if recurs(&window, runway) => self.closed.push(window),
                    (Some(_) | None, WallYears::Dated(_)) => self.dated.push(dated()),
                    (None, WallYears::Never) => {
                        let cause = format!("`{id}` starts on a day that a cron line can't name");
                        refuse(cause, "write it with a day of the month, without a shift of days");
                    }
                }
            }
        }
    }

    /// What the policy lets pass these windows, and another program doesn't.
    fn passes(&mut self, policy: &Policy, environment: &Arc<Environment>) {
        let named = |kinds: KindSet| listed(kinds.iter().map(|kind| kind.as_str()));
        let mut exempt: Vec<(KindSet, Place)> = Vec::new();
        if !self.closed.is_empty() || self.open_place.is_some() {
            exempt.push((environment.exempt, environment.place));
        }
        let freezes: Vec<&Freeze> = policy.freezes_of(environment).filter(|freeze| freeze.level.refuses()).collect();
        exempt.extend(freezes.iter().map(|freeze| (freeze.exempt, freeze.place)));
        let mut all = KindSet::NONE;
        exempt.iter().for_each(|(kinds, _)| all = all.union(*kinds));
        if let Some((_, place)) = exempt.iter().find(|(kinds, _)| !kinds.is_empty()) {
            let cause = format!("changes of kind {} are exempt, but other programs have no kinds", named(all));
            self.stricter.push(inexact(cause, *place, STRICTER));
        }
        for freeze in &freezes {
            if let Some(kinds) = freeze.kinds {
                let cause = format!("the freeze `{}` is for kinds of change only ({})", freeze.name, named(kinds));
                self.stricter.push(inexact(cause, freeze.place, STRICTER));
            }
            if let FreezeScope::Only(services) = &freeze.services {
                let services = listed(services.iter().map(|service| service.name.as_str()));
                let cause = format!("the freeze `{}` is for services only ({services})", freeze.name);
                self.stricter.push(inexact(cause, freeze.place, STRICTER));
            }
        }
        if let Some(lift) = policy.lifts.first().filter(|_| !self.closed.is_empty() || self.open_place.is_some()) {
            let cause = "`[[lifts]]` let people override these windows, and only freezegate reads grants";
            self.stricter.push(inexact(cause, lift.place, STRICTER));
        }
    }
}

/// The help for what the other program stops and the policy does not.
const STRICTER: &str = "`--stricter` exports windows that stop such changes too";

/// Returns whether a date is today, to come, or so shortly over that a window of that day can still be open.
fn is_near(date: &Date, today: Date) -> bool {
    WallSecond::midnight(*date) >= WallSecond::midnight(today) - Seconds::days(3)
}

const fn is_around(rule: &Rule) -> bool {
    matches!(rule, Rule::Around { .. })
}

fn of_hours(entry: &Hours, id: &str, place: Place, zone: &Arc<Zone>) -> WallWindow {
    let days = weekdays(entry.days().bits());
    let next_day = entry.crosses_midnight() || entry.end() == DAY_MINUTES;
    let length = Seconds::minutes(i64::from(entry.end()) - i64::from(entry.start()));
    WallWindow {
        id: id.to_owned(),
        place,
        zone: Arc::clone(zone),
        days,
        start: entry.start(),
        end_days: shifted(days, i32::from(next_day)),
        end: entry.end() % DAY_MINUTES,
        length: Some(if entry.crosses_midnight() { length + Seconds::days(1) } else { length }),
        left_out: Vec::new(),
    }
}

/// The change windows of an environment; those of one zone that touch or overlap are one.
fn open_runs(environment: &Environment) -> Vec<WallWindow> {
    let mut zones: Vec<&Arc<Zone>> = Vec::new();
    for window in &environment.change_windows {
        if !zones.iter().any(|zone| zone.name() == window.zone.name()) {
            zones.push(&window.zone);
        }
    }
    let mut found = Vec::new();
    for zone in zones {
        let mut open = Week::default();
        for window in environment.change_windows.iter().filter(|window| window.zone.name() == zone.name()) {
            let Rule::Hours { hours, .. } = &window.rule else {
                continue;
            };
            for entry in hours {
                let one = of_hours(entry, "", window.place, zone);
                starts_of(&one).into_iter().for_each(|(start, count)| open.cover(start, count));
            }
        }
        let id = format!("change-window/{}", environment.name);
        found.extend(runs(&open.0, true, &id, environment.change_windows_place, zone));
    }
    found
}

/// The starts of a weekly window, each as a minute of a week from Sunday and the number of minutes that it lasts.
fn starts_of(window: &WallWindow) -> Vec<(usize, usize)> {
    let (CronDays::Weekdays(bits), Some(length)) = (window.days, window.length) else {
        return Vec::new();
    };
    let count = usize::try_from(length.get() / 60).unwrap_or(0);
    let days = (0..7_usize).filter(|day| bits >> day & 1 == 1);
    days.map(|day| (day * usize::from(DAY_MINUTES) + usize::from(window.start), count)).collect()
}

/// The runs of minutes of a week that are `wanted`, those of the same time and length as one window. A week that is so throughout is one
/// window of each day.
fn runs(week: &[bool], wanted: bool, id: &str, place: Place, zone: &Arc<Zone>) -> Vec<WallWindow> {
    let at = |minute: usize| week.get(minute % WEEK_MINUTES).copied().unwrap_or(false) == wanted;
    let mut found: Vec<(u16, usize, u8)> = Vec::new();
    let begins: Vec<usize> = (0..WEEK_MINUTES).filter(|minute| at(*minute) && !at(minute + WEEK_MINUTES - 1)).collect();
    if begins.is_empty() && at(0) {
        found.push((0, usize::from(DAY_MINUTES), 0b111_1111));
    }
    for begin in begins {
        let count = (1..WEEK_MINUTES).find(|count| !at(begin + count)).unwrap_or(WEEK_MINUTES);
        let minute = u16::try_from(begin % usize::from(DAY_MINUTES)).unwrap_or(0);
        let day = 1_u8.checked_shl(u32::try_from(begin / usize::from(DAY_MINUTES)).unwrap_or(0)).unwrap_or(0);
        match found.iter_mut().find(|(start, known, _)| (*start, *known) == (minute, count)) {
            Some((_, _, days)) => *days |= day,
            None => found.push((minute, count, day)),
        }
    }
    let windows = found.into_iter().map(|(start, count, days)| {
        let end = usize::from(start) + count;
        let days = CronDays::Weekdays(days);
        WallWindow {
            id: id.to_owned(),
            place,
            zone: Arc::clone(zone),
            days,
            start,
            end_days: shifted(days, i32::try_from(end / usize::from(DAY_MINUTES)).unwrap_or(0)),
            end: u16::try_from(end % usize::from(DAY_MINUTES)).unwrap_or(0),
            length: i64::try_from(count).ok().map(Seconds::minutes),
            left_out: Vec::new(),
        }
    });
    windows.collect()
}

/// When none of `open`, all weekly and of one zone, is; `None` if they are of several zones.
pub(crate) fn gaps(open: &[WallWindow], place: Place, id: &str) -> Option<Vec<WallWindow>> {
    let zone = &open.first()?.zone;
    let mut week = Week::default();
    for window in open {
        if window.zone.name() != zone.name() {
            return None;
        }
        starts_of(window).into_iter().for_each(|(start, count)| week.cover(start, count));
    }
    Some(runs(&week.0, false, id, place, zone))
}

/// A window of `length` that starts at minutes of weekdays (bits, Sunday the lowest): the runs of the week that it covers.
pub(crate) fn weekly_runs(
    days: u8,
    starts: impl Iterator<Item = u16>,
    length: Seconds,
    zone: &Arc<Zone>,
) -> Vec<WallWindow> {
    let count = usize::try_from(length.get() / 60).unwrap_or(WEEK_MINUTES).min(WEEK_MINUTES);
    let mut week = Week::default();
    for start in starts {
        for day in (0..7_usize).filter(|day| days >> day & 1 == 1) {
            week.cover(day * usize::from(DAY_MINUTES) + usize::from(start), count);
        }
    }
    week.runs(zone)
}

/// Returns what lies between each start and the next end after it, both at times of weekdays.
pub(crate) fn weekly_pairs(from: (u8, &[u16]), until: (u8, &[u16]), zone: &Arc<Zone>) -> Vec<WallWindow> {
    let minutes = |(days, times): (u8, &[u16])| -> Vec<usize> {
        let days = (0..7_usize).filter(|day| days >> day & 1 == 1);
        days.flat_map(|day| times.iter().map(move |time| day * usize::from(DAY_MINUTES) + usize::from(*time))).collect()
    };
    let ends = minutes(until);
    let mut week = Week::default();
    for start in minutes(from) {
        // an end at the same minute is a week away
        let next = ends.iter().map(|end| (end + WEEK_MINUTES - start - 1) % WEEK_MINUTES + 1).min();
        week.cover(start, next.unwrap_or(WEEK_MINUTES));
    }
    week.runs(zone)
}

/// Minutes of a week.
struct Week(Vec<bool>);

impl Default for Week {
    fn default() -> Self {
        Self(vec![false; WEEK_MINUTES])
    }
}

impl Week {
    fn cover(&mut self, start: usize, count: usize) {
        (start..start + count).for_each(|minute| {
            if let Some(minute) = self.0.get_mut(minute % WEEK_MINUTES) {
                *minute = true;
            }
        });
    }

    fn runs(&self, zone: &Arc<Zone>) -> Vec<WallWindow> {
        runs(&self.0, true, "", Place::new(FileId::nth(0), &(0..0)), zone)
    }
}
