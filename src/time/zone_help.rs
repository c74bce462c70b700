//! What to write for a text that names no time zone: one zone if only one is meant, else each with what it means.

use crate::time::names::{current_name, is_offset, nearest_zone};
use crate::time::zone::Zone;

/// Names that Windows gives to zones, and the zone of each: the rows of territory `001` in Unicode CLDR's
/// `windowsZones.xml`, by the names in use now.
const WINDOWS: &str = include_str!("names/windows");

/// The reason why a text names no zone, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneHelp {
    /// The problem, for people.
    pub cause: String,
    /// The text to write instead.
    pub help: String,
}

/// Abbreviations, in upper case, with what to write for them.
const ABBREVIATIONS: &[(&[&str], &str)] = &[
    (
        &["EST"],
        "write `America/New_York` if its summer time is meant, `America/Panama` for five hours behind UTC all year",
    ),
    (&["EDT", "ET", "EST5EDT", "EASTERN", "EASTERN TIME", "US EASTERN"], "write `America/New_York`"),
    (
        &["CST"],
        "write `America/Chicago` for US Central, `America/Regina` for six hours behind UTC all year, `Asia/Shanghai` \
         for China",
    ),
    (&["CT", "CST6CDT", "CENTRAL TIME", "US CENTRAL"], "write `America/Chicago`"),
    (&["CDT"], "write `America/Chicago` for US Central, `America/Havana` for Cuba"),
    (
        &["MST"],
        "write `America/Denver` if its summer time is meant, `America/Phoenix` for seven hours behind UTC all year",
    ),
    (&["MDT", "MT", "MST7MDT", "MOUNTAIN TIME", "US MOUNTAIN"], "write `America/Denver`"),
    (&["PST"], "write `America/Los_Angeles` for US Pacific with its summer time, `Asia/Manila` for the Philippines"),
    (&["PDT", "PT", "PST8PDT", "PACIFIC", "PACIFIC TIME", "US PACIFIC"], "write `America/Los_Angeles`"),
    (&["AKST", "AKDT"], "write `America/Anchorage`"),
    (&["HST"], "write `Pacific/Honolulu`"),
    (
        &["AST"],
        "write `America/Halifax` for Atlantic with its summer time, `America/Puerto_Rico` for four hours behind UTC \
         all year, `Asia/Riyadh` for Arabia",
    ),
    (&["ADT"], "write `America/Halifax`"),
    (&["GMT", "GREENWICH", "ETC/GMT"], "write `UTC`, or `Europe/London` if British summer time is meant"),
    (&["BST"], "write `Europe/London` for British summer time, `Asia/Dhaka` for Bangladesh"),
    (&["WET"], "write `Europe/Lisbon` if its summer time is meant, `UTC` for no summer time"),
    (&["WEST"], "write `Europe/Lisbon`"),
    (
        &["CET", "MET", "MEZ"],
        "write the zone of a city, such as `Europe/Berlin`, if its summer time is meant; `Africa/Algiers` for one \
         hour ahead of UTC all year",
    ),
    (
        &["CEST", "MESZ", "CENTRAL EUROPEAN TIME"],
        "write the zone of a city, such as `Europe/Berlin`; its winter time belongs to it too",
    ),
    (
        &["EET"],
        "write the zone of a city, such as `Europe/Athens`, if its summer time is meant; `Africa/Tripoli` for two \
         hours ahead of UTC all year",
    ),
    (&["EEST"], "write the zone of a city, such as `Europe/Athens`; its winter time belongs to it too"),
    (&["MSK"], "write `Europe/Moscow`"),
    (&["IST"], "write `Asia/Kolkata` for India, `Europe/Dublin` for Ireland, `Asia/Jerusalem` for Israel"),
    (&["JST"], "write `Asia/Tokyo`"),
    (&["KST"], "write `Asia/Seoul`"),
    (&["SGT"], "write `Asia/Singapore`"),
    (&["HKT"], "write `Asia/Hong_Kong`"),
    (
        &["AEST"],
        "write `Australia/Sydney` if its summer time is meant, `Australia/Brisbane` for ten hours ahead of UTC all \
         year",
    ),
    (&["AEDT"], "write `Australia/Sydney`"),
    (&["AWST"], "write `Australia/Perth`"),
    (&["NZST", "NZDT"], "write `Pacific/Auckland`"),
    (&["BRT"], "write `America/Sao_Paulo`"),
    (&["SAST"], "write `Africa/Johannesburg`"),
    (&["Z", "UCT", "ZULU", "UNIVERSAL", "ETC/UCT", "COORDINATED UNIVERSAL TIME"], "write `UTC`"),
];

const FORM: &str = "write an IANA name, such as `Europe/Berlin`";

/// Returns what is wrong with `written`, which is not the name of a zone, and what to write instead.
///
/// ```
/// use freezegate::time::zone_help::zone_help;
///
/// assert_eq!(zone_help("Berln").help, "did you mean `Europe/Berlin`?");
/// assert_eq!(zone_help("GMT").help, "write `UTC`, or `Europe/London` if British summer time is meant");
/// assert_eq!(zone_help("Pacific Standard Time").help, "write `America/Los_Angeles`");
/// ```
#[must_use]
pub fn zone_help(written: &str) -> ZoneHelp {
    if written.is_empty() {
        return ZoneHelp { cause: "the name of the time zone is empty".to_owned(), help: FORM.to_owned() };
    }
    let unknown = format!("there is no time zone `{written}`");
    if is_offset(written) {
        return ZoneHelp {
            cause: format!("`{written}` is an offset, not a place"),
            help: format!("{FORM}: an offset has no summer time"),
        };
    }
    let upper = written.trim().to_uppercase();
    if is_anywhere_on_earth(written) {
        return ZoneHelp {
            cause: format!("`{written}` (anywhere on Earth) is the offset -12:00, not a place"),
            help: "write `timezone = \"UTC\"`, and `-12:00` after each date and time".to_owned(),
        };
    }
    if let Some((_, help)) = ABBREVIATIONS.iter().find(|(names, _)| names.contains(&upper.as_str())) {
        return ZoneHelp { cause: format!("`{written}` is not an IANA name"), help: (*help).to_owned() };
    }
    if let Some(zone) = windows_zone(written) {
        return ZoneHelp {
            cause: format!("`{written}` is the name of a zone in Windows"),
            help: format!("write `{zone}`"),
        };
    }
    // few letters are like many names, and most often an abbreviation
    let is_short = written.len() <= 4 && !Zone::names().any(|name| city(name).eq_ignore_ascii_case(written));
    let near = if is_short { None } else { nearest_zone(written) };
    ZoneHelp { cause: unknown, help: near.map_or_else(|| FORM.to_owned(), |near| format!("did you mean `{near}`?")) }
}

/// Returns whether a text names "anywhere on Earth", the offset -12:00.
pub(crate) fn is_anywhere_on_earth(written: &str) -> bool {
    ["AOE", "ANYWHERE ON EARTH"].iter().any(|name| name.eq_ignore_ascii_case(written.trim()))
}

fn city(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The zone of a name that Windows gives to it, in any case.
pub(crate) fn windows_zone(written: &str) -> Option<&'static str> {
    WINDOWS.lines().find_map(|line| {
        let (name, zone) = line.split_once('\t')?;
        name.eq_ignore_ascii_case(written.trim()).then(|| current_name(zone).unwrap_or(zone))
    })
}
