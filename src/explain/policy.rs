//! What can be wrong with the text of a policy.

use crate::explain::explanation::{Example, Explanation};

pub(super) const SYNTAX: Explanation = Explanation {
    summary: "the file is not TOML",
    meaning: "The text is not valid TOML. The rest may not have been read, so more errors may appear after the fix.",
    remedy: "Look at the underlined place and just before it. https://toml.io describes the syntax.",
    example: Some((Example::policy("[environments.production"), Example::policy("[environments.production]"))),
};

pub(super) const EMPTY_POLICY: Explanation = Explanation {
    summary: "the policy has no environments",
    meaning: "Without environments the policy could never refuse anything, so it is an error.",
    remedy: "Add an `[environments.NAME]` table for each environment to protect.",
    example: Some((Example::policy("version = 1"), Example::policy("version = 1\n\n[environments.production]"))),
};

pub(super) const WRONG_VERSION: Explanation = Explanation {
    summary: "`version` is missing, or unknown to this program",
    meaning: "The version says how to read the file. An older program must not guess at a newer format.",
    remedy: "Write `version = 1` at the top of every file, or update this program.",
    example: Some((
        Example::policy("version = 2\n\n[environments.production]"),
        Example::policy("version = 1\n\n[environments.production]"),
    )),
};

pub(super) const TOO_OLD: Explanation = Explanation {
    summary: "the policy needs a newer freezegate",
    meaning: "`requires` names the oldest version that can read the policy. An older one does not know what newer keys \
              close, so it makes no decision. If several files have the key, the newest version counts.",
    remedy: "Install that version or a newer one; on a server, do so before you push the policy.",
    example: Some((
        Example::policy("requires = \"99.0\"\n\n[environments.production]"),
        Example::policy("requires = \"0.1\"\n\n[environments.production]"),
    )),
};

