//! A certificate authority of the test's own, for every server that it starts.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// What signs the certificates of one test.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, as PEM.
    pub pem: String,
}

/// Where a server's certificate is.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The folder, with `ca.crt`, `tls.crt` and `tls.key`.
    pub folder: PathBuf,
}

impl Certificate {
    /// The path of one of the files.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }
}

impl Authority {
    /// Makes one, with a key of its own.
    ///
    /// # Panics
    ///
    /// What should never happen panics.
    #[must_use]
    pub fn new(name: &str) -> Authority {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        let pem = parameters.self_signed(&key).expect("a certificate").pem();
        Authority { issuer: Issuer::new(parameters, key), pem }
    }

    /// A certificate for servers on loopback, in a folder that is made for it.
    ///
    /// # Panics
    ///
    /// Where the folder cannot be written.
    #[must_use]
    pub fn certificate(&self, folder: &Path) -> Certificate {
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut parameters = CertificateParams::new(names).expect("names");
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        let key = KeyPair::generate().expect("a key");
        let signed = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        fs::create_dir_all(folder).expect("a folder");
        for (file, text) in [("ca.crt", self.pem.clone()), ("tls.crt", signed.pem()), ("tls.key", key.serialize_pem())]
        {
            fs::write(folder.join(file), text).expect("a file");
        }
        Certificate { folder: folder.to_owned() }
    }
}

/// A key pair for signing tokens: the private and the public half, as PEM.
///
/// # Panics
///
/// What should never happen panics.
#[must_use]
pub fn key_pair() -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    (key.serialize_pem(), key.public_key_pem())
}
