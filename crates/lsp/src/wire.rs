//! Messages on stdin and stdout.
//!
//! As [`lsp_server::Connection::stdio`], but what the other side says of the length of a message is not believed
//! before the message is there, and what is no message is refused by itself.

use std::io::{self, BufRead, Read as _, Write};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, select};
use lsp_server::{Connection, Message};

use crate::message::{self, Incoming, Refusal};

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
    let (refuse, refusals) = crossbeam_channel::unbounded();
    let reader = thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        while let Some(body) = read(&mut stdin)? {
            let is_heard = match message::read(&body) {
                Incoming::Message(message) => {
                    let is_last = matches!(&message, Message::Notification(told) if told.method == "exit");
                    incoming.send(message).is_ok() && !is_last
                }
                Incoming::Refused(refusal) => refuse.send(refusal).is_ok(),
                Incoming::Nothing => true,
            };
            if !is_heard {
                break;
            }
        }
        Ok(())
    });
    let writer = thread::spawn(move || write_all(&outgoing, &refusals, &mut io::stdout().lock()));
    (Connection { sender, receiver }, Wire { reader, writer })
}

/// Writes what comes until nothing more can.
fn write_all(outgoing: &Receiver<Message>, refusals: &Receiver<Refusal>, output: &mut impl Write) -> io::Result<()> {
    loop {
        select! {
            recv(outgoing) -> message => match message {
                Ok(message) => message.write(output)?,
                Err(_) => return refusals.iter().try_for_each(|refusal| refusal.write(output)),
            },
            recv(refusals) -> refusal => match refusal {
                Ok(refusal) => refusal.write(output)?,
                Err(_) => return outgoing.iter().try_for_each(|message| message.write(output)),
            },
        }
    }
}

impl Wire {
    /// Waits until all is read and written. The connection has to be dropped before.
    ///
    /// # Errors
    ///
    /// Where something came that no message can be told from, or the other side is gone.
    pub fn join(self) -> io::Result<()> {
        let join = |thread: JoinHandle<io::Result<()>>| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the connection with the editor broke")))
        };
        join(self.reader).and(join(self.writer))
    }
}

/// The body of the next message; none at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = length(input)? else { return Ok(None) };
    // Takes no more room than what comes.
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Err(wrong("the last message from the editor ends too early"));
    }
    Ok(Some(body))
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
        let text = "content-length: 3\r\nContent-Type: x\r\n\r\n{ }Content-Length:0\n\n";
        let mut input = text.as_bytes();
        assert_eq!(read(&mut input).expect("a message"), Some(b"{ }".to_vec()));
        assert_eq!(read(&mut input).expect("a message"), Some(Vec::new()));
        assert_eq!(read(&mut input).expect("the end"), None);
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

    #[test]
    fn writes_until_both_sides_are_silent() {
        for is_refusal_last in [false, true] {
            let (sender, outgoing) = crossbeam_channel::unbounded();
            let (refuse, refusals) = crossbeam_channel::unbounded();
            let Incoming::Refused(refusal) = message::read(b"{") else { panic!("it is no message") };
            let response = Message::Response(lsp_server::Response::new_ok(1.into(), ()));
            let (mut sender, mut refuse) = (Some(sender), Some(refuse));
            if is_refusal_last {
                sender.take().expect("it is there").send(response.clone()).expect("it is open");
            } else {
                refuse.take().expect("it is there").send(refusal.clone()).expect("it is open");
            }
            let writer = thread::spawn(move || {
                let mut output = Vec::new();
                write_all(&outgoing, &refusals, &mut output).map(|()| output)
            });
            sender.into_iter().for_each(|sender| sender.send(response.clone()).expect("it is open"));
            refuse.into_iter().for_each(|refuse| refuse.send(refusal.clone()).expect("it is open"));
            let output = writer.join().expect("it ends").expect("it writes");
            let output = String::from_utf8(output).expect("text");
            assert!(output.contains("\"id\":1") && output.contains("\"id\":null"), "{output}");
        }
    }
}
