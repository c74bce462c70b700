//! What a command, a plan or a manifest acts on, by the names that its tool uses.

use std::fmt;

/// A fact that a target can ask about a command, a plan or a manifest: the key of the policy, and the name of the fact.
///
/// ```
/// use freezegate::fact::FactKey;
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
    /// The place where Terraform and OpenTofu keep their state.
    States,
    /// Profiles of the AWS command line.
    Profiles,
    /// Regions of a cloud.
    Regions,
    /// Accounts of AWS, projects of Google Cloud, subscriptions of Azure.
    Accounts,
    /// Types of resources of a plan, and kinds of objects of Kubernetes.
    Resources,
    /// Addresses of resources of a plan.
    Addresses,
    /// Addresses of modules of a plan.
    Modules,
    /// Providers of a plan.
    Providers,
    /// Names of objects of Kubernetes.
    Objects,
    /// Labels of objects of Kubernetes, as `NAME=VALUE`.
    Labels,
    /// Annotations of objects of Kubernetes, as `NAME=VALUE`.
    Annotations,
    /// Images of containers.
    Images,
}

/// A source of the facts that a target asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactSource {
    /// Commands of kubectl and helm.
    Kubernetes,
    /// Commands of Terraform and OpenTofu.
    Terraform,
    /// Commands of the AWS command line.
    Aws,
    /// A plan, by `--plan`.
    Plan,
    /// Rendered manifests, by `--manifests`.
    Manifests,
}

impl FactSource {
    /// The programs whose commands show it, by their names.
    #[must_use]
    pub const fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Kubernetes => &["kubectl", "helm"],
            Self::Terraform => &["terraform", "tofu"],
            Self::Aws => &["aws"],
            Self::Plan | Self::Manifests => &[],
        }
    }

    /// Returns its name, for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kubernetes => "`kubectl` and `helm`",
            Self::Terraform => "`terraform` and `tofu`",
            Self::Aws => "`aws`",
            Self::Plan => "`--plan`",
            Self::Manifests => "`--manifests`",
        }
    }
}

impl FactKey {
    /// Every key, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::Contexts,
        Self::Servers,
        Self::Namespaces,
        Self::Workspaces,
        Self::States,
        Self::Profiles,
        Self::Regions,
        Self::Accounts,
        Self::Resources,
        Self::Addresses,
        Self::Modules,
        Self::Providers,
        Self::Objects,
        Self::Labels,
        Self::Annotations,
        Self::Images,
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
            Self::Resources => "resources",
            Self::Addresses => "addresses",
            Self::Modules => "modules",
            Self::Providers => "providers",
            Self::Objects => "objects",
            Self::Labels => "labels",
            Self::Annotations => "annotations",
            Self::Images => "images",
        }
    }

    /// Returns what can show such a thing.
    #[must_use]
    pub const fn sources(self) -> &'static [FactSource] {
        match self {
            Self::Contexts | Self::Servers => &[FactSource::Kubernetes],
            Self::Namespaces => &[FactSource::Kubernetes, FactSource::Manifests],
            Self::Workspaces | Self::States => &[FactSource::Terraform, FactSource::Plan],
            Self::Profiles => &[FactSource::Aws],
            Self::Regions | Self::Accounts => &[FactSource::Aws, FactSource::Plan],
            Self::Resources => &[FactSource::Plan, FactSource::Manifests],
            Self::Addresses | Self::Modules | Self::Providers => &[FactSource::Plan],
            Self::Objects | Self::Labels | Self::Annotations | Self::Images => &[FactSource::Manifests],
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
            Self::Resources => "resource",
            Self::Addresses => "address",
            Self::Modules => "module",
            Self::Providers => "provider",
            Self::Objects => "object",
            Self::Labels => "label",
            Self::Annotations => "annotation",
            Self::Images => "image",
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
