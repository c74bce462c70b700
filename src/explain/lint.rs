//! What `freezegate lint` finds: policies that can be read, and may not be meant.

use crate::explain::explanation::{Example, Explanation};

pub(super) const NEVER_OPEN: Explanation = Explanation {
    summary: "an environment that never opens",
    meaning: "For 400 days, no change of any kind could start: the windows cover all of it, or leave gaps shorter than \
              `duration` plus `settle`. People switch such a gate off.",
    remedy: "Shorten one of the windows shown. If nothing may change for now, use a freeze with an end.",
    example: Some((
        Example::policy(
            "[[environments.production.change_windows]]\n\
             hours    = \"Mon-Fri 10:00-16:00\"\n\
             timezone = \"America/New_York\"",
        ),
        Example::policy(
            "[[environments.production.change_windows]]\n\
             hours    = \"Mon-Fri 19:00-23:00\"\n\
             timezone = \"America/New_York\"",
        ),
    )),
};

pub(super) const RARELY_OPEN: Explanation = Explanation {
    summary: "an environment is open for fewer hours than `--min-open-hours`",
    meaning: "In the coming weeks it is open for fewer hours a week than `--min-open-hours`. Changes that wait long go \
              out together and in a hurry.",
    remedy: "Move or shorten one of the windows shown. If intended, use a lower `--min-open-hours`.",
    example: Some((
        Example::policy(
            "[[environments.production.change_windows]]\n\
             hours    = \"Tue 20:00-22:00\"\n\
             timezone = \"America/New_York\"",
        ),
        Example::policy(
            "[[environments.production.change_windows]]\n\
             hours    = \"Mon-Thu 19:00-22:00\"\n\
             timezone = \"America/New_York\"",
        ),
    )),
};

pub(super) const NEVER_OCCURS: Explanation = Explanation {
    summary: "a window that never occurs",
    meaning: "A freeze, core hours or a change window does not occur within 400 days, or changes nothing. Typical \
              causes: a mistyped year, a window inside the hour that daylight saving skips, or only holidays as dates.",
    remedy: "Fix its dates or its hours, or remove it.",
    example: Some((
        Example::policy(
            "[[freezes]]\n\
             name     = \"launch\"\n\
             from     = 2062-12-08T00:00:00\n\
             until    = 2062-12-11T00:00:00\n\
             timezone = \"UTC\"",
        ),
        Example::policy(
            "[[freezes]]\n\
             name     = \"launch\"\n\
             from     = 2026-12-08T00:00:00\n\
             until    = 2026-12-11T00:00:00\n\
             timezone = \"UTC\"",
        ),
    )),
};

pub(super) const PAST_FREEZE: Explanation = Explanation {
    summary: "a freeze that is over",
    meaning: "It no longer closes anything. Usually it was meant to recur, and this year's dates are missing.",
    remedy: "Remove it, write its next dates, or make it recur.",
    example: Some((
        Example::policy(
            "[[freezes]]\n\
             name     = \"year end\"\n\
             from     = 2025-12-20T00:00:00\n\
             until    = 2026-01-05T00:00:00\n\
             timezone = \"UTC\"",
        ),
        Example::policy(
            "[[freezes]]\n\
             name     = \"year end\"\n\
             from     = \"Dec 20 00:00\"\n\
             until    = \"Jan 5 00:00\"\n\
             timezone = \"UTC\"",
        ),
    )),
};

pub(super) const PAST_ROLLOUT: Explanation = Explanation {
    summary: "a roll-out that is over",
    meaning: "Its last stage has begun, so each window has its own level with or without `rollout`.",
    remedy: "Remove `rollout`. That opens nothing.",
    example: Some((
        Example::policy(
            "[environments.staging]\n\
             rollout = [{ from = 2026-01-12, level = \"hard\" }]",
        ),
        Example::policy("[environments.staging]"),
    )),
};

pub(super) const LONG_FREEZE: Explanation = Explanation {
    summary: "a freeze of more than 60 days without a break, or until further notice",
    meaning: "Changes that wait for two months are large, and so are their outages. Often one of the two ends is a \
              typo.",
    remedy: "Check both ends, and whether a freeze until further notice is still needed. A soft freeze with an \
             approver is often better than a long hard one.",
    example: Some((
        Example::policy(
            "[[freezes]]\n\
             name     = \"year end\"\n\
             from     = \"Oct 1 00:00\"\n\
             until    = \"Jan 5 00:00\"\n\
             timezone = \"UTC\"",
        ),
        Example::policy(
            "[[freezes]]\n\
             name     = \"year end\"\n\
             from     = \"Dec 20 00:00\"\n\
             until    = \"Jan 5 00:00\"\n\
             timezone = \"UTC\"",
        ),
    )),
};

