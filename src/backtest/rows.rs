//! Tables of changes: CSV and JSON, read as a stream.
//!
//! Each row is a change: `time`, `environment`, `region`, `service`, `kind`, `duration`, `id`. A row that can't be read is handed over as
//! such, with its place; only a table as a whole that can't be understood is an error.

use std::io::{self, BufRead};
use std::ops::ControlFlow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::policy::duration;
use crate::reach::DeclaredNames;
use crate::time::instant::Instant;
use crate::time::names::nearest;
use crate::time::seconds::Seconds;

/// The columns of a table.
pub const COLUMNS: [&str; 7] = ["time", "environment", "region", "service", "kind", "duration", "id"];

/// The longest row, in bytes.
pub const LONGEST_ROW: usize = 64 << 10;
/// The most columns.
const MOST_COLUMNS: usize = 256;
/// The largest JSON array, in bytes: it is read whole.
pub const LONGEST_ARRAY: usize = 64 << 20;

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The time when the change went, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The time that it took, in seconds.
    pub duration: Option<Seconds>,
    /// Its name.
    pub id: Option<String>,
    /// The place where it went and what kind it was of, as written: equal texts mean the same.
    pub key: NamesText,
}

/// Names of environments, regions, services and kinds, as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamesText([String; 4]);

impl NamesText {
    /// Returns how much memory it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let Self(texts) = self;
        texts.iter().fold(200, |bytes, text| bytes.saturating_add(text.len()))
    }

    /// The names, taken apart.
    #[must_use]
    pub fn names(&self) -> DeclaredNames {
        let Self([environments, regions, services, kinds]) = self;
        let apart = |text: &String| -> Vec<String> {
            text.split([';', ',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        DeclaredNames {
            environments: apart(environments),
            regions: apart(regions),
            services: apart(services),
            kinds: apart(kinds),
        }
    }
}

/// A row that can't be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The problem, for people.
    pub cause: String,
}

/// A problem with a table as a whole.
#[derive(Debug)]
pub enum TableError {
    /// It can't be read.
    Unreadable(io::Error),
    /// Its content can't be understood: what is wrong, and how to fix it.
    Malformed(String, String),
}

/// The contents of a table besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNotes {
    /// The number of rows.
    pub rows: u64,
    /// The columns that are not used, each once.
    pub unused: Vec<String>,
}

/// Called for each row with its place, such as `line 3`.
type TakeRow<'t> = dyn FnMut(u64, Result<ChangeRow, BadRow>) -> ControlFlow<()> + 't;

/// Reads a table row by row, CSV with a header or JSON: an array of objects, or an object a line. `take` gets each row with the number of
/// its line, of an array with its place in it.
///
/// ```
/// use std::ops::ControlFlow;
/// use freezegate::backtest::rows::read;
/// use freezegate::time::instant::Instant;
///
/// let table = "time,environment,region\n2026-07-06T12:00:00Z,production,us\nyesterday,production,us\n";
/// let mut rows = Vec::new();
/// read(&mut table.as_bytes(), &mut |line, row| {
///     rows.push((line, row));
///     ControlFlow::Continue(())
/// })
/// .unwrap();
/// assert_eq!(rows[0].1.as_ref().unwrap().at, Instant::from_second(1_783_339_200));
/// assert_eq!(rows[1].0, 3);
/// assert!(rows[1].1.as_ref().unwrap_err().cause.contains("`yesterday`"));
/// ```
///
/// # Errors
///
/// [`TableError`].
pub fn read(input: &mut dyn BufRead, take: &mut TakeRow<'_>) -> Result<TableNotes, TableError> {
    // what it is shows by its first line, which may come in pieces
    let mut begin = Vec::new();
    while begin.len() < LONGEST_ROW && !begin.trim_ascii_start().contains(&b'\n') {
        let bytes = match input.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(TableError::Unreadable(error)),
        };
        begin.extend_from_slice(bytes);
        let taken = bytes.len();
        input.consume(taken);
    }
    if begin.starts_with(b"\xef\xbb\xbf") {
        begin.drain(..3);
    }
    let first = begin.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
    let mut whole = io::Read::chain(io::Cursor::new(begin), input);
    match first.first() {
        None => Err(malformed(
            "the table is empty".to_owned(),
            &format!("begin it with a header line: `{}`", COLUMNS.join(",")),
        )),
        Some(b'[') => read_array(&mut whole, take),
        Some(b'{') => read_lines(&mut whole, take),
        Some(_) => read_csv(&mut whole, delimiter(&first), take),
    }
}

