//! What targets can ask of an object of Kubernetes: its namespace, its name, its labels, its annotations and its images.

use serde_json::{Map, Value};

use crate::change::fact_value::FactValue;
use crate::fact::FactKey;
use crate::guard::object::RenderedObject;

/// Kinds of the API of Kubernetes itself that are in no namespace.
const CLUSTER_KINDS: [&str; 29] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "GatewayClass",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
];

/// The keys of pods that list containers.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// The facts of an object, and of what it was before: each of them counts.
pub(super) fn of(object: &RenderedObject, before: Option<&RenderedObject>) -> Vec<(FactKey, FactValue)> {
    let objects = || std::iter::once(object).chain(before);
    let any_of = |texts: Vec<String>| {
        let mut values: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        values.sort_unstable();
        values.dedup();
        FactValue::AnyOf(values)
    };
    let all = |of: &dyn Fn(&RenderedObject) -> Vec<String>| any_of(objects().flat_map(of).collect());
    let named: Result<Vec<Vec<String>>, &RenderedObject> = objects().map(|one| namespaces(one).ok_or(one)).collect();
    let namespaces = match named {
        Ok(named) => any_of(named.concat()),
        Err(object) => FactValue::NotUnderstood(format!("{} `{}` names no namespace", object.kind, object.name)),
    };
    vec![
        (FactKey::Namespaces, namespaces),
        (FactKey::Objects, all(&|one| vec![one.name.clone()])),
        (FactKey::Labels, all(&|one| pairs(one, "labels"))),
        (FactKey::Annotations, all(&|one| pairs(one, "annotations"))),
        (FactKey::Images, all(&|one| images(&one.fields))),
    ]
}

/// The namespaces that an object is in, and the one that it is; `None` if that is said only where it is applied.
fn namespaces(object: &RenderedObject) -> Option<Vec<String>> {
    // a namespace is in none, whatever it says
    if object.kind == "Namespace" {
        return Some(vec![object.name.clone()]);
    }
    let metadata = object.fields.get("metadata");
    let named = metadata.and_then(|metadata| metadata.get("namespace")).and_then(Value::as_str);
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Some(vec![name.to_owned()]),
        None if is_of_kubernetes(&object.group) && CLUSTER_KINDS.contains(&object.kind.as_str()) => Some(Vec::new()),
        None => None,
    }
}

/// Returns whether a group of an API is one of Kubernetes itself, such as `apps` and `storage.k8s.io`.
fn is_of_kubernetes(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

/// The pairs of a map below `metadata`, as `NAME=VALUE`.
fn pairs(object: &RenderedObject, key: &str) -> Vec<String> {
    let map = object.fields.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_object);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    map.into_iter().flatten().map(|(name, value)| format!("{name}={}", text(value))).collect()
}

/// The images of all containers, wherever the object has them.
fn images(fields: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<(&str, &Value)> = fields.iter().map(|(key, value)| (key.as_str(), value)).collect();
    while let Some((key, value)) = open.pop() {
        match value {
            Value::Object(map) => open.extend(map.iter().map(|(key, value)| (key.as_str(), value))),
            Value::Array(list) => {
                if CONTAINERS.contains(&key) {
                    let of_containers = list.iter().filter_map(|one| one.get("image").and_then(Value::as_str));
                    found.extend(of_containers.map(str::to_owned));
                }
                open.extend(list.iter().map(|value| ("", value)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::namespaces;
    use crate::guard::files::GuardedFile;
    use crate::guard::object::objects;

    #[test]
    fn a_namespace_is_the_one_of_its_name_whatever_it_says() {
        let content = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: production, namespace: staging}\n".to_vec();
        let found = objects(&GuardedFile { path: "n.yaml".to_owned(), content }).unwrap();
        let named: Vec<_> = found.iter().map(namespaces).collect();
        assert_eq!(named, [Some(vec!["production".to_owned()])]);
    }
}
