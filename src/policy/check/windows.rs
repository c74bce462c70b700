//! Hours and moments of a policy as rules of windows.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::DateTime;
use toml::de::DeValue;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::check::context::Context;
use crate::policy::check::names::Names;
use crate::policy::read::{At, Section, Value, WantedType, absolute, civil_date};
use crate::time::calendar::Calendar;
use crate::time::guess::Guess;
use crate::time::guess::hours::guess_hours;
use crate::time::guess::moment::{MomentKey, guess_moment};
use crate::time::hours::Hours;
use crate::time::moment::{FORMS, Moment, Offset, Recurrence, Recurring};
use crate::time::syntax::{END_OF_DAY, Minute, SyntaxError, Word, clock, clock_text};
use crate::time::window::{Absolute, FURTHER_NOTICE, Rule, WindowEnd};

/// A moment of any sort, as `from` or `until` gives it.
enum WrittenMoment {
    Absolute(Absolute),
    Moment(Moment),
}

impl WrittenMoment {
    const fn sort(&self) -> &'static str {
        match self {
            Self::Absolute(FURTHER_NOTICE) => "further notice",
            Self::Absolute(Absolute::Local(_)) => "a local date and time",
            Self::Absolute(Absolute::Exact(_)) => "a date and time with an offset",
            Self::Moment(Moment::Recurring(Recurring { recurrence: Recurrence::Weekly(_), .. })) => "a weekly moment",
            Self::Moment(Moment::Recurring(Recurring { recurrence: Recurrence::Monthly(_), .. })) => "a monthly moment",
            Self::Moment(Moment::Recurring(Recurring { recurrence: Recurrence::Yearly(_, _), .. })) => {
                "a yearly moment"
            }
            Self::Moment(Moment::Around(_, _)) => "a moment around a calendar's dates",
            Self::Moment(Moment::Relative(_)) => "a relative moment",
        }
    }
}

/// The `until` of a freeze of which nobody knows when it ends.
const NO_END: &str = "further notice";

