//! What the configuration of a checkout says, and what git makes of it when it goes to a shared record.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::record::workshop::{Ended, Workshop};

const SHARED: &str = "origin:refs/freezegate/record";

struct Checkout {
    workshop: Workshop,
}

impl Checkout {
    fn new() -> Self {
        let workshop = Workshop::with_repository();
        workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        let address = format!("file://{}", workshop.join("server.git").display());
        workshop.git(&["clone", "--quiet", "--depth=1", &address, "job"]);
        Self { workshop }
    }

    fn path(&self) -> PathBuf {
        self.workshop.join("job")
    }

    /// Returns what a program leaves that was run although it must not.
    fn trace(&self) -> PathBuf {
        self.workshop.join("trace")
    }

    fn configure(&self, text: &str) {
        let path = self.path().join(".git/config");
        let text = fs::read_to_string(&path).unwrap() + &text.replace("TRACE", self.trace().to_str().unwrap());
        fs::write(&path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.workshop.git_in(&self.path(), arguments)
    }

    fn check(&self, record: &str) -> Ended {
        let arguments = ["check", "staging", "--record", record, "--format", "json"];
        Ended::of(self.workshop.freezegate_in(&self.path(), &arguments).output().unwrap())
    }

    /// No scratch repository stays behind, and what git may have run left no trace.
    fn is_clean(&self, what: &str) {
        assert!(!self.trace().exists(), "{what}: a program of the checkout was run");
        let left = fs::read_dir(self.path().join(".git")).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left.filter(|name| name.to_str().unwrap().starts_with("freezegate-")).collect();
        assert_eq!(left, Vec::<std::ffi::OsString>::new(), "{what}");
    }
}

#[test]
fn no_program_that_a_checkout_names_is_run() {
    for text in [
        "[core]\n\tsshCommand = touch TRACE\n\tfsmonitor = touch TRACE\n\tgitProxy = touch TRACE\n\taskPass = touch TRACE\n\tpager = touch TRACE\n\talternateRefsCommand = touch TRACE\n",
        "[remote \"origin\"]\n\tuploadpack = touch TRACE; git-upload-pack\n",
        "[remote \"origin\"]\n\treceivepack = touch TRACE; git-receive-pack\n",
        "[credential]\n\thelper = \"!touch TRACE; :\"\n",
        "[hook \"a.b\"]\n\tcommand = touch TRACE\n\tevent = reference-transaction\n\tevent = pre-push\n",
        "[gpg]\n\tprogram = touch TRACE\n[push]\n\tgpgSign = true\n[gc]\n\tauto = 1\n",
        "[uploadpack]\n\tpackObjectsHook = touch TRACE\n[receive]\n\tprocReceiveRefs = refs\n",
        "[alias]\n\tls-remote = \"!touch TRACE\"\n\tpush = \"!touch TRACE\"\n",
        "[fetch]\n\tbundleURI = file:///nowhere\n[transfer]\n\tbundleURI = true\n[core]\n\thooksPath = hooks\n",
    ] {
        let checkout = Checkout::new();
        checkout.configure(text);
        for name in ["pre-push", "reference-transaction", "post-update", "pre-auto-gc", "push-to-checkout"] {
            for folder in ["hooks", ".git/hooks"] {
                let hook = checkout.path().join(folder).join(name);
                fs::create_dir_all(hook.parent().unwrap()).unwrap();
                fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", checkout.trace().display())).unwrap();
                checkout.workshop.program("chmod", &checkout.path()).arg("+x").arg(&hook).status().unwrap();
            }
        }
        for _ in 0..2 {
            let ended = checkout.check(SHARED);
            assert_eq!(ended.status, Some(0), "{text}: {ended:?}");
        }
        checkout.is_clean(text);
        let record = checkout
            .workshop
            .git_in(&checkout.workshop.join("server.git"), &["rev-list", "--count", "refs/freezegate/record"]);
        assert_eq!(record, "2", "{text}");
    }
}

#[test]
fn what_is_left_out_is_named_where_the_remote_is_not_reached() {
    let checkout = Checkout::new();
    checkout.configure("[core]\n\tsshCommand = touch TRACE\n[credential]\n\thelper = store\n");
    checkout.git(&["config", "remote.origin.url", "ssh://nobody@localhost:1/x.git"]);
    let mut command = checkout.workshop.freezegate_in(&checkout.path(), &["check", "staging", "--record", SHARED]);
    let ended = Ended::of(command.env("GIT_SSH_COMMAND", "false").output().unwrap());
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let words = ended.errors.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
    for part in ["`core.sshcommand`, `credential.helper`", "`GIT_SSH_COMMAND` in place of `core.sshCommand`"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    checkout.is_clean("ssh");
}

#[test]
fn an_address_that_the_checkout_would_replace_is_refused() {
    let checkout = Checkout::new();
    checkout.workshop.git(&["init", "--quiet", "--bare", "other.git"]);
    let (server, other) = (checkout.workshop.join("server.git"), checkout.workshop.join("other.git"));
    let address = format!("file://{}", server.display());
    for (key, prefix) in [("insteadOf", address.as_str()), ("insteadOf", "file://"), ("pushInsteadOf", &address)] {
        let section = format!("url.{}.{key}", other.display());
        checkout.git(&["config", &section, prefix]);
        for record in [SHARED, &format!("{address}:refs/freezegate/record")] {
            let ended = checkout.check(record);
            assert_eq!(ended.status, Some(2), "{ended:?}");
            let said = format!("of the repository's own configuration would replace `{prefix}`");
            assert!(ended.printed.contains(&said), "{ended:?}");
        }
        checkout.git(&["config", "--unset-all", &section]);
    }
    assert_eq!(checkout.workshop.git_in(&other, &["for-each-ref"]), "");
    // what replaces another address, and what adds only a user, stays
    checkout.git(&["config", "url.https://b.example/.insteadOf", "https://a.example/"]);
    assert_eq!(checkout.check(SHARED).status, Some(0));
    // the machine's own is not the checkout's
    checkout.git(&["config", "remote.origin.url", "record:server.git"]);
    let mut command = checkout.workshop.freezegate_in(&checkout.path(), &["check", "staging", "--record", SHARED]);
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_VALUE_0", "record:");
    command.env("GIT_CONFIG_KEY_0", format!("url.file://{}/.insteadOf", checkout.workshop.path().display()));
    let ended = Ended::of(command.output().unwrap());
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

#[test]
fn a_helper_that_the_checkout_names_is_refused() {
    let checkout = Checkout::new();
    for address in ["ext::sh -c 'touch TRACE'", "made-up::x"] {
        let address = address.replace("TRACE", checkout.trace().to_str().unwrap());
        checkout.git(&["config", "remote.origin.url", &address]);
        checkout.git(&["config", "protocol.allow", "always"]);
        let ended = checkout.check(SHARED);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.printed.contains("would run the program `git-remote-"), "{ended:?}");
        checkout.is_clean(&address);
    }
}

/// The change may bring a folder of that name.
#[test]
fn a_name_that_is_no_remote_is_not_taken_for_a_folder() {
    let checkout = Checkout::new();
    checkout.git(&["init", "--quiet", "--bare", "record"]);
    let ended = checkout.check("record:refs/freezegate/record");
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert_eq!(checkout.workshop.git_in(&checkout.path().join("record"), &["for-each-ref"]), "");
    // by its path it may be meant
    let ended = checkout.check("./record:refs/freezegate/record");
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// Answers one request with an error; gives what was asked.
fn listen() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answered = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut buffer = [0; 4096];
        while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
            let length = stream.read(&mut buffer).unwrap();
            asked.extend_from_slice(buffer.get(..length).unwrap());
        }
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8(asked).unwrap()
    });
    (port, answered)
}

