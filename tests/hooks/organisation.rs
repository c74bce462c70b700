//! Repositories that follow an organisation's policy, an administrator's file beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::hooks::arena::{Arena, CLOSED, OPEN, Push, ROUTES, words};

/// An organisation's policy; freezes are put behind it.
const ORGANISATION: &str = r##"version = 1

[organisation]
name = "example"
serial = 1

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
duration = "10m"
"##;

/// A freeze of the Sunday on which everything is open else.
const FREEZE: &str = r#"
[[freezes]]
name     = "login is down"
from     = 2025-07-13T00:00:00
until    = 2025-07-14T00:00:00
timezone = "UTC"
"#;

/// A repository's policy.
const REPOSITORY: &str = "version = 1\n\n[environments.development]\nduring_core_hours = \"off\"\n\n[[targets]]\npaths = [\"deploy/{environment}/{region}/**\"]\n";

/// The file of the organisation, which many repositories follow.
struct Organisation(PathBuf);

impl Organisation {
    fn of(folder: &Path) -> Self {
        let file = folder.join("organisation").join("freezegate.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let organisation = Self(file);
        organisation.says(ORGANISATION);
        organisation
    }

    fn says(&self, text: &str) {
        fs::write(&self.0, text).unwrap();
    }

    /// A later version, with a freeze.
    fn freezes(&self) {
        self.says(&(ORGANISATION.replace("serial = 1", "serial = 2") + FREEZE));
    }

    /// A server and a clone whose hooks follow it.
    fn repository(&self) -> Arena {
        let arena = Arena::with_policy(REPOSITORY);
        self.is_followed_by(&arena);
        arena.commit_file(ROUTES, "one");
        arena.passes(&["origin", "main"]);
        arena
    }

    fn is_followed_by(&self, arena: &Arena) {
        let option = format!("--organisation-policy '{}'", self.0.display());
        with_options(arena, &option);
    }
}

fn with_options(arena: &Arena, options: &str) {
    let record = format!("{options} --record '{}'", arena.root().join("record.jsonl").display());
    arena.install(&arena.server, "pre-receive", &record);
    arena.install(&arena.clone.join(".git"), "pre-push", options);
}

#[track_caller]
fn says(push: &Push, texts: &[&str]) {
    assert!(!push.passed, "it passes:\n{}", push.seen);
    for text in texts {
        assert!(words(&push.seen).contains(&words(text)), "`{text}` is not shown:\n{}", push.seen);
    }
}

#[test]
fn one_edit_freezes_every_repository_and_a_rollback_still_passes() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let repositories = [organisation.repository(), organisation.repository()];
    for arena in &repositories {
        arena.commit_file(ROUTES, "two");
        arena.clock(CLOSED);
        for options in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
            says(
                &arena.push(options),
                &["production/us is closed (core hours, hard)", "organisation example, serial 1"],
            );
        }
        arena.clock(OPEN);
        arena.passes(&["origin", "main"]);
    }
    organisation.freezes();
    for arena in &repositories {
        arena.commit_file(ROUTES, "three");
        for options in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
            says(&arena.push(options), &["login is down", "organisation example, serial 2"]);
        }
        arena.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        arena.git(["revert", "--no-edit", "HEAD"]);
        arena.passes(&["--no-verify", "origin", "main"]);
    }
}

