//! The scripts of the page about notifications, run as they stand there, against stand-ins for the services.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a script that can't be run should fail its test")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean;

const POLICY: &str = "version = 1\n[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"daily 00:00-24:00\"]\n\
    [environments.production]\nduring_core_hours = \"soft\"\n[[lifts]]\nlevel = \"soft\"\nsigned = []\nincident = true\n";

/// How long something is waited for that should take a second.
const LONG: Duration = Duration::from_secs(60);

/// The scripts of the page by their names.
fn scripts() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/recipes/notifications.md");
    let text = fs::read_to_string(page).unwrap();
    let script = |part: &str| -> Option<(String, String)> {
        let (name, rest) = part.split_once(" -->\n```sh\n")?;
        Some((name.to_owned(), rest.split_once("```")?.0.to_owned()))
    };
    text.split("<!-- script: ").skip(1).map(|part| script(part).unwrap()).collect()
}

/// What a stand-in got: the first line of a request and its text, or the text of a mail.
struct Sent {
    head: String,
    body: String,
}

fn serve(answer: fn(&mut BufReader<TcpStream>) -> Option<Sent>) -> (u16, Receiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver): (Sender<Sent>, Receiver<Sent>) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(sent) = answer(&mut BufReader::new(stream.unwrap())) else {
                continue;
            };
            if sender.send(sent).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

fn line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// One request of HTTP/1.1, which is answered by 201.
fn http(stream: &mut BufReader<TcpStream>) -> Option<Sent> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let next = line(stream);
        if next.is_empty() {
            break;
        }
        if let Some(value) = next.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        head = format!("{head}{next}\n");
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    stream.get_mut().write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    Some(Sent { head, body: String::from_utf8(body).unwrap() })
}

/// One mail, as RFC 5321 has it.
fn smtp(stream: &mut BufReader<TcpStream>) -> Option<Sent> {
    let say = |stream: &mut BufReader<TcpStream>, text: &str| {
        stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).unwrap();
    };
    say(stream, "220 stand-in");
    let mut head = String::new();
    loop {
        let command = line(stream);
        match command.split([' ', ':']).next().unwrap_or_default() {
            "DATA" => break,
            "MAIL" | "RCPT" => head = format!("{head}{command}\n"),
            "" => return None,
            _ => {}
        }
        say(stream, "250 OK");
    }
    say(stream, "354 go on");
    let mut body = String::new();
    loop {
        let next = line(stream);
        if next == "." {
            break;
        }
        body = format!("{body}{next}\n");
    }
    say(stream, "250 OK");
    line(stream);
    say(stream, "221 bye");
    Some(Sent { head, body })
}

/// A folder with the scripts, a policy and a record.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new(send: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
        for (name, text) in scripts() {
            let name = if name == send { "send" } else { &name };
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_freezegate"), folder.path().join("freezegate")).unwrap();
        Self { folder }
    }

    /// One decision more: refused without an incident.
    fn decide(&self, incident: Option<&str>) {
        let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), self.folder.path(), self.folder.path());
        command.args(["check", "production", "--record", "record.jsonl"]);
        if let Some(incident) = incident {
            command.args(["--incident", incident]);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(incident.is_none())), "{output:?}");
    }

    fn notify(&self, settings: &[(&str, String)]) -> Loop {
        let mut command = clean::command("./notify", self.folder.path(), self.folder.path());
        let machine = command.get_envs().find_map(|(name, value)| (name == "PATH").then_some(value?)).unwrap();
        let path = format!("{}:{}", self.folder.path().display(), machine.to_str().unwrap());
        command.env("PATH", path).args(["record.jsonl", "place"]).process_group(0);
        command.envs(settings.iter().map(|(name, value)| (*name, value))).stdin(Stdio::null());
        Loop(command.spawn().unwrap())
    }
}

/// A loop that ends with its test.
struct Loop(Child);

impl Drop for Loop {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
        self.0.wait().unwrap();
    }
}

const REFUSED: &str = "refused: production/us (core-hours/us)";
const LIFTED: &str = "allowed (overridden): production/us (core-hours/us), INC-7<a>&\"b\"";

/// Has three decisions sent by a script, the last after the loop was stopped and started again; returns what came.
fn sent(script: &str, serve: fn(&mut BufReader<TcpStream>) -> Option<Sent>, settings: &[(&str, &str)]) -> Vec<Sent> {
    let office = Office::new(script);
    let (port, got) = self::serve(serve);
    let settings: Vec<(&str, String)> =
        settings.iter().map(|(name, value)| (*name, value.replace("PORT", &port.to_string()))).collect();
    let next = || got.recv_timeout(LONG).unwrap_or_else(|error| panic!("{script}: {error}"));
    office.decide(None);
    let mut all = Vec::new();
    {
        let _running = office.notify(&settings);
        all.push(next());
        office.decide(Some("INC-7<a>&\"b\""));
        all.push(next());
        let place = office.folder.path().join("place");
        let began = std::time::Instant::now();
        while fs::read_to_string(&place).unwrap_or_default().trim() != "2" {
            assert!(began.elapsed() < LONG, "{script}: the place is not kept");
            thread::sleep(Duration::from_millis(20));
        }
    }
    office.decide(None);
    let _running = office.notify(&settings);
    all.push(next());
    all
}

