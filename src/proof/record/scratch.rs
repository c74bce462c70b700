//! A repository for one call of git, which reaches a remote and obeys nothing else that a checkout says.
//!
//! The configuration of a checkout can name programs: `core.sshCommand`, `credential.helper`, `remote.NAME.uploadpack`,
//! hooks and more with each release of git. Earlier jobs, and on some providers the change itself, can write it. So git runs
//! in an empty bare repository, with the objects of the checkout, and with the few settings of the checkout that say where the
//! remote is and how it lets us in. The configuration of the machine and of the person counts as ever.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::RecordError;
use super::line::random_number;
use crate::change::git::{GitSetting, Repository};

/// Settings of `[http]` and `[http "URL"]` that are taken over; none of them names a program.
const HTTP: [&str; 16] = [
    "cookiefile",
    "emptyauth",
    "extraheader",
    "followredirects",
    "lowspeedlimit",
    "lowspeedtime",
    "postbuffer",
    "proxy",
    "proxyauthmethod",
    "proxysslcainfo",
    "sslcainfo",
    "sslcapath",
    "sslcert",
    "sslkey",
    "useragent",
    "version",
];

/// Settings of a remote that are taken over.
const REMOTE: [&str; 4] = ["url", "pushurl", "proxy", "proxyauthmethod"];

/// The ref that is fetched to.
pub(super) const FETCHED: &str = "refs/fetched";

