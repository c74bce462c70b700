//! What teams and tools call the folders and files of deployments.

/// Folders that hold what is deployed.
pub(super) const ROOTS: [&str; 23] = [
    "deploy",
    "deployment",
    "deployments",
    "k8s",
    "kube",
    "kubernetes",
    "helm",
    "charts",
    "terraform",
    "infra",
    "infrastructure",
    "kustomize",
    "environments",
    "envs",
    "overlays",
    "clusters",
    "manifests",
    "gitops",
    "argocd",
    "flux",
    "ansible",
    "inventories",
    "inventory",
];

/// Folders in which stands what environments share, wherever they lie beside environments or above them.
pub(super) const SHARED: [&str; 25] = [
    "base",
    "bases",
    "_base",
    "common",
    "_common",
    "shared",
    "_shared",
    "global",
    "_global",
    "modules",
    "_modules",
    "components",
    "_envcommon",
    "_env",
    "roles",
    "playbooks",
    "tasks",
    "handlers",
    "group_vars",
    "host_vars",
    "helmfile.d",
    "templates",
    "stacks",
    "catalog",
    "units",
];

/// Files by which a tool deploys the whole folder that holds them.
pub(super) const PROJECTS: [&str; 8] = [
    "Pulumi.yaml",
    "Pulumi.yml",
    "cdk.json",
    "serverless.yml",
    "serverless.yaml",
    "serverless.ts",
    "samconfig.toml",
    "main.tf",
];

/// Files that environments share, at the top of the repository.
pub(super) const SHARED_FILES: [&str; 11] = [
    "root.hcl",
    "terragrunt.hcl",
    "helmfile.yaml",
    "helmfile.yml",
    "helmfile.yaml.gotmpl",
    "kustomization.yaml",
    "skaffold.yaml",
    "ansible.cfg",
    "site.yml",
    "site.yaml",
    "requirements.yml",
];

/// Files of these forms at the top are shared if folders of environments stand beside them, or a playbook for all hosts.
pub(super) const TOP_FORMS: [&str; 6] = ["*.hcl", "*.tf", "*.tfvars", "*.yml", "*.yaml", "Makefile"];

/// Files beside the inventories of Ansible.
pub(super) const PLAYBOOKS: [&str; 3] = ["site.yml", "site.yaml", "ansible.cfg"];

/// Folders of what is only tried.
pub(super) const TRIED: [&str; 8] =
    ["test", "tests", "testdata", "fixtures", "__tests__", "spec", "example", "examples"];