impl Context<'_> {
    /// Reports `error`; where it is known what the whole text was meant to say, with that.
    fn syntax(&self, code: Code, text: At<&str>, mut error: SyntaxError, guess: Option<Guess>) {
        if let Some(Guess { cause, help }) = guess {
            error.help = help;
            if let Some(cause) = cause {
                error.range = 0..text.value.len();
                error.cause = cause;
            }
        }
        self.found.push(Diagnostic::error(code, error.cause).at(self.inside(text, &error.range)).help(error.help));
    }

    /// The hours of a list; empty where all are faulty.
    pub(super) fn hours(&self, list: &[At<&str>]) -> Vec<Hours> {
        list.iter()
            .filter_map(|text| match text.value.parse::<Hours>() {
                Ok(hours) => Some(hours),
                Err(error) => {
                    self.syntax(Code::BadHours, *text, error, guess_hours(text.value));
                    None
                }
            })
            .collect()
    }

    /// The window of a freeze, with the places of what says it.
    pub(super) fn freeze_rule(
        &self,
        freeze: &Section<'_, '_>,
        calendars: &Names<Calendar>,
    ) -> Option<(Rule, [Place; 2])> {
        let (hours, from, until) = (freeze.get("hours"), freeze.get("from"), freeze.get("until"));
        if let (Some(hours), Some(other)) = (hours, from.or(until)) {
            self.found.push(
                Diagnostic::error(Code::Contradiction, "a freeze has either `hours` or `from` and `until`, not both")
                    .at(freeze.at(&hours.span()))
                    .related(freeze.at(&other.span()), "and this")
                    .help(
                        "keep `hours` for those hours of every week, or `from` and `until` for all the time between \
                         the two; for hours on some days alone, write a freeze for each day",
                    ),
            );
            return None;
        }
        if hours.is_some() {
            let list = freeze.strings("hours")?;
            freeze.report_empty("hours", &list, "write `hours = [\"Fri 12:00-24:00\"]`");
            let hours = self.hours(&list.items);
            return Some((Rule::Hours { hours, holidays: Vec::new() }, [list.place; 2]));
        }
        let help = "give its time with `from` and `until`, or with `hours`";
        match (from.is_some(), until.is_some()) {
            (true, true) => {}
            (false, true) => freeze.missing("from", help),
            (true, false) => freeze.missing("until", help),
            (false, false) => {
                freeze.error(Code::MissingKey, freeze.place, "a freeze lacks `from` and `until`", help);
            }
        }
        if let (Some(from), Some(until)) = (from, until)
            && let (Some(start), Some(end)) = (time_alone(from), time_alone(until))
        {
            let hours = format!("daily {}-{}", clock_text(start), clock_text(if end == 0 { END_OF_DAY } else { end }));
            if hours.parse::<Hours>().is_ok() {
                self.found.push(
                    Diagnostic::error(Code::InvalidTime, "`from` and `until` name no day")
                        .at(freeze.at(&from.span()))
                        .related(freeze.at(&until.span()), "the end")
                        .help(format!("write `hours = [\"{hours}\"]` in place of both, if it closes each day")),
                );
                return None;
            }
        }
        let from = from.and_then(|value| self.moment(freeze, ("from", value), calendars));
        let until = until.and_then(|value| self.moment(freeze, ("until", value), calendars));
        let (from, until) = (from?, until?);
        let rule = self.pair(freeze, &from, &until, calendars)?;
        Some((rule, [from.place, until.place]))
    }

    fn moment(
        &self,
        freeze: &Section<'_, '_>,
        (key, value): (&str, Value<'_, '_>),
        calendars: &Names<Calendar>,
    ) -> Option<At<WrittenMoment>> {
        let place = freeze.at(&value.span());
        let which = if key == "until" { MomentKey::Until } else { MomentKey::From };
        match value.get_ref() {
            DeValue::Datetime(written) => {
                let moment = absolute(written);
                if moment.is_none() {
                    let next = written.date.map(|date| civil_date(date).and_then(jiff::civil::Date::tomorrow));
                    let date = written.date.map(|date| date.to_string());
                    freeze.error(
                        Code::InvalidTime,
                        place,
                        format!("`{written}` is not a date with a time"),
                        match (key, next, date) {
                            ("until", Some(Ok(next)), Some(date)) => {
                                format!("write `{next}T00:00:00` if that day is still frozen, else `{date}T00:00:00`")
                            }
                            (_, _, Some(date)) => format!("write `{date}T00:00:00`"),
                            (_, _, None) => format!("write the date before it, as in `2026-11-26T{written}`"),
                        },
                    );
                }
                moment.map(|absolute| At { value: WrittenMoment::Absolute(absolute), place })
            }
            DeValue::String(text) if key == "until" && text == NO_END => {
                Some(At { value: WrittenMoment::Absolute(FURTHER_NOTICE), place })
            }
            DeValue::String(text) => match text.parse::<Moment>() {
                Ok(moment) => {
                    // a word before a time is the name of a calendar, or a day in words that no policy has
                    let unknown = matches!(&moment, Moment::Around(name, _) if !calendars.knows(name));
                    if let Some(Guess { cause, help }) = guess_moment(text, which).filter(|_| unknown) {
                        let cause = cause.unwrap_or_else(|| format!("`{text}` is not a moment"));
                        freeze.error(Code::InvalidTime, place, cause, help);
                        return None;
                    }
                    Some(At { value: WrittenMoment::Moment(moment), place })
                }
                Err(error) => {
                    if let Ok(quoted) = text.parse::<toml::value::Datetime>()
                        && quoted.time.is_some()
                    {
                        let help = format!("write `{text}` without quotes");
                        freeze.error(Code::InvalidTime, place, "a date and time must not be quoted", help);
                        return None;
                    }
                    self.syntax(Code::InvalidTime, At { value: text, place }, error, guess_moment(text, which));
                    None
                }
            },
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => {
                freeze.wrong_type(key, value, WantedType::Moment);
                None
            }
        }
    }

    fn pair(
        &self,
        freeze: &Section<'_, '_>,
        from: &At<WrittenMoment>,
        until: &At<WrittenMoment>,
        calendars: &Names<Calendar>,
    ) -> Option<Rule> {
        let never = |cause: &str, help: &str| {
            self.found.push(
                Diagnostic::error(Code::Contradiction, cause)
                    .at(until.place)
                    .related(from.place, "the start")
                    .help(help),
            );
            None
        };
        let after = |start: Offset, end: Offset| {
            end.days > 0 || end.minute > start.minute % (24 * 60) + if start.minute == 24 * 60 { 24 * 60 } else { 0 }
        };
        match (&from.value, &until.value) {
            (WrittenMoment::Moment(Moment::Relative(_)), _) => {
                freeze.error(
                    Code::InvalidTime,
                    from.place,
                    "only `until` may be relative",
                    "say on which day the freeze starts",
                );
                None
            }
            (WrittenMoment::Absolute(start), WrittenMoment::Absolute(FURTHER_NOTICE)) => {
                Some(Rule::Once { from: *start, until: WindowEnd::At(FURTHER_NOTICE) })
            }
            (
                WrittenMoment::Absolute(start @ Absolute::Local(a)),
                WrittenMoment::Absolute(end @ Absolute::Local(b)),
            ) => match backwards(b.cmp(a)) {
                None => Some(Rule::Once { from: *start, until: WindowEnd::At(*end) }),
                Some(cause) => never(cause, &swapped(freeze)),
            },
            (
                WrittenMoment::Absolute(start @ Absolute::Exact(a)),
                WrittenMoment::Absolute(end @ Absolute::Exact(b)),
            ) => match backwards(b.cmp(a)) {
                None => Some(Rule::Once { from: *start, until: WindowEnd::At(*end) }),
                Some(cause) => never(cause, &swapped(freeze)),
            },
            (WrittenMoment::Absolute(start), WrittenMoment::Moment(Moment::Relative(end))) => {
                let minute = match start {
                    Absolute::Local(clock) => minute_of(*clock),
                    // the local time depends on the zone: only an end on a later day is surely after it
                    Absolute::Exact(_) => 24 * 60,
                };
                if !after(Offset { days: 0, minute }, *end) {
                    return never(
                        "the freeze may end before it starts",
                        "give `until` a later day, such as `+1d 09:00`",
                    );
                }
                Some(Rule::Once { from: *start, until: WindowEnd::After(*end) })
            }
            (WrittenMoment::Moment(Moment::Recurring(start)), WrittenMoment::Moment(Moment::Relative(end))) => {
                if !after(start.offset, *end) {
                    return never("the freeze ends before it starts", "give `until` a later day, such as `+1d 09:00`");
                }
                Some(Rule::Recurring { from: *start, until: WindowEnd::After(*end) })
            }
            (WrittenMoment::Moment(Moment::Recurring(start)), WrittenMoment::Moment(Moment::Recurring(end)))
                if same_sort(start, end) =>
            {
                if start == end {
                    return never(
                        "the freeze starts and ends at the same moment, so it would never end",
                        "move one of them",
                    );
                }
                Some(Rule::Recurring { from: *start, until: WindowEnd::At(*end) })
            }
            (WrittenMoment::Moment(Moment::Around(name, start)), WrittenMoment::Moment(Moment::Around(other, end))) => {
                let calendar = self.calendar(freeze, "from", name, calendars);
                let other =
                    if name == other { calendar.clone() } else { self.calendar(freeze, "until", other, calendars) };
                let (calendar, other) = (calendar?, other?);
                if !Arc::ptr_eq(&calendar, &other) {
                    return never("`from` and `until` use different calendars", "use the same calendar in both");
                }
                match backwards((end.days, end.minute).cmp(&(start.days, start.minute))) {
                    None => Some(Rule::Around { calendar, from: *start, until: WindowEnd::At(*end) }),
                    Some(cause) => never(cause, "swap them, or fix the days"),
                }
            }
            (WrittenMoment::Moment(Moment::Around(name, start)), WrittenMoment::Moment(Moment::Relative(end))) => {
                let calendar = self.calendar(freeze, "from", name, calendars);
                if !after(*start, *end) {
                    return never("the freeze ends before it starts", "give `until` a later day, such as `+1d 09:00`");
                }
                Some(Rule::Around { calendar: calendar?, from: *start, until: WindowEnd::After(*end) })
            }
            (
                WrittenMoment::Absolute(_) | WrittenMoment::Moment(_),
                WrittenMoment::Absolute(_) | WrittenMoment::Moment(_),
            ) => {
                self.found.push(
                    Diagnostic::error(
                        Code::Contradiction,
                        format!("`from` is {}, `until` {}", from.value.sort(), until.value.sort()),
                    )
                    .at(until.place)
                    .related(from.place, "the start")
                    .help(if matches!(until.value, WrittenMoment::Absolute(FURTHER_NOTICE)) {
                        "give `from` a date and time without quotes: a recurring freeze ends each time"
                    } else {
                        "write both in the same form, or `until` relative to the day of `from`: `+1d 09:00`"
                    }),
                );
                None
            }
        }
    }

    /// The calendar that the moment of `key` names as `name`.
    fn calendar(
        &self,
        freeze: &Section<'_, '_>,
        key: &str,
        name: &str,
        calendars: &Names<Calendar>,
    ) -> Option<Arc<Calendar>> {
        let text = freeze.string(key)?;
        let start = text.value.find(name).unwrap_or(0);
        let place = self.inside(text, &(start..start + name.len()));
        if calendars.is_empty() {
            let help = format!("define it in `[calendars]`, or {FORMS}");
            let error = Diagnostic::error(Code::UnknownName, format!("there is no calendar `{name}`"));
            self.found.push(error.at(place).help(help));
            return None;
        }
        calendars.resolve(At { value: name, place }, self.found)
    }
}