#[test]
fn an_old_copy_another_organisations_policy_and_none_are_told_from_the_one_that_was_followed() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = organisation.repository();
    organisation.says(&ORGANISATION.replace("serial = 1", "serial = 2"));
    let next = |message: &str| {
        arena.commit_file(ROUTES, message);
        arena.push(&["--no-verify", "origin", "main"])
    };
    let passes = |message: &str| {
        let push = next(message);
        assert!(push.passed, "{message}: {}", push.seen);
    };
    passes("two");
    organisation.says(ORGANISATION);
    says(
        &next("three"),
        &[
            "this copy of the policy of the organisation `example` has serial 1, and the last decision was made by serial 2",
        ],
    );
    organisation.says(&ORGANISATION.replace("\"example\"", "\"other\"").replace("serial = 1", "serial = 3"));
    says(&next("four"), &["the policy of the organisation `other`", "formerly = [\"example\"]"]);
    let renamed = "name = \"other\"\nformerly = [\"example\"]";
    organisation.says(&ORGANISATION.replace("name = \"example\"", renamed).replace("serial = 1", "serial = 3"));
    passes("five");
    fs::remove_file(&organisation.0).unwrap();
    says(&next("six"), &["the organisation's policy", "without it nothing is decided"]);
    organisation.says("version = 1\n[environments.production]\n");
    says(&next("seven"), &["is not an organisation's policy: it has no `[organisation]`"]);
    organisation.says("version = 1\n[organisation]\nname = \"other\"\n");
    says(&next("eight"), &["the organisation table lacks `serial`"]);
    with_options(&arena, "");
    says(&next("nine"), &["the last decision followed the policy of the organisation `other` (serial 3)"]);
    // by the repository's policy alone nothing that it maps is an environment
    let alone = "\n[environments.production]\n\n[regions.us]\ntimezones = [\"America/New_York\"]\n";
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    arena.write("freezegate.toml", format!("{REPOSITORY}{alone}"));
    arena.commit("a policy of its own");
    with_options(&arena, "--organisation-policy none");
    arena.passes(&["--no-verify", "origin", "main"]);
    with_options(&arena, "");
    passes("eleven");
}

/// What a repository defined before the organisation did may close more. Nothing passes until it is renamed or removed, and the push that
/// does that passes.
#[test]
fn a_definition_that_closes_more_than_the_organisations_is_named_and_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let longer = "\n[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"daily 08:00-24:00\"]\n\n[environments.production]\n";
    let arena = Arena::with_policy(&format!("{REPOSITORY}{longer}"));
    organisation.is_followed_by(&arena);
    arena.clock("2025-07-13 06:00:00");
    arena.commit_file(ROUTES, "one");
    for options in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
        says(
            &arena.push(options),
            &[
                "the region `us` is the organisation's, and this repository's definition would close more",
                "remove it if the organisation's is enough; else give it another name",
            ],
        );
    }
    // nothing goes along with the edit that ends it
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    let shorter = "\n[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 09:00-17:00\"]\n";
    arena.write("freezegate.toml", format!("{REPOSITORY}{shorter}"));
    arena.commit("what is there is enough");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    // it does not count, and each answer says so
    arena.clock("2025-07-16 21:45:00");
    arena.commit_file(ROUTES, "two");
    says(
        &arena.push(&["--no-verify", "origin", "main"]),
        &["freezegate.toml:9: the region `us` is the organisation's"],
    );
}

/// What the repository closed before the organisation defined the same stays closed until an edit that is judged by both ends it.
#[test]
fn a_conflict_is_ended_by_an_edit_alone_that_both_definitions_judge() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = organisation.repository();
    let freeze = |from: &str, until: &str| {
        format!("\n[[freezes]]\nname = \"summer\"\nfrom = {from}\nuntil = {until}\ntimezone = \"UTC\"\n")
    };
    let long = freeze("2025-07-19T00:00:00", "2025-08-20T00:00:00");
    arena.write("freezegate.toml", format!("{REPOSITORY}{long}"));
    arena.commit("a freeze of its own");
    arena.passes(&["--no-verify", "origin", "main"]);
    let short = freeze("2025-08-01T00:00:00", "2025-08-10T00:00:00");
    organisation.says(&(ORGANISATION.replace("serial = 1", "serial = 2") + &short));
    // a Sunday of the repository's freeze alone
    arena.clock("2025-07-20 12:00:00");
    arena.write("freezegate.toml", REPOSITORY);
    arena.commit("the organisation has one");
    says(
        &arena.push(&["--no-verify", "origin", "main"]),
        &["the edit of `freezegate.toml` opens something while", "summer"],
    );
    arena.commit_file(ROUTES, "along with it");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["the freeze `summer` is the organisation's"]);
    arena.clock("2025-08-24 12:00:00");
    arena.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    arena.passes(&["--no-verify", "origin", "main"]);
}

