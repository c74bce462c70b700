//! The timed jobs of `.github/ci` that start red jobs again: their scripts, against a stand-in for the provider's API.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::ci_step::steps::{run, scripts};
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, World};

/// When production was closed, and when it was open, as APIs write it.
const WHILE_CLOSED: &str = "2025-07-09T21:45:00Z";
const WHILE_OPEN: &str = "2025-07-12T12:00:00.526Z";

/// An API that answers GETs from a table and anything else by 201, but for the paths in `refused`.
struct Api {
    address: String,
    /// `GET /path?query`, with the header that has the token.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Api {
    /// Serves `lists` by what their paths begin with, up to the query. Each has a page.
    fn new(lists: BTreeMap<String, Value>, refused: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut head, mut token) = (String::new(), String::new());
                stream.read_line(&mut head).unwrap();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    if line.to_lowercase().contains("token") {
                        token = line.trim().to_owned();
                    }
                }
                let asked = head.trim().trim_end_matches(" HTTP/1.1").to_owned();
                let path = asked.split_once(' ').unwrap().1.split('?').next().unwrap();
                let (status, body) = match (lists.get(path), asked.starts_with("GET ")) {
                    (Some(list), true) => ("200 OK", list.to_string()),
                    (None, false) if path != refused => ("201 Created", "{}".to_owned()),
                    _ => ("403 Forbidden", json!({ "message": "no" }).to_string()),
                };
                heard.lock().unwrap().push(format!("{asked} {token}"));
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                stream.get_mut().write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Self { address, requests }
    }

    /// The paths that were posted to since the last call.
    fn posted(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.requests.lock().unwrap());
        assert!(all.iter().all(|request| request.contains("secret-token")), "{all:?}");
        let posts = all.iter().filter_map(|request| request.strip_prefix("POST "));
        posts.map(|post| post.split(' ').next().unwrap().to_owned()).collect()
    }
}

