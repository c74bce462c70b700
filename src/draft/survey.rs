//! What is known of a repository before its policy is drafted.

/// A survey of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Folders, as paths from the root with `/` between.
    pub folders: Vec<String>,
    /// Files and symbolic links.
    pub files: Vec<String>,
    /// Branches, local and remote ones, without `refs/heads/` or the name of the remote.
    pub branches: Vec<String>,
    /// The environments that jobs of workflows name, as written.
    pub jobs: Vec<String>,
    /// The IANA names of the customers' time zones; none if they are not known.
    pub timezones: Vec<String>,
    /// The place where the zones are from.
    pub zone_source: ZoneSource,
}

/// The source of the time zones of a draft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ZoneSource {
    /// The setting of the machine, which says nothing about customers.
    #[default]
    Machine,
    /// Somebody named them.
    Named,
}
