//! Where Terraform and OpenTofu keep the state of a workspace, by the configuration of their backend.

use serde_json::Value;

/// A backend, as `init` wrote it into the data folder, or `plan` into a saved plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateBackend {
    /// Its type, such as `s3`.
    kind: String,
    config: Value,
}

impl StateBackend {
    /// A backend of this type and configuration.
    pub(in crate::change) const fn new(kind: String, config: Value) -> Self {
        Self { kind, config }
    }

    /// The one of a folder that configures none.
    pub(in crate::change) fn local() -> Self {
        Self::new("local".to_owned(), Value::Null)
    }

    /// The names under which workspaces are known there: those of HCP Terraform may have a name in the configuration.
    pub(in crate::change) fn named(&self, workspaces: &[&str]) -> Vec<String> {
        let own = || workspaces.iter().map(|name| (*name).to_owned());
        match self.kind.as_str() {
            "cloud" | "remote" => {
                if let Some(name) = self.remote_workspace("name") {
                    return vec![name];
                }
                let prefix = self.remote_workspace("prefix").filter(|_| self.kind == "remote");
                let prefixed = prefix.iter().flat_map(|prefix| own().map(move |name| format!("{prefix}{name}")));
                own().chain(prefixed).collect()
            }
            _ => own().collect(),
        }
    }

    /// Returns where the state of a workspace is kept, such as `s3:acme-state/production/app.tfstate`.
    ///
    /// # Errors
    ///
    /// Why that is not known, for people.
    pub(in crate::change) fn state(&self, workspace: &str) -> Result<String, String> {
        let is_default = workspace == "default";
        let Self { kind, config } = self;
        let of = |key: &str| config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let need = |key: &str| of(key).ok_or_else(|| format!("the backend `{kind}` has no `{key}` in its data folder"));
        match kind.as_str() {
            "local" if is_default => {
                Ok(format!("local:{}", of("path").unwrap_or_else(|| "terraform.tfstate".to_owned())))
            }
            "local" => {
                let folder = of("workspace_dir").unwrap_or_else(|| "terraform.tfstate.d".to_owned());
                Ok(format!("local:{folder}/{workspace}/terraform.tfstate"))
            }
            "s3" if is_default => Ok(format!("s3:{}/{}", need("bucket")?, need("key")?)),
            "s3" => {
                let prefix = of("workspace_key_prefix").unwrap_or_else(|| "env:".to_owned());
                Ok(format!("s3:{}/{prefix}/{workspace}/{}", need("bucket")?, need("key")?))
            }
            "gcs" => {
                let prefix =
                    of("prefix").map_or_else(String::new, |prefix| format!("{}/", prefix.trim_end_matches('/')));
                Ok(format!("gcs:{}/{prefix}{workspace}.tfstate", need("bucket")?))
            }
            "azurerm" => {
                let place =
                    format!("azurerm:{}/{}/{}", need("storage_account_name")?, need("container_name")?, need("key")?);
                Ok(if is_default { place } else { format!("{place}env:{workspace}") })
            }
            "cloud" | "remote" => {
                let host = of("hostname").unwrap_or_else(|| "app.terraform.io".to_owned());
                let prefix = self.remote_workspace("prefix").unwrap_or_default();
                let name = self.remote_workspace("name").unwrap_or_else(|| format!("{prefix}{workspace}"));
                Ok(format!("{kind}:{host}/{}/{name}", need("organization")?))
            }
            other => Err(format!("where the backend `{other}` keeps its state is not known here")),
        }
    }

    /// A key of the block `workspaces`, which is an object or a list of one; `None` if it is empty.
    fn remote_workspace(&self, key: &str) -> Option<String> {
        let block = self.config.get("workspaces")?;
        let block = block.as_array().and_then(|list| list.first()).unwrap_or(block);
        block.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}
