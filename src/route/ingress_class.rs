//! Which program serves a class of Ingresses.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::route::manifest::RouteManifest;

#[derive(Deserialize)]
struct IngressClassSpec {
    controller: Option<String>,
}

/// The controllers of the classes that manifests define.
#[derive(Default)]
pub(crate) struct IngressClasses(BTreeMap<String, String>);

impl IngressClasses {
    /// Reads an IngressClass.
    ///
    /// # Errors
    ///
    /// What is not understood.
    pub(crate) fn add(&mut self, manifest: &RouteManifest) -> Result<(), String> {
        let spec: Option<IngressClassSpec> = manifest.spec.read()?;
        if let Some(controller) = spec.and_then(|spec| spec.controller) {
            self.0.insert(manifest.name.clone(), controller.to_ascii_lowercase());
        }
        Ok(())
    }

    /// Whether a manifest says which program serves a class.
    pub(crate) fn is_known(&self, class: &str) -> bool {
        self.0.contains_key(class)
    }

    /// Whether a program serves a class, by the name of its controller, or of the class if no manifest defines it.
    pub(crate) fn is_of(&self, class: &str, program: &str) -> bool {
        self.0.get(class).map_or(class, String::as_str).contains(program)
    }
}
