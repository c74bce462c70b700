//! The credential that a provider prints, as the tools read it, and when it ends.

use jiff::Timestamp;
use serde_json::Value;

use crate::time::instant::Instant;

/// For which tool it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CredentialKind {
    /// `ExecCredential` of Kubernetes:
    /// <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>.
    Kube,
    /// `credential_process` of AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.
    Aws,
}

/// A credential.
#[derive(Debug)]
pub(super) struct Issued {
    kind: CredentialKind,
    value: Value,
}

impl Issued {
    /// Reads what a provider printed.
    pub(super) fn read(kind: CredentialKind, text: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(text).map_err(|error| format!("does not print JSON: {error}"))?;
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        match kind {
            CredentialKind::Kube => {
                let is_kind = text("/kind") == "ExecCredential"
                    && text("/apiVersion").starts_with("client.authentication.k8s.io/");
                if !is_kind || !value.get("status").is_some_and(Value::is_object) {
                    return Err("does not print an `ExecCredential` with its `status`".to_owned());
                }
            }
            CredentialKind::Aws => {
                if value.get("Version").and_then(Value::as_i64) != Some(1) || text("/AccessKeyId").is_empty() {
                    return Err("does not print a credential of `Version` 1 with an `AccessKeyId`".to_owned());
                }
            }
        }
        Ok(Self { kind, value })
    }

    /// The credential as text, which ends at `until` at the latest, in seconds since the Unix epoch.
    pub(super) fn until(mut self, until: Option<Instant>) -> Result<String, String> {
        let (owner, key) = match self.kind {
            CredentialKind::Kube => (self.value.get_mut("status"), "expirationTimestamp"),
            CredentialKind::Aws => (Some(&mut self.value), "Expiration"),
        };
        let Some(Value::Object(owner)) = owner else {
            return Err("does not print an object".to_owned());
        };
        let own = match owner.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                Some(text.parse::<Timestamp>().map_err(|_| format!("prints `{key}` that is not a time: `{text}`"))?)
            }
            Some(_) => return Err(format!("prints `{key}` that is not text")),
        };
        let until = until.map(Instant::timestamp).transpose().map_err(|error| error.to_string())?;
        if let Some(until) = until.filter(|until| own.is_none_or(|own| own > *until)) {
            owner.insert(key.to_owned(), Value::String(until.to_string()));
        }
        Ok(format!("{}\n", self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::{CredentialKind, Issued};
    use crate::time::instant::Instant;

    fn cut(kind: CredentialKind, text: &str, until: Option<i64>) -> Result<String, String> {
        Issued::read(kind, text.as_bytes())?.until(until.map(Instant::from_second))
    }

    #[test]
    fn a_credential_ends_no_later_than_the_answer() {
        let kube = |status: &str| {
            format!(
                r#"{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{{status}}}}}"#
            )
        };
        let aws = |more: &str| format!(r#"{{"AccessKeyId":"a","SecretAccessKey":"s","Version":1{more}}}"#);
        let year_2000 = Some(946_684_800);
        for (kind, text, until, expected) in [
            (CredentialKind::Kube, kube(r#""token":"t""#), None, kube(r#""token":"t""#)),
            (
                CredentialKind::Kube,
                kube(r#""token":"t""#),
                year_2000,
                kube(r#""expirationTimestamp":"2000-01-01T00:00:00Z","token":"t""#),
            ),
            (
                CredentialKind::Kube,
                kube(r#""expirationTimestamp":"2001-01-01T00:00:00Z""#),
                year_2000,
                kube(r#""expirationTimestamp":"2000-01-01T00:00:00Z""#),
            ),
            (
                CredentialKind::Kube,
                kube(r#""expirationTimestamp":"1999-12-31T23:00:00+01:00""#),
                year_2000,
                kube(r#""expirationTimestamp":"1999-12-31T23:00:00+01:00""#),
            ),
            (CredentialKind::Aws, aws(""), None, aws("")),
            (
                CredentialKind::Aws,
                aws(r#","Expiration":"2001-01-01T00:00:00Z""#),
                year_2000,
                r#"{"AccessKeyId":"a","Expiration":"2000-01-01T00:00:00Z","SecretAccessKey":"s","Version":1}"#
                    .to_owned(),
            ),
        ] {
            assert_eq!(cut(kind, &text, until).as_deref(), Ok(format!("{expected}\n").as_str()), "{text}");
        }
        for (kind, text) in [
            (CredentialKind::Kube, String::new()),
            (CredentialKind::Kube, aws("")),
            (CredentialKind::Kube, r#"{"apiVersion":"v1","kind":"ExecCredential","status":{}}"#.to_owned()),
            (CredentialKind::Kube, kube(r#""expirationTimestamp":"soon""#)),
            (CredentialKind::Kube, kube(r#""expirationTimestamp":5"#)),
            (CredentialKind::Aws, kube(r#""token":"t""#)),
            (CredentialKind::Aws, r#"{"Version":2,"AccessKeyId":"a"}"#.to_owned()),
            (CredentialKind::Aws, "[]".to_owned()),
        ] {
            assert!(cut(kind, &text, year_2000).is_err(), "{text}");
        }
    }
}
