//! Kubeconfigs, as client-go reads and merges them: contexts, clusters, nothing that authenticates.
//!
//! A plugin for credentials that a kubeconfig names is never run.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::change::command::surroundings::{Scene, Unknown};
use crate::yaml;

/// The contents of a command's kubeconfigs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kubeconfig {
    current: Option<String>,
    contexts: BTreeMap<String, KubeContext>,
    /// The address of each, if it has one.
    clusters: BTreeMap<String, Option<String>>,
    /// The place where all that stands, for people.
    told: String,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
struct KubeContext {
    cluster: Option<String>,
    namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct KubeCluster {
    server: Option<String>,
}

#[derive(Debug, Deserialize)]
struct NamedContext {
    name: Option<String>,
    context: Option<KubeContext>,
}

#[derive(Debug, Deserialize)]
struct NamedCluster {
    name: Option<String>,
    cluster: Option<KubeCluster>,
}

#[derive(Debug, Default, Deserialize)]
struct KubeFile {
    #[serde(rename = "current-context")]
    current: Option<String>,
    contexts: Option<Vec<NamedContext>>,
    clusters: Option<Vec<NamedCluster>>,
}

/// The destination on the command line: what is empty says nothing.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct KubeChoice<'a> {
    pub(super) kubeconfig: Option<&'a [u8]>,
    pub(super) context: Option<&'a [u8]>,
    pub(super) cluster: Option<&'a [u8]>,
    pub(super) server: Option<&'a [u8]>,
    pub(super) namespace: Option<&'a [u8]>,
}

/// The place where a client of Kubernetes goes: any of these, or why that is not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KubeTarget {
    pub(super) contexts: Result<Vec<Vec<u8>>, Unknown>,
    pub(super) servers: Result<Vec<Vec<u8>>, Unknown>,
    pub(super) namespaces: Result<Vec<Vec<u8>>, Unknown>,
}

impl Kubeconfig {
    /// Reads the kubeconfigs of a command: `explicit` alone, else those of `KUBECONFIG`, else the one at home.
    fn find(scene: &Scene<'_>, explicit: Option<&[u8]>) -> Result<Self, Unknown> {
        if let Some(path) = explicit {
            let told = String::from_utf8_lossy(path).into_owned();
            let text = scene.file(path)?.ok_or_else(|| format!("there is no `{told}`"))?;
            let mut config = Self { told: format!("`{told}`"), ..Self::default() };
            config.add(&text, &told)?;
            return Ok(config);
        }
        let paths: Vec<Vec<u8>> = match scene.variable("KUBECONFIG")? {
            Some(list) => {
                let separator = if cfg!(windows) { b';' } else { b':' };
                list.split(|byte| *byte == separator).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
            }
            None => vec![scene.at_home(".kube/config")?],
        };
        let told: Vec<String> = paths.iter().map(|path| format!("`{}`", String::from_utf8_lossy(path))).collect();
        let mut config = Self { told: told.join(" and "), ..Self::default() };
        for path in &paths {
            if let Some(text) = scene.file(path)? {
                config.add(&text, &String::from_utf8_lossy(path))?;
            }
        }
        Ok(config)
    }

    /// Adds a file: of each name, and of the current context, the first file that has it counts.
    fn add(&mut self, text: &[u8], told: &str) -> Result<(), Unknown> {
        let file: KubeFile = parse(text, told)?;
        self.current = self.current.take().or(file.current.filter(|name| !name.is_empty()));
        let mut names = Vec::new();
        for named in file.contexts.unwrap_or_default() {
            let name = named.name.unwrap_or_default();
            if names.contains(&name) {
                return Err(format!("`{told}` has the context `{name}` twice"));
            }
            self.contexts.entry(name.clone()).or_insert_with(|| named.context.unwrap_or_default());
            names.push(name);
        }
        names.clear();
        for named in file.clusters.unwrap_or_default() {
            let name = named.name.unwrap_or_default();
            if names.contains(&name) {
                return Err(format!("`{told}` has the cluster `{name}` twice"));
            }
            let server = named.cluster.unwrap_or_default().server.filter(|server| !server.is_empty());
            self.clusters.entry(name.clone()).or_insert(server);
            names.push(name);
        }
        Ok(())
    }
}

/// Reads YAML of one document without anchors.
fn parse<T: serde::de::DeserializeOwned>(text: &[u8], told: &str) -> Result<T, Unknown> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 1, max_anchors: 0, max_aliases: 0, max_nodes: 200_000, max_events: 800_000 },
    };
    serde_saphyr::from_slice_with_options::<T>(text, options)
        .map_err(|error| format!("`{told}` is not a readable kubeconfig: {}", yaml::cause(&error)))
}

