//! Bodies of writes: the contract's example with bytes put in place of others.
#![no_main]

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use tagtrail_fuzz::{Stand, request};
use tagtrail_schemas::{Method, Route, request_example, routes};

static STAND: LazyLock<Mutex<Stand>> = LazyLock::new(|| Mutex::new(Stand::start()));
static WRITES: LazyLock<Vec<&'static Route>> =
    LazyLock::new(|| routes().iter().filter(|route| route.method != Method::Get).collect());

/// Ids of the seed world that paths may name.
const IDS: &[&str] = &[
    "1", "2", "3", "4", "5", "0311901030764097", "0285067732301936", "6352992270030109",
    "1364860178163706", "7682526672223632", "3762028384382288", "7727907296705776", "0355968585330815",
    "1025674756143625",
];

fuzz_target!(|data: &[u8]| {
    let [route, person, id, at, gone, rest @ ..] = data else { return };
    let route = WRITES[usize::from(*route) % WRITES.len()];
    let example = request_example(route).map(|it| it.to_string()).unwrap_or_default();
    let mut body = example.into_bytes();
    let start = usize::from(*at) * 4 % (body.len() + 1);
    let end = (start + usize::from(*gone)).min(body.len());
    body.splice(start..end, rest.iter().copied());
    let path = filled(&route.path, usize::from(*id));
    let mut stand = STAND.lock().unwrap();
    let head = stand.person(usize::from(*person)).to_owned();
    stand.ask(&request(route.method.as_str(), &path, &head, &body));
});

fn filled(path: &str, mut id: usize) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        if part.starts_with('{') {
            filled.push_str(IDS[id % IDS.len()]);
            id /= 2;
        } else {
            filled.push_str(part);
        }
    }
    filled
}
