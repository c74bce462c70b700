//! A policy names the least version of the program that reads it; an older program reports that and nothing else.

use std::collections::BTreeMap;

use freezegate::diagnostic::{Code, Faults, FileId, Place};
use freezegate::policy::Policy;
use freezegate::policy::load::{Fragment, PolicyFiles, ReadFault, load};
use freezegate::policy::requires::{ProgramVersion, Requirement, strictest_unmet};

/// Required version, version of the program, and whether it is met.
const MET: [(&str, &str, bool); 14] = [
    ("0.1", "0.1.0", true),
    ("0.1.0", "0.1.0", true),
    ("0.0", "0.1.0", true),
    ("0.1.1", "0.1.0", false),
    ("0.2", "0.1.9", false),
    ("0.3", "0.10.0", true),
    ("0.10", "0.9.0", false),
    ("0.9.10", "0.9.9", false),
    ("0.9.9", "0.9.10", true),
    ("1.0", "0.99.99", false),
    ("0.99.99", "1.0.0", true),
    ("2.0", "10.0.0", true),
    ("10.0", "2.99.0", false),
    ("999999999.999999999.999999999", "999999999.999999999.999999998", false),
];

const NOT_VERSIONS: [&str; 23] = [
    "",
    ".",
    "0",
    "1",
    "0.",
    ".1",
    "0..1",
    "0.1.",
    "0.1.0.0",
    "v0.1",
    "0.1-rc.1",
    "0.1.0+build",
    ">=0.1",
    "^0.1",
    "0.x",
    "00.1",
    "0.01",
    " 0.1",
    "0.1\n",
    "-0.1",
    "+0.1",
    "0.1000000000",
    "0.\u{661}",
];

fn version(text: &str) -> ProgramVersion {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn requirement(text: &str, start: usize) -> Requirement<'_> {
    Requirement { text, least: version(text), place: Place::new(FileId::nth(0), &(start..start + 1)) }
}

#[test]
fn versions_are_compared_by_parts_as_numbers() {
    for (required, own, met) in MET {
        let unmet = strictest_unmet([requirement(required, 0)], version(own));
        assert_eq!(unmet.is_none(), met, "{required} by {own}");
    }
    // the order of numbers of three digits in base 12
    let all: Vec<(u32, String)> = (0..12_u32.pow(3))
        .map(|number| (number, format!("{}.{}.{}", number / 144, number / 12 % 12, number % 12)))
        .collect();
    for (own, own_text) in all.iter().step_by(7) {
        for (required, text) in &all {
            let unmet = strictest_unmet([requirement(text, 0)], version(own_text));
            assert_eq!(unmet.is_none(), own >= required, "{text} by {own_text}");
        }
    }
}

#[test]
fn other_forms_are_not_versions() {
    for text in NOT_VERSIONS {
        assert!(text.parse::<ProgramVersion>().is_err(), "{text:?}");
    }
}

#[test]
fn the_strictest_counts_wherever_it_stands_and_the_first_of_equal_ones() {
    let own = version("1.0.0");
    for (texts, strictest) in [
        (&["1.1", "2.0", "1.2"][..], Some(1)),
        (&["2.0", "1.1"], Some(0)),
        (&["0.1", "1.9", "1.10"], Some(2)),
        (&["1.1", "1.1.0"], Some(0)),
        (&["0.9", "1.0", "1.0.0"], None),
        (&[], None),
    ] {
        let all = texts.iter().enumerate().map(|(index, text)| requirement(text, index));
        let found = strictest_unmet(all, own).map(|unmet| unmet.place.range().start);
        assert_eq!(found, strictest, "{texts:?}");
    }
}

#[test]
fn the_own_version_is_that_of_the_package() {
    let own = env!("CARGO_PKG_VERSION");
    let release = own.split(['-', '+']).next();
    assert_eq!(Some(ProgramVersion::OWN.to_string().as_str()), release);
}

struct Texts(BTreeMap<&'static str, String>);

impl PolicyFiles for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        let missing = || ReadFault { cause: "is not there".to_owned(), help: "add it".to_owned() };
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(missing)
    }
}

fn loaded(files: &[(&'static str, &str)], fragments: &[Fragment]) -> Result<Policy, Faults> {
    let texts = Texts(files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect());
    load(&texts, &["freezegate.toml".to_owned()], fragments)
}

fn codes(faults: &Faults) -> Vec<Code> {
    faults.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn a_version_that_is_met_changes_nothing() {
    let own = env!("CARGO_PKG_VERSION_MAJOR").to_owned() + "." + env!("CARGO_PKG_VERSION_MINOR");
    for text in ["0.0", "0.0.1", &own, &ProgramVersion::OWN.to_string()] {
        let policy = format!("version = 1\nrequires = \"{text}\"\n[environments.production]\n");
        assert!(loaded(&[("freezegate.toml", &policy)], &[]).is_ok(), "{text}");
    }
}

#[test]
fn nothing_else_is_reported_if_the_program_is_too_old() {
    const TOP: &str = "version = 1\nrequires = \"99.0\"\n";
    for rest in [
        "",
        "include = [\"missing.toml\"]\n",
        "include = [\"../out.toml\"]\n",
        "include = { org = 1 }\n",
        "include = [\"freezegate.toml\"]\n",
        "include = [\"broken.toml\"]\n",
        "include = [\"binary.toml\"]\n",
        "[environments.production]\nduration = 5\n[zones.eu]\n",
    ] {
        let policy = format!("{TOP}{rest}");
        let files = [("freezegate.toml", policy.as_str()), ("broken.toml", "version = \n"), ("binary.toml", "\0")];
        let fragment = Fragment { name: "stop.toml".to_owned(), bytes: b"colour = 1\n".to_vec() };
        for fragments in [&[][..], &[fragment]] {
            let faults = loaded(&files, fragments).unwrap_err();
            assert_eq!(codes(&faults), [Code::TooOld], "{policy}");
            assert!(faults.is_too_old());
            let place = faults.diagnostics.first().and_then(|diagnostic| diagnostic.place).unwrap();
            assert_eq!(faults.sources.text(place), Some("requires"));
        }
    }
}

#[test]
fn other_faults_are_not_about_the_version_of_the_program() {
    const ENVIRONMENT: &str = "[environments.production]\n";
    for (policy, code) in [
        ("version = 1\nrequires = \"99.0\"\n[environments.production\n", Code::Syntax),
        ("version = 1\nrequires = \"99.0\"\nrequires = \"99.0\"\n[environments.production]\n", Code::Syntax),
        ("version = 1\nrequires = \"99\"\n[environments.production]\n", Code::BadValue),
        ("version = 1\nrequires = 99.0\n[environments.production]\n", Code::WrongType),
        ("version = 1\n[environments.production]\nrequires = \"99.0\"\n", Code::UnknownKey),
    ] {
        let faults = loaded(&[("freezegate.toml", policy)], &[]).unwrap_err();
        assert_eq!(codes(&faults), [code], "{policy}");
        assert!(!faults.is_too_old(), "{policy}");
    }
    let fragment = Fragment { name: "stop.toml".to_owned(), bytes: b"requires = \"99.0\"\n".to_vec() };
    let policy = format!("version = 1\n{ENVIRONMENT}");
    let faults = loaded(&[("freezegate.toml", &policy)], &[fragment]).unwrap_err();
    assert_eq!(codes(&faults), [Code::NotInFragment]);
}
