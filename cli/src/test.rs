//! `tagtrail test`.

use std::{
    fs::{self, File},
    io::BufWriter,
    process::ExitCode,
};

use anyhow::{Context, bail};
use tagtrail_conformance::{
    Options, People, Reporter, builtin, load,
    report::{GitHub, JUnit, Json, Terminal},
    run as play,
};
use tagtrail_emulator::{Config, Sandbox};

use crate::{
    args::{Format, Test},
    export::planned,
};

pub async fn run(args: Test) -> anyhow::Result<ExitCode> {
    let scenarios = if args.path.is_empty() { builtin() } else { load(&args.path)? };
    let people = match &args.credentials {
        Some(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Some(People::parse(&text).with_context(|| format!("{} does not fit", path.display()))?)
        }
        None => None,
    };
    let mut reporters = reporters(&args)?;
    let own = match &args.target {
        Some(_) => None,
        None => Some(Sandbox::start(Config::default()).await?),
    };
    let url = match (&args.target, &own) {
        (Some(url), _) => url.clone(),
        (None, Some(sandbox)) => sandbox.url(),
        (None, None) => bail!("no target"),
    };
    let target = url.parse().with_context(|| format!("--target {url}"))?;
    let mut options = Options::new(target, scenarios);
    options.filter = args.filter;
    options.jobs = args.jobs;
    options.seed = args.seed;
    options.control_token = args.control_token;
    options.people = people;
    options.planned = planned().into_iter().map(str::to_owned).collect();
    let summary = play(options, &mut reporters).await;
    if let Some(sandbox) = own {
        sandbox.stop().await;
    }
    Ok(ExitCode::from(summary.exit_code()))
}

fn reporters(args: &Test) -> anyhow::Result<Vec<Box<dyn Reporter>>> {
    let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
    match args.format {
        Format::Human => {
            let untouched = args.untouched.clone().unwrap_or_default();
            reporters.push(Box::new(Terminal::stdout(false).naming(untouched)));
        }
        Format::Json => reporters.push(Box::new(Json::new(Box::new(std::io::stdout())))),
    }
    if let Some(annotations) = GitHub::in_workflow().filter(|_| args.format == Format::Human) {
        reporters.push(Box::new(annotations));
    }
    for report in &args.report {
        let (kind, path) = report
            .split_once('=')
            .with_context(|| format!("--report takes json=FILE or junit=FILE, not `{report}`"))?;
        let file = File::create(path).with_context(|| format!("cannot write {path}"))?;
        let out = Box::new(BufWriter::new(file));
        match kind {
            "json" => reporters.push(Box::new(Json::new(out))),
            "junit" => reporters.push(Box::new(JUnit::new(out))),
            _ => bail!("--report takes json=FILE or junit=FILE, not `{report}`"),
        }
    }
    Ok(reporters)
}
