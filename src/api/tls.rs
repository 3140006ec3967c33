//! Whom to trust.

use std::{error::Error, fmt, io, str::FromStr, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use url::Url;

use super::{TlsTrust, connection::is_loopback};
use crate::domain::{Fault, FaultKind};

/// The SHA-256 of a certificate as the server sends it (DER).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(formatter, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}

/// A text that is no SHA-256 fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// A character that is neither a hexadecimal digit nor a colon.
    #[error("'{0}' is not a hexadecimal digit")]
    NotHexadecimal(char),
    /// Too short or too long.
    #[error("a SHA-256 fingerprint has 64 hexadecimal digits, this has {0}")]
    Length(usize),
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Hexadecimal in any case; colons and spaces between the digits are ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = Vec::with_capacity(64);
        for character in text.trim().chars().filter(|character| !matches!(character, ':' | ' ')) {
            digits.push(character.to_digit(16).ok_or(FingerprintError::NotHexadecimal(character))? as u8);
        }
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        if digits.len() != 64 {
            return Err(FingerprintError::Length(digits.len()));
        }
        bytes.try_into().map(Self).map_err(|bytes: Vec<u8>| FingerprintError::Length(bytes.len() * 2))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Why a certificate was refused, in plain words; found again in the chain of a transport error.
#[derive(Debug, thiserror::Error)]
#[error("the server's certificate has fingerprint {found}, the profile pins {}", list(.pinned))]
pub(super) struct PinMismatch {
    found: Fingerprint,
    pinned: Vec<Fingerprint>,
}

fn list(pins: &[Fingerprint]) -> String {
    if pins.is_empty() {
        return "none".to_owned();
    }
    pins.iter().map(Fingerprint::to_string).collect::<Vec<_>>().join(" or ")
}

/// Takes the certificates with known fingerprints and no others. Names and dates are not looked at: the pin says more.
/// The server still has to prove that it holds the key.
#[derive(Debug)]
struct PinVerifier {
    pins: Vec<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found = Fingerprint::of(end_entity);
        if self.pins.contains(&found) {
            return Ok(ServerCertVerified::assertion());
        }
        let mismatch = PinMismatch { found, pinned: self.pins.clone() };
        Err(CertificateError::Other(rustls::OtherError(Arc::new(mismatch))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The TLS side of a client that trusts what it is told to trust.
pub(super) fn client_config(trust: &TlsTrust) -> Result<ClientConfig, Fault> {
    config_with(verifier(trust)?)
}

/// The TLS side of a client whose certificates are judged by this.
pub(super) fn config_with(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, Fault> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| refused(&error.to_string()))?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// What judges certificates by whom one trusts.
pub(super) fn verifier(trust: &TlsTrust) -> Result<Arc<dyn ServerCertVerifier>, Fault> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    Ok(match trust {
        TlsTrust::System => Arc::new(
            rustls_platform_verifier::Verifier::new(provider)
                .map_err(|error| refused(&format!("the system's trust store cannot be used: {error}")))?,
        ),
        TlsTrust::CaFile(pem) => WebPkiServerVerifier::builder_with_provider(Arc::new(roots(pem)?), provider)
            .build()
            .map_err(|error| refused(&format!("the CA file cannot be used: {error}")))?,
        TlsTrust::Pinned(pins) => Arc::new(PinVerifier { pins: pins.clone(), algorithms }),
    })
}

/// Whether a CA file holds certificates that can be used; says what is wrong with it.
pub fn check_ca_file(pem: &[u8]) -> Result<(), Fault> {
    roots(pem).map(drop)
}

/// The authorities of a CA file.
fn roots(pem: &[u8]) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| refused(&format!("the CA file cannot be read: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| refused(&format!("a certificate of the CA file is unusable: {error}")))?;
    }
    if roots.is_empty() {
        return Err(refused("the CA file holds no certificate in PEM form"));
    }
    Ok(roots)
}

fn refused(message: &str) -> Fault {
    Fault::new(FaultKind::InvalidArgument, "connect", message)
}

/// Why a transport error is a matter of certificates, in plain words; `None` when it is something else.
pub(super) fn refusal(error: &reqwest::Error) -> Option<String> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(words) = error.downcast_ref::<rustls::Error>().and_then(explain) {
            return Some(words);
        }
        next = deeper(error);
    }
    None
}

/// Plain words for a refused certificate, and what to do about it.
fn explain(error: &rustls::Error) -> Option<String> {
    let why = match error {
        rustls::Error::InvalidCertificate(why) => why,
        // What came is no TLS record at all.
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            return Some("the server does not speak TLS on this port; is it http://?".into());
        }
        _ => return None,
    };
    if let CertificateError::Other(other) = why
        && let Some(mismatch) = other.0.downcast_ref::<PinMismatch>()
    {
        return Some(format!(
            "{mismatch}; if the certificate was replaced on purpose, compare the new fingerprint on the server and pin it"
        ));
    }
    let what = match why {
        // A bad signature: an authority of the same name, but not the same one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "nobody that is trusted here vouches for the server's certificate".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; is the clock right?".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is made out to another name".into()
        }
        CertificateError::Revoked => "the server's certificate has been revoked".into(),
        other => format!("the server's certificate is refused: {other}"),
    };
    Some(format!("{what}; name the CA's file in the profile, or pin the certificate's SHA-256 fingerprint"))
}