/// A request to merge: its number, and its red job with when that ended; `None` if it has none.
type Request = (u64, Option<(u64, &'static str)>);

/// What GitHub answers: pull request 1 has the head `c1`, and the run 101 of it.
fn github(requests: &[Request]) -> BTreeMap<String, Value> {
    let repository = "/repos/octo-org/octo-repo";
    let head = |number: &u64| format!("c{number}");
    // the newest first
    let pulls: Vec<Value> =
        requests.iter().rev().map(|(number, _)| json!({ "number": number, "head": { "sha": head(number) } })).collect();
    let red = requests.iter().rev().filter(|(_, job)| job.is_some());
    let mut runs: Vec<Value> = red.map(|(number, _)| json!({ "id": 100 + number, "head_sha": head(number) })).collect();
    // an earlier run of the first, and one of a pull request that is closed
    runs.push(json!({ "id": 1, "head_sha": "c1" }));
    runs.push(json!({ "id": 2, "head_sha": "closed" }));
    let mut lists = BTreeMap::from([
        (format!("{repository}/pulls"), json!(pulls)),
        (format!("{repository}/actions/workflows/gate.yml/runs"), json!({ "workflow_runs": runs })),
    ]);
    for (number, job) in requests {
        let job = job.map(|(id, ended)| {
            json!({ "id": id, "name": "gate", "conclusion": "failure", "started_at": ended, "completed_at": ended })
        });
        let other = json!({ "id": 9, "name": "test", "conclusion": "failure", "started_at": WHILE_CLOSED, "completed_at": WHILE_CLOSED });
        let jobs: Vec<Value> = job.into_iter().chain([other]).collect();
        lists.insert(format!("{repository}/actions/runs/{}/jobs", 100 + number), json!({ "jobs": jobs }));
    }
    lists
}

/// What GitLab answers: merge request 1 has the pipelines 1 and 101.
fn gitlab(requests: &[Request]) -> BTreeMap<String, Value> {
    let project = "/projects/7";
    let iids: Vec<Value> = requests.iter().map(|(number, _)| json!({ "iid": number })).collect();
    let mut lists = BTreeMap::from([(format!("{project}/merge_requests"), json!(iids))]);
    for (number, job) in requests {
        let pipelines = json!([{ "id": number, "project_id": 7 }, { "id": 100 + number, "project_id": 7 }]);
        lists.insert(format!("{project}/merge_requests/{number}/pipelines"), pipelines);
        let job =
            job.map(|(id, ended)| json!({ "id": id, "name": "freezegate", "started_at": ended, "finished_at": ended }));
        let other = json!({ "id": 9, "name": "test", "started_at": WHILE_CLOSED, "finished_at": WHILE_CLOSED });
        let jobs: Vec<Value> = job.into_iter().chain([other]).collect();
        lists.insert(format!("{project}/pipelines/{}/jobs", 100 + number), json!(jobs));
    }
    lists
}

struct Provider {
    file: &'static str,
    fixture: &'static str,
    lists: fn(&[Request]) -> BTreeMap<String, Value>,
    /// The path by which a job is started again.
    again: fn(u64) -> String,
}

const PROVIDERS: [Provider; 2] = [
    Provider {
        file: "github-renew.yml",
        fixture: "github/schedule",
        lists: github,
        again: |id| format!("/repos/octo-org/octo-repo/actions/jobs/{id}/rerun"),
    },
    Provider {
        file: "gitlab-renew.yml",
        fixture: "gitlab/schedule",
        lists: gitlab,
        again: |id| format!("/projects/7/jobs/{id}/retry"),
    },
];

/// The timed job at this time.
fn renew(provider: &Provider, world: &World, api: &Api, clock: &str, edit: fn(&str) -> String) -> Answer {
    let job = Job::of_push(provider.fixture, world)
        .with("GITHUB_API_URL", &api.address)
        .with("CI_API_V4_URL", &api.address)
        .with("CI_PROJECT_ID", "7")
        .with("TOKEN", "secret-token")
        .with("RENEW_TOKEN", "secret-token");
    let scripts: Vec<String> = scripts(provider.file).iter().map(|script| edit(script)).collect();
    assert_eq!(scripts.len(), 1, "{}", provider.file);
    run(world, &world.path("work"), clock, &job, &scripts)
}

#[test]
fn what_a_closed_window_made_red_is_started_again_when_it_opens() {
    let requests = [
        (1, Some((11, WHILE_CLOSED))),
        // it failed while production was open, so for another reason
        (2, Some((12, WHILE_OPEN))),
        (3, None),
        (4, Some((14, WHILE_CLOSED))),
    ];
    for provider in &PROVIDERS {
        let world = World::pushed();
        let api = Api::new((provider.lists)(&requests), "");
        let answer = renew(provider, &world, &api, CLOSED, str::to_owned);
        assert_eq!((answer.status, api.posted()), (0, vec![]), "{}: {answer}", provider.file);
        assert_eq!(answer.out, "freezegate: closed, so nothing is started\n", "{}", provider.file);

        let answer = renew(provider, &world, &api, OPEN, str::to_owned);
        assert_eq!(answer.status, 0, "{}: {answer}", provider.file);
        assert_eq!(api.posted(), [(provider.again)(11), (provider.again)(14)], "{}: {answer}", provider.file);
        assert!(answer.out.ends_with("freezegate: started 2 again\n"), "{}: {answer}", provider.file);
        assert!(!format!("{answer}").contains("secret-token"), "{}: {answer}", provider.file);
    }
}

#[test]
fn jobs_are_started_again_a_few_at_a_time_and_one_that_cannot_be_holds_up_none() {
    let requests: Vec<Request> = (1..=9).map(|number| (number, Some((10 + number, WHILE_CLOSED)))).collect();
    for (provider, refused) in
        PROVIDERS.iter().zip(["/repos/octo-org/octo-repo/actions/jobs/12/rerun", "/projects/7/jobs/12/retry"])
    {
        let world = World::pushed();
        let api = Api::new((provider.lists)(&requests), refused);
        let answer = renew(provider, &world, &api, OPEN, str::to_owned);
        assert_eq!(answer.status, 0, "{}: {answer}", provider.file);
        let ids = [11, 12, 13, 14, 15, 16];
        assert_eq!(api.posted(), ids.map(provider.again), "{}: {answer}", provider.file);
        assert!(format!("{answer}").contains("was not started again"), "{}: {answer}", provider.file);
    }
}

/// Nothing is started on a doubt.
#[test]
fn without_an_answer_of_the_policy_or_the_api_the_job_fails() {
    for provider in &PROVIDERS {
        let world = World::pushed();
        let api = Api::new((provider.lists)(&[(1, Some((11, WHILE_CLOSED)))]), "");
        let unknown = |script: &str| script.replace("places='production'", "places='produktion'");
        let answer = renew(provider, &world, &api, OPEN, unknown);
        assert_eq!((answer.status, api.posted()), (2, vec![]), "{}: {answer}", provider.file);
        assert!(answer.err.contains("produktion"), "{}: {answer}", provider.file);

        let api = Api::new(BTreeMap::new(), "");
        let answer = renew(provider, &world, &api, OPEN, str::to_owned);
        assert_ne!(answer.status, 0, "{}: {answer}", provider.file);
        assert!(answer.err.contains("403"), "{}: {answer}", provider.file);

        // one region more than one place, of which none or one is open
        let two = |script: &str| script.replace("places='production'", "places='staging\nproduction --region us'");
        let api = Api::new((provider.lists)(&[(1, Some((11, WHILE_CLOSED)))]), "");
        let answer = renew(provider, &world, &api, CLOSED, two);
        assert_eq!((answer.status, api.posted()), (0, vec![]), "{}: {answer}", provider.file);
        let answer = renew(provider, &world, &api, OPEN, two);
        assert_eq!((answer.status, api.posted()), (0, vec![(provider.again)(11)]), "{}: {answer}", provider.file);
    }
}
