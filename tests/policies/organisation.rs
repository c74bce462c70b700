//! A repository's policy beneath an organisation's: it adds, and loosens nothing.

use std::collections::BTreeSet;

use freezegate::decision::Verdict;
use freezegate::diagnostic::{Code, Faults, SourceLayer};
use freezegate::lint::{LintOptions, lint};
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::policy::load::{OrganisationFiles, PolicyTexts};
use freezegate::policy::organisation::DefinitionsOf;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::policies::change::Change;
use crate::policies::files::Memory;

/// What an organisation says, and who may override it.
const ORGANISATION: &str = r#"version = 1

[organisation]
name = "example"
serial = 7
environments = ["staging"]

[regions.us]
timezones = ["America/New_York"]
core_hours = ["Mon-Fri 08:00-18:00"]
holidays = ["us-federal"]

[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]

[calendars.us-federal]
dates = [2026-11-26]
valid_until = 2026-12-31

[environments.production]
settle = "30m"

[[freezes]]
name = "year end"
from = "Dec 20 23:00"
until = "Jan 5 09:00"
timezone = "UTC"
environments = ["production", "staging"]
"#;

/// Policies of repositories, each with what of it does not count.
const REPOSITORIES: [(&str, &[&str]); 12] = [
    ("[[targets]]\npaths = [\"deploy/{environment}/**\"]\n", &[]),
    ("[environments.production]\nduring_core_hours = \"off\"\n", &["the environment `production`"]),
    (
        "[environments.staging]\nduring_core_hours = \"off\"\n[environments.development]\nduring_core_hours = \"off\"\n",
        &[],
    ),
    ("[regions.us]\ntimezones = [\"America/New_York\"]\n", &["the region `us`"]),
    ("[calendars.us-federal]\ndates = [2026-12-02, 2026-12-03]\n", &["the calendar `us-federal`"]),
    (
        "[[freezes]]\nname = \"year end\"\nfrom = \"Dec 31 23:00\"\nuntil = \"Jan 1 09:00\"\ntimezone = \"UTC\"\n",
        &["the freeze `year end`"],
    ),
    ("[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n", &["`[[lifts]]`"]),
    ("[rollback]\nwithin = \"30d\"\n", &["`[rollback]`"]),
    (
        "[[freezes]]\nname = \"sale\"\nfrom = 2026-12-01T00:00:00\nuntil = 2026-12-03T00:00:00\ntimezone = \"UTC\"\n",
        &[],
    ),
    ("[regions.apac]\ntimezones = [\"Asia/Tokyo\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n", &[]),
    ("[services.billing]\nregions = [\"eu\"]\n", &[]),
    ("[help]\ncontact = \"#shop\"\n", &[]),
];

fn load(organisation: &str, repository: &str, definitions: DefinitionsOf) -> Result<Policy, Faults> {
    let (theirs, own) = (Memory::default().with("org.toml", organisation), Memory::one(repository));
    let organisation = Some(OrganisationFiles { files: &theirs, entry: "org.toml", definitions });
    PolicyTexts { files: &own, entries: &["freezegate.toml".to_owned()], fragments: &[], organisation }.load()
}

fn beneath(repository: &str) -> Result<Policy, Faults> {
    load(ORGANISATION, &format!("version = 1\n{repository}"), DefinitionsOf::Organisation)
}

fn seconds(instant: &str) -> Instant {
    instant.parse::<jiff::Timestamp>().unwrap().into()
}

#[test]
fn what_the_organisation_defines_is_its_own() {
    for (repository, expected) in REPOSITORIES {
        let policy = beneath(repository).unwrap();
        let organisation = policy.followed().unwrap();
        assert_eq!((organisation.name.as_str(), organisation.serial), ("example", 7));
        let passed_over: Vec<&str> = organisation.passed_over.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(passed_over, expected, "{repository}");
        for one in &organisation.passed_over {
            assert_eq!(policy.sources.file(one.place.file).unwrap().layer, SourceLayer::Repository);
        }
    }
}