/// An edit of the organisation's policy decides what can be read beside it: that brings no older state of the repository's policy back.
#[test]
fn a_policy_that_the_organisation_made_unreadable_is_not_replaced_by_an_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = organisation.repository();
    let audit = "\n[[freezes]]\nname = \"audit\"\nfrom = 2025-07-19T00:00:00\nuntil = 2025-08-20T00:00:00\ntimezone = \"UTC\"\nregions = [\"us\"]\n";
    arena.write("freezegate.toml", format!("{REPOSITORY}{audit}"));
    arena.commit("audit");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.clock("2025-07-20 12:00:00");
    let renamed = ORGANISATION.replace("[regions.us]", "[regions.america]").replace("serial = 1", "serial = 2");
    organisation.says(&renamed);
    arena.write(ROUTES.replace("/us/", "/america/"), "two");
    arena.commit("by the policy before");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["there is no region `us`"]);
    // whoever edits the organisation's policy gives the name back
    organisation.says(&ORGANISATION.replace("serial = 1", "serial = 3"));
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    arena.commit_file(ROUTES, "three");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["audit"]);
}

#[test]
fn an_edit_of_a_repositorys_policy_is_judged_with_what_the_organisation_says() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = organisation.repository();
    for (edit, shows, times) in [
        (
            "[environments.production]\nduring_core_hours = \"off\"\n",
            "the environment `production` is the organisation's",
            ("2025-07-16 21:45:00", "2025-07-20 12:00:00"),
        ),
        (
            "[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n",
            "`[[lifts]]` does not count",
            ("2025-07-23 21:45:00", "2025-07-27 12:00:00"),
        ),
    ] {
        arena.write("freezegate.toml", format!("{REPOSITORY}\n{edit}"));
        arena.commit("an edit without effect");
        let push = arena.push(&["--no-verify", "origin", "main"]);
        assert!(push.passed, "{}", push.seen);
        // each later than the one before: the record knows
        let (closed, open) = times;
        arena.clock(closed);
        arena.commit_file(ROUTES, edit);
        says(&arena.push(&["--no-verify", "origin", "main"]), &["production/us is closed (core hours, hard)", shows]);
        arena.clock(open);
        arena.passes(&["--no-verify", "origin", "main"]);
    }
    // a target that goes opens, whatever the organisation says
    arena.clock("2025-07-30 21:45:00");
    arena.write("freezegate.toml", REPOSITORY.replace("deploy/", "deployed/"));
    arena.commit("another folder");
    says(
        &arena.push(&["--no-verify", "origin", "main"]),
        &["the edit of `freezegate.toml` opens something while", "no target matches all that"],
    );
}

/// The roster lies beside the organisation's file, and is no file of the repository.
#[test]
fn the_organisation_says_who_may_override() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let approvers = "\n[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\"]\n";
    let roster = organisation.0.with_file_name("approvers.allowed_signers");
    fs::write(
        &roster,
        "ana@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV\n",
    )
    .unwrap();
    organisation.says(&format!("{ORGANISATION}{approvers}"));
    let arena = organisation.repository();
    arena.write("freezegate.toml", REPOSITORY.replace("development", "testing"));
    arena.commit("a policy that opens nothing of the organisation's");
    arena.passes(&["origin", "main"]);
    arena.clock("2025-07-16 21:45:00");
    arena.commit_file(ROUTES, "two");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    says(&push, &["needs 1 signature: any", "production/us is closed (core hours, hard)"]);
    fs::remove_file(&roster).unwrap();
    says(&arena.push(&["--no-verify", "origin", "main"]), &["error[bad-roster]"]);
}

