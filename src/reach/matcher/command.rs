//! What a command shows of where it goes.

use crate::pattern::{Captures, command_text};
use crate::reach::matcher::Matcher;
use crate::reach::shown::{Shown, ShownError};

impl Matcher<'_> {
    /// Notes what a command shows, by the targets of commands. Where it can be read in several ways, each of them counts. `what` is the
    /// command, for people.
    ///
    /// Its fixed text is compared as it is: `-P` is another option than `-p`.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be told.
    pub fn command<'w>(
        &self,
        readings: impl IntoIterator<Item = &'w [Vec<u8>]>,
        what: &str,
        shown: &mut Shown,
    ) -> Result<(), ShownError> {
        shown.begin_piece();
        let mut mapped = Vec::new();
        for reading in readings {
            let text = command_text(reading.iter().map(Vec::as_slice));
            let mut found = Vec::new();
            let too_many = |ways| ShownError::TooManyWays { path: text.clone(), ways };
            self.commands.set.matches_exactly(&text, &mut found).map_err(too_many)?;
            for one in found {
                let Some(index) = self.commands.owners.get(one.pattern) else {
                    continue;
                };
                let reached = self.note(*index, &one.captures, &Captures::default(), || what.to_owned(), shown)?;
                mapped.extend_from_slice(&reached);
            }
        }
        shown.count(mapped);
        Ok(())
    }
}
