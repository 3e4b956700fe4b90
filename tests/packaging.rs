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

/// Advisories that are no danger here, each with why.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn no_dependency_has_a_known_hole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let database = root.join("../shared/data/advisory-db");
    if !database.join("crates").is_dir() {
        println!("skipped: no database of advisories beside the project");
        return;
    }
    let database = rustsec::Database::open(&database).unwrap();
    let locked = rustsec::Lockfile::load(root.join("Cargo.lock")).unwrap();
    let settings = rustsec::report::Settings {
        ignore: EXCEPTIONS
            .iter()
            .map(|(id, _)| id.parse().unwrap())
            .collect(),
        ..Default::default()
    };
    let found = rustsec::Report::generate(&database, &locked, &settings)
        .vulnerabilities
        .list;
    let told: Vec<String> = found
        .iter()
        .map(|it| {
            let (id, package) = (&it.advisory.id, &it.package);
            format!(
                "{id} {} {}: {}",
                package.name, package.version, it.advisory.title
            )
        })
        .collect();
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn the_service_starts_what_the_package_installs() {
    let unit = file("packaging/calltriage.service");
    let start = "ExecStart=/usr/bin/calltriage run --config /etc/calltriage/calltriage.toml\n";
    assert!(unit.contains(start));
    let package = file("Cargo.toml");
    assert!(package.contains("[\"target/release/calltriage\", \"usr/bin/\", \"755\"]"));
    assert!(package.contains("\"etc/calltriage/calltriage.toml\""));
    assert!(file("packaging/debian/postinst").contains("adduser --system --group"));
}
