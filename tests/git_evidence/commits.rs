//! What a commit says.

use freezegate::change::git::{EvidenceError, GitIdentity};
use freezegate::time::instant::Instant;

use crate::git_evidence::sandbox::{EMPTY_TREE, Sandbox};

#[test]
fn reads_what_git_wrote() {
    let sandbox = Sandbox::new();
    let root = sandbox.commit_files("root", &["a"]);
    sandbox.git(["commit", "--quiet", "--allow-empty", "-m", "subject\n\nbody\n\nEnvironment: staging\nRegion: us"]);
    let repository = sandbox.open();
    let commit = repository.commit(repository.revision("HEAD").unwrap().commit).unwrap();
    let person = |name: &str, email: &str, seconds, offset_minutes| GitIdentity {
        name: name.as_bytes().to_vec(),
        email: email.as_bytes().to_vec(),
        seconds,
        offset_minutes,
    };
    assert_eq!(commit.author, person("Ada", "ada@example.com", Instant::from_second(1_751_359_740), 120));
    assert_eq!(commit.committer, person("Carl", "carl@example.com", Instant::from_second(1_751_367_000), 0));
    assert_eq!(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [root]);
    assert_eq!(commit.tree, sandbox.revision("HEAD~").tree);
    assert_eq!(commit.message, b"subject\n\nbody\n\nEnvironment: staging\nRegion: us\n");
    let trailers: Vec<(Vec<u8>, Vec<u8>)> =
        commit.trailers().unwrap().into_iter().map(|trailer| (trailer.key, trailer.value)).collect();
    assert_eq!(trailers, [(b"Environment".to_vec(), b"staging".to_vec()), (b"Region".to_vec(), b"us".to_vec())]);
    let root = repository.commit(commit.parents[0]).unwrap();
    assert!(root.parents.is_empty());
    assert_eq!(root.trailers(), Ok(Vec::new()));
}

fn commit(sandbox: &Sandbox, headers: &str, message: &[u8]) -> String {
    let text = format!("tree {EMPTY_TREE}\n{headers}\n");
    sandbox.object("commit", &[text.as_bytes(), message].concat())
}

const AUTHOR: &str = "author A <a@example.com> 0 +0000\n";
const COMMITTER: &str = "committer C <c@example.com> 0 +0000\n";

#[test]
fn bytes_of_every_sort_are_kept() {
    let sandbox = Sandbox::new();
    let headers = format!("author \u{202e}A\u{e9} B <> 1 -0730\n{COMMITTER}encoding latin1\ngpgsig x\n author no\n");
    let id = commit(&sandbox, &headers, b"subject\n\nEnvironment: \xff\xfe\n");
    let repository = sandbox.open();
    let read = repository.commit(repository.revision(&id).unwrap().commit).unwrap();
    assert_eq!(read.author.name, "\u{202e}A\u{e9} B".as_bytes());
    assert_eq!((read.author.email.as_slice(), read.author.offset_minutes), (&b""[..], -450));
    let trailers = read.trailers().unwrap();
    assert_eq!((trailers[0].key.as_slice(), trailers[0].value.as_slice()), (&b"Environment"[..], &b"\xff\xfe"[..]));
}

#[test]
fn commits_that_git_would_not_write_are_refused() {
    let sandbox = Sandbox::new();
    let good = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), b"message");
    let repository = sandbox.open();
    assert!(repository.commit(repository.revision(&good).unwrap().commit).is_ok());
    for (headers, why) in [
        (COMMITTER.to_owned(), "no author"),
        (AUTHOR.to_owned(), "no committer"),
        (format!("{AUTHOR}author B <b@example.com> 0 +0000\n{COMMITTER}"), "more than one author"),
        (format!("{AUTHOR}{COMMITTER}committer D <d@example.com> 0 +0000\n"), "more than one committer"),
        (format!("author A\n{COMMITTER}"), "author is malformed"),
        (format!("{AUTHOR}{COMMITTER}x \0\n"), "byte 0"),
    ] {
        let id = commit(&sandbox, &headers, b"message");
        let refused = repository.commit(repository.revision(&id).unwrap().commit).unwrap_err();
        assert!(matches!(refused, EvidenceError::UnreadableObject { .. }), "{refused}");
        assert!(refused.to_string().contains(why), "{refused}");
    }
    for text in [
        "",
        "text",
        "tree 123\n",
        &format!("parent {good}\ntree {EMPTY_TREE}\n{AUTHOR}{COMMITTER}\n"),
        &format!("tree {EMPTY_TREE}\nparent {}\n{AUTHOR}{COMMITTER}\n", &good[..39]),
        &format!("tree {EMPTY_TREE}\nparent {good} \n{AUTHOR}{COMMITTER}\n"),
    ] {
        let id = sandbox.object("commit", text.as_bytes());
        let refused = repository.revision(&id).unwrap_err();
        assert!(matches!(refused, EvidenceError::UnreadableObject { .. }), "{text:?}: {refused}");
    }
    let hidden = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), b"subject\0\n\nEnvironment: staging\n");
    let read = repository.commit(repository.revision(&hidden).unwrap().commit).unwrap();
    assert!(matches!(read.trailers(), Err(EvidenceError::UnreadableObject { .. })));
}

