//! `tagtrail routes`, `explain` and `completions`.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;
use tagtrail_schemas::Rule;

use crate::{
    args::{Args, Format},
    export::planned,
};

pub fn routes(format: Format) -> anyhow::Result<ExitCode> {
    let planned = planned();
    match format {
        Format::Human => anstream::print!("{}", tagtrail_schemas::routes_txt(&planned)),
        Format::Json => {
            for route in tagtrail_schemas::routes() {
                let live = !planned.contains(route.operation.as_str());
                let row = json!({
                    "method": route.method.as_str(),
                    "path": route.path,
                    "operation": route.operation,
                    "permission": route.permission,
                    "shape": route.response_shape,
                    "basis": route.basis.to_string(),
                    "state": if live { "live" } else { "planned" },
                });
                anstream::println!("{row}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn explain(id: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(id) = id else {
        for rule in tagtrail_schemas::rules().values() {
            anstream::println!("{:<8} {:<10} {}", rule.id, rule.basis.to_string(), rule.rule);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let found = tagtrail_schemas::rule(&id.to_uppercase());
    let rule =
        found.with_context(|| format!("there is no rule {id}; `tagtrail explain` lists them"))?;
    print_rule(rule);
    Ok(ExitCode::SUCCESS)
}

fn print_rule(rule: &Rule) {
    let statuses: Vec<String> = rule.status.iter().map(u16::to_string).collect();
    anstream::println!("{}\n\n  {}\n", rule.id, rule.rule);
    for message in &rule.messages {
        anstream::println!("  says    {}", message.text);
    }
    if !statuses.is_empty() {
        anstream::println!("  status  {}", statuses.join(", "));
    }
    for knob in &rule.knobs {
        for profile in tagtrail_schemas::profile_names() {
            let value = tagtrail_schemas::profile(profile).and_then(|knobs| knobs.get(knob));
            if let Some(value) = value {
                anstream::println!("  knob    {knob} = {value} ({profile})");
            }
        }
    }
    anstream::println!("  basis   {}", rule.basis);
    for key in &rule.source {
        let known = tagtrail_schemas::sources().iter().find(|source| source.key == *key);
        match known {
            Some(source) => {
                anstream::println!("  source  {key}: {}, {}", source.title, source.address)
            }
            None => anstream::println!("  source  {key}"),
        }
    }
}

pub fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tagtrail", &mut script);
    let Ok(script) = String::from_utf8(script) else { bail!("the script is no text") };
    anstream::print!("{script}");
    Ok(ExitCode::SUCCESS)
}
