//! Builds again when a scenario is added: the embedding macro only notices changes to files that it already knew.

fn main() {
    println!("cargo::rerun-if-changed=../scenarios");
}