fn malformed(cause: String, help: &str) -> TableError {
    TableError::Malformed(cause, help.to_owned())
}

/// The columns of a table, by their names.
struct Header {
    /// For each of [`COLUMNS`], where it is.
    places: [Option<usize>; 7],
    columns: usize,
}

impl Header {
    fn new(names: &[String], notes: &mut TableNotes) -> Result<Self, TableError> {
        let mut places = [None; 7];
        for (place, name) in names.iter().enumerate() {
            match COLUMNS.iter().zip(&mut places).find(|(column, _)| *column == name) {
                Some((column, Some(_))) => {
                    return Err(malformed(format!("the table has two columns `{column}`"), "rename or remove one"));
                }
                Some((_, found @ None)) => *found = Some(place),
                None => unused(name, notes)?,
            }
        }
        for (column, place) in COLUMNS.iter().zip(&places).take(2) {
            if place.is_none() {
                let help = format!("the first line names the columns, such as `{}`", COLUMNS.join(","));
                return Err(malformed(format!("the table has no column `{column}`"), &help));
            }
        }
        Ok(Self { places, columns: names.len() })
    }
}

/// Notes a column that is not used.
fn unused(name: &str, notes: &mut TableNotes) -> Result<(), TableError> {
    if let Some(near) = nearest(name, COLUMNS) {
        let cause = format!("the table has a column `{name}`, which is not known");
        return Err(malformed(cause, &format!("did you mean `{near}`? If not, rename or remove it")));
    }
    if notes.unused.len() < MOST_COLUMNS && !notes.unused.iter().any(|known| known == name) {
        notes.unused.push(name.to_owned());
    }
    Ok(())
}

/// A row of seven texts, in the order of [`COLUMNS`].
fn row(texts: [&str; 7]) -> Result<ChangeRow, BadRow> {
    let bad = |cause: String| BadRow { cause };
    let [time, environment, region, service, kind, written_duration, id] = texts.map(str::trim);
    let at = match time.parse::<jiff::Timestamp>() {
        _ if time.is_empty() => return Err(bad("it has no `time`".to_owned())),
        Ok(at) if !time.contains('[') => Instant::from(at),
        Err(_) if time.parse::<jiff::civil::DateTime>().is_ok() => {
            return Err(bad(format!("`time`: `{time}` has no offset; add `Z` for UTC")));
        }
        Ok(_) | Err(_) => {
            return Err(bad(format!("`time`: `{time}` is not an instant such as `2026-11-26T09:00:00Z`")));
        }
    };
    if environment.is_empty() {
        return Err(bad("it has no `environment`".to_owned()));
    }
    let duration = match written_duration {
        "" => None,
        text => Some(duration::seconds(text).map_err(|cause| bad(format!("`duration`: {cause}")))?),
    };
    let key = NamesText([environment, region, service, kind].map(str::to_owned));
    Ok(ChangeRow { at, duration, id: (!id.is_empty()).then(|| id.to_owned()), key })
}

