//! The facts of `tests/data/git_facts.json` as far as they concern evidence: each sandbox first shows that the attack works
//! on the naive command, and then that it does not work here.

use std::collections::BTreeSet;

use freezegate::change::git::{ChangeKind, EntryKind, EvidenceError, ObjectKind, RefName, Repository};
use freezegate::time::instant::Instant;
use serde_json::Value;

use crate::git_evidence::sandbox::{EMPTY_TREE, Sandbox, ZERO, changes};

const FACTS: &str = include_str!("../data/git_facts.json");

/// What concerns hooks and their installation, not what is read from a repository.
const NOT_EVIDENCE: [&str; 3] = ["hook-not-executable", "no-verify", "hooks-path"];

/// Tested in `quarantine.rs`, inside a push.
const IN_A_PUSH: [&str; 2] = ["quarantine", "quarantine-write"];

struct Fact(Value);

impl Fact {
    fn list(&self, key: &str) -> Vec<String> {
        let items = self.0[key].as_array().unwrap();
        items.iter().map(|item| item.as_str().unwrap().replace("<LF>", "\n")).collect()
    }

    fn safe(&self) -> Vec<String> {
        self.list("safe_result")
    }

    fn naive(&self) -> Vec<String> {
        self.list("naive_result")
    }
}

fn facts() -> Vec<Value> {
    let facts: Value = serde_json::from_str(FACTS).unwrap();
    facts["facts"].as_array().unwrap().clone()
}

/// The id of the fact that the function of this name checks.
fn id(function: &str) -> String {
    function.replace('_', "-")
}

fn check(id: &str, check: fn(&Fact)) {
    let fact = facts().into_iter().find(|fact| fact["id"] == id).unwrap();
    check(&Fact(fact));
}

/// Tests of these names; the id of the fact that one is about is its name, with hyphens.
macro_rules! facts {
    ($($check:ident,)*) => {
        mod fact {
            $(#[test] fn $check() { super::check(&super::id(stringify!($check)), super::$check); })*
        }

        #[test]
        fn every_fact_is_checked_or_concerns_something_else() {
            let all: BTreeSet<String> = facts().iter().map(|fact| fact["id"].as_str().unwrap().to_owned()).collect();
            let elsewhere = NOT_EVIDENCE.into_iter().chain(IN_A_PUSH).map(str::to_owned);
            let checked: BTreeSet<String> = [$(id(stringify!($check))),*].into_iter().chain(elsewhere).collect();
            assert_eq!(all, checked);
            assert_eq!(all.len(), 26);
        }
    };
}

facts! {
    rename_out,
    quoted_path,
    newline_path,
    evil_merge,
    rewind,
    symlink_swap,
    mode_only,
    submodule_ignore,
    replace_ref,
    external_diff,
    shallow,
    new_branch,
    delete,
    octopus,
    tag_shadows_branch,
    tag_chain,
    dates,
    trailers,
    trailer_variants,
    env_leak,
    replace_also_fools_rev_parse,
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn rename_out(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.write("prod/big.toml", "x\n".repeat(100));
    sandbox.write("docs/a", "a");
    sandbox.commit("old");
    sandbox.git(["mv", "prod/big.toml", "docs/big.toml"]);
    sandbox.commit("new");
    assert_eq!(lines(&sandbox.git(["diff", "--name-only", "HEAD~", "HEAD"])), fact.naive());
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.safe());
}

fn quoted_path(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit("old");
    sandbox.commit_files("new", &["prod/é/x.toml"]);
    assert_eq!(lines(&sandbox.git(["diff", "--name-only", "HEAD~", "HEAD"])), fact.naive());
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.safe());
}

fn newline_path(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit("old");
    sandbox.commit_files("new", &["prod/x\n::error::forged"]);
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.safe());
}

