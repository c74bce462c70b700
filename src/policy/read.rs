//! TOML tables as a policy's sections: every key known, every value of its type, everything else an error with its place.

use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostic::{Code, Collector, Diagnostic, FileId, Place};
use crate::policy::duration;
use crate::time::names::nearest;

/// A value with its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

pub(super) type Value<'d, 't> = &'d Spanned<DeValue<'t>>;

/// A table whose keys have been checked against those of its section.
#[derive(Clone, Copy)]
pub(super) struct Section<'d, 't> {
    table: &'d DeTable<'t>,
    /// The header of the table, or the inline table.
    pub(super) place: Place,
    /// What it is for people, such as "a region".
    noun: &'static str,
    pub(super) found: &'d Collector,
}

fn key_text<'d>(key: &'d Spanned<DeString<'_>>) -> &'d str {
    key.get_ref().as_ref()
}

impl<'d, 't> Section<'d, 't> {
    /// The table, reporting every key that is not in `keys`.
    pub(super) fn new(
        table: &'d DeTable<'t>,
        place: Place,
        noun: &'static str,
        keys: &[&'static str],
        found: &'d Collector,
    ) -> Self {
        let section = Self::unchecked(table, place, noun, found);
        for (key, _) in table {
            let text = key_text(key);
            if !keys.contains(&text) {
                let error = Diagnostic::error(Code::UnknownKey, format!("{noun} has no key `{text}`"));
                let help = match nearest(text, keys.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its keys are {}", keys.join(", ")),
                };
                found.push(error.at(section.at(&key.span())).help(help));
            }
        }
        section
    }

    /// The table, whatever its keys.
    pub(super) fn unchecked(table: &'d DeTable<'t>, place: Place, noun: &'static str, found: &'d Collector) -> Self {
        Self { table, place, noun, found }
    }

    pub(super) fn at(&self, range: &Range<usize>) -> Place {
        Place::new(self.place.file, range)
    }

    pub(super) fn error(&self, code: Code, place: Place, cause: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::error(code, cause).at(place).help(help));
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'d, 't>> {
        self.table.get(key)
    }

    /// The place of a key's value, else of the table.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or(self.place, |value| self.at(&value.span()))
    }

    /// Reports that `key` is not there.
    pub(super) fn missing(&self, key: &str, help: impl Into<String>) {
        self.error(Code::MissingKey, self.place, format!("{} lacks `{key}`", self.noun), help);
    }

    pub(super) fn wrong_type(&self, key: &str, value: Value<'_, '_>, wanted: &str) {
        let cause = format!("`{key}` of {} must be {wanted}, not {}", self.noun, type_name(value.get_ref()));
        self.found.push(Diagnostic::error(Code::WrongType, cause).at(self.at(&value.span())));
    }

