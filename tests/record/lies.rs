//! A file beside a record, or a tree of a checkpoint, that lies: each field of what is folded, by the form in which it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use freezegate::change::git::{RefName, Repository};
use freezegate::policy::OrganisationVersion;
use freezegate::proof::record::{
    Decided, Digest, Fingerprint, Folded, JudgedPlan, PlanValue, Record, RecordError, RecordFile, RecordRef,
    RecordedChange, RecordedMode, RecordedOutcome, RecordedStanding,
};
use freezegate::time::seconds::Seconds;
use serde_json::{Value, json};

use crate::record::decisions::{MORNING, append, change, decided, read, read_all};
use crate::record::dice::Dice;
use crate::record::folded::by_chance;
use crate::record::workshop::{Ended, Workshop};

/// How often one way to alter one kind of field is tried.
const MOST_OF_A_KIND: usize = 3;

/// What is wrong in a state, and the state in the form that is kept.
struct Lie {
    what: String,
    bytes: Vec<u8>,
}

/// Makes lies out of what is folded.
#[derive(Default)]
struct Liar {
    lies: Vec<Lie>,
    /// How often each kind of field was altered in each way, by its path with a star for what is no name of a field.
    tried: BTreeMap<(String, &'static str), usize>,
    /// The fields of the objects at these places, if they have a fixed set of them.
    by_shape: BTreeMap<String, Option<BTreeSet<String>>>,
    /// The fields of each object that has a fixed set of them, and those that were seen.
    fields: BTreeMap<BTreeSet<String>, BTreeSet<String>>,
}

/// A step on the way to a value.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn at<'v>(value: &'v mut Value, path: &[Step]) -> &'v mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}

/// The fields that an object may have, by what the reader says of one that it does not know; `None` if any name is one.
fn fields_of(whole: &Value, path: &[Step]) -> Option<BTreeSet<String>> {
    let mut lie = whole.clone();
    at(&mut lie, path)["no such field"] = json!(1);
    let error = Folded::from_bytes(lie.to_string().as_bytes()).err()?;
    let (_, expected) = error.strip_prefix("unknown field `no such field`, ")?.split_once("expected ")?;
    Some(expected.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

impl Liar {
    /// Adds the state with something else at a path.
    fn lie(&mut self, whole: &Value, shape: &str, way: &'static str, alter: impl FnOnce(&mut Value)) {
        let tried = self.tried.entry((shape.to_owned(), way)).or_default();
        *tried += 1;
        if *tried > MOST_OF_A_KIND {
            return;
        }
        let mut lie = whole.clone();
        alter(&mut lie);
        if lie == *whole {
            return;
        }
        // as the program itself would write it, if it can
        let bytes = lie.to_string().into_bytes();
        let bytes = Folded::from_bytes(&bytes).map_or(bytes, |folded| folded.to_bytes().unwrap());
        let truth = Folded::from_bytes(whole.to_string().as_bytes()).unwrap().to_bytes().unwrap();
        if bytes != truth {
            self.lies.push(Lie { what: format!("{shape}: {way}"), bytes });
        }
    }

    /// Adds lies about the value at a path and all below.
    fn walk(&mut self, whole: &Value, path: &[Step], shape: &str) {
        let value = path.iter().fold(whole, |value, step| match step {
            Step::Key(key) => &value[key.as_str()],
            Step::Index(index) => &value[*index],
        });
        let mut put = |way, other: Value| self.lie(whole, shape, way, |lie| *at(lie, path) = other);
        match value {
            Value::Null => {
                put("a number for nothing", json!(7));
                put("a text for nothing", json!("refs/heads/main"));
                put("a hash for nothing", json!(Digest::of(b"x").to_string()));
                put("a list for nothing", json!([1, {}]));
            }
            Value::Bool(is) => put("the opposite", json!(!is)),
            Value::Number(number) => {
                let number = number.as_i64().unwrap();
                for (way, other) in [
                    ("one more", number + 1),
                    ("one less", number - 1),
                    ("zero", 0),
                    ("the least", i64::MIN),
                    ("the most", i64::MAX),
                ] {
                    put(way, json!(other));
                }
                put("nothing", Value::Null);
                put("beyond all numbers", json!(u64::MAX));
            }
            Value::String(text) => {
                let last = if text.ends_with('0') { '1' } else { '0' };
                let mut other: String = text.chars().take(text.chars().count().saturating_sub(1)).collect();
                other.push(last);
                put("another letter", json!(other));
                put("no letter", json!(""));
                put("one letter more", json!(format!("{text}0")));
                put("nothing", Value::Null);
            }
            Value::Array(items) => {
                for index in chosen(items.len()) {
                    let path = [path, &[Step::Index(index)]].concat();
                    self.walk(whole, &path, &format!("{shape}/*"));
                    let (one, other) = path.split_at(path.len() - 1);
                    let Some(Step::Index(index)) = other.first().cloned() else { panic!("{shape}") };
                    self.lie(whole, shape, "one less in the list", |lie| {
                        at(lie, one).as_array_mut().unwrap().remove(index);
                    });
                    self.lie(whole, shape, "one twice in the list", |lie| {
                        let items = at(lie, one).as_array_mut().unwrap();
                        items.insert(index, items[index].clone());
                    });
                    self.lie(whole, shape, "two swapped in the list", |lie| {
                        at(lie, one).as_array_mut().unwrap().swap(0, index);
                    });
                }
            }
            Value::Object(members) => self.walk_members(whole, path, shape, members),
        }
    }

    fn walk_members(&mut self, whole: &Value, path: &[Step], shape: &str, members: &serde_json::Map<String, Value>) {
        let fields = self.by_shape.entry(shape.to_owned()).or_insert_with(|| fields_of(whole, path)).clone();
        if let Some(fields) = &fields {
            self.fields.entry(fields.clone()).or_default().extend(members.keys().cloned());
        }
        self.lie(whole, shape, "one more member", |lie| at(lie, path)["x"] = json!({}));
        let keys: Vec<&String> = members.keys().collect();
        let tried: Vec<&String> = match &fields {
            Some(_) => keys.clone(),
            None => chosen(keys.len()).map(|index| keys[index]).collect(),
        };
        for key in tried {
            let below = if fields.is_some() { format!("{shape}/{key}") } else { format!("{shape}/*") };
            self.walk(whole, &[path, &[Step::Key(key.clone())]].concat(), &below);
            self.lie(whole, &below, "without the member", |lie| {
                at(lie, path).as_object_mut().unwrap().remove(key);
            });
            self.lie(whole, &below, "by another name", |lie| {
                let members = at(lie, path).as_object_mut().unwrap();
                let value = members.remove(key).unwrap();
                members.insert(format!("{key}x"), value);
            });
            for other in keys.iter().filter(|other| **other != key).take(2) {
                self.lie(whole, &below, "swapped with another member", |lie| {
                    let members = at(lie, path).as_object_mut().unwrap();
                    let (one, two) = (members[key].clone(), members[*other].clone());
                    members.insert(key.clone(), two);
                    members.insert((*other).clone(), one);
                });
            }
        }
    }
}

/// All of so many, or, of more than can be tried, the first two and the last one.
fn chosen(length: usize) -> impl Iterator<Item = usize> {
    (0..length).filter(move |index| length < 100 || *index < 2 || index + 1 == length)
}

/// Decisions of all sorts, so that every field has something to say.
fn all_sorts() -> Vec<Decided> {
    let mut dice = Dice::new(7);
    let mut all: Vec<Decided> = (0..270)
        .map(|minute| Decided {
            rollback_within: Some(Seconds::new(600)),
            ..by_chance(&mut dice, MORNING + Seconds::new(60 * minute))
        })
        .collect();
    for (number, one) in (0..).zip(&mut all) {
        one.actor = Some(format!("person {}", number % 3));
        let serial = 1 + number;
        one.organisation = one.repository.as_ref().map(|_| OrganisationVersion { name: "example".to_owned(), serial });
        one.changes.iter_mut().for_each(|change| change.holds_policy = number % 4 == 0);
    }
    // another commit of the tree that is there
    for (one, new) in all.iter_mut().skip(247).zip(["A", "a"]) {
        // not as short as a line of the list
        let scope = Some("two words".to_owned());
        let again = RecordedChange { everything: true, scope, ..change("refs/heads/main", &["production"], "A", new) };
        *one = Decided {
            mode: RecordedMode::Check,
            standing: RecordedStanding::Enforcement,
            decision: RecordedOutcome::Allowed,
            changes: vec![again],
            ..one.clone()
        };
    }
    // one plan, and those that take it back and forward again, shortly before the checkpoint
    let digests = [Digest::of(b"one value"), Digest::of(b"another")];
    for (one, [before, after]) in
        all.iter_mut().skip(249).zip([digests, [digests[1], digests[0]]].into_iter().cycle().take(6))
    {
        let (address, attribute) = ("aws_dynamodb_table.chats".to_owned(), "billing_mode".to_owned());
        let values = vec![PlanValue { address, attribute, before, after }];
        *one = Decided {
            mode: RecordedMode::Check,
            standing: RecordedStanding::Enforcement,
            decision: RecordedOutcome::Allowed,
            repository: Some("example.com/shop".to_owned()),
            plan: Some(JudgedPlan {
                changes: 1,
                values,
                state: Some(Digest::of(b"state")),
                replaced: vec![Fingerprint::of(&before)],
                brought: vec![Fingerprint::of(&after)],
                is_cut: before == digests[1],
            }),
            ..one.clone()
        };
    }
    all
}

/// More refs than are kept, so that it is known that some are forgotten. The changes of one decision stay or go together.
fn more_refs_than_are_kept() -> Vec<Decided> {
    let push = |round: i64| {
        let names =
            |kind: &str| (0..550).map(move |number| format!("refs/{kind}/{round}-{number}")).collect::<Vec<_>>();
        let changes: Vec<RecordedChange> = [names("tags"), names("heads")]
            .concat()
            .iter()
            .map(|name| RecordedChange { whole: Vec::new(), ..change(name, &["production"], "-", "A") })
            .collect();
        Decided {
            changes,
            mode: RecordedMode::PreReceive,
            ..decided(MORNING + Seconds::new(round), RecordedOutcome::Allowed)
        }
    };
    // more commits of the policy's branch than are known as refused
    let refused = |number: i64| {
        let of_policy = |part| RecordedChange {
            holds_policy: true,
            ..change("refs/heads/policy", &["production"], "-", &format!("{number}-{part}"))
        };
        Decided {
            changes: (0..5).map(of_policy).collect(),
            ..decided(MORNING + Seconds::new(10) + Seconds::new(number), RecordedOutcome::Refused)
        }
    };
    (0..2).map(push).chain((0..255).map(refused)).collect()
}

/// Writes a record, and returns what its first checkpoint holds.
fn filled(path: &Path, decisions: Vec<Decided>) -> Vec<u8> {
    let record = Record::File(RecordFile::new(path.to_path_buf()));
    let mut found = None;
    for (number, decided) in decisions.into_iter().enumerate() {
        // as the jobs of a pipeline do, one after the other, each looks for itself; before the checkpoint that takes long
        if number > 255 {
            found = None;
        }
        let mut decide = |_: &Folded| Ok::<_, RecordError>(decided.clone());
        record.append_when_ready(&mut found, &mut decide, &mut |_, _| Ok(())).unwrap().unwrap();
    }
    let checkpoints = read_all(path).iter().filter(|entry| entry.folded.is_some()).count();
    assert_eq!(checkpoints, 1);
    let sidecar = fs::read(path.with_extension("jsonl.state")).unwrap();
    assert_eq!(Folded::from_bytes(&sidecar).unwrap().to_bytes().unwrap(), sidecar);
    sidecar
}

/// A record in a file with the lies about the file beside it.
fn liars(folder: &Path) -> Vec<(std::path::PathBuf, Vec<Lie>)> {
    let mut liar = Liar::default();
    let mut all = Vec::new();
    for (name, decisions) in [("sorts.jsonl", all_sorts()), ("refs.jsonl", more_refs_than_are_kept())] {
        let path = folder.join(name);
        let sidecar = filled(&path, decisions);
        let whole: Value = serde_json::from_slice(&sidecar).unwrap();
        liar.walk(&whole, &[], "");
        all.push((path, std::mem::take(&mut liar.lies)));
    }
    // a field that is added to the form one day is tried too, or has to be filled above
    assert!(liar.fields.len() >= 9, "{:?}", liar.fields);
    for (fields, seen) in &liar.fields {
        assert_eq!(fields, seen, "a field was never tried");
    }
    all
}

/// Whatever the file beside a record says: a decision is told what the entries say, or that the record was cut.
#[test]
fn a_file_beside_a_record_that_lies_about_any_field_decides_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let (mut lies, mut read_as_states, mut behind) = (0, 0, 0);
    for (path, all) in liars(folder.path()) {
        let sidecar = path.with_extension("jsonl.state");
        let genuine = fs::read(&sidecar).unwrap();
        let truth = read(&path);
        fs::remove_file(&sidecar).unwrap();
        assert_eq!(read(&path), truth, "the entries say the same");
        for Lie { what, bytes } in all {
            fs::write(&sidecar, &bytes).unwrap();
            lies += 1;
            read_as_states += usize::from(Folded::from_bytes(&bytes).is_ok());
            match Record::File(RecordFile::new(path.clone())).read() {
                Ok(told) => assert_eq!(told, truth, "{what}"),
                Err(error) => {
                    behind += 1;
                    assert!(error.to_string().contains(" knows entry "), "{what}: {error}");
                }
            }
        }
        fs::write(&sidecar, &genuine).unwrap();
        assert_eq!(read(&path), truth);
    }
    assert!(lies > 300 && read_as_states > 150, "{lies} lies, of which {read_as_states} can be read");
    assert!(behind > 0 && behind < 20, "{behind}");
}

/// Whatever the tree of a checkpoint says: it is refused.
#[test]
fn a_tree_of_a_checkpoint_that_lies_about_any_field_is_refused() {
    let workshop = Workshop::with_repository();
    let repository = Repository::open_at(&workshop.path()).unwrap();
    let named = |name: &str| Record::Ref(RecordRef::new(&repository, None, &RefName::new(name).unwrap()).unwrap());
    for (number, (path, lies)) in liars(&workshop.path()).into_iter().enumerate() {
        let lines = fs::read_to_string(&path).unwrap();
        let sidecar = fs::read(path.with_extension("jsonl.state")).unwrap();
        let mut import = workshop.program("git", &workshop.path());
        let mut import = import.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = import.stdin.take().unwrap();
        let checkpoint = lines.lines().find(|line| line.contains(",\"folded\":\"")).unwrap();
        // the entries before it are nowhere: nobody needs them
        let message = format!("a decision\n\n{checkpoint}\n");
        let committer = "committer freezegate <record@freezegate.invalid> 0 +0000";
        let mut commit = |name: &str, folded: Option<&[u8]>| {
            writeln!(input, "commit {name}\n{committer}\ndata {}\n{message}", message.len()).unwrap();
            if let Some(bytes) = folded {
                writeln!(input, "M 100644 inline folded\ndata {}", bytes.len()).unwrap();
                input.write_all(bytes).unwrap();
                writeln!(input).unwrap();
            }
            writeln!(input).unwrap();
        };
        let genuine = format!("refs/freezegate/genuine-{number}");
        commit(&genuine, Some(&sidecar));
        let mut tried: Vec<(String, String)> = Vec::new();
        for Lie { what, bytes } in lies {
            let name = format!("refs/freezegate/lie-{number}-{}", tried.len());
            commit(&name, Some(&bytes));
            tried.push((name, what));
        }
        let name = format!("refs/freezegate/nothing-{number}");
        commit(&name, None);
        tried.push((name, "no tree".to_owned()));
        drop(input);
        assert!(import.wait().unwrap().success());
        assert_eq!(named(&genuine).read().unwrap().sequence(), 257);
        for (name, what) in tried {
            let error = named(&name).read().unwrap_err();
            assert!(error.to_string().contains("the entries before entry 257 do not"), "{what}: {error}");
        }
    }
}

/// An older checkpoint of the same record is as good as the last one, one of another record is found, and no file that is none
/// changes an answer of the program.
#[test]
fn a_file_of_another_time_or_of_another_record_allows_nothing() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    let sidecar = workshop.join("record.jsonl.state");
    let other = filled(&workshop.join("other.jsonl"), all_sorts());
    let older = filled(&path, all_sorts());
    for number in 0..300 {
        append(&path, decided(MORNING + Seconds::new(60 * 300) + Seconds::new(number), RecordedOutcome::Allowed));
    }
    let newer = fs::read(&sidecar).unwrap();
    assert!(older != newer && older != other);
    let truth = read(&path);
    let record = fs::read(&path).unwrap();
    let check = ["check", "staging", "--record", "record.jsonl", "--at", "2026-01-07T20:00:00Z"];
    let answer = workshop.run(&check);
    assert_eq!(answer.status, Some(0), "{answer:?}");
    let halves = [&newer[..newer.len() / 2], &older[older.len() / 2..]].concat();
    for bytes in [&older, &halves, &Vec::new(), &b"{}".to_vec(), &vec![0; 4096], &b"\xff\xfe".to_vec()] {
        fs::write(&sidecar, bytes).unwrap();
        assert_eq!(read(&path), truth);
        let again = workshop.run(&check);
        assert_eq!((again.status, &again.printed), (answer.status, &answer.printed), "{again:?}");
        assert_eq!(fs::read(&path).unwrap(), record);
    }
    // one of another record knows entries that are not in this one
    fs::write(&sidecar, &other).unwrap();
    let refused = workshop.run(&check);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.errors.contains(" knows entry ") && refused.errors.contains("delete `"), "{refused:?}");
    // who writes to the record itself can name a lie in it: what is proved entry by entry tells that
    let entries = fs::read_to_string(&path).unwrap();
    let lie = String::from_utf8(newer.clone()).unwrap().replace("grant-1", "grant-z");
    assert_ne!(lie.as_bytes(), newer);
    let digests = [&newer, lie.as_bytes()].map(|bytes| Digest::of(bytes).to_string());
    let mut previous: Option<Digest> = None;
    let forged: String = entries
        .lines()
        .map(|line| {
            let (body, _) = line.rsplit_once(",\"hash\":").unwrap();
            let mut value = body.replace(&digests[0], &digests[1]);
            if let Some(hash) = &previous {
                let (head, rest) = value.split_once("\"previous\":\"").unwrap();
                value = format!("{head}\"previous\":\"{hash}{}", &rest[64..]);
            }
            let hash = Digest::of(format!("{value}}}").as_bytes());
            previous = Some(hash);
            format!("{value},\"hash\":\"{hash}\"}}\n")
        })
        .collect();
    fs::write(&path, forged).unwrap();
    fs::write(&sidecar, lie).unwrap();
    let verified = Ended::of(workshop.freezegate(&["record", "verify", "record.jsonl"]).output().unwrap());
    assert_eq!(verified.status, Some(1), "{verified:?}");
    assert!(verified.printed.contains("line 513: the entries before"), "{verified:?}");
}
