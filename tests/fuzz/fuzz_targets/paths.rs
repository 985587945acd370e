//! Paths and queries of reads, as any text that may stand in a request line.
#![no_main]

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use tagtrail_fuzz::{Stand, request};
use tagtrail_schemas::{Method, Route, routes};

static STAND: LazyLock<Mutex<Stand>> = LazyLock::new(|| Mutex::new(Stand::start()));
static READS: LazyLock<Vec<&'static Route>> =
    LazyLock::new(|| routes().iter().filter(|route| route.method == Method::Get).collect());

fuzz_target!(|data: &[u8]| {
    let [route, person, cut, rest @ ..] = data else { return };
    let path = &READS[usize::from(*route) % READS.len()].path;
    let kept = path.char_indices().nth(usize::from(*cut)).map_or(path.len(), |(at, _)| at);
    let mut line: String = path[..kept].chars().filter(|it| !"{}".contains(*it)).collect();
    // What no client can put into a request line is percent-encoded.
    for byte in rest {
        match byte {
            b'!'..=b'~' => line.push(char::from(*byte)),
            other => line.push_str(&format!("%{other:02X}")),
        }
    }
    let mut stand = STAND.lock().unwrap();
    let head = stand.person(usize::from(*person)).to_owned();
    stand.ask(&request("GET", &line, &head, b""));
});
