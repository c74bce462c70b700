//! Lines of `.gitattributes` against `git check-attr`: where git gives a file an attribute, the line may match.

use freezegate::change::git::AlteringLine;

use crate::git_evidence::sandbox::Sandbox;

#[test]
fn a_line_matches_at_least_what_it_matches_for_git() {
    let patterns = [
        "*",
        "**",
        "*.yaml",
        "*.YAML",
        "e.yaml",
        "/e.yaml",
        "E.yaml",
        "apps/*.yaml",
        "apps/**",
        "apps/**/e.yaml",
        "**/e.yaml",
        "/apps/e.yaml",
        "apps/",
        "apps",
        "*.y?ml",
        "[ae].yaml",
        "e\\.yaml",
        "e*l",
        "*e*.yaml",
        "**/prod/**",
        "a*/e.yaml",
        "*/e.yaml",
        "*/prod/*.yaml",
        "apps/prod/e.yaml",
        "\"e.yaml\"",
        "\"a b.yaml\"",
        "*.png",
        "docs/*.yaml",
        "!e.yaml",
        "é.yaml",
        "*.yaml/",
        "**/*.yml",
        "apps/p*d/e.y*",
    ];
    let paths = [
        "e.yaml",
        "E.yaml",
        "a.yaml",
        "apps/e.yaml",
        "apps/prod/e.yaml",
        "apps/prod/eu/e.yaml",
        "other/e.yml",
        "a b.yaml",
        "é.yaml",
        "x.png",
        "docs/e.yaml",
    ];
    let sandbox = Sandbox::new();
    let (mut given, mut passed_over) = (0, 0);
    for pattern in patterns {
        for text in [
            format!("{pattern} filter=x\n"),
            format!("[attr]m filter=x\n{pattern} m\n"),
            format!("\t {pattern}\tbinary   filter\r\n"),
        ] {
            sandbox.write(".gitattributes", text.as_bytes());
            let lines = AlteringLine::all(text.as_bytes());
            let mut arguments = [
                "-c",
                "core.quotePath=false",
                "check-attr",
                "filter",
                "--",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
            ];
            arguments[5..].copy_from_slice(&paths);
            let said = sandbox.git(arguments);
            for (path, said) in paths.iter().zip(said.lines()) {
                let is_given = !said.ends_with(": unspecified");
                let may_match = lines.iter().any(|line| line.may_match(path));
                assert!(may_match || !is_given, "{text:?}: {said}");
                given += usize::from(is_given);
                passed_over += usize::from(!may_match);
            }
        }
    }
    assert!(given > 250 && passed_over > 250, "{given} {passed_over}");
}

#[test]
fn only_what_alters_a_file_is_a_line_and_each_attribute_that_does_is() {
    let text = b"# *.yaml filter=lfs\n*.yaml text eol=crlf -filter !ident diff=lfs\n\n*.a filter=lfs\n*.b ident\n*.c export-subst\n*.d working-tree-encoding=UTF-16\n*.e export-ignore\n";
    let found: Vec<(usize, &str)> = AlteringLine::all(text).iter().map(|line| (line.number, line.attribute)).collect();
    assert_eq!(found, [(4, "filter"), (5, "ident"), (6, "export-subst"), (7, "working-tree-encoding")]);
}
