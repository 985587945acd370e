//! Scenario files: what they may say (`ast`), how they are read (`load`), what is refused before anything is played (`lint`).

pub mod ast;
pub mod fault;
pub mod lint;
pub mod load;
pub mod node;
pub mod place;
pub mod template;
