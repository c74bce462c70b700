//! TOML tables as a policy's sections: every key known, every value of its type, everything else an error with its place.

use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostic::{Code, Collector, Diagnostic, FileId, Place, listed};
use crate::policy::duration;
use crate::time::names::nearest;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::window::Absolute;

mod wanted;

pub(super) use wanted::WantedType;

/// A value with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// A list that a policy wrote.
pub(crate) struct List<T> {
    /// The items of the right type.
    pub(crate) items: Vec<At<T>>,
    /// True if nothing stands in it, not even something of a wrong type.
    pub(crate) is_empty: bool,
    pub(crate) place: Place,
}

pub(crate) type Value<'d, 't> = &'d Spanned<DeValue<'t>>;

/// A table whose keys have been checked against those of its section.
#[derive(Clone, Copy)]
pub(crate) struct Section<'d, 't> {
    table: &'d DeTable<'t>,
    /// The marks of the keys that are there: most that are asked for are not, and need not be searched for.
    marks: u32,
    /// The header of the table, or the inline table.
    pub(crate) place: Place,
    /// What it is for people, such as "a region".
    noun: &'static str,
    pub(crate) found: &'d Collector,
}

/// A bit that distinguishes most keys.
fn mark(key: &str) -> u32 {
    let first = key.bytes().next().map_or(0, usize::from);
    1 << ((first * 3 + key.len()) % 32)
}

fn key_text<'d>(key: &'d Spanned<DeString<'_>>) -> &'d str {
    key.get_ref().as_ref()
}

