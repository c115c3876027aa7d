//! Clients that ask without a pause, and check every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::{Client, Server, answer, eventually, good_pod, request, review};

/// Clients that ask one thing after another, each on connections of its own, until they are stopped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    clients: JoinSet<Vec<String>>,
}

impl Load {
    /// `client` is asked for before every connection: a certificate may have been replaced.
    pub(crate) fn start(client: impl Fn() -> Client + Clone + Send + Sync + 'static) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let mut clients = JoinSet::new();
        for number in 0..4 {
            let (stop, asked, client) = (Arc::clone(&stop), Arc::clone(&asked), client.clone());
            clients.spawn(async move {
                let mut wrong = Vec::new();
                let mut connection = None;
                while !stop.load(SeqCst) {
                    let open = match connection.take() {
                        Some(open) => Ok(open),
                        None => client().http1().await,
                    };
                    // A connection that was not made is no request that was accepted.
                    let Ok(mut open) = open else {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        continue;
                    };
                    let uid = format!("{number}-{}", asked.fetch_add(1, SeqCst));
                    let sent = open.send_request(request("/validate", review(&uid, good_pod()).to_string())).await;
                    let is_last = match &sent {
                        Ok(response) => response.headers().get("connection").is_some_and(|value| value == "close"),
                        Err(_) => true,
                    };
                    let answered = match sent {
                        Ok(response) => answer(response).await.map_err(|error| error.to_string()),
                        Err(error) => Err(error.to_string()),
                    };
                    match answered {
                        Ok((200, text)) if is_allowed(&text, &uid) => {}
                        other => wrong.push(format!("{uid}: {other:?}")),
                    }
                    // One connection in ten is given up, so that new ones are made all the time.
                    if !is_last && asked.load(SeqCst) % 10 != 0 {
                        connection = Some(open);
                    }
                }
                wrong
            });
        }
        Load { stop, asked, clients }
    }

    /// Waits until that many more requests were asked.
    pub(crate) async fn go_on(&self, requests: u32) {
        let until = self.asked.load(SeqCst) + requests;
        eventually("more requests", async || self.asked.load(SeqCst) >= until).await;
    }

    /// Every request was answered, and rightly.
    pub(crate) async fn end(self) -> u32 {
        let (asked, wrong) = self.end_with_failures().await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        asked
    }

    /// How many requests were asked, and what became of those that were not answered rightly.
    pub(crate) async fn end_with_failures(self) -> (u32, Vec<String>) {
        self.stop.store(true, SeqCst);
        let wrong = self.clients.join_all().await.into_iter().flatten().collect();
        (self.asked.load(SeqCst), wrong)
    }
}

fn is_allowed(text: &str, uid: &str) -> bool {
    let review: Value = serde_json::from_str(text).unwrap_or_default();
    review["response"]["allowed"] == true && review["response"]["uid"] == uid
}

pub(crate) fn load_on(server: &Server) -> Load {
    let client = server.client();
    Load::start(move || client.clone())
}