/// In its own repository the organisation's policy is the policy: an edit that keeps the serial would make old copies look new.
#[test]
fn an_edit_of_the_organisations_own_policy_raises_its_serial() {
    let arena = Arena::with_policy(ORGANISATION);
    let edited = format!("{ORGANISATION}{FREEZE}");
    arena.write("freezegate.toml", &edited);
    arena.commit("a freeze");
    for options in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
        says(
            &arena.push(options),
            &["the policy differs from that of serial 1, and its `serial` is 1", "write `serial = 2`"],
        );
    }
    arena.write("freezegate.toml", edited.replace("serial = 1", "serial = 2").replace("\"example\"", "\"other\""));
    arena.commit("another name");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["the organisation was called `example`"]);
    let without = edited.replace("[organisation]\nname = \"example\"\nserial = 1\n", "");
    arena.write("freezegate.toml", without);
    arena.commit("no organisation");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["the policy has no `[organisation]` any more"]);
    // no number would be left for the next edit
    arena.write("freezegate.toml", edited.replace("serial = 1", "serial = 9223372036854775807"));
    arena.commit("the last serial");
    says(&arena.push(&["--no-verify", "origin", "main"]), &["at most 1000 up at once", "write `serial = 2`"]);
    arena.write("freezegate.toml", edited.replace("serial = 1", "serial = 2"));
    arena.commit("raised");
    arena.passes(&["origin", "main"]);
    // it has no targets, as those are in the repositories that follow it
    with_options(&arena, "");
    arena.commit_file("README", "read me");
    arena.passes(&["origin", "main"]);
}

/// The first serial leaves numbers for later edits.
#[test]
fn a_first_serial_leaves_room_for_the_next() {
    let arena = Arena::with_policy(&ORGANISATION.replace("[organisation]\nname = \"example\"\nserial = 1\n", ""));
    arena.write("freezegate.toml", ORGANISATION.replace("serial = 1", "serial = 9223372036854775807"));
    arena.commit("the last serial");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    says(&push, &["`serial` begins with 9223372036854775807", "write `serial = 1`"]);
    arena.write("freezegate.toml", ORGANISATION.replace("serial = 1", "serial = 20261130120000"));
    arena.commit("a date");
    arena.passes(&["origin", "main"]);
}

/// A policy without targets has no paths to look at, and an edit of it that opens something can be overridden all the same.
#[test]
fn a_thaw_is_refused_with_the_command_that_asks_for_it() {
    let approvers = "\n[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\"]\n";
    let roster = "ana@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV\n";
    let arena = Arena::without_policy();
    arena.write("approvers.allowed_signers", roster);
    arena.write("freezegate.toml", format!("{ORGANISATION}{approvers}{FREEZE}"));
    arena.commit("begin");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main"]);
    with_options(&arena, "");
    arena.write("freezegate.toml", format!("{ORGANISATION}{approvers}").replace("serial = 1", "serial = 2"));
    let thawed = arena.commit("thaw");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    let range =
        format!("`freezegate grant ask --range {}..{}", &arena.git(["rev-parse", "HEAD~1"])[..12], &thawed[..12]);
    says(&push, &[&range, "needs 1 signature: any"]);
}

#[test]
fn the_file_is_none_that_a_push_could_bring() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = organisation.repository();
    arena.install(&arena.server, "pre-receive", "--organisation-policy organisation/freezegate.toml");
    arena.commit_file(ROUTES, "two");
    says(
        &arena.push(&["--no-verify", "origin", "main"]),
        &["`--organisation-policy organisation/freezegate.toml` is relative"],
    );
}

#[test]
fn hook_install_takes_it_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let organisation = Organisation::of(folder.path());
    let arena = Arena::with_policy(REPOSITORY);
    let install = |path: &Path| {
        let mut command = arena.command(crate::hooks::arena::PROGRAM, &arena.clone);
        let output = command.args(["hook", "install", "--organisation-policy"]).arg(path).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
    arena.write("other.toml", "version = 1\n[environments.production]\n");
    let (status, said) = install(&arena.clone.join("other.toml"));
    assert_eq!(status, Some(2), "{said}");
    assert!(words(&said).contains("is not an organisation's policy"), "{said}");
    let (status, said) = install(&organisation.0);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("follows") && said.contains(organisation.0.to_str().unwrap()), "{said}");
    let status = arena.command(crate::hooks::arena::PROGRAM, &arena.clone).args(["hook", "status"]).output().unwrap();
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains("active") && said.contains("follows"), "{said}");
}
