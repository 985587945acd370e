//! Takes a request body in: at most so many bytes, in at most so much time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use crate::{fault::Fault, refusal::refuse};

/// A client that dribbles does not hold a connection for ever.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Why a body was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("it is too large")]
    TooLarge,
    #[error("it took too long to arrive")]
    TooSlow,
    #[error("it broke off")]
    Broken,
}

impl BodyError {
    /// The fault that ends the call; `most` is the limit that was exceeded.
    pub fn fault(&self, most: u64) -> Fault {
        match self {
            Self::TooLarge => refuse("WIRE-09").with("n", most).into(),
            Self::TooSlow | Self::Broken => Fault::TooSlow,
        }
    }
}

pub async fn read<B>(body: B, most: u64) -> Result<Bytes, BodyError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > most {
        return Err(BodyError::TooLarge);
    }
    let collected = tokio::time::timeout(TIME_MAX, collect(body, most));
    collected.await.unwrap_or(Err(BodyError::TooSlow))
}

async fn collect<B>(mut body: B, most: u64) -> Result<Bytes, BodyError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if (all.len() + data.len()) as u64 > most {
            return Err(BodyError::TooLarge);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}
