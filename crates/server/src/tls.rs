//! From PEM files to what connections are secured with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, InconsistentKeys, RootCertStore, ServerConfig};

/// The files.
#[derive(Debug, Clone)]
pub struct Files {
    /// Certificate with its chain.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
    /// CAs of clients.
    pub client_ca: Option<PathBuf>,
}

/// What connections are secured with.
#[derive(Clone)]
pub struct Tls {
    /// For rustls.
    pub config: Arc<ServerConfig>,
    /// Until when the certificate holds, in Unix time.
    pub not_after: i64,
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Client {
    /// It has shown a certificate of a CA that clients may have.
    pub is_known: bool,
}

impl Files {
    /// All of them.
    pub fn paths(&self) -> Vec<PathBuf> {
        [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()].into_iter().flatten().cloned().collect()
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// What is wrong, with the name of the file: unreadable, no PEM, a key that is not the certificate's,
    /// a certificate that has expired.
    pub fn load(&self) -> Result<Tls, String> {
        let chain = certificates(&self.cert)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| match error {
            _ if is_encrypted(&self.key) => {
                in_file(&self.key, &"the private key is encrypted: write it without a password (`openssl pkey`)")
            }
            pem::Error::NoItemsFound => in_file(&self.key, &"there is no private key in it"),
            error => in_file(&self.key, &error),
        })?;
        let (not_before, not_after) = validity(&chain[0]).map_err(|error| in_file(&self.cert, &error))?;
        holds_already(not_before).and_then(|()| still_holds(not_after)).map_err(|error| in_file(&self.cert, &error))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|error| in_file(path, &error))?;
                }
                // A kubelet's probe has no certificate: who may judge is asked for each request.
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| in_file(path, &error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| self.refused(&error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls { config: Arc::new(config), not_after })
    }

    /// Whether clients that trust the CA of a file find a server of each of these names in it, now.
    ///
    /// # Errors
    ///
    /// Why not, with the name of the file.
    pub fn check(&self, ca: &Path, names: &[String]) -> Result<(), String> {
        self.load()?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca)? {
            roots.add(certificate).map_err(|error| in_file(ca, &error))?;
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|error| in_file(ca, &error))?;
        let chain = certificates(&self.cert)?;
        for name in names {
            let host = name.strip_prefix("*.").map_or_else(|| name.clone(), |domain| format!("any.{domain}"));
            let host =
                ServerName::try_from(host).map_err(|_| format!("`{name}` is neither a DNS name nor an IP address"))?;
            let verified = verifier.verify_server_cert(&chain[0], &chain[1..], &host, &[], UnixTime::now());
            verified.map_err(|error| match error {
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ) => in_file(&self.cert, &format!("the certificate is not for {name}")),
                _ => in_file(&self.cert, &format!("{} has not signed it ({error})", ca.display())),
            })?;
        }
        Ok(())
    }

    /// What is wrong with a certificate and a key, each of which is one.
    fn refused(&self, error: &rustls::Error) -> String {
        match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                format!("{} is not the key of {}", self.key.display(), self.cert.display())
            }
            rustls::Error::InvalidCertificate(error) => in_file(&self.cert, &format!("{error:?}")),
            error => {
                let taken = "RSA of 2048 to 4096 bits, ECDSA with P-256 or P-384, and Ed25519";
                in_file(&self.key, &format!("this key cannot be used: {error}; taken are {taken}"))
            }
        }
    }
}

/// Whether a file holds a private key that takes a password.
fn is_encrypted(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")
}

/// Whether a certificate that ends then is of use now.
///
/// # Errors
///
/// Since when it is not.
pub fn still_holds(not_after: i64) -> Result<(), String> {
    if not_after >= now() {
        return Ok(());
    }
    Err(format!("the certificate has expired at {}", date(not_after)))
}

fn holds_already(not_before: i64) -> Result<(), String> {
    if not_before <= now() {
        return Ok(());
    }
    Err(format!("the certificate does not hold before {}", date(not_before)))
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).cast_signed()
}

fn date(time: i64) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| time.to_string(), |time| time.to_string())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| in_file(path, &error));
    match certificates? {
        none if none.is_empty() => Err(in_file(path, &"there is no certificate in it")),
        some => Ok(some),
    }
}

/// From when and until when a certificate holds, in Unix time.
fn validity(certificate: &CertificateDer<'_>) -> Result<(i64, i64), String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).map_err(|error| error.to_string())?;
    let validity = certificate.validity();
    Ok((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

fn in_file(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
