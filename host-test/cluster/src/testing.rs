//! What every test of this kind needs.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use host_test::engine::say;
use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

/// After this long nothing is waited for any more. On a busy machine, engines take their time.
const PATIENCE: Duration = Duration::from_secs(180);

/// A test and its name.
pub type Test<S> = (&'static str, fn(&S));

/// Runs tests that share something which `start` makes for the first of them. It is dropped before
/// this returns. `None`: something is missing that has been named, and the tests have nothing to show.
#[must_use]
pub fn tests<S: Send + Sync + 'static>(start: fn() -> Option<S>, tests: &[Test<S>]) -> ExitCode {
    let shared = Arc::new(OnceLock::<Option<S>>::new());
    let trial = |(name, test): &Test<S>| {
        let (shared, test) = (Arc::clone(&shared), *test);
        let name = *name;
        Trial::test(name, move || {
            if let Some(shared) = shared.get_or_init(start) {
                let begin = Instant::now();
                test(shared);
                say(&format!("{name}: {:.1} s", begin.elapsed().as_secs_f64()));
            }
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.iter().map(trial).collect()).exit_code()
}

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// Where there is none, with the last reason.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(reason) if start.elapsed() > PATIENCE => panic!("{what}: {reason}"),
            Err(_) => thread::sleep(Duration::from_millis(25)),
        }
    }
}

/// Addresses on loopback that nothing listens on. Another process may be quicker to take one.
///
/// # Panics
///
/// Where there are none.
#[must_use]
pub fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    // All are held until the last is found, so that no two are the same.
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("an address"))
}

/// The documents of a YAML text.
///
/// # Panics
///
/// Where it is none.
#[must_use]
pub fn documents(yaml: &str) -> Vec<Value> {
    let stream = transom_yaml::parse(yaml);
    assert!(stream.errors.is_empty(), "{:?}", stream.errors);
    stream.documents.iter().map(|document| document.value().clone()).filter(|value| !value.is_null()).collect()
}
