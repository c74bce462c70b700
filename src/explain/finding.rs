//! Findings: what a change met.

use crate::explain::{Example, Explanation};

pub(super) const CORE_HOURS: Explanation = Explanation {
    summary: "a region that the change reaches is at work",
    meaning: "Its people use now what would be changed, and would meet what breaks. A region is closed while the clock of \
              any of its zones is within `core_hours`, holidays left out.",
    remedy: "Wait: `freezegate next production` says when it opens. If something is broken, go back to the state before: \
             a rollback passes where the environment exempts it. What can't wait needs those whom `[[lifts]]` names.",
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
    summary: "a freeze of the policy holds",
    meaning: "The policy closes what the change reaches for this time, and its `reason` says why. Freezes add up: each that \
              applies is told, and none opens what another closes.",
    remedy: "Wait until the last of them ends: `freezegate next production`. A freeze of `kinds` lets other kinds of change \
             through, if the change says what it is. What can't wait needs those whom `[[lifts]]` names.",
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
    summary: "the environment has change windows, and this is in none",
    meaning: "An environment with `change_windows` is closed at all other times. The hours are those of the window's own \
              zone, whoever asks.",
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
    summary: "open now, but the change and its settling run into the next window",
    meaning: "A change that breaks something shows it late. So the environment must stay open for as long as the change \
              takes, and for its `settle` after that: time to see it and to go back.",
    remedy: "Start earlier next time: `freezegate next production` tells the last minute to start in. A shorter `--for` helps \
             only down to the environment's own `duration`.",
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
    summary: "a freeze depends on dates that its calendar doesn't know any more",
    meaning: "The freeze lies around the dates of a calendar, and the calendar says nothing after its `valid_until`. There \
              may be a date that it doesn't list, so the freeze is taken to hold.",
    remedy: "Add the coming dates and move `valid_until`. `freezegate lint` warns 60 days before.",
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
    meaning: "The paths and refs of the change show through `[[targets]]` where it goes, and that is not where it was said \
              to go. What a change says of itself never counts for less than what it shows, so this stands at any hour.",
    remedy: "If both are meant, say both. If not, take out of the change what doesn't belong to it. A job that applies only \
             its own share says so with `--declared-only`.",
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
    meaning: "A path or ref captures a name that no table has, or a service and a region exclude each other. Nobody can say \
              whether that is closed, so it is refused at any hour. So is a symbolic link that leads out of what a target \
              looks at: later changes behind it would not be seen.",
    remedy: "Fix the path or the name. If it is new, define it in the policy first, in a change of its own. In place of a \
             link, commit the files.",
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
    remedy: "Have it overridden as that level is, or by a lift with `finding = \"policy-change\"`. Or leave out what opens: \
             `freezegate lint --against origin/main` shows it before you push.",
    example: None,
};

pub(super) const CLOCK: Explanation = Explanation {
    summary: "the clock of the machine is behind the newest record",
    meaning: "A decision was recorded at a later time than this machine says it is. With a clock that is set back, every \
              window could be evaded, so it is refused.",
    remedy: "Set the clock of the machine, best by NTP, and ask again. Where the newest record is wrong, because the clock of \
             another machine was ahead, an administrator moves the record away, as a file or as a ref: the next decision \
             begins a new one.",
    example: None,
};
