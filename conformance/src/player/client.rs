//! A small HTTP/1 client: kept-alive connections in a pool, a limit on time and size, and no opinion about what is sent.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::target::Target;

const REPLY_BYTES_MAX: usize = 32 * 1024 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const REPLY_LIMIT: Duration = Duration::from_secs(30);

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query, encoded, without the target's prefix.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// The body as JSON, if it is JSON.
    pub json: Option<Value>,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the call was granted.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no reply.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Trouble {
    #[error("cannot connect to {0}: {1}")]
    Connect(String, String),
    #[error("no answer to {0} within {1} seconds")]
    Late(String, u64),
    #[error("the connection broke during {0}: {1}")]
    Broken(String, String),
    #[error("{0} cannot be sent: {1}")]
    Unsendable(String, String),
}

impl Trouble {
    /// Whether the target itself could not be reached, so that asking on makes no sense.
    pub fn is_connection(&self) -> bool {
        match self {
            Self::Connect(..) | Self::Late(..) | Self::Broken(..) => true,
            Self::Unsendable(..) => false,
        }
    }
}

type Sender = SendRequest<Full<Bytes>>;

/// The client of one run; all players share it.
pub struct Client {
    target: Target,
    idle: Mutex<Vec<Sender>>,
}

impl Client {
    /// A client that has not connected yet.
    pub fn new(target: Target) -> Self {
        Self { target, idle: Mutex::default() }
    }

    /// The system that is asked.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Sends a request and reads the whole reply.
    pub async fn send(&self, request: &Request) -> Result<Reply, Trouble> {
        let name = || format!("{} {}", request.method, request.path);
        let message = self.message(request).map_err(|error| Trouble::Unsendable(name(), error))?;
        let exchange = self.exchange(message);
        match timeout(REPLY_LIMIT, exchange).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(Broken::Connect(error))) => {
                Err(Trouble::Connect(self.target.to_string(), error))
            }
            Ok(Err(Broken::Midway(error))) => Err(Trouble::Broken(name(), error)),
            Err(_) => Err(Trouble::Late(name(), REPLY_LIMIT.as_secs())),
        }
    }

    fn message(&self, request: &Request) -> Result<hyper::Request<Full<Bytes>>, String> {
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
        let body = Full::new(request.body.clone().unwrap_or_default());
        let mut message = hyper::Request::new(body);
        *message.method_mut() = method;
        *message.uri_mut() = format!("{}{}", self.target.prefix, request.path)
            .parse()
            .map_err(|_| "not a path".to_owned())?;
        let host =
            HeaderValue::from_str(&self.target.authority).map_err(|error| error.to_string())?;
        message.headers_mut().insert(HOST, host);
        for (name, value) in &request.headers {
            let name: HeaderName = name.parse().map_err(|_| format!("`{name}` is no header"))?;
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("`{name}` has no sendable value"))?;
            message.headers_mut().append(name, value);
        }
        Ok(message)
    }

    async fn exchange(&self, message: hyper::Request<Full<Bytes>>) -> Result<Reply, Broken> {
        let (response, sender) = self.deliver(message).await?;
        let reply = collect(response).await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        Ok(reply)
    }

    /// Tries a waiting connection first. A connection that closed while it waited gives the request back unsent; only
    /// then it is sent again, so that no call is ever made twice.
    async fn deliver(
        &self,
        message: hyper::Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Sender), Broken> {
        let mut message = message;
        while let Some(mut sender) = self.take_idle() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(message).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => message = unsent,
                    None => return Err(Broken::Midway(error.into_error().to_string())),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender
            .send_request(message)
            .await
            .map_err(|error| Broken::Midway(error.to_string()))?;
        Ok((response, sender))
    }

    fn take_idle(&self) -> Option<Sender> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn connect(&self) -> Result<Sender, Broken> {
        let address = (self.target.host.as_str(), self.target.port);
        let stream = match timeout(CONNECT_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Broken::Connect(error.to_string())),
            Err(_) => return Err(Broken::Connect("timed out".to_owned())),
        };
        let _ = stream.set_nodelay(true);
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Broken::Connect(error.to_string()))?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

enum Broken {
    Connect(String),
    Midway(String),
}

async fn collect(response: Response<Incoming>) -> Result<Reply, Broken> {
    let (head, body) = response.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers =
        head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = Limited::new(body, REPLY_BYTES_MAX).collect().await;
    let body = body.map_err(|error| Broken::Midway(error.to_string()))?.to_bytes();
    let json = serde_json::from_slice(&body).ok();
    Ok(Reply { status: head.status.as_u16(), headers, body, json })
}
