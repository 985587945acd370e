//! The worlds of one process: isolated from one another, made, reset, forked and dropped by name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use super::{Origin, World};
use crate::{
    fault::Fault,
    store::{Store, StoreError},
};

/// The world that answers where none is named.
pub const DEFAULT: &str = "default";
/// A process that makes more worlds than this has forgotten to drop them.
const WORLDS_MAX: usize = 10_000;

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
}

impl Registry {
    /// Opens the default world, and in a folder every world that lies there.
    pub fn open(folder: Option<PathBuf>, template: Origin) -> Result<Self, Fault> {
        let default = Arc::new(make(folder.as_deref(), DEFAULT, template.clone())?);
        let mut others = BTreeMap::new();
        for name in folder.as_deref().map(names_in).unwrap_or_default() {
            if name != DEFAULT {
                let origin = Origin { name: name.clone(), ..template.clone() };
                let world = make(folder.as_deref(), &name, origin)?;
                others.insert(name, Arc::new(world));
            }
        }
        Ok(Self { folder, template, default: RwLock::new(default), others: RwLock::new(others) })
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
        self.admit(name)?;
        let world = Arc::new(make(self.folder.as_deref(), name, origin)?);
        self.enter(name, world)
    }

    /// A copy of a world as it is now.
    pub fn fork(&self, from: &str, name: &str) -> Result<Arc<World>, RegistryError> {
        self.admit(name)?;
        let source = self.world(from)?;
        let world = Arc::new(source.fork(self.store(name)?)?);
        self.enter(name, world)
    }

    /// Begins a world anew from its origin. Calls in flight finish on the old one.
    pub fn reset(&self, name: &str) -> Result<Arc<World>, RegistryError> {
        let old = self.world(name)?;
        let origin = Origin { people: self.template.people.clone(), ..old.core().origin.clone() };
        self.forget(name);
        let world = Arc::new(make(self.folder.as_deref(), name, origin)?);
        if name == DEFAULT {
            *self.default.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&world);
        } else {
            let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
            others.insert(name.to_owned(), Arc::clone(&world));
        }
        Ok(world)
    }

    pub fn drop_world(&self, name: &str) -> Result<(), RegistryError> {
        if name == DEFAULT {
            return Err(RegistryError::Default);
        }
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.remove(name).ok_or_else(|| RegistryError::Unknown(name.to_owned()))?;
        self.forget(name);
        Ok(())
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

    fn enter(&self, name: &str, world: Arc<World>) -> Result<Arc<World>, RegistryError> {
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        if others.contains_key(name) {
            return Err(RegistryError::Taken(name.to_owned()));
        }
        others.insert(name.to_owned(), Arc::clone(&world));
        Ok(world)
    }

    fn store(&self, name: &str) -> Result<Store, StoreError> {
        match &self.folder {
            Some(folder) => Store::open(&file_in(folder, name)),
            None => Store::memory(),
        }
    }

    /// Unlinks a world's file; whoever still reads it keeps the open one.
    fn forget(&self, name: &str) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_file(file_in(folder, name));
        }
    }
}

fn make(folder: Option<&Path>, name: &str, origin: Origin) -> Result<World, Fault> {
    match folder {
        Some(folder) => World::in_file(&file_in(folder, name), origin),
        None => World::in_memory(origin),
    }
}

fn file_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.redb"))
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let worlds = paths.filter(|path| path.extension().is_some_and(|it| it == "redb"));
    let mut names: Vec<String> =
        worlds.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}
