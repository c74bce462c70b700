//! Every published signature of OpenSSH, and every verdict of OpenSSH on variations of them: the same here, or stricter where
//! a list below says so.

use base64ct::{Base64, Encoding};
use freezegate::policy::roster::Roster;
use freezegate::proof::signature::{Signature, SignatureFault};
use freezegate::time::instant::Instant;
use jiff::civil::DateTime;
use serde_json::Value;
use ssh_key::PublicKey;

/// What OpenSSH takes, and a roster of exact principals does not.
const STRICTER: [(&str, &str); 2] =
    [("sshsig-13", "`*@example.com` is a pattern or a list"), ("sshsig-15", "is a pattern or a list")];

fn cases() -> Value {
    serde_json::from_str(include_str!("../data/sshsig.json")).unwrap()
}

fn text<'v>(case: &'v Value, key: &str) -> &'v str {
    case[key].as_str().unwrap()
}

/// Whether `principal`, by the roster, signed the message for the namespace, at the instant.
fn verdict(case: &Value) -> Result<(), String> {
    let at = case["verify_time"].as_str().map_or(1_767_225_600, |time| {
        let civil = DateTime::strptime("%Y%m%d%H%M%SZ", time).unwrap();
        jiff::tz::Offset::UTC.to_timestamp(civil).unwrap().as_second()
    });
    let roster =
        Roster::read("roster", text(case, "allowed_signers").as_bytes()).map_err(|faults| faults[0].cause.clone())?;
    let signature = Signature::read(text(case, "signature")).map_err(|fault| fault.to_string())?;
    let signer = roster.signers().iter().find(|signer| signature.is_of(&signer.key)).ok_or("not in the roster")?;
    if signer.principal != text(case, "identity") {
        return Err("another person".to_owned());
    }
    let namespace = text(case, "namespace");
    signer.permits(namespace, Instant::from_second(at)).map_err(|fault| fault.to_string())?;
    let message = Base64::decode_vec(text(case, "data_base64")).unwrap();
    signature.verify(&signer.key, namespace, &message).map_err(|fault| fault.to_string())
}

#[test]
fn every_verdict_is_that_of_openssh_or_stricter_where_listed() {
    let cases = cases();
    let verdicts = cases["verdicts"].as_array().unwrap();
    assert_eq!(verdicts.len(), 27);
    let mut accepted = 0;
    for case in verdicts {
        let id = text(case, "id");
        let said = verdict(case);
        match STRICTER.iter().find(|(stricter, _)| *stricter == id) {
            Some((_, cause)) => assert!(said.as_ref().unwrap_err().contains(cause), "{id}: {said:?}"),
            None => {
                assert_eq!(
                    said.is_ok(),
                    case["recommended_accept"].as_bool().unwrap(),
                    "{id} {}: {said:?}",
                    case["name"]
                );
            }
        }
        accepted += u32::from(said.is_ok());
    }
    assert_eq!(
        accepted, 4,
        "the good one, the two instants within its key's life, and the one where another key is revoked"
    );
}