/// The fingerprint of the certificate that a server presents, whoever signed it: to be shown and compared on the
/// server's own screen before it is pinned. Nothing but the handshake is sent.
pub async fn fetch_fingerprint(server: &Url) -> Result<Fingerprint, Fault> {
    // A verifier without pins refuses every certificate and tells what it saw.
    let config = client_config(&TlsTrust::Pinned(Vec::new()))?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30));
    let client = if is_loopback(server) { client.no_proxy() } else { client };
    let client = client.build().map_err(|error| refused(&error.to_string()))?;
    let mut origin = server.clone();
    origin.set_path("/");
    match client.get(origin).send().await {
        Ok(_) => Err(refused("the server does not use TLS: there is no certificate to pin")),
        Err(error) => found_in(&error).ok_or_else(|| {
            let words = refusal(&error).unwrap_or_else(|| innermost(&error));
            Fault::new(FaultKind::Unreachable, "read the certificate", words)
        }),
    }
}

/// The fingerprint that a pin verifier saw.
fn found_in(error: &reqwest::Error) -> Option<Fingerprint> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(other))) = error.downcast_ref()
            && let Some(mismatch) = other.0.downcast_ref::<PinMismatch>()
        {
            return Some(mismatch.found);
        }
        next = deeper(error);
    }
    None
}

/// The next error of a chain. An I/O error may hide another one instead of naming it as its source.
fn deeper<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(hidden) => Some(hidden),
        None => error.source(),
    }
}

/// Whether an answer to plain HTTP was, by these words of the HTTP library, something else from its first bytes on: a
/// TLS server answers so, with an alert.
pub(super) fn is_tls_record(innermost: &str) -> bool {
    innermost.contains("invalid HTTP version")
}

