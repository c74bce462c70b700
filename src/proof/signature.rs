//! SSH signatures, as `ssh-keygen -Y sign` makes them: OpenSSH's [PROTOCOL.sshsig], read more strictly than OpenSSH does.
//!
//! OpenSSH takes several files for one signature (version 0, a reserved field that is set, text behind the footer, a second
//! signature appended). Here a signature has one form; all else is an error. What is left of malleability is in the
//! mathematics of ECDSA, so that two uses of a grant are distinguished by what was signed, never by signature bytes.
//!
//! [PROTOCOL.sshsig]: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};

mod wire;

use wire::Wire;

/// The line with which a signature begins.
pub const HEADER: &str = "-----BEGIN SSH SIGNATURE-----";
/// The line with which it ends.
pub const FOOTER: &str = "-----END SSH SIGNATURE-----";

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;

/// The columns at which ssh-keygen breaks lines; the last line may be shorter.
const COLUMNS: usize = 70;

/// A bit in the flags of a security key: somebody touched it (PROTOCOL.u2f, "user presence").
const USER_PRESENT: u8 = 1;

/// One signature, taken apart and not yet verified.
#[derive(Debug, Clone)]
pub struct Signature {
    key: Vec<u8>,
    namespace: String,
    hash: HashAlg,
    inner: ssh_key::Signature,
    /// The flags that a security key signed with; `None` of other keys.
    flags: Option<u8>,
}

/// The reason why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureFault {
    /// It is not in the form that ssh-keygen writes.
    Malformed(&'static str),
    /// It is of a version other than 1.
    Version(u32),
    /// Its reserved field is not empty.
    Reserved,
    /// Its hash is neither `sha256` nor `sha512`.
    UnknownHash,
    /// It is of a sort that is not verified here, such as that of a browser.
    UnknownAlgorithm(String),
    /// It was made for another purpose.
    Namespace {
        /// The purpose that it was made for.
        found: String,
        /// The wanted value.
        wanted: String,
    },
    /// It was made by another key.
    OtherKey,
    /// It is a security key's, and nobody touched that.
    NobodyPresent,
    /// It is not over this text, or was not made by this key.
    Mismatch,
}

impl std::fmt::Display for SignatureFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(what) => f.write_str(what),
            Self::Version(version) => write!(f, "it is of version {version}, not {VERSION}"),
            Self::Reserved => f.write_str("its reserved field is not empty"),
            Self::UnknownHash => f.write_str("its hash is neither sha256 nor sha512"),
            Self::UnknownAlgorithm(name) => write!(f, "signatures of the sort `{name}` are not verified"),
            Self::Namespace { found, wanted } => write!(f, "it was made for `{found}`, not for `{wanted}`"),
            Self::OtherKey => f.write_str("it was made by another key"),
            Self::NobodyPresent => f.write_str("the security key was not touched"),
            Self::Mismatch => f.write_str("the text was changed after it was signed, or the signature is broken"),
        }
    }
}

impl std::error::Error for SignatureFault {}

impl Signature {
    /// Reads one signature and nothing else: header, lines of base64, footer, with or without a line end behind it.
    ///
    /// # Errors
    ///
    /// [`SignatureFault::Malformed`] and its like for everything that `ssh-keygen -Y sign` would not have written.
    pub fn read(armoured: &str) -> Result<Self, SignatureFault> {
        use SignatureFault::Malformed;
        let text = armoured.strip_suffix('\n').unwrap_or(armoured);
        let body = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(Malformed("it does not begin with the header line"))?;
        let body = body.strip_suffix(FOOTER).ok_or(Malformed("it does not end with the footer line"))?;
        let body = body.strip_suffix('\n').ok_or(Malformed("it does not end with the footer line"))?;
        let lines: Vec<&str> = body.split('\n').collect();
        let (last, whole) = lines.split_last().ok_or(Malformed("it is empty"))?;
        if last.is_empty() || last.len() > COLUMNS || whole.iter().any(|line| line.len() != COLUMNS) {
            return Err(Malformed("its lines are not as long as ssh-keygen makes them"));
        }
        let blob = Base64::decode_vec(&lines.concat()).map_err(|_| Malformed("it is not base64"))?;
        Self::from_blob(&blob)
    }