    pub(super) fn string(&self, key: &str) -> Option<At<&'d str>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(At { value: text.as_ref(), place: self.at(&value.span()) }),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type(key, value, "a string");
                None
            }
        }
    }

    /// A string that is more than white space.
    pub(super) fn text(&self, key: &str) -> Option<At<&'d str>> {
        let text = self.string(key)?;
        if text.value.trim().is_empty() {
            self.error(Code::BadValue, text.place, format!("`{key}` is empty"), "say it, or take the key out");
            return None;
        }
        Some(text)
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "`true` or `false`");
        }
        flag
    }

    /// A duration in seconds.
    pub(super) fn duration(&self, key: &str) -> Option<i64> {
        let text = self.string(key)?;
        match duration::seconds(text.value) {
            Ok(seconds) => Some(seconds),
            Err(cause) => {
                self.error(Code::BadDuration, text.place, cause, "write `45m`, `1h30m` or `3d`");
                None
            }
        }
    }

    /// The items of an array; items of the wrong type are reported and left out.
    fn items<T>(&self, key: &str, wanted: &str, read: impl Fn(&'d DeValue<'t>) -> Option<T>) -> Option<At<Vec<At<T>>>> {
        let value = self.get(key)?;
        let place = self.at(&value.span());
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, &format!("a list of {wanted}"));
            return None;
        };
        let mut items = Vec::with_capacity(array.len());
        for item in array.iter() {
            match read(item.get_ref()) {
                Some(read) => items.push(At { value: read, place: self.at(&item.span()) }),
                None => self.wrong_type(key, item, &format!("a list of {wanted}")),
            }
        }
        Some(At { value: items, place })
    }

    /// A list of strings, each of which may stand only once.
    pub(super) fn strings(&self, key: &str) -> Option<At<Vec<At<&'d str>>>> {
        let list = self.items(key, "strings", DeValue::as_str_of)?;
        self.report_repeats(key, &list.value);
        Some(list)
    }

    /// A list of strings, or one string that stands for a list of one.
    pub(super) fn string_or_strings(&self, key: &str) -> Option<At<Vec<At<&'d str>>>> {
        match self.get(key)?.get_ref() {
            DeValue::String(_) => self.string(key).map(|one| At { value: vec![one], place: one.place }),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => self.strings(key),
        }
    }

    /// As [`Section::strings`], and an empty list is an error.
    pub(super) fn filled_strings(&self, key: &str) -> Option<At<Vec<At<&'d str>>>> {
        let list = self.strings(key)?;
        if list.value.is_empty()
            && self.get(key).is_some_and(|value| value.get_ref().as_array().is_some_and(|array| array.is_empty()))
        {
            self.error(
                Code::EmptySet,
                list.place,
                format!("`{key}` of {} is an empty list", self.noun),
                "name at least one, or take the key out",
            );
        }
        Some(list)
    }

    fn report_repeats(&self, key: &str, items: &[At<&str>]) {
        let mut sorted: Vec<&At<&str>> = items.iter().collect();
        sorted.sort_by_key(|item| (item.value, item.place.start));
        for pair in sorted.windows(2) {
            if let [first, second] = pair
                && first.value == second.value
            {
                self.found.push(
                    Diagnostic::error(Code::DuplicateName, format!("`{}` stands twice in `{key}`", second.value))
                        .at(second.place)
                        .related(first.place, "first here")
                        .help("take one out"),
                );
            }
        }
    }

    /// A list of local dates.
    pub(super) fn dates(&self, key: &str) -> Option<At<Vec<At<Date>>>> {
        self.items(key, "dates such as `2026-12-25`", date_of)
    }

    /// A local date.
    pub(super) fn date(&self, key: &str) -> Option<At<Date>> {
        let value = self.get(key)?;
        match date_of(value.get_ref()) {
            Some(date) => Some(At { value: date, place: self.at(&value.span()) }),
            None => {
                self.wrong_type(key, value, "a date such as `2026-12-31`, without quotes");
                None
            }
        }
    }

    /// The tables of an array of tables, as sections.
    pub(super) fn list(&self, key: &'static str, noun: &'static str, keys: &[&'static str]) -> Vec<Section<'d, 't>> {
        let tables = self.items(key, "tables", |item| item.as_table());
        tables.map_or_else(Vec::new, |list| {
            list.value.into_iter().map(|table| Section::new(table.value, table.place, noun, keys, self.found)).collect()
        })
    }

    /// The table of this key as a section.
    pub(super) fn table(
        &self,
        key: &'static str,
        noun: &'static str,
        keys: &[&'static str],
    ) -> Option<Section<'d, 't>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Section::new(table, self.at(&value.span()), noun, keys, self.found)),
            None => {
                self.wrong_type(key, value, "a table");
                None
            }
        }
    }

    /// The tables below this key, by name; the place of a name is that of its key.
    pub(super) fn named(
        &self,
        key: &'static str,
        noun: &'static str,
        keys: &[&'static str],
    ) -> Vec<(At<&'d str>, Section<'d, 't>)> {
        self.entries(key)
            .into_iter()
            .filter_map(|(name, value)| match value.get_ref().as_table() {
                Some(table) => Some((name, Section::new(table, self.header(value), noun, keys, self.found))),
                None => {
                    self.wrong_type(name.value, value, "a table");
                    None
                }
            })
            .collect()
    }

    /// The names and values of the table of this key.
    pub(super) fn entries(&self, key: &str) -> Vec<(At<&'d str>, Value<'d, 't>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table");
            return Vec::new();
        };
        table.iter().map(|(name, value)| (At { value: key_text(name), place: self.at(&name.span()) }, value)).collect()
    }

    fn header(&self, value: Value<'_, '_>) -> Place {
        self.at(&value.span())
    }

    /// A section over the same collector for a table found in `value`.
    pub(super) fn strings_of(&self, key: &str, value: Value<'d, 't>) -> Option<Vec<At<&'d str>>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of strings");
            return None;
        };
        let mut items = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_str_of() {
                Some(text) => items.push(At { value: text, place: self.at(&item.span()) }),
                None => self.wrong_type(key, item, "a list of strings"),
            }
        }
        self.report_repeats(key, &items);
        Some(items)
    }
}

/// The root of a file.
pub(super) fn root<'d, 't>(
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

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
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
pub(super) fn civil_date(date: toml::value::Date) -> Result<Date, jiff::Error> {
    // what does not fit is out of range for `Date::new` too
    Date::new(
        i16::try_from(date.year).unwrap_or(i16::MAX),
        i8::try_from(date.month).unwrap_or(i8::MAX),
        i8::try_from(date.day).unwrap_or(i8::MAX),
    )
}
