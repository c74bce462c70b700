//! Findings: what a change met.

use crate::explain::{Example, Explanation};

pub(super) const CORE_HOURS: Explanation = Explanation {
    summary: "the change reaches a region during its core hours",
    meaning: "People there are at work and would notice an outage. A region is closed while it is `core_hours` in any of its \
              time zones. No core hours apply on holidays.",
    remedy: "Wait: `freezegate next production` says when it opens. If something is broken, roll back: a verified \
             rollback is allowed where the environment exempts it. If it can't wait, ask the people in `[[lifts]]` to \
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
    meaning: "The policy closes what the change reaches until the freeze ends; its `reason` says why. Freezes add up: the \
              answer lists each that applies, and none opens what another closes.",
    remedy: "Wait until the last of them ends: `freezegate next production`. If the freeze names `kinds`, \
             declare the kind of your change: others are allowed. If it can't wait, ask the people in `[[lifts]]` to sign \
             an override.",
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
    summary: "it is outside the environment's change windows",
    meaning: "An environment with `change_windows` is closed at all other times. The hours are in the time zone \
              of the window.",
    remedy: "Wait for the next window: `freezegate next production` says when one begins that nothing else closes.",
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
    meaning: "A change may break something only after a while. So the environment must stay open while the change runs, \
              and for its `settle` after that: time to notice and to roll back.",
    remedy: "Start earlier next time: `freezegate next production` prints the last start. A shorter `--for` helps only down \
             to the environment's own `duration`.",
    example: Some((
        Example::asked(
            "[environments.production]\n\
             duration = \"30m\"\n\
             settle   = \"1h\"",
            "freezegate check production --at 2026-11-24T12:00:00Z",
        ),
        Example::command("freezegate check production --at 2026-11-24T11:30:00Z"),
    )),
};

pub(super) const STALE_CALENDAR: Explanation = Explanation {
    summary: "a freeze depends on dates after the end of its calendar",
    meaning: "The freeze is set around a calendar's dates, or is of a region's holidays (`on_holidays = \
              \"closed\"`), and the calendar ends at its `valid_until`, else at its last date. Later dates may be \
              missing, so it counts as in force.",
    remedy: "Add the coming dates, or as `valid_until` the day up to which there are none: alone, that passes at \
             any hour. A job that also judges older refusals needs `--policy-from` with its commit. `freezegate \
             lint` warns 60 days before.",
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
    meaning: "Its paths and refs match `[[targets]]` of an environment or region that was not declared. \
              One of the two is a mistake, so it is refused at any hour.",
    remedy: "If both are meant, declare both. If not, remove from the change what does not belong in it. A job that \
             applies only its own share uses `--declared-only`.",
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
    meaning: "A path or ref captures a name that no table defines, or a service and a region exclude each other. Whether \
              that is closed is unknown, so it is refused at any hour. So is a symbolic link out of the paths of a \
              target.",
    remedy: "Fix the path or the name. If the name is new, define it first, in a change of its own. A folder that all \
             environments share goes into `except`, and into a target with `environment = \"*\"`. Commit files in \
             place of a link.",
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
    meaning: "The edited policy is compared with the one in force. What it opens is listed. The finding has the strictest level \
              of that, at any hour.",
    remedy: "Have it overridden as that level is, or by a `[[lifts]]` entry with `finding = \"policy-change\"`. Or leave out what opens: \
             `freezegate lint --against origin/main` shows it before you push.",
    example: None,
};

pub(super) const CLOCK: Explanation = Explanation {
    summary: "the clock of the machine is behind the newest record",
    meaning: "The record holds a decision from a later time than this machine's clock shows. A clock that is set back \
              could evade every window, so the change is refused.",
    remedy: "Set the clock of the machine, best by NTP, and ask again. If a machine's clock was ahead once, an administrator \
             moves the record away: the next decision begins a new one. For a shared ref, also delete the folder \
             `freezegate/seen` in the git directory of each checkout.",
    example: None,
};

pub(super) const ROUTE_HIJACK: Explanation = Explanation {
    summary: "another environment would answer requests",
    meaning: "The change edits manifests that `[routes]` guards. After it, a backend of another environment answers the \
              request that is shown. That is refused at any hour.",
    remedy: "Narrow the host, path or headers of the new route. `freezegate routes` lists all requests that go to another backend. A \
             verified rollback passes. To move requests on purpose, ask the people in `[[lifts]]` to sign an override.",
    example: None,
};

pub(super) const ROUTE_OVERLAP: Explanation = Explanation {
    summary: "one of two backends would answer, and manifests do not say which",
    meaning: "Two objects have routes of equal precedence for the request. The oldest object answers, and manifests do \
              not hold ages: in a new cluster it may be the other one.",
    remedy: "Put both routes into one object, or make one of them more precise.",
    example: None,
};

pub(super) const ROUTE_TAKEOVER: Explanation = Explanation {
    summary: "another backend of the same environment, or none, would answer",
    meaning: "After this change, another backend of the same environment answers the request, or none does. That is \
              daily work, so it is a warning, unless `[routes] takeover` says otherwise.",
    remedy: "If it is meant, do nothing. If not, narrow the new route, or keep the one that was removed.",
    example: None,
};

pub(super) const ROUTE_DEAD: Explanation = Explanation {
    summary: "a route never answers",
    meaning: "Other routes come first for each request that it asks for. Whoever wrote it expects requests that it does \
              not get.",
    remedy: "Remove the route, or put it before the others.",
    example: None,
};
