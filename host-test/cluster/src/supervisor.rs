//! The process that all engines are children of, so that none outlives the tests.
//!
//! It is started by the harness, takes orders on its standard input, and leaves when that ends,
//! whatever ended it: the last test, a panic, Ctrl-C (it has a process group of its own, and is not
//! meant by that), `kill -9`. Leaving, it kills every process group that it started and removes the
//! folder that they worked in.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What becomes of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signal {
    /// It is asked to end: `SIGTERM`.
    Terminate,
    /// It ends: `SIGKILL`.
    Kill,
    /// It stands still: `SIGSTOP`.
    Stop,
    /// It goes on: `SIGCONT`.
    Continue,
}

/// A line to the supervisor.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Order {
    Start { id: u64, program: PathBuf, arguments: Vec<String>, environment: Vec<(String, String)>, log: PathBuf },
    Signal { id: u64, signal: Signal },
}

/// A line from it.
#[derive(Serialize, Deserialize)]
struct Event {
    id: u64,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum State {
    Running { pid: u32 },
    Ended { how: String },
}

/// The supervisor's own life: from the first order to the end of its standard input.
///
/// # Errors
///
/// Where the folder cannot be removed.
pub fn supervise(folder: &Path) -> io::Result<()> {
    let children = Arc::new(Mutex::new(BTreeMap::<u64, Child>::new()));
    let reaped = Arc::clone(&children);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(20));
            lock(&reaped).retain(|id, child| match child.try_wait() {
                Ok(None) => true,
                Ok(Some(status)) => tell(*id, State::Ended { how: status.to_string() }),
                Err(error) => tell(*id, State::Ended { how: error.to_string() }),
            });
        }
    });

    for line in io::stdin().lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line)? {
            Order::Start { id, program, arguments, environment, log } => {
                let mut command = Command::new(&program);
                command.args(arguments).envs(environment).current_dir(folder);
                match spawn(&mut command, &log) {
                    Ok(child) => {
                        let pid = child.id();
                        lock(&children).insert(id, child);
                        tell(id, State::Running { pid });
                    }
                    Err(error) => {
                        tell(id, State::Ended { how: format!("{}: {error}", program.display()) });
                    }
                }
            }
            // Under the lock no child is reaped, so that the id is still its own.
            Order::Signal { id, signal } => {
                if let Some(child) = lock(&children).get_mut(&id) {
                    send(child, signal);
                }
            }
        }
    }

    let mut children = lock(&children);
    children.values_mut().for_each(|child| send(child, Signal::Kill));
    for child in children.values_mut() {
        child.wait()?;
    }
    fs::remove_dir_all(folder)
}

fn spawn(command: &mut Command, log: &Path) -> io::Result<Child> {
    let log = File::create(log)?;
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

#[cfg(unix)]
fn send(child: &mut Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process_group};
    let number = match signal {
        Signal::Terminate => Number::TERM,
        Signal::Kill => Number::KILL,
        Signal::Stop => Number::STOP,
        Signal::Continue => Number::CONT,
    };
    // It may have ended in this moment.
    let _ = kill_process_group(Pid::from_child(child), number);
}

#[cfg(not(unix))]
fn send(child: &mut Child, signal: Signal) {
    if matches!(signal, Signal::Terminate | Signal::Kill) {
        let _ = child.kill();
    }
}

/// Says what has become of a process, and that there is no more to be said: `false`.
fn tell(id: u64, state: State) -> bool {
    let line = serde_json::to_string(&Event { id, state }).unwrap_or_default();
    // Whoever asked may be gone.
    let _ = writeln!(io::stdout(), "{line}");
    false
}

/// The supervisor as the harness sees it. Dropping it ends all processes and waits for that.
#[derive(Debug)]
pub struct Supervisor {
    child: Child,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
    folder: PathBuf,
}

#[derive(Debug)]
struct Shared {
    orders: Mutex<Option<ChildStdin>>,
    states: Mutex<BTreeMap<u64, State>>,
    changed: Condvar,
    next: AtomicU64,
}

