//! A request from its first byte to its answer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{timeout, timeout_at};
use tracing::{debug, info, warn};

use crate::args::Limits;
use crate::endpoint::{Answer, ENDPOINTS, Endpoint, Outcome, Policy};
use crate::engine::{Failure, Judge, Loaded, SHORT};
use crate::input::Added;
use crate::metrics::{self, Metrics};
use crate::tls::Client;

/// Requests that may wait for their turn, for each that is judged.
const WAITING: usize = 32;

/// What some editors begin a file with. It says nothing.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Bytes that memory for bodies is counted in.
const BLOCK: usize = 4 << 10;

/// What is around an object in its cluster.
pub trait Surroundings: Send + Sync {
    /// What can matter to an object or request (JSON), as elements of a JSON array.
    fn near(&self, text: &str) -> String;

    /// Whether enough is known to begin with, and a line for each thing that is watched.
    fn state(&self) -> (bool, String);

    /// Each kind that is watched, and for how long nothing new has been known of it.
    fn stale(&self) -> Vec<(&'static str, Duration)>;
}

/// What all requests share.
pub struct App {
    engine: RwLock<Arc<Loaded>>,
    policy: Policy,
    limits: Limits,
    /// Only clients with a certificate may ask.
    needs_client_certificate: bool,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Blocks of memory for the bodies of requests.
    memory: Arc<Semaphore>,
    draining: AtomicBool,
    /// Why the certificate is of no use, asked for `/readyz`.
    certificate: Option<Box<dyn Fn() -> Result<(), String> + Send + Sync>>,
    cluster: Option<Arc<dyn Surroundings>>,
    /// Namespaces in which nothing is judged, by whatever settings.
    exempt: Arc<[String]>,
    /// The playground, a page of HTML.
    page: Option<Bytes>,
    /// What is counted.
    pub metrics: Metrics,
}

impl App {
    /// An app that judges by `engine`.
    pub fn new(engine: Loaded, policy: Policy, limits: Limits, needs_client_certificate: bool) -> Self {
        let turns = limits.concurrent() as usize;
        // Room for everybody who may be judged, and for one more who waits, at the largest.
        let memory = (2 * turns * limits.max_body).max(64 << 20).div_ceil(BLOCK).min(Semaphore::MAX_PERMITS);
        let metrics = Metrics::new();
        metrics.in_force(&engine.about);
        App {
            engine: RwLock::new(Arc::new(engine)),
            policy,
            limits,
            needs_client_certificate,
            turns: Arc::new(Semaphore::new(turns)),
            waiting: AtomicUsize::new(0),
            memory: Arc::new(Semaphore::new(memory)),
            draining: AtomicBool::new(false),
            certificate: None,
            cluster: None,
            exempt: Arc::default(),
            page: None,
            metrics,
        }
    }

    /// With a look at the certificate.
    #[must_use]
    pub fn with_certificate(mut self, check: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.certificate = Some(Box::new(check));
        self
    }

    /// With a cluster to look things up in.
    #[must_use]
    pub fn with_cluster(mut self, cluster: Arc<dyn Surroundings>) -> Self {
        self.cluster = Some(cluster);
        self
    }

    /// With namespaces in which nothing is judged, also where a request brings settings of its own.
    #[must_use]
    pub fn with_exempt(mut self, namespaces: Vec<String>) -> Self {
        self.exempt = namespaces.into();
        self
    }

    /// With the playground at `/play`.
    #[must_use]
    pub fn with_page(mut self, page: Vec<u8>) -> Self {
        self.page = Some(page.into());
        self
    }

    /// What is added to what clients send; without a cluster, nothing is near an object.
    pub fn added(&self) -> Added {
        let exempt = Arc::clone(&self.exempt);
        match self.cluster.clone() {
            Some(cluster) => Added { near: Box::new(move |text| cluster.near(text)), exempt },
            None => Added { near: Box::new(|_| String::new()), exempt },
        }
    }