#[test]
fn trailers_are_those_that_git_finds() {
    let messages: [&[u8]; 16] = [
        b"Environment: in the subject",
        b"subject\n\nEnvironment: staging",
        b"subject\n\nEnvironment: staging\n\nnot the last paragraph",
        b"subject\n\ntext and\nEnvironment: staging",
        b"subject\n\nEnvironment: staging\nSigned-off-by: A <a@example.com>\nand text",
        b"subject\n\nEnvironment:staging\nenvironment: production",
        b"subject\n\nEnvironment: one\n\nEnvironment: two",
        b"subject\n\nEnvironment: staging\n---\nEnvironment: behind the line",
        b"subject\n\nEnvironment:\nRegion: us",
        b"subject\n\nEnvironment:\nRegion : \nService:\nKind: config\n",
        b"subject\n\nEnvironment:",
        b"subject\n\nEnvironment: \n\n",
        b"subject\n\nEnvironment:\n(cherry picked from commit 0123)\ntext\nRegion: us\n",
        b"subject\n\nSigned-off-by: A <a@example.com>\n: no key\nEnvironment: staging\n",
        b"subject\n\nEnvironment:\n  staging\nRegion:  us \n",
        b"subject\n\nEnvironment:\n#comment\nRegion: us\n",
    ];
    let sandbox = Sandbox::new();
    for message in messages {
        let id = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), message);
        let by_git = sandbox.git_with(["interpret-trailers", "--parse"], message);
        let repository = sandbox.open();
        let read = repository.commit(repository.revision(&id).unwrap().commit).unwrap();
        let found: Vec<String> = read
            .trailers()
            .unwrap()
            .iter()
            .map(|trailer| format!("{}: {}", trailer.key.escape_ascii(), trailer.value.escape_ascii()))
            .collect();
        assert_eq!(found, by_git.lines().collect::<Vec<_>>(), "{}", message.escape_ascii());
    }
}

/// Lines of which messages are made: all that `trailer.c` tells apart.
const LINES: [&str; 30] = [
    "subject",
    "",
    "",
    " ",
    "\t",
    "Environment: staging",
    "environment:production",
    "Environment : a, b",
    "Environment:",
    "Environment\t: x ",
    " Environment: indented",
    "\tfolded by a tab",
    "  folded",
    "text without a key",
    ": no key",
    "-: x",
    "Signed-off-by: A <a@example.com>",
    "Signed-off-by:B",
    "(cherry picked from commit 0123)",
    "# comment",
    "#Environment: comment",
    "---",
    "--- a/file",
    "----",
    "# ------------------------ >8 ------------------------",
    "Conflicts:",
    "a b: two words",
    "a\u{e9}: no letter of a key",
    "Region: us\r",
    "x: y: z",
];

/// Some thousand bytes by chance, of which each picks a line.
fn rolls(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 40).unwrap()
    })
}

