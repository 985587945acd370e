//! The worlds of one process: isolated from one another, made, reset, forked and dropped by name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use super::{Origin, World, seeded::SeededStores};
use crate::{
    fault::Fault,
    store::{Store, StoreError},
};

/// The world that answers where none is named.
pub const DEFAULT: &str = "default";
/// A process that makes more worlds than this has forgotten to drop them.
const WORLDS_MAX: usize = 10_000;
/// How the file of a world ends while the world is made.
const UNFINISHED: &str = "unfinished";

/// A world cannot be had as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("There is no world called {0}. GET /_tagtrail/worlds lists them.")]
    Unknown(String),
    #[error("There is a world called {0} already. Choose another name, or reset that one.")]
    Taken(String),
    #[error(
        "A world's name has 1 to 64 letters, digits, - or _, and starts with a letter or digit."
    )]
    Name,
    #[error("The default world cannot be dropped; reset it instead.")]
    Default,
    #[error("There are {WORLDS_MAX} worlds already. Drop some.")]
    Full,
    #[error("{0}")]
    World(#[from] Fault),
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        Self::World(error.into())
    }
}

pub struct Registry {
    folder: Option<PathBuf>,
    template: Origin,
    default: RwLock<Arc<World>>,
    others: RwLock<BTreeMap<String, Arc<World>>>,
    /// One world is made or dropped at a time, so that a name and its file stay together.
    building: Mutex<()>,
    seeded: SeededStores,
}

impl Registry {
    /// Opens the default world, and in a folder every world that lies there.
    pub fn open(folder: Option<PathBuf>, template: Origin) -> Result<Self, Fault> {
        let default = Arc::new(opened(folder.as_deref(), DEFAULT, template.clone())?);
        let mut others = BTreeMap::new();
        for name in folder.as_deref().map(names_in).unwrap_or_default() {
            if name != DEFAULT {
                let world = opened(folder.as_deref(), &name, template.clone())?;
                others.insert(name, Arc::new(world));
            }
        }
        let (default, others) = (RwLock::new(default), RwLock::new(others));
        let (building, seeded) = (Mutex::new(()), SeededStores::default());
        Ok(Self { folder, template, default, others, building, seeded })
    }

    pub fn default_world(&self) -> Arc<World> {
        Arc::clone(&self.default.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn world(&self, name: &str) -> Result<Arc<World>, RegistryError> {
        if name == DEFAULT {
            return Ok(self.default_world());
        }
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        others.get(name).cloned().ok_or_else(|| RegistryError::Unknown(name.to_owned()))
    }

    pub fn names(&self) -> Vec<String> {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        [DEFAULT.to_owned()].into_iter().chain(others.keys().cloned()).collect()
    }

    /// What a new world starts from where the request says nothing else.
    pub fn template(&self) -> &Origin {
        &self.template
    }

    pub fn create(&self, name: &str, origin: Origin) -> Result<Arc<World>, RegistryError> {
        // Seeding takes the longest, so that is not done under the lock.
        let seeded = self.seeded.store(&origin)?;
        let _building = self.build();
        self.admit(name)?;
        let world = self.anew(name, origin, seeded)?;
        Ok(self.enter(name, world))
    }

    /// A copy of a world as it is now.
    pub fn fork(&self, from: &str, name: &str) -> Result<Arc<World>, RegistryError> {
        let _building = self.build();
        self.admit(name)?;
        let source = self.world(from)?;
        let world = self.made(name, |store| source.fork(store))?;
        Ok(self.enter(name, world))
    }

    /// Begins a world anew from its origin. Calls in flight finish on the old one.
    pub fn reset(&self, name: &str) -> Result<Arc<World>, RegistryError> {
        let _building = self.build();
        let old = self.world(name)?;
        let origin = Origin { people: self.template.people.clone(), ..old.core().origin.clone() };
        let seeded = self.seeded.store(&origin)?;
        let world = self.anew(name, origin, seeded)?;
        Ok(self.enter(name, world))
    }

    pub fn drop_world(&self, name: &str) -> Result<(), RegistryError> {
        if name == DEFAULT {
            return Err(RegistryError::Default);
        }
        let _building = self.build();
        let dropped = {
            let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
            others.remove(name)
        };
        // The last one to hold it waits for its writer, so that is not done under the lock.
        dropped.ok_or_else(|| RegistryError::Unknown(name.to_owned()))?;
        if let Some(folder) = &self.folder {
            fs::remove_file(file_in(folder, name)).map_err(|error| disk(&error))?;
        }
        Ok(())
    }

    fn build(&self) -> MutexGuard<'_, ()> {
        self.building.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn anew(
        &self,
        name: &str,
        origin: Origin,
        seeded: Option<Store>,
    ) -> Result<World, RegistryError> {
        self.made(name, |store| match seeded {
            Some(seeded) => World::of_seeded(store, &seeded, origin),
            None => World::in_store(store, origin),
        })
    }

    /// Makes a world beside the file of its name, and gives it the name when it is whole: whatever
    /// fails before leaves the old world as it was.
    fn made(
        &self,
        name: &str,
        make: impl FnOnce(Store) -> Result<World, Fault>,
    ) -> Result<World, RegistryError> {
        let Some(folder) = &self.folder else { return Ok(make(Store::memory()?)?) };
        let unfinished = folder.join(format!("{name}.{UNFINISHED}"));
        let _ = fs::remove_file(&unfinished);
        let world = make(Store::open(&unfinished)?)?;
        fs::rename(&unfinished, file_in(folder, name)).map_err(|error| disk(&error))?;
        Ok(world)
    }

    fn admit(&self, name: &str) -> Result<(), RegistryError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let starts = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        if !starts || name.len() > 64 || !name.bytes().all(fits) {
            return Err(RegistryError::Name);
        }
        let names = self.names();
        if names.iter().any(|known| known == name) {
            return Err(RegistryError::Taken(name.to_owned()));
        }
        if names.len() >= WORLDS_MAX { Err(RegistryError::Full) } else { Ok(()) }
    }

    fn enter(&self, name: &str, world: World) -> Arc<World> {
        let world = Arc::new(world);
        let old = if name == DEFAULT {
            let mut default = self.default.write().unwrap_or_else(PoisonError::into_inner);
            Some(std::mem::replace(&mut *default, Arc::clone(&world)))
        } else {
            let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
            others.insert(name.to_owned(), Arc::clone(&world))
        };
        drop(old);
        world
    }
}

/// The world of a file, or a new one.
fn opened(folder: Option<&Path>, name: &str, origin: Origin) -> Result<World, Fault> {
    let store = match folder {
        Some(folder) => Store::open(&file_in(folder, name))?,
        None => Store::memory()?,
    };
    World::in_store(store, origin)
}

fn disk(error: &std::io::Error) -> Fault {
    Fault::Broken(error.to_string())
}

fn file_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.redb"))
}

/// The worlds of a folder. What was never finished is cleared away.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let ends = |extension: &str| path.extension().is_some_and(|it| it == extension);
        if ends(UNFINISHED) {
            let _ = fs::remove_file(&path);
        } else if ends("redb") {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    names.sort();
    names
}
