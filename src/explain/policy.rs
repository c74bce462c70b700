//! What can be wrong with the text of a policy.

use crate::explain::{Example, Explanation};

pub(super) const SYNTAX: Explanation = Explanation {
    summary: "the file is not TOML",
    meaning: "The text breaks a rule of the language. What follows it may not have been read, so further \
              faults may show when it is fixed.",
    remedy: "Look at the place that is underlined, and just before it. https://toml.io has the rules on one page.",
    example: Some((Example::policy("[environments.production"), Example::policy("[environments.production]"))),
};

pub(super) const EMPTY_POLICY: Explanation = Explanation {
    summary: "the policy has no environments",
    meaning: "A policy that protects nothing could never refuse. It would look like a gate without being one, so it is an error.",
    remedy: "Add an `[environments.NAME]` table for each environment to protect.",
    example: Some((Example::policy("version = 1"), Example::policy("version = 1\n\n[environments.production]"))),
};

pub(super) const WRONG_VERSION: Explanation = Explanation {
    summary: "`version` is missing, or unknown to this program",
    meaning: "The version says by which rules the file is to be read. An older program must not guess at the rules of a newer \
              one.",
    remedy: "Write `version = 1` at the top of every file, or update this program.",
    example: Some((
        Example::policy("version = 2\n\n[environments.production]"),
        Example::policy("version = 1\n\n[environments.production]"),
    )),
};

pub(super) const TOO_OLD: Explanation = Explanation {
    summary: "the policy needs a newer freezegate",
    meaning: "`requires` names the oldest version that can read the policy. An older one does not know what newer keys close, so \
              it decides nothing. If several files have the key, the newest version counts.",
    remedy: "Install that version or a newer one; on a server, before the policy is pushed.",
    example: Some((
        Example::policy("requires = \"99.0\"\n\n[environments.production]"),
        Example::policy("requires = \"0.1\"\n\n[environments.production]"),
    )),
};

