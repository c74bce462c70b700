//! `git http-backend` behind lighttpd (git-http-backend(1), LIGHTTPD), which may take its time for each request or ask for a token, and logs
//! each.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of the repositories in a folder, for as long as this lives.
pub(crate) struct HttpServer {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        // it may have ended by itself
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl HttpServer {
    /// Serves the repositories in `root` to whoever asks, each request after `delay`. Those to push to need `http.receivepack`.
    pub(crate) fn new(root: &Path, delay: Duration) -> std::io::Result<Self> {
        Self::start(root, delay, "")
    }

    /// Serves them to who brings this header.
    pub(crate) fn for_authorized(root: &Path, authorization: &str) -> std::io::Result<Self> {
        let denied = r#"url.access-deny = ("")"#;
        let access = format!("$REQUEST_HEADER[\"Authorization\"] != \"{authorization}\" {{ {denied} }}");
        Self::start(root, Duration::ZERO, &access)
    }

    fn start(root: &Path, delay: Duration, access: &str) -> std::io::Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let path = |name: &str| root.join(name).display().to_string();
        let [log, backend, uploads, errors] = ["requests", "backend", "uploads", "lighttpd.log"].map(path);
        fs::create_dir_all(&uploads)?;
        fs::write(&log, "")?;
        let seconds = delay.as_secs_f64();
        let script = format!(
            "#!/bin/sh\nprintf '%s %s\\n' \"$REQUEST_METHOD\" \"$REQUEST_URI\" >> '{log}'\nsleep {seconds}\nexec git http-backend\n"
        );
        fs::write(&backend, script)?;
        fs::set_permissions(&backend, fs::Permissions::from_mode(0o755))?;
        let configuration = format!(
            r#"server.modules = ("mod_access", "mod_alias", "mod_cgi", "mod_setenv")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{uploads}"
server.upload-dirs = ("{uploads}")
server.errorlog = "{errors}"
alias.url = ("/git" => "{backend}")
{access}
$HTTP["url"] =~ "^/git" {{
    cgi.assign = ("" => "")
    setenv.set-environment = (
        "GIT_PROJECT_ROOT" => "{root}",
        "GIT_HTTP_EXPORT_ALL" => "1",
        "GIT_CONFIG_GLOBAL" => "/dev/null",
        "GIT_CONFIG_NOSYSTEM" => "1",
        "HOME" => "{uploads}",
        "PATH" => "/usr/local/bin:/usr/bin:/bin",
    )
}}
"#,
            root = root.display(),
        );
        let file = path("lighttpd.conf");
        fs::write(&file, configuration)?;
        // Debian keeps it where only root looks
        let places = ["/usr/sbin/lighttpd", "/usr/local/sbin/lighttpd", "/usr/bin/lighttpd"];
        let program = places.into_iter().find(|place| Path::new(place).exists()).unwrap_or("lighttpd");
        let mut command = Command::new(program);
        command.env_clear().args(["-D", "-f", &file]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { child: command.spawn()?, port, log: PathBuf::from(log) };
        let begun = Instant::now();
        while let Err(error) = TcpStream::connect(("127.0.0.1", port)) {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The address of a repository by its folder's name.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/git/{name}", self.port)
    }

    /// The requests since the last call, such as `POST /git/x.git/git-upload-pack`, in order.
    pub(crate) fn requests(&self) -> std::io::Result<Vec<String>> {
        let all = fs::read_to_string(&self.log)?;
        fs::write(&self.log, "")?;
        Ok(all.lines().map(str::to_owned).collect())
    }
}
