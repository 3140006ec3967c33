//! The signature SDK-HMAC-SHA256 as a pure function (`workspace.md section 3.2`).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::api::request::encode;

/// The name of the algorithm.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// A request that is to be signed, exactly as it will be sent.
pub(in crate::api) struct ToSign<'a> {
    /// In upper case.
    pub(in crate::api) method: &'a str,
    /// The path as it stands in the request line.
    pub(in crate::api) path: &'a str,
    /// The query without its question mark, as it stands in the request line.
    pub(in crate::api) query: &'a str,
    /// The headers to be signed, with lower-case names; `x-sdk-date` comes by itself.
    pub(in crate::api) headers: &'a [(&'a str, &'a str)],
    /// The very bytes of the body.
    pub(in crate::api) body: &'a [u8],
    /// When it is signed.
    pub(in crate::api) at: Timestamp,
}

/// A moment as `X-Sdk-Date` has it.
pub(in crate::api) fn date(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl ToSign<'_> {
    /// The names and values that are signed, in their order.
    fn signed(&self) -> Vec<(String, String)> {
        let own = [("x-sdk-date", date(self.at))];
        let given = self.headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let mut headers: Vec<(String, String)> = given
            .chain(own)
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        headers.sort();
        headers
    }

    fn signed_names(&self) -> String {
        let names: Vec<String> = self.signed().into_iter().map(|(name, _)| name).collect();
        names.join(";")
    }

    /// What is hashed.
    fn canonical(&self) -> String {
        let mut headers = String::new();
        for (name, value) in self.signed() {
            // Writing to a String cannot fail.
            writeln!(headers, "{name}:{value}").ok();
        }
        [
            self.method,
            &canonical_path(self.path),
            &canonical_query(self.query),
            &headers,
            &self.signed_names(),
            &hex(&Sha256::digest(self.body)),
        ]
        .join("\n")
    }

    /// What the secret key signs.
    fn string_to_sign(&self) -> String {
        let hash = hex(&Sha256::digest(self.canonical()));
        format!("{ALGORITHM}\n{}\n{hash}", date(self.at))
    }

    fn signature(&self, secret_key: &SecretString) -> String {
        // HMAC takes keys of any length: there is no error to come.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret_key.expose_secret().as_bytes()) else {
            return String::new();
        };
        mac.update(self.string_to_sign().as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// The value of the header `Authorization`.
    pub(in crate::api) fn authorization(&self, access_key: &str, secret_key: &SecretString) -> String {
        let (names, signature) = (self.signed_names(), self.signature(secret_key));
        format!("{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}")
    }
}

/// Every segment encoded, and a slash at the end, which the request line need not have.
fn canonical_path(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(|segment| encode(&decode(segment))).collect();
    let mut path = segments.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// The pairs in the order of their names, then of their values, each with its `=`.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn decode(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AK: &str = "EXAMPLEAKID000000001";
    const PROJECT: &str = "a4da8115c9d8464ead3a38309130523f";

    fn sk() -> SecretString {
        "ExampleSecretKey000000000000000000000001".into()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hash(to_sign: &ToSign<'_>) -> String {
        hex(&Sha256::digest(to_sign.canonical()))
    }

    #[test]
    fn vector_0_of_the_signing_guide() {
        let to_sign = ToSign {
            method: "GET",
            path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
            query: "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
            headers: &[("content-type", "application/json"), ("host", "service.region.example.com")],
            body: b"",
            at: at("2019-11-15T03:36:55Z"),
        };
        assert_eq!(hash(&to_sign), "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a");
        assert_eq!(to_sign.signed_names(), "content-type;host;x-sdk-date");
        let sk: SecretString = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc".into();
        assert_eq!(
            to_sign.signature(&sk),
            "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
        );
    }

    #[test]
    fn vector_a_the_request_of_the_seed() {
        let body = br#"{"name": "image_name_0508", "description": "This is an image recreate desc."}"#;
        assert_eq!(body.len(), 77);
        let path = "/v1/a4da8115c9d8464ead3a38309130523f/image-servers/25b1dd14-0c84-4558-aa57-03a6c54b8e75/actions/recreate-image";
        let to_sign = ToSign {
            method: "POST",
            path,
            query: "",
            headers: &[
                ("x-project-id", PROJECT),
                ("host", "appstream.cn-north-4.myhuaweicloud.com"),
                ("content-type", "application/json"),
            ],
            body,
            at: at("2024-05-08T08:30:00Z"),
        };
        let canonical = format!(
            "POST\n{path}/\n\ncontent-type:application/json\nhost:appstream.cn-north-4.myhuaweicloud.com\n\
             x-project-id:{PROJECT}\nx-sdk-date:20240508T083000Z\n\ncontent-type;host;x-project-id;x-sdk-date\n\
             d0b5701350b055b6c40ae73e56b1a04757be13e27c5dad1a1911256885088781"
        );
        assert_eq!(to_sign.canonical(), canonical);
        assert_eq!(
            to_sign.string_to_sign(),
            "SDK-HMAC-SHA256\n20240508T083000Z\n913e4fe915e06f64cf51b63c6dac56145c39fde4f7480d803049a3213c0a62de"
        );
        assert_eq!(
            to_sign.authorization(AK, &sk()),
            "SDK-HMAC-SHA256 Access=EXAMPLEAKID000000001, \
             SignedHeaders=content-type;host;x-project-id;x-sdk-date, \
             Signature=d2d3c538cc6d45bbd198c68e3ad2296e0e47caf18f7b69cba5d2b5c29f6339a3"
        );
    }

    #[test]
    fn vector_b_an_awkward_query_a_port_and_no_body() {
        let path = format!("/v1/{PROJECT}/image-servers");
        let query = format!("offset=0&limit=2&server_name={}", encode("win 2019~é/+"));
        let to_sign = ToSign {
            method: "GET",
            path: &path,
            query: &query,
            headers: &[
                ("content-type", "application/json"),
                ("host", "127.0.0.1:8080"),
                ("user-agent", "vdi-console/0.1"),
                ("x-project-id", PROJECT),
            ],
            body: b"",
            at: at("2024-05-08T08:30:00Z"),
        };
        let canonical = format!(
            "GET\n/v1/{PROJECT}/image-servers/\nlimit=2&offset=0&server_name=win%202019~%C3%A9%2F%2B\n\
             content-type:application/json\nhost:127.0.0.1:8080\nuser-agent:vdi-console/0.1\n\
             x-project-id:{PROJECT}\nx-sdk-date:20240508T083000Z\n\n\
             content-type;host;user-agent;x-project-id;x-sdk-date\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(to_sign.canonical(), canonical);
        assert_eq!(hash(&to_sign), "775b8bf0c454b4fc4b1b6107db8099dabde809830c4fe5026eb364160d01ebae");
        assert_eq!(
            to_sign.signature(&sk()),
            "8ca7ca7e6e12622236c5c8a47cf17277b786fbd6c67f5ea86a6cd853a9c50483"
        );
    }

    #[test]
    fn vector_c_raw_utf_8_and_the_least_set_of_headers() {
        let body = r#"{"session_ids":["0a0666f634a54131826bf688058d0bc6"],"message_type":1,"message":"注销","delay_time":30}"#;
        assert_eq!(body.len(), 104);
        let path = format!("/v1/{PROJECT}/session/logoff");
        let to_sign = ToSign {
            method: "POST",
            path: &path,
            query: "",
            headers: &[("host", "127.0.0.1:8080"), ("content-type", "application/json")],
            body: body.as_bytes(),
            at: at("2024-05-08T08:30:00Z"),
        };
        assert_eq!(
            hex(&Sha256::digest(body)),
            "496224be562b8a3ed3160c4710067cd605f50218f305766b9a496576f95703bf"
        );
        assert_eq!(hash(&to_sign), "05f550f9f15271277bb04f32f8c09ae4513a6741e23dece791234870172c77b6");
        assert_eq!(to_sign.signed_names(), "content-type;host;x-sdk-date");
        assert_eq!(
            to_sign.signature(&sk()),
            "64550d8a80bfc245b5594aa5b4017b6bc33b5bcfd8c8082a1c3ac9fa0f398e0a"
        );
    }

    #[test]
    fn pairs_are_sorted_by_name_and_value_before_they_are_encoded() {
        assert_eq!(canonical_query("b=2&a=z&a=%C3%A9&a=+&c"), "a=%2B&a=z&a=%C3%A9&b=2&c=");
        assert_eq!(canonical_query(""), "");
        assert_eq!(canonical_path("/v1/a%2Fb c"), "/v1/a%2Fb%20c/");
        assert_eq!(canonical_path("/"), "/");
    }
}
