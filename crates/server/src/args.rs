//! What can be asked for.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use transom::object_name::is_dns_label;

use crate::address::Address;
use crate::memory;

const EXIT_CODES: &str = "\
Exit codes:
  0  done: all connections were answered and closed
  1  stopped by an error, or with requests that were not answered in time
  2  wrong usage, settings, certificates or module; nothing was served";

#[cfg(feature = "kube")]
const AUDIT_EXIT_CODES: &str = "\
Exit codes:
  0  nothing would be refused
  1  something would
  2  wrong usage, settings or kubeconfig, or no such namespace; nothing was judged
  3  some objects could not be listed or judged; the rest was";

/// transom at the door of a cluster: webhooks, Gatekeeper's External Data, Kyverno's HTTP calls.
#[derive(Debug, Parser)]
#[command(name = "transom-server", version, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer requests until SIGTERM
    Serve(Box<Serve>),
    /// Make a CA and a certificate for trying it out
    Certs(Certs),
    /// Judge the workloads that a cluster has already
    #[cfg(feature = "kube")]
    Audit(Audit),
}

/// How requests are answered.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXIT_CODES, args_override_self = true)]
pub struct Serve {
    /// Where to listen: an address with a port, or `:PORT` for all addresses, of IPv6 and IPv4; port 0 takes a free
    /// one and logs it
    #[arg(long, value_name = "ADDR", default_value = ":8443")]
    pub listen: Address,
    /// Where requests come from
    #[command(flatten)]
    pub transport: Transport,
    /// Who judges
    #[command(flatten)]
    pub judging: Judging,
    /// How much is taken on
    #[command(flatten)]
    pub limits: Limits,
    /// What is looked up
    #[cfg(feature = "kube")]
    #[command(flatten)]
    pub cluster: Cluster,
    /// Allow what cannot be judged (no module, no time, no memory), with a warning
    #[arg(long, conflicts_with = "fail_closed")]
    pub fail_open: bool,
    /// Refuse what cannot be judged; the default
    #[arg(long)]
    pub fail_closed: bool,
    /// Allow everything and change nothing; say in warnings, logs and metrics what would be refused
    #[arg(long)]
    pub dry_run: bool,
    /// The playground, served at /play. Default: playground.html beside this program, where it is
    #[arg(long, value_name = "FILE.html")]
    pub playground: Option<PathBuf>,
    /// How often files are looked at for changes
    #[arg(long, value_name = "DURATION", value_parser = some_time, default_value = "1s")]
    pub reload_every: Duration,
    /// How long requests are still taken after SIGTERM, until the cluster sends no more
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    pub drain_delay: Duration,
    /// How long requests under way may then still take
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "20s")]
    pub drain_timeout: Duration,
    /// What is logged; debug has a line for every request
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
}

/// TLS, or none.
#[derive(Debug, Clone, clap::Args)]
#[command(group(clap::ArgGroup::new("how").args(["tls_cert", "http"]).required(true)))]
pub struct Transport {
    /// The certificate with its chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Judge only for clients with a certificate of one of these CAs, PEM; probes and metrics need none
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,
    /// No TLS; only on a loopback address
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key", "client_ca"])]
    pub http: bool,
}

/// Who judges, by which settings.
#[derive(Debug, Clone, clap::Args)]
pub struct Judging {
    /// Settings, YAML or JSON. Default: those that the module was made with
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Judge in this WebAssembly module. Default: transom.wasm beside this program, or else the rules
    /// built in
    #[arg(long, value_name = "FILE.wasm")]
    pub module: Option<PathBuf>,
    /// Judge by the rules built in, whatever lies beside this program
    #[arg(long, conflicts_with = "module")]
    pub native: bool,
    /// Keep instances of the module from one request to the next instead of making each a fresh one
    #[arg(long, conflicts_with = "native")]
    pub keep_instances: bool,
    /// A namespace in which nothing is judged, beside those that the settings exempt, also where a request
    /// brings settings of its own (may be repeated)
    #[arg(long = "exempt-namespace", value_name = "NS", value_parser = namespace)]
    pub exempt_namespaces: Vec<String>,
}

/// Limits.
#[derive(Debug, Clone, clap::Args)]
pub struct Limits {
    /// The longest body that is read. A request for an object of 3 MiB that is changed has two of them
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20, value_parser = body_size)]
    pub max_body: usize,
    /// How long a request may wait for its turn, and then be judged
    #[arg(long, value_name = "DURATION", value_parser = some_time, default_value = "2s")]
    pub timeout: Duration,
    /// How long a client may take for its body
    #[arg(long, value_name = "DURATION", value_parser = some_time, default_value = "10s")]
    pub read_timeout: Duration,
    /// How many requests are judged at once. Default: two for each processor, and no more than fit into the
    /// memory that the container may take
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub max_concurrent: Option<u32>,
    /// How many connections are held at once
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = at_least_one)]
    pub max_connections: usize,
}

