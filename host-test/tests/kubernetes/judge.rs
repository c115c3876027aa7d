//! The program in `host-test/engines/kube`: Kubernetes' own validation and node matching.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs, io};

use serde::Deserialize;
use serde_json::Value;

/// What Kubernetes says about one request.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) decode: String,
    #[serde(default)]
    pub(crate) strict: Vec<String>,
    errors: Option<Vec<FieldError>>,
    #[serde(default)]
    pub(crate) labels: Vec<bool>,
    #[serde(default)]
    pub(crate) matches: Vec<bool>,
    /// Why the RuntimeClass plug-in refuses the pod.
    #[serde(default, rename = "runtimeClass")]
    pub(crate) runtime_class: String,
    /// What the namespace's Pod Security Standard does not admit.
    #[serde(default, rename = "podSecurity")]
    pub(crate) pod_security: Vec<Violation>,
}

/// A check of the Pod Security Standards that a pod does not pass.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Violation {
    pub(crate) reason: String,
}

/// One refusal, in the API server's words.
#[derive(Debug, Clone, Deserialize)]
struct FieldError {
    #[serde(rename = "type")]
    kind: String,
    field: String,
    message: String,
    detail: String,
}

impl Answer {
    pub(crate) fn rejected(&self) -> bool {
        !self.refusals().is_empty()
    }

    /// Whether the pod does not pass this check of the Pod Security Standards.
    pub(crate) fn violates(&self, check: &str) -> bool {
        self.pod_security.iter().any(|violation| violation.reason == check)
    }

    /// Whether the admission plug-ins let the pod in, where the request says what they look at.
    pub(crate) fn is_admitted(&self) -> bool {
        self.runtime_class.is_empty() && self.pod_security.is_empty()
    }

    /// Why not.
    pub(crate) fn not_admitted(&self) -> BTreeSet<String> {
        let class = Some(self.runtime_class.clone()).filter(|why| !why.is_empty());
        self.pod_security.iter().map(|violation| violation.reason.clone()).chain(class).collect()
    }

    /// Every refusal as one line.
    pub(crate) fn refusals(&self) -> Vec<String> {
        if !self.decode.is_empty() {
            return vec![format!("decode: {}", self.decode)];
        }
        self.errors().iter().map(|e| format!("{}: {}", e.field, e.message)).collect()
    }

    /// The refusals without indexes, values and the way to the pod, so that one cause is one reason.
    pub(crate) fn reasons(&self) -> BTreeSet<String> {
        if !self.decode.is_empty() {
            return BTreeSet::from(["decode".to_owned()]);
        }
        let reason = |e: &FieldError| {
            let field = e.field.rsplit("template.").next().unwrap_or_default().replace("initContainers", "containers");
            let field: String = field.chars().filter(|c| !c.is_ascii_digit()).collect();
            format!("{field} {}: {}", e.kind, e.detail)
        };
        self.errors().iter().map(reason).collect()
    }

    fn errors(&self) -> &[FieldError] {
        self.errors.as_deref().unwrap_or_default()
    }
}

/// A running judge.
pub(crate) struct Judge {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    /// Starts the program with `--feature-gates=gates`.
    pub(crate) fn start(program: &Path, gates: &str) -> Judge {
        let mut child = Command::new(program)
            .arg(format!("--feature-gates={gates}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the judge starts");
        let requests = child.stdin.take();
        let answers = BufReader::with_capacity(1 << 20, child.stdout.take().expect("stdout is piped"));
        Judge { child, requests, answers }
    }

    /// Gives away the sending half, for feeding in bulk from another thread.
    pub(crate) fn take_requests(&mut self) -> Requests {
        Requests(self.requests.take().expect("the sending half is taken once"))
    }

    /// The next answer, in the order of the requests.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the judge answers");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("the judge answered {line:?}: {e}"))
    }

    /// One question, one answer.
    pub(crate) fn ask(&mut self, request: &Value) -> Answer {
        let mut requests = Requests(self.requests.take().expect("the sending half is still here"));
        requests.send(request);
        self.requests = Some(requests.0);
        self.answer()
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // Closing its input ends the program, unless it waits for a reader that has given up.
        self.requests = None;
        if std::thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The sending half of a [`Judge`]. Dropping it ends the program.
pub(crate) struct Requests(ChildStdin);

impl Requests {
    pub(crate) fn send(&mut self, request: &Value) {
        let mut line = request.to_string();
        line.push('\n');
        self.0.write_all(line.as_bytes()).expect("the judge reads");
    }
}

/// The program's path, built first where it is missing or old.
///
/// `None` where there is no Go: then the caller has nothing to compare with. Under `CI` that is a
/// failure, everywhere else it is said loudly.
pub(crate) fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(build).as_deref()
}

fn build() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("host-test is in the workspace");
    let source = root.join("host-test/engines/kube");
    let folder = root.join("build/engines");
    let program = folder.join(format!("{}{}", file_stem(&source), env::consts::EXE_SUFFIX));
    if program.exists() {
        return Some(program);
    }

    say(&format!("building {} (about 75 s with empty Go caches)", program.display()));
    fs::create_dir_all(&folder).expect("build/ is writable");
    let unfinished = folder.join(format!("kube.{}{}", std::process::id(), env::consts::EXE_SUFFIX));
    let status = Command::new("go")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&unfinished)
        .arg(".")
        .current_dir(&source)
        .env("CGO_ENABLED", "0")
        .status();
    match status {
        Ok(status) if status.success() => {
            fs::rename(&unfinished, &program).expect("build/ is writable");
            Some(program)
        }
        Ok(status) => panic!("`go build` in {} failed: {status}", source.display()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let missing = "Go is not installed, so nothing was compared with Kubernetes: \
                           install the Go that host-test/engines/kube/go.mod names";
            assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
            say(&format!("SKIPPED: {missing}"));
            None
        }
        Err(e) => panic!("`go` cannot be started: {e}"),
    }
}

/// `kube-<Kubernetes version>-<hash of the sources>`.
fn file_stem(source: &Path) -> String {
    let read = |name: &Path| fs::read(name).unwrap_or_else(|e| panic!("{}: {e}", name.display()));
    let go_mod = String::from_utf8(read(&source.join("go.mod"))).expect("go.mod is text");
    let version = go_mod
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"))
        .expect("go.mod requires k8s.io/kubernetes");

    let mut files: Vec<PathBuf> = fs::read_dir(source)
        .expect("host-test/engines/kube exists")
        .map(|entry| entry.expect("host-test/engines/kube is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "go" || e == "mod" || e == "sum"))
        .collect();
    files.sort();
    // FNV-1a: the name has to change with the sources, nothing more. Line ends do not count, as
    // Git may rewrite them.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in files.iter().flat_map(|file| read(file)).filter(|byte| *byte != b'\r') {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("kube-{version}-{hash:016x}")
}

/// Writes past the test harness, which keeps the output of passing tests to itself.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "kubernetes: {text}");
}
