//! What packages the program, and what writes a release into what downloads it: `.ci/package`, `.ci/notices`, `.ci/release`.
#![cfg(unix)]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a package that is not made is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::support::clean::command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of `.ci`.
fn script(name: &str, arguments: &[&str]) -> Output {
    let home = TempDir::new().unwrap();
    command(root().join(".ci").join(name), root(), home.path())
        // the packages are of one time, whatever the clock or the checkout
        .env("SOURCE_DATE_EPOCH", "1752100000")
        .args(arguments)
        .output()
        .unwrap()
}

/// Debian's packages and static programs are made for Linux.
#[test]
#[cfg(target_os = "linux")]
fn each_package_of_this_program_protects_a_repository() {
    let folder = TempDir::new().unwrap();
    // without its debugging information it is packed in a tenth of the time
    let program = folder.path().join("freezegate");
    let mut strip = command("strip", root(), folder.path());
    assert!(strip.arg("-o").arg(&program).arg(env!("CARGO_BIN_EXE_freezegate")).status().unwrap().success());
    let output = folder.path().join("packages");
    let arguments = ["--program", program.to_str().unwrap(), "--output", output.to_str().unwrap(), "--test"];
    let made = script("package", &[&arguments[..], &["archive", "wheel", "deb"]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said = String::from_utf8(made.stdout).unwrap();
    let tried: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("tried ")).collect();
    assert_eq!(tried.len(), 3, "{said}");

    assert_eq!(tried[0], binstall("x86_64-unknown-linux-musl").rsplit_once('/').unwrap().1);

    let first = fs::read(output.join(tried[0])).unwrap();
    let made = script("package", &[&arguments[..4], &["archive"]].concat());
    assert!(made.status.success());
    assert!(first == fs::read(output.join(tried[0])).unwrap(), "one commit makes one archive");
}

/// Returns where cargo-binstall looks for the archive for a target, by Cargo.toml.
fn binstall(target: &str) -> String {
    let package: toml::Value = toml::from_str(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    let package = &package["package"];
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let about = &package["metadata"]["binstall"];
    // the program lies at the top of the archive
    assert_eq!((text(&about["bin-dir"]).as_str(), text(&about["pkg-fmt"]).as_str()), ("{ bin }{ binary-ext }", "tgz"));
    let url = ["repository", "version", "name"].iter().fold(text(&about["pkg-url"]), |url, key| {
        let name = if *key == "repository" { "repo" } else { key };
        url.replace(&format!("{{ {name} }}"), &text(&package[*key]))
    });
    url.replace("{ target }", target)
}

/// A release is where cargo-binstall looks for it, under the names that `.ci/package` writes.
#[test]
fn binstall_finds_each_archive_of_a_release() {
    let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    let address = "--address \"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/releases/download/$version\" target/packages";
    assert!(workflow.contains(address), "{workflow}");
    let version = env!("CARGO_PKG_VERSION");
    for (target, _) in TARGETS {
        assert!(workflow.contains(&format!("target: {target} }}")), "{target}: {workflow}");
        let expected =
            format!("https://github.com/OWNER/freezegate/releases/download/v{version}/freezegate-{target}.tar.gz");
        assert_eq!(binstall(target), expected);
    }
}

/// The packages of Cargo.lock that Cargo.toml's dependencies need, those of the tests left out, as `name version`.
fn compiled_in() -> BTreeSet<String> {
    let table = |file: &str| fs::read_to_string(root().join(file)).unwrap().parse::<toml::Table>().unwrap();
    let (manifest, lock) = (table("Cargo.toml"), table("Cargo.lock"));
    let packages = lock["package"].as_array().unwrap();
    let text = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    // `name`, or `name version` if there are several
    let find = |words: &str| {
        let (name, version) = words.split_once(' ').unwrap_or((words, ""));
        let fits = |package: &&toml::Value| {
            text(package, "name") == name && (version.is_empty() || text(package, "version") == version)
        };
        packages.iter().find(fits).unwrap()
    };
    let needs = |package: &toml::Value| -> Vec<String> {
        let of = package.get("dependencies").and_then(toml::Value::as_array).into_iter().flatten();
        of.map(|words| words.as_str().unwrap().to_owned()).collect()
    };
    let of_targets = manifest["target"].as_table().unwrap().values();
    let tables = of_targets.chain([&manifest["dependencies"]]).map(|table| table.get("dependencies").unwrap_or(table));
    let direct: BTreeSet<&String> = tables.flat_map(|table| table.as_table().unwrap().keys()).collect();
    let mut todo = needs(find("freezegate"));
    todo.retain(|words| direct.contains(&words.split(' ').next().unwrap().to_owned()));
    let mut found = BTreeSet::new();
    while let Some(words) = todo.pop() {
        let package = find(&words);
        if found.insert(format!("{} {}", text(package, "name"), text(package, "version"))) {
            todo.extend(needs(package));
        }
    }
    found
}

#[test]
fn the_notices_are_those_of_the_packages_in_the_lock() {
    let notices = fs::read_to_string(root().join("docs/third-party.txt")).unwrap();
    let (list, texts) = notices.split_once("\n====").unwrap();
    let listed: BTreeSet<String> =
        list.lines().skip(2).filter_map(|line| line.split_once(" (")).map(|(package, _)| package.to_owned()).collect();
    let needed = compiled_in();
    assert!(
        needed.len() > 50 && needed.contains("git2 0.21.0") && !needed.iter().any(|one| one.starts_with("proptest "))
    );
    let differ: Vec<&String> = listed.symmetric_difference(&needed).collect();
    assert!(differ.is_empty(), "run `.ci/notices`: {differ:?}");
    for text in ["libgit2/COPYING", "deps/pcre2/LICENCE.md", "deps/zlib/LICENSE"] {
        assert!(texts.contains(text), "{text}");
    }
}

#[test]
fn the_bill_of_materials_names_each_package_with_its_checksum() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bom.json");
    assert!(script("notices", &["--sbom", file.to_str().unwrap()]).status.success());
    let bom: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let parts = bom["components"].as_array().unwrap();
    let named = parts.iter().map(|part| format!("{} {}", part["name"], part["version"]).replace('"', ""));
    assert_eq!(named.collect::<BTreeSet<_>>(), compiled_in());
    assert!(parts.iter().all(|part| part["hashes"][0]["content"].as_str().unwrap().len() == 64));
}

const TARGETS: [(&str, &str); 5] = [
    ("x86_64-unknown-linux-musl", "LINUX_X64"),
    ("aarch64-unknown-linux-musl", "LINUX_ARM64"),
    ("aarch64-apple-darwin", "MACOS_ARM64"),
    ("x86_64-apple-darwin", "MACOS_X64"),
    ("x86_64-pc-windows-msvc", "WINDOWS_X64"),
];

/// A checkout and a folder of archives, as a release has them.
fn release() -> TempDir {
    let folder = TempDir::new().unwrap();
    let checkout = folder.path().join("checkout");
    fs::create_dir_all(checkout.join(".github/ci")).unwrap();
    fs::create_dir(folder.path().join("archives")).unwrap();
    fs::copy(root().join("action.yml"), checkout.join("action.yml")).unwrap();
    for step in fs::read_dir(root().join(".github/ci")).unwrap() {
        let step = step.unwrap();
        fs::copy(step.path(), checkout.join(".github/ci").join(step.file_name())).unwrap();
    }
    for (target, name) in TARGETS {
        fs::write(folder.path().join(format!("archives/freezegate-{target}.tar.gz")), name).unwrap();
    }
    folder
}

#[test]
fn a_release_is_written_into_the_action_and_every_step_again_and_again() {
    let folder = release();
    let path = |inner: &str| folder.path().join(inner).to_str().unwrap().to_owned();
    let sums = command("sha256sum", &folder.path().join("archives"), folder.path())
        .args(TARGETS.map(|(target, _)| format!("freezegate-{target}.tar.gz")))
        .output()
        .unwrap();
    let sums = String::from_utf8(sums.stdout).unwrap();
    let sums: Vec<&str> = sums.lines().map(|line| line.get(..64).unwrap()).collect();
    for version in ["v1.0.0", "v1.0.1"] {
        let address = format!("https://example.com/{version}");
        let ran = script("release", &["--root", &path("checkout"), "--address", &address, &path("archives")]);
        assert!(ran.status.success(), "{ran:?}");
        let action = fs::read_to_string(path("checkout/action.yml")).unwrap();
        assert!(action.contains(&format!("        ARCHIVES: \"{address}\"\n")), "{action}");
        for ((_, name), sum) in TARGETS.iter().zip(&sums) {
            assert!(action.contains(&format!("        {name}: \"{sum}\"\n")), "{name}: {action}");
        }
        for step in fs::read_dir(path("checkout/.github/ci")).unwrap() {
            let path = step.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            // one that advises and one that deploys, or one that renews
            let jobs = if path.to_str().unwrap().ends_with("-renew.yml") { 1 } else { 2 };
            let archive = format!("archive='{address}/freezegate-x86_64-unknown-linux-musl.tar.gz'\n");
            let count = |line: &str| text.matches(line).count();
            assert_eq!((count(&archive), count(&format!("sum='{}'\n", sums[0]))), (jobs, jobs), "{text}");
        }
        let listed = fs::read_to_string(path("archives/SHA256SUMS")).unwrap();
        assert_eq!(listed.lines().count(), TARGETS.len());
    }
}

#[test]
fn a_release_that_lacks_an_archive_or_has_a_strange_address_is_not_written() {
    let folder = release();
    let path = |inner: &str| folder.path().join(inner).to_str().unwrap().to_owned();
    let before = fs::read_to_string(path("checkout/action.yml")).unwrap();
    let run = |address: &str| {
        let ran = script("release", &["--root", &path("checkout"), "--address", address, &path("archives")]);
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        assert_eq!(fs::read_to_string(path("checkout/action.yml")).unwrap(), before);
        String::from_utf8(ran.stderr).unwrap()
    };
    for address in ["http://example.com/v1", "https://example.com/$(id)", "https://example.com/'\nrun: id"] {
        assert!(run(address).contains("is not a plain https address"), "{address}");
    }
    fs::remove_file(path("archives/freezegate-aarch64-apple-darwin.tar.gz")).unwrap();
    let said = run("https://example.com/v1");
    assert!(said.contains("freezegate-aarch64-apple-darwin.tar.gz is missing"), "{said}");
}

/// What `pip install` of the repository does, for an archive that is not the released one.
#[test]
fn a_wheel_is_not_made_of_an_altered_archive_and_says_what_to_do() {
    let folder = release();
    let path = |inner: &str| folder.path().join(inner).to_str().unwrap().to_owned();
    let address = format!("file://{}", path("archives"));
    let ran = script("release", &["--root", &path("checkout"), "--address", &address, &path("archives")]);
    assert!(ran.status.success(), "{ran:?}");
    for (target, _) in TARGETS {
        fs::write(folder.path().join(format!("archives/freezegate-{target}.tar.gz")), "altered").unwrap();
    }
    let checkout = folder.path().join("checkout");
    fs::create_dir(checkout.join(".ci")).unwrap();
    for file in [".ci/wheels.py", "Cargo.toml"] {
        fs::copy(root().join(file), checkout.join(file)).unwrap();
    }
    let wheel = || {
        let mut python = command("python3", &checkout, folder.path());
        // a machine without Rust
        let backend = "import os, sys; sys.path.insert(0, '.ci'); import wheels; os.environ['PATH'] = '/nowhere'; \
                       wheels.build_wheel('.')";
        let ran = python.env("PYTHONDONTWRITEBYTECODE", "1").args(["-c", backend]).output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{said}");
        said
    };
    let said = wheel();
    assert!(said.starts_with(&format!("freezegate: {address}/freezegate-")), "{said}");
    assert!(said.contains("expected") && said.contains("do not use it: try again"), "{said}");

    fs::remove_dir_all(folder.path().join("archives")).unwrap();
    assert!(wheel().contains("download it by hand and set FREEZEGATE_TREE to its folder"));

    let action = fs::read_to_string(checkout.join("action.yml")).unwrap();
    fs::write(checkout.join("action.yml"), action.replace(&format!("ARCHIVES: \"{address}\""), "ARCHIVES: \"\""))
        .unwrap();
    let said = wheel();
    assert!(said.contains("this commit is not a release, and without Rust it can't be built"), "{said}");
}
