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
    summary: "no policy file was found",
    meaning: "The policy is what `--policy` or `FREEZEGATE_POLICY` names, else `freezegate.toml` or \
              `policies/freezegate.toml` at the root of the repository. Without one nothing could be refused, so there is no \
              decision.",
    remedy: "Run it in the repository, name the file, or write one with `freezegate init`.",
    example: None,
};

pub(super) const BAD_GRANT: Explanation = Explanation {
    summary: "a grant that can't be read, or a signature that can't be made",
    meaning: "A grant is a small TOML text with SSH signatures below it: 64 KiB and 32 signatures at most, 16 grants a change. What \
              is signed must be seen as it is, so that carriage returns, characters that hide, one signature twice and text behind the \
              signatures refuse it. A grant for one change names its ref and the digest of its difference, not a commit.",
    remedy: "Write it anew with `freezegate grant new`, and sign it with `freezegate grant sign`.",
    example: None,
};

pub(super) const NOT_IN_FRAGMENT: Explanation = Explanation {
    summary: "something in a fragment that is not a freeze",
    meaning: "`--extra-freezes` and `FREEZEGATE_EXTRA_FREEZES` take fragments from anywhere, because a freeze can only close. Anything else might \
              open.",
    remedy: "Keep `[[freezes]]` in the fragment, and write the rest into the policy.",
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
    summary: "a question that can't be answered as it was put",
    meaning: "The command line asks for what doesn't go together, or for nothing that could be judged. An answer to it would \
              be no answer to what was meant.",
    remedy: "See `freezegate check --help`: name an environment, or say what changed.",
    example: Some((Example::command("freezegate check"), Example::command("freezegate check production"))),
};

pub(super) const NO_EVIDENCE: Explanation = Explanation {
    summary: "the change itself can't be looked at",
    meaning: "A commit is not there, the clone is shallow, an object can't be read. What is not seen might reach production, so \
              there is no decision. An environment with `evidence = \"required\"` is not decided about either where only its \
              name was typed, and no changed file shows it.",
    remedy: "Add `--fetch`, by which `check` fetches what is missing from the remote, or run the command that the message names, and \
             ask again.",
    example: Some((
        Example::command("freezegate check production --range main~9..main"),
        Example::command("freezegate check production --range main~1..main"),
    )),
};

pub(super) const NO_RECORD: Explanation = Explanation {
    summary: "a record that can't be read or written",
    meaning: "A change is allowed only once that is recorded: then each allowance can be accounted for, and no grant is used \
              twice. What can't be kept is not decided.",
    remedy: "See that the file or the ref may be written and that the disk has room, and ask again.",
    example: Some((
        Example::command("freezegate check staging --record missing/record.jsonl"),
        Example::command("freezegate check staging --record record.jsonl"),
    )),
};

pub(super) const BROKEN_RECORD: Explanation = Explanation {
    summary: "a record whose entries are not all as they were written",
    meaning: "Each entry holds the hash of the one before. Where they don't fit, somebody edited, reordered, dropped or added one, or \
              the disk did. What was allowed, and which grants are spent, can't be told from it any more.",
    remedy: "See with `freezegate record verify` which entry it is, find out who wrote to it, and put the last sound copy in its \
             place. Until then nothing is decided.",
    example: None,
};

pub(super) const BAD_INSTANT: Explanation = Explanation {
    summary: "a time that does not exist, or is beyond the range of dates",
    meaning: "`--at` takes one instant as RFC 3339 writes it. A time without an offset is another instant in every zone. Nor is \
              there an instant to answer for where a window begins each time while the answer is made ready.",
    remedy: "Add `Z` for UTC, or the offset. Where a window began meanwhile, ask again.",
    example: Some((
        Example::command("freezegate check production --at 2026-11-26T09:00:00"),
        Example::command("freezegate check production --at 2026-11-26T14:00:00Z"),
    )),
};

pub(super) const UNWRITABLE: Explanation = Explanation {
    summary: "the answer can't be written",
    meaning: "The disk is full, the folder is missing, or nobody reads the pipe. An answer that was not given in full is none, \
              so the exit status is 2.",
    remedy: "Name a file that can be written.",
    example: Some((
        Example::command("freezegate check production --output out/gate"),
        Example::command("freezegate check production --output gate"),
    )),
};

pub(super) const INTERNAL: Explanation = Explanation {
    summary: "the program met something that it does not expect of itself",
    meaning: "That is a fault of freezegate, not of the policy or the change. There is no decision.",
    remedy: "Report it to freezegate's developers, with the message and, if it can be shown, the policy.",
    example: None,
};