/// The key that is meant by `text`.
fn near_key(text: &str, keys: &[&'static str], found: &Collector) -> Option<&'static str> {
    let nearest = || if found.has_enough() { None } else { nearest(text, keys.iter().copied()) };
    synonym(text, keys).or_else(nearest)
}

impl<'d, 't> Section<'d, 't> {
    /// The table, reporting every key that is not in `keys`.
    pub(crate) fn new(
        table: &'d DeTable<'t>,
        place: Place,
        noun: &'static str,
        keys: &[&'static str],
        found: &'d Collector,
    ) -> Self {
        let mut section = Self { table, marks: 0, place, noun, found };
        for key in table.keys() {
            let text = key_text(key);
            section.marks |= mark(text);
            if !keys.contains(&text) {
                let error = Diagnostic::error(Code::UnknownKey, format!("{noun} has no key `{text}`"));
                let help = match (near_key(text, keys, found), keys) {
                    (Some(near), _) => format!("did you mean `{near}`?"),
                    (None, [only]) => format!("its only key is `{only}`"),
                    (None, _) => format!("its keys are {}", listed(keys.iter().copied())),
                };
                found.push(error.at(section.at(&key.span())).help(help));
            }
        }
        section
    }

    /// Returns whether a key that is not in `keys` is probably meant to be `key`, as [`new`](Self::new) reports.
    pub(crate) fn has_slip_for(&self, key: &str, keys: &[&'static str]) -> bool {
        let mut unknown = self.table.keys().map(key_text).filter(|text| !keys.contains(text));
        unknown.any(|text| near_key(text, keys, self.found) == Some(key))
    }

    /// The table, whatever its keys.
    pub(crate) fn unchecked(table: &'d DeTable<'t>, place: Place, noun: &'static str, found: &'d Collector) -> Self {
        let marks = table.keys().fold(0, |marks, key| marks | mark(key_text(key)));
        Self { table, marks, place, noun, found }
    }

    pub(crate) fn at(&self, range: &Range<usize>) -> Place {
        Place::new(self.place.file, range)
    }

    pub(crate) fn error(&self, code: Code, place: Place, cause: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::error(code, cause).at(place).help(help));
    }

    pub(crate) fn get(&self, key: &str) -> Option<Value<'d, 't>> {
        if self.marks & mark(key) == 0 { None } else { self.table.get(key) }
    }

    /// The place of a key's value, else of the table.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or(self.place, |value| self.at(&value.span()))
    }

    /// Reports that `key` is not there.
    pub(crate) fn missing(&self, key: &str, help: impl Into<String>) {
        self.error(Code::MissingKey, self.place, format!("{} lacks `{key}`", self.noun), help);
    }

    /// Reports that the value of `key` is not as `wanted`.
    pub(in crate::policy) fn wrong_type(&self, key: &str, value: Value<'_, '_>, wanted: WantedType) {
        let found = wanted::type_name(value.get_ref());
        let cause = format!("`{key}` of {} must be {}, not {found}", self.noun, wanted.as_str());
        self.report_type(key, value, wanted, cause);
    }

    fn report_type(&self, key: &str, value: Value<'_, '_>, wanted: WantedType, cause: String) {
        let error = Diagnostic::error(Code::WrongType, cause).at(self.at(&value.span()));
        self.found.push(match wanted.help(self.noun, key, value.get_ref()) {
            Some(help) => error.help(help),
            None => error,
        });
    }

    pub(crate) fn string(&self, key: &str) -> Option<At<&'d str>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(At { value: text.as_ref(), place: self.at(&value.span()) }),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type(key, value, WantedType::String);
                None
            }
        }
    }

    /// A string that is more than white space.
    pub(crate) fn text(&self, key: &str) -> Option<At<&'d str>> {
        let text = self.string(key)?;
        if text.value.trim().is_empty() {
            self.error(
                Code::BadValue,
                text.place,
                format!("`{key}` of {} is empty", self.noun),
                "say it, or remove the key",
            );
            return None;
        }
        Some(text)
    }

    /// An integer above 0; else `help` says what to write.
    pub(crate) fn positive(&self, key: &str, help: &str) -> Option<At<u64>> {
        let value = self.get(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, value, WantedType::Integer);
            return None;
        };
        let place = self.at(&value.span());
        let parsed = if number.radix() == 10 { number.as_str().parse::<u64>().map_err(|_| ()) } else { Err(()) };
        match parsed {
            Ok(parsed) if parsed > 0 && i64::try_from(parsed).is_ok() => Some(At { value: parsed, place }),
            Ok(_) | Err(()) => {
                self.error(Code::BadValue, place, format!("`{key}` can't be `{}`", number.as_str()), help);
                None
            }
        }
    }

    pub(crate) fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, WantedType::Boolean);
        }
        flag
    }

    /// A duration in seconds.
    pub(crate) fn duration(&self, key: &str) -> Option<Seconds> {
        let text = self.string(key)?;
        match duration::seconds(text.value) {
            Ok(seconds) => Some(seconds),
            Err(cause) => {
                self.error(Code::BadDuration, text.place, cause, "write `45m`, `1h30m` or `3d`");
                None
            }
        }
    }

    /// The items of the array `value`; of those of a wrong type, the first of each type is reported.
    fn items<T>(
        &self,
        key: &str,
        value: Value<'d, 't>,
        wanted: WantedType,
        read: impl Fn(&'d DeValue<'t>) -> Option<T>,
    ) -> Option<List<T>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, wanted);
            return None;
        };
        let mut items = Vec::with_capacity(array.len());
        let mut wrong: Vec<&str> = Vec::new();
        for item in array.iter() {
            if let Some(read) = read(item.get_ref()) {
                items.push(At { value: read, place: self.at(&item.span()) });
                continue;
            }
            let found = wanted::type_name(item.get_ref());
            if !wrong.contains(&found) {
                wrong.push(found);
                let cause = format!("`{key}` of {} must hold {}, not {found}", self.noun, wanted.items());
                self.report_type(key, item, wanted, cause);
            }
        }
        Some(List { items, is_empty: array.is_empty(), place: self.at(&value.span()) })
    }

    /// A list of strings, each of which may stand only once.
    pub(crate) fn strings(&self, key: &str) -> Option<List<&'d str>> {
        self.strings_of(key, self.get(key)?, WantedType::Strings)
    }

    /// A list of strings, each of which may stand more than once.
    pub(crate) fn repeatable_strings(&self, key: &str) -> Option<List<&'d str>> {
        self.items(key, self.get(key)?, WantedType::Strings, DeValue::as_str_of)
    }

    /// As [`Section::strings`], of a value found elsewhere that `key` stands for.
    pub(in crate::policy) fn strings_of(
        &self,
        key: &str,
        value: Value<'d, 't>,
        wanted: WantedType,
    ) -> Option<List<&'d str>> {
        let list = self.items(key, value, wanted, DeValue::as_str_of)?;
        self.report_repeats(key, &list.items);
        Some(list)
    }

    /// A list of strings, or one string that stands for a list of one.
    pub(crate) fn string_or_strings(&self, key: &str) -> Option<List<&'d str>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(_) => {
                self.string(key).map(|one| List { items: vec![one], is_empty: false, place: one.place })
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => self.strings_of(key, value, WantedType::StringOrStrings),
        }
    }

    /// As [`Section::strings`], and an empty list is an error.
    pub(crate) fn filled_strings(&self, key: &str) -> Option<List<&'d str>> {
        let list = self.strings(key)?;
        self.report_empty(key, &list, "name at least one, or remove the key");
        Some(list)
    }

    /// Reports a list in which nothing stands.
    pub(crate) fn report_empty<T>(&self, key: &str, list: &List<T>, help: &str) {
        if list.is_empty {
            self.error(Code::EmptySet, list.place, format!("`{key}` of {} is an empty list", self.noun), help);
        }
    }

    fn report_repeats(&self, key: &str, items: &[At<&str>]) {
        // as good as every list is so short that nothing need be sorted
        match items {
            [] | [_] => return,
            [one, other] if one.value != other.value => return,
            _ => {}
        }
        let mut sorted: Vec<&At<&str>> = items.iter().collect();
        sorted.sort_by_key(|item| (item.value, item.place.start));
        for pair in sorted.windows(2) {
            if let [first, second] = pair
                && first.value == second.value
            {
                self.found.push(
                    Diagnostic::error(Code::DuplicateName, format!("`{}` appears twice in `{key}`", second.value))
                        .at(second.place)
                        .related(first.place, "first here")
                        .help("remove one"),
                );
            }
        }
    }

    /// A list of local dates.
    pub(crate) fn dates(&self, key: &str) -> Option<List<Date>> {
        self.items(key, self.get(key)?, WantedType::Dates, date_of)
    }

    /// A local date.
    pub(crate) fn date(&self, key: &str) -> Option<At<Date>> {
        let value = self.get(key)?;
        match date_of(value.get_ref()) {
            Some(date) => Some(At { value: date, place: self.at(&value.span()) }),
            None => {
                self.wrong_type(key, value, WantedType::Date);
                None
            }
        }
    }

    /// The tables of an array of tables, as sections.
    pub(crate) fn list(&self, key: &str, noun: &'static str, keys: &[&'static str]) -> Option<List<Section<'d, 't>>> {
        let tables = self.items(key, self.get(key)?, WantedType::Tables, DeValue::as_table)?;
        let section = |table: At<&'d DeTable<'t>>| At {
            value: Section::new(table.value, table.place, noun, keys, self.found),
            place: table.place,
        };
        let items = tables.items.into_iter().map(section).collect();
        Some(List { items, is_empty: tables.is_empty, place: tables.place })
    }

    /// As [`Section::list`]; none where the key is left out.
    pub(crate) fn sections(
        &self,
        key: &str,
        noun: &'static str,
        keys: &'static [&'static str],
    ) -> impl Iterator<Item = Section<'d, 't>> + use<'d, 't> {
        let tables = self.get(key).and_then(|value| self.items(key, value, WantedType::Tables, DeValue::as_table));
        let found = self.found;
        let items = tables.map_or_else(Vec::new, |list| list.items).into_iter();
        items.map(move |table| Section::new(table.value, table.place, noun, keys, found))
    }

    /// The table of this key as a section.
    pub(crate) fn table(
        &self,
        key: &'static str,
        noun: &'static str,
        keys: &[&'static str],
    ) -> Option<Section<'d, 't>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Section::new(table, self.at(&value.span()), noun, keys, self.found)),
            None => {
                self.wrong_type(key, value, WantedType::Table);
                None
            }
        }
    }

    /// The tables below this key, by name; the place of a name is that of its key.
    pub(crate) fn named(
        &self,
        key: &'static str,
        noun: &'static str,
        keys: &[&'static str],
    ) -> Vec<(At<&'d str>, Section<'d, 't>)> {
        self.entries(key)
            .into_iter()
            .filter_map(|(name, value)| match value.get_ref().as_table() {
                Some(table) => Some((name, Section::new(table, self.at(&value.span()), noun, keys, self.found))),
                None => {
                    let path = format!("{key}.{}", name.value);
                    let cause = format!("`{path}` must be a table, not {}", wanted::type_name(value.get_ref()));
                    self.report_type(&path, value, WantedType::Table, cause);
                    None
                }
            })
            .collect()
    }

    /// The names and values of the table of this key, in the order of the file.
    pub(crate) fn entries(&self, key: &str) -> Vec<(At<&'d str>, Value<'d, 't>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, WantedType::Table);
            return Vec::new();
        };
        let mut entries: Vec<_> = table
            .iter()
            .map(|(name, value)| (At { value: key_text(name), place: self.at(&name.span()) }, value))
            .collect();
        entries.sort_by_key(|(name, _)| name.place.start);
        entries
    }
}