#[test]
fn trailers_of_messages_by_chance_are_those_that_git_finds() {
    let sandbox = Sandbox::new();
    let mut found = 0;
    for seed in 1..=500 {
        let mut rolls = rolls(seed);
        let count = 1 + rolls.next().unwrap() % 9;
        let mut lines: Vec<&str> = rolls.by_ref().take(count).map(|roll| LINES[roll % LINES.len()]).collect();
        if seed % 3 > 0 {
            lines.splice(0..0, ["subject", ""]);
        }
        // git 2.39 never ends where a line of scissors follows one that ends the message
        let is_end = |line: &&str| *line == "---" || line.starts_with("--- ");
        if let Some(end) = lines.iter().position(is_end) {
            let mut place = 0..;
            lines.retain(|line| place.next().is_some_and(|place| place < end) || !line.starts_with("# ---"));
        }
        // and finds no trailer where the line that ends the message has no line end
        let has_end = seed % 2 == 0 || lines.last().is_some_and(is_end);
        let end = if has_end { "\n" } else { "" };
        let message = lines.join("\n") + end;
        let id = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), message.as_bytes());
        let by_git = sandbox.git_with(["interpret-trailers", "--parse"], message.as_bytes());
        let repository = sandbox.open();
        let read = repository.commit(repository.revision(&id).unwrap().commit).unwrap().trailers().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let told: Vec<String> =
            read.iter().map(|one| format!("{}: {}", text(&one.key), text(&one.value)).trim_end().to_owned()).collect();
        let by_git: Vec<&str> = by_git.split('\n').map(str::trim_end).filter(|line| !line.is_empty()).collect();
        assert_eq!(told, by_git, "{message:?}");
        found += told.len();
    }
    assert!(found > 200, "{found}");
}

#[test]
fn long_messages_and_many_trailers_are_refused_in_words_of_their_own() {
    let sandbox = Sandbox::new();
    let read = |message: &[u8]| {
        let id = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), message);
        let repository = sandbox.open();
        repository.commit(repository.revision(&id).unwrap().commit).unwrap().trailers()
    };
    let many = |count: usize| format!("subject\n\n{}", "a: b\n".repeat(count));
    assert_eq!(read(many(10_000).as_bytes()).unwrap().len(), 10_000);
    let refused = read(many(10_001).as_bytes()).unwrap_err();
    assert!(refused.to_string().ends_with("has more than 10000 trailers"), "{refused}");
    let long = |bytes: usize| format!("subject\n\nEnvironment: {}", "x".repeat(bytes - 22));
    assert_eq!(read(long(1 << 20).as_bytes()).unwrap().len(), 1);
    let refused = read(long((1 << 20) + 1).as_bytes()).unwrap_err();
    assert!(refused.to_string().ends_with("is longer than 1048576 bytes"), "{refused}");
    assert!(refused.help().contains("`git commit --amend`"), "{}", refused.help());
}

/// Ten times the message takes about ten times as long: what was quadratic took a hundred.
#[test]
fn trailers_are_read_in_time_linear_in_the_message() {
    let sandbox = Sandbox::new();
    let time = |lines: usize| {
        let message = format!("subject\n\nEnvironment: a\n{}", " folded\n".repeat(lines));
        let id = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), message.as_bytes());
        let repository = sandbox.open();
        let commit = repository.commit(repository.revision(&id).unwrap().commit).unwrap();
        let best = (0..5).map(|_| {
            let begin = std::time::Instant::now();
            assert_eq!(commit.trailers().unwrap().len(), 1);
            begin.elapsed()
        });
        best.min().unwrap()
    };
    let (small, large) = (time(1_000), time(100_000));
    assert!(large < small * 1_000, "{small:?} for a thousand lines, {large:?} for a hundred thousand");
}

/// Counted, not timed: what is kept of the trailers is no more than the message, however its lines are folded.
#[test]
fn what_is_kept_of_trailers_is_no_larger_than_the_message() {
    let sandbox = Sandbox::new();
    let shapes: [(&str, &dyn Fn(usize) -> String); 3] = [
        ("one, folded", &|lines| format!("Environment: a\n{}", " folded\n".repeat(lines))),
        ("many", &|lines| "Environment: a\n".repeat(lines.min(10_000))),
        ("many, each folded", &|lines| "Environment: a\n b\n\tc\n".repeat(lines.min(10_000))),
    ];
    for (shape, block) in shapes {
        for lines in [300, 3_000, 30_000] {
            let message = format!("subject\n\n{}", block(lines));
            let id = commit(&sandbox, &format!("{AUTHOR}{COMMITTER}"), message.as_bytes());
            let repository = sandbox.open();
            let trailers = repository.commit(repository.revision(&id).unwrap().commit).unwrap().trailers().unwrap();
            let kept: usize = trailers.iter().map(|trailer| trailer.key.capacity() + trailer.value.capacity()).sum();
            assert!(kept <= message.len(), "{shape}, {lines} lines: {kept} of {}", message.len());
            assert!(kept >= message.len() / 3, "{shape}, {lines} lines: {kept} of {}", message.len());
        }
    }
}
