//! A git server over HTTP that asks for a token, and what git said to it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::world::World;

/// `git http-backend` (git-http-backend(1), LIGHTTPD), for who brings this header.
pub(crate) struct Http {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Http {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Http {
    pub(crate) fn new(world: &World, authorization: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let backend = format!("{}/git-http-backend", world.git(&["--exec-path"]));
        let root = world.path("");
        let configuration = format!(
            r#"server.modules = ("mod_access", "mod_alias", "mod_cgi", "mod_setenv")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "/dev/null"
alias.url = ("/git" => "{backend}")
$REQUEST_HEADER["Authorization"] != "{authorization}" {{ url.access-deny = ("") }}
$HTTP["url"] =~ "^/git" {{
    cgi.assign = ("" => "")
    setenv.set-environment = (
        "GIT_PROJECT_ROOT" => "{root}",
        "GIT_HTTP_EXPORT_ALL" => "1",
        "GIT_CONFIG_GLOBAL" => "/dev/null",
        "GIT_CONFIG_NOSYSTEM" => "1",
        "PATH" => "/usr/local/bin:/usr/bin:/bin",
    )
}}
"#,
            root = root.display(),
        );
        let file = world.path("lighttpd.conf");
        fs::write(&file, configuration).unwrap();
        let server =
            ["/usr/sbin/lighttpd", "/usr/local/sbin/lighttpd"].into_iter().find(|path| Path::new(path).exists());
        let mut command: Command = world.clean(server.unwrap_or("lighttpd"));
        let child = command.arg("-D").arg("-f").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, url: format!("http://127.0.0.1:{port}/git/server.git") }
    }
}

/// How many requests git sent, and how many bytes it got, as it traced them.
pub(crate) fn traffic(trace: &Path) -> (usize, usize) {
    let text = fs::read_to_string(trace).unwrap();
    let sent = |line: &&str| ["GET /", "POST /"].iter().any(|verb| line.contains(&format!("=> Send header: {verb}")));
    let got = |line: &str| {
        let (_, rest) = line.split_once("<= Recv data, ")?;
        rest.split_once(" bytes")?.0.trim_start_matches('0').parse::<usize>().ok()
    };
    (text.lines().filter(sent).count(), text.lines().filter_map(got).sum())
}
