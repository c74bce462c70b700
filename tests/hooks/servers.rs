//! `hook pre-receive` behind real servers on this machine: `git http-backend` behind lighttpd, and sshd.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, ROUTES, contents, succeeded, text};
use crate::support::http::HttpServer;

/// A server that runs for as long as this lives.
struct Server {
    _running: Running,
    url: String,
    /// What a client needs to reach it.
    environment: Vec<(&'static str, String)>,
    log: PathBuf,
}

/// What ends with it.
enum Running {
    Http { _server: HttpServer },
    Ssh(Child),
}

impl Drop for Running {
    fn drop(&mut self) {
        match self {
            Self::Http { .. } => {}
            Self::Ssh(child) => {
                // it may have ended by itself
                drop(child.kill());
                drop(child.wait());
            }
        }
    }
}

impl Server {
    /// `git http-backend`.
    fn http(arena: &Arena) -> Self {
        let root = arena.root();
        let http = HttpServer::new(&root, Duration::ZERO).unwrap();
        arena.git_in(&arena.server, ["config", "http.receivepack", "true"]);
        let url = http.url("server.git");
        Self { _running: Running::Http { _server: http }, url, environment: Vec::new(), log: root.join("lighttpd.log") }
    }

    /// sshd, for the user who runs the test, with a key of its own.
    fn ssh(arena: &Arena) -> Self {
        let (root, port) = (arena.root(), free_port());
        for key in ["host", "user"] {
            let mut keygen = arena.command("ssh-keygen", &root);
            succeeded(keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key]));
        }
        fs::copy(root.join("user.pub"), root.join("authorized_keys")).unwrap();
        let host = fs::read_to_string(root.join("host.pub")).unwrap();
        fs::write(root.join("known_hosts"), format!("[127.0.0.1]:{port} {host}")).unwrap();
        let log = root.join("sshd.log");
        let configuration = format!(
            "Port {port}
ListenAddress 127.0.0.1
HostKey {root}/host
AuthorizedKeysFile {root}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
",
            root = root.display(),
        );
        let file = root.join("sshd_config");
        fs::write(&file, configuration).unwrap();
        // Debian's service makes this at boot; only root can, and only root's sshd asks for it
        drop(fs::create_dir("/run/sshd"));
        let mut command = arena.command(&program("sshd"), &root);
        let child = command.args(["-D", "-E"]).arg(&log).arg("-f").arg(&file).stdout(Stdio::null()).spawn().unwrap();
        let ssh = format!(
            "ssh -F /dev/null -p {port} -i '{root}/user' -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile='{root}/known_hosts'",
            root = root.display()
        );
        let user = text(succeeded(Command::new("id").arg("-un")).stdout);
        let url = format!("ssh://{user}@127.0.0.1:{port}{}", arena.server.display());
        let server = Self { _running: Running::Ssh(child), url, environment: vec![("GIT_SSH_COMMAND", ssh)], log };
        server.wait_for(port)
    }

    fn wait_for(self, port: u16) -> Self {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(30), "{} does not answer: {log}", self.url);
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// Pushes from the clone, past its own hook.
    fn push(&self, arena: &Arena, refs: &[&str]) -> crate::hooks::arena::Push {
        let mut arguments = vec!["--no-verify", self.url.as_str()];
        arguments.extend_from_slice(refs);
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        arena.push_with(&arguments, &environment)
    }

    /// A push that the hook refuses, of which nothing is left on the server.
    #[track_caller]
    fn refuses(&self, arena: &Arena, refs: &[&str], shows: &str) {
        let before = (arena.refs(), contents(&arena.server.join("objects")));
        let push = self.push(arena, refs);
        let log = || fs::read_to_string(&self.log).unwrap_or_default();
        assert!(!push.passed, "allowed:\n{}", push.seen);
        assert!(push.seen.contains("pre-receive hook declined"), "not by the hook:\n{}\n{}", push.seen, log());
        assert!(push.seen.contains(shows), "`{shows}` is not shown:\n{}", push.seen);
        assert!((arena.refs(), contents(&arena.server.join("objects"))) == before, "something was left behind");
    }

    #[track_caller]
    fn accepts(&self, arena: &Arena, refs: &[&str]) {
        let push = self.push(arena, refs);
        assert!(push.passed, "{}\n{}", push.seen, fs::read_to_string(&self.log).unwrap_or_default());
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A server's program; a user's `PATH` need not list where they lie. sshd wants its whole path.
#[expect(clippy::disallowed_methods, reason = "the programs of the machine are found by its `PATH`")]
fn program(name: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed")).to_str().unwrap().to_owned()
}

fn stands(start: fn(&Arena) -> Server) {
    let arena = Arena::without_policy();
    arena.install(&arena.server, "pre-receive", "");
    let server = start(&arena);
    arena.commit_file(ROUTES, "begin");
    server.refuses(&arena, &["main"], "there is no policy yet");
    arena.write("freezegate.toml", POLICY);
    arena.commit("a policy");
    server.accepts(&arena, &["main"]);
    arena.git(["branch", "harmless"]);
    arena.clock(CLOSED);
    arena.commit_file(ROUTES, "change\n\nEnvironment: staging");
    server.refuses(&arena, &["main"], "remote: refused: production/us is closed");
    server.refuses(&arena, &["harmless", "main"], "remote: refused: the trailer says `staging` (`pre-production`)");
    server.refuses(&arena, &["main:refs/tags/v1"], "refs/tags/v1");
    arena.git(["reset", "--quiet", "--hard", "harmless"]);
    arena.write("freezegate.toml", POLICY.replace("Mon-Fri 08:00-18:00", "Mon 08:00-08:01"));
    arena.commit_file(ROUTES, "loosen and change");
    server.refuses(&arena, &["main"], "remote: refused: production/us is closed");
    server.accepts(&arena, &["harmless"]);

    // more objects than are unpacked, and more bytes than are sent in one piece
    arena.git(["config", "http.postBuffer", "65536"]);
    arena.git(["reset", "--quiet", "--hard", "harmless"]);
    for number in 0..150_u32 {
        let noise: Vec<u8> = (0..20_000_u32)
            .map(|at| at.wrapping_mul(at ^ number).wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        arena.write(format!("deploy/production/us/{number}"), noise);
    }
    arena.commit("many");
    server.refuses(&arena, &["main"], "150 paths");
    arena.clock(OPEN);
    server.accepts(&arena, &["main", "main:release/1"]);
    assert_eq!(arena.refs()["refs/heads/release/1"], arena.git(["rev-parse", "main"]));
}

#[test]
fn behind_http() {
    stands(Server::http);
}

#[test]
fn behind_ssh() {
    stands(Server::ssh);
}
