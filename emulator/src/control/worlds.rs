//! `/_tagtrail/worlds`: makes, resets, forks and drops worlds, and acts on one as its operator.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Trouble};
use crate::{
    api::{
        courier::{self, Arrival},
        lineage::lineage,
    },
    clock::Clock,
    fault::Fault,
    model::{Barcode, Moment},
    profile::{Profile, seconds},
    refusal::refuse,
    world::{
        Origin, Start, World,
        mail::mails,
        notice::NewNotice,
        operator::{GrantConsent, LicenseState, revoke_consents, set_license, set_tags},
        outage::Outage,
        tags::{TagBalance, tag_key},
        txn::{Done, Touched, Txn},
    },
};

/// How many journal entries one call shows at most.
const JOURNAL_MAX: usize = 1_000;

pub async fn answer(call: Call, path: &[&str]) -> Result<Outcome, Trouble> {
    match (call.method.clone(), path) {
        (Method::GET, []) => list(&call),
        (Method::POST, []) => create(call).await,
        (method, [name, rest @ ..]) => {
            let name = (*name).to_owned();
            match (method, rest) {
                (Method::GET, []) => Ok(ok(shown(&name, &*call.worlds.world(&name)?))),
                (Method::DELETE, []) => {
                    let dropped = name.clone();
                    blocking(move || Ok(call.worlds.drop_world(&dropped)?)).await?;
                    Ok(ok(json!({ "Name": name })))
                }
                (Method::POST, ["reset"]) => reset(call, name).await,
                (Method::POST, ["fork"]) => fork(call, name).await,
                (method, rest) => {
                    let world = call.worlds.world(&name)?;
                    inside(&call, &world, method, rest).await
                }
            }
        }
        _ => Err(Trouble::NoRoute("such call of worlds".to_owned())),
    }
}

fn ok(body: Value) -> Outcome {
    Outcome { status: StatusCode::OK, body }
}

fn shown(name: &str, world: &World) -> Value {
    let core = world.core();
    json!({
        "Name": name,
        "Seed": core.origin.seed,
        "Profile": core.profile.name,
        "Clock": core.clock(),
        "Now": core.now(),
    })
}

fn list(call: &Call) -> Result<Outcome, Trouble> {
    let named = |name: String| Some((call.worlds.world(&name).ok()?, name));
    let worlds = call.worlds.names().into_iter().filter_map(named);
    let worlds: Vec<Value> = worlds.map(|(world, name)| shown(&name, &world)).collect();
    Ok(ok(json!({ "World": worlds })))
}

/// What a new world is made from; what is absent is as in the default world.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWorld {
    name: String,
    seed: Option<u64>,
    profile: Option<String>,
    /// The moment at which its clock stands still.
    clock: Option<String>,
    /// Without the seed world's people and goods.
    #[serde(default)]
    empty: bool,
}

async fn create(call: Call) -> Result<Outcome, Trouble> {
    let wanted: NewWorld = call.fields()?;
    let template = call.worlds.template().clone();
    let profile = wanted.profile.unwrap_or(template.profile);
    if Profile::named(&profile).is_none() {
        return Err(Trouble::Body(format!("no profile is called {profile}")));
    }
    let start = match wanted.clock {
        Some(text) => Start::Frozen(moment(&text)?),
        None => template.start,
    };
    let origin = Origin {
        seed: wanted.seed.unwrap_or(template.seed),
        // Worlds of one seed are alike, whatever they are called.
        name: template.name,
        profile,
        start,
        empty: wanted.empty,
        people: template.people,
        lockout: template.lockout,
    };
    let name = wanted.name.clone();
    let world = blocking(move || Ok(call.worlds.create(&name, origin)?)).await?;
    Ok(Outcome { status: StatusCode::CREATED, body: shown(&wanted.name, &world) })
}