impl Supervisor {
    /// Starts `program supervise FOLDER` with a new folder.
    ///
    /// # Errors
    ///
    /// Where there is no room for the folder, or the program does not start.
    pub fn start(program: &Path) -> io::Result<Supervisor> {
        // From here on the supervisor removes it.
        let folder = tempfile::Builder::new().prefix("transom-cluster-").tempdir()?.keep();
        let mut command = Command::new(program);
        command.arg("supervise").arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let events = BufReader::new(child.stdout.take().expect("piped"));
        let shared = Arc::new(Shared {
            orders: Mutex::new(child.stdin.take()),
            states: Mutex::default(),
            changed: Condvar::new(),
            next: AtomicU64::new(0),
        });
        let listened = Arc::clone(&shared);
        let listener = thread::spawn(move || {
            for event in events.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                let Event { id, state } = event;
                lock(&listened.states).insert(id, state);
                listened.changed.notify_all();
            }
            // Without a supervisor nothing is running any more.
            for state in lock(&listened.states).values_mut() {
                *state = State::Ended { how: "with the supervisor".to_owned() };
            }
            listened.changed.notify_all();
        });
        Ok(Supervisor { child, shared, listener: Some(listener), folder })
    }

    /// The folder of all processes, which goes with them.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a program. What it prints is in `<folder>/<name>.log`.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub fn run(
        &self,
        name: &str,
        program: &Path,
        arguments: &[String],
        environment: &[(&str, String)],
    ) -> io::Result<Process> {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.join(format!("{name}.{id}.log"));
        let owned = |(key, value): &(&str, String)| ((*key).to_owned(), value.clone());
        self.shared.order(&Order::Start {
            id,
            program: program.to_owned(),
            arguments: arguments.to_vec(),
            environment: environment.iter().map(owned).collect(),
            log: log.clone(),
        })?;
        let process = Process { id, name: name.to_owned(), log, shared: Arc::clone(&self.shared) };
        match process.wait_for(|state| state.is_some()) {
            Some(State::Ended { how }) if process.log_text().is_empty() => {
                Err(io::Error::other(format!("{name}: {how}")))
            }
            _ => Ok(process),
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        *lock(&self.shared.orders) = None;
        let _ = self.child.wait();
        let _ = self.listener.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn order(&self, order: &Order) -> io::Result<()> {
        let line = serde_json::to_string(order)?;
        match &mut *lock(&self.orders) {
            Some(orders) => writeln!(orders, "{line}"),
            None => Err(io::Error::other("the supervisor is gone")),
        }
    }
}

/// A process. Dropping it kills it and waits for its end.
#[derive(Debug)]
pub struct Process {
    id: u64,
    name: String,
    log: PathBuf,
    shared: Arc<Shared>,
}

impl Process {
    /// What it was named when it was started.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id; `None` where it has ended.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        match lock(&self.shared.states).get(&self.id) {
            Some(State::Running { pid }) => Some(*pid),
            _ => None,
        }
    }

    /// How it ended; `None` where it has not.
    #[must_use]
    pub fn ended(&self) -> Option<String> {
        match lock(&self.shared.states).get(&self.id) {
            Some(State::Ended { how }) => Some(how.clone()),
            _ => None,
        }
    }

    /// Sends a signal to it and to all that it started.
    pub fn signal(&self, signal: Signal) {
        // Where the supervisor is gone, so is the process.
        let _ = self.shared.order(&Order::Signal { id: self.id, signal });
    }

    /// Waits until it has ended, and says how.
    #[must_use]
    pub fn wait(&self) -> String {
        match self.wait_for(|state| matches!(state, Some(State::Ended { .. }))) {
            Some(State::Ended { how }) => how,
            _ => unreachable!("waited for its end"),
        }
    }

    /// All that it has printed so far.
    #[must_use]
    pub fn log_text(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn wait_for(&self, done: impl Fn(Option<&State>) -> bool) -> Option<State> {
        let states = lock(&self.shared.states);
        let waiting = |states: &mut BTreeMap<u64, State>| !done(states.get(&self.id));
        let states = self.shared.changed.wait_while(states, waiting).unwrap_or_else(PoisonError::into_inner);
        states.get(&self.id).cloned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
        // A supervisor that is gone has taken it along.
        if lock(&self.shared.orders).is_some() {
            let _ = self.wait();
        }
    }
}

/// A panic of another thread is reported there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
