//! The stages of a roll-out.

use jiff::civil::Date;
use toml::de::DeValue;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::check::context::Context;
use crate::policy::check::zones::REGION;
use crate::policy::kind::Level;
use crate::policy::read::{Section, WantedType, absolute, civil_date};
use crate::policy::rollout::{Rollout, RolloutStage};
use crate::time::instant::Instant;
use crate::time::window::Absolute;
use crate::time::zone::{ClockReading, Zone};

pub(super) const STAGE_KEYS: [&str; 3] = ["from", "level", "timezone"];

/// Reads `rollout` of an environment: each stage is later and stricter than the one before, and the last is hard.
pub(super) fn rollout(context: &Context<'_>, section: &Section<'_, '_>) -> Option<Rollout> {
    let list = section.list("rollout", "a stage", &STAGE_KEYS)?;
    section.report_empty(
        "rollout",
        &list,
        "write `[{ from = 2027-01-11, level = \"warn\" }, { from = 2027-02-01, level = \"hard\" }]`, or remove it",
    );
    let read: Vec<Option<RolloutStage>> = list.items.iter().map(|one| stage(context, &one.value)).collect();
    let stages: Vec<RolloutStage> = read.iter().copied().collect::<Option<_>>()?;
    let before = context.found.len();
    for pair in stages.windows(2) {
        if let [first, second] = pair {
            check_order(context, first, second);
        }
    }
    let is_ordered = context.found.len() == before;
    if let Some(last) = stages.last().filter(|last| is_ordered && last.level != Level::Hard) {
        section.error(
            Code::BadValue,
            last.place,
            format!("the last stage is `{}`, so nothing hard would ever be enforced", last.level.as_str()),
            "add a stage `hard`: from then on each window has the level that the policy gives it",
        );
    }
    (context.found.len() == before && !stages.is_empty()).then(|| Rollout::new(stages, list.place))
}

/// Reports a stage that is not later and stricter than the one before.
fn check_order(context: &Context<'_>, first: &RolloutStage, second: &RolloutStage) {
    let wrong = |cause: String, help: &str| {
        let error = Diagnostic::error(Code::Contradiction, cause).at(second.place);
        context.found.push(error.related(first.place, "the stage before").help(help));
    };
    if second.from <= first.from {
        wrong(
            "a stage does not begin after the one before it".to_owned(),
            "write the stages in the order of their dates",
        );
    }
    if second.level <= first.level {
        let (level, before) = (second.level.as_str(), first.level.as_str());
        wrong(
            format!("a stage is `{level}` after one that is `{before}`"),
            "make each stage stricter than the one before: `warn`, `soft`, `hard`; leave out those that you do not need",
        );
    }
}

fn stage(context: &Context<'_>, section: &Section<'_, '_>) -> Option<RolloutStage> {
    for (key, help) in [
        ("from", "write when the stage begins: `from = 2027-01-11`"),
        ("level", "write `level = \"warn\"`, `\"soft\"` or `\"hard\"`"),
    ] {
        if section.get(key).is_none() {
            section.missing(key, help);
        }
    }
    let level = level(section);
    let zone = match section.string("timezone") {
        None => section.get("timezone").is_none().then_some(None),
        Some(name) if name.value == REGION => {
            section.error(
                Code::BadValue,
                name.place,
                "a stage begins at one instant, not in each region's own time",
                "name the zone, such as `Europe/Berlin`",
            );
            None
        }
        Some(name) => context.zone_of_hours(name).map(Some),
    };
    let from = from(section, zone.as_ref().map(Option::as_deref));
    Some(RolloutStage { from: from?, level: level?, place: section.place })
}

fn level(section: &Section<'_, '_>) -> Option<Level> {
    let text = section.string("level")?;
    let level = Level::named(text.value);
    if level.is_none() {
        let help = match text.value {
            "report" => "write `warn`: it reports what the window would refuse, and refuses nothing",
            "off" => "write `warn`, or begin with the first stage that refuses: before it every window warns",
            _ => "write `warn`, `soft` or `hard`",
        };
        section.error(Code::BadValue, text.place, format!("`level` can't be `{}`", text.value), help);
    }
    level
}

/// The instant at which a stage begins, in seconds since 1970. `zone` is the one that it names, if any; `None` if that is wrong.
fn from(section: &Section<'_, '_>, zone: Option<Option<&Zone>>) -> Option<Instant> {
    let value = section.get("from")?;
    let place = section.at(&value.span());
    let wrong = |cause: String, help: String| {
        section.error(Code::InvalidTime, place, cause, help);
        None
    };
    let written = match value.get_ref() {
        DeValue::Datetime(written) => written,
        DeValue::String(text) if text.parse::<toml::value::Datetime>().is_ok() => {
            return wrong("a date must not be quoted".to_owned(), format!("write `{text}` without quotes"));
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => {
            section.wrong_type("from", value, WantedType::Date);
            return None;
        }
    };
    let date = written.date.map(civil_date);
    let (Some(Ok(date)), time) = (date, written.time) else {
        return wrong(format!("`{written}` is not a date"), "write `2027-01-11`".to_owned());
    };
    let moment = match time {
        None => return midnight(section, place, date, zone?),
        Some(_) => absolute(written),
    };
    match (moment, zone?) {
        (Some(Absolute::Exact(second)), None) => Some(second),
        (Some(Absolute::Exact(_)), Some(zone)) => {
            let cause = format!("`from` has an offset, and `timezone` names {} too", zone.name());
            section.error(Code::Contradiction, place, cause, "keep one of them");
            None
        }
        (Some(Absolute::Local(clock)), Some(zone)) => match zone.instant(clock, ClockReading::First) {
            Ok(second) => Some(second),
            Err(error) => wrong(error.to_string(), "write a date of this century".to_owned()),
        },
        (Some(Absolute::Local(_)), None) => wrong(
            format!("`{written}` is a time of no known zone"),
            format!(
                "add `timezone = \"Europe/Berlin\"` beside it, or an offset: `{written}Z`, `{written}+01:00`; \
                 `{date}` alone begins at midnight UTC"
            ),
        ),
        (None, _) => wrong(format!("`{written}` is not a date and a time"), format!("write `{date}T09:00:00Z`")),
    }
}

/// The first instant of a date in `zone`, or in UTC.
fn midnight(section: &Section<'_, '_>, place: Place, date: Date, zone: Option<&Zone>) -> Option<Instant> {
    let Some(zone) = zone else {
        return Some(Instant::start_of_day(date));
    };
    match zone.instant(date.at(0, 0, 0, 0), ClockReading::First) {
        Ok(second) => Some(second),
        Err(error) => {
            section.error(Code::InvalidTime, place, error.to_string(), "write a date of this century");
            None
        }
    }
}