pub(super) const UNKNOWN_KEY: Explanation = Explanation {
    summary: "an unknown key",
    meaning: "A misspelled key would be a rule that never applies. So no unknown key is ignored, not even one meant as \
              a note.",
    remedy: "Write the suggested key, or make it a comment with `#`.",
    example: Some((
        Example::policy("[environments.production]\nregion = [\"us\"]"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const MISSING_KEY: Explanation = Explanation {
    summary: "a required key is missing",
    meaning: "Some keys have no sensible default, such as time zones.",
    remedy: "Add the key that the message names.",
    example: Some((
        Example::policy("[regions.us]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
    )),
};

pub(super) const WRONG_TYPE: Explanation = Explanation {
    summary: "a value of the wrong type",
    meaning: "The key needs another type, such as a list instead of a string, or a date without quotes.",
    remedy: "Write the value as the message says.",
    example: Some((
        Example::policy("[environments.production]\naliases = \"prod\""),
        Example::policy("[environments.production]\naliases = [\"prod\"]"),
    )),
};

pub(super) const BAD_VALUE: Explanation = Explanation {
    summary: "a value that is not allowed here",
    meaning: "The key accepts only a few words, and this is not one of them.",
    remedy: "Write one of the words that the message lists.",
    example: Some((
        Example::policy("[environments.production]\nduring_core_hours = \"strict\""),
        Example::policy("[environments.production]\nduring_core_hours = \"hard\""),
    )),
};

pub(super) const UNKNOWN_NAME: Explanation = Explanation {
    summary: "an undefined name",
    meaning: "The policy or the command line names an environment, region, service, kind, group or calendar that is \
              not defined. Names and aliases match exactly: `prod` does not match `preprod`.",
    remedy: "Write the suggested name, or define this one.",
    example: Some((
        Example::policy("[environments.production]\nregions = [\"usa\"]"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const UNKNOWN_ZONE: Explanation = Explanation {
    summary: "not an IANA time zone name",
    meaning: "Only a place has daylight-saving rules. `EST` and `UTC-5` agree with New York only in winter: a window would \
              be an hour off for half of the year.",
    remedy: "Write an IANA name: a continent and a city, or `UTC`.",
    example: Some((
        Example::policy("[regions.us]\ntimezones = [\"EST\"]"),
        Example::policy("[regions.us]\ntimezones = [\"America/New_York\"]"),
    )),
};

pub(super) const DUPLICATE_NAME: Explanation = Explanation {
    summary: "a name that is defined twice",
    meaning: "Files are combined in any order, so neither definition could take precedence. An alias is a name too.",
    remedy: "Keep one of the two. Two freezes are fine if each has its own name.",
    example: Some((
        Example::policy("[environments.production]\naliases = [\"staging\"]\n\n[environments.staging]"),
        Example::policy("[environments.production]\naliases = [\"prod\"]\n\n[environments.staging]"),
    )),
};

pub(super) const BAD_NAME: Explanation = Explanation {
    summary: "an invalid name",
    meaning: "Names appear in paths, command lines, grants and messages. Spaces or look-alike letters would make two \
              of them indistinguishable.",
    remedy: "Use ASCII letters, digits, `.`, `_` and `-`. A calendar's name must not be a word used in moments, such \
             as `last`.",
    example: Some((
        Example::policy("[environments.\"pre production\"]"),
        Example::policy("[environments.pre-production]"),
    )),
};

pub(super) const BAD_HOURS: Explanation = Explanation {
    summary: "invalid hours",
    meaning: "Hours are days and a span of local time: `DAYS HH:MM-HH:MM`. Days are `Mon`, `Mon-Fri`, `Mon,Wed` or \
              `daily`; an end at or before the start is on the next day.",
    remedy: "Write two digits for hours and minutes, English three-letter days, and `24:00` for the end of a day.",
    example: Some((
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 8-18\"]"),
        Example::policy("[regions.us]\ntimezones  = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
    )),
};

pub(super) const BAD_MOMENT: Explanation = Explanation {
    summary: "an invalid moment, or one that not every month or year has",
    meaning: "`from` and `until` are a weekly, monthly or yearly moment, one around a calendar's dates, or a date and \
              time without quotes. If some months lack the day, the freeze would be missing in those months.",
    remedy: "Write `last day` for the end of a month, `last Fri` for the last Friday, and a time with every moment.",
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
    meaning: "A duration has a unit, is not negative, and is at most 31 days.",
    remedy: "Write `45m`, `1h30m` or `3d`.",
    example: Some((
        Example::policy("[environments.production]\nsettle = \"30\""),
        Example::policy("[environments.production]\nsettle = \"30m\""),
    )),
};

pub(super) const BAD_PATTERN: Explanation = Explanation {
    summary: "an invalid pattern of a path or ref",
    meaning: "`*` matches any text within a segment, `**` any number of folders (at the end: all below), \
              `{environment}`, `{region}` and `{service}` a name. A path without wildcards also matches all below it. \
              `\\[` is a literal bracket. Paths start at the root of the repository; refs are full names.",
    remedy: "Fix the underlined part. For a regular expression, write the glob that the message suggests.",
    example: Some((
        Example::policy("[[targets]]\npaths       = [\"deploy/**.yaml\"]\nenvironment = \"production\""),
        Example::policy("[[targets]]\npaths       = [\"deploy/**/*.yaml\"]\nenvironment = \"production\""),
    )),
};

pub(super) const EMPTY_SET: Explanation = Explanation {
    summary: "a set that is always empty",
    meaning: "A list is empty, or its items exclude each other: the rule could never apply, although it looks as if it \
              did. Omitting a list means all.",
    remedy: "Name at least one item, or remove the key if all are meant.",
    example: Some((
        Example::policy("[environments.production]\nregions = []"),
        Example::policy("[environments.production]\nregions = [\"us\"]"),
    )),
};

pub(super) const TOO_LARGE: Explanation = Explanation {
    summary: "a policy with too many environments and regions",
    meaning: "Even a change that reaches all of them must be decided and recorded. Limits: 192 KiB for names of \
              environments (plus 3 bytes each); 50,000 pairs of environment and region; 250,000 pairs reached by \
              targets with `environment = \"*\"`; a million closed by freezes.",
    remedy: "Define fewer, use shorter names, name the `regions` of each environment, merge targets, or remove old \
             freezes.",
    example: None,
};

pub(super) const CONTRADICTION: Explanation = Explanation {
    summary: "contradicting settings",
    meaning: "Two settings exclude each other, such as an end before the start, or `hours` beside `from`; or a \
              `[[lifts]]` entry requires nothing.",
    remedy: "Keep the one you mean; the message shows both places.",
    example: Some((
        Example::policy("[[lifts]]\nlevel  = \"hard\"\nsigned = []"),
        Example::policy("[[lifts]]\nlevel    = \"hard\"\nsigned   = []\nincident = true"),
    )),
};

pub(super) const BAD_INCLUDE: Explanation = Explanation {
    summary: "an include that leaves the folder, or does not exist",
    meaning: "All files of a policy come from one trusted place. A path that leaves the policy's folder could point to \
              a file that somebody else can write.",
    remedy: "Put the file beside the policy or in a folder below it, and name it relative to the policy.",
    example: Some((Example::policy("include = [\"../org.toml\"]"), Example::policy("include = [\"org.toml\"]"))),
};

pub(super) const BAD_ROSTER: Explanation = Explanation {
    summary: "an unreadable roster",
    meaning: "The roster maps keys to people, in the format ALLOWED SIGNERS of ssh-keygen(1). It is read more \
              strictly: one exact person per line, no patterns, no certificate authorities, no duplicate keys.",
    remedy: "Fix the line shown, or the path in `allowed_signers`.",
    example: Some((
        Example::policy("[approvers]\nallowed_signers = \"people.txt\""),
        Example::policy("[approvers]\nallowed_signers = \"approvers.allowed_signers\""),
    )),
};
