//! What names stand for, against `git rev-parse`.

use freezegate::change::git::{EvidenceError, ObjectId, ObjectKind};

use crate::git_evidence::sandbox::{EMPTY_TREE, Sandbox, ZERO};

/// Two branches and a merge, tags, and a remote.
fn history() -> Sandbox {
    let sandbox = Sandbox::new();
    for commit in ["one", "two", "three"] {
        sandbox.commit_files(commit, &[commit]);
    }
    sandbox.git(["checkout", "--quiet", "-b", "feature/x", "HEAD~"]);
    sandbox.commit_files("four", &["four"]);
    sandbox.git(["checkout", "--quiet", "main"]);
    sandbox.git(["merge", "--quiet", "--no-ff", "-m", "merge", "feature/x"]);
    sandbox.git(["tag", "v1", "HEAD~2"]);
    sandbox.git(["tag", "-a", "-m", "v2", "v2"]);
    sandbox.git(["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    sandbox.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    sandbox.git(["update-ref", "refs/pull/7/head", "feature/x"]);
    sandbox.git(["update-ref", "ORIG_HEAD", "v1"]);
    let fetched = sandbox.git(["rev-parse", "feature/x"]);
    sandbox.write(".git/FETCH_HEAD", format!("{fetched}\t\tbranch 'x' of https://example.com/x\n"));
    sandbox
}

#[test]
fn names_stand_for_what_git_says() {
    let sandbox = history();
    let repository = sandbox.open();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let names = [
        "HEAD",
        "@",
        "main",
        "heads/main",
        "refs/heads/main",
        "feature/x",
        "v1",
        "v2",
        "tags/v2",
        "refs/tags/v2",
        "v2^{}",
        "v2^{commit}",
        "v2^0",
        "origin",
        "origin/main",
        "remotes/origin/main",
        "refs/remotes/origin/HEAD",
        "origin/HEAD",
        "refs/pull/7/head",
        "pull/7/head",
        "FETCH_HEAD",
        "ORIG_HEAD",
        "HEAD~",
        "HEAD^",
        "HEAD~0",
        "HEAD^0",
        "HEAD^1",
        "HEAD^2",
        "HEAD^2^",
        "HEAD^^",
        "HEAD~2",
        "HEAD~~",
        "HEAD^2~1^0",
        "@~3",
        "v2^2",
        "HEAD^2^{commit}~",
        &head,
        &head[..4],
        &head[..12],
        &head[..39],
        &head.to_uppercase(),
    ];
    for name in names {
        let expected = sandbox.git(["rev-parse", "--verify", &format!("{name}^{{commit}}")]);
        let tree = sandbox.git(["rev-parse", "--verify", &format!("{name}^{{tree}}")]);
        let found = repository.revision(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((found.commit.to_string(), found.tree.to_string()), (expected, tree), "{name}");
    }
}

#[test]
fn names_that_stand_for_nothing_are_errors() {
    let sandbox = history();
    let repository = sandbox.open();
    let unknown = [
        "",
        " ",
        "nothing",
        "refs/heads/nothing",
        "refs/heads/",
        "refs",
        "Main",
        "-x",
        "main\n",
        "main\0",
        "refs/heads/main/",
        "0123",
        "012",
        "xyz1",
        "\u{202e}main",
        ZERO,
        "0000",
        &"1".repeat(41),
        &"1".repeat(64),
        "v1-1-gabcdef",
        "fetch_head",
    ];
    for name in unknown {
        let refused = repository.revision(name).unwrap_err();
        let is_unknown =
            matches!(&refused, EvidenceError::UnknownRevision { revision, .. } if revision.as_str() == name);
        assert!(is_unknown, "{name:?}: {refused:?}");
    }
    for (name, cause) in [
        ("HEAD~9", "is the first commit"),
        ("HEAD~99999999999", "is the first commit"),
        ("HEAD^3", "`HEAD^3` does not exist: "),
    ] {
        let refused = repository.revision(name).unwrap_err();
        assert!(matches!(refused, EvidenceError::NoParent { .. }), "{refused:?}");
        assert!(refused.to_string().contains(cause), "{refused}");
    }
    let unsupported = [
        "@{u}",
        "main@{upstream}",
        "HEAD@{1}",
        "main@{yesterday}~1",
        ":/one",
        "HEAD:one",
        ":0:one",
        "^main",
        "HEAD^{tree}",
        "HEAD^{/one}",
        "HEAD^@",
        "HEAD^!",
        "HEAD^-1",
        "HEAD~x",
        "HEAD~1x",
        "~1",
        "HEAD~99999999999999999999",
    ];
    for name in unsupported {
        let refused = repository.revision(name).unwrap_err();
        assert_eq!(refused, EvidenceError::UnsupportedRevision { revision: name.to_owned() }, "{name:?}");
    }
    let missing = repository.revision(&"1".repeat(40)).unwrap_err();
    assert_eq!(missing.to_string(), format!("object `{}` is missing", "1".repeat(40)));
}

#[test]
fn names_that_may_mean_several_things_are_errors() {
    let sandbox = history();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    // A branch that is called like the beginning of an object's name.
    sandbox.git(["branch", &head[..7], "v1"]);
    sandbox.git(["branch", "origin", "v1"]);
    sandbox.git(["branch", "HEAD2", "v1"]);
    sandbox.git(["tag", "refs/heads/main", "v1"]);
    let repository = sandbox.open();
    let ambiguous = |name: &str| match repository.revision(name).unwrap_err() {
        EvidenceError::AmbiguousRevision { revision, candidates } => {
            assert_eq!(revision, name);
            candidates.iter().map(ToString::to_string).collect::<Vec<_>>()
        }
        other => panic!("{name}: {other}"),
    };
    assert_eq!(ambiguous(&head[..7]), [format!("refs/heads/{}", &head[..7])]);
    assert_eq!(ambiguous("origin"), ["refs/heads/origin", "refs/remotes/origin/HEAD"]);
    // A full name is a full name, whatever else ends like it.
    assert_eq!(repository.revision("refs/heads/main").unwrap().commit.to_string(), head);
    assert_eq!(repository.revision("HEAD").unwrap().commit.to_string(), head);

    // Enough objects that two begin alike.
    let mut seen = std::collections::HashSet::new();
    let prefix = (0..5_000).find_map(|number| {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, number.to_string().as_bytes()).unwrap().to_string();
        let prefix = id[..4].to_owned();
        (!seen.insert(prefix.clone())).then_some((prefix, number))
    });
    let (prefix, last) = prefix.unwrap();
    let store = git2::Repository::open(&sandbox.path).unwrap();
    for number in 0..=last {
        store.blob(number.to_string().as_bytes()).unwrap();
    }
    assert!(!sandbox.try_git(["rev-parse", "--verify", &prefix]), "git finds it ambiguous too");
    assert_eq!(ambiguous(&prefix), Vec::<String>::new());
}

#[test]
fn only_commits_will_do() {
    let sandbox = history();
    let repository = sandbox.open();
    let blob = sandbox.git(["rev-parse", "HEAD:one"]);
    let tree = sandbox.git(["rev-parse", "HEAD^{tree}"]);
    for (name, found) in
        [(&blob, ObjectKind::Blob), (&tree, ObjectKind::Tree), (&EMPTY_TREE.to_owned(), ObjectKind::Tree)]
    {
        let refused = repository.revision(name).unwrap_err();
        assert_eq!(refused, EvidenceError::NotACommit { revision: name.clone(), found });
        assert!(refused.help().contains("40 zeros"));
        assert_eq!(repository.revision_at(ObjectId::from_hex(name).unwrap()).unwrap_err(), refused);
    }
    assert_eq!(repository.revision_at(ObjectId::from_hex(ZERO).unwrap()), Ok(None));
}

#[test]
fn a_chain_of_tags_has_an_end() {
    let sandbox = Sandbox::new();
    let mut target = sandbox.commit("tagged");
    let mut kind = "commit";
    let mut tags = vec![target.clone()];
    for _ in 0..65 {
        let text = format!("object {target}\ntype {kind}\ntag t\ntagger T <t@example.com> 0 +0000\n\nt\n");
        target = sandbox.object("tag", text.as_bytes());
        kind = "tag";
        tags.push(target.clone());
    }
    let repository = sandbox.open();
    assert_eq!(repository.revision(&tags[64]).unwrap().commit.to_string(), tags[0]);
    let refused = repository.revision(&tags[65]).unwrap_err();
    assert!(refused.to_string().ends_with("more than 64 tags point to one another"), "{refused}");
}

#[test]
fn tags_that_git_would_not_write_are_refused() {
    let sandbox = Sandbox::new();
    let commit = sandbox.commit("tagged");
    let repository = sandbox.open();
    for text in ["", "type commit\n", "object 123\n", &format!("type commit\nobject {commit}\n")] {
        let tag = sandbox.object("tag", text.as_bytes());
        let refused = repository.revision(&tag).unwrap_err();
        assert!(matches!(refused, EvidenceError::UnreadableObject { .. }), "{refused}");
    }
    let text = format!("object {}\ntype commit\ntag t\n", "1".repeat(40));
    let refused = repository.revision(&sandbox.object("tag", text.as_bytes())).unwrap_err();
    assert!(matches!(refused, EvidenceError::MissingObject { .. }), "{refused}");
}

#[test]
fn ranges_have_two_ends() {
    let sandbox = history();
    let repository = sandbox.open();
    let commit = |name: &str| Some(repository.revision(name).unwrap());
    let range = repository.range("HEAD~2..feature/x").unwrap();
    assert_eq!((range.old, range.new), (commit("HEAD~2"), commit("feature/x")));
    let range = repository.range(&format!("{ZERO}..HEAD")).unwrap();
    assert_eq!((range.old_tree(), range.new_tree()), (None, commit("HEAD").map(|head| head.tree)));
    let double_zero = format!("{ZERO}..{ZERO}");
    for invalid in
        ["", "HEAD", "..", "HEAD..", "..HEAD", "a..b..c", "HEAD~1 HEAD", "HEAD....HEAD", &double_zero, "0..0000"]
    {
        let refused = repository.range(invalid).unwrap_err();
        let expected = match invalid {
            "HEAD....HEAD" => EvidenceError::ThreeDots { range: invalid.to_owned() },
            _ => EvidenceError::InvalidRange { range: invalid.to_owned() },
        };
        assert_eq!(refused, expected, "{invalid:?}");
    }
    for dots in ["HEAD~...HEAD", "...HEAD", "HEAD...", "..."] {
        assert_eq!(repository.range(dots).unwrap_err(), EvidenceError::ThreeDots { range: dots.to_owned() });
    }
    assert!(matches!(repository.range("nothing..HEAD"), Err(EvidenceError::UnknownRevision { .. })));
    assert!(matches!(repository.range("HEAD..nothing"), Err(EvidenceError::UnknownRevision { .. })));
}
