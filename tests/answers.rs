//! What people read in answers: the words that each script of `data/answers.sh` has to print, and those that it must not.

use crate::situations::run;

/// Sections, each a script, with the words that it prints (`? `) and does not print (`! `); one before all of them.
const ANSWERS: &str = include_str!("data/answers.sh");

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_script_prints_what_it_should_and_nothing_else() {
    let mut sections = ANSWERS.split("\n== ").skip(1).map(|section| section.split_once('\n').unwrap());
    let (name, before) = sections.next().unwrap();
    assert_eq!(name, "before");
    let mut wrong = String::new();
    for (name, section) in sections {
        let lines = |mark: &str| section.lines().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>();
        let script: Vec<&str> =
            section.lines().filter(|line| !line.starts_with("? ") && !line.starts_with("! ")).collect();
        let printed = run(&format!("{before}\n{}", script.join("\n")), 100, false);
        let said = words(&printed);
        let missing = lines("? ").into_iter().filter(|text| !said.contains(&words(text)));
        let extra = lines("! ").into_iter().filter(|text| said.contains(&words(text)));
        for text in missing.map(|text| format!("lacks: {text}")).chain(extra.map(|text| format!("has: {text}"))) {
            wrong.push_str(&format!("=== {name} {text}\n{printed}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
