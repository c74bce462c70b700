//! What a command acts on, by the names that the tool of the command uses.

use std::fmt;

/// What a target can ask about a command: the key of the policy, and the name of the fact.
///
/// ```
/// use freezegate::policy::FactKey;
///
/// assert_eq!(FactKey::Contexts.as_str(), "contexts");
/// assert_eq!(FactKey::Contexts.noun(), "context");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKey {
    /// Contexts of a kubeconfig.
    Contexts,
    /// Addresses of Kubernetes API servers.
    Servers,
    /// Namespaces of Kubernetes.
    Namespaces,
    /// Workspaces of Terraform and OpenTofu.
    Workspaces,
    /// Where Terraform and OpenTofu keep their state.
    States,
    /// Profiles of the AWS command line.
    Profiles,
    /// Regions of AWS.
    Regions,
    /// Accounts of AWS.
    Accounts,
}

impl FactKey {
    /// Every key, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Contexts,
        Self::Servers,
        Self::Namespaces,
        Self::Workspaces,
        Self::States,
        Self::Profiles,
        Self::Regions,
        Self::Accounts,
    ];

    /// The key of the policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contexts => "contexts",
            Self::Servers => "servers",
            Self::Namespaces => "namespaces",
            Self::Workspaces => "workspaces",
            Self::States => "states",
            Self::Profiles => "profiles",
            Self::Regions => "regions",
            Self::Accounts => "accounts",
        }
    }

    /// The programs that have such a thing, by their names.
    #[must_use]
    pub const fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Contexts | Self::Servers | Self::Namespaces => &["kubectl", "helm"],
            Self::Workspaces | Self::States => &["terraform", "tofu"],
            Self::Profiles | Self::Regions | Self::Accounts => &["aws"],
        }
    }

    /// One of them, for people.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Contexts => "context",
            Self::Servers => "server",
            Self::Namespaces => "namespace",
            Self::Workspaces => "workspace",
            Self::States => "state",
            Self::Profiles => "profile",
            Self::Regions => "region",
            Self::Accounts => "account",
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