    fn from_blob(blob: &[u8]) -> Result<Self, SignatureFault> {
        use SignatureFault::Malformed;
        let cut = Malformed("it is cut off");
        let mut wire = Wire::new(blob.strip_prefix(MAGIC).ok_or(Malformed("it does not begin with `SSHSIG`"))?);
        let version = wire.number().ok_or(cut.clone())?;
        if version != VERSION {
            return Err(SignatureFault::Version(version));
        }
        let key = wire.string().ok_or(cut.clone())?.to_vec();
        let namespace = wire.name().ok_or(cut.clone())?.to_owned();
        let reserved = wire.string().ok_or(cut.clone())?;
        let hash = wire.string().ok_or(cut.clone())?;
        let signature = wire.string().ok_or(cut)?;
        if !wire.is_empty() {
            return Err(Malformed("bytes follow it inside the armour"));
        }
        if !reserved.is_empty() {
            return Err(SignatureFault::Reserved);
        }
        let hash = match hash {
            b"sha256" => HashAlg::Sha256,
            b"sha512" => HashAlg::Sha512,
            _ => return Err(SignatureFault::UnknownHash),
        };
        let (inner, flags) = read_inner(signature)?;
        Ok(Self { key, namespace, hash, inner, flags })
    }

    /// For what purpose it was made.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns whether it names this key as its own. That alone proves nothing.
    #[must_use]
    pub fn is_of(&self, key: &PublicKey) -> bool {
        key.to_bytes().is_ok_and(|bytes| bytes == self.key)
    }

    /// The fingerprint of the key that it names, as ssh-keygen shows it: `SHA256:` and base64.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Base64::encode_string(&Sha256::digest(&self.key));
        format!("SHA256:{}", digest.trim_end_matches('='))
    }

    /// Whether `key` signed `message` for the purpose `namespace`.
    ///
    /// A security key must have been touched for it.
    ///
    /// # Errors
    ///
    /// [`SignatureFault::Namespace`], [`SignatureFault::OtherKey`], also where key and signature are of different sorts,
    /// [`SignatureFault::NobodyPresent`] and [`SignatureFault::Mismatch`].
    pub fn verify(&self, key: &PublicKey, namespace: &str, message: &[u8]) -> Result<(), SignatureFault> {
        if self.namespace != namespace {
            return Err(SignatureFault::Namespace { found: self.namespace.clone(), wanted: namespace.to_owned() });
        }
        if !self.is_of(key) {
            return Err(SignatureFault::OtherKey);
        }
        if !belong_together(key.key_data(), &self.inner.algorithm()) {
            return Err(SignatureFault::OtherKey);
        }
        if self.flags.is_some_and(|flags| flags & USER_PRESENT == 0) {
            return Err(SignatureFault::NobodyPresent);
        }
        let framed = SshSig::new(key.key_data().clone(), namespace, self.hash, self.inner.clone());
        let framed = framed.map_err(|_| SignatureFault::Malformed("it was made for no purpose"))?;
        key.verify(namespace, message, &framed).map_err(|_| SignatureFault::Mismatch)
    }
}

/// The signature itself, without its frame: a name, the bytes, and of security keys flags and a counter.
fn read_inner(blob: &[u8]) -> Result<(ssh_key::Signature, Option<u8>), SignatureFault> {
    use SignatureFault::{Malformed, UnknownAlgorithm};
    let mut wire = Wire::new(blob);
    let cut = Malformed("it is cut off");
    let name = wire.name().ok_or(cut.clone())?;
    let algorithm = Algorithm::new(name).map_err(|_| UnknownAlgorithm(name.to_owned()))?;
    let mut data = wire.string().ok_or(cut.clone())?.to_vec();
    let flags = match &algorithm {
        Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {
            let flags = wire.byte().ok_or(cut.clone())?;
            let counter = wire.number().ok_or(cut)?;
            data.push(flags);
            data.extend(counter.to_be_bytes());
            Some(flags)
        }
        Algorithm::Ecdsa { .. } | Algorithm::Ed25519 | Algorithm::Rsa { hash: Some(_) } => None,
        // DSA, RSA over SHA-1, and whatever a later release of the crate may know
        Algorithm::Dsa | Algorithm::Rsa { hash: None } | Algorithm::Other(_) | _ => {
            return Err(UnknownAlgorithm(name.to_owned()));
        }
    };
    if !wire.is_empty() {
        return Err(Malformed("bytes follow it inside the armour"));
    }
    let inner = ssh_key::Signature::new(algorithm, data).map_err(|_| Malformed("it is not of its key's length"))?;
    Ok((inner, flags))
}

/// Returns whether keys of this sort make signatures of that sort.
fn belong_together(key: &KeyData, algorithm: &Algorithm) -> bool {
    match key {
        KeyData::Rsa(_) => matches!(algorithm, Algorithm::Rsa { hash: Some(_) }),
        KeyData::Ecdsa(key) => matches!(algorithm, Algorithm::Ecdsa { curve } if *curve == key.curve()),
        KeyData::Ed25519(_) => *algorithm == Algorithm::Ed25519,
        KeyData::SkEd25519(_) => *algorithm == Algorithm::SkEd25519,
        KeyData::SkEcdsaSha2NistP256(_) => *algorithm == Algorithm::SkEcdsaSha2NistP256,
        // DSA, and whatever a later release of the crate may know
        KeyData::Dsa(_) | KeyData::Other(_) | _ => false,
    }
}
