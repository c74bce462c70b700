//! Findings: what a change met.

use crate::explain::explanation::{Example, Explanation};

pub(super) const CORE_HOURS: Explanation = Explanation {
    summary: "the change reaches a region during its core hours",
    meaning: "An outage now would hit people at work. A region is closed during `core_hours` in any of its time zones, \
              except on holidays.",
    remedy: "Wait: `freezegate next production` says when it opens. If something is broken, roll back: a verified \
             rollback is allowed if the environment exempts it. If it can't wait, ask the approvers in `[[lifts]]` to \
             sign an override.",
    example: Some((
        Example::asked(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]",
            "freezegate check production --at 2026-11-24T15:00:00Z",
        ),
        Example::command("freezegate check production --at 2026-11-24T23:00:00Z"),
    )),
};

pub(super) const FREEZE: Explanation = Explanation {
    summary: "a freeze is in force",
    meaning: "Until the freeze ends, the policy closes what the change reaches; the `reason` says why. Freezes add up: \
              each one that applies is listed, and none opens what another closes.",
    remedy: "Wait until the last of them ends: `freezegate next production`. If it names `kinds`, other kinds are \
             allowed: give yours with `--kind` if you typed the environment, or `kind` in the target if files show \
             it. If it can't wait, ask the approvers in `[[lifts]]` to sign an override.",
    example: Some((
        Example::asked(
            "[[freezes]]\n\
             name     = \"year end\"\n\
             from     = \"Dec 20 23:00\"\n\
             until    = \"Jan 5 09:00\"\n\
             timezone = \"UTC\"",
            "freezegate check production --at 2026-12-24T03:00:00Z",
        ),
        Example::command("freezegate check production --at 2027-01-05T09:00:00Z"),
    )),
};

pub(super) const OUTSIDE_CHANGE_WINDOW: Explanation = Explanation {
    summary: "the time is outside the environment's change windows",
    meaning: "An environment with `change_windows` is closed outside them. Their hours are in the time zone of the \
              window.",
    remedy: "Wait for the next window: `freezegate next production` shows when one opens.",
    example: Some((
        Example::asked(
            "[[environments.production.change_windows]]\n\
             hours    = \"Tue 02:00-06:00\"\n\
             timezone = \"UTC\"",
            "freezegate check production --at 2026-11-24T07:00:00Z",
        ),
        Example::command("freezegate check production --at 2026-11-24T03:00:00Z"),
    )),
};

pub(super) const NO_RUNWAY: Explanation = Explanation {
    summary: "open now, but closes before the change has settled",
    meaning: "The environment must stay open while the change runs and for the `settle` time after it, so that there \
              is time to notice a fault and to roll back.",
    remedy: "Wait for the next opening: `freezegate next production` prints it and the last start. `--for` can't go \
             below the environment's `duration`.",
    example: Some((
        Example::asked(
            "[regions.us]\n\
             timezones  = [\"America/New_York\"]\n\
             core_hours = [\"Mon-Fri 08:00-18:00\"]\n\
             \n\
             [environments.production]\n\
             duration = \"30m\"\n\
             settle   = \"1h\"",
            "freezegate check production --at 2026-11-24T12:00:00Z",
        ),
        Example::command("freezegate check production --at 2026-11-24T11:30:00Z"),
    )),
};

pub(super) const STALE_CALENDAR: Explanation = Explanation {
    summary: "a freeze depends on dates after the end of its calendar",
    meaning: "The freeze depends on a calendar's dates or a region's holidays (`on_holidays = \"closed\"`), and the \
              calendar ends at its `valid_until`, or else its last date. Later dates may be missing, so the freeze \
              counts as in force.",
    remedy: "Add the coming dates, or move `valid_until` to the last day that you checked. An edit of only these is \
             allowed at any hour. A job that also judges earlier refused changes needs `--policy-from` \
             with the commit that updated the calendar.",
    example: Some((
        Example::asked(
            "[calendars.release]\n\
             dates = [2026-09-15]\n\
             \n\
             [[freezes]]\n\
             name     = \"release week\"\n\
             from     = \"release -7d 00:00\"\n\
             until    = \"release +1d 00:00\"\n\
             timezone = \"UTC\"",
            "freezegate check production --at 2026-11-24T03:00:00Z",
        ),
        Example::asked(
            "[calendars.release]\n\
             dates       = [2026-09-15]\n\
             valid_until = 2026-12-31\n\
             \n\
             [[freezes]]\n\
             name     = \"release week\"\n\
             from     = \"release -7d 00:00\"\n\
             until    = \"release +1d 00:00\"\n\
             timezone = \"UTC\"",
            "freezegate check production --at 2026-11-24T03:00:00Z",
        ),
    )),
};

