//! The doors: sockets, requests, sessions, decoding and answers.

pub mod answer;
mod body;
pub mod decode;
mod go_json;
mod outside;
pub mod router;
pub mod serve;
mod session;

pub use body::read as read_body;
