//! The accept loop: connections, limits, and a graceful stop.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::{
    Request, StatusCode, body::Incoming, header::HeaderName, server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::net::{TcpListener, TcpStream};

use super::{
    answer::{Answer, answer, json},
    router::Router,
};
use crate::{
    control::Control,
    portal::{METADATA, Place},
    world::Registry,
};

/// A client has so long to send its headers.
const HEADER_TIME_MAX: Duration = Duration::from_secs(15);
/// All headers of a request fit into this.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// What is in flight when the server stops has so long to finish.
const GRACE: Duration = Duration::from_secs(10);

/// After a failed accept (no file handles left, say) the loop waits instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

static WORLD_HEADER: HeaderName = HeaderName::from_static("x-tagtrail-world");
const WORLD_PREFIX: &str = "/worlds/";
const CONTROL_PREFIX: &str = "/_tagtrail";

/// What every connection shares.
pub struct House {
    pub router: Router,
    pub worlds: Arc<Registry>,
    pub control: Control,
}

/// Serves until `stop` is done, then lets calls in flight finish.
pub async fn run(house: Arc<House>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A refused connection is the client's trouble, not a reason to stop.
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let _ = stream.set_nodelay(true);
                serve_one(Arc::clone(&house), stream, &graceful);
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

fn serve_one(house: Arc<House>, stream: TcpStream, graceful: &GracefulShutdown) {
    let service = service_fn(move |request| {
        let house = Arc::clone(&house);
        async move { Ok::<_, Infallible>(house.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A connection that breaks ends; nobody is left to be told.
        let _ = connection.await;
    });
}

impl House {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let mut path = parts.uri.path().to_owned();
        // The standard puts a world's prefix behind the well-known path (RFC 8414, 3.1).
        if let Some(world) = path.strip_prefix(METADATA).filter(|it| it.starts_with(WORLD_PREFIX)) {
            path = format!("{world}{METADATA}");
        }
        let control = path.strip_prefix(CONTROL_PREFIX);
        if control.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return self.control.answer(&self.worlds, &path, &parts, body).await;
        }
        let (named, base, rest) = match path.strip_prefix(WORLD_PREFIX) {
            Some(inside) => {
                let (name, rest) = inside.split_once('/').unwrap_or((inside, ""));
                (Some(name.to_owned()), format!("{WORLD_PREFIX}{name}"), format!("/{rest}"))
            }
            None => {
                // A name that cannot be read is no world's name, and never the default's.
                let name = parts.headers.get(&WORLD_HEADER);
                let name = name.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
                let base = name.as_ref().map(|name| format!("{WORLD_PREFIX}{name}"));
                (name, base.unwrap_or_default(), path)
            }
        };
        let world = match named {
            Some(name) => match self.worlds.world(&name) {
                Ok(world) => world,
                Err(error) => return unknown_world(&error.to_string()),
            },
            None => self.worlds.default_world(),
        };
        let control_token = self.control.token.as_deref();
        let place = Place { world: &world, base: &base, path: &rest, control_token };
        if place.is_portal() {
            return place.answer(&parts, body).await;
        }
        answer(&self.router, &world, rest, parts, body).await
    }
}

fn unknown_world(message: &str) -> Answer {
    let body = serde_json::json!({ "Error": message }).to_string();
    json(StatusCode::NOT_FOUND, Bytes::from(body))
}
