//! The command as people and scripts use it: help texts, exit codes, files and signals.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod help;
mod play;
mod serve;

use assert_cmd::Command;

/// The command, with nothing of the surroundings that could change what it says.
fn tagtrail() -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("tagtrail");
    for name in ["TAGTRAIL_CONTROL_TOKEN", "TAGTRAIL_LISTEN", "TAGTRAIL_TARGET", "COLUMNS", "CI"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

/// Runs to the end; exit code, standard output and standard error.
#[track_caller]
fn outcome(args: &[&str]) -> (i32, String, String) {
    let output =
        tagtrail().args(args).timeout(std::time::Duration::from_secs(60)).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Fails unless the command ends with this code and one line on standard error, which is returned.
#[track_caller]
fn one_line(args: &[&str], code: i32) -> String {
    let (seen, _, error) = outcome(args);
    assert_eq!(seen, code, "{args:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
    error
}
