//! What can be said on the command line. The help texts are the manual.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use tagtrail_conformance::report::Untouched;

/// An offline BioTrack NY sandbox and conformance tester.
///
/// Not affiliated with BioTrack, Metrc or the New York Office of Cannabis Management. It gives
/// evidence; only they certify. New York has left the real system.
#[derive(Debug, Parser)]
#[command(name = "tagtrail", version, propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the sandbox until Ctrl-C.
    Serve(Serve),
    /// Plays scenarios against a target and reports how it conforms.
    Test(Test),
    /// Lists every published route, with its state: live or planned.
    Routes {
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Explains a rule of the rulebook; without an id lists them all.
    Explain {
        /// A rule's id, such as ROOM-13.
        rule: Option<String>,
    },
    /// Prints the contract.
    Export {
        #[arg(value_enum)]
        what: Export,
    },
    /// Prints a completion script for a shell.
    Completions { shell: Shell },
}

/// Runs the sandbox.
///
/// Prints its URL and a first call ready to paste. Ctrl-C and SIGTERM let calls in flight finish.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one. An address that other machines reach needs
    /// --control-token.
    #[arg(long, default_value = "127.0.0.1:8910", env = "TAGTRAIL_LISTEN")]
    pub listen: SocketAddr,
    /// Keeps the worlds in this folder, so that they survive a crash.
    #[arg(long, value_name = "DIR", conflicts_with = "memory")]
    pub data: Option<PathBuf>,
    /// Keeps the worlds in memory (the default without --data).
    #[arg(long)]
    pub memory: bool,
    /// The policies of a state and time.
    #[arg(long, default_value = "ny-2025-07")]
    pub profile: String,
    /// The seed of identifiers and tokens: the same seed, clock and calls give the same bytes.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// `real`, `frozen:RFC3339`, or absent: the seed world's own time, running.
    #[arg(long)]
    pub clock: Option<String>,
    /// A seed world of your own (JSON, in the shape of the built-in one).
    #[arg(long, value_name = "FILE")]
    pub world: Option<PathBuf>,
    /// Writes `{"url": …, "instance": …}` here once connections are accepted.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// What calls of the control plane must carry: Authorization: Bearer TOKEN.
    #[arg(long, value_name = "TOKEN", env = "TAGTRAIL_CONTROL_TOKEN", hide_env_values = true)]
    pub control_token: Option<String>,
    /// Lets a name rest for 15 minutes of the world's clock after so many failed sign-ins. Absent: as
    /// the profile says, which in New York is never.
    #[arg(long, value_name = "TRIES")]
    pub lockout: Option<u32>,
}

/// Plays scenarios.
///
/// Without PATH all built-in scenarios, without --target against a sandbox of its own.
///
/// Exit codes: 0 conforms, 1 findings, 2 usage or unreadable scenario, 3 target unreachable, 4 nothing
/// ran.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Scenario files, or folders of them.
    pub path: Vec<PathBuf>,
    /// The system under test.
    #[arg(long, value_name = "URL", env = "TAGTRAIL_TARGET")]
    pub target: Option<String>,
    /// Only scenarios whose claim, path or rule contains this.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How many scenarios play at a time.
    #[arg(long, default_value_t = 4)]
    pub jobs: usize,
    /// The seed of every world that a scenario does not seed itself.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Further reports: json=FILE, junit=FILE.
    #[arg(long, value_name = "KIND=FILE")]
    pub report: Vec<String>,
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Also names the rules and routes that no scenario touched: of `all`, or of chapters and families
    /// such as PLT,plant. A JSON report always does.
    #[arg(long, value_name = "NAMES")]
    pub untouched: Option<Untouched>,
    /// Log-in data of a target that does not have the built-in people (JSON).
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// The control token of the target.
    #[arg(long, value_name = "TOKEN", env = "TAGTRAIL_CONTROL_TOKEN", hide_env_values = true)]
    pub control_token: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Export {
    /// The OpenAPI 3.1 document.
    Openapi,
    /// Every JSON Schema: entities, requests, replies.
    Schemas,
}