fn read_csv(input: &mut dyn BufRead, delimiter: u8, take: &mut TakeRow<'_>) -> Result<TableNotes, TableError> {
    let mut notes = TableNotes::default();
    let mut records = Records::new(delimiter);
    let header = match records.next(input)? {
        Some(CsvRecord::Fields(names)) => {
            let names: Vec<String> = names.iter().map(|name| lossy(name).trim().to_owned()).collect();
            Header::new(&names, &mut notes)?
        }
        Some(CsvRecord::TooLong) => {
            let help = format!("begin the table with a header line: `{}`", COLUMNS.join(","));
            return Err(malformed("the first line of the table is too long".to_owned(), &help));
        }
        None => Header::new(&[], &mut notes)?,
    };
    loop {
        let found = match records.next(input)? {
            None => return Ok(notes),
            Some(CsvRecord::TooLong) => Err(BadRow {
                cause: format!(
                    "it is longer than {} KiB, perhaps for a quote that is never closed; nothing up to its end is judged",
                    LONGEST_ROW >> 10
                ),
            }),
            Some(CsvRecord::Fields(fields)) if fields.len() != header.columns => Err(BadRow {
                cause: format!("it has {} columns, the first line of the table {}", fields.len(), header.columns),
            }),
            Some(CsvRecord::Fields(fields)) => csv_row(&header, &fields),
        };
        notes.rows = notes.rows.saturating_add(1);
        if take(records.line, found).is_break() {
            return Ok(notes);
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn csv_row(header: &Header, fields: &[&[u8]]) -> Result<ChangeRow, BadRow> {
    let mut texts = [""; 7];
    for ((text, place), column) in texts.iter_mut().zip(&header.places).zip(COLUMNS) {
        let Some(bytes) = place.and_then(|place| fields.get(place)) else {
            continue;
        };
        *text = str::from_utf8(bytes).map_err(|_| BadRow { cause: format!("`{column}` is not UTF-8") })?;
    }
    row(texts)
}

/// Returns what divides columns: what the first line has most of.
fn delimiter(line: &[u8]) -> u8 {
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let most = [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter));
    most.unwrap_or(b',')
}

/// Records of CSV, in memory that does not grow.
struct Records {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The last line of the record that was read last.
    line: u64,
}

/// A record of CSV.
enum CsvRecord<'r> {
    Fields(Vec<&'r [u8]>),
    /// It is longer than [`LONGEST_ROW`], or has more than [`MOST_COLUMNS`].
    TooLong,
}

impl Records {
    fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, text: vec![0; LONGEST_ROW], ends: vec![0; MOST_COLUMNS], line: 0 }
    }

    fn next(&mut self, input: &mut dyn BufRead) -> Result<Option<CsvRecord<'_>>, TableError> {
        let (mut length, mut fields, mut is_too_long) = (0, 0, false);
        let mut ends_line = false;
        loop {
            let bytes = match input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(TableError::Unreadable(error)),
            };
            let (text, ends) =
                (self.text.get_mut(length..).unwrap_or_default(), self.ends.get_mut(fields..).unwrap_or_default());
            let (result, taken, written, ended) = self.reader.read_record(bytes, text, ends);
            if let Some(last) = taken.checked_sub(1).and_then(|last| bytes.get(last)) {
                ends_line = *last == b'\n';
            }
            input.consume(taken);
            (length, fields) = (length.saturating_add(written), fields.saturating_add(ended));
            match result {
                ReadRecordResult::InputEmpty => {}
                // the rest is read for where it ends
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (length, fields, is_too_long) = (0, 0, true);
                }
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record => break,
            }
        }
        self.line = self.reader.line().saturating_sub(u64::from(ends_line));
        if is_too_long {
            return Ok(Some(CsvRecord::TooLong));
        }
        let mut begin = 0;
        let mut found = Vec::with_capacity(fields);
        for end in self.ends.iter().take(fields) {
            found.push(self.text.get(begin..*end).unwrap_or_default());
            begin = *end;
        }
        Ok(Some(CsvRecord::Fields(found)))
    }
}