impl KubeTarget {
    /// Where a client goes that was started in `scene` with `choice`.
    pub(super) fn of(scene: &Scene<'_>, choice: &KubeChoice<'_>) -> Self {
        let one = |name: &[u8]| Ok(vec![name.to_vec()]);
        let config = match Kubeconfig::find(scene, choice.kubeconfig) {
            Ok(config) => config,
            Err(why) => {
                let known = |given: Option<&[u8]>| given.map_or_else(|| Err(why.clone()), one);
                return Self {
                    contexts: known(choice.context),
                    servers: choice.server.map_or_else(|| Err(why.clone()), |server| Ok(addresses(server))),
                    namespaces: known(choice.namespace),
                };
            }
        };
        let name = match choice.context {
            Some(name) => Some(String::from_utf8_lossy(name).into_owned()),
            None => config.current.clone(),
        };
        let context = match &name {
            Some(name) => match config.contexts.get(name) {
                Some(context) => Ok(Some(context)),
                None => Err(format!("{} has no context `{name}`", config.told)),
            },
            None => Ok(None),
        };
        let namespaces = match (choice.namespace, &context) {
            (Some(namespace), _) => one(namespace),
            (None, Err(why)) => Err(why.clone()),
            (None, Ok(context)) => match context.and_then(|one| one.namespace.as_deref()).filter(|one| !one.is_empty())
            {
                Some(namespace) => one(namespace.as_bytes()),
                None => own_namespaces(scene),
            },
        };
        let servers = match (choice.server, &context) {
            (Some(server), _) => Ok(addresses(server)),
            (None, Err(why)) if choice.cluster.is_none() => Err(why.clone()),
            (None, context) => {
                let named = context.as_ref().ok().copied().flatten().and_then(|one| one.cluster.clone());
                let cluster = choice.cluster.map(|name| String::from_utf8_lossy(name).into_owned()).or(named);
                config.server(scene, cluster.filter(|name| !name.is_empty()), name.is_none())
            }
        };
        Self { contexts: Ok(name.map(String::into_bytes).into_iter().collect()), servers, namespaces }
    }
}

impl Kubeconfig {
    /// The addresses of a cluster; of none, those that a client falls back to.
    fn server(&self, scene: &Scene<'_>, cluster: Option<String>, is_bare: bool) -> Result<Vec<Vec<u8>>, Unknown> {
        match cluster {
            Some(name) => match self.clusters.get(&name) {
                Some(Some(server)) => Ok(addresses(server.as_bytes())),
                Some(None) => Err(format!("the cluster `{name}` of {} has no `server`", self.told)),
                None => Err(format!("{} has no cluster `{name}`", self.told)),
            },
            None if is_bare => {
                let master = scene.variable("KUBERNETES_MASTER")?;
                let mut servers = addresses(&master.unwrap_or_else(|| b"http://localhost:8080".to_vec()));
                let [host, port] =
                    ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"].map(|name| scene.variable(name));
                if let (Some(host), Some(port)) = (host?, port?) {
                    let host = if host.contains(&b':') { [b"[", host.as_slice(), b"]"].concat() } else { host };
                    servers.extend(addresses(&[b"https://", host.as_slice(), b":", port.as_slice()].concat()));
                }
                Ok(servers)
            }
            None => Err(format!("the context of {} names no cluster", self.told)),
        }
    }
}

/// The namespaces of a command that no one names: `default`, and in a pod that of the pod.
fn own_namespaces(scene: &Scene<'_>) -> Result<Vec<Vec<u8>>, Unknown> {
    let mut namespaces = vec![b"default".to_vec()];
    if scene.variable("KUBERNETES_SERVICE_HOST")?.is_some() {
        namespaces.extend(scene.variable("POD_NAMESPACE")?);
        let file = scene.file(b"/var/run/secrets/kubernetes.io/serviceaccount/namespace")?;
        namespaces.extend(file.map(|text| text.trim_ascii().to_vec()).filter(|text| !text.is_empty()));
    }
    Ok(namespaces)
}

/// An address of a server in the forms in which policies may have it: with its scheme, with and without the default port, without `/` at
/// the end and without who logs in.
pub(super) fn addresses(server: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(server.trim_ascii()).into_owned();
    let (schemes, rest): (Vec<String>, &str) = match text.split_once("://") {
        Some((scheme, rest)) => (vec![scheme.to_lowercase()], rest),
        // client-go takes `https` if anything about TLS is configured
        None => (vec!["https".to_owned(), "http".to_owned()], text.as_str()),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_lowercase();
    let path = path.trim_end_matches('/');
    let mut forms = Vec::new();
    for scheme in schemes {
        let port = if scheme == "http" { ":80" } else { ":443" };
        let mut add = |host: &str| {
            let form = format!("{scheme}://{host}{path}").into_bytes();
            if !forms.contains(&form) {
                forms.push(form);
            }
        };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.contains(']'));
        add(host.strip_suffix(port).unwrap_or(&host));
        if !has_port || host.ends_with(port) {
            add(&format!("{}{port}", host.strip_suffix(port).unwrap_or(&host)));
        }
    }
    forms
}