pub(super) const TARGET_MISMATCH: Explanation = Explanation {
    summary: "the change says one thing and reaches another",
    meaning: "Its paths or refs match `[[targets]]` of an environment or region that was not declared. Either the \
              declaration or the change is wrong, so the change is refused at any hour.",
    remedy: "If what was said is wrong, say what the files show: amend the trailer, or name that. If both are meant, \
             declare both. Else remove what does not belong in the change. A job that applies only its own share \
             uses `--declared-only`.",
    example: Some((
        Example::asked(
            "[[targets]]\n\
             paths = [\"deploy/{environment}/**\"]",
            "freezegate check staging --range main~1..main",
        ),
        Example::command("freezegate check production --range main~1..main"),
    )),
};

pub(super) const UNKNOWN_TARGET: Explanation = Explanation {
    summary: "the change reaches something that the policy doesn't know",
    meaning: "A path or ref contains a name that no table defines, or a service does not run in a region. No window \
              can be checked for it, so it is refused at any hour. The same holds for a symbolic link that leaves the \
              paths of its target.",
    remedy: "Fix the path or the name. If the name is new, define it first, in a change of its own. If all environments \
             share a folder, add it to `except`, and to a target with `environment = \"*\"`. Replace the link with \
             the files.",
    example: Some((
        Example::asked(
            "[regions.eu]\n\
             timezones = [\"Europe/Berlin\"]\n\
             \n\
             [environments.production]\n\
             regions = [\"us\"]",
            "freezegate check production --region eu",
        ),
        Example::command("freezegate check production --region us"),
    )),
};

pub(super) const POLICY_CHANGE: Explanation = Explanation {
    summary: "the change edits the policy and opens something",
    meaning: "The finding is as strict as the strictest window that the edit opens, at any hour. A change of who may \
              override a finding also counts as opening, even if it becomes harder: it prepares the next edit.",
    remedy: "Ask for an override (a `[[lifts]]` entry for that level, or with `finding = \"policy-change\"`). Or \
             remove what opens: `freezegate lint --against origin/main` lists it.",
    example: None,
};

pub(super) const CLOCK: Explanation = Explanation {
    summary: "the clock is behind the newest entry of the record",
    meaning: "The record holds a decision from a later time than this machine's clock shows. Anyone who sets a clock \
              back could get around every window, so the change is refused.",
    remedy: "Correct the clock, preferably by NTP, and try again. If the newest entry is from a clock that ran \
             ahead, an administrator moves the record away; the next decision starts a new one. For a shared ref, also delete the folder \
             `freezegate/seen` in the git directory of each checkout.",
    example: None,
};

pub(super) const ROUTE_HIJACK: Explanation = Explanation {
    summary: "another environment would answer requests",
    meaning: "The change edits manifests that `[routes]` guards. Afterwards a backend of another environment answers \
              the request shown. That is refused at any hour.",
    remedy: "Narrow the host, path or headers of the new route. `freezegate routes` lists all requests that go to \
             another backend. A verified rollback is allowed. To move requests on purpose, ask the approvers in \
             `[[lifts]]` to sign an override.",
    example: None,
};

pub(super) const ROUTE_OVERLAP: Explanation = Explanation {
    summary: "two backends could answer, and the manifests do not decide which",
    meaning: "Two objects have routes of equal precedence for the request. The older object answers, but manifests \
              have no creation times: in a new cluster it may be the other one.",
    remedy: "Put both routes into one object, or make one route more specific.",
    example: None,
};

pub(super) const ROUTE_TAKEOVER: Explanation = Explanation {
    summary: "another backend of the same environment, or none, would answer",
    meaning: "After this change, another backend of the same environment answers the request, or none does. That is \
              routine, so it is a warning, unless `[routes] takeover` sets another level.",
    remedy: "If intended, do nothing. If not, narrow the new route, or restore the removed one.",
    example: None,
};

pub(super) const ROUTE_DEAD: Explanation = Explanation {
    summary: "a route never answers",
    meaning: "For every request that it matches, another route takes precedence. The route gets none of the requests that its \
              author expects.",
    remedy: "Remove the route, or give it precedence.",
    example: None,
};