/// As actions/checkout keeps its token: in the checkout's configuration, or (since version 6) in a file that it includes.
#[test]
fn a_token_that_checkout_left_behind_opens_the_remote() {
    type Keep = fn(&Checkout, &str, &Path);
    let ways: [(&str, Keep); 3] = [
        ("in the configuration", |checkout, key, _| {
            checkout.git(&["config", key, "AUTHORIZATION: basic \"dG9r\\ZW4=\""]);
        }),
        ("in a file for this git directory", |checkout, key, file| {
            checkout.git(&["config", "--file", file.to_str().unwrap(), key, "AUTHORIZATION: basic \"dG9r\\ZW4=\""]);
            let section = format!("includeIf.gitdir:{}.path", checkout.path().join(".git").display());
            checkout.git(&["config", &section, file.to_str().unwrap()]);
        }),
        ("in a file that is included", |checkout, key, file| {
            checkout.git(&["config", "--file", file.to_str().unwrap(), key, "AUTHORIZATION: basic \"dG9r\\ZW4=\""]);
            checkout.git(&["config", "include.path", file.to_str().unwrap()]);
        }),
    ];
    for (way, keep) in ways {
        let checkout = Checkout::new();
        let (port, answered) = listen();
        checkout.git(&["config", "remote.origin.url", &format!("http://127.0.0.1:{port}/r.git")]);
        let key = format!("http.http://127.0.0.1:{port}/.extraheader");
        keep(&checkout, &key, &checkout.workshop.join("credentials"));
        let ended = checkout.check(SHARED);
        assert_eq!(ended.status, Some(2), "{way}: {ended:?}");
        let asked = answered.join().unwrap();
        assert!(asked.contains("AUTHORIZATION: basic \"dG9r\\ZW4=\"\r\n"), "{way}: {asked}");
        checkout.is_clean(way);
    }
}

#[test]
fn a_partial_clone_shares_a_record_and_fetches_only_what_is_new() {
    let checkout = Checkout::new();
    let server = checkout.workshop.join("server.git");
    checkout.workshop.git_in(&server, &["config", "uploadpack.allowFilter", "true"]);
    let address = format!("file://{}", server.display());
    checkout.workshop.git(&["clone", "--quiet", "--filter=tree:0", "--no-checkout", &address, "partial"]);
    let partial = checkout.workshop.join("partial");
    let run = |folder: &Path| {
        let arguments = ["check", "staging", "--record", SHARED, "--format", "json", "--policy", "../freezegate.toml"];
        let ended = Ended::of(checkout.workshop.freezegate_in(folder, &arguments).output().unwrap());
        assert_eq!(ended.status, Some(0), "{ended:?}");
    };
    let objects = |folder: &Path| {
        let listed = checkout
            .workshop
            .git_in(folder, &["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", "--unordered"]);
        listed.lines().filter(|kind| *kind == "commit").count()
    };
    for _ in 0..3 {
        run(&partial);
        run(&checkout.path());
    }
    assert_eq!(objects(&partial), 1 + 5);
    assert_eq!(objects(&checkout.path()), 1 + 6);
    checkout.workshop.git_in(&server, &["fsck", "--strict"]);
}
