//! A look at a server before anybody logs in: whose certificate it presents, whether that is trusted, and its clock.
//!
//! Nothing secret travels. A server that is not trusted gets nothing but the handshake.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::header::DATE;
use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use url::Url;
use x509_parser::{certificate::X509Certificate, prelude::FromDer, time::ASN1Time, x509::X509Name};

use super::{Fingerprint, TlsTrust, connection, tls};
use crate::domain::{Fault, FaultKind, Text};

/// Longest name of a certificate that is shown, in characters.
const LONGEST_NAME: usize = 200;

/// What a certificate says of itself. Nobody has to have vouched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its SHA-256.
    pub fingerprint: Fingerprint,
    /// To whom it is made out; empty when it could not be read.
    pub subject: Text,
    /// Who signed it.
    pub issuer: Text,
    /// From when on it is valid.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

impl Certificate {
    /// Reads a certificate in DER. What cannot be read stays empty: the fingerprint is there always.
    fn of(der: &[u8]) -> Self {
        let fingerprint = Fingerprint::of(der);
        match X509Certificate::from_der(der) {
            Ok((_, read)) => Self {
                fingerprint,
                subject: name(read.subject()),
                issuer: name(read.issuer()),
                from: moment(read.validity().not_before),
                until: moment(read.validity().not_after),
            },
            Err(_) => Self {
                fingerprint,
                subject: Text::default(),
                issuer: Text::default(),
                from: None,
                until: None,
            },
        }
    }

    /// Whether it signed itself, as far as its names tell.
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

/// A name in the words of the certificate, which are those of a stranger.
fn name(name: &X509Name<'_>) -> Text {
    let words: String = name.to_string().chars().take(LONGEST_NAME).collect();
    Text::clean(&words)
}

fn moment(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

/// What was seen of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstContact {
    /// Its certificate; `None` for plain HTTP on this machine.
    pub certificate: Option<Certificate>,
    /// Why it is not trusted, in plain words; `None` when it is.
    pub distrust: Option<Text>,
    /// How far its clock is ahead of this machine's; `None` when it was not asked or did not say.
    pub clock_offset: Option<SignedDuration>,
}

/// Looks at a server within a time limit.
///
/// # Errors
///
/// `Unreachable` when it does not answer, or not as a server does.
pub async fn first_contact(server: &Url, trust: &TlsTrust, limit: Duration) -> Result<FirstContact, Fault> {
    let mut origin = connection::checked(server)?;
    origin.set_path("/");
    let is_plain = origin.scheme() == "http";
    let nobody = TlsTrust::Pinned(Vec::new());
    // Plain HTTP to this machine needs no trust store. Where the store cannot be used, the certificate is still seen.
    let judged = tls::verifier(if is_plain { &nobody } else { trust });
    let (inner, unusable) = match judged {
        Ok(verifier) => (verifier, None),
        Err(fault) => (tls::verifier(&nobody)?, Some(fault.message)),
    };
    let seen = Arc::new(Mutex::new(None));
    let config = tls::config_with(Arc::new(Onlooker { inner, seen: Arc::clone(&seen) }))?;
    let failed = |words: String| Fault::new(FaultKind::Unreachable, "look at the server", words);
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("foretop/", env!("CARGO_PKG_VERSION")))
        .timeout(limit);
    let builder = if connection::is_loopback(&origin) { builder.no_proxy() } else { builder };
    let client = builder.build().map_err(|error| failed(error.to_string()))?;
    let answer = client.get(origin).send().await;
    let certificate: Option<Certificate> = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    match answer {
        Ok(answer) => {
            let date = answer.headers().get(DATE).and_then(|value| value.to_str().ok());
            let theirs = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
            let clock_offset = theirs.map(|theirs| theirs.duration_since(Timestamp::now()));
            Ok(FirstContact { certificate, distrust: None, clock_offset })
        }
        Err(error) => match (certificate, tls::refusal(&error)) {
            (Some(certificate), Some(words)) => {
                let distrust = Some(unusable.unwrap_or_else(|| Text::clean(&words)));
                Ok(FirstContact { certificate: Some(certificate), distrust, clock_offset: None })
            }
            (_, Some(words)) => Err(failed(words)),
            _ if error.is_timeout() => Err(failed(format!("no answer within {} s", limit.as_secs()))),
            _ => {
                let words = tls::innermost(&error);
                let wrong_scheme = is_plain && tls::is_tls_record(&words);
                Err(failed(if wrong_scheme {
                    "the server speaks TLS here; use https://".to_owned()
                } else {
                    words
                }))
            }
        },
    }
}

/// Remembers the certificate that is judged; the judgement is another's.
struct Onlooker {
    inner: Arc<dyn ServerCertVerifier>,
    seen: Arc<Mutex<Option<Certificate>>>,
}

impl fmt::Debug for Onlooker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Onlooker").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Certificate::of(end_entity));
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_tells_its_names_and_dates_and_cannot_drive_the_terminal() {
        let mut params = CertificateParams::new(vec!["cs1.example.com".to_owned()]).unwrap();
        let mut who = DistinguishedName::new();
        who.push(DnType::CommonName, "cs1\u{1b}[2J");
        params.distinguished_name = who;
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2027, 1, 2);
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = Certificate::of(der.der());
        assert!(read.subject.as_str().starts_with("CN=cs1") && !read.subject.as_str().contains('\u{1b}'));
        assert!(read.is_self_signed());
        assert_eq!(read.from.unwrap().to_string(), "2026-01-02T00:00:00Z");
        assert_eq!(read.until.unwrap().to_string(), "2027-01-02T00:00:00Z");
        assert_eq!(read.fingerprint, Fingerprint::of(der.der()));
    }

    #[test]
    fn what_is_no_certificate_still_has_a_fingerprint() {
        let read = Certificate::of(b"not a certificate");
        assert_eq!((read.subject.as_str(), read.until), ("", None));
        assert_eq!(read.fingerprint, Fingerprint::of(b"not a certificate"));
    }
}
