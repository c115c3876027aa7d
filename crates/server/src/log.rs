//! Logs: a JSON object a line, on stderr.
//!
//! A thread of its own writes them, so that nobody who judges waits for whoever reads them: where that
//! one does not keep up, or the disk is full, lines are lost and counted.

use std::fmt;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::args::LogLevel;

/// Lines that may wait.
const WAITING: usize = 4_096;

static LOST: AtomicU64 = AtomicU64::new(0);

/// Writes what is left when dropped.
#[derive(Debug)]
pub struct Guard {
    /// Ends the thread.
    stop: SyncSender<Option<String>>,
    thread: Option<JoinHandle<()>>,
}

/// Lines that were not written.
pub fn lost_lines() -> u64 {
    LOST.load(Relaxed)
}

/// Begins to log. Only the first call in a process counts.
pub fn start(level: LogLevel) -> Guard {
    let (lines, receiver) = sync_channel(WAITING);
    let thread = thread::Builder::new().name("transom-log".into()).spawn(move || write(&receiver)).ok();
    let layer = Lines { level: level.into(), lines: lines.clone() };
    // A second subscriber is an embedder's business.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
    Guard { stop: lines, thread }
}

fn write(lines: &Receiver<Option<String>>) {
    while let Ok(Some(line)) = lines.recv() {
        if std::io::stderr().write_all(line.as_bytes()).is_err() {
            LOST.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take()
            && self.stop.send(None).is_ok()
        {
            // The thread has no way to panic, and there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

struct Lines {
    level: Level,
    lines: SyncSender<Option<String>>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        let is_ours = metadata.target().starts_with("transom");
        *metadata.level() <= if is_ours { self.level } else { self.level.min(Level::WARN) }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        fields.0.insert("level".into(), event.metadata().level().as_str().to_ascii_lowercase().into());
        fields.0.insert("timestamp".into(), Timestamp::now().to_string().into());
        event.record(&mut fields);
        let target = event.metadata().target();
        if !target.starts_with("transom") {
            fields.0.insert("target".into(), target.into());
        }
        let line = format!("{}\n", Value::Object(fields.0));
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.lines.try_send(Some(line)) {
            LOST.fetch_add(1, Relaxed);
        }
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    /// What is empty says nothing.
    fn put(&mut self, field: &Field, value: Value) {
        if value != "" {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, cut(format!("{value:?}")).into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, cut(value.to_owned()).into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
}

/// Container runtimes divide lines of 16 KiB, and clients give names as long as they like.
const LONGEST: usize = 1_024;

/// A text that fits into a line with others.
fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Debug => Level::DEBUG,
            LogLevel::Info => Level::INFO,
            LogLevel::Warn => Level::WARN,
            LogLevel::Error => Level::ERROR,
        }
    }
}
