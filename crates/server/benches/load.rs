//! Requests a second and how long each takes, beside the same server answering without evaluating.
//!
//! `cargo bench --package transom-server --bench load -- --seconds 10`. Each server is a process of its own,
//! asked over TLS on loopback by as many clients as `--clients` says, on connections that are kept. They are
//! measured in turns, so that whatever slows the machine slows them all; the processor time is the server's
//! alone, without that of the clients, which share the machine.

#![allow(clippy::print_stdout, reason = "a report on stdout is what a bench is for")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser as _;
use host_test::measure::{self, IIS, Table};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use transom_server::args::{Args, Command as Wanted};
use transom_server::engine::{Ask, Engine, Failure, Loaded, Prepared, Source};
use transom_server::listen::TlsCell;
use transom_server::serve;
use transom_server::settings::Settings;
use transom_server::tls::Files;

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../tests/server/support.rs"]
mod support;

use support::{Client, Folder, answer, request};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who answers; the first is what the others are compared with.
const SERVERS: [&str; 4] =
    ["without evaluating", "rules built in", "module, kept instances", "module, fresh instances"];

#[derive(clap::Parser)]
struct Options {
    /// How long each server is asked, in all
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many clients ask at once
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// What cargo passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// Answers without looking at anything.
struct Nothing(String);

impl Engine for Nothing {
    fn answer(&self, _: Ask, _: &str) -> Result<String, Failure> {
        Ok(self.0.clone())
    }

    fn answer_at_once(&self, ask: Ask, input: &str) -> Option<Result<String, Failure>> {
        Some(self.answer(ask, input))
    }
}

fn main() {
    // The servers are this program, too.
    if let Ok(server) = std::env::var("TRANSOM_BENCH_SERVER") {
        return run_server(&server, Path::new(&std::env::var("TRANSOM_BENCH_FOLDER").expect("a folder")));
    }
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(&options));
}

fn run_server(name: &str, folder: &Path) {
    let module = (name.starts_with("module")).then(|| std::fs::read(host_test::module()).expect("a module"));
    let Args { command: Wanted::Serve(args) } = Args::parse_from(["transom-server", "serve", "--http"]) else {
        unreachable!("that is what was asked for")
    };
    let limits = args.limits;
    let source =
        Source { module, keep: name.contains("kept"), timeout: limits.timeout, concurrent: limits.concurrent() };
    let prepared = Prepared::new(&source).expect("a module");
    let judging = || prepared.with(&Settings::none(), &[]).expect("an engine");
    let engine = if name == SERVERS[0] {
        // What the others answer.
        let real = judging().answer(Ask::Validate, &body()).expect("an answer");
        Loaded::custom(Box::new(Nothing(real)))
    } else {
        judging()
    };
    let files = Files { cert: folder.join("tls.crt"), key: folder.join("tls.key"), client_ca: None };
    let tls = TlsCell::new(files.load().expect("a certificate"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address").port());
        serve::with_engine(listener, engine, limits, Some(tls), std::future::pending()).await;
    });
}

fn body() -> String {
    measure::review(measure::pod("web", IIS, true, 2)).to_string()
}

/// A server, killed when dropped.
struct Process {
    child: Child,
    client: Client,
}

impl Process {
    fn start(name: &str, folder: &Folder) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.env("TRANSOM_BENCH_SERVER", name).env("TRANSOM_BENCH_FOLDER", folder.path(""));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a port");
        let client = Client::new(line.trim().parse().expect("a port"), &folder.path("ca.crt"));
        Process { child, client }
    }

    /// Processor time so far, in hundredths of a second (`proc_pid_stat(5)`), and resident memory in bytes.
    fn used(&self) -> (u64, u64) {
        let read =
            |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default();
        let stat = read("stat");
        // Behind the name, in parentheses, comes the state, field 3. Time of the user and of the system are
        // fields 14 and 15; some before them may be negative.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number of ticks")).sum();
        let pages = read("statm").split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default();
        (ticks, pages * 4096)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What was measured of one server.
#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    took: Duration,
    ticks: u64,
    memory: Vec<u64>,
}

async fn measure(options: &Options) {
    let folder = Folder::new();
    folder.certs();
    let servers: Vec<Process> = SERVERS.iter().map(|name| Process::start(name, &folder)).collect();
    let body = body();
    // Warm.
    for server in &servers {
        ask(server, options.clients, &body, Duration::from_millis(500), &mut Measured::default()).await;
    }
    let mut measured: Vec<Measured> = SERVERS.iter().map(|_| Measured::default()).collect();
    for _ in 0..options.seconds {
        for (server, measured) in servers.iter().zip(&mut measured) {
            ask(server, options.clients, &body, Duration::from_secs(1), measured).await;
        }
    }
    let rate = |of: &Measured| of.times.len() as f64 / of.took.as_secs_f64();
    let cpu = |of: &Measured| of.ticks as f64 * 10_000.0 / of.times.len() as f64;
    let first = (rate(&measured[0]), cpu(&measured[0]));
    let mut table =
        Table::new(&["", "requests/s", "ratio", "p50", "p99", "processor", "ratio", "memory, first and last"]);
    for (name, of) in SERVERS.iter().zip(&mut measured) {
        of.times.sort_unstable();
        let at = |share: f64| of.times[((of.times.len() - 1) as f64 * share) as usize];
        let mb = |bytes: Option<&u64>| format!("{} MB", bytes.copied().unwrap_or_default() >> 20);
        table.row(vec![
            (*name).to_owned(),
            format!("{:.0}", rate(of)),
            format!("{:.2}", rate(of) / first.0),
            measure::micros(at(0.5)),
            measure::micros(at(0.99)),
            format!("{:.1} us", cpu(of)),
            format!("{:.2}", first.1 / cpu(of)),
            format!("{} {}", mb(of.memory.first()), mb(of.memory.last())),
        ]);
    }
    let bytes = body.len();
    let clients = options.clients;
    table.print(&format!("An AdmissionReview of {bytes} bytes over TLS, {clients} clients, all rules on"));
}

/// Has the server asked by some clients for some time.
async fn ask(server: &Process, clients: usize, body: &str, time: Duration, measured: &mut Measured) {
    let (before, _) = server.used();
    let since = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..clients {
        let (mut connection, body) = (server.client.http1().await.expect("a connection"), body.to_owned());
        all.spawn(async move {
            let mut times = Vec::new();
            while since.elapsed() < time {
                let asked = Instant::now();
                let response = connection.send_request(request("/validate", body.clone())).await.expect("an answer");
                let (status, _) = answer(response).await.expect("an answer");
                assert_eq!(status, 200);
                times.push(asked.elapsed());
            }
            times
        });
    }
    measured.times.extend(all.join_all().await.into_iter().flatten());
    measured.took += since.elapsed();
    let (after, memory) = server.used();
    measured.ticks += after - before;
    measured.memory.push(memory);
}