fn bodies(sent: &[Sent]) -> Vec<Value> {
    sent.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

#[test]
fn slack_and_teams_get_a_line_for_each_decision() {
    let all = sent("slack", http, &[("SLACK_WEBHOOK", "http://127.0.0.1:PORT/services/x")]);
    assert!(all.iter().all(|one| one.head.starts_with("POST /services/x HTTP/1.1\n")));
    let escaped = "allowed (overridden): production/us (core-hours/us), INC-7&lt;a&gt;&amp;\"b\"";
    assert_eq!(bodies(&all), [REFUSED, escaped, REFUSED].map(|text| json!({ "text": text })));

    let all = sent("teams", http, &[("TEAMS_WEBHOOK", "http://127.0.0.1:PORT/workflow")]);
    let texts: Vec<Value> =
        bodies(&all).iter().map(|body| body["attachments"][0]["content"]["body"][0]["text"].clone()).collect();
    assert_eq!(texts, [REFUSED, LIFTED, REFUSED]);
}

#[test]
fn pagerduty_gets_an_alert_that_is_one_however_often_it_is_sent() {
    let settings = [("PAGERDUTY_URL", "http://127.0.0.1:PORT/v2/enqueue"), ("PAGERDUTY_KEY", "key")];
    let all = bodies(&sent("pagerduty", http, &settings));
    let summaries: Vec<&Value> = all.iter().map(|body| &body["payload"]["summary"]).collect();
    assert_eq!(summaries, [REFUSED, LIFTED, REFUSED]);
    for body in &all {
        assert_eq!((&body["routing_key"], &body["event_action"]), (&json!("key"), &json!("trigger")));
        assert_eq!(body["dedup_key"].as_str().unwrap().len(), 64);
    }
    assert_ne!(all[0]["dedup_key"], all[2]["dedup_key"]);
}

#[test]
fn tickets_have_the_decision_and_its_hash() {
    let settings =
        [("JIRA_URL", "http://127.0.0.1:PORT"), ("JIRA_PROJECT", "OPS"), ("JIRA_USER", "ada@example.com:secret")];
    let all = sent("jira", http, &settings);
    // base64 of the name and the token
    assert!(all[0].head.contains("Authorization: Basic YWRhQGV4YW1wbGUuY29tOnNlY3JldA=="), "{}", all[0].head);
    assert!(all[0].head.starts_with("POST /rest/api/2/issue "));
    let fields: Vec<Value> = bodies(&all).iter().map(|body| body["fields"].clone()).collect();
    assert_eq!((&fields[1]["summary"], &fields[1]["project"]["key"]), (&json!(LIFTED), &json!("OPS")));
    assert!(
        fields[1]["description"].as_str().unwrap().contains("\"incident\":\"INC-7<a>&\\\"b\\\"\""),
        "{}",
        fields[1]
    );

    let settings = [("SERVICENOW_URL", "http://127.0.0.1:PORT"), ("SERVICENOW_USER", "ada:secret")];
    let all = sent("servicenow", http, &settings);
    assert!(all[0].head.starts_with("POST /api/now/table/incident "));
    assert_eq!(bodies(&all)[1]["short_description"], LIFTED);
}

#[test]
fn mail_has_one_line_as_subject_and_text() {
    let settings = [
        ("SMTP_URL", "smtp://127.0.0.1:PORT"),
        ("MAIL_FROM", "freezegate@example.com"),
        ("MAIL_TO", "ops@example.com"),
    ];
    let all = sent("mail", smtp, &settings);
    assert!(
        all[1].head.contains("MAIL FROM:<freezegate@example.com>") && all[1].head.contains("RCPT TO:<ops@example.com>")
    );
    let (head, text) = all[1].body.split_once("\n\n").unwrap();
    assert!(
        head.contains("\nSubject: freezegate: allowed (overridden): production/us (core-hours/us), INC-7"),
        "{head}"
    );
    assert_eq!(text, format!("{LIFTED}\n"));
}

#[test]
fn what_a_service_turns_down_is_sent_again() {
    fn busy(stream: &mut BufReader<TcpStream>) -> Option<Sent> {
        let mut request = [0; 16];
        stream.read_exact(&mut request).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        Some(Sent { head: String::new(), body: String::new() })
    }
    let office = Office::new("slack");
    office.decide(None);
    let settings = |port: u16| [("SLACK_WEBHOOK", format!("http://127.0.0.1:{port}/")), ("RETRY", "0".to_owned())];
    let (port, got) = serve(busy);
    {
        let _running = office.notify(&settings(port));
        for _ in 0..3 {
            got.recv_timeout(LONG).unwrap();
        }
    }
    assert!(!office.folder.path().join("place").exists());
    let (port, got) = serve(http);
    let _running = office.notify(&settings(port));
    assert!(got.recv_timeout(LONG).unwrap().body.contains(REFUSED));
}