pub(super) const CALENDAR_EXPIRES: Explanation = Explanation {
    summary: "a calendar that ends within 60 days, or has ended",
    meaning: "After `valid_until` (default: its last date) nothing is known. Then holidays count as working days, and \
              a freeze around its dates stays closed until you add them: the finding `stale-calendar`.",
    remedy: "Add the next dates, and move `valid_until` to the last day that the list covers.",
    example: Some((
        Example::policy(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"us-federal\"]\n\
             \n\
             [calendars.us-federal]\n\
             dates = [2026-11-26, 2026-12-25]",
        ),
        Example::policy(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"us-federal\"]\n\
             \n\
             [calendars.us-federal]\n\
             dates = [2026-12-25, 2027-11-25, 2027-12-24]",
        ),
    )),
};

pub(super) const IDLE_HOLIDAY: Explanation = Explanation {
    summary: "a holiday on a day without core hours",
    meaning: "A date in `holidays` falls on a day without core hours, such as a Saturday, so it changes nothing. If \
              another day is off instead, the calendar lacks that day.",
    remedy: "Add the substitute day. If there is none, write `# lint: allow idle-holiday`.",
    example: Some((
        Example::policy(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"us-federal\"]\n\
             \n\
             [calendars.us-federal]\n\
             dates = [2027-07-04, 2027-11-25]",
        ),
        Example::policy(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"us-federal\"]\n\
             \n\
             [calendars.us-federal]\n\
             dates = [2027-07-05, 2027-11-25]",
        ),
    )),
};

pub(super) const DEPRECATED_ZONE: Explanation = Explanation {
    summary: "an outdated name of a time zone",
    meaning: "The time zone database keeps such names for old files, and some systems lack them. The rules are the \
              same.",
    remedy: "Use the current name, which the message shows.",
    example: Some((
        Example::policy("[regions.us]\ntimezones = [\"US/Eastern\"]"),
        Example::policy("[regions.us]\ntimezones = [\"America/New_York\"]"),
    )),
};

pub(super) const SEVERAL_COUNTRIES: Explanation = Explanation {
    summary: "a region with holidays has time zones in several countries",
    meaning: "On a holiday no core hours start anywhere in the region. Countries have different holidays, so a holiday \
              in one would open the region while another is at work.",
    remedy: "Make a region for each country, with its own holidays.",
    example: Some((
        Example::policy(
            "[regions.dach]\n\
             timezones  = [\"Europe/Berlin\", \"Europe/Zurich\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"german\"]\n\
             \n\
             [calendars.german]\n\
             dates = [2026-10-03, 2027-10-03]",
        ),
        Example::policy(
            "[regions.de]\n\
             timezones  = [\"Europe/Berlin\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             holidays   = [\"german\"]\n\
             \n\
             [regions.ch]\n\
             timezones  = [\"Europe/Zurich\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             \n\
             [calendars.german]\n\
             dates = [2026-10-03, 2027-10-03]",
        ),
    )),
};

pub(super) const UNMATCHED_TARGET: Explanation = Explanation {
    summary: "a target whose paths match no tracked file",
    meaning: "`lint` compared the targets with the files of the checked-out commit, and no path matches. Often a \
              path is misspelled, or a folder was renamed.",
    remedy: "Fix its `paths`, or remove the target.",
    example: None,
};

pub(super) const UNCOVERED_PATH: Explanation = Explanation {
    summary: "a tracked file that no target matches, next to folders that one does",
    meaning: "A target such as `deploy/{environment}/**` takes the name from the path. No target matches the file \
              next to those folders, so nothing refuses its changes. Or a folder has an undefined name, so every \
              change of it is refused.",
    remedy: "Move the file into one of the folders, or match it by a target with `environment = \"*\"`. Correct or \
             define the name.",
    example: None,
};

pub(super) const UNUSED: Explanation = Explanation {
    summary: "a definition that nothing uses",
    meaning: "No environment serves the region, or nothing names the calendar, service or group. Often the name was \
              forgotten somewhere else.",
    remedy: "Use the name where it belongs, or remove the definition.",
    example: Some((
        Example::policy("[services.billing]"),
        Example::policy("[services.billing]\n\n[[targets]]\npaths = [\"deploy/{environment}/{service}/**\"]"),
    )),
};

pub(super) const NO_LIFT: Explanation = Explanation {
    summary: "a level that nobody can override",
    meaning: "What is refused at this level stays refused, even in an outage; only a verified rollback is allowed. In \
              an emergency people would bypass the gate.",
    remedy: "Add who may override it, or let an incident alone do so. If intended: `freezegate lint --allow \
             not-liftable`.",
    example: Some((
        Example::policy("[environments.production]\nduring_core_hours = \"hard\""),
        Example::policy(
            "[environments.production]\n\
             during_core_hours = \"hard\"\n\
             \n\
             [[lifts]]\n\
             level    = \"hard\"\n\
             signed   = []\n\
             incident = true",
        ),
    )),
};

pub(super) const OLD_ZONE_RULES: Explanation = Explanation {
    summary: "a time zone database that is older than nine months, or than the system's",
    meaning: "Governments change time zones, sometimes within weeks. With outdated rules a window may open an hour \
              early. The rules are built in, so that every machine gives the same answer.",
    remedy: "Update freezegate.",
    example: None,
};
