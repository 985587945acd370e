//! A call of the control plane, and what can be wrong with it.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    fault::Fault,
    world::{Registry, RegistryError},
};

pub struct Call {
    pub worlds: Arc<Registry>,
    pub method: Method,
    pub query: String,
    pub body: Bytes,
}

pub struct Outcome {
    pub status: StatusCode,
    pub body: Value,
}

/// Why the control plane says no.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("The control plane has no {0}. The README lists its calls.")]
    NoRoute(String),
    #[error("There is no rule {0}. `tagtrail explain` lists the chapters.")]
    NoRule(String),
    #[error("This call needs the control token: Authorization: Bearer <token>.")]
    Token,
    #[error("A page of another origin may not use the control plane.")]
    Origin,
    #[error(
        "This machine was called by the name `{0}`, which may lead anywhere; use 127.0.0.1 or localhost, or \
         start the sandbox with a control token."
    )]
    Host(String),
    #[error("The body does not fit: {0}")]
    Body(String),
    #[error("{0}")]
    World(#[from] RegistryError),
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl Trouble {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute(_) | Self::NoRule(_) => StatusCode::NOT_FOUND,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Origin | Self::Host(_) => StatusCode::FORBIDDEN,
            Self::World(error) => match error {
                RegistryError::Unknown(_) => StatusCode::NOT_FOUND,
                RegistryError::Taken(_) => StatusCode::CONFLICT,
                RegistryError::Name | RegistryError::Default => StatusCode::BAD_REQUEST,
                RegistryError::Full => StatusCode::TOO_MANY_REQUESTS,
                RegistryError::World(fault) => fault.status(),
            },
            Self::Fault(fault) => fault.status(),
        }
    }
}

impl Call {
    /// The body as the call wants it; an empty one is an empty object.
    pub fn fields<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| Trouble::Body(error.to_string()))
    }

    /// A number of the query string.
    pub fn number(&self, name: &str) -> Option<u64> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok())
    }
}
