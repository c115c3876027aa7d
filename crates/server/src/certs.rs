//! `certs`: a CA and a certificate, and the CA in the manifests that want it. What is there is kept: the CA's
//! key is gone, so a new certificate takes a new CA, and what trusts the old one trusts no server any more.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::ServerName;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use transom_yaml::Operation;

use crate::args::Certs;
use crate::tls::Files;

/// A certificate with its key and its CA, all PEM.
#[derive(Debug, Clone)]
pub struct Made {
    /// The CA's certificate. Its key is gone.
    pub ca: String,
    /// The certificate.
    pub cert: String,
    /// Its key.
    pub key: String,
}

/// Makes them, and says so on stdout.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what a command of a moment says")]
pub fn run(args: &Certs) -> ExitCode {
    match write(args) {
        Ok(lines) => {
            println!("{}", lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn write(args: &Certs) -> anyhow::Result<Vec<String>> {
    let [ca, key, cert] = ["ca.crt", "tls.key", "tls.crt"].map(|name| args.out.join(name));
    let is_kept = !args.force && [&ca, &key, &cert].into_iter().any(|path| path.exists());
    if is_kept {
        let files = Files { cert: cert.clone(), key: key.clone(), client_ca: None };
        let advice =
            "--force makes a new CA, which what trusts the old one has to be given; --out names another folder";
        let of_use = files.check(&ca, &args.names);
        of_use.map_err(|error| anyhow!("{} is in use already: {error}. {advice}", args.out.display()))?;
    }
    let now = OffsetDateTime::now_utc();
    let made = if is_kept {
        let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        Made { ca: read(&ca)?, cert: read(&cert)?, key: read(&key)? }
    } else {
        // A clock that is a little behind is no reason to refuse it.
        make(&args.names, now - Duration::hours(1), now + Duration::days(args.days.into()))?
    };
    // All manifests first: what cannot be read there leaves everything as it was.
    let injected = args.inject.iter().map(|path| inject(path, &made.ca)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut lines = Vec::new();
    if is_kept {
        lines.push(format!("{}: kept, valid for these names", args.out.display()));
    } else {
        fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
        for (path, pem, is_secret) in [(&ca, &made.ca, false), (&key, &made.key, true), (&cert, &made.cert, false)] {
            put(path, pem, is_secret).with_context(|| format!("cannot write {}", path.display()))?;
            lines.push(path.display().to_string());
        }
    }
    for (path, (text, places)) in args.inject.iter().zip(injected) {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        lines.push(format!("{}: caBundle in {places} places", path.display()));
    }
    Ok(lines)
}

/// A certificate for these DNS names and IP addresses.
///
/// # Errors
///
/// A name that is neither.
pub fn make(names: &[String], not_before: OffsetDateTime, not_after: OffsetDateTime) -> anyhow::Result<Made> {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "transom-server CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (ca.not_before, ca.not_after) = (not_before, not_after);
    let ca_key = KeyPair::generate()?;
    let ca_cert = ca.self_signed(&ca_key)?;
    let issuer = Issuer::new(ca, ca_key);

    for name in names {
        ServerName::try_from(name.strip_prefix("*.").unwrap_or(name))
            .map_err(|_| anyhow!("`{name}` is neither a DNS name nor an IP address"))?;
    }
    let mut server = CertificateParams::new(names).map_err(|error| anyhow!("these are no names: {error}"))?;
    server.distinguished_name.push(DnType::CommonName, "transom-server");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // A client of a server that asks for one may show it, too.
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    server.use_authority_key_identifier_extension = true;
    (server.not_before, server.not_after) = (not_before, not_after);
    let key = KeyPair::generate()?;
    let cert = server.signed_by(&key, &issuer)?;
    Ok(Made { ca: ca_cert.pem(), cert: cert.pem(), key: key.serialize_pem() })
}

/// A file, or one that nobody else can read.
fn put(path: &Path, text: &str, is_secret: bool) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_secret {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = is_secret;
    // A server that runs sees the old file or the new one.
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    options.open(&new)?.write_all(text.as_bytes())?;
    fs::rename(new, path)
}

/// The text of a manifest with the CA where it is wanted, and in how many places.
fn inject(path: &Path, ca: &str) -> anyhow::Result<(String, usize)> {
    let label = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {label}"))?;
    let stream = transom_yaml::parse(&text);
    if let Some(error) = stream.errors.first() {
        return Err(anyhow!("{label}:{}:{}: {}", error.line, error.column, error.message));
    }
    let (mut edits, mut places) = (Vec::new(), 0);
    for document in &stream.documents {
        let patch: Vec<Operation> = bundles(document.value(), ca).collect();
        places += patch.len();
        edits.extend(document.edits(&text, &patch).with_context(|| format!("cannot edit {label}"))?);
    }
    if places == 0 {
        return Err(anyhow!("{label}: nothing in it takes a caBundle"));
    }
    Ok((transom_yaml::apply(&text, &edits), places))
}

/// Where an object wants the CA, or one of a list: webhooks and Gatekeeper's Provider in base64, Kyverno's
/// calls as it is.
fn bundles(object: &Value, ca: &str) -> impl Iterator<Item = Operation> {
    let mut found: Vec<(String, String)> = Vec::new();
    collect(object, "", ca, &mut found);
    found.into_iter().map(|(path, ca)| Operation::Add { path, value: ca.into() })
}

fn collect(object: &Value, path: &str, ca: &str, found: &mut Vec<(String, String)>) {
    let encoded = || BASE64.encode(ca);
    match object["kind"].as_str().unwrap_or_default() {
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            let webhooks = object["webhooks"].as_array().map_or(0, Vec::len);
            let place = |index| (format!("{path}/webhooks/{index}/clientConfig/caBundle"), encoded());
            found.extend((0..webhooks).map(place));
        }
        "Provider" => found.push((format!("{path}/spec/caBundle"), encoded())),
        kind if kind.ends_with("List") && object["items"].is_array() => {
            for (index, item) in object["items"].as_array().into_iter().flatten().enumerate() {
                collect(item, &format!("{path}/items/{index}"), ca, found);
            }
        }
        _ => services(object, path, ca, found),
    }
}

/// The services that policies of Kyverno call by HTTPS.
fn services(value: &Value, path: &str, ca: &str, found: &mut Vec<(String, String)>) {
    let is_service = path.ends_with("/apiCall/service");
    if is_service && value["url"].as_str().is_some_and(|url| url.starts_with("https:")) {
        found.push((format!("{path}/caBundle"), ca.to_owned()));
    }
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                services(value, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), ca, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                services(value, &format!("{path}/{index}"), ca, found);
            }
        }
        _ => {}
    }
}