/// The minute of a value that is a time of day without a day.
fn time_alone(value: Value<'_, '_>) -> Option<Minute> {
    match value.get_ref() {
        DeValue::Datetime(written) if written.date.is_none() => {
            let time = written
                .time
                .filter(|time| time.second.unwrap_or_default() == 0 && time.nanosecond.unwrap_or_default() == 0)?;
            Some(u16::from(time.hour) * 60 + u16::from(time.minute))
        }
        DeValue::String(text) => clock(Word { text, start: 0 }).ok(),
        DeValue::Datetime(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
}

/// Returns what to write for two dates of which the later is the start.
fn swapped(freeze: &Section<'_, '_>) -> String {
    let written = |key: &str| freeze.get(key).and_then(|value| value.get_ref().as_datetime().map(ToString::to_string));
    match (written("from"), written("until")) {
        (Some(from), Some(until)) if from != until => {
            format!("if the two are swapped, write `from = {until}`, `until = {from}`; else fix the dates")
        }
        (_, _) => "move `until` to a later moment".to_owned(),
    }
}

/// Returns what is wrong with an end that is not after its start; `order` is that of the two.
const fn backwards(order: Ordering) -> Option<&'static str> {
    match order {
        Ordering::Less => Some("the freeze ends before it starts"),
        Ordering::Equal => Some("the freeze ends when it starts"),
        Ordering::Greater => None,
    }
}

const fn same_sort(a: &Recurring, b: &Recurring) -> bool {
    match (a.recurrence, b.recurrence) {
        (Recurrence::Weekly(_), Recurrence::Weekly(_))
        | (Recurrence::Monthly(_), Recurrence::Monthly(_))
        | (Recurrence::Yearly(_, _), Recurrence::Yearly(_, _)) => true,
        (Recurrence::Weekly(_) | Recurrence::Monthly(_) | Recurrence::Yearly(_, _), _) => false,
    }
}

fn minute_of(clock: DateTime) -> u16 {
    let minutes = i16::from(clock.hour()) * 60 + i16::from(clock.minute());
    // seconds round up, so that an end in the same minute does not pass for a later one
    u16::try_from(minutes).unwrap_or(0) + u16::from(clock.second() > 0)
}
