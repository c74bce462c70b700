//! What is said to open of `evidence = "required"`, held against decisions while enforcing.

use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::reach::DeclaredNames;
use freezegate::time::instant::Instant;

use crate::compare::decided::Tried;
use crate::policies::files::Memory;

const PROD: &str = "[environments.prod]\naliases = [\"live\"]\nevidence = \"required\"\n";
const TEST: &str = "[environments.test]\n";
const MAPPED: &str = "[[targets]]\npaths = [\"prod/**\"]\nenvironment = \"prod\"\n";

/// An edit: what it is, the old policy, the new one, and a change that it lets through (what is said, and a path); `None` if
/// it opens nothing of evidence.
type EvidenceEdit = (&'static str, Vec<&'static str>, Vec<&'static str>, Option<(&'static str, &'static str)>);

fn edits() -> Vec<EvidenceEdit> {
    let bare = "[environments.prod]\naliases = [\"live\"]\n";
    let named = |text: &'static str| vec![PROD, TEST, MAPPED, text];
    let old = || vec![PROD, TEST, MAPPED];
    vec![
        ("nothing", old(), old(), None),
        ("the key goes", old(), vec![bare, TEST, MAPPED], Some(("prod", "README"))),
        ("the key comes", vec![bare, TEST, MAPPED], old(), None),
        (
            "an alias moves",
            old(),
            vec![
                "[environments.prod]\nevidence = \"required\"\n",
                "[environments.test]\naliases = [\"live\"]\n",
                MAPPED,
            ],
            Some(("live", "README")),
        ),
        (
            "an alias becomes an environment",
            old(),
            vec!["[environments.prod]\nevidence = \"required\"\n", TEST, "[environments.live]\n", MAPPED],
            Some(("live", "README")),
        ),
        ("an alias is gone", old(), vec!["[environments.prod]\nevidence = \"required\"\n", TEST, MAPPED], None),
        ("the environment is gone", old(), vec![TEST], None),
        (
            "the environment has another name, and its old one as an alias",
            vec![PROD, TEST, MAPPED],
            vec![
                "[environments.production]\naliases = [\"live\", \"prod\"]\nevidence = \"required\"\n",
                TEST,
                "[[targets]]\npaths = [\"prod/**\"]\nenvironment = \"production\"\n",
            ],
            None,
        ),
        (
            "another target shows it",
            old(),
            named("[[targets]]\npaths = [\"README\"]\nenvironment = \"prod\"\n"),
            Some(("prod", "README")),
        ),
        (
            "a target shows every environment",
            old(),
            named("[[targets]]\npaths = [\"README\"]\nenvironment = \"*\"\n"),
            Some(("live", "README")),
        ),
        (
            "a target captures it",
            old(),
            named("[[targets]]\npaths = [\"{environment}/**\"]\n"),
            Some(("prod", "live/README")),
        ),
        (
            "a target shows another environment",
            old(),
            named("[[targets]]\npaths = [\"README\"]\nenvironment = \"test\"\n"),
            None,
        ),
        (
            "a pattern is wider",
            old(),
            vec![PROD, TEST, "[[targets]]\npaths = [\"**\"]\nenvironment = \"prod\"\n"],
            Some(("prod", "README")),
        ),
        (
            "an exception is gone",
            vec![PROD, TEST, "[[targets]]\npaths = [\"prod/**\"]\nexcept = [\"**/*.md\"]\nenvironment = \"prod\"\n"],
            old(),
            Some(("prod", "prod/a.md")),
        ),
    ]
}

#[test]
fn what_opens_of_evidence() {
    for (what, before, after, expected) in edits() {
        let load = |parts: &[&str]| Memory::one(format!("version = 1\n{}", parts.join("\n"))).load().unwrap();
        let (old, new) = (load(&before), load(&after));
        let opened = compare(&old, &new, &ComparisonOptions::at(Instant::from_second(0))).openings;
        let is_named = opened.iter().any(|one| one.part == PolicyPart::Evidence);
        assert_eq!(is_named, expected.is_some(), "{what}: {opened:#?}");
        for said in ["prod", "live"] {
            for path in ["README", "prod/a", "prod/a.md", "live/README"] {
                let change = Tried {
                    said: DeclaredNames { environments: vec![said.to_owned()], ..DeclaredNames::default() },
                    paths: Some(vec![path.as_bytes().to_vec()]),
                    reference: Some("refs/heads/main"),
                    is_enforced: true,
                    ..Tried::default()
                };
                let is_opened = change
                    .opened(&old, &new, Instant::from_second(0))
                    .is_some_and(|opened| !opened.as_slice().is_empty());
                assert!(!is_opened || is_named, "{what}: {said} {path}");
                assert!(is_opened || expected != Some((said, path)), "{what}: {said} {path} shows nothing");
            }
        }
    }
}
