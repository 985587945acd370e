//! The floor under durable writes: append, and wait until the disk has it.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// How many appends of so many bytes reach the disk in a second, each on its own.
pub fn appends_per_second(folder: &Path, bytes: usize, length: Duration) -> u64 {
    let mut file = File::options().append(true).create(true).open(folder.join("log")).unwrap();
    let record = vec![b'x'; bytes];
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < length {
        file.write_all(&record).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    count * 1_000_000_000 / start.elapsed().as_nanos() as u64
}
