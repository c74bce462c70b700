//! Each grant that does not count, as the one who brings it gets to know: through the program, with a real `git` and a real
//! `ssh-keygen`.

use std::fs;

use crate::grants::bench::{line, roster, signature};
use crate::grants::program::{expect, git_ok, run, with, write};
use crate::grants::spent::Desk;

/// From when on the grants of these tests count: no clock of a machine shows it.
const FROM: &str = "2099-06-01T12:00:00Z";

const ROSTER: &str = "approvers.allowed_signers";

struct Case {
    name: &'static str,
    /// Makes it so, with a grant for the change that `a` and `b` signed.
    prepare: fn(&Desk),
    /// The instant that is asked about.
    at: &'static str,
    status: i32,
    cause: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "expired",
        prepare: |_| {},
        at: "2099-06-01T14:12:00Z",
        status: 1,
        cause: "is not valid: expired 1 h 12 min ago",
    },
    Case {
        name: "not yet valid",
        prepare: |_| {},
        at: "2099-06-01T11:55:00Z",
        status: 1,
        cause: "is waiting: it starts in 5 min",
    },
    Case {
        name: "wrong namespace",
        prepare: |desk| {
            desk.grant(&["a"], &["--at", FROM]);
            let path = desk.root.join("../grant.toml");
            let text = fs::read_to_string(&path).unwrap();
            let (signed, _) = text.split_once("-----BEGIN").unwrap();
            fs::write(&path, format!("{text}{}", signature(signed, "b", "git"))).unwrap();
        },
        at: FROM,
        status: 1,
        cause: "signature 2, of `b@example.com`, is not valid: it was made for `git`, not for `freezegate-grant`",
    },
    Case {
        name: "another environment",
        prepare: |desk| {
            fs::create_dir_all(desk.root.join("deploy/lab/us")).unwrap();
            fs::write(desk.root.join("deploy/lab/us/routes"), "one").unwrap();
            git_ok(&desk.root, &["add", "-A"]);
            git_ok(&desk.root, &["commit", "-q", "--amend", "--no-edit"]);
        },
        at: FROM,
        status: 1,
        cause: "signed for the environment `production`, this reaches `lab`",
    },
    Case {
        name: "another commit",
        prepare: |desk| {
            write(&desk.root, "three");
        },
        at: FROM,
        status: 1,
        cause: "is not valid: signed for another change of the same ref (difference ",
    },
    Case {
        name: "another repository",
        prepare: |desk| {
            git_ok(&desk.root, &["config", "freezegate.repository", "example.com/team/till"]);
        },
        at: FROM,
        status: 1,
        cause: "signed for the repository `example.com/team/shop`, this is `example.com/team/till`",
    },
    Case {
        name: "another policy",
        prepare: |desk| {
            let path = desk.root.join("freezegate.toml");
            let policy = fs::read_to_string(&path).unwrap();
            fs::write(&path, policy.replace("00:00-24:00", "00:00-23:00")).unwrap();
        },
        at: FROM,
        status: 1,
        cause: "is not valid: what it depends on in the policy is not what it was signed for (digest ",
    },
    Case {
        name: "two keys of one person",
        prepare: |desk| {
            let both = roster() + &line("a", "namespaces=\"freezegate-grant\"", "a-other");
            fs::write(desk.root.join(ROSTER), both).unwrap();
            desk.grant(&["a", "a-other"], &["--at", FROM]);
        },
        at: FROM,
        status: 1,
        cause: "`a@example.com` signed with two keys, which counts once",
    },
    Case {
        name: "one signature twice",
        prepare: |desk| {
            desk.grant(&["a"], &["--at", FROM]);
            let path = desk.root.join("../grant.toml");
            let text = fs::read_to_string(&path).unwrap();
            let at = text.find("-----BEGIN").unwrap();
            fs::write(&path, format!("{text}{}", &text[at..])).unwrap();
        },
        at: FROM,
        status: 2,
        cause: "has the same signature twice, the second time as number 2",
    },
    Case {
        name: "too few signatures",
        prepare: |desk| desk.grant(&["b"], &["--at", FROM]),
        at: FROM,
        status: 1,
        cause: "hard findings need 2 signatures; still missing: one of `oncall` (a@example.com)",
    },
    Case {
        name: "removed approver",
        prepare: |desk| {
            let others = ["a", "c"].map(|person| line(person, "namespaces=\"freezegate-grant\"", person));
            fs::write(desk.root.join(ROSTER), others.concat()).unwrap();
        },
        at: FROM,
        status: 1,
        cause: "signature 2 does not count: its key SHA256:",
    },
    Case {
        name: "removed approver of a group",
        prepare: |desk| fs::write(desk.root.join(ROSTER), line("b", "", "b")).unwrap(),
        at: FROM,
        status: 2,
        cause: "`a@example.com` is not in the roster",
    },
    Case {
        name: "empty roster",
        prepare: |desk| fs::write(desk.root.join(ROSTER), "").unwrap(),
        at: FROM,
        status: 2,
        cause: "it names no person",
    },
    Case {
        name: "text after the signatures",
        prepare: |desk| altered(desk, |text| format!("{text}lifts = [\"clock\"]\n")),
        at: FROM,
        status: 2,
        cause: "has text after its signatures, on line ",
    },
    Case {
        name: "carriage returns",
        prepare: |desk| altered(desk, |text| text.replace('\n', "\r\n")),
        at: FROM,
        status: 2,
        cause: "has a carriage return on line 1",
    },
    Case {
        name: "ten megabytes",
        prepare: |desk| altered(desk, |text| text + &"x".repeat(10 << 20)),
        at: FROM,
        status: 2,
        cause: "more than the 65536 allowed",
    },
    Case {
        name: "changed after it was signed",
        prepare: |desk| altered(desk, |text| text.replace("logins fail", "logins feel")),
        at: FROM,
        status: 1,
        cause: "the text was changed after it was signed",
    },
];

fn altered(desk: &Desk, alter: fn(String) -> String) {
    let path = desk.root.join("../grant.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, alter(text)).unwrap();
}

#[test]
fn each_grant_that_does_not_count_says_which_condition_failed_and_by_how_much() {
    for Case { name, prepare, at, status, cause } in CASES {
        let desk = Desk::new();
        let lab = "\n[environments.lab]\nduring_core_hours = \"off\"\n";
        let policy = fs::read_to_string(desk.root.join("freezegate.toml")).unwrap();
        fs::write(desk.root.join("freezegate.toml"), policy + lab).unwrap();
        desk.grant(&["a", "b"], &["--at", FROM]);
        let (old, _) = desk.range.split_once("..").unwrap();
        let range = format!("{old}..HEAD");
        let check = ["check", "--range", &range, "--ref", "refs/heads/main", "--record", "../record.jsonl"];
        let check = with(&check, &["--policy", "freezegate.toml", "--grant", "../grant.toml", "--at"]);
        expect(&desk.root, &with(&check, &[FROM]), 0, "overridden: production/us is closed");
        prepare(&desk);
        let (code, text) = run(&desk.root, &with(&check, &[at]));
        assert!(code == *status && text.contains(cause), "{name}: {code}, {text}");
    }
}