fn evil_merge(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("base", &["prod/eu/app.toml"]);
    sandbox.git(["checkout", "--quiet", "-b", "feature"]);
    sandbox.commit_files("feature", &["docs/f"]);
    sandbox.git(["checkout", "--quiet", "main"]);
    let old = sandbox.git(["rev-parse", "HEAD"]);
    sandbox.commit_files("main", &["docs/m"]);
    sandbox.git(["merge", "--quiet", "--no-commit", "--no-ff", "feature"]);
    sandbox.write("prod/eu/app.toml", "evil");
    sandbox.commit("merge");
    let range = format!("{old}..HEAD");
    let log = sandbox.git(["log", "--name-only", "--format=", &range]);
    assert_eq!(lines(&log).into_iter().collect::<BTreeSet<_>>(), fact.naive().into_iter().collect::<BTreeSet<_>>());
    assert_eq!(sandbox.changed(&range), fact.safe());
}

fn rewind(fact: &Fact) {
    let sandbox = Sandbox::new();
    let new = sandbox.commit_files("new", &["prod/eu/app.toml"]);
    let old = sandbox.commit_files("old", &["prod/eu/app.toml"]);
    let three_dots = format!("{old}...{new}");
    assert_eq!(lines(&sandbox.git(["diff", "--name-only", &three_dots])), fact.naive());
    assert_eq!(sandbox.changed(&format!("{old}..{new}")), fact.safe());
    let refused = sandbox.open().range(&three_dots).unwrap_err();
    assert_eq!(refused, EvidenceError::ThreeDots { range: three_dots.clone() });
    assert!(refused.help().contains(&format!("`{old}..{new}`")), "{}", refused.help());
}

fn symlink_swap(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("folder", &["prod/eu/app.toml", "prod/us/app.toml", "prod.md", "live/eu/app.toml"]);
    sandbox.git(["rm", "--quiet", "-r", "prod"]);
    std::os::unix::fs::symlink("live", sandbox.path.join("prod")).unwrap();
    sandbox.commit("link");
    let repository = sandbox.open();
    let (old, new) = (repository.revision("HEAD~").unwrap(), repository.revision("HEAD").unwrap());
    assert_eq!(
        changes(&repository, Some(old.tree), Some(new.tree)).unwrap(),
        [
            (b"prod".to_vec(), ChangeKind::Added { new: EntryKind::Link }),
            (b"prod/eu/app.toml".to_vec(), ChangeKind::Deleted { old: EntryKind::File }),
            (b"prod/us/app.toml".to_vec(), ChangeKind::Deleted { old: EntryKind::File }),
        ]
    );
    sandbox.commit_files("behind the link", &["live/eu/app.toml"]);
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.naive());
    let mut links = Vec::new();
    let tree = repository.revision("HEAD").unwrap().tree;
    let listing = repository.paths(tree, &mut |path, kind| {
        if kind == EntryKind::Link {
            links.push(format!("{} is a link", path.escape_ascii()));
        }
        std::ops::ControlFlow::Continue(())
    });
    listing.unwrap();
    assert_eq!(links, fact.safe());
}

fn mode_only(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("old", &["run.sh"]);
    sandbox.git(["update-index", "--chmod=+x", "run.sh"]);
    sandbox.git(["commit", "--quiet", "-m", "new"]);
    let repository = sandbox.open();
    let range = repository.range("HEAD~..HEAD").unwrap();
    let changed = changes(&repository, range.old_tree(), range.new_tree()).unwrap();
    assert_eq!(fact.safe(), ["100644 -> 100755"]);
    assert_eq!(
        changed,
        [(b"run.sh".to_vec(), ChangeKind::Modified { old: EntryKind::File, new: EntryKind::Executable })]
    );
}

/// A submodule needs no repository behind it: the pointer is all that the tree holds.
fn submodule(sandbox: &Sandbox, path: &str, digit: &str) {
    let pointer = format!("160000,{},{path}", digit.repeat(40));
    sandbox.git(["update-index", "--add", "--cacheinfo", &pointer]);
    sandbox.git(["commit", "--quiet", "-m", digit]);
}

