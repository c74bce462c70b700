//! Looking at a record in a file: from where the last look ended, else from the last checkpoint; and line by line.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::RecordFile;
use crate::proof::record::examine::{ReadableChain, TakeItem, inspect};
use crate::proof::record::line::{is_torn, line_end, parse};
use crate::proof::record::lines::{MAX_LINE_BYTES, RecordLine, each_line};
use crate::proof::record::sidecar::{Sidecar, sidecar_path};
use crate::proof::record::snapshot::{Follower, Position, Snapshot};
use crate::proof::record::{Fault, FaultKind, Folded, Inspected, Inspection, RecordError};

impl RecordFile {
    /// Hands each entry to `visit`, and returns what is wrong; breaks off when `visit` does.
    ///
    /// What is there when the reading begins is read, block by block, each under the lock. The lock is not held in between: a
    /// reader that takes its time holds up no decision, and writers only add to what is there.
    pub(in crate::proof::record) fn inspect<B>(
        &self,
        visit: &mut dyn FnMut(&Inspected<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, Inspection>, RecordError> {
        if self.metadata()?.is_none() {
            return Err(RecordError::Missing { record: self.to_string() });
        }
        let file = File::open(&self.path).map_err(|error| self.error("read", &error))?;
        // else a line that is just being written would look torn
        let end = self.locked(&file, |file| file.metadata())?.len();
        let mut lines = RecordFileLines { record: self, file, end, torn: None };
        let mut inspected = inspect(&mut lines, visit)?;
        if let ControlFlow::Continue(inspection) = &mut inspected {
            if inspection.faults.is_empty() {
                inspection.faults.extend(self.behind(inspection.last)?);
            }
            if let Some(line) = lines.torn {
                inspection.faults.push(Fault { place: place(line), kind: FaultKind::Torn });
            }
        }
        Ok(inspected)
    }

    /// Looks at the file, from where the last look ended, else from the last checkpoint that can be used, else at all of it.
    pub(super) fn look_at(&self, file: &mut File, found: Option<Snapshot>) -> Result<Snapshot, RecordError> {
        let read = |error: io::Error| self.error("read", &error);
        if let Some(found) = found
            && let Some(looked) = self.look_on(file, found)?
        {
            return Ok(looked);
        }
        let length = file.metadata().map_err(read)?.len();
        let mut sidecar = Sidecar::beside(&self.path)?;
        if let Some(sidecar) = &mut sidecar
            && let Some(start) = sidecar.start(file, length).map_err(read)?
            && let Some(snapshot) = self.follow(file, start, Follower::of(sidecar.take()), None)?
        {
            return Ok(snapshot);
        }
        match self.follow(file, 0, Follower::of(Folded::default()), sidecar.as_ref())? {
            Some(snapshot) => Ok(snapshot),
            None => Err(self.broken(file)?),
        }
    }

    /// Looks at what was appended since the last look; `None` if the file does not end there, or goes on with something else.
    fn look_on(&self, file: &mut File, found: Snapshot) -> Result<Option<Snapshot>, RecordError> {
        let read = |error: io::Error| self.error("read", &error);
        let (Position::File { whole, ends_open: false }, Some(last)) = (&found.position, found.folded.last()) else {
            return Ok(None);
        };
        let end = line_end(&last);
        let Some(start) = whole.checked_sub(u64::try_from(end.len()).unwrap_or(u64::MAX)) else {
            return Ok(None);
        };
        let length = file.metadata().map_err(read)?.len();
        if length < *whole {
            return Ok(None);
        }
        let mut before = vec![0; end.len()];
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut before)).map_err(read)?;
        if before != end.as_bytes() {
            return Ok(None);
        }
        if length == *whole {
            return Ok(Some(found));
        }
        let whole = *whole;
        let follower = Follower::new(Arc::unwrap_or_clone(found.folded), found.since);
        self.follow(file, whole, follower, None)
    }

