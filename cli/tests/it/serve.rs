//! `tagtrail serve`: the ready file, the signals, and what keeps it from starting.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redb::{Database, TableDefinition};

use crate::one_line;

const STATE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("state");

/// A server that is ended with the test.
struct Server {
    child: Child,
    /// `host:port`.
    address: String,
    /// What stood in the ready file.
    ready: String,
}

impl Server {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let ready_file = folder.join("ready.json");
        let _ = fs::remove_file(&ready_file);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tagtrail"))
            .args(["serve", "--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&ready_file)
            .args(args)
            .env_remove("TAGTRAIL_CONTROL_TOKEN")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        let ready = loop {
            match fs::read_to_string(&ready_file) {
                Ok(text) if text.ends_with('\n') => break text,
                _ if began.elapsed() > Duration::from_secs(20) => {
                    let _ = child.kill();
                    panic!("the server is not ready");
                }
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let address = ready.split("http://").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Self { child, address, ready }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits for the end; the exit code and standard output.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
        let code = self.child.wait().unwrap().code();
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (code, text)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_ready_file_is_one_line_and_names_a_server_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    assert_eq!(server.ready.lines().count(), 1);
    let instance = server.ready.split("\"instance\":\"").nth(1).unwrap().split('"').next().unwrap();
    let health = server.get("/_tagtrail/health");
    assert!(health.contains(instance), "{health} {}", server.ready);
}

#[test]
fn both_signals_end_it_with_code_0_after_a_greeting_with_a_first_call() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &[]);
        let url = format!("http://{}", server.address);
        let (code, text) = server.end(signal);
        assert_eq!(code, Some(0), "{signal}");
        assert!(text.contains(&url) && text.contains("curl"), "{text}");
    }
}

#[test]
fn what_is_in_a_folder_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("worlds").to_string_lossy().into_owned();
    let server = Server::start(folder.path(), &["--data", &data]);
    assert!(server.get("/_tagtrail/worlds").contains("200 OK"));
    let (code, _) = server.end("-KILL");
    assert_eq!(code, None);
    let server = Server::start(folder.path(), &["--data", &data]);
    assert!(server.get("/_tagtrail/worlds/default").contains("200 OK"));
}

#[test]
fn a_port_in_use_is_one_line_and_code_2() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = one_line(&["serve", "--listen", &address], 2);
    assert!(error.contains(&address), "{error}");
}

#[test]
fn an_address_that_others_reach_is_one_line_and_code_2() {
    let error = one_line(&["serve", "--listen", "0.0.0.0:0"], 2);
    assert!(error.contains("control"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line_and_code_2() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let data = file.path().join("worlds").to_string_lossy().into_owned();
    let error = one_line(&["serve", "--listen", "127.0.0.1:0", "--data", &data], 2);
    assert!(error.contains(&data), "{error}");
}

#[test]
fn a_store_of_another_version_is_one_line_and_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let other = Database::create(folder.path().join("default.redb")).unwrap();
    let write = other.begin_write().unwrap();
    let version = u64::MAX.to_be_bytes();
    write.open_table(STATE).unwrap().insert(&b"version"[..], &version[..]).unwrap();
    write.commit().unwrap();
    drop(other);
    let error = one_line(&["serve", "--listen", "127.0.0.1:0", "--data", &data], 2);
    assert!(error.contains("another tagtrail"), "{error}");
}

#[test]
fn a_file_that_is_no_store_is_one_line_and_code_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("default.redb"), "this is no database".repeat(500)).unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    one_line(&["serve", "--listen", "127.0.0.1:0", "--data", &data], 2);
}

#[test]
fn settings_that_cannot_be_are_one_line_and_code_2() {
    let serve =
        |args: &[&str]| one_line(&[&["serve", "--listen", "127.0.0.1:0"], args].concat(), 2);
    assert!(serve(&["--clock", "yesterday"]).contains("yesterday"));
    assert!(serve(&["--clock", "frozen:yesterday"]).contains("yesterday"));
    assert!(serve(&["--profile", "atlantis"]).contains("atlantis"));
    assert!(serve(&["--world", "no-such-file.json"]).contains("no-such-file.json"));
    assert!(serve(&["--ready-file", "no-such-folder/ready.json"]).contains("no-such-folder"));
}

#[test]
fn a_world_of_ones_own_that_is_no_world_is_one_line_and_code_2() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "{\"Vendors\": 7").unwrap();
    let world = file.path().to_string_lossy().into_owned();
    one_line(&["serve", "--listen", "127.0.0.1:0", "--world", &world], 2);
}
