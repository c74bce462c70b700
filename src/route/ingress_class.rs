//! Which program serves a class of Ingresses.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::route::manifest::RouteManifest;

#[derive(Deserialize)]
struct IngressClassSpec {
    controller: Option<String>,
}

/// The controllers of the classes that manifests define.
#[derive(Clone, Debug, Default)]
pub(crate) struct IngressClasses(BTreeMap<String, String>);

/// The controller of ingress-nginx.
const NGINX_CONTROLLER: &str = "k8s.io/ingress-nginx";
/// The text in the names of controllers of nginx, and the class of ingress-nginx where it is installed.
pub(crate) const NGINX_CLASS: &str = "nginx";

/// The place of Ingresses.
pub(crate) const INGRESS_PLACE: &str = "Ingress";

/// How the part of Ingresses' place is called that a class is.
pub(crate) fn class_section(class: &str) -> String {
    format!("class {class}")
}

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

    /// The controllers that may serve several classes of two trees.
    pub(crate) fn shared(before: &Self, after: &Self) -> BTreeSet<String> {
        let controllers: BTreeSet<&String> = before.0.values().chain(after.0.values()).collect();
        let is_shared =
            |controller: &&String| before.of_controller(controller).union(&after.of_controller(controller)).count() > 1;
        controllers.into_iter().filter(is_shared).cloned().collect()
    }

    /// The classes that a controller serves.
    pub(crate) fn of_controller(&self, controller: &str) -> BTreeSet<String> {
        let own = self.0.iter().filter(|(_, other)| *other == controller).map(|(class, _)| class.clone());
        let installed = (controller == NGINX_CONTROLLER && !self.is_known(NGINX_CLASS)).then(|| NGINX_CLASS.to_owned());
        own.chain(installed).collect()
    }

    /// Returns whether one controller serves two classes.
    pub(crate) fn are_one(&self, one: &str, other: &str) -> bool {
        one == other
            || self.0.get(one).is_some_and(|controller| self.of_controller(controller).contains(other))
            || self.0.get(other).is_some_and(|controller| self.of_controller(controller).contains(one))
    }

    /// Returns whether a manifest says which program serves a class.
    pub(crate) fn is_known(&self, class: &str) -> bool {
        self.0.contains_key(class)
    }

    /// Returns whether a program serves a class, by the name of its controller, or of the class if no manifest defines it.
    pub(crate) fn is_of(&self, class: &str, program: &str) -> bool {
        self.0.get(class).map_or_else(|| class.to_ascii_lowercase(), Clone::clone).contains(program)
    }

    /// Returns whether a manifest defines a class that a program serves, by the name of its controller.
    pub(crate) fn has(&self, program: &str) -> bool {
        self.0.values().any(|controller| controller.contains(program))
    }
}