/// Reads lines, each an object.
fn read_lines(input: &mut dyn BufRead, take: &mut TakeRow<'_>) -> Result<TableNotes, TableError> {
    let mut notes = TableNotes::default();
    let mut line = Vec::new();
    for number in 1_u64.. {
        let is_too_long = match next_line(input, &mut line).map_err(TableError::Unreadable)? {
            None => break,
            Some(is_too_long) => is_too_long,
        };
        let text = line.trim_ascii();
        if text.is_empty() && !is_too_long {
            continue;
        }
        let found = match serde_json::from_slice::<Value>(text) {
            _ if is_too_long => Err(BadRow { cause: format!("it is longer than {} KiB", LONGEST_ROW >> 10) }),
            Ok(value) => object_row(&value, &mut notes)?,
            Err(error) => Err(BadRow { cause: format!("it is not one object of JSON a line: {error}") }),
        };
        notes.rows = notes.rows.saturating_add(1);
        if take(number, found).is_break() {
            break;
        }
    }
    Ok(notes)
}

/// Reads a line into `line`, of a long one the beginning; whether it is too long, `None` at the end.
fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let (mut is_there, mut is_too_long) = (false, false);
    loop {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if bytes.is_empty() {
            return Ok(is_there.then_some(is_too_long));
        }
        is_there = true;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let piece = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        if line.len().saturating_add(piece.len()) > LONGEST_ROW {
            is_too_long = true;
        } else {
            line.extend_from_slice(piece);
        }
        let taken = end.map_or(bytes.len(), |end| end.saturating_add(1));
        input.consume(taken);
        if end.is_some() {
            return Ok(Some(is_too_long));
        }
    }
}

/// Reads an array of objects.
fn read_array(input: &mut dyn BufRead, take: &mut TakeRow<'_>) -> Result<TableNotes, TableError> {
    let mut notes = TableNotes::default();
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST_ARRAY).unwrap_or(u64::MAX).saturating_add(1);
    io::Read::read_to_end(&mut io::Read::take(input, limit), &mut bytes).map_err(TableError::Unreadable)?;
    if bytes.len() > LONGEST_ARRAY {
        let cause = format!("the array of JSON is larger than {} MiB", LONGEST_ARRAY >> 20);
        return Err(malformed(
            cause,
            "write CSV, or one object a line as `jq -c '.[]'` does: those may be of any size",
        ));
    }
    let rows: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| {
        malformed(format!("the table is not JSON: {error}"), "write an array of objects, or CSV with a header line")
    })?;
    for (number, value) in (1_u64..).zip(&rows) {
        let found = object_row(value, &mut notes)?;
        notes.rows = notes.rows.saturating_add(1);
        if take(number, found).is_break() {
            break;
        }
    }
    Ok(notes)
}

fn object_row(value: &Value, notes: &mut TableNotes) -> Result<Result<ChangeRow, BadRow>, TableError> {
    let Value::Object(members) = value else {
        return Ok(Err(BadRow { cause: "it is not an object".to_owned() }));
    };
    for name in members.keys().filter(|name| !COLUMNS.contains(&name.as_str())) {
        unused(name, notes)?;
    }
    Ok(texts_of(members).and_then(|texts| row(texts.each_ref().map(String::as_str))))
}

/// The members of an object as a row of CSV has them.
fn texts_of(members: &Map<String, Value>) -> Result<[String; 7], BadRow> {
    let mut texts: [String; 7] = Default::default();
    for (text, column) in texts.iter_mut().zip(COLUMNS) {
        *text = match members.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(written)) => written.clone(),
            Some(Value::Number(number)) if column == "duration" => format!("{number}s"),
            Some(Value::Number(number)) if column == "id" => number.to_string(),
            Some(Value::Array(names)) if COLUMNS.get(1..5).is_some_and(|names| names.contains(&column)) => {
                let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                let names = names.ok_or_else(|| BadRow { cause: format!("`{column}` holds more than names") })?;
                names.join(";")
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(BadRow { cause: format!("`{column}` is not a text") });
            }
        };
    }
    Ok(texts)
}
