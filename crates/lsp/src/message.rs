//! What a body is: a message, or nothing that makes sense, which JSON-RPC wants to be answered.

use std::io::{self, Write};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use serde_json::{Map, Value, json};

/// What came.
#[derive(Debug)]
pub(crate) enum Incoming {
    Message(Message),
    Refused(Refusal),
    /// An answer to none of our questions: nobody waits for another.
    Nothing,
}

/// The answer to what is no message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// As it came, where it is one of JSON-RPC, which has more of them than [`RequestId`]; else null.
    id: Value,
    code: i32,
    message: String,
}

impl Refusal {
    fn new(id: &Value, code: ErrorCode, message: impl Into<String>) -> Self {
        let id = if id.is_number() || id.is_string() { id.clone() } else { Value::Null };
        Refusal { id, code: code as i32, message: message.into() }
    }

    /// Writes it as a message.
    pub(crate) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let error = json!({"code": self.code, "message": self.message});
        let body = json!({"jsonrpc": "2.0", "id": self.id, "error": error}).to_string();
        write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        output.flush()
    }
}

pub(crate) fn read(body: &[u8]) -> Incoming {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => of(fields),
        Ok(_) => {
            let message = "a message is an object";
            Incoming::Refused(Refusal::new(&Value::Null, ErrorCode::InvalidRequest, message))
        }
        Err(error) => {
            Incoming::Refused(Refusal::new(&Value::Null, ErrorCode::ParseError, format!("this is no JSON: {error}")))
        }
    }
}

fn of(mut fields: Map<String, Value>) -> Incoming {
    let id = fields.remove("id").unwrap_or_default();
    let refused = |message: &str| Incoming::Refused(Refusal::new(&id, ErrorCode::InvalidRequest, message));
    let method = match fields.remove("method") {
        Some(Value::String(method)) => method,
        Some(_) => return refused("the method of a message is a string"),
        None if fields.contains_key("result") || fields.contains_key("error") => return answer(id, fields),
        None => return refused("a message has a method"),
    };
    let params = fields.remove("params").unwrap_or_default();
    match serde_json::from_value::<RequestId>(id.clone()) {
        Ok(id) => Incoming::Message(Message::Request(Request { id, method, params })),
        Err(_) if id.is_null() => Incoming::Message(Message::Notification(Notification { method, params })),
        Err(_) => refused("the id of a request is a string or an integer of 32 bits"),
    }
}

/// What the other side says to a question of ours. It is never refused, for both sides would go on with it.
fn answer(id: Value, mut fields: Map<String, Value>) -> Incoming {
    fields.insert("id".to_owned(), id);
    serde_json::from_value(Value::Object(fields))
        .map_or(Incoming::Nothing, |answer| Incoming::Message(Message::Response(answer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let read = |body: &str| match read(body.as_bytes()) {
            Incoming::Message(message) => message,
            other => panic!("{other:?}"),
        };
        assert!(
            matches!(read(r#"{"id": 1, "method": "a"}"#), Message::Request(Request { id, params: Value::Null, .. }) if id == 1.into())
        );
        assert!(
            matches!(read(r#"{"id": "1", "method": "a", "params": []}"#), Message::Request(Request { id, .. }) if id == "1".to_owned().into())
        );
        assert!(matches!(read(r#"{"method": "a"}"#), Message::Notification(told) if told.method == "a"));
        assert!(matches!(read(r#"{"id": null, "method": "a"}"#), Message::Notification(told) if told.method == "a"));
        assert!(matches!(read(r#"{"id": 1, "result": null}"#), Message::Response(answer) if answer.id == 1.into()));
        assert!(matches!(read(r#"{"id": 1, "error": {"code": 1, "message": ""}}"#), Message::Response(_)));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (body, code, id) in [
            (r"{bad}", -32700, json!(null)),
            ("", -32700, json!(null)),
            (r#"{"id": 1, "method": "\ud834"}"#, -32700, json!(null)),
            ("[]", -32600, json!(null)),
            ("7", -32600, json!(null)),
            ("{}", -32600, json!(null)),
            (r#"{"id": 1}"#, -32600, json!(1)),
            (r#"{"id": "a", "method": 7}"#, -32600, json!("a")),
            (r#"{"method": null}"#, -32600, json!(null)),
            (r#"{"id": 1.5, "method": "a"}"#, -32600, json!(1.5)),
            (r#"{"id": 4294967296, "method": "a"}"#, -32600, json!(4_294_967_296_u64)),
            (r#"{"id": [], "method": "a"}"#, -32600, json!(null)),
        ] {
            let Incoming::Refused(refusal) = read(body.as_bytes()) else { panic!("{body}") };
            assert_eq!((refusal.code, &refusal.id), (code, &id), "{body}");
        }
        assert!(matches!(read(&[b'"', 0xff, b'"']), Incoming::Refused(refusal) if refusal.code == -32700));
        assert!(matches!(read(br#"{"id": null, "error": {"code": 1, "message": ""}}"#), Incoming::Nothing));
    }
}
