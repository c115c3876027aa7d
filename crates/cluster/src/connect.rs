//! The way to the API server.

use std::path::PathBuf;
use std::time::Duration;

use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

/// How long the API server may take for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How much later than the end of a watch the connection is given up.
const MARGIN: Duration = Duration::from_secs(5);

/// Why a cluster cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] pub(crate) Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("wrong kubeconfig{}: {}", shown(.path), causes(.error))]
    Kubeconfig { path: Option<PathBuf>, error: kube::config::KubeconfigError },
    #[error("no cluster to be found: pass --kubeconfig ({})", causes(.0))]
    None(kube::config::InferConfigError),
    #[error("no client for this cluster: {}", causes(.0))]
    Client(kube::Error),
    #[error("the API server does not answer: {}", causes(.0))]
    Silent(kube::Error),
    #[error("the cluster has no namespace `{0}`")]
    NoNamespace(String),
    #[error("nothing can be waited for: {0}")]
    Runtime(std::io::Error),
}

fn shown(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default()
}

/// Which cluster, and as whom.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The kubeconfig. Unset: kubectl's, or the cluster that this program runs in.
    pub kubeconfig: Option<PathBuf>,
    /// A context in it. Unset: the current one.
    pub context: Option<String>,
}

/// Reaches the API server. Where nothing comes for longer than `patience`, it counts as gone.
///
/// # Errors
///
/// Where there is no configuration, or it is wrong. Whether the API server is there is not tried.
pub async fn client(access: &Access, patience: Duration) -> Result<Client, Error> {
    let options = KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
    let wrong = |error| Kind::Kubeconfig { path: access.kubeconfig.clone(), error };
    let mut config = match (&access.kubeconfig, &access.context) {
        (Some(path), _) => {
            let file = Kubeconfig::read_from(path).map_err(wrong)?;
            Config::from_custom_kubeconfig(file, &options).await.map_err(wrong)?
        }
        (None, Some(_)) => Config::from_kubeconfig(&options).await.map_err(wrong)?,
        (None, None) => Config::infer().await.map_err(Kind::None)?,
    };
    // A connection whose other end is gone without a word says nothing, and neither does a quiet watch: the
    // API server ends that one before.
    config.read_timeout = Some(patience + MARGIN);
    config.reset_reader_on_write = true;
    config.connect_timeout = Some(patience.min(CONNECT));
    Ok(Client::try_from(config).map_err(Kind::Client)?)
}

/// Asks for the version of the API server, before anything else: where none answers, there is nothing to
/// read.
///
/// # Errors
///
/// Where it does not answer.
pub(crate) async fn version(client: &Client) -> Result<(u32, u32), Error> {
    let version = client.apiserver_version().await.map_err(Kind::Silent)?;
    // Providers write `30+`.
    let number = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default();
    Ok((number(&version.major), number(&version.minor)))
}

/// The API for a kind, in all namespaces.
#[must_use]
pub fn api(client: &Client, (group, version, kind): (&str, &str, &str)) -> Api<DynamicObject> {
    Api::all_with(client.clone(), &ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)))
}

/// An error with what caused it, in one line.
#[must_use]
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain: Vec<_> = std::iter::successors(Some(error), |error| error.source()).collect();
    let mut texts: Vec<String> = Vec::new();
    for error in &chain {
        let text = error.to_string();
        // Many say what caused them already.
        if !texts.iter().any(|said| said.contains(&text)) {
            texts.push(text);
        }
    }
    let mut text = texts.join(": ");
    // Of a refusal what the API server says, without the Status around it.
    for refusal in &chain {
        if let Some(kube::Error::Api(status)) = refusal.downcast_ref()
            && !status.message.is_empty()
        {
            text = text.replace(&refusal.to_string(), &status.message);
        }
    }
    text
}