fn submodule_ignore(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.write(".gitmodules", "[submodule \"prodsub\"]\n\tpath = prodsub\n\turl = ../x\n\tignore = all\n");
    sandbox.commit("modules");
    submodule(&sandbox, "prodsub", "1");
    submodule(&sandbox, "prodsub", "2");
    assert_eq!(lines(&sandbox.git(["diff", "--name-only", "HEAD~", "HEAD"])), fact.naive());
    assert_eq!(lines(&sandbox.git(["diff-tree", "-r", "--name-only", "HEAD~", "HEAD"])), fact.naive());
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.safe());
}

fn replace_ref(fact: &Fact) {
    let sandbox = Sandbox::new();
    let old = sandbox.commit("old");
    let new = sandbox.commit_files("new", &["prod/a"]);
    sandbox.git(["checkout", "--quiet", "-b", "harmless", &old]);
    sandbox.write("prodsub", "harmless");
    let harmless = sandbox.commit("harmless");
    sandbox.git(["replace", &new, &harmless]);
    assert_eq!(lines(&sandbox.git(["diff-tree", "-r", "--name-only", &old, &new])), ["prodsub"]);
    assert_eq!(sandbox.changed(&format!("{old}..{new}")), fact.safe());
}

fn external_diff(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("old", &["prod/eu/app.toml"]);
    sandbox.write(".gitattributes", "* diff=nothing -text binary\n");
    sandbox.commit("attributes");
    sandbox.git(["config", "diff.external", "true"]);
    sandbox.git(["config", "diff.nothing.command", "true"]);
    sandbox.commit_files("new", &["prod/eu/app.toml"]);
    assert_eq!(lines(&sandbox.git(["diff", "HEAD~", "HEAD"])), fact.naive());
    assert_eq!(sandbox.changed("HEAD~..HEAD"), fact.safe());
}

fn shallow(_: &Fact) {
    let server = Sandbox::new();
    let base = server.commit_files("base", &["a"]);
    let head = server.commit_files("head", &["b"]);
    let clone = Sandbox::empty();
    clone.git(["clone", "--quiet", "--depth=1", &server.file_url(), "."]);
    assert_eq!(clone.git(["diff-tree", "HEAD"]), "", "git shows an empty change");
    let repository = clone.open();
    for range in [format!("{base}..{head}"), "HEAD~..HEAD".to_owned(), "HEAD^1..HEAD".to_owned()] {
        let refused = repository.range(&range).unwrap_err();
        assert_eq!(refused.to_string(), format!("object `{base}` is missing: this clone is shallow"), "{range}");
        assert!(refused.help().contains(&format!("`git fetch --depth=1 origin {base}`")), "{}", refused.help());
    }
}

fn new_branch(fact: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("new", &["a", "b/c"]);
    assert_eq!(fact.safe(), ["all paths"]);
    for zeros in [ZERO, "0000000", &"0".repeat(64)] {
        assert_eq!(sandbox.changed(&format!("{zeros}..HEAD")), ["a", "b/c"]);
    }
}

fn delete(_: &Fact) {
    let sandbox = Sandbox::new();
    sandbox.commit_files("old", &["a", "b/c"]);
    let repository = sandbox.open();
    let range = repository.range(&format!("HEAD..{ZERO}")).unwrap();
    assert_eq!(range.new, None);
    let deleted = ChangeKind::Deleted { old: EntryKind::File };
    let changed = changes(&repository, range.old_tree(), range.new_tree()).unwrap();
    assert_eq!(changed, [(b"a".to_vec(), deleted), (b"b/c".to_vec(), deleted)]);
}