/// The key among `keys` that has the meaning of `written`, a key of other tools.
fn synonym(written: &str, keys: &[&'static str]) -> Option<&'static str> {
    let meant = match written {
        "start" | "starts" | "begin" | "begins" | "since" => "from",
        "end" | "ends" | "to" | "till" => "until",
        "tz" | "zone" | "time_zone" => "timezone",
        "description" | "message" | "comment" => "reason",
        _ => return None,
    };
    keys.iter().copied().find(|key| *key == meant)
}

/// The root of a file.
pub(crate) fn root<'d, 't>(
    document: &'d Spanned<DeTable<'t>>,
    file: FileId,
    noun: &'static str,
    keys: &[&'static str],
    found: &'d Collector,
) -> Section<'d, 't> {
    Section::new(document.get_ref(), Place::new(file, &(0..0)), noun, keys, found)
}

/// Borrows strings for as long as the document lives.
trait BorrowStr<'d> {
    fn as_str_of(&'d self) -> Option<&'d str>;
}

impl<'d> BorrowStr<'d> for DeValue<'_> {
    fn as_str_of(&'d self) -> Option<&'d str> {
        self.as_str()
    }
}

fn date_of(value: &DeValue<'_>) -> Option<Date> {
    let written = value.as_datetime()?;
    match (written.date.map(civil_date), written.time, written.offset) {
        (Some(Ok(date)), None, None) => Some(date),
        (Some(Ok(_) | Err(_)) | None, _, _) => None,
    }
}

/// A date of TOML as one of the calendar.
pub(crate) fn civil_date(date: toml::value::Date) -> Result<Date, jiff::Error> {
    // what does not fit is out of range for `Date::new` too
    Date::new(
        i16::try_from(date.year).unwrap_or(i16::MAX),
        i8::try_from(date.month).unwrap_or(i8::MAX),
        i8::try_from(date.day).unwrap_or(i8::MAX),
    )
}

/// A TOML date-time as a moment that comes once; `None` when it lacks its date or time.
pub(crate) fn absolute(written: &toml::value::Datetime) -> Option<Absolute> {
    let (Ok(date), time) = (civil_date(written.date?), written.time?) else {
        return None;
    };
    // a leap second is the last second of its minute, as the zone database counts none; fractions are cut
    let second = time.second.unwrap_or(0).min(59);
    let part = |number: u8| i8::try_from(number).unwrap_or(i8::MAX);
    let Ok(time) = jiff::civil::Time::new(part(time.hour), part(time.minute), part(second), 0) else {
        return None;
    };
    let clock = date.to_datetime(time);
    let minutes = match written.offset {
        None => return Some(Absolute::Local(clock)),
        Some(toml::value::Offset::Z) => 0,
        Some(toml::value::Offset::Custom { minutes }) => minutes,
    };
    // not by way of an instant of jiff, which has none for most of the last day
    Some(Absolute::Exact(WallSecond::of(clock).at_offset(Seconds::minutes(i64::from(minutes)))))
}
