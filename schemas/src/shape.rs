//! The shape of a reply: the published names and what stands under them.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

/// What a reply, or a part of it, looks like.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shape {
    /// The JSON value `null`.
    Null,
    Scalar(ScalarKind),
    /// A record, by the name of its entity.
    Entity(String),
    List(Box<Shape>),
    /// Named parts in published order.
    Object(Vec<(String, Shape)>),
}

/// A JSON value without parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScalarKind {
    Boolean,
    Integer,
    String,
}

impl Shape {
    /// The entities named in it, from left to right.
    pub fn entities(&self) -> Vec<&str> {
        match self {
            Self::Null | Self::Scalar(_) => Vec::new(),
            Self::Entity(name) => vec![name],
            Self::List(item) => item.entities(),
            Self::Object(parts) => parts.iter().flat_map(|(_, part)| part.entities()).collect(),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        Some(match value {
            Value::String(name) => match name.as_str() {
                "null" => Self::Null,
                "boolean" => Self::Scalar(ScalarKind::Boolean),
                "integer" => Self::Scalar(ScalarKind::Integer),
                "string" => Self::Scalar(ScalarKind::String),
                entity => Self::Entity(entity.to_owned()),
            },
            Value::Array(items) => match items.as_slice() {
                [item] => Self::List(Box::new(Self::read(item)?)),
                _ => return None,
            },
            Value::Object(parts) => {
                let part =
                    |(name, part): (&String, &Value)| Some((name.clone(), Self::read(part)?));
                Self::Object(parts.iter().map(part).collect::<Option<_>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value).ok_or_else(|| D::Error::custom(format!("{value} is no shape")))
    }
}
