//! A small client of the Kubernetes API: objects are JSON, and every answer is shown with its
//! status and its warnings.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The texts of its `Warning` headers.
    pub warnings: Vec<String>,
    /// The body; a text where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that says yes.
    ///
    /// # Errors
    ///
    /// With status and message of any other.
    pub fn ok(self) -> Result<Value, String> {
        match self.status {
            200..300 => Ok(self.body),
            status => Err(format!("{status} {}", self.body["message"].as_str().unwrap_or(&self.body.to_string()))),
        }
    }

    /// The message of a `Status`; empty where there is none.
    #[must_use]
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// Talks to one server, as one user.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    server: String,
    token: Option<String>,
    /// The paths of the kinds that have been asked for, by apiVersion and kind.
    resources: Arc<Mutex<BTreeMap<(String, String), Resource>>>,
}

#[derive(Debug, Clone)]
struct Resource {
    plural: String,
    namespaced: bool,
}

impl Client {
    /// A client of the server at `https://…`, whose certificate is signed by `authority` (PEM), or at
    /// `http://…`.
    ///
    /// # Panics
    ///
    /// Where the certificate is none.
    #[must_use]
    pub fn new(server: &str, authority: &str, token: Option<&str>) -> Client {
        let certificates = parse_pem(authority.as_bytes()).filter_map(|item| match item.expect("PEM") {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let roots = RootCerts::Specific(Arc::new(certificates.collect()));
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            // Servers that are restarted on another port leave these behind.
            .max_idle_connections_per_host(8)
            .build();
        Client {
            agent: config.into(),
            server: server.to_owned(),
            token: token.map(str::to_owned),
            resources: Arc::default(),
        }
    }

    /// What it was made for: `https://127.0.0.1:…`.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// One request. `path` begins with `/` and may have a query.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn send(&self, method: &str, path: &str, content_type: &str, body: Option<&[u8]>) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            None => self.agent.run(request.body(()).map_err(|error| error.to_string())?),
            Some(body) => {
                let request = request.header("Content-Type", content_type);
                self.agent.run(request.body(body).map_err(|error| error.to_string())?)
            }
        };
        let mut answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
        let warnings = answer.headers().get_all("Warning").iter().map(|header| warning(header.as_bytes())).collect();
        let text = answer.body_mut().with_config().limit(1 << 28).read_to_string();
        let text = text.map_err(|error| format!("{method} {path}: {error}"))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status: answer.status().as_u16(), warnings, body })
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    ///
    /// Where there is no answer, or one that says no.
    pub fn get(&self, path: &str) -> Result<Value, String> {
        self.send("GET", path, "", None)?.ok()
    }

    /// Posts JSON to a path.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        self.send("POST", path, "application/json", Some(body.to_string().as_bytes()))
    }

    /// Creates an object, in `default` where it names no namespace and needs one. `query` is empty or
    /// begins with `?`.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn create_with(&self, object: &Value, query: &str) -> Result<Answer, String> {
        self.post(&format!("{}{query}", self.collection(object)?), object)
    }

    /// The same without a query.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn create(&self, object: &Value) -> Result<Answer, String> {
        self.create_with(object, "")
    }

    /// Replaces an object.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn update(&self, object: &Value) -> Result<Answer, String> {
        self.send("PUT", &self.path(object)?, "application/json", Some(object.to_string().as_bytes()))
    }

    /// Patches an object, or a part of it such as `/status`, by a JSON merge patch.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn merge(&self, object: &Value, part: &str, patch: &Value) -> Result<Answer, String> {
        let path = format!("{}{part}", self.path(object)?);
        self.send("PATCH", &path, "application/merge-patch+json", Some(patch.to_string().as_bytes()))
    }

    /// Deletes an object at once.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn delete(&self, object: &Value) -> Result<Answer, String> {
        self.send("DELETE", &format!("{}?gracePeriodSeconds=0", self.path(object)?), "", None)
    }

    /// The path of an object.
    ///
    /// # Errors
    ///
    /// Where the server does not know its kind.
    pub fn path(&self, object: &Value) -> Result<String, String> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        Ok(format!("{}/{name}", self.collection(object)?))
    }

    /// The path of the objects of its kind in its namespace.
    fn collection(&self, object: &Value) -> Result<String, String> {
        let [version, kind] = ["apiVersion", "kind"].map(|field| object[field].as_str().unwrap_or_default());
        let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
        let Resource { plural, namespaced } = self.resource(&root, version, kind)?;
        if !namespaced {
            return Ok(format!("{root}/{plural}"));
        }
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        Ok(format!("{root}/namespaces/{namespace}/{plural}"))
    }

    fn resource(&self, root: &str, version: &str, kind: &str) -> Result<Resource, String> {
        let key = (version.to_owned(), kind.to_owned());
        let mut known = self.resources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resource) = known.get(&key) {
            return Ok(resource.clone());
        }
        let all = self.get(root)?;
        let is_it = |resource: &&Value| {
            resource["kind"] == kind && resource["name"].as_str().is_some_and(|name| !name.contains('/'))
        };
        let found = all["resources"].as_array().into_iter().flatten().find(is_it);
        let found = found.ok_or_else(|| format!("the server knows no {kind} of {version}"))?;
        let plural = found["name"].as_str().unwrap_or_default().to_owned();
        let resource = Resource { plural, namespaced: found["namespaced"] == true };
        known.insert(key, resource.clone());
        Ok(resource)
    }
}

/// The text of `299 - "text"`, with its escapes resolved.
fn warning(header: &[u8]) -> String {
    let header = String::from_utf8_lossy(header);
    let quoted = header.split_once('"').map_or("", |(_, rest)| rest.trim_end_matches('"'));
    let mut text = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::warning;

    #[test]
    fn warnings_are_unquoted() {
        assert_eq!(warning(br#"299 - "a \"b\" C:\\d""#), r#"a "b" C:\d"#);
    }
}
