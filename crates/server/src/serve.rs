//! `serve`: from the command line to a server that answers, and back down.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use tokio::net::TcpListener;
use tokio::time::{interval, sleep};
use tracing::{error, info, warn};

use crate::app::App;
#[cfg(feature = "kube")]
use crate::args::Cluster;
use crate::args::{Judging, Serve, Transport};
#[cfg(feature = "kube")]
use crate::cluster;
use crate::endpoint::Policy;
use crate::engine::{self, Loaded, Prepared, Source};
use crate::listen::{self, TlsCell};
use crate::log;
use crate::reload::{Prints, Reloader, read_settings};
use crate::settings::Settings;
use crate::tls::{self, Files};

/// Serves until it is told to stop.
pub fn run(args: &Serve) -> ExitCode {
    let _log = log::start(args.log_level);
    // Each connection takes a descriptor, and the usual limit is far below what the system allows.
    if let Err(error) = rlimit::increase_nofile_limit(rlimit::INFINITY) {
        warn!(%error, "the limit of open files was not raised");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            error!(%error, "no threads to serve with");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(serve(args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            error!("stopped, though some requests were not answered in time");
            ExitCode::from(1)
        }
        Err(error) => {
            error!(error = format!("{error:#}"), "nothing was served");
            ExitCode::from(2)
        }
    }
}

async fn serve(args: &Serve) -> anyhow::Result<bool> {
    let files = files(&args.transport);
    if files.is_none() && !args.listen.is_loopback() {
        bail!("--http is for loopback alone: give --listen 127.0.0.1:PORT, or a certificate");
    }
    let read = files.iter().flat_map(Files::paths).chain(module_of(&args.judging)).chain(args.judging.settings.clone());
    let prints = Prints::of(read);
    let tls = files.map(|files| Ok((files.load()?, files))).transpose();
    let tls = tls.map_err(|error: String| anyhow!(error))?;
    let (prepared, source, module) = prepare(&args.judging, args.limits.timeout, args.limits.concurrent())?;
    let settings = args.judging.settings.as_deref().map_or_else(|| Ok(Settings::none()), read_settings);
    let settings = settings.map_err(|error| anyhow!(error)).context("wrong settings")?;
    let exempt = args.judging.exempt_namespaces.clone();
    let loaded = prepared.with(&settings, &exempt)?;
    let listener = args.listen.bind().await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    let about = loaded.about.clone();

    let policy = Policy { fail_open: args.fail_open, dry_run: args.dry_run };
    let app = App::new(loaded, policy, args.limits.clone(), args.transport.client_ca.is_some());
    let app = app.with_exempt(exempt.clone());
    let app = match page(args.playground.as_deref())? {
        Some(page) => app.with_page(page),
        None => app,
    };
    #[cfg(feature = "kube")]
    let app = if args.cluster.cluster || args.cluster.kubeconfig.is_some() {
        let Cluster { kubeconfig, stale_after, .. } = &args.cluster;
        let access = transom_cluster::Access { kubeconfig: kubeconfig.clone(), context: None };
        let client = transom_cluster::client(&access, *stale_after).await?;
        app.with_cluster(cluster::Cluster::watch(&client, *stale_after))
    } else {
        app
    };
    let tls = tls.map(|(tls, files)| (TlsCell::new(tls), files));
    let app = Arc::new(match &tls {
        None => app,
        Some((cell, _)) => {
            app.metrics.certificate_holds_until(cell.get().not_after);
            let cell = cell.clone();
            app.with_certificate(move || tls::still_holds(cell.get().not_after))
        }
    });
    let reloader = Reloader::new(
        Arc::clone(&app),
        &prints,
        tls.clone(),
        (prepared, source, module),
        (settings, args.judging.settings.clone(), exempt),
    );
    tokio::spawn(reload(reloader, args.reload_every));
    info!(
        address = %address, tls = tls.is_some(), engine = about.engine, version = about.version, module = about.module,
        settings = about.settings, failOpen = policy.fail_open, dryRun = policy.dry_run,
        maxConcurrent = args.limits.concurrent(), "listening"
    );
    let cell = tls.map(|(cell, _)| cell);
    let (mut first, mut again) = (Signals::new()?, Signals::new()?);
    let draining = Arc::clone(&app);
    let stop = async move {
        let delay = if first.next().await == Signal::Terminate { args.drain_delay } else { Duration::ZERO };
        draining.drain();
        info!(delay = format!("{delay:?}"), "stopping");
        sleep(delay).await;
    };
    let asked_again = async {
        again.next().await;
        // What signals a process and then its group asks once.
        sleep(Duration::from_secs(1)).await;
        match Signals::new() {
            Ok(mut signals) => drop(signals.next().await),
            Err(_) => std::future::pending().await,
        }
    };
    let all = tokio::select! {
        all = listen::run(listener, cell, app, args.limits.max_connections, stop, args.drain_timeout) => all,
        () = asked_again => {
            warn!("asked to stop a second time: nobody is waited for");
            false
        }
    };
    if all {
        info!("stopped");
    }
    Ok(all)
}

/// Serves with an engine of another make, without TLS, until `stop` is done.
pub async fn with_engine(
    listener: TcpListener,
    engine: Loaded,
    limits: crate::args::Limits,
    tls: Option<TlsCell>,
    stop: impl Future<Output = ()>,
) {
    let max_connections = limits.max_connections;
    let app = Arc::new(App::new(engine, Policy::default(), limits, false));
    listen::run(listener, tls, app, max_connections, stop, Duration::from_secs(10)).await;
}

/// The playground, where one is named or lies beside this program.
fn page(file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("playground.html")).filter(|file| file.is_file());
    let Some(file) = file.map(Path::to_owned).or_else(beside) else { return Ok(None) };
    let page = std::fs::read(&file).with_context(|| format!("cannot read the playground {}", file.display()))?;
    Ok(Some(page))
}

