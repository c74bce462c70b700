//! The pages of `.github/ci` as their providers read them: YAML or Groovy, and one deployment at a time.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::ci_step::steps::scripts;

fn page(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/ci").join(file)).unwrap()
}

/// Each page with the key by which jobs that deploy, or start others, don't run at the same time.
const ONE_AT_A_TIME: [(&str, &str, &str); 7] = [
    ("gitlab.yml", "/deploy production/resource_group", "production"),
    ("gitlab-renew.yml", "/freezegate renew/resource_group", "freezegate-renew"),
    ("azure-pipelines.yml", "/stages/1/lockBehavior", "sequential"),
    // a deployment to an environment waits for the one before: https://support.atlassian.com/bitbucket-cloud/docs/deployments
    ("bitbucket-pipelines.yml", "/pipelines/branches/main/0/step/deployment", "production"),
    ("buildkite.yml", "/steps/2/concurrency_group", "production"),
    ("circleci.yml", "/workflows/gate/jobs/1/deploy-production/serial-group", "deploy/production"),
    ("github-renew.yml", "/concurrency/group", "renew"),
];

/// Adds the scripts of a page: all texts of several lines, in their order.
fn several_lines(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.trim_end().contains('\n') => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| several_lines(item, found)),
        Value::Object(keys) => keys.values().for_each(|item| several_lines(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn each_page_is_yaml_and_runs_one_job_at_a_time() {
    let mut files: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/ci"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "Jenkinsfile")
        .collect();
    files.sort();
    let mut known = ONE_AT_A_TIME.map(|(file, _, _)| file);
    known.sort_unstable();
    assert_eq!(files, known);
    for (file, key, value) in ONE_AT_A_TIME {
        let read: Value = serde_saphyr::from_str(&page(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(read.pointer(key), Some(&json!(value)), "{file}: {key}");
        if file == "buildkite.yml" {
            assert_eq!(read.pointer("/steps/2/concurrency"), Some(&json!(1)));
        }
        // the scripts that the tests run are those that the provider reads
        let mut meant = Vec::new();
        several_lines(&read, &mut meant);
        let lines = |text: &str| text.lines().map(|line| line.trim_start().to_owned()).collect::<Vec<_>>();
        let dollar = |text: &String| if file == "buildkite.yml" { text.replace("$$", "$") } else { text.clone() };
        let mut meant: Vec<Vec<String>> = meant.iter().map(|script| lines(dollar(script).trim_end())).collect();
        let mut run: Vec<Vec<String>> = scripts(file).iter().map(|script| lines(script.trim_end())).collect();
        // a mapping that is read has its keys in another order
        meant.sort_unstable();
        run.sort_unstable();
        assert_eq!(run, meant, "{file}");
    }
}

/// Returns what stands outside of the texts and comments of a Groovy script, if each of them ends.
fn groovy_code(text: &str) -> Result<String, String> {
    let mut code = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let mark = ["'''", "\"\"\"", "'", "\""].into_iter().find_map(|mark| Some((mark, rest.strip_prefix(mark)?)));
        let Some((mark, inner)) = mark else {
            let mut characters = rest.chars();
            code.extend(characters.next());
            rest = characters.as_str();
            continue;
        };
        let (text, after) = inner.split_once(mark).ok_or_else(|| format!("{mark} without its end"))?;
        if text.contains('\\') || (mark.len() == 1 && text.contains('\n')) {
            return Err(format!("the text {mark}{text}{mark} is not what it looks like"));
        }
        code.push_str("''");
        rest = after;
    }
    Ok(code)
}

/// Jenkins is told nothing by a page whose brackets don't match.
#[test]
fn the_page_for_jenkins_is_groovy_and_builds_one_after_the_other() {
    let code = groovy_code(&page("Jenkinsfile")).unwrap();
    let mut open = Vec::new();
    for character in code.chars() {
        match character {
            '{' | '(' | '[' => open.push(character),
            '}' => assert_eq!(open.pop(), Some('{')),
            ')' => assert_eq!(open.pop(), Some('(')),
            ']' => assert_eq!(open.pop(), Some('[')),
            _ => {}
        }
    }
    assert_eq!(open, Vec::<char>::new());
    let words: Vec<&str> = code.split_whitespace().collect();
    let code = words.join(" ");
    assert!(
        code.starts_with("pipeline { agent any options { disableConcurrentBuilds() } stages { stage('') {"),
        "{code}"
    );
    // https://www.jenkins.io/doc/book/pipeline/syntax: of a stage, these and no others
    for (part, count) in [("stage('')", 2), ("when {", 2), ("steps {", 2), ("sh ''", 2), ("post {", 1), ("junit ''", 1)]
    {
        assert_eq!(code.matches(part).count(), count, "{part}: {code}");
    }
    for (wrong, cause) in [("sh '''x", "''' without its end"), ("sh 'a\nb'", "is not what it looks like")] {
        let found = groovy_code(wrong).unwrap_err();
        assert!(found.contains(cause), "{found}");
    }
}
