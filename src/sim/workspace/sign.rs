//! SDK-HMAC-SHA256, verified from what arrived (`workspace.md section 3.2`). The client signs with code of its own;
//! both are checked against the same vectors.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::sim::ids::push_hex;

/// The name of the algorithm.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// Everything is encoded but letters, digits and `-_.~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The length of a block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// A request as far as it is signed. Path and query are as on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Name in lower case, and value.
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
}

/// What the `Authorization` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) access_key: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

impl Claim {
    /// Reads the header; `None` when it is malformed.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let rest = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let (mut access, mut headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=')? {
                ("Access", value) => access = Some(value),
                ("SignedHeaders", value) => headers = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let signed_headers: Vec<String> = headers?.split(';').map(str::to_ascii_lowercase).collect();
        let claim = Self { access_key: access?.to_owned(), signed_headers, signature: signature?.to_owned() };
        claim.signed_headers.iter().any(|name| name == "x-sdk-date").then_some(claim)
    }
}

impl Signed<'_> {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The canonical request; `None` when a signed header is not there.
    pub(crate) fn canonical(&self, signed_headers: &[String]) -> Option<String> {
        let mut names: Vec<&str> = signed_headers.iter().map(String::as_str).collect();
        names.sort_unstable();
        let mut headers = String::new();
        for name in &names {
            headers.extend([name, ":", self.header(name)?, "\n"]);
        }
        Some(format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            self.method.to_ascii_uppercase(),
            canonical_path(self.path),
            canonical_query(self.query),
            names.join(";"),
            hash(self.body)
        ))
    }

    /// The signature that the secret key gives; `None` when a signed header is not there.
    pub(crate) fn signature(&self, secret_key: &str, signed_headers: &[String]) -> Option<String> {
        let canonical = self.canonical(signed_headers)?;
        let date = self.header("x-sdk-date")?;
        let text = format!("{ALGORITHM}\n{date}\n{}", hash(canonical.as_bytes()));
        Some(hex(&hmac(secret_key.as_bytes(), text.as_bytes())))
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Decoded, cut at `/`, encoded again, with a slash at the end.
fn canonical_path(path: &str) -> String {
    let decoded = decode(path);
    let mut text = decoded.split('/').map(encode).collect::<Vec<_>>().join("/");
    if !text.ends_with('/') {
        text.push('/');
    }
    text
}

/// Pairs of a query as they came, decoded. A `+` is a plus: a space is `%20`.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn canonical_query(query: &str) -> String {
    let mut pairs = pairs(query);
    pairs.sort_unstable();
    let text = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(text).collect::<Vec<_>>().join("&")
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        push_hex(&mut text, u64::from(*byte), 2);
    }
    text
}

/// HMAC over SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; BLOCK];
    let long = Sha256::digest(key);
    let key = if key.len() > BLOCK { long.as_slice() } else { key };
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let mut inner = Sha256::new();
    inner.update(padded(0x36));
    inner.update(message);
    let mut outer = Sha256::new();
    outer.update(padded(0x5c));
    outer.update(inner.finalize());
    outer.finalize().to_vec()
}

