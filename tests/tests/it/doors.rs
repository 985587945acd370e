//! The doors hold: whatever comes in over the socket gets an answer or a clean close, and never a 5xx.

use std::time::{Duration, Instant};

use tagtrail_emulator::{Config, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stand::{BIRCH, Headers, STAFF, Stand, header, is_error, refused};

/// What `wire.max_body` allows.
const BODY_MAX: usize = 10 << 20;
const TOO_LARGE: &str = "WIRE-09";
/// Longer than the server waits for headers.
const PATIENCE: Duration = Duration::from_secs(25);

/// Writes bytes to a new connection and reads until the other side closes.
pub(crate) async fn exchange(address: &str, pieces: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for piece in pieces {
        // The server may have answered and closed already.
        if stream.write_all(piece).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection hangs after {:?}", pieces.first());
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the first answer; none after a clean close.
fn status(answer: &str) -> Option<u16> {
    let line = answer.lines().next()?;
    Some(line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().unwrap())
}

fn lines(headers: &Headers) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let stand = Stand::new().await;
    let session = lines(&stand.log_in(STAFF, BIRCH).await);
    let head = format!(
        "POST /v1/plant/room HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{session}Content-Length: {}\r\n\r\n",
        BODY_MAX + 1
    );
    let answer = exchange(&stand.address(), &[head.as_bytes()]).await;
    assert_eq!(status(&answer), Some(413), "{answer}");
    assert!(answer.contains(&format!("x-tagtrail-rule: {TOO_LARGE}")), "{answer}");
    assert!(answer.contains("{\"Error\":"), "{answer}");
}

#[tokio::test]
async fn a_body_that_grows_too_large_on_the_way_is_refused() {
    let stand = Stand::new().await;
    let session = lines(&stand.log_in(STAFF, BIRCH).await);
    let head = format!(
        "POST /v1/plant/room HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{session}Transfer-Encoding: chunked\r\n\r\n"
    );
    let mut stream = TcpStream::connect(stand.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let sending = tokio::spawn(async move {
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        for _ in 0..=BODY_MAX / 0x10000 {
            if writer.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        writer
    });
    let mut answer = vec![0; 12];
    tokio::time::timeout(PATIENCE, reader.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"HTTP/1.1 413", "{}", String::from_utf8_lossy(&answer));
    drop(sending.await);
}

#[tokio::test]
async fn a_body_of_just_the_size_allowed_is_read() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    let body = bytes::Bytes::from(vec![b' '; BODY_MAX]);
    let reply = stand.send("POST /v1/plant/room", &session, Some(body)).await;
    refused(&reply, 400, "WIRE-16", "ten mebibytes of blanks");
}

#[tokio::test]
async fn many_and_large_headers_get_an_answer_or_a_clean_close() {
    let stand = Stand::new().await;
    let many: String = (0..101).map(|at| format!("X-{at}: a\r\n")).collect();
    let thousands: String = (0..5_000).map(|at| format!("X-{at}: a\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "a".repeat(70_000));
    let long = format!("X-Session-Token: {}\r\n", "a".repeat(30_000));
    for headers in [many, thousands, large, long] {
        let request =
            format!("GET /v1/user HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        let answer = exchange(&stand.address(), &[request.as_bytes()]).await;
        let status = status(&answer);
        assert!(status.is_none_or(|it| (400..500).contains(&it)), "{answer}");
    }
    stand.log_in(STAFF, BIRCH).await;
}

#[tokio::test]
async fn headers_that_never_end_are_not_waited_for() {
    let stand = Stand::new().await;
    let began = Instant::now();
    let answer = exchange(&stand.address(), &[b"GET /v1/user HTTP/1.1\r\nHost: x\r\nX-"]).await;
    assert!(status(&answer).is_none_or(|it| it < 500), "{answer}");
    assert!(began.elapsed() > Duration::from_secs(5), "the server is too impatient");
    stand.log_in(STAFF, BIRCH).await;
}

#[tokio::test]
async fn headers_that_come_byte_by_byte_are_read() {
    let stand = Stand::new().await;
    let request = b"GET /heartbeat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(stand.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in request {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), Some(200), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_gets_an_answer_or_a_clean_close() {
    let stand = Stand::new().await;
    let requests: [&[u8]; 14] = [
        b"\r\n\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v1/user HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /v1/user\r\nHost: x\r\n\r\n",
        b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET v1/user HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/%zz%00%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /v1/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}",
        b"POST /v1/user/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
    ];
    for request in requests {
        let answer = exchange(&stand.address(), &[request]).await;
        let shown = String::from_utf8_lossy(request);
        assert!(status(&answer).is_none_or(|it| (400..500).contains(&it)), "{shown}\n{answer}");
    }
    stand.log_in(STAFF, BIRCH).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_leaves_nothing_behind() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    let before = stand.sync(&session).await;
    let whole = r#"{"LocationLicense":"OCM-CULT-25-900101","Name":"Half a room"}"#;
    let head = format!(
        "POST /v1/plant/room HTTP/1.1\r\nHost: x\r\n{}Content-Length: 99\r\n\r\n{whole}",
        lines(&session)
    );
    for _ in 0..20 {
        let mut stream = TcpStream::connect(stand.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stand.sync(&session).await, before);
}

#[tokio::test]
async fn a_call_in_flight_is_finished_when_the_server_stops() {
    let stand = Stand::new().await;
    let session = lines(&stand.log_in(STAFF, BIRCH).await);
    let body = r#"{"LocationLicense":"OCM-CULT-25-900101","Name":"Late room"}"#;
    let head = format!(
        "POST /v1/plant/room HTTP/1.1\r\nHost: x\r\n{session}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(stand.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopping = tokio::spawn(stand.sandbox.stop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!stopping.is_finished(), "the server did not wait for the call");
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), Some(200), "{answer}");
    assert!(answer.contains("Late room"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), stopping).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_control_token() {
    let open = Config { listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    let refusal = Sandbox::start(open).await.err().unwrap().to_string();
    assert!(refusal.contains("control token"), "{refusal}");
    assert_eq!(refusal.lines().count(), 1);
    let guarded = Config {
        listen: "0.0.0.0:0".parse().unwrap(),
        control_token: Some("a-token".to_owned()),
        ..Config::default()
    };
    Sandbox::start(guarded).await.unwrap().stop().await;
}

#[tokio::test]
async fn the_control_plane_asks_for_its_token_and_the_api_does_not() {
    let token = Some("a-token".to_owned());
    let stand = Stand::with(Config { control_token: token, ..Config::default() }).await;
    for start in [
        "GET /_tagtrail/worlds",
        "POST /_tagtrail/worlds",
        "POST /_tagtrail/worlds/default/reset",
        "GET /_tagtrail/worlds/default/journal",
        "PUT /_tagtrail/worlds/default/clock",
        "GET /_tagtrail/rules/WIRE-09",
        "GET /_tagtrail/nothing",
    ] {
        for said in ["", "a-toke", "a-tokens", "A-TOKEN", "Bearer a-token"] {
            let headers = vec![header("Authorization", &format!("Bearer {said}"))];
            let reply = stand.call(start, &headers, None).await;
            assert_eq!(reply.status, 401, "{start} with {said}");
            is_error(&reply, start);
        }
        let reply = stand.call(start, &Vec::new(), None).await;
        assert_eq!(reply.status, 401, "{start}");
    }
    let headers = vec![header("Authorization", "Bearer a-token")];
    stand.ok("GET /_tagtrail/worlds", &headers, None).await;
    stand.ok("GET /_tagtrail/health", &Vec::new(), None).await;
    stand.log_in(STAFF, BIRCH).await;
}