    /// What becomes of what cannot be judged.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// What judges now.
    pub fn engine(&self) -> Arc<Loaded> {
        Arc::clone(&self.engine.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Judges by `engine` from now on; requests under way are finished by the old one.
    pub fn replace(&self, engine: Loaded) {
        self.metrics.in_force(&engine.about);
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(engine);
    }

    /// Says to everybody that this server is about to go.
    pub fn drain(&self) {
        self.draining.store(true, SeqCst);
    }

    /// Asks the engine about something of `size` bytes, when it is this request's turn. What is short is
    /// judged on this thread: to hand it to another one and back costs more than judging it. Only what does
    /// not go well there is done anew on a thread of its own.
    ///
    /// # Errors
    ///
    /// Where its turn does not come in time, or the engine panics.
    pub async fn judge<T: Send + 'static>(
        &self,
        size: usize,
        work: impl Fn(&Judge<'_>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = self.turn().await?;
        let engine = self.engine();
        if size <= SHORT
            && let Some(judged) = engine.at_once(&work)
        {
            return Ok(judged);
        }
        let judged = tokio::task::spawn_blocking(move || {
            let judged = engine.with_time(work);
            drop(turn);
            judged
        });
        judged.await.map_err(|error| Failure::new("panic", format!("the rules panicked: {error}")))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let busy = |text: String| Failure::new("busy", text);
        let waiting = Waiting::new(&self.waiting);
        if waiting.before >= WAITING * self.limits.concurrent() as usize {
            return Err(busy(format!("{} requests wait already; try again", waiting.before)));
        }
        match timeout(self.limits.timeout, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(busy(format!("its turn did not come within {:?}; try again", self.limits.timeout))),
        }
    }

    /// Whether this server can be sent requests, and a line for each thing that was looked at.
    fn ready(&self) -> (bool, String) {
        let draining = if self.draining.load(SeqCst) { Err("the server is about to stop".into()) } else { Ok(()) };
        let certificate = self.certificate.as_ref().map_or(Ok(()), |check| check());
        let checks = [("running", draining), ("certificate", certificate)];
        let line = |(name, check): &(&str, Result<(), String>)| match check {
            Ok(()) => format!("[+]{name} ok\n"),
            Err(why) => format!("[-]{name}: {why}\n"),
        };
        let (is_ready, text) = self.cluster.as_ref().map_or((true, String::new()), |cluster| cluster.state());
        (is_ready && checks.iter().all(|(_, check)| check.is_ok()), checks.iter().map(line).collect::<String>() + &text)
    }
}

/// One who waits, while this lives.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    /// How many have waited before.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Waiting { count, before: count.fetch_add(1, SeqCst) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, SeqCst);
    }
}

/// All paths.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/play", get(play));
    for endpoint in ENDPOINTS {
        let handle = move |State(app): State<Arc<App>>, request: Request| handle(app, endpoint, request);
        router = router.route(&format!("/{}", endpoint.name()), post(handle));
    }
    let refuse = |status: StatusCode| {
        move |State(app): State<Arc<App>>, request: Request| async move {
            discard_within(app.limits.read_timeout, request.into_body()).await;
            status
        }
    };
    let router = router
        .fallback(refuse(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(refuse(StatusCode::METHOD_NOT_ALLOWED));
    router.layer(middleware::from_fn_with_state(Arc::clone(&app), say_goodbye)).with_state(app)
}

async fn readyz(State(app): State<Arc<App>>) -> Response {
    let (is_ready, text) = app.ready();
    (if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, text).into_response()
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    for (kind, time) in app.cluster.iter().flat_map(|cluster| cluster.stale()) {
        app.metrics.stale_for(kind, time);
    }
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics.text()).into_response()
}

/// The page has a policy of its own for what it may load and run: nothing but itself.
async fn play(State(app): State<Arc<App>>) -> Response {
    let Some(page) = app.page.clone() else {
        return (StatusCode::NOT_FOUND, "there is no playground here: see --playground\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, page).into_response()
}

/// A client that is told that the connection ends sends its next request elsewhere, instead of into a
/// connection that is just being closed. HTTP/2 has GOAWAY for that.
async fn say_goodbye(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let version = request.version();
    let mut response = next.run(request).await;
    if version <= Version::HTTP_11 && app.draining.load(SeqCst) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn handle(app: Arc<App>, endpoint: Endpoint, request: Request) -> Response {
    let since = Instant::now();
    app.metrics.in_flight.inc();
    let _in_flight = InFlight(&app);
    let client = request.extensions().get::<Client>().copied().unwrap_or_default();
    let answer = if app.needs_client_certificate && !client.is_known {
        discard_within(app.limits.read_timeout, request.into_body()).await;
        let failure = Failure::new("unauthorized", "the client has shown no certificate, and --client-ca asks for one");
        endpoint.refuse(app.policy, StatusCode::FORBIDDEN, failure)
    } else {
        match read(&app, request).await {
            // The memory is counted until the answer is made.
            Ok((body, _memory)) => endpoint.answer(&app, body).await,
            Err((status, failure)) => endpoint.refuse(app.policy, status, failure),
        }
    };
    let took = since.elapsed();
    app.metrics.answered(endpoint, &answer, took);
    record(endpoint, &answer, took);
    (answer.status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}

struct InFlight<'a>(&'a App);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}

fn record(endpoint: Endpoint, answer: &Answer, took: Duration) {
    let subject = &answer.subject;
    let rules = answer.rules.join(",");
    let (uid, operation, kind) = (&*subject.uid, &*subject.operation, &*subject.kind);
    let (namespace, name) = (&*subject.namespace, &*subject.name);
    let (endpoint, outcome, dry_run) = (endpoint.name(), answer.outcome.name(), subject.dry_run);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    macro_rules! line {
        ($level:ident, $($more:tt)*) => {
            $level!(endpoint, outcome, uid, operation, kind, namespace, name, dryRun = dry_run, rules, micros, $($more)*)
        };
    }
    match &answer.failure {
        Some(failure) => line!(warn, error = %failure, "not judged"),
        None if answer.outcome != Outcome::Allowed || !rules.is_empty() => line!(info, "judged"),
        None => line!(debug, "judged"),
    }
}

/// Reads a body whole, within the limits of size, time and memory.
async fn read(app: &App, request: Request) -> Result<(String, OwnedSemaphorePermit), (StatusCode, Failure)> {
    let limit = app.limits.max_body;
    let coding = request.headers().get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity");
    if let Some(coding) = coding {
        let text = format!("Content-Encoding {}: send the body as it is", String::from_utf8_lossy(coding.as_bytes()));
        discard_within(app.limits.read_timeout, request.into_body()).await;
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Failure::new("invalid", text)));
    }
    let mut body = request.into_body();
    let too_large = || {
        let text = format!("the body is longer than {limit} bytes; --max-body raises that");
        (StatusCode::PAYLOAD_TOO_LARGE, Failure::new("too-large", text))
    };
    let reading = async {
        // For what is short, a block is enough and nobody needs to count.
        let announced = body.size_hint().exact().and_then(|size| usize::try_from(size).ok());
        let mut memory = Memory::new(app)?;
        let mut bytes: Vec<u8> = Vec::new();
        if announced.is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        while let Some(frame) = body.frame().await {
            let broken = |error: axum::Error| {
                (StatusCode::BAD_REQUEST, Failure::new("invalid", format!("the body broke off: {error}")))
            };
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                return Err(too_large());
            }
            memory.hold(app, announced.unwrap_or_default().max(bytes.len() + data.len()))?;
            bytes.reserve_exact(announced.unwrap_or_default().saturating_sub(bytes.len()).max(data.len()));
            bytes.extend_from_slice(&data);
        }
        Ok((bytes, memory.0))
    };
    let slow = |_| {
        let text = format!("the body did not come within {:?}", app.limits.read_timeout);
        (StatusCode::REQUEST_TIMEOUT, Failure::new("slow-client", text))
    };
    let end = Instant::now() + app.limits.read_timeout;
    let read = timeout_at(end.into(), reading).await.map_err(slow)?;
    if read.is_err() {
        discard_within(end.saturating_duration_since(Instant::now()), body).await;
    }
    let (bytes, memory) = read?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        (StatusCode::BAD_REQUEST, Failure::new("invalid", format!("the body is no UTF-8: {error}")))
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok((text, memory))
}

/// Reads what nobody wants. A client that still sends does not listen for an answer, and with HTTP/2 may see
/// none. One that stops is told all the same.
async fn discard_within(limit: Duration, mut body: Body) {
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = timeout(limit, reading).await;
}

/// Memory for a body, given back when dropped.
struct Memory(OwnedSemaphorePermit);

impl Memory {
    fn new(app: &App) -> Result<Self, (StatusCode, Failure)> {
        Arc::clone(&app.memory).try_acquire_owned().map(Memory).map_err(|_| Self::none_left())
    }

    fn hold(&mut self, app: &App, bytes: usize) -> Result<(), (StatusCode, Failure)> {
        let more = bytes.div_ceil(BLOCK).saturating_sub(self.0.num_permits());
        let more = u32::try_from(more).map_err(|_| Self::none_left())?;
        if more > 0 {
            let more = Arc::clone(&app.memory).try_acquire_many_owned(more).map_err(|_| Self::none_left())?;
            self.0.merge(more);
        }
        Ok(())
    }

    fn none_left() -> (StatusCode, Failure) {
        let text = "there is no memory left for another body; try again";
        (StatusCode::SERVICE_UNAVAILABLE, Failure::new("busy", text))
    }
}