fn octopus(fact: &Fact) {
    let sandbox = Sandbox::new();
    let old = sandbox.commit_files("base", &["prod/eu/app.toml"]);
    for (branch, path) in [("o1", "docs/o3"), ("o2", "prod/eu/o2.toml")] {
        sandbox.git(["checkout", "--quiet", "-b", branch, &old]);
        sandbox.commit_files(branch, &[path]);
    }
    sandbox.git(["checkout", "--quiet", "-b", "o3", &old]);
    sandbox.commit("o3");
    sandbox.git(["checkout", "--quiet", "main"]);
    sandbox.git(["merge", "--quiet", "--no-ff", "-m", "octopus", "o1", "o2", "o3"]);
    assert!(sandbox.open().commit(sandbox.revision("HEAD").commit).unwrap().parents.len() >= 3);
    assert_eq!(lines(&sandbox.git(["diff-tree", "-r", "HEAD"])), fact.naive());
    assert_eq!(sandbox.changed(&format!("{old}..HEAD")), fact.safe());
}

fn tag_shadows_branch(_: &Fact) {
    let sandbox = Sandbox::new();
    let old = sandbox.commit_files("old", &["a"]);
    let new = sandbox.commit_files("new", &["b"]);
    sandbox.git(["tag", "main", &old]);
    assert_eq!(sandbox.git(["rev-parse", "main"]), old, "git takes the tag");
    let repository = sandbox.open();
    let refused = repository.revision("main").unwrap_err();
    assert_eq!(refused.to_string(), "`main` may mean `refs/tags/main` or `refs/heads/main`");
    let branch = RefName::new("refs/heads/main").unwrap();
    assert_eq!(repository.revision_of(&branch).unwrap().unwrap().commit.to_string(), new);
    assert_eq!(repository.revision("refs/heads/main").unwrap().commit.to_string(), new);
}

fn tag_chain(_: &Fact) {
    let sandbox = Sandbox::new();
    let commit = sandbox.commit_files("commit", &["a"]);
    sandbox.git(["tag", "-a", "-m", "1", "t1"]);
    sandbox.git(["tag", "-a", "-m", "2", "t2", "t1"]);
    sandbox.git(["tag", "-a", "-m", "3", "t3", "t2"]);
    sandbox.git(["tag", "-a", "-m", "blob", "blob", "HEAD:a"]);
    sandbox.git(["tag", "tree", "HEAD^{tree}"]);
    let repository = sandbox.open();
    for tag in ["t1", "t2", "t3", "refs/tags/t3", "t3^{}", "t3^{commit}", "t3^0"] {
        assert_eq!(repository.revision(tag).unwrap().commit.to_string(), commit, "{tag}");
    }
    for (tag, found) in [("refs/tags/blob", ObjectKind::Blob), ("refs/tags/tree", ObjectKind::Tree)] {
        let refused = repository.revision_of(&RefName::new(tag).unwrap()).unwrap_err();
        assert_eq!(refused, EvidenceError::NotACommit { revision: tag.to_owned(), found });
    }
}

fn dates(_: &Fact) {
    let sandbox = Sandbox::new();
    // Every commit claims to be made before its parent.
    let commit = |path: &str, year: u32| {
        sandbox.write(path, path);
        sandbox.git(["add", "--all"]);
        let date = format!("{year}-04-06T03:00:00Z");
        let mut command = sandbox.command();
        command.env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", "2099-01-01T00:00:00Z");
        assert!(command.args(["commit", "--quiet", "-m", path]).status().unwrap().success());
        sandbox.revision("HEAD").commit
    };
    let root = commit("a", 2026);
    let base = commit("b", 2025);
    let one = commit("c", 2019);
    sandbox.git(["checkout", "--quiet", "-b", "other", "HEAD~"]);
    let two = commit("d", 2050);
    let repository = sandbox.open();
    assert_eq!(repository.merge_base(one, two).unwrap(), base);
    assert_eq!(repository.merge_base(root, two).unwrap(), root);
    let claimed = repository.commit(one).unwrap();
    assert_eq!(
        claimed.committer.seconds,
        Instant::from_second(1_554_519_600),
        "2019-04-06T03:00:00Z, which is what it says"
    );
    assert_eq!(claimed.author.seconds, Instant::from_second(4_070_908_800));
}

