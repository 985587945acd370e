//! The two servers that are compared. Both run in a process of their own, on the same runtime.

use std::{convert::Infallible, fs, future, net::SocketAddr};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};
use tokio::net::TcpListener;

/// The least that hyper can do: every request gets the bytes of a file.
pub fn serve_bare(body: &str) {
    let body = Bytes::from(fs::read(body).unwrap());
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        tell(listener.local_addr().unwrap());
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let body = body.clone();
            let service = service_fn(move |_| {
                let mut answer = Response::new(Full::new(body.clone()));
                let kind = header::HeaderValue::from_static("application/json; charset=utf-8");
                answer.headers_mut().insert(header::CONTENT_TYPE, kind);
                future::ready(Ok::<_, Infallible>(answer))
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
}

/// The sandbox, in memory or in a folder.
pub fn serve_sandbox(folder: Option<&str>) {
    runtime().block_on(async {
        let at = Moment::parse("2025-07-28T13:00:00Z").unwrap();
        let config = Config {
            data: folder.map(Into::into),
            clock: Some(Clock::Frozen { at }),
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        tell(sandbox.url().trim_start_matches("http://").parse().unwrap());
        future::pending::<()>().await;
    });
}

/// As the command has it.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn tell(address: SocketAddr) {
    println!("{address}");
}
