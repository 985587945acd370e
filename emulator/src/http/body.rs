//! Takes a request body in: at most so many bytes, in at most so much time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

/// A client that dribbles does not hold a connection for ever.
const TIME_MAX: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub enum BodyError {
    TooLarge,
    TooSlow,
    Broken,
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
