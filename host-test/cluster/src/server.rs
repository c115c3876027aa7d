//! transom-server, and the manifests that lead to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use host_test::{engine, root};
use serde_json::{Value, json};

use crate::client::Client;
use crate::control_plane::Cluster;
use crate::supervisor::Process;
use crate::testing::documents;

/// transom-server, as it is in the sources. `TRANSOM_SERVER` names another to test instead.
///
/// # Panics
///
/// Where it cannot be built.
#[must_use]
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("TRANSOM_SERVER", "transom-server", "transom-server"))
}

/// transom, as it is in the sources. `TRANSOM` names another to test instead.
///
/// # Panics
///
/// Where it cannot be built.
#[must_use]
pub fn command_line() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("TRANSOM", "transom-cli", "transom"))
}

fn built(variable: &str, package: &str, name: &str) -> PathBuf {
    if let Some(program) = env::var_os(variable) {
        return program.into();
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", package]).current_dir(root());
    engine::run(&mut cargo).unwrap_or_else(|error| panic!("{error}"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A running transom-server. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub process: Process,
    /// A client of it.
    pub client: Client,
    /// Where it listens: `127.0.0.1:…`.
    pub address: String,
    /// What signs its certificate, as PEM; empty without TLS.
    pub authority: String,
    /// Its certificate, and the manifests that got the CA.
    folder: PathBuf,
}

/// The manifests that `transom-server certs` puts the CA into.
const INJECTED: [&str; 2] = ["kubernetes/webhooks.yaml", "gatekeeper/provider.yaml"];

/// Makes a certificate for loopback, as the READMEs of the policies say.
fn certify(folder: &Path) {
    let mut certs = Command::new(program());
    certs.args(["certs", "--name=127.0.0.1", "--out"]).arg(folder).arg("--inject");
    for file in INJECTED {
        let copy = folder.join(file);
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::copy(root().join("policies").join(file), &copy).unwrap_or_else(|error| panic!("{file}: {error}"));
        certs.arg(copy);
    }
    engine::run(&mut certs).unwrap_or_else(|error| panic!("{error}"));
}

impl Server {
    /// Starts `transom-server serve` with TLS, these settings and further flags. `listen` is an address
    /// with the port 0, or one that was free before. One that is started again under the same name has the
    /// same certificate.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn start(cluster: &Cluster, name: &str, listen: &str, settings: &Value, flags: &[&str]) -> Server {
        let folder = cluster.folder().join(name);
        if !folder.exists() {
            certify(&folder);
        }
        let file = |name: &str| folder.join(name).display().to_string();
        let mut all = vec![format!("--tls-cert={}", file("tls.crt")), format!("--tls-key={}", file("tls.key"))];
        all.extend(flags.iter().map(|flag| (*flag).to_owned()));
        Self::serve(cluster, name, "https", listen, settings, all)
    }

    /// The same without TLS, on any free port.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn plain(cluster: &Cluster, name: &str, settings: &Value) -> Server {
        Self::serve(cluster, name, "http", "127.0.0.1:0", settings, vec!["--http".to_owned()])
    }

    fn serve(
        cluster: &Cluster,
        name: &str,
        scheme: &str,
        listen: &str,
        settings: &Value,
        flags: Vec<String>,
    ) -> Server {
        let file = cluster.folder().join(format!("{name}.yaml"));
        fs::write(&file, settings.to_string()).expect("a file");
        let mut arguments = vec![
            "serve".to_owned(),
            format!("--listen={listen}"),
            format!("--settings={}", file.display()),
            format!("--module={}", host_test::module().display()),
        ];
        arguments.extend(flags);
        let process = cluster.spawn(name, program(), &arguments, &[]);
        let address = cluster.wait("transom-server", || {
            let log = process.log_text();
            let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let mut listening = lines.filter(|line| line["message"] == "listening");
            let address = listening.find_map(|line| line["address"].as_str().map(str::to_owned));
            assert!(address.is_some() || process.ended().is_none(), "transom-server ended\n{log}");
            address.ok_or(log)
        });
        let folder = cluster.folder().join(name);
        let authority = fs::read_to_string(folder.join("ca.crt")).unwrap_or_default();
        let client = Client::new(&format!("{scheme}://{address}"), &authority, None);
        // Alive, not ready: what it watches may be away.
        cluster.wait("transom-server", || client.get("/livez"));
        Server { process, client, address, authority, folder }
    }

    /// The text of a file below `policies/`, with the CA where `transom-server certs` put it, led to this
    /// server instead of the Service `transom/transom`.
    ///
    /// # Panics
    ///
    /// Where there is no such file.
    #[must_use]
    pub fn policy_text(&self, file: &str) -> String {
        let injected = self.folder.join(file);
        let path = if injected.exists() { injected } else { root().join("policies").join(file) };
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        text.replace("https://transom.transom.svc", self.client.server())
    }

    /// The manifests in such a file, with the address where webhooks have it.
    ///
    /// # Panics
    ///
    /// Where there is no such file.
    #[must_use]
    pub fn policies(&self, file: &str) -> Vec<Value> {
        let mut manifests = documents(&self.policy_text(file));
        for webhook in manifests.iter_mut().filter_map(|manifest| manifest["webhooks"].as_array_mut()).flatten() {
            let client = webhook["clientConfig"].as_object_mut().expect("whom to ask");
            let service = client.remove("service").expect("a Service");
            let path = service["path"].as_str().expect("a path");
            client.insert("url".to_owned(), json!(format!("{}{path}", self.client.server())));
        }
        manifests
    }
}
