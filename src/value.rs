//! Any JSON value: what a fix puts somewhere, and what is set aside while reading until it can be
//! understood.

use std::borrow::Cow;

use crate::json;
use crate::object::read::{At, Broken, Elements, Fields, INTEGER, Slot, Str, Wrong};
use crate::order;
use crate::parse::read_text;

/// Any JSON value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A whole number
    Integer(i64),
    /// Any other number, as it is written
    Decimal(String),
    /// A string
    Text(String),
    /// An array
    Array(Vec<Value>),
    /// An object: its fields in the order of their names, each name once.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// An object with these fields; of two with one name the last counts.
    pub fn object(fields: Vec<(String, Value)>) -> Self {
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_sorted_by(|a, b| a < b) {
            return Value::Object(fields);
        }
        let order = order::by_text(&names);
        let mut fields: Vec<Option<(String, Value)>> = fields.into_iter().map(Some).collect();
        let mut sorted: Vec<(String, Value)> = Vec::with_capacity(fields.len());
        for (name, value) in order.into_iter().filter_map(|index| fields[index].take()) {
            match sorted.last_mut() {
                Some(last) if last.0 == name => last.1 = value,
                _ => sorted.push((name, value)),
            }
        }
        Value::Object(sorted)
    }

    /// The value that a JSON text says; `None` where it is no JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut value: Option<Value> = None;
        read_text(text, &mut value, &At::root("", &Wrong::default())).ok()?;
        Some(value.unwrap_or_default())
    }

    /// The value of a field, where this is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let Value::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// The elements, none where this is no array.
    pub(crate) fn elements(&self) -> &[Value] {
        match self {
            Value::Array(values) => values,
            _ => &[],
        }
    }

    /// Writes it as JSON.
    pub fn write(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Integer(value) => out.push_str(&value.to_string()),
            Value::Decimal(number) => out.push_str(number),
            Value::Text(text) => json::text(out, text),
            Value::Array(values) => json::array(out, values, |value, out| value.write(out)),
            Value::Object(fields) => {
                let mut object = json::Object::new(out);
                for (name, value) in fields {
                    value.write(object.field(name));
                }
                object.end();
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Value::Array(values.into_iter().map(Into::into).collect())
    }
}

/// Takes any value as it is.
impl<'de> Slot<'de> for Option<Value> {
    fn expected(&self) -> &'static str {
        "value"
    }
    fn null(&mut self) {
        *self = Some(Value::Null);
    }
    fn boolean(&mut self, value: bool, _: &At<'_>) {
        *self = Some(value.into());
    }
    fn integer(&mut self, value: i64, _: &At<'_>) {
        *self = Some(value.into());
    }
    fn decimal(&mut self, number: Str<'de>, _: &At<'_>) {
        *self = Some(Value::Decimal(number.into_owned()));
    }
    fn string(&mut self, value: Str<'de>, _: &At<'_>) {
        *self = Some(Value::Text(value.into_owned()));
    }
    fn array(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<(), Broken> {
        let mut values = Vec::new();
        let mut value: Option<Value> = None;
        while elements.read(&mut value, at)? {
            values.push(value.take().unwrap_or_default());
        }
        *self = Some(Value::Array(values));
        Ok(())
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let mut object = Vec::new();
        while let Some(name) = fields.next()? {
            let mut value: Option<Value> = None;
            fields.read(&mut value, at)?;
            object.push((name.into_owned(), value.unwrap_or_default()));
        }
        *self = Some(Value::object(object));
        Ok(())
    }
}

#[cfg(feature = "outline")]
crate::object::outline::scalars!(Value = Present);

/// Reads a value that was set aside into `slot`.
pub(crate) fn read_value<'de>(value: Value, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
    match value {
        Value::Null => slot.null(),
        Value::Boolean(value) => slot.boolean(value, at),
        Value::Integer(value) => slot.integer(value, at),
        // As in a text that is read at once.
        Value::Decimal(number) if number == "-0" && slot.expected() == INTEGER => slot.integer(0, at),
        Value::Decimal(number) => slot.decimal(Cow::Owned(number), at),
        Value::Text(value) => slot.string(Cow::Owned(value), at),
        Value::Array(values) => slot.array(&mut ValueElements(values.into_iter()), at)?,
        Value::Object(fields) => {
            slot.object(&mut ValueFields { fields: fields.into_iter(), value: Value::Null }, at)?
        }
    }
    Ok(())
}

struct ValueElements(std::vec::IntoIter<Value>);

impl<'de> Elements<'de> for ValueElements {
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<bool, Broken> {
        let Some(value) = self.0.next() else { return Ok(false) };
        read_value(value, slot, at).map(|()| true)
    }
    fn skip(&mut self) -> Result<bool, Broken> {
        Ok(self.0.next().is_some())
    }
}

struct ValueFields {
    fields: std::vec::IntoIter<(String, Value)>,
    value: Value,
}

impl<'de> Fields<'de> for ValueFields {
    fn next(&mut self) -> Result<Option<Str<'de>>, Broken> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = value;
        Ok(Some(Cow::Owned(name)))
    }
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        read_value(std::mem::take(&mut self.value), slot, at)
    }
    fn skip(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}
