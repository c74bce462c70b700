//! What `freezegate lint` finds: policies that can be read, and may not be meant.

use crate::explain::{Example, Explanation};

pub(super) const NEVER_OPEN: Explanation = Explanation {
    summary: "an environment that never opens",
    meaning: "For 400 days there is no moment at which no change of any kind could start: the windows cover all of it, or what \
              they leave is shorter than `duration` and `settle`. Such a gate gets switched off.",
    remedy: "The windows that close it are shown: shorten one of them. If nothing is to change, say so with a freeze that \
             ends.",
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
    summary: "an environment that is open for fewer hours than wanted",
    meaning: "It opens, but in the coming weeks for fewer hours a week than `--min-open-hours`. What waits long goes out all at once, \
              and in a hurry.",
    remedy: "Move or shorten one of the windows that are shown. If it is meant, ask with a lower `--min-open-hours`.",
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
    meaning: "A freeze, core hours or a change window without any instant within 400 days: a mistyped year, a window that the \
              clocks jump over, one whose every date is a holiday, or one that closes or opens nothing.",
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
    meaning: "It closes nothing any more. Most often it was meant to come again, and this year's dates are missing.",
    remedy: "Remove it, give it its next dates, or write moments that recur.",
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
    meaning: "Its last stage has begun: each window has the level that the policy gives it, with `rollout` and without it.",
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
    meaning: "Changes that wait for two months are large when they go out, and so is what breaks. Often one of the two ends is a \
              slip.",
    remedy: "See whether both ends are meant, and whether what lasts until further notice still has to. A soft freeze with somebody who may override it serves better than a long hard one.",
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
    meaning: "After `valid_until` (left out: its last date) a calendar says nothing. Then its holidays count as working days, \
              and a freeze around its dates closes until they are known: that is the finding `stale-calendar`.",
    remedy: "Add the next dates, and move `valid_until` to the last day that the list knows about.",
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
    meaning: "A date in `holidays` falls on a day on which no core hours start, such as a Saturday, so it changes nothing. Where \
              another day is off in its place, that day is missing from the calendar.",
    remedy: "Add the day that is off in its place. If there is none, write `# lint: allow idle-holiday`.",
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
    meaning: "The database keeps such names for old files, and some systems do without them. The rules are the same.",
    remedy: "Write the name in use, which the message shows.",
    example: Some((
        Example::policy("[regions.us]\ntimezones = [\"US/Eastern\"]"),
        Example::policy("[regions.us]\ntimezones = [\"America/New_York\"]"),
    )),
};

pub(super) const SEVERAL_COUNTRIES: Explanation = Explanation {
    summary: "a region with holidays whose zones lie in several countries",
    meaning: "On a holiday no core hours start anywhere in the region. Countries have different holidays, so those of one \
              would open the region while the other is at work.",
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
    meaning: "`lint --coverage` compared the targets with the files of the commit that is checked out, and none has such a path. \
              Often a folder was renamed, and the target was not.",
    remedy: "Fix its `paths`, or remove the target.",
    example: None,
};

pub(super) const UNCOVERED_PATH: Explanation = Explanation {
    summary: "a tracked file beside captured folders that no target matches",
    meaning: "A target captures a name, such as `deploy/{environment}/**`. Beside those it captures lies a file that no target \
              matches, so nothing refuses its changes; or it captures a name that nothing has, so every change is refused.",
    remedy: "Move the file into one of the folders, or add a target with `environment = \"*\"` that matches it. Correct or \
             define the name.",
    example: None,
};

pub(super) const UNUSED: Explanation = Explanation {
    summary: "something that nothing refers to",
    meaning: "A region that no environment serves, a calendar, a service or a group that nothing names. Often a name is \
              missing where it was meant to be.",
    remedy: "Name it where it belongs, or remove it.",
    example: Some((
        Example::policy("[services.billing]"),
        Example::policy("[services.billing]\n\n[[targets]]\npaths = [\"deploy/{environment}/{service}/**\"]"),
    )),
};

pub(super) const NO_LIFT: Explanation = Explanation {
    summary: "a level that nobody can override",
    meaning: "What is refused at this level stays refused, in an outage too; only a verified rollback may pass. \
              People who must get through will then bypass the gate.",
    remedy: "Say who may override it, or that an incident alone does. If it is meant so: `freezegate lint --allow not-liftable`.",
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
    meaning: "Governments change their clocks, sometimes within weeks. With the rules of last year a window may open an hour \
              early. The rules are built in, so that one instant gets one answer on every machine.",
    remedy: "Update freezegate.",
    example: None,
};