fn files(transport: &Transport) -> Option<Files> {
    let (cert, key) = transport.tls_cert.clone().zip(transport.tls_key.clone())?;
    Some(Files { cert, key, client_ca: transport.client_ca.clone() })
}

/// Where the module is: where it was said, or beside this program.
fn module_of(judging: &Judging) -> Option<PathBuf> {
    judging.module.clone().or_else(|| if judging.native { None } else { engine::beside_program() })
}

/// The module, and where it is.
pub(crate) fn prepare(
    judging: &Judging,
    timeout: Duration,
    concurrent: u32,
) -> anyhow::Result<(Prepared, Source, Option<PathBuf>)> {
    let path = module_of(judging);
    if judging.keep_instances && path.is_none() {
        bail!("--keep-instances: the rules built in have no instances; name a --module");
    }
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read the module {}", path.display()));
    let source =
        Source { module: path.as_ref().map(read).transpose()?, keep: judging.keep_instances, timeout, concurrent };
    let prepared = Prepared::new(&source).map_err(|error| match &path {
        Some(path) => anyhow!("{}: {error}", path.display()),
        None => anyhow!(error),
    })?;
    Ok((prepared, source, path))
}

/// Looks at the files from time to time, and at once on SIGHUP.
async fn reload(mut reloader: Reloader, every: Duration) {
    let mut ticks = interval(every.max(Duration::from_millis(10)));
    #[cfg(unix)]
    let mut hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
    loop {
        #[cfg(unix)]
        let at_once = match &mut hang_up {
            Some(hang_up) => tokio::select! { _ = ticks.tick() => false, _ = hang_up.recv() => true },
            None => {
                ticks.tick().await;
                false
            }
        };
        #[cfg(not(unix))]
        let at_once = {
            ticks.tick().await;
            false
        };
        let looked = tokio::task::spawn_blocking(move || {
            reloader.look(at_once);
            reloader
        });
        match looked.await {
            Ok(back) => reloader = back,
            Err(error) => {
                error!(%error, "files are no longer looked at for changes");
                return;
            }
        }
    }
}

/// What asks the server to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    /// SIGTERM: the cluster needs time to send requests elsewhere.
    Terminate,
    /// Ctrl-C: who presses it does not wait.
    Interrupt,
}

/// All that ask, from when this is made.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = tokio::signal::ctrl_c() => Signal::Interrupt,
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}