    /// Adds the entries that begin at `start`; `None` if one is none, or does not follow, or `sidecar` knows others.
    fn follow(
        &self,
        file: &mut File,
        start: u64,
        mut follower: Follower,
        sidecar: Option<&Sidecar>,
    ) -> Result<Option<Snapshot>, RecordError> {
        let read = |error: io::Error| self.error("read", &error);
        file.seek(SeekFrom::Start(start)).map_err(read)?;
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let (mut whole, mut ends_open) = (start, false);
        let mut is_within = sidecar.is_none();
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = u64::try_from(MAX_LINE_BYTES.saturating_add(1)).unwrap_or(u64::MAX);
            let length = Read::by_ref(&mut reader).take(limit).read_until(b'\n', &mut line).map_err(read)?;
            if length == 0 {
                break;
            }
            let (text, is_ended) = match line.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (line.as_slice(), false),
            };
            let parsed = match parse(text) {
                Ok(parsed) if is_ended || parsed.genuine => parsed,
                Ok(_) | Err(_) if !is_ended && length <= MAX_LINE_BYTES && is_torn(text) => break,
                Ok(_) | Err(_) => return Ok(None),
            };
            if !follower.follow(&parsed, length) {
                return Ok(None);
            }
            is_within |= sidecar.is_some_and(|sidecar| sidecar.is_followed_by(&parsed.entry));
            whole = whole.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            ends_open = !is_ended;
        }
        let snapshot = follower.snapshot(Position::File { whole, ends_open }, self.asked_by.as_ref());
        Ok(is_within.then_some(snapshot))
    }

    /// All that is wrong with it, where something is. Gives up the lock, as all of it is read.
    fn broken(&self, file: &File) -> Result<RecordError, RecordError> {
        file.unlock().map_err(|error| self.error("read", &error))?;
        let inspected = self.inspect::<Infallible>(&mut |_| ControlFlow::Continue(()))?;
        let ControlFlow::Continue(Inspection { entries, mut faults, .. }) = inspected;
        if faults.iter().all(|fault| fault.kind == FaultKind::Torn) {
            // nothing is wrong but that the record is not the one that the file beside it knows
            faults.extend(self.behind(0)?);
        }
        Ok(RecordError::of_faults(self.to_string(), entries, faults))
    }

    /// Returns what the file beside it knows, if the record that ends with the entry `last` does not hold that.
    pub(super) fn behind(&self, last: u64) -> Result<Option<Fault>, RecordError> {
        let sidecar = Sidecar::beside(&self.path)?;
        Ok(sidecar.filter(|sidecar| sidecar.sequence() >= last).map(|sidecar| Fault {
            place: "the record".to_owned(),
            kind: FaultKind::Behind {
                sequence: sidecar.sequence().saturating_add(1),
                sidecar: sidecar_path(&self.path).display().to_string(),
            },
        }))
    }
}

/// The lines of the file, as often as they are read.
pub(super) struct RecordFileLines<'f> {
    pub(super) record: &'f RecordFile,
    pub(super) file: File,
    /// The number of bytes that are read: what is added meanwhile is left to the next reader.
    pub(super) end: u64,
    /// The number of the last line, if it is not all there: of its entry nobody was informed, or its end alone is missing.
    pub(super) torn: Option<usize>,
}

impl ReadableChain for RecordFileLines<'_> {
    type Error = RecordError;

    fn each(&mut self, take: &mut TakeItem<'_>) -> Result<ControlFlow<()>, RecordError> {
        let Self { record, file, end, torn } = self;
        let mut left = *end;
        let mut number = 0_usize;
        file.seek(SeekFrom::Start(0)).map_err(|error| record.error("read", &error))?;
        let mut fill = |block: &mut [u8]| {
            let length = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
            let block = block.get_mut(..length).unwrap_or_default();
            let read = record.locked(file, |mut file| file.read(block))?;
            left = left.saturating_sub(u64::try_from(read).unwrap_or(left));
            Ok(read)
        };
        each_line(&mut fill, &mut |line| {
            number = number.saturating_add(1);
            let place = format_args!("line {number}");
            match line {
                RecordLine::Ended(text) => take(&place, text, parse(text).as_ref()),
                RecordLine::TooLong => {
                    let cause = format!("the line is longer than {} MiB", MAX_LINE_BYTES >> 20);
                    take(&place, &[], Err(&FaultKind::Unreadable { cause }))
                }
                RecordLine::Open(text) => {
                    let is_left_over = is_torn(text);
                    *torn = is_left_over.then_some(number);
                    match parse(text) {
                        Ok(parsed) if parsed.genuine => take(&place, text, Ok(&parsed)),
                        Ok(_) | Err(_) if is_left_over => ControlFlow::Continue(()),
                        other => take(&place, text, other.as_ref()),
                    }
                }
            }
        })
    }
}

fn place(number: usize) -> String {
    format!("line {number}")
}
