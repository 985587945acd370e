//! The doors: sockets, requests, sessions, decoding and answers.

pub mod answer;
pub mod body;
pub mod decode;
mod go_json;
pub mod router;
pub mod serve;
pub mod session;
