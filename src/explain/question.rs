//! What can be wrong with a question, with files, and with the program.

use crate::explain::{Example, Explanation};

pub(super) const UNREADABLE_FILE: Explanation = Explanation {
    summary: "a file that can't be read, or is not text",
    meaning: "Without all of its policy the gate can't say that something is open, so there is no decision. Files are UTF-8 \
              with LF line ends and without a byte order mark: one policy has one digest on every machine.",
    remedy: "Fix the path or the permissions, or save the file as the message says.",
    example: Some((
        Example::command("freezegate check production --policy polcy.toml"),
        Example::command("freezegate check production --policy freezegate.toml"),
    )),
};

pub(super) const NO_POLICY: Explanation = Explanation {
    summary: "no policy was found, or a change would leave none that works",
    meaning: "The policy is what `--policy` or `FREEZEGATE_POLICY` names, else `freezegate.toml` or \
              `policies/freezegate.toml` at the root of the repository. Without one nothing would be refused. An edit that \
              deletes the policy, breaks it or locks everybody out has the same code.",
    remedy: "Name the file, or write one with `freezegate init`. After an edit, fix the policy: `freezegate lint` prints what \
             is wrong.",
    example: None,
};

pub(super) const BAD_GRANT: Explanation = Explanation {
    summary: "a grant that cannot be read or signed",
    meaning: "A grant is a small TOML text with SSH signatures below it: 64 KiB and 32 signatures at most, 16 grants a change. People must \
              see what they sign, so a grant with carriage returns, invisible characters, the same signature twice or text after \
              the signatures is refused. A grant for one change names its ref and the digest of its difference, not a commit.",
    remedy: "Write a new one with `freezegate grant new`, and sign it with `freezegate grant sign`.",
    example: None,
};

pub(super) const NOT_IN_FRAGMENT: Explanation = Explanation {
    summary: "a fragment that holds more than freezes",
    meaning: "`--extra-freezes` and `FREEZEGATE_EXTRA_FREEZES` take fragments from anywhere, because a freeze can only close. Other tables \
              might open something.",
    remedy: "Keep only `[[freezes]]` in the fragment, and move the rest to the policy.",
    example: Some((
        Example::fragment("[environments.test]", "freezegate check production --extra-freezes stop.toml"),
        Example::fragment(
            "[[freezes]]\n\
             name     = \"logins fail\"\n\
             from     = 2026-11-21T12:00:00Z\n\
             until    = 2026-11-21T14:00:00Z\n\
             timezone = \"UTC\"",
            "freezegate check production --extra-freezes stop.toml",
        ),
    )),
};

pub(super) const BAD_QUESTION: Explanation = Explanation {
    summary: "a command line that cannot be answered",
    meaning: "The options contradict one another, or nothing was named that could be judged. Any answer might be to another \
              question than the one that was meant.",
    remedy: "See `freezegate check --help`: name an environment, or say what changed.",
    example: Some((Example::command("freezegate check"), Example::command("freezegate check production"))),
};

pub(super) const NO_EVIDENCE: Explanation = Explanation {
    summary: "the change itself cannot be read",
    meaning: "A commit is missing, the clone is shallow, or an object cannot be read. The unread part might reach production, so \
              there is no decision. The same holds for an environment with `evidence = \"required\"` if only its name was \
              typed and no changed file shows it.",
    remedy: "Add `--fetch`, so that `check` fetches what is missing, or run the command that the message names. Then ask again.",
    example: Some((
        Example::command("freezegate check production --range main~9..main"),
        Example::command("freezegate check production --range main~1..main"),
    )),
};

pub(super) const NO_RECORD: Explanation = Explanation {
    summary: "the record cannot be read or written",
    meaning: "A change is allowed only after its decision is recorded: so every allowed change can be traced, and no grant is \
              used twice. Without a record that can be written, there is no decision.",
    remedy: "Make sure that the file or ref can be written and that the disk has room, and ask again.",
    example: Some((
        Example::command("freezegate check staging --record missing/record.jsonl"),
        Example::command("freezegate check staging --record record.jsonl"),
    )),
};

pub(super) const BROKEN_RECORD: Explanation = Explanation {
    summary: "a record that was changed after it was written",
    meaning: "Each entry holds the hash of the one before. If they do not match, an entry was edited, reordered, dropped or added, \
              or the disk is damaged. The record no longer proves what was allowed and which grants were used.",
    remedy: "Run `freezegate record verify` to see which entry it is, find out who wrote to it, and restore the last good copy. \
             Until then there is no decision.",
    example: None,
};

pub(super) const BAD_INSTANT: Explanation = Explanation {
    summary: "a time that does not exist, or is beyond the range of dates",
    meaning: "`--at` takes one instant in the format of RFC 3339. A time without an offset is another instant in each time zone. \
              The code also comes up if windows keep opening or closing while the answer is computed.",
    remedy: "Add `Z` for UTC, or the offset. If a window opened or closed meanwhile, ask again.",
    example: Some((
        Example::command("freezegate check production --at 2026-11-26T09:00:00"),
        Example::command("freezegate check production --at 2026-11-26T14:00:00Z"),
    )),
};

pub(super) const INEXACT: Explanation = Explanation {
    summary: "windows that another program, or a policy, cannot have exactly",
    meaning: "Windows that are written close the same minutes, compared over 28 years, or are refused. Cron lines have no years, \
              and clock changes are read in other ways. Only freezegate knows kinds of change, services and overrides.",
    remedy: "Change what is listed, or take it out of a copy of the policy. `--stricter` accepts windows that stop more, and lists \
             what. For events of a calendar, `--until` writes the dates of what has no rule.",
    example: Some((
        Example::command("freezegate export gitlab production"),
        Example::command("freezegate export gitlab production --stricter"),
    )),
};

pub(super) const UNWRITABLE: Explanation = Explanation {
    summary: "the answer cannot be written",
    meaning: "The disk is full, the folder is missing, or the reader of the pipe has gone. An incomplete answer does not count, \
              so the exit status is 2.",
    remedy: "Name a file in a folder that exists and that you may write to.",
    example: Some((
        Example::command("freezegate check production --output out/gate"),
        Example::command("freezegate check production --output gate"),
    )),
};

pub(super) const INTERNAL: Explanation = Explanation {
    summary: "a bug in freezegate",
    meaning: "The error is in freezegate, not in the policy or the change. There is no decision.",
    remedy: "Report it to freezegate's developers, with the message and, if it can be shown, the policy.",
    example: None,
};
