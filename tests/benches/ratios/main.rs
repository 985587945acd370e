//! Ratios, measured in one run: the sandbox against the bare server, and against the disk.
//!
//! Absolute figures say more about the machine than about the program, so every claim is a ratio of
//! two things that were measured in turn, several rounds each; the median round counts. The load
//! generator shares the processors with the servers and is the same for both.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its table, and one that cannot go on may stop"
)]

mod client;
mod disk;
mod goods;
mod lineage;
mod load;
mod plants;
mod process;
mod reads;
mod scale;
mod server;
mod table;
mod trade;
mod whole;
mod world;
mod writes;

use std::env;

use table::Table;

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["serve-bare", body] => server::serve_bare(body),
        ["serve-sandbox"] => server::serve_sandbox(None),
        ["serve-sandbox", folder] => server::serve_sandbox(Some(folder)),
        names => measure(names.first().copied().unwrap_or_default()),
    }
}

/// Measures all, or those whose name contains the argument.
fn measure(wanted: &str) {
    type Bench = fn(&mut Table);
    #[rustfmt::skip]
    let benches: &[(&str, Bench)] = &[
        ("reads",   reads::measure),
        ("writes",  writes::measure),
        ("plants",  plants::measure),
        ("goods",   goods::measure),
        ("lineage", lineage::measure),
        ("trade",   trade::measure),
        ("scale",   scale::measure),
        ("ids",     whole::measure_ids),
        ("start",   whole::measure_start),
        ("suite",   whole::measure_suite),
    ];
    let mut table = Table::new();
    for (name, bench) in benches.iter().filter(|(name, _)| name.contains(wanted)) {
        println!("{name} …");
        bench(&mut table);
    }
    println!("\n{table}");
}
