//! By what name grants and the record know a repository.

use crate::change::git::{EvidenceError, Repository};

/// By what name grants and the record know a repository: `freezegate.repository` of its settings; else the address of `origin` without scheme,
/// user and `.git`; else its folder. Of a bare repository, and of one that pushes arrive in, `origin` does not count: that is where a fork on
/// a server was copied from.
pub(crate) fn name_of(repository: &Repository) -> Result<Option<String>, EvidenceError> {
    if let Some(name) = repository.setting("freezegate.repository")? {
        return Ok(Some(name));
    }
    let folder = repository.work_tree().unwrap_or_else(|| repository.git_dir());
    let is_clone = is_clone(repository)?;
    if let Some(address) = repository.setting("remote.origin.url")?.filter(|_| is_clone) {
        // git reads a relative path from the folder of the repository
        let address = if is_relative(&address) {
            let path = folder.join(&address);
            path.canonicalize().unwrap_or(path).to_str().map_or(address, str::to_owned)
        } else {
            address
        };
        return Ok(Some(name_of_address(&address)));
    }
    let Ok(folder) = folder.canonicalize() else {
        return Ok(None);
    };
    // `/srv/shop` beside `/srv/shop.git` is another repository, and addresses are called alike without `.git`
    let is_beside = !is_clone && folder.extension().is_none() && folder.with_extension("git").is_dir();
    let folder = if is_beside { folder.join(".") } else { folder };
    Ok(folder.to_str().map(name_of_address))
}

/// Returns whether no pushes arrive in a repository: its own name is not the one that a gate compares grants with.
pub(crate) fn is_clone(repository: &Repository) -> Result<bool, EvidenceError> {
    // `updateInstead`, `ignore`, `warn`: without any, git refuses pushes to the branch that is checked out
    let receives = repository.setting("receive.denyCurrentBranch")?.is_some();
    Ok(repository.work_tree().is_some() && !receives)
}

/// Returns whether an address is a relative path (git-fetch(1), "GIT URLS").
fn is_relative(address: &str) -> bool {
    let before_slash = address.split('/').next().unwrap_or_default();
    !address.contains("://") && !before_slash.contains(':') && !address.starts_with(['/', '\\', '~'])
}

/// `git@example.com:shop.git` and `https://user@example.com/shop.git` as `example.com/shop`.
fn name_of_address(address: &str) -> String {
    let rest = match address.split_once("://") {
        Some(("file", path)) => path.to_owned(),
        Some((_, rest)) => without_user(rest).to_owned(),
        // git's short form (gitrevisions of addresses: git-fetch(1), "GIT URLS"): a colon before the first slash
        None => match address.split_once(':') {
            Some((host, path)) if !host.contains('/') => {
                format!("{}/{}", without_user(host), path.trim_start_matches('/'))
            }
            Some(_) | None => address.to_owned(),
        },
    };
    let trimmed = rest.trim_end_matches('/');
    trimmed.strip_suffix(".git").unwrap_or(trimmed).trim_end_matches('/').to_owned()
}

fn without_user(rest: &str) -> &str {
    match rest.split_once('@') {
        Some((user, host)) if !user.contains('/') => host,
        Some(_) | None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_relative, name_of_address};

    #[test]
    fn relative_paths_are_told_from_other_addresses() {
        for path in ["../shop.git", "shop.git", "./a:b/shop.git", "team/shop"] {
            assert!(is_relative(path), "{path}");
        }
        for address in ["/srv/shop.git", "git@example.com:shop.git", "https://example.com/shop.git", "file:///srv/shop"]
        {
            assert!(!is_relative(address), "{address}");
        }
    }

    #[test]
    fn every_address_of_one_repository_has_one_name() {
        for address in [
            "https://example.com/team/shop.git",
            "https://user:secret@example.com/team/shop",
            "ssh://git@example.com/team/shop.git/",
            "git@example.com:team/shop.git",
            "git@example.com:/team/shop.git",
        ] {
            assert_eq!(name_of_address(address), "example.com/team/shop", "{address}");
        }
        for path in ["/srv/git/shop.git", "file:///srv/git/shop.git", "/srv/git/shop/"] {
            assert_eq!(name_of_address(path), "/srv/git/shop", "{path}");
        }
    }
}
