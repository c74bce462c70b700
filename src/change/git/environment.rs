//! git's environment variables, as plain data.

use std::ffi::OsString;

/// The facts about the repository at hand that git passes to a program that it starts, such as a hook.
///
/// In `pre-receive` the pushed objects lie in a quarantine beside the main store (githooks(5), git-receive-pack(1),
/// "QUARANTINE ENVIRONMENT"), and only these variables say where. Whoever reads another repository than the hook's own
/// takes [`GitEnvironment::default`]: `GIT_DIR` and the rest belong to the one that was pushed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitEnvironment {
    /// `GIT_DIR`: the repository itself, relative to the directory that the program was started in. Nothing is searched for.
    pub git_dir: Option<OsString>,
    /// `GIT_COMMON_DIR`: accepted where it is what the repository says itself.
    pub common_dir: Option<OsString>,
    /// `GIT_OBJECT_DIRECTORY`: where objects are written, in a quarantine the new ones.
    pub object_directory: Option<OsString>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`: further places to read objects from, separated as in `PATH`.
    pub alternate_object_directories: Option<OsString>,
    /// `GIT_QUARANTINE_PATH`: the quarantine, if there is one.
    pub quarantine_path: Option<OsString>,
    /// `GIT_NAMESPACE`: not supported, so that it is refused rather than overlooked.
    pub namespace: Option<OsString>,
}

impl GitEnvironment {
    /// Takes the variables from whoever may read the environment. A variable that is set and empty counts as not set.
    ///
    /// ```
    /// use freezegate::change::git::GitEnvironment;
    ///
    /// let environment = GitEnvironment::from_variables(|name| (name == "GIT_DIR").then(|| ".".into()));
    /// assert_eq!(environment.git_dir, Some(".".into()));
    /// assert_eq!(environment.quarantine_path, None);
    /// ```
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self {
            git_dir: variable("GIT_DIR"),
            common_dir: variable("GIT_COMMON_DIR"),
            object_directory: variable("GIT_OBJECT_DIRECTORY"),
            alternate_object_directories: variable("GIT_ALTERNATE_OBJECT_DIRECTORIES"),
            quarantine_path: variable("GIT_QUARANTINE_PATH"),
            namespace: variable("GIT_NAMESPACE"),
        }
    }
}