/// The commits that a git directory says have none before them here (gitrepository-layout(5), `shallow`).
fn shallow(git_dir: &Path) -> std::io::Result<BTreeSet<String>> {
    match fs::read_to_string(git_dir.join("shallow")) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

/// An empty repository beside the checkout's own; it is removed with the value.
pub(in crate::proof) struct Scratch {
    folder: PathBuf,
    objects: PathBuf,
    /// The place where objects are read from besides, as git's variable has it.
    alternates: Option<OsString>,
    /// Settings of the checkout that would have had a say, and have none.
    unused: Vec<String>,
    /// True if the remote is told by a name that the checkout does not know.
    unknown_name: bool,
}

impl Scratch {
    /// Makes a repository to reach `remote` from, by its name in the repository at `git_dir`, or by its address.
    ///
    /// `boundary` are the commits of the record that are here without the one before them.
    pub(super) fn new(git_dir: &Path, remote: &str, boundary: &BTreeSet<String>) -> Result<Self, RecordError> {
        Self::made(git_dir, remote, boundary, None)
    }

    /// Makes a repository to reach `remote` from that keeps what it fetches to itself: objects go to `into`, or if that is left
    /// out, to a folder of its own; those of the checkout are only read.
    pub(in crate::proof) fn apart(git_dir: &Path, remote: &str, into: Option<&Path>) -> Result<Self, RecordError> {
        Self::made(git_dir, remote, &BTreeSet::new(), Some(into))
    }

    fn made(
        git_dir: &Path,
        remote: &str,
        boundary: &BTreeSet<String>,
        apart: Option<Option<&Path>>,
    ) -> Result<Self, RecordError> {
        let repository = Repository::open_at(git_dir)?;
        let settings = repository.own_settings()?;
        let mut kept = kept(&settings, remote)?;
        let urls = settings.iter().any(|setting| setting.key == format!("remote.{remote}.url"));
        let common = repository.common_dir();
        let folder = repository.git_dir().join(format!("freezegate-{}-{:016x}", std::process::id(), random_number()));
        let of_checkout = common.join("objects");
        let (objects, alternates) = match apart {
            None => (of_checkout, None),
            Some(into) => {
                // git-fetch(1) filters what it fetches from such a remote alone
                let key = format!("remote.{remote}.promisor");
                kept.push(GitSetting { key, value: Some("true".to_owned()) });
                let into = into.map_or_else(|| folder.join("objects"), Path::to_path_buf);
                (into, Some(listed(&of_checkout)))
            }
        };
        let scratch = Self {
            folder,
            objects,
            alternates,
            unused: unused(&settings, remote),
            unknown_name: !urls && !remote.contains(['/', ':']),
        };
        scratch.fill(common, &kept, boundary).map_err(|error| match apart {
            Some(_) => RecordError::file("written", &scratch.folder, &error),
            None => RecordError::Remote {
                remote: remote.to_owned(),
                cause: format!("`{}` can't be written: {error}", scratch.folder.display()),
                help: "make sure that the git directory may be written here; nothing is allowed without a record"
                    .to_owned(),
            },
        })?;
        Ok(scratch)
    }

    fn fill(&self, common: &Path, kept: &[GitSetting], boundary: &BTreeSet<String>) -> std::io::Result<()> {
        fs::create_dir(&self.folder)?;
        fs::create_dir(self.folder.join("objects"))?;
        // libgit2 looks for packs in a folder that was there when it opened the objects
        fs::create_dir(self.folder.join("objects/pack"))?;
        fs::create_dir(self.folder.join("refs"))?;
        fs::write(self.folder.join("HEAD"), "ref: refs/heads/none\n")?;
        // where the history of a shallow clone ends, and that of the record
        let mut shallow = shallow(common)?;
        shallow.extend(boundary.iter().cloned());
        if !shallow.is_empty() {
            let lines: String = shallow.iter().map(|commit| format!("{commit}\n")).collect();
            fs::write(self.folder.join("shallow"), lines)?;
        }
        let mut text = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n".to_owned();
        for setting in kept {
            text.push_str(&line(setting));
        }
        private(&self.folder.join("config"))?.write_all(text.as_bytes())
    }

    /// Tells git of a commit that is here already, so that a fetch need not bring it again.
    pub(in crate::proof) fn knows(&self, commit: &str) -> std::io::Result<()> {
        fs::write(self.folder.join("refs/known"), format!("{commit}\n"))
    }

    /// Returns where the ref is that was fetched, as [`FETCHED`] names it.
    pub(super) fn fetched(&self) -> std::io::Result<String> {
        Ok(fs::read_to_string(self.folder.join(FETCHED))?.trim_end().to_owned())
    }

    /// The commits that are here without the one before them, but for those of the repository at `git_dir` itself.
    pub(in crate::proof) fn boundary(&self, common: &Path) -> std::io::Result<BTreeSet<String>> {
        let own = shallow(common)?;
        Ok(shallow(&self.folder)?.difference(&own).cloned().collect())
    }

    /// The git directory to run in.
    pub(in crate::proof) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns where objects are read from and written to.
    pub(in crate::proof) fn objects(&self) -> &Path {
        &self.objects
    }

    /// Returns where objects are read from besides, as `GIT_ALTERNATE_OBJECT_DIRECTORIES` has it (git(1)).
    pub(super) fn alternates(&self) -> Option<&OsStr> {
        self.alternates.as_deref()
    }

    /// Returns whether git must not take the remote for a path: a folder of that name may be part of the change.
    pub(super) const fn is_unknown_name(&self) -> bool {
        self.unknown_name
    }

    /// The settings of the checkout that would have had a say in reaching the remote, and have none.
    pub(in crate::proof) fn unused(&self) -> &[String] {
        &self.unused
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // what stays behind is a folder that nothing reads
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A path as an entry of a list of paths: git reads quotes, and what they hold, as C does.
fn listed(path: &Path) -> OsString {
    match path.to_str() {
        Some(text) if text.contains([':', ';', '"', '\\']) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()
        }
        Some(_) | None => path.as_os_str().to_owned(),
    }
}

/// A file that nobody else may read: settings can hold tokens.
fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The settings that say where `remote` is and how it lets us in.
fn kept(settings: &[GitSetting], remote: &str) -> Result<Vec<GitSetting>, RecordError> {
    let mut kept: Vec<GitSetting> = Vec::new();
    let mut addresses = Vec::new();
    for setting in settings {
        let (section, variable) = setting.key.rsplit_once('.').unwrap_or((&setting.key, ""));
        let is_http = section == "http" || section.starts_with("http.");
        let is_remote = section.strip_prefix("remote.") == Some(remote);
        if (is_http && HTTP.contains(&variable)) || (is_remote && REMOTE.contains(&variable)) {
            kept.push(setting.clone());
        }
        if is_remote && matches!(variable, "url" | "pushurl") {
            let address = setting.value.as_deref().unwrap_or("");
            if is_of_helper(address) {
                return Err(RecordError::Remote {
                    remote: remote.to_owned(),
                    cause: format!(
                        "`{}` of the repository's own configuration is `{address}`, and would run the program `git-remote-{}`",
                        setting.key,
                        address.split(':').next().unwrap_or(address)
                    ),
                    help: "write the address of the record itself: `--record ADDRESS:refs/freezegate/record`"
                        .to_owned(),
                });
            }
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        addresses.push(remote);
    }
    for address in addresses {
        for variable in [".insteadof", ".pushinsteadof"] {
            kept.extend(rewriting(settings, remote, address, variable)?);
        }
    }
    Ok(kept)
}

/// Returns whether git would hand an address to a program of its own (gitremote-helpers(7)): `NAME::ADDRESS`.
fn is_of_helper(address: &str) -> bool {
    address.split_once("::").is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// The `url.BASE.insteadOf` of the checkout that changes `address`, if there is one and it adds nothing but who asks.
///
/// GitLab's runner writes such a line, with the job's token. Any other would lead to another record than the one that was
/// named.
fn rewriting(
    settings: &[GitSetting],
    remote: &str,
    address: &str,
    variable: &str,
) -> Result<Option<GitSetting>, RecordError> {
    let matching = settings.iter().filter_map(|setting| {
        let base = setting.key.strip_prefix("url.")?.strip_suffix(variable)?;
        let prefix = setting.value.as_deref()?;
        address.starts_with(prefix).then_some((setting, base, prefix))
    });
    let Some((setting, base, prefix)) = matching.max_by_key(|(_, _, prefix)| prefix.len()) else {
        return Ok(None);
    };
    if adds_only_who_asks(base, prefix, address) {
        return Ok(Some(setting.clone()));
    }
    Err(RecordError::Remote {
        remote: remote.to_owned(),
        cause: format!(
            "`url.*{variable}` of the repository's own configuration would replace `{prefix}` in its address"
        ),
        help: format!(
            "remove it: `git config --local --get-regexp '^url\\.'` lists it, `git config --local --unset-all KEY` removes it; or write the address itself: `--record ADDRESS:refs/freezegate/record` ({remote} is not read from there then)"
        ),
    })
}

/// Returns whether `base` is `prefix` with a user before the host, in an address of the same kind.
fn adds_only_who_asks(base: &str, prefix: &str, address: &str) -> bool {
    let (Some((scheme, base)), Some((named, rest))) = (base.split_once("://"), prefix.split_once("://")) else {
        return false;
    };
    let behind = address.get(prefix.len()..).unwrap_or("");
    let whole_host = rest.contains('/') || behind.is_empty() || behind.starts_with(['/', ':']);
    let same = |(user, base): (&str, &str)| {
        base == rest && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:".contains(&byte))
    };
    scheme == named && whole_host && !rest.contains('@') && base.split_once('@').is_some_and(same)
}

/// Settings that can run programs or switch checks off, and would have been used to reach `remote`.
fn unused(settings: &[GitSetting], remote: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for GitSetting { key, .. } in settings {
        let of_remote = key.strip_prefix("remote.").and_then(|rest| rest.strip_prefix(remote));
        let is_one = matches!(key.as_str(), "core.sshcommand" | "core.gitproxy" | "core.askpass" | "ssh.variant")
            || key.starts_with("credential.")
            || key.starts_with("protocol.")
            || key.starts_with("http.") && key.ends_with(".sslverify")
            || matches!(of_remote, Some(".uploadpack" | ".receivepack" | ".vcs"));
        if is_one && !found.contains(key) {
            found.push(key.clone());
        }
    }
    found
}

/// A setting as a file of git's holds it (git-config(1), "Syntax").
fn line(setting: &GitSetting) -> String {
    let (section, variable) = setting.key.rsplit_once('.').unwrap_or((&setting.key, ""));
    let header = match section.split_once('.') {
        Some((section, name)) => format!("[{section} \"{}\"]", name.replace('\\', "\\\\").replace('"', "\\\"")),
        None => format!("[{section}]"),
    };
    match &setting.value {
        None => format!("{header}\n\t{variable}\n"),
        Some(value) => {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
            format!("{header}\n\t{variable} = \"{value}\"\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{adds_only_who_asks, is_of_helper};

    #[test]
    fn only_a_user_may_be_added_to_an_address() {
        let cases = [
            ("https://token:x@a.example/", "https://a.example/", "https://a.example/r.git", true),
            ("https://token@a.example", "https://a.example", "https://a.example/r.git", true),
            ("https://token@a.example", "https://a.example", "https://a.example:8443/r.git", true),
            ("ssh://git@a.example/", "ssh://a.example/", "ssh://a.example/r.git", true),
            ("https://b.example/", "https://a.example/", "https://a.example/r.git", false),
            ("https://token@b.example/", "https://a.example/", "https://a.example/r.git", false),
            ("http://token@a.example/", "https://a.example/", "https://a.example/r.git", false),
            ("ssh://git@a.example/", "https://a.example/", "https://a.example/r.git", false),
            ("https://a.example/other/", "https://a.example/", "https://a.example/r.git", false),
            ("https://b.example/@a.example/", "https://a.example/", "https://a.example/r.git", false),
            ("https://b.example?@a.example/", "https://a.example/", "https://a.example/r.git", false),
            ("https://b.example@a", "https://a", "https://a@c.example/r.git", false),
            ("https://b.example@a", "https://a", "https://a.example/r.git", false),
            ("/srv/other.git", "/srv/record.git", "/srv/record.git", false),
        ];
        for (base, prefix, address, expected) in cases {
            assert_eq!(adds_only_who_asks(base, prefix, address), expected, "{base} instead of {prefix}");
        }
    }

    #[test]
    fn an_address_of_a_helper_is_known() {
        for (address, expected) in [
            ("ext::sh -c true", true),
            ("codecommit::eu-west-1://r", true),
            ("https://a.example/x::y", false),
            ("git@a.example:r.git", false),
            ("[::1]:r.git", false),
            ("/srv/a::b", false),
        ] {
            assert_eq!(is_of_helper(address), expected, "{address}");
        }
    }
}
