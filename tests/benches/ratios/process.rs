//! Programs that a bench starts, and what the system says of them.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

/// A running program; it is killed when it is dropped.
pub struct Child {
    child: process::Child,
}

impl Child {
    pub fn start(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap() }
    }

    /// Starts this bench once more as a server, which prints its address.
    pub fn server(args: &[&str]) -> (Self, SocketAddr) {
        let mut command = Command::new(env::current_exe().unwrap());
        let mut server = Self::start(command.args(args).stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(server.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (server, line.trim().parse().unwrap())
    }

    /// The processor time of all its threads so far.
    pub fn cpu_nanos(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let of = |task: PathBuf| fs::read_to_string(task.join("schedstat")).unwrap_or_default();
        let first = |text: String| text.split(' ').next().and_then(|it| it.parse().ok());
        tasks.filter_map(|task| first(of(task.unwrap().path()))).map(|nanos: u64| nanos).sum()
    }

    /// The memory it holds, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder on the disk that holds the build, emptied; tmpfs would make every sync free.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may not be there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Builds the command as users get it, and tells where it is.
pub fn release_binary() -> PathBuf {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let args = ["build", "--release", "-p", "tagtrail", "--message-format=json", "--quiet"];
    let built = Command::new(cargo).args(args).stderr(Stdio::inherit()).output().unwrap();
    let told = String::from_utf8(built.stdout).unwrap();
    let path = told.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let own = line["target"]["name"] == "tagtrail";
        line["executable"].as_str().filter(|_| own).map(PathBuf::from)
    });
    path.unwrap()
}
