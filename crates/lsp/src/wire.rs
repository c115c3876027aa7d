//! Messages on stdin and stdout.
//!
//! As [`lsp_server::Connection::stdio`], but what the other side says of the length of a message is not believed
//! before the message is there.

use std::io::{self, BufRead, Read as _};
use std::thread::{self, JoinHandle};

use lsp_server::{Connection, Message};

/// Nobody edits so long a text.
const LONGEST: u64 = 256 << 20;

/// The threads that read and write.
#[derive(Debug)]
pub struct Wire {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

/// A connection with whoever started this process.
#[must_use]
pub fn stdio() -> (Connection, Wire) {
    let (sender, outgoing) = crossbeam_channel::unbounded::<Message>();
    let (incoming, receiver) = crossbeam_channel::unbounded();
    let reader = thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        while let Some(message) = read(&mut stdin)? {
            let is_last = matches!(&message, Message::Notification(told) if told.method == "exit");
            if incoming.send(message).is_err() || is_last {
                break;
            }
        }
        Ok(())
    });
    let writer = thread::spawn(move || {
        let mut stdout = io::stdout().lock();
        outgoing.into_iter().try_for_each(|message| message.write(&mut stdout))
    });
    (Connection { sender, receiver }, Wire { reader, writer })
}

impl Wire {
    /// Waits until all is read and written. The connection has to be dropped before.
    ///
    /// # Errors
    ///
    /// Where something came that is no message, or the other side is gone.
    pub fn join(self) -> io::Result<()> {
        let join = |thread: JoinHandle<io::Result<()>>| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the connection with the editor broke")))
        };
        join(self.reader).and(join(self.writer))
    }
}

/// The next message; none at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    let Some(length) = length(input)? else { return Ok(None) };
    // Takes no more room than what comes.
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Err(wrong("the last message from the editor ends too early"));
    }
    serde_json::from_slice(&body).map(Some).map_err(|error| wrong(&format!("no message of the protocol: {error}")))
}

/// How long the next message is, from its header; none at the end.
fn length(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        // No line of a header is nearly as long.
        if input.by_ref().take(4096).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some(field) = line.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) else {
            return Err(wrong("no header of the protocol: messages begin with Content-Length"));
        };
        match (field.split_once(':'), length) {
            (Some((name, value)), _) if name.eq_ignore_ascii_case("Content-Length") => {
                let value = value.trim();
                let known = value.parse::<u64>().ok().filter(|length| *length <= LONGEST);
                let refused = || wrong(&format!("a message of {value} bytes is refused: the limit is {LONGEST}"));
                length = Some(known.ok_or_else(refused)?);
            }
            (Some(_), _) => {}
            (None, Some(length)) if field.is_empty() => return Ok(Some(length)),
            (None, _) => return Err(wrong("no header of the protocol: messages begin with Content-Length")),
        }
    }
}

fn wrong(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_keeps_to_the_protocol() {
        let body = r#"{"jsonrpc": "2.0", "method": "exit"}"#;
        let text = format!("content-length: {}\r\nContent-Type: x\r\n\r\n{body}", body.len());
        let mut input = text.as_bytes();
        assert!(matches!(read(&mut input), Ok(Some(Message::Notification(told))) if told.method == "exit"));
        assert!(matches!(read(&mut input), Ok(None)));
        let endless = "x".repeat(10_000);
        for wrong in [
            "Content-Length: 99999999999999\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            "Content-Length: 9\r\n\r\n{}",
            "{}\n",
            "\r\n",
            &endless,
        ] {
            assert!(read(&mut wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
