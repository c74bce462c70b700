//! What can be wrong with a question, with files, and with the program.

use crate::explain::explanation::{Example, Explanation};

pub(super) const UNREADABLE_FILE: Explanation = Explanation {
    summary: "a file that can't be read, or is not text",
    meaning: "Without the whole policy there is no decision. Files must be UTF-8 with LF line ends and no byte order \
              mark, so that a policy has the same digest on every machine.",
    remedy: "Fix the path or the permissions, or save the file as the message says.",
    example: Some((
        Example::command("freezegate check production --policy polcy.toml"),
        Example::command("freezegate check production --policy freezegate.toml"),
    )),
};

pub(super) const NO_POLICY: Explanation = Explanation {
    summary: "no policy was found, or a change would leave none that works",
    meaning: "The policy is what `--policy` or `FREEZEGATE_POLICY` names, else `freezegate.toml` or \
              `policies/freezegate.toml` at the root of the repository. Without one there is no decision. A change \
              that deletes the policy, breaks it or locks everybody out has the same code.",
    remedy: "Name the file, or create one with `freezegate init`. After an edit, fix what `freezegate lint` reports.",
    example: None,
};

pub(super) const BAD_GRANT: Explanation = Explanation {
    summary: "a grant that can't be read or signed",
    meaning: "A grant is a TOML text followed by SSH signatures: at most 64 KiB, 32 signatures, 16 grants per change. \
              Approvers must see what they sign, so carriage returns, invisible characters, repeated signatures and \
              text after the signatures are refused. A grant for one change names its ref and the digest of its \
              difference, not a commit.",
    remedy: "Write a new one with `freezegate grant new`, and sign it with `freezegate grant sign`.",
    example: None,
};

pub(super) const NOT_IN_FRAGMENT: Explanation = Explanation {
    summary: "a fragment that holds more than freezes",
    meaning: "`--extra-freezes` and `FREEZEGATE_EXTRA_FREEZES` take fragments from anywhere, because a freeze can only \
              close. Other tables might open something.",
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
    summary: "a command line that can't be answered",
    meaning: "The options contradict one another, or nothing to judge was named.",
    remedy: "Name an environment, or what changed: see `freezegate check --help`.",
    example: Some((Example::command("freezegate check"), Example::command("freezegate check production"))),
};

pub(super) const NO_EVIDENCE: Explanation = Explanation {
    summary: "the change itself can't be read",
    meaning: "A commit is missing, the clone is shallow, or an object can't be read. The unread part might reach \
              production, so there is no decision. The same holds for an environment with `evidence = \"required\"` if \
              only its name was typed and no changed file shows it.",
    remedy: "Add `--fetch` to fetch what is missing, or run the command in the message. Then try again.",
    example: Some((
        Example::command("freezegate check production --range main~9..main"),
        Example::command("freezegate check production --range main~1..main"),
    )),
};

pub(super) const NO_RECORD: Explanation = Explanation {
    summary: "the record can't be read or written",
    meaning: "A change is allowed only after its decision is recorded, so that every allowed change can be traced and \
              no grant is used twice.",
    remedy: "Check that the file or ref is writable and the disk is not full, and try again.",
    example: Some((
        Example::command("freezegate check staging --record missing/record.jsonl"),
        Example::command("freezegate check staging --record record.jsonl"),
    )),
};

pub(super) const BROKEN_RECORD: Explanation = Explanation {
    summary: "the record was changed after it was written",
    meaning: "Each entry holds the hash of the one before. If they differ, an entry was edited, reordered, \
              dropped or added, or the disk is damaged. The record no longer proves what was allowed and which grants \
              were used.",
    remedy: "Run `freezegate record verify RECORD` to see which entry, find out who changed it, and restore the last good \
             copy. Until then there is no decision.",
    example: None,
};

pub(super) const BAD_INSTANT: Explanation = Explanation {
    summary: "a time that does not exist, or is beyond the range of dates",
    meaning: "`--at` takes `17:50`, `Fri 17:50`, or a date and time with an offset: without one, it would mean another \
              instant in each time zone. The code also appears if windows open or close while the answer is computed.",
    remedy: "Add `Z` for UTC, or the offset. If a window opened or closed meanwhile, try again.",
    example: Some((
        Example::command("freezegate check production --at 2026-11-26T09:00:00"),
        Example::command("freezegate check production --at 2026-11-26T14:00:00Z"),
    )),
};

pub(super) const INEXACT: Explanation = Explanation {
    summary: "windows that the other format can't express exactly",
    meaning: "Windows are written only if they close exactly the same minutes, compared over 28 years. Cron lines have \
              no years, and other programs handle clock changes differently. Only freezegate knows kinds, services and \
              overrides.",
    remedy: "Change what is listed, or remove it from a copy of the policy. `--stricter` accepts windows that close \
             more, and lists them. For calendar events, `--until` lists dates if no rule fits.",
    example: Some((
        Example::command("freezegate export gitlab production"),
        Example::command("freezegate export gitlab production --stricter"),
    )),
};

pub(super) const UNWRITABLE: Explanation = Explanation {
    summary: "the answer can't be written",
    meaning: "The disk is full, the folder is missing, or the reader of the pipe exited. An incomplete answer does not \
              count, so the exit status is 2.",
    remedy: "Name a file in an existing, writable folder.",
    example: Some((
        Example::command("freezegate check production --output out/gate"),
        Example::command("freezegate check production --output gate"),
    )),
};

pub(super) const INTERNAL: Explanation = Explanation {
    summary: "a bug in freezegate",
    meaning: "The error is in freezegate, not in the policy or the change. There is no decision.",
    remedy: "Report it to freezegate's developers with the message and, if possible, the policy.",
    example: None,
};
