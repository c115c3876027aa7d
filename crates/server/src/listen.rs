//! Connections: accepting them, securing them, and seeing them out.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use crate::app::App;
use crate::tls::{Client, Tls};

/// For a client to finish its TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// For a client to send its next request. Longer than Go's clients, the API server among them, keep an
/// idle connection (90 s), so that it is never the server that closes one just when it is used again.
const IDLE: Duration = Duration::from_secs(120);

/// For a client that connected last of all to send its request.
const LAST_CONNECTIONS: Duration = Duration::from_millis(250);

/// A place for what new connections are secured with.
#[derive(Clone)]
pub struct TlsCell(Arc<RwLock<Tls>>);

impl TlsCell {
    /// With this to begin with.
    pub fn new(tls: Tls) -> Self {
        TlsCell(Arc::new(RwLock::new(tls)))
    }

    /// What is in force.
    pub fn get(&self) -> Tls {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Secures new connections with `tls`; those that are open stay as they are.
    pub fn replace(&self, tls: Tls) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tls;
    }
}

/// Accepts connections until `stop` is done, then ends them: idle ones at once, the others with their
/// answers. Returns whether all were answered within `patience`.
pub async fn run(
    listener: TcpListener,
    tls: Option<TlsCell>,
    app: Arc<App>,
    max_connections: usize,
    stop: impl Future<Output = ()>,
    patience: Duration,
) -> bool {
    let router = crate::app::router(Arc::clone(&app));
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(max_connections));
    let accept = |accepted: io::Result<(TcpStream, std::net::SocketAddr)>| {
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!(%error, "a connection was not accepted");
                app.metrics.connection_failed("accept");
                return false;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            app.metrics.connection_failed("too-many");
            return true;
        };
        let (app, router, watcher, tls) = (Arc::clone(&app), router.clone(), graceful.watcher(), tls.clone());
        tokio::spawn(async move {
            app.metrics.connections.inc();
            if let Err(reason) = connection(stream, tls, router, watcher).await {
                app.metrics.connection_failed(reason);
            }
            app.metrics.connections.dec();
            drop(place);
        });
        true
    };
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            biased;
            accepted = listener.accept() => {
                // Without a free descriptor there is no sense in trying again at once.
                if !accept(accepted) {
                    sleep(Duration::from_millis(50)).await;
                }
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    // Who has just connected gets to send a request.
    sleep(LAST_CONNECTIONS).await;
    let ended = async {
        tokio::select! {
            () = graceful.shutdown() => {}
            () = idle(&app) => {}
        }
    };
    timeout(patience, ended).await.is_ok()
}

/// Until nothing has been asked for a while: a handshake or the head of a request that does not come to its
/// end holds nobody up.
async fn idle(app: &App) {
    let mut quiet = 0;
    while quiet < 2 {
        sleep(LAST_CONNECTIONS).await;
        quiet = if app.metrics.in_flight.get() == 0 { quiet + 1 } else { 0 };
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsCell>,
    router: Router,
    watcher: Watcher,
) -> Result<(), &'static str> {
    // Answers are small and wait for nothing.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return serve(stream, false, Client::default(), router, watcher).await };
    let handshake = timeout(HANDSHAKE, TlsAcceptor::from(tls.get().config).accept(stream)).await;
    let stream = match handshake {
        Err(_) => return Err("handshake-timeout"),
        Ok(Err(error)) => {
            debug!(%error, "no TLS handshake");
            return Err("handshake");
        }
        Ok(Ok(stream)) => stream,
    };
    let session = stream.get_ref().1;
    let is_known = session.peer_certificates().is_some_and(|certificates| !certificates.is_empty());
    let is_http2 = session.alpn_protocol() == Some(b"h2");
    serve(stream, is_http2, Client { is_known }, router, watcher).await
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    is_http2: bool,
    client: Client,
    router: Router,
    watcher: Watcher,
) -> Result<(), &'static str> {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        router.call(request)
    });
    let stream = TokioIo::new(stream);
    let served = if is_http2 {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(30))
            .serve_connection(stream, service);
        watcher.watch(connection).await
    } else {
        // Who has sent all there is to send may say so, and still gets the answer.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .half_close(true)
            .serve_connection(stream, service);
        watcher.watch(connection).await
    };
    served.map_err(|error| {
        debug!(%error, "a connection broke");
        "broken"
    })
}