/// Compares without telling by its duration how much was right.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// The moment that `X-Sdk-Date` names, in epoch milliseconds.
pub(crate) fn date(text: &str) -> Option<i64> {
    let shape = text.len() == 16 && text.ends_with('Z');
    let moment = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok().filter(|_| shape)?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SK: &str = "ExampleSecretKey000000000000000000000001";

    struct Vector {
        method: &'static str,
        path: &'static str,
        query: &'static str,
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
        secret: &'static str,
        canonical_hash: &'static str,
        signature: &'static str,
    }

    fn vectors() -> Vec<Vector> {
        vec![
            Vector {
                method: "GET",
                path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
                query: "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
                headers: &[
                    ("content-type", "application/json"),
                    ("host", "service.region.example.com"),
                    ("x-sdk-date", "20191115T033655Z"),
                ],
                body: "",
                secret: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
                canonical_hash: "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
                signature: "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
            },
            Vector {
                method: "POST",
                path: "/v1/a4da8115c9d8464ead3a38309130523f/image-servers/25b1dd14-0c84-4558-aa57-03a6c54b8e75/actions/recreate-image",
                query: "",
                headers: &[
                    ("content-type", "application/json"),
                    ("host", "appstream.cn-north-4.myhuaweicloud.com"),
                    ("x-project-id", "a4da8115c9d8464ead3a38309130523f"),
                    ("x-sdk-date", "20240508T083000Z"),
                ],
                body: "{\"name\": \"image_name_0508\", \"description\": \"This is an image recreate desc.\"}",
                secret: SK,
                canonical_hash: "913e4fe915e06f64cf51b63c6dac56145c39fde4f7480d803049a3213c0a62de",
                signature: "d2d3c538cc6d45bbd198c68e3ad2296e0e47caf18f7b69cba5d2b5c29f6339a3",
            },
            Vector {
                method: "GET",
                path: "/v1/a4da8115c9d8464ead3a38309130523f/image-servers",
                query: "offset=0&limit=2&server_name=win%202019~%C3%A9%2F%2B",
                headers: &[
                    ("content-type", "application/json"),
                    ("host", "127.0.0.1:8080"),
                    ("user-agent", "vdi-console/0.1"),
                    ("x-project-id", "a4da8115c9d8464ead3a38309130523f"),
                    ("x-sdk-date", "20240508T083000Z"),
                ],
                body: "",
                secret: SK,
                canonical_hash: "775b8bf0c454b4fc4b1b6107db8099dabde809830c4fe5026eb364160d01ebae",
                signature: "8ca7ca7e6e12622236c5c8a47cf17277b786fbd6c67f5ea86a6cd853a9c50483",
            },
            Vector {
                method: "POST",
                path: "/v1/a4da8115c9d8464ead3a38309130523f/session/logoff",
                query: "",
                headers: &[
                    ("content-type", "application/json"),
                    ("host", "127.0.0.1:8080"),
                    ("x-sdk-date", "20240508T083000Z"),
                ],
                body: "{\"session_ids\":[\"0a0666f634a54131826bf688058d0bc6\"],\"message_type\":1,\"message\":\"注销\",\"delay_time\":30}",
                secret: SK,
                canonical_hash: "05f550f9f15271277bb04f32f8c09ae4513a6741e23dece791234870172c77b6",
                signature: "64550d8a80bfc245b5594aa5b4017b6bc33b5bcfd8c8082a1c3ac9fa0f398e0a",
            },
        ]
    }

    #[test]
    fn the_vectors_of_the_reference_come_out() {
        for vector in vectors() {
            let headers: Vec<(String, String)> = vector
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
            let request = Signed {
                method: vector.method,
                path: vector.path,
                query: vector.query,
                headers: &headers,
                body: vector.body.as_bytes(),
            };
            let canonical = request.canonical(&names).unwrap();
            assert_eq!(hash(canonical.as_bytes()), vector.canonical_hash, "{canonical}");
            assert_eq!(request.signature(vector.secret, &names).as_deref(), Some(vector.signature));
        }
    }

    #[test]
    fn claims_are_read_or_refused() {
        let good = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=Host;x-sdk-date, Signature=00ff";
        let claim = Claim::parse(good).unwrap();
        assert_eq!((claim.access_key.as_str(), claim.signature.as_str()), ("AK", "00ff"));
        assert_eq!(claim.signed_headers, ["host", "x-sdk-date"]);
        for bad in [
            "",
            "Bearer x",
            "SDK-HMAC-SHA256",
            "SDK-HMAC-SHA256 Access=AK",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=00, More=1",
            "V11-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=00",
        ] {
            assert_eq!(Claim::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_read_and_texts_compared() {
        assert_eq!(date("20240508T083000Z"), Some(1_715_157_000_000));
        for bad in ["", "2024-05-08T08:30:00Z", "20240508T083000", "20241308T083000Z"] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
        assert_eq!(
            hex(&hmac(b"key", b"The quick brown fox jumps over the lazy dog")).get(..8),
            Some("f7bc83f4")
        );
    }
}
