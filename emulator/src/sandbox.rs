//! Starts and stops a sandbox.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    clock::Clock,
    control::Control,
    fault::Fault,
    http::{router::Router, serve},
    ids,
    model::Moment,
    profile::Profile,
    world::{Origin, Registry, Start, built_in},
};

/// How a sandbox is to be.
pub struct Config {
    pub listen: SocketAddr,
    /// Where worlds are kept; in memory if absent.
    pub data: Option<PathBuf>,
    pub profile: String,
    pub seed: u64,
    /// The default world's clock; that of the seed world, running, if absent.
    pub clock: Option<Clock>,
    /// The seed world's text; the built-in one if absent.
    pub world: Option<String>,
    pub control_token: Option<String>,
    /// After how many failed sign-ins a name rests; as the profile says, if absent.
    pub lockout: Option<u32>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: None,
            profile: "ny-2025-07".to_owned(),
            seed: 1,
            clock: None,
            world: None,
            control_token: None,
            lockout: None,
        }
    }
}

/// Why a sandbox could not start: one clear line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("no profile is called {0}; there are {1}")]
    Profile(String, String),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("{0} is reachable from other machines; pass a control token to listen there")]
    Open(SocketAddr),
    #[error("{0}")]
    World(String),
}

/// A sandbox that runs until it is stopped or dropped.
pub struct Sandbox {
    address: SocketAddr,
    instance: String,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Sandbox {
    pub async fn start(config: Config) -> Result<Self, StartError> {
        if Profile::named(&config.profile).is_none() {
            let known = tagtrail_schemas::profile_names().join(", ");
            return Err(StartError::Profile(config.profile, known));
        }
        if !config.listen.ip().is_loopback() && config.control_token.is_none() {
            return Err(StartError::Open(config.listen));
        }
        let listen = config.listen;
        let failed = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let instance = ids::instance();
        let worlds = open_worlds(&config).map_err(|fault| match fault {
            Fault::Broken(reason) => StartError::World(reason),
            Fault::Refused(_) | Fault::TooSlow => StartError::World(fault.to_string()),
        })?;
        let control = Control { instance: instance.clone(), token: config.control_token };
        let house = serve::House { router: Router::new(), worlds: Arc::new(worlds), control };
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // A dropped handle stops the server too.
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve::run(Arc::new(house), listener, stopped));
        Ok(Self { address, instance, stop: Some(stop), server })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The name of this run, as its health check tells it.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Lets calls in flight finish.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.server).await;
    }
}

fn open_worlds(config: &Config) -> Result<Registry, Fault> {
    let people = match &config.world {
        Some(text) => Arc::from(text.as_str()),
        None => built_in("default").unwrap_or_else(|| Arc::from("{}")),
    };
    let start = match config.clock {
        Some(Clock::Frozen { at }) => Start::Frozen(at),
        Some(Clock::Real { .. }) => Start::Real,
        None => start_of(&people),
    };
    let origin = Origin {
        seed: config.seed,
        name: "default".to_owned(),
        profile: config.profile.clone(),
        start,
        empty: false,
        people: Some(people),
        lockout: config.lockout,
    };
    Registry::open(config.data.clone(), origin)
}

/// The seed world's own time, from which the clock runs on.
fn start_of(people: &str) -> Start {
    let file: serde_json::Value = serde_json::from_str(people).unwrap_or_default();
    let at = file["Clock"].as_str().and_then(Moment::parse);
    at.map_or(Start::Real, Start::Running)
}