fn trailer_values(message: &str) -> Vec<(String, String)> {
    let sandbox = Sandbox::new();
    sandbox.commit(message);
    let repository = sandbox.open();
    let commit = repository.commit(repository.revision("HEAD").unwrap().commit).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    commit.trailers().unwrap().iter().map(|trailer| (text(&trailer.key), text(&trailer.value))).collect()
}

fn trailers(fact: &Fact) {
    let found = trailer_values("subject\n\nApproved-by: CTO <cto@example.com>\n");
    assert_eq!(found, [("Approved-by".to_owned(), fact.naive()[0].clone())], "it is shown; it proves nothing");
}

fn trailer_variants(fact: &Fact) {
    let found = trailer_values("subject\n\nApproved-by: x\n  folded line\napproved-BY: y\nApproved-by : z\n");
    let values: Vec<String> = found.iter().map(|(_, value)| value.clone()).collect();
    // `git interpret-trailers --parse` joins the lines of a fold by one space
    let unfolded: Vec<String> = fact.naive().iter().map(|value| value.replace("\n  ", " ")).collect();
    assert_eq!(values, unfolded);
    assert!(found.iter().all(|(key, _)| key.eq_ignore_ascii_case("approved-by")), "{found:?}");
}

fn env_leak(fact: &Fact) {
    let sandbox = Sandbox::new();
    let head = sandbox.commit("here");
    let mut git = sandbox.command();
    git.env("GIT_DIR", ".").args(["rev-parse", "--git-dir"]);
    let naive = String::from_utf8(git.output().unwrap().stderr).unwrap();
    assert_eq!(naive.trim_end(), fact.0["naive_result"][0].as_str().unwrap().trim_end());
    let mut inner = sandbox.program(std::env::current_exe().unwrap(), &sandbox.path);
    inner
        .args(["--exact", "git_evidence::facts::inside_a_foreign_environment", "--ignored", "--nocapture"])
        .env("GIT_DIR", ".")
        .env("GIT_WORK_TREE", "/")
        .env("GIT_OBJECT_DIRECTORY", "/nonexistent")
        .env("GIT_COMMON_DIR", "/nonexistent")
        .env("GIT_CEILING_DIRECTORIES", &sandbox.path)
        .env("GIT_NAMESPACE", "elsewhere");
    let output = inner.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains(&format!("HEAD is {head}")), "{printed}");
}

#[test]
#[ignore = "run by the test of `env-leak`, in the environment of a hook of another repository"]
#[expect(clippy::print_stdout, reason = "this is how the other process gets the answer")]
fn inside_a_foreign_environment() {
    let repository = Repository::discover(".".as_ref()).unwrap();
    println!("HEAD is {}", repository.revision("HEAD").unwrap().commit);
}

fn replace_also_fools_rev_parse(_: &Fact) {
    let sandbox = Sandbox::new();
    let parent = sandbox.commit_files("parent", &["a"]);
    let tip = sandbox.commit_files("tip", &["b"]);
    let orphan = sandbox.git(["commit-tree", "-m", "orphan", EMPTY_TREE]);
    sandbox.git(["replace", &tip, &orphan]);
    assert!(!sandbox.try_git(["rev-parse", "--verify", "refs/heads/main~1"]), "git is fooled");
    let repository = sandbox.open();
    assert_eq!(repository.revision("refs/heads/main~1").unwrap().commit.to_string(), parent);
    let tip = repository.revision("refs/heads/main").unwrap();
    assert_eq!(repository.commit(tip.commit).unwrap().message, b"tip\n");
    assert_eq!(
        repository.merge_base(tip.commit, repository.revision(&parent).unwrap().commit).unwrap().to_string(),
        parent
    );
}
