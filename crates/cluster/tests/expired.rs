//! Lists that grow too old between two pages. The API server forgets what was after five minutes, which no
//! test waits for: here another one says so.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::{fs, thread};

use serde_json::{Value, json};
use transom_cluster::{Access, Bar, Listed, Lister, block_on};

const PODS: (&str, &str, &str) = ("", "v1", "Pod");

/// A page with one pod, and where to go on.
fn page(name: &str, rest: &str) -> (u16, Value) {
    let pod = json!({"metadata": {"name": name}});
    (200, json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": rest}, "items": [pod]}))
}

/// The end of a list that is no more, and where to go on.
fn expired(rest: &str) -> (u16, Value) {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {"continue": rest}, "status": "Failure",
        "message": "The provided continue parameter is too old", "reason": "Expired", "code": 410});
    (410, status)
}

fn answer(stream: TcpStream, pages: fn(&str) -> (u16, Value)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let target = head.split(' ').nth(1).unwrap_or_default();
        let token = target.split_once("continue=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default());
        let (status, body) = match target {
            "/version" => (
                200,
                json!({"major": "1", "minor": "36", "gitVersion": "", "gitCommit": "",
                "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": ""}),
            ),
            _ => pages(token),
        };
        let body = body.to_string();
        write!(
            writer,
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

/// What is listed of a server whose pages are by their tokens.
fn list(name: &str, pages: fn(&str) -> (u16, Value)) -> (Listed, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer(stream, pages));
        }
    });
    let config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]});
    let path: PathBuf = std::env::temp_dir().join(format!("transom-{name}-{}.json", std::process::id()));
    fs::write(&path, config.to_string()).expect("a kubeconfig");
    let mut names = Vec::new();
    let listed = block_on(async {
        let access = Access { kubeconfig: Some(path.clone()), context: None };
        let lister = Lister::reach(&access, 1, Bar::new(false)).await.expect("a server");
        let mut take = |object: Value| {
            names.push(object["metadata"]["name"].as_str().unwrap_or_default().to_owned());
            ControlFlow::Continue(())
        };
        lister.each(PODS, None, &mut take).await
    });
    fs::remove_file(path).expect("it is ours");
    (listed.expect("a runtime"), names)
}

#[test]
fn a_list_that_expires_is_gone_on_with() {
    let (listed, names) = list("goes-on", |token| match token {
        "" => page("a", "old"),
        "old" => expired("new"),
        "new" => page("b", "older"),
        "older" => expired("last"),
        _ => page("c", ""),
    });
    assert_eq!((listed, names), (Listed::All, vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
}

#[test]
fn a_list_that_cannot_be_gone_on_with_is_not_all() {
    for (name, pages) in [
        (
            "no-rest",
            (|token| if token.is_empty() { page("a", "old") } else { expired("") }) as fn(&str) -> (u16, Value),
        ),
        ("forever", |token| if token.is_empty() { page("a", "old") } else { expired("old") }),
    ] {
        let (listed, names) = list(name, pages);
        assert!(matches!(&listed, Listed::Failed(why) if why.contains("too old")), "{name}: {listed:?}");
        assert_eq!(names, ["a"]);
    }
}