/// What is looked up in the cluster.
#[cfg(feature = "kube")]
#[derive(Debug, Clone, clap::Args)]
pub struct Cluster {
    /// Watch Nodes, Namespaces and RuntimeClasses, and judge with what is known of them
    #[arg(long)]
    pub cluster: bool,
    /// The cluster of this kubeconfig. Default: the one that this program runs in, or kubectl's
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// How long the API server may say nothing before what is known of the cluster counts as stale
    #[arg(long, value_name = "DURATION", value_parser = some_time, default_value = "60s")]
    pub stale_after: Duration,
}

/// What is audited.
#[cfg(feature = "kube")]
#[derive(Debug, clap::Args)]
#[command(after_help = AUDIT_EXIT_CODES)]
pub struct Audit {
    /// The cluster of this kubeconfig. Default: kubectl's, or the one that this program runs in
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Who judges
    #[command(flatten)]
    pub judging: Judging,
    /// Only this namespace
    #[arg(long, short, value_name = "NS", value_parser = namespace)]
    pub namespace: Option<String>,
    /// Output format: a table, a Decision a line, or a report for each object
    #[arg(long, value_enum, default_value_t = AuditFormat::Text)]
    pub format: AuditFormat,
    /// Show info findings, too
    #[arg(long)]
    pub info: bool,
    /// How many objects are fetched at once
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub page_size: u32,
}

/// How an audit is written.
#[cfg(feature = "kube")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// A line for each finding
    Text,
    /// A Decision a line
    Json,
    /// Report of openreports.io/v1alpha1, a line each; kubectl apply takes them
    Openreports,
    /// PolicyReport of wgpolicyk8s.io/v1alpha2, likewise
    Policyreport,
}

/// What certificates to make.
#[derive(Debug, clap::Args)]
pub struct Certs {
    /// The folder for ca.crt, tls.crt and tls.key
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A DNS name or IP address of the server (may be repeated)
    #[arg(long = "name", value_name = "DNS-or-IP", default_values = ["localhost", "127.0.0.1", "::1"])]
    pub names: Vec<String>,
    /// For how many days they hold
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
    /// Make new ones, whatever is there. What trusts the old CA has to be given the new one
    #[arg(long)]
    pub force: bool,
    /// Manifests (YAML) whose caBundle fields get the CA (may be repeated)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub inject: Vec<PathBuf>,
}

/// What is logged: this and worse.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogLevel {
    /// Every request
    Debug,
    /// What was refused or warned of, and what changes
    Info,
    /// What does not work, but does not keep anything from working
    Warn,
    /// What does not work
    Error,
}

impl Limits {
    /// How many requests are judged at once.
    pub fn concurrent(&self) -> u32 {
        let usual = || {
            let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            let usual = u32::try_from(2 * processors).unwrap_or(64).min(64);
            memory::limit().map_or(usual, |limit| usual.min(memory::room(limit, self.max_body)))
        };
        self.max_concurrent.unwrap_or_else(usual)
    }
}

/// The size of a body in bytes, that can be had several times over.
fn body_size(text: &str) -> Result<usize, String> {
    at_least_one(text).and_then(|size| if size > 1 << 30 { Err("it has to be 1 GiB at most".into()) } else { Ok(size) })
}

/// A number that leaves room for something.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it has to be 1 at least".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// The name of a namespace.
fn namespace(text: &str) -> Result<String, &'static str> {
    if is_dns_label(text) { Ok(text.to_owned()) } else { Err("no namespace can be called so") }
}

/// A duration that something can be done in.
fn some_time(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| if time.is_zero() { Err("no time is too little".into()) } else { Ok(time) })
}

/// A number with a unit, `ms`, `s` or `m`; without one, seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        _ => return Err("the unit is none of ms, s, m".into()),
    };
    let number: f64 = number.parse().map_err(|_| "write it as 500ms, 2s or 1m")?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        for wrong in ["", "s", "1h", "-1s", "1.2.3s", "99999999999999999999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_would_serve_nobody_is_refused() {
        let serve = |option: &str| Args::try_parse_from(format!("transom-server serve --http {option}").split(' '));
        for option in [
            "--max-connections 0",
            "--max-body 0",
            "--max-body 1073741825",
            "--timeout 0s",
            "--read-timeout 0s",
            "--reload-every 0",
            "--exempt-namespace Shop",
            "--exempt-namespace a/b",
            "--exempt-namespace -a",
        ] {
            assert!(serve(option).is_err(), "{option}");
        }
        assert!(serve("--max-connections 1 --exempt-namespace kube-system --drain-delay 0s").is_ok());
    }

    #[test]
    fn arguments_are_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
        let parse = |line: &str| Args::try_parse_from(line.split(' '));
        assert!(parse("transom-server serve --http").is_ok());
        assert!(parse("transom-server serve").is_err(), "no certificate");
        assert!(parse("transom-server serve --tls-cert a").is_err(), "no key");
        assert!(parse("transom-server serve --http --tls-cert a --tls-key b").is_err());
        assert!(parse("transom-server serve --http --fail-open --fail-closed").is_err());
        assert!(parse("transom-server serve --http --native --module m").is_err());
    }
}
