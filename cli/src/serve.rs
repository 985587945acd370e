//! `tagtrail serve`.

use std::{fs, process::ExitCode};

use anyhow::{Context, bail};
use tagtrail_emulator::{Clock, Config, Moment, Sandbox};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Serve;

pub async fn run(args: Serve) -> anyhow::Result<ExitCode> {
    let clock = args.clock.as_deref().map(clock).transpose()?;
    let world = match &args.world {
        Some(path) => Some(
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        ),
        None => None,
    };
    let mut ended = signal(SignalKind::terminate())?;
    let sandbox = Sandbox::start(Config {
        listen: args.listen,
        data: args.data,
        profile: args.profile,
        seed: args.seed,
        clock,
        world,
        control_token: args.control_token,
        lockout: args.lockout,
    })
    .await?;
    let url = sandbox.url();
    if let Some(path) = &args.ready_file {
        let ready = serde_json::json!({ "url": url, "instance": sandbox.instance() });
        fs::write(path, format!("{ready}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    greet(&url);
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = ended.recv() => {}
    }
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The URL, and a first call that works when pasted.
fn greet(url: &str) {
    anstream::println!(
        "tagtrail listens on {url}\n\n\
         A first call, as a grower of the seed world (its passwords are all tagtrail-dev-1):\n\n\
         SESSION=$(curl -s {url}/v1/user/login \\\n  \
           -H 'Authorization: Bearer tagtrail-dev-token-604900101' \\\n  \
           -d '{{\"UBI\":\"604900101\",\"Username\":\"staff@hollow-birch.example\",\"Password\":\"tagtrail-dev-1\"}}' \\\n  \
           | sed 's/.*\"session\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -s {url}/v1/inventory?Limit=2 -H \"X-Session-Token: $SESSION\"\n\n\
         Identifiers and tokens repeat with the seed: a sandbox, never a place for real data.\n\
         Ctrl-C stops."
    );
}

fn clock(text: &str) -> anyhow::Result<Clock> {
    match text.split_once(':') {
        None if text == "real" => Ok(Clock::REAL),
        Some(("frozen", at)) => {
            let at = Moment::parse(at).with_context(|| format!("`{at}` is no RFC 3339 time"))?;
            Ok(Clock::Frozen { at })
        }
        _ => bail!("--clock takes `real` or `frozen:RFC3339`, not `{text}`"),
    }
}