/// The organisation's policy alone is the oracle: what it refuses, it refuses with whatever a repository adds.
#[test]
fn a_repository_loosens_nothing() {
    let alone = Memory::one(ORGANISATION).load().unwrap();
    // a week with Thanksgiving, and the end of the year, by the hour
    let week = (0..7 * 24).map(|hour| seconds("2026-11-23T00:00:00Z") + Seconds::new(hour * 3600));
    let end = (0..16 * 24).step_by(5).map(|hour| seconds("2026-12-20T12:00:00Z") + Seconds::new(hour * 3600));
    let instants: Vec<Instant> = week.chain(end).collect();
    let mut refused = 0;
    for (repository, _) in REPOSITORIES {
        let policy = beneath(repository).unwrap();
        for region in ["us", "eu"] {
            let change = Change::to("production").region(region);
            for at in &instants {
                if change.under(&alone).decide(*at).verdict == Verdict::Refused {
                    refused += 1;
                    assert_eq!(
                        change.under(&policy).decide(*at).verdict,
                        Verdict::Refused,
                        "{repository}{region} {at:?}"
                    );
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn a_repository_adds_closed_windows_and_what_the_organisation_leaves_to_it() {
    let sale = beneath(REPOSITORIES[8].0).unwrap();
    let night = seconds("2026-12-02T02:00:00Z");
    let verdict =
        |policy: &Policy, environment: &str, at: Instant| Change::to(environment).under(policy).decide(at).verdict;
    assert_eq!(verdict(&sale, "production", night), Verdict::Refused);
    assert_eq!(verdict(&beneath("").unwrap(), "production", night), Verdict::Allowed);
    // one that the repository says nothing of is as any other; one that it defines is as it says, and the organisation's freezes hold
    let noon = seconds("2026-12-02T12:00:00Z");
    assert_eq!(verdict(&beneath("").unwrap(), "staging", noon), Verdict::Refused);
    let own = beneath(REPOSITORIES[2].0).unwrap();
    assert_eq!(verdict(&own, "staging", noon), Verdict::Allowed);
    assert_eq!(verdict(&own, "development", noon), Verdict::Allowed);
    assert_eq!(verdict(&own, "staging", seconds("2026-12-24T12:00:00Z")), Verdict::Refused);
    assert_eq!(verdict(&own, "development", seconds("2026-12-24T12:00:00Z")), Verdict::Allowed);
}

/// A repository that deploys nothing to production has no target for it.
#[test]
fn evidence_that_the_organisation_requires_asks_no_target_of_each_repository() {
    let required = ORGANISATION.replace("settle = \"30m\"", "evidence = \"required\"");
    load(&required, "version = 1\n", DefinitionsOf::Organisation).unwrap();
    Memory::one(required.as_str()).load().unwrap();
    let own = required.replace("[organisation]\nname = \"example\"\nserial = 7\nenvironments = [\"staging\"]\n", "");
    let own = own.replace(", \"staging\"", "");
    assert_eq!(Memory::one(own).load().unwrap_err().diagnostics[0].code, Code::Contradiction);
}

/// The stages of a repository loosen nothing of the organisation; those of the organisation hold back both.
#[test]
fn a_roll_out_of_a_repository_holds_back_its_own_windows_alone() {
    let rollout = "rollout = [{ from = 2999-01-01, level = \"hard\" }]\n";
    let own =
        "[[freezes]]\nname = \"sale\"\nfrom = 2026-12-19T00:00:00\nuntil = 2026-12-20T00:00:00\ntimezone = \"UTC\"\n";
    let (sale, year_end) = (seconds("2026-12-19T12:00:00Z"), seconds("2026-12-21T03:00:00Z"));
    let verdicts = |policy: &Policy, environment: &str| {
        [sale, year_end].map(|at| Change::to(environment).under(policy).decide(at).verdict)
    };
    let plain = beneath(own).unwrap();
    assert_eq!(verdicts(&plain, "staging"), [Verdict::Refused; 2]);
    let staged = beneath(&format!("[environments.staging]\n{rollout}{own}")).unwrap();
    assert_eq!(verdicts(&staged, "staging"), [Verdict::Allowed, Verdict::Refused]);
    // core hours are those of the environment, whoever defines the region
    assert_eq!(Change::to("staging").under(&staged).decide(seconds("2026-12-02T12:00:00Z")).verdict, Verdict::Allowed);
    let header = "[environments.production]\n";
    let theirs = ORGANISATION.replace(header, &format!("{header}{rollout}"));
    let both = load(&theirs, &format!("version = 1\n{own}"), DefinitionsOf::Organisation).unwrap();
    assert_eq!(verdicts(&both, "production"), [Verdict::Allowed; 2]);
    assert_eq!(verdicts(&both, "staging"), [Verdict::Refused; 2]);
    // whose stages they are is compared too: the same ones hold back less if they are the repository's
    let repository = format!("version = 1\n{header}settle = \"30m\"\n{rollout}{own}");
    let its = load(ORGANISATION, &repository, DefinitionsOf::Repository).unwrap();
    let options = ComparisonOptions::at(seconds("2026-12-01T00:00:00Z"));
    let texts = |old: &Policy, new: &Policy| -> BTreeSet<String> {
        compare(old, new, &options).openings.into_iter().map(|one| one.text).collect()
    };
    assert!(texts(&its, &both).contains("freeze `year end`"), "{:?}", texts(&its, &both));
    assert!(!texts(&both, &its).contains("freeze `year end`"), "{:?}", texts(&both, &its));
}

#[test]
fn the_repositorys_own_definition_can_be_read_too() {
    let text = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n";
    let theirs = load(ORGANISATION, text, DefinitionsOf::Repository).unwrap();
    let noon = seconds("2026-12-02T12:00:00Z");
    assert_eq!(Change::to("production").under(&theirs).decide(noon).verdict, Verdict::Allowed);
    let over = &theirs.followed().unwrap().passed_over;
    assert_eq!(over.iter().map(|one| one.has_rollout).collect::<Vec<_>>(), [false]);
    let staged = format!("{text}rollout = [{{ from = 2999-01-01, level = \"hard\" }}]\n");
    let theirs = load(ORGANISATION, &staged, DefinitionsOf::Organisation).unwrap();
    let over = &theirs.followed().unwrap().passed_over;
    assert_eq!(over.iter().map(|one| one.has_rollout).collect::<Vec<_>>(), [true]);
}

#[test]
fn what_is_no_organisations_policy_is_none() {
    let causes = |organisation: &str, repository: &str| -> Vec<String> {
        let faults =
            load(organisation, &format!("version = 1\n{repository}"), DefinitionsOf::Organisation).unwrap_err();
        faults.diagnostics.into_iter().map(|one| one.cause).collect()
    };
    let plain = "version = 1\n[environments.production]\n";
    assert_eq!(causes(plain, ""), ["`org.toml` is not an organisation's policy: it has no `[organisation]`"]);
    assert_eq!(
        causes(ORGANISATION, "[organisation]\nname = \"example\"\nserial = 8\n"),
        ["`[organisation]` in the policy of a repository that follows one"]
    );
    // an alias is a name too, and no definition that could be passed over
    assert_eq!(
        causes(ORGANISATION, "[environments.shop]\naliases = [\"production\"]\n"),
        ["the alias `production` is the name of an environment already"]
    );
    assert_eq!(
        causes(ORGANISATION, "[[targets]]\nrefs = [\"refs/heads/main\"]\nenvironment = \"prodution\"\n").len(),
        1
    );
}

#[test]
fn lint_names_what_does_not_count_and_nothing_that_other_repositories_may_use() {
    let options = LintOptions {
        at: seconds("2026-06-01T00:00:00Z"),
        weeks: 4,
        least_open: Seconds::ZERO,
        system_zone_rules: None,
        allowed: &[Code::LongFreeze],
        coverage: &[],
    };
    for (repository, expected) in REPOSITORIES {
        let policy = beneath(repository).unwrap();
        let warnings = lint(&policy, &options).unwrap().warnings.into_iter().filter(|one| one.code == Code::Unused);
        let causes: Vec<String> = warnings.map(|one| one.cause).collect();
        let wanted: Vec<String> = expected.iter().map(|what| format!("{what} does not count here")).collect();
        assert_eq!(causes, wanted, "{repository}");
    }
}

/// Answers about former states hold by it: an edit of the organisation's policy must not end all rollbacks.
#[test]
fn the_digest_is_that_of_the_repositorys_own_files() {
    let own = "version = 1\n[environments.development]\n";
    let later = ORGANISATION.replace("serial = 7", "serial = 8");
    let one = load(ORGANISATION, own, DefinitionsOf::Organisation).unwrap();
    let other = load(&later, own, DefinitionsOf::Organisation).unwrap();
    assert_eq!(one.sources.digest(), other.sources.digest());
    assert_ne!(
        one.sources.digest(),
        load(ORGANISATION, "version = 1\n", DefinitionsOf::Organisation).unwrap().sources.digest()
    );
}