#[test]
fn refusals_say_what_is_wrong() {
    let cases = cases();
    let wrong = [
        ("sshsig-03", "the text was changed after it was signed"),
        ("sshsig-05", "made for `unittest`, not for `git`"),
        ("sshsig-07", "made for `unittest`, not for `unit`"),
        ("sshsig-09", "another person"),
        ("sshsig-11", "it names no person"),
        ("sshsig-17", "does not let the key sign for `unittest`"),
        ("sshsig-19", "`namespace=\"unittest\"` is not an option"),
        ("sshsig-21", "the key becomes valid in 1 s"),
        ("sshsig-27", "the key expired 334 d ago"),
        ("sshsig-29", "`valid-after` is `20260101`, not a time in UTC"),
        ("sshsig-31", "`cert-authority` would let others be added unseen"),
        ("sshsig-35", "version 2"),
        ("sshsig-37", "the text was changed after it was signed"),
        ("sshsig-39", "reserved field"),
        ("sshsig-41", "neither sha256 nor sha512"),
        ("sshsig-43", "made by another key"),
        ("sshsig-45", "cut off"),
        ("sshsig-47", "header line"),
        ("sshsig-49", "header line"),
        ("sshsig-51", "not base64"),
        ("sshsig-53", "does not begin with `SSHSIG`"),
    ];
    for (id, cause) in wrong {
        let case = cases["verdicts"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        let said = verdict(case).unwrap_err();
        assert!(said.contains(cause), "{id}: {said}");
    }
}

#[test]
fn every_published_signature_of_a_known_sort_is_verified() {
    let cases = cases();
    let vectors = cases["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let id = text(vector, "id");
        let message = text(vector, "data_utf8").as_bytes();
        let namespace = text(vector, "namespace");
        let read = Signature::read(text(vector, "signature"));
        match id {
            // made in a browser, over a text of the browser's: `ssh-keygen -Y sign` makes none
            "openssh-ecdsa_sk_webauthn" => assert_eq!(
                read.unwrap_err(),
                SignatureFault::UnknownAlgorithm("webauthn-sk-ecdsa-sha2-nistp256@openssh.com".to_owned())
            ),
            // younger than OpenSSH 9.2, which does not know it either
            "openssh-mldsa44-ed25519" => assert_eq!(
                read.unwrap_err(),
                SignatureFault::UnknownAlgorithm("ssh-mldsa44-ed25519@openssh.com".to_owned())
            ),
            _ => {
                let signature = read.unwrap();
                let key = PublicKey::from_openssh(text(vector, "public_key")).unwrap();
                assert_eq!(signature.verify(&key, namespace, message), Ok(()), "{id}");
                let changed = [message, b"."].concat();
                assert_eq!(signature.verify(&key, namespace, &changed), Err(SignatureFault::Mismatch), "{id}");
                let line = format!("a@example.com {}\n", text(vector, "public_key"));
                assert!(Roster::read("roster", line.as_bytes()).is_ok(), "{id}");
            }
        }
    }
}

/// The signature of the first verdict, taken apart by hand.
fn plain() -> (PublicKey, Vec<u8>, Vec<u8>) {
    let cases = cases();
    let case = &cases["verdicts"][0];
    let body: String = text(case, "signature").lines().filter(|line| !line.starts_with('-')).collect();
    let key = text(case, "allowed_signers").split_once(' ').unwrap().1;
    (
        PublicKey::from_openssh(key.trim()).unwrap(),
        Base64::decode_vec(&body).unwrap(),
        Base64::decode_vec(text(case, "data_base64")).unwrap(),
    )
}

fn armoured(blob: &[u8]) -> String {
    let text = Base64::encode_string(blob);
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

/// The five forms of one signature that OpenSSH 9.2 takes besides the one that it writes.
#[test]
fn the_five_altered_forms_that_openssh_takes_are_refused() {
    let (key, blob, message) = plain();
    let verify = |text: &str| Signature::read(text).and_then(|one| one.verify(&key, "unittest", &message));
    let good = armoured(&blob);
    assert_eq!(verify(&good), Ok(()));

    let mut version = blob.clone();
    version[9] = 0;
    assert_eq!(verify(&armoured(&version)), Err(SignatureFault::Version(0)));

    // magic, version, key, namespace, then the reserved field, here of one byte
    let reserved = 6 + 4 + (4 + 51) + (4 + 8);
    let mut filled = blob.clone();
    assert_eq!(filled[reserved..reserved + 4], [0, 0, 0, 0]);
    filled.splice(reserved..reserved + 4, [0, 0, 0, 1, b'x']);
    assert_eq!(verify(&armoured(&filled)), Err(SignatureFault::Reserved));

    let footer = Err(SignatureFault::Malformed("it does not end with the footer line"));
    assert_eq!(verify(&format!("{good}text\n")), footer);
    assert!(matches!(verify(&format!("{good}{good}")), Err(SignatureFault::Malformed(_))));

    // S + L, L being the order of the group (RFC 8032, section 5.1.7, wants S < L)
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut added = blob.clone();
    let start = added.len() - 32;
    let mut carry = 0;
    for (byte, order) in added[start..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(verify(&armoured(&added)), Err(SignatureFault::Mismatch));
}

/// Every bit of the frame counts: no byte of a signature can be turned without its being refused.
#[test]
fn no_bit_of_a_signature_can_be_turned() {
    let (key, blob, message) = plain();
    for index in 0..blob.len() {
        for bit in 0..8 {
            let mut turned = blob.clone();
            turned[index] ^= 1 << bit;
            let said = Signature::read(&armoured(&turned)).and_then(|one| one.verify(&key, "unittest", &message));
            assert!(said.is_err(), "byte {index}, bit {bit}");
        }
    }
}

#[test]
fn a_security_key_must_have_been_touched() {
    let cases = cases();
    for id in ["openssh-ed25519_sk", "openssh-ecdsa_sk"] {
        let vector = cases["vectors"].as_array().unwrap().iter().find(|vector| vector["id"] == id).unwrap();
        let body: String = text(vector, "signature").lines().filter(|line| !line.starts_with('-')).collect();
        let mut blob = Base64::decode_vec(&body).unwrap();
        let flags = blob.len() - 5;
        assert_eq!(blob[flags], 1, "{id}: flags, then a counter of four bytes");
        blob[flags] = 0;
        let key = PublicKey::from_openssh(text(vector, "public_key")).unwrap();
        let said =
            Signature::read(&armoured(&blob)).unwrap().verify(&key, "unittest", text(vector, "data_utf8").as_bytes());
        assert_eq!(said, Err(SignatureFault::NobodyPresent), "{id}");
    }
}