async fn reset(call: Call, name: String) -> Result<Outcome, Trouble> {
    let reset = name.clone();
    let world = blocking(move || Ok(call.worlds.reset(&reset)?)).await?;
    Ok(ok(shown(&name, &world)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fork {
    name: String,
}

async fn fork(call: Call, from: String) -> Result<Outcome, Trouble> {
    let Fork { name } = call.fields()?;
    let to = name.clone();
    let world = blocking(move || Ok(call.worlds.fork(&from, &to)?)).await?;
    Ok(Outcome { status: StatusCode::CREATED, body: shown(&name, &world) })
}

/// Making a world takes milliseconds and touches the disk, so it leaves the async threads alone.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Fault::Broken("making a world failed".to_owned()).into()))
}

async fn inside(
    call: &Call,
    world: &Arc<World>,
    method: Method,
    path: &[&str],
) -> Result<Outcome, Trouble> {
    let core = world.core();
    match (method, path) {
        (Method::GET, ["clock"]) => Ok(ok(json!({ "Clock": core.clock(), "Now": core.now() }))),
        (Method::PUT, ["clock"]) => set_clock(world, call.fields()?).await,
        (Method::POST, ["clock", "step"]) => step_clock(world, call.fields()?).await,
        (Method::GET, ["journal"]) => {
            let limit = call.number("limit").and_then(|it| usize::try_from(it).ok());
            let limit = limit.unwrap_or(100).min(JOURNAL_MAX);
            Ok(ok(core.journal.read(call.number("after").unwrap_or_default(), limit)))
        }
        (Method::GET, ["mailbox"]) => mailbox(world),
        (Method::POST, ["consents"]) => {
            let grant: GrantConsent = call.fields()?;
            Ok(said(world.write(None, move |txn| grant.apply(txn)).await?))
        }
        (Method::DELETE, ["consents", ubi]) => {
            let ubi = (*ubi).to_owned();
            Ok(said(world.write(None, move |txn| revoke_consents(txn, &ubi)).await?))
        }
        (Method::POST, ["notices"]) => {
            let notice: NewNotice = call.fields()?;
            Ok(said(world.write(None, move |txn| notice.publish(txn)).await?))
        }
        (Method::POST, ["outages"]) => {
            let outage: Outage = call.fields()?;
            Ok(said(world.write(None, move |txn| outage.declare(txn)).await?))
        }
        (Method::PUT, ["licenses", license]) => {
            let License { state } = call.fields()?;
            let license = (*license).to_owned();
            Ok(said(world.write(None, move |txn| set_license(txn, &license, state)).await?))
        }
        (Method::POST, ["samples", id, "deliver"]) => {
            let arrival: Arrival = call.fields()?;
            let id = number(id)?;
            Ok(said(world.write(None, move |txn| arrival.apply(txn, id)).await?))
        }
        (Method::POST, ["samples", id, "reject"]) => {
            let id = number(id)?;
            Ok(said(world.write(None, move |txn| courier::reject(txn, id)).await?))
        }
        (Method::PUT, ["items", id, "hold"]) => {
            let Hold { hold } = call.fields()?;
            let id = (*id).to_owned();
            Ok(said(world.write(None, move |txn| courier::hold(txn, &id, hold)).await?))
        }
        (Method::POST, ["items", id, "retest"]) => {
            let id = (*id).to_owned();
            Ok(said(world.write(None, move |txn| courier::approve_retest(txn, &id)).await?))
        }
        (Method::GET, ["items", id, "lineage"]) => trace(world, id).await,
        (Method::GET, ["tags", ubi]) => tags(world, ubi),
        (Method::PUT, ["tags", ubi]) => {
            let Tags { available } = call.fields()?;
            let ubi = (*ubi).to_owned();
            Ok(said(world.write(None, move |txn| set_tags(txn, &ubi, available)).await?))
        }
        (_, path) => Err(Trouble::NoRoute(path.join("/"))),
    }
}

/// A recall asks for thousands of relatives, so it leaves the async threads alone.
async fn trace(world: &Arc<World>, id: &str) -> Result<Outcome, Trouble> {
    let unknown = || refuse("INV-11").with("id", id).in_path();
    let barcode = Barcode::parse(id).ok_or_else(|| Fault::from(unknown()))?;
    let world = Arc::clone(world);
    let found = blocking(move || {
        let core = world.core();
        Ok(lineage(core, &core.snapshot(), barcode).map_err(Fault::from)?)
    });
    let lineage = found.await?.ok_or_else(|| Fault::from(unknown()))?;
    Ok(ok(serde_json::to_value(lineage).unwrap_or_default()))
}

fn number(id: &str) -> Result<u64, Trouble> {
    id.parse().map_err(|_| Trouble::NoRoute(id.to_owned()))
}

/// What a write of the operator has to say.
fn said(done: Done) -> Outcome {
    let mut body = done.extras;
    body.insert("TransactionID".to_owned(), json!(done.transaction));
    ok(Value::Object(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct License {
    state: LicenseState,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Hold {
    hold: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Tags {
    available: u64,
}

fn tags(world: &World, ubi: &str) -> Result<Outcome, Trouble> {
    let bytes = world.core().snapshot().state(&tag_key(ubi)).map_err(Fault::from)?;
    let balance: TagBalance =
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    Ok(ok(balance.told(ubi)))
}

fn mailbox(world: &World) -> Result<Outcome, Trouble> {
    let mails = mails(&world.core().snapshot()).map_err(Fault::from)?;
    Ok(ok(json!({ "Mail": mails })))
}

/// A clock's mode, and the moment at which it stands still.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "mode")]
enum SetClock {
    Real,
    Frozen { at: String },
}

async fn set_clock(world: &Arc<World>, set: SetClock) -> Result<Outcome, Trouble> {
    let at = match set {
        SetClock::Real => None,
        SetClock::Frozen { at } => Some(moment(&at)?),
    };
    change_clock(world, move |clock| match at {
        Some(at) => clock.freeze(at),
        None => Some(clock.run()),
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Such as `100 d`, `24 h` or `90 s`.
    by: String,
}

async fn step_clock(world: &Arc<World>, step: Step) -> Result<Outcome, Trouble> {
    let by = seconds(&step.by).and_then(|by| u32::try_from(by).ok());
    let by =
        by.ok_or_else(|| Trouble::Body(format!("`{}` is no length such as 100 d", step.by)))?;
    change_clock(world, move |clock| Some(clock.step(by))).await
}

/// Moves the clock in the writer's queue, so that no two calls move it from the same place.
async fn change_clock(
    world: &Arc<World>,
    change: impl FnOnce(Clock) -> Option<Clock> + Send + 'static,
) -> Result<Outcome, Trouble> {
    let keep = move |txn: &mut Txn<'_, '_, '_>| {
        let known: Option<Clock> = txn.state(crate::world::CLOCK)?;
        let clock = change(known.unwrap_or(Clock::REAL)).ok_or_else(|| refuse("TIME-01"))?;
        txn.set_state(crate::world::CLOCK, &clock)?;
        txn.touched.push(Touched::Clock(clock));
        Ok(())
    };
    world.write(None, keep).await?;
    let core = world.core();
    Ok(ok(json!({ "Clock": core.clock(), "Now": core.now() })))
}

fn moment(text: &str) -> Result<Moment, Trouble> {
    Moment::parse(text).ok_or_else(|| Trouble::Body(format!("`{text}` is no RFC 3339 time")))
}
