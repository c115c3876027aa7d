//! Whatever ends the harness, nothing that it started goes on, and no file of it stays.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::{fs, panic};

use cluster::engines::{ETCD, KUBERNETES};
use cluster::{Client, Cluster, Signal, until};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster");

fn main() -> ExitCode {
    cluster::tests(
        // All of them begin with a control plane.
        || ETCD.programs().and(KUBERNETES.programs()).map(drop),
        &[
            ("nothing is left after a panic", after_a_panic),
            #[cfg(target_os = "linux")]
            ("nothing is left after Ctrl-C", |()| after("-INT")),
            #[cfg(unix)]
            ("nothing is left after kill -9", |()| after("-KILL")),
            ("a process that is stopped, killed and gone", one_process),
        ],
    )
}

/// What runs, and where.
struct Traces {
    processes: Vec<u32>,
    folder: PathBuf,
}

impl Traces {
    /// All is gone, in this moment.
    fn are_gone(&self) -> Result<(), String> {
        let running: Vec<_> = self.processes.iter().filter(|pid| is_running(**pid)).collect();
        if !running.is_empty() || self.folder.exists() {
            return Err(format!("{running:?} run, {} is there: {}", self.folder.display(), self.folder.exists()));
        }
        Ok(())
    }
}

fn is_running(pid: u32) -> bool {
    let mut ps = Command::new("ps");
    let state = ps.args(["-o", "stat=", "-p", &pid.to_string()]).output().expect("ps").stdout;
    // What has ended and is waited for by nobody yet is a zombie.
    !state.is_empty() && !state.starts_with(b"Z")
}

fn after_a_panic((): &()) {
    let seen = std::sync::Mutex::new(None);
    let panicked = panic::catch_unwind(|| {
        let Some(mut cluster) = Cluster::start(Path::new(PROGRAM)) else { return };
        cluster.start_scheduler();
        let processes: Vec<u32> = cluster.processes().iter().filter_map(cluster::Process::pid).collect();
        assert_eq!(processes.len(), 3);
        let traces = Traces { processes, folder: cluster.folder().to_owned() };
        assert!(traces.processes.iter().all(|pid| is_running(*pid)) && traces.folder.exists());
        *seen.lock().expect("no panic yet") = Some(traces);
        panic!("on purpose");
    });
    if let Some(traces) = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        assert!(panicked.is_err());
        traces.are_gone().expect("the harness waits for their end");
    }
}

/// `cluster up` in a process group of its own, as in a shell, and a signal to all of it.
#[cfg(unix)]
fn after(signal: &str) {
    use std::os::unix::process::CommandExt as _;
    // Where the tests run in the background, Ctrl-C is ignored, and by all that they start.
    let mut up = Command::new(if cfg!(target_os = "linux") { "env" } else { PROGRAM });
    if cfg!(target_os = "linux") {
        up.args(["--default-signal=INT", PROGRAM]);
    }
    let mut up = up.arg("up").stderr(Stdio::piped()).process_group(0).spawn().expect("it starts");
    let Some(config) = kubeconfig(&mut up) else { return };
    let config: serde_json::Value = serde_json::from_slice(&fs::read(&config).expect("a file")).expect("JSON");
    let entry = &config["clusters"][0]["cluster"];
    let authority = PathBuf::from(entry["certificate-authority"].as_str().expect("a path"));
    let folder = authority.ancestors().nth(2).expect("the folder of the cluster").to_owned();
    let traces = Traces { processes: descendants(up.id()), folder };
    // The supervisor, etcd, kube-apiserver and kube-scheduler.
    assert_eq!(traces.processes.len(), 4);
    let pem = fs::read_to_string(&authority).expect("a certificate");
    let client = Client::new(entry["server"].as_str().expect("an address"), &pem, Some("administrator"));
    client.get("/readyz").expect("the API server answers");
    let status = Command::new("kill").args([signal, "--", &format!("-{}", up.id())]).status().expect("kill");
    assert!(status.success());
    assert!(!up.wait().expect("it ends").success());
    until("all are gone", || traces.are_gone());
    client.get("/readyz").expect_err("nobody answers any more");
}

/// What `cluster up` says when all is there; `None` where it cannot be.
#[cfg(unix)]
fn kubeconfig(up: &mut Child) -> Option<PathBuf> {
    let lines = BufReader::new(up.stderr.take().expect("piped")).lines();
    for line in lines.map_while(Result::ok) {
        if let Some(path) = line.strip_prefix("export KUBECONFIG=") {
            return Some(path.into());
        }
        cluster::engine::say(&line);
        if line.starts_with("SKIPPED") {
            let _ = up.wait();
            return None;
        }
    }
    panic!("`cluster up` ended");
}

/// All processes that come from this one.
#[cfg(unix)]
fn descendants(ancestor: u32) -> Vec<u32> {
    let list = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().expect("ps").stdout;
    let list = String::from_utf8(list).expect("text");
    let pairs: Vec<(u32, u32)> = list
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().filter_map(|number| number.parse().ok());
            Some((numbers.next()?, numbers.next()?))
        })
        .collect();
    let mut found = vec![ancestor];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(pairs.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

fn one_process((): &()) {
    let Some(cluster) = Cluster::start(Path::new(PROGRAM)) else { return };
    let sleeper = || cluster.spawn("sleep", Path::new("sleep"), &["1000".to_owned()], &[]);
    let ended = sleeper();
    ended.signal(Signal::Terminate);
    assert!(ended.wait().contains("signal"), "{:?}", ended.ended());
    assert_eq!(ended.pid(), None);

    // A process that stands still can only be killed, and dropping it does.
    let stopped = sleeper();
    let pid = stopped.pid().expect("it runs");
    stopped.signal(Signal::Stop);
    drop(stopped);
    assert!(!is_running(pid));

    let missing = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        cluster.spawn("missing", Path::new("no-such-program"), &[], &[])
    }));
    assert!(missing.is_err());
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "after"}});
    assert_eq!(cluster.create(&space)["status"]["phase"], "Active");
}
