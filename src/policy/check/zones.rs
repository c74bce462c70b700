//! Names of zones, each read once.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::check::context::Context;
use crate::policy::read::At;
use crate::time::names::nearest;
use crate::time::zone::Zone;
use crate::time::zone_help::{ZoneHelp, is_anywhere_on_earth, zone_help};

/// The word in a freeze for the zones of each region.
pub(super) const REGION: &str = "region";

impl Context<'_> {
    /// The zone of this name.
    pub(super) fn zone(&self, name: At<&str>) -> Option<Arc<Zone>> {
        self.known_zone(name).or_else(|| {
            self.unknown_zone(name, None);
            None
        })
    }

    /// The zone of this name for hours, which need a place: no date of theirs could end in an offset.
    pub(super) fn zone_of_hours(&self, name: At<&str>) -> Option<Arc<Zone>> {
        self.known_zone(name).or_else(|| {
            if is_anywhere_on_earth(name.value) {
                let help = "hours need a place; close days of AoE in a freeze whose dates end in `-12:00`";
                self.found
                    .push(Diagnostic::error(Code::UnknownZone, zone_help(name.value).cause).at(name.place).help(help));
            } else {
                self.unknown_zone(name, None);
            }
            None
        })
    }

    /// The zone of this name, where [`REGION`] may stand too.
    pub(super) fn zone_or_region(&self, name: At<&str>) -> Option<Arc<Zone>> {
        self.known_zone(name).or_else(|| {
            self.unknown_zone(name, nearest(name.value, [REGION]));
            None
        })
    }

    fn known_zone(&self, name: At<&str>) -> Option<Arc<Zone>> {
        if let Some(zone) = self.zones.borrow().get(name.value) {
            return Some(Arc::clone(zone));
        }
        let zone = Arc::new(Zone::named(name.value)?);
        self.zones.borrow_mut().insert(zone.name(), Arc::clone(&zone));
        Some(zone)
    }

    fn unknown_zone(&self, name: At<&str>, near: Option<&str>) {
        if self.found.has_enough() {
            let cause = format!("there is no time zone `{}`", name.value);
            let help = "write a name of the tz database, such as `Europe/Berlin`";
            self.found.push(Diagnostic::error(Code::UnknownZone, cause).at(name.place).help(help));
            return;
        }
        let ZoneHelp { cause, help } = zone_help(name.value);
        let help = near.map_or(help, |near| format!("did you mean `{near}`?"));
        self.found.push(Diagnostic::error(Code::UnknownZone, cause).at(name.place).help(help));
    }
}
