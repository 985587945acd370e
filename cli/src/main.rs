//! The `tagtrail` command.

mod args;
mod export;
mod serve;
mod show;
mod test;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Usage that cannot be served, a port in use, a file that cannot be read.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(args.command)),
        Err(error) => Err(error.into()),
    };
    outcome.unwrap_or_else(|error| {
        anstream::eprintln!("tagtrail: {error:#}");
        ExitCode::from(USAGE)
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Test(args) => test::run(args).await,
        Command::Routes { format } => show::routes(format),
        Command::Explain { rule } => show::explain(rule.as_deref()),
        Command::Export { what } => export::run(what),
        Command::Completions { shell } => show::completions(shell),
    }
}
