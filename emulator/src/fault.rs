//! Everything that ends a call early, and the one mapping from it to a status code.

use hyper::StatusCode;

use crate::{refusal::Refusal, store::StoreError};

/// Why a call ended. Which one wins is decided by the order of checks in `http/answer.rs`.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A rule said no.
    #[error("{}", .0.sentence())]
    Refused(Refusal),
    /// The request did not arrive whole in time.
    #[error("The request took too long to arrive; please send it again.")]
    TooSlow,
    /// The disk or our own bytes are broken, or an invariant was about to be.
    #[error("The sandbox failed: {0}. Nothing was changed; please report this.")]
    Broken(String),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Fault {
    /// The rule that travels in `X-Tagtrail-Rule`.
    pub fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.rule),
            Self::Broken(_) => Some("WIRE-12"),
            Self::TooSlow => None,
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => status_of(refusal),
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A rule has one status, or one for an id in the path (404) and one for anywhere else.
fn status_of(refusal: &Refusal) -> StatusCode {
    let statuses = &refusal.rule().status;
    let not_found = StatusCode::NOT_FOUND.as_u16();
    let fits = |status: &&u16| {
        (**status == not_found) == refusal.is_in_path()
            && **status >= StatusCode::BAD_REQUEST.as_u16()
    };
    let status = statuses.iter().find(fits).or(statuses.first()).copied();
    status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_REQUEST)
}
