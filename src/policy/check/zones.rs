//! Names of zones, each read once.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::check::Context;
use crate::policy::read::At;
use crate::time::names::{abbreviated_zone, is_offset, nearest, nearest_zone};
use crate::time::zone::Zone;

/// What a freeze may write for the zones of each region.
pub(super) const REGION: &str = "region";

impl Context<'_> {
    /// The zone of this name.
    pub(super) fn zone(&self, name: At<&str>) -> Option<Arc<Zone>> {
        self.known_zone(name).or_else(|| {
            self.unknown_zone(name, nearest_zone(name.value));
            None
        })
    }

    /// The zone of this name, where [`REGION`] may stand too.
    pub(super) fn zone_or_region(&self, name: At<&str>) -> Option<Arc<Zone>> {
        self.known_zone(name).or_else(|| {
            self.unknown_zone(name, nearest(name.value, [REGION]).or_else(|| nearest_zone(name.value)));
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
        let written = name.value;
        let cause = if written.is_empty() {
            "an empty name of a time zone".to_owned()
        } else if is_offset(written) {
            format!("`{written}` is an offset, not a place")
        } else if abbreviated_zone(written).is_some() {
            format!("`{written}` is an abbreviation, not a place")
        } else {
            format!("there is no time zone `{written}`")
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_offset(written) => {
                "write an IANA name, such as `Europe/Berlin`: an offset knows no summer time".to_owned()
            }
            None => "write an IANA name, such as `Europe/Berlin`".to_owned(),
        };
        self.found.push(Diagnostic::error(Code::UnknownZone, cause).at(name.place).help(help));
    }
}
