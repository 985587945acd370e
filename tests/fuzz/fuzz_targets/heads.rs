//! Bytes on the wire that may or may not be HTTP.
#![no_main]

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use tagtrail_fuzz::Stand;

static STAND: LazyLock<Mutex<Stand>> = LazyLock::new(|| Mutex::new(Stand::start()));

fuzz_target!(|data: &[u8]| {
    let mut stand = STAND.lock().unwrap();
    if let Some((0, rest)) = data.split_first().map(|(first, rest)| (first % 2, rest)) {
        stand.ask_odd(rest);
        return;
    }
    // Headers of an ordinary call, with a line of chance.
    let head = stand.person(data.len()).to_owned();
    let mut bytes = b"GET /v1/sync HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    bytes.extend(head.as_bytes());
    bytes.extend(data.get(1..).unwrap_or_default());
    bytes.extend(b"\r\nConnection: close\r\n\r\n");
    stand.ask_odd(&bytes);
});