/// The words of the error at the bottom: "Connection refused" rather than "error sending request".
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut last: &(dyn Error + 'static) = error;
    while let Some(next) = deeper(last) {
        last = next;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rstest::rstest;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

    use super::*;
    use crate::api::{
        Operation, Permit, RequestClass, ShutOut,
        gate::{Answered, Gate, Gates},
        http::{How, Transport},
        request::Request,
    };

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[rstest]
    #[case(HEX)]
    #[case("00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF")]
    #[case("00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff")]
    #[case(" 00112233 44556677 8899aabb ccddeeff 00112233 44556677 8899aabb ccddeeff ")]
    fn fingerprints_are_read_as_people_write_them(#[case] text: &str) {
        assert_eq!(text.parse::<Fingerprint>().unwrap().to_string(), HEX);
    }

    #[test]
    fn what_is_no_fingerprint_is_refused_with_a_reason() {
        assert_eq!("00:zz".parse::<Fingerprint>(), Err(FingerprintError::NotHexadecimal('z')));
        assert_eq!("0011".parse::<Fingerprint>(), Err(FingerprintError::Length(4)));
        assert_eq!(format!("{HEX}0").parse::<Fingerprint>(), Err(FingerprintError::Length(65)));
        let quoted = format!("\"{HEX}\"");
        let read: Fingerprint = serde_json::from_str(&quoted).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), quoted);
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let fault = client_config(&TlsTrust::CaFile(pem.into())).unwrap_err();
            assert_eq!(fault.kind, FaultKind::InvalidArgument, "{pem}");
        }
    }

    #[derive(Debug)]
    struct Open;

    impl Gate for Open {
        fn admit(
            &self,
            _: RequestClass,
            _: Operation,
        ) -> futures_util::future::BoxFuture<'_, Result<Permit, ShutOut>> {
            Box::pin(std::future::ready(Ok(Permit::unlimited())))
        }

        fn throttled(&self, _: Operation, _: Duration) {}

        fn answered(&self, _: Operation, _: Answered, _: Duration) {}
    }

    impl Gates for Open {
        fn gate(self: Arc<Self>, _: &crate::domain::Text) -> Arc<dyn Gate> {
            self
        }
    }

    /// An authority in PEM, and a server on loopback whose certificate it signed for this name.
    fn serve(name: &str) -> (Vec<u8>, Url) {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let pem = authority.self_signed(&authority_key).unwrap().pem().into_bytes();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = Url::parse(&format!("https://{}/rest", listener.local_addr().unwrap())).unwrap();
        let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)));
        let server = axum_server::from_tcp(listener).unwrap().acceptor(acceptor);
        tokio::spawn(server.serve(axum::Router::new().into_make_service()));
        (pem, base)
    }

    async fn ask(base: &Url, trust: &TlsTrust) -> Result<u16, (String, How)> {
        let transport =
            Transport::new(base.clone(), trust, Arc::new(Open), Duration::from_secs(10), None).unwrap();
        let request = Request::get(Operation::ListSessions, "/x");
        let answer = transport.send(RequestClass::Poll.into(), &request, None).await;
        answer.map(|answer| answer.status).map_err(|failure| (failure.fault.message.to_string(), failure.how))
    }

    #[tokio::test]
    async fn a_ca_file_vouches_for_what_it_signed_and_for_nothing_else() {
        let (pem, base) = serve("127.0.0.1");
        let (other_pem, _) = serve("127.0.0.1");
        assert_eq!(ask(&base, &TlsTrust::CaFile(pem)).await, Ok(404));
        let (words, how) = ask(&base, &TlsTrust::CaFile(other_pem)).await.unwrap_err();
        assert!(words.contains("vouches") && words.contains("pin"), "{words}");
        assert_eq!(how, How::Final, "no other server is asked instead");
    }

    #[tokio::test]
    async fn a_wrong_scheme_is_called_by_its_name() {
        let (pem, https) = serve("127.0.0.1");
        let mut http = https.clone();
        http.set_scheme("http").unwrap();
        let (words, how) = ask(&http, &TlsTrust::System).await.unwrap_err();
        assert!(words.ends_with("speaks TLS here; use https://"), "{words}");
        assert_eq!(how, How::Final);

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let plain = Url::parse(&format!("https://{}/rest", listener.local_addr().unwrap())).unwrap();
        let server = axum_server::from_tcp(listener).unwrap();
        tokio::spawn(server.serve(axum::Router::new().into_make_service()));
        let wanted = "the server does not speak TLS on this port; is it http://?";
        let (words, how) = ask(&plain, &TlsTrust::CaFile(pem)).await.unwrap_err();
        assert!(words.ends_with(wanted), "{words}");
        assert_eq!(how, How::Final);
        let fault = fetch_fingerprint(&plain).await.unwrap_err();
        assert!(fault.message.as_str().ends_with(wanted), "{fault}");
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_refused_unless_it_is_pinned() {
        let (pem, base) = serve("elsewhere.example");
        let (words, _) = ask(&base, &TlsTrust::CaFile(pem)).await.unwrap_err();
        assert!(words.contains("made out to another name"), "{words}");
        let pin = fetch_fingerprint(&base).await.unwrap();
        assert_eq!(ask(&base, &TlsTrust::Pinned(vec![pin])).await, Ok(404));
        let wrong: Fingerprint = HEX.parse().unwrap();
        let (words, how) = ask(&base, &TlsTrust::Pinned(vec![wrong])).await.unwrap_err();
        assert!(words.contains(&pin.to_string()) && words.contains(HEX), "{words}");
        assert_eq!(how, How::Final);
    }
}