pub(super) const UNKNOWN_KEY: Explanation = Explanation {
    summary: "an unknown key",
    meaning: "A key that is misspelled would be a rule that never holds. So none is passed over, not even one that only \
              looks like a note.",
    remedy: "Write the key that is suggested, or make it a comment with `#`.",
    example: Some((
        Example::policy("[environments.production]\nregion = [\"us\"]"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const MISSING_KEY: Explanation = Explanation {
    summary: "a required key is missing",
    meaning: "Some keys have no sensible default, a time zone above all.",
    remedy: "Add the key that the message names.",
    example: Some((
        Example::policy("[regions.us]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
    )),
};

pub(super) const WRONG_TYPE: Explanation = Explanation {
    summary: "a value of the wrong type",
    meaning: "The key takes another type of value, such as a list instead of a string, or a date instead of quoted text.",
    remedy: "Write the value as the message says.",
    example: Some((
        Example::policy("[environments.production]\naliases = \"prod\""),
        Example::policy("[environments.production]\naliases = [\"prod\"]"),
    )),
};

pub(super) const BAD_VALUE: Explanation = Explanation {
    summary: "a value that is not allowed here",
    meaning: "The key takes one of a few words, and this is not one of them.",
    remedy: "Write one of the words that the message lists.",
    example: Some((
        Example::policy("[environments.production]\nduring_core_hours = \"strict\""),
        Example::policy("[environments.production]\nduring_core_hours = \"hard\""),
    )),
};

pub(super) const UNKNOWN_NAME: Explanation = Explanation {
    summary: "an undefined name",
    meaning: "The policy or the command line names an environment, region, service, kind, group or calendar that is not \
              defined. Names match exactly, aliases included; `prod` is not part of `preprod`.",
    remedy: "Write the name that is suggested, or define it.",
    example: Some((
        Example::policy("[environments.production]\nregions = [\"usa\"]"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const UNKNOWN_ZONE: Explanation = Explanation {
    summary: "not an IANA time zone name",
    meaning: "Only a place has rules for its clocks. `EST` has no summer time, and `UTC-5` is New York in winter only: a window \
              would be an hour off for half of the year.",
    remedy: "Write an IANA name: a continent and a city, or `UTC`.",
    example: Some((
        Example::policy("[regions.us]\ntimezones = [\"EST\"]"),
        Example::policy("[regions.us]\ntimezones = [\"America/New_York\"]"),
    )),
};

pub(super) const DUPLICATE_NAME: Explanation = Explanation {
    summary: "a name that is defined twice",
    meaning: "Files add up in any order, so neither of the two definitions could win. An alias is a name too.",
    remedy: "Keep one of the two, in one file. Freezes add up: give the second its own name.",
    example: Some((
        Example::policy("[environments.production]\naliases = [\"staging\"]\n\n[environments.staging]"),
        Example::policy("[environments.production]\naliases = [\"prod\"]\n\n[environments.staging]"),
    )),
};

pub(super) const BAD_NAME: Explanation = Explanation {
    summary: "an invalid name",
    meaning: "Names stand in paths, command lines, grants and messages. With blanks or look-alike letters two of them could \
              not be told apart.",
    remedy: "Use ASCII letters, digits, `.`, `_` and `-`. No calendar may be called like a word of moments, such as `last`.",
    example: Some((
        Example::policy("[environments.\"pre production\"]"),
        Example::policy("[environments.pre-production]"),
    )),
};

pub(super) const BAD_HOURS: Explanation = Explanation {
    summary: "invalid hours",
    meaning: "Hours are days and a span of the wall clock: `DAYS HH:MM-HH:MM`. Days are `Mon`, `Mon-Fri`, `Mon,Wed` or \
              `daily`; an end at or before the start is on the next day.",
    remedy: "Write two digits for hours and minutes, English three-letter days, and `24:00` for the end of a day.",
    example: Some((
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 8-18\"]"),
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
    )),
};

pub(super) const BAD_MOMENT: Explanation = Explanation {
    summary: "an invalid moment, or one that not every month or year has",
    meaning: "`from` and `until` are a weekly, monthly or yearly moment, one around a calendar's dates, or a date and time \
              without quotes. A day that some months lack would be a freeze that some months lack.",
    remedy: "Say `last day` for the end of a month, `last Fri` for the last Friday, and give every moment its time.",
    example: Some((
        Example::policy(
            "[[freezes]]\n\
             name     = \"end of month\"\n\
             from     = \"day 31 00:00\"\n\
             until    = \"+1d 09:00\"\n\
             timezone = \"UTC\"",
        ),
        Example::policy(
            "[[freezes]]\n\
             name     = \"end of month\"\n\
             from     = \"last day 00:00\"\n\
             until    = \"+1d 09:00\"\n\
             timezone = \"UTC\"",
        ),
    )),
};

pub(super) const BAD_DURATION: Explanation = Explanation {
    summary: "an invalid duration",
    meaning: "A duration has a unit, is not negative, and is at most 31 days: a longer one is a mistake.",
    remedy: "Write `45m`, `1h30m` or `3d`.",
    example: Some((
        Example::policy("[environments.production]\nsettle = \"30\""),
        Example::policy("[environments.production]\nsettle = \"30m\""),
    )),
};

pub(super) const BAD_PATTERN: Explanation = Explanation {
    summary: "an invalid pattern of a path or ref",
    meaning: "`*` stands for any text within one segment, `**` for any number of folders and at the end for all that lies below, \
              `{environment}`, `{region}` and `{service}` for a name. A path of fixed text is also all that lies below it. `\\[` is a \
              bracket itself. Paths start at the root of the repository, refs are full names.",
    remedy: "Fix what is underlined. A regular expression is refused too: write the glob that the message names.",
    example: Some((
        Example::policy("[[targets]]\npaths       = [\"deploy/**.yaml\"]\nenvironment = \"production\""),
        Example::policy("[[targets]]\npaths       = [\"deploy/**/*.yaml\"]\nenvironment = \"production\""),
    )),
};

pub(super) const EMPTY_SET: Explanation = Explanation {
    summary: "a set that is always empty",
    meaning: "A list without items, or things that never go together: a rule that could never hold, and looks as if it did. \
              To leave a list out means all.",
    remedy: "Name at least one item, or remove the key if all are meant.",
    example: Some((
        Example::policy("[environments.production]\nregions = []"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const TOO_LARGE: Explanation = Explanation {
    summary: "a policy with too many environments and regions",
    meaning: "Even a change that reaches all of them must be decided and recorded. Names of environments may take 192 KiB, with 3 \
              bytes more each. Counting the regions of each environment, there may be 50,000; targets with `environment = \"*\"` \
              may reach 250,000 of these in all, and freezes close a million.",
    remedy: "Define fewer, use shorter names, name the `regions` of each environment, join targets, or take out old freezes.",
    example: None,
};

pub(super) const CONTRADICTION: Explanation = Explanation {
    summary: "contradicting settings",
    meaning: "A freeze that ends before it starts, `hours` beside `from`, this `[[lifts]]` entry requires nothing: whichever of the two \
              was meant, the other is wrong.",
    remedy: "Decide which is meant; the message shows both places.",
    example: Some((
        Example::policy("[[lifts]]\nlevel  = \"hard\"\nsigned = []"),
        Example::policy("[[lifts]]\nlevel    = \"hard\"\nsigned   = []\nincident = true"),
    )),
};

pub(super) const BAD_INCLUDE: Explanation = Explanation {
    summary: "an include that leaves the folder, or does not exist",
    meaning: "All files of a policy are read from one trusted place. A path that leaves the folder of the policy could point \
              to a file that somebody else writes.",
    remedy: "Put the file beside the policy or in a folder below it, and name it relative to the policy.",
    example: Some((Example::policy("include = [\"../org.toml\"]"), Example::policy("include = [\"org.toml\"]"))),
};

pub(super) const BAD_ROSTER: Explanation = Explanation {
    summary: "an unreadable list of signers",
    meaning: "The roster says whose key is whose, in the format of ssh-keygen(1) under ALLOWED SIGNERS. It is read more \
              strictly: one exact person a line, no patterns, no certificate authorities, no key twice.",
    remedy: "Fix the line that is named, or the path of `allowed_signers`.",
    example: Some((
        Example::policy("[approvers]\nallowed_signers = \"people.txt\""),
        Example::policy("[approvers]\nallowed_signers = \"approvers.allowed_signers\""),
    )),
};
