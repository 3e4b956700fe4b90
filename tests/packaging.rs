//! What surrounds the program: the container's recipe and the licences fit the package.

use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_container_is_built_with_the_minimum_version() {
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(file("Dockerfile").contains(&format!("FROM rust:{rust}-bookworm AS build\n")));
}

#[test]
fn the_container_gets_all_that_is_built_in() {
    // The build copies the whole folder, so only what is kept out of it can be missed.
    assert!(file("Dockerfile").contains("COPY . .\n"));
    let kept_out: Vec<_> = file(".dockerignore").lines().map(str::to_owned).collect();
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "commands",
        "config",
        "examples",
        "assets",
        "tests",
        "docs",
    ] {
        assert!(
            !kept_out.iter().any(|line| line.trim_matches('/') == needed),
            "{needed}"
        );
    }
}

#[test]
fn the_licences_are_there() {
    assert_eq!(env!("CARGO_PKG_LICENSE"), "MIT OR Apache-2.0");
    assert!(file("LICENSE").contains("MIT OR Apache-2.0"));
    assert!(file("LICENSE-MIT").contains("Permission is hereby granted, free of charge"));
    assert!(file("LICENSE-APACHE").contains("Version 2.0, January 2004"));
}
