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

/// What cargo knows of everything in the lock file that can be built here. Asks no registry.
fn metadata() -> serde_json::Value {
    let done = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Whether a licence expression can be met with what is allowed: any of what `OR` joins, all of what `AND` does.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    expression.split(" AND ").all(|part| {
        part.split(" OR ")
            .any(|one| allowed.contains(&words(one).as_str()))
    })
}

/// What `cargo deny check licenses bans sources` looks at, without it: it is not installed everywhere.
#[test]
fn what_is_built_in_is_allowed_to_be() {
    let rules: toml::Table = file("deny.toml").parse().unwrap();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    let allowed: Vec<&str> = allowed.iter().map(|it| it.as_str().unwrap()).collect();
    let denied = rules["bans"]["deny"].as_array().unwrap();
    let denied: Vec<&str> = denied
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let known = metadata();
    let packages = known["packages"].as_array().unwrap();
    assert!(packages.len() > 200, "{}", packages.len());
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name}: the licence {licence:?} is not allowed"));
        }
        let source = package["source"].as_str();
        let is_known =
            source.is_none_or(|it| it == "registry+https://github.com/rust-lang/crates.io-index");
        if !is_known {
            wrong.push(format!("{name}: comes from {source:?}"));
        }
    }
    let locked = file("Cargo.lock");
    for name in denied {
        if locked.contains(&format!("name = \"{name}\"\n")) {
            wrong.push(format!("{name} is denied"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(!is_met("GPL-3.0-only", &allowed));
    assert!(!is_met("MIT AND GPL-3.0-only", &allowed));
}

#[test]
fn the_bill_of_materials_names_what_is_linked_and_is_the_same_each_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let written = || {
        let mut command = std::process::Command::new(root.join("packaging/sbom"));
        command.env("PATH", path_with_cargo()).output()
    };
    let Ok(done) = written() else {
        println!("skipped: no python3");
        return;
    };
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_eq!(done.stdout, written().unwrap().stdout);
    let bom: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&bom["bomFormat"], &bom["specVersion"]),
        (&"CycloneDX".into(), &"1.5".into())
    );
    assert_eq!(
        bom["metadata"]["component"]["version"],
        env!("CARGO_PKG_VERSION")
    );
    let components = bom["components"].as_array().unwrap();
    let names: Vec<&str> = components
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    for linked in ["tokio", "reqwest", "sled", "hyper", "slack-morphism"] {
        assert!(names.contains(&linked), "{linked}");
    }
    for of_tests in ["insta", "proptest", "jsonschema", "rustsec"] {
        assert!(!names.contains(&of_tests), "{of_tests}");
    }
    for component in components {
        let is_whole = ["version", "purl", "licenses", "hashes"]
            .iter()
            .all(|it| !component[it].is_null());
        assert!(is_whole, "{component}");
    }
}

/// The search path with the folder of the cargo that runs the tests in front.
fn path_with_cargo() -> std::ffi::OsString {
    let cargo = Path::new(env!("CARGO")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(cargo).chain(std::env::split_paths(&path));
    std::env::join_paths(all).unwrap()
}

/// The program in a root of its own, as the container's recipe lays it out.
#[test]
fn the_program_runs_where_there_is_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let done = std::process::Command::new(root.join("packaging/check-image"))
        .arg(env!("CARGO_BIN_EXE_calltriage"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    println!("{said}");
    let why = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{why}");
    assert!(
        said.contains("it ends on SIGTERM") || said.starts_with("skipped"),
        "{said}"
    );
}

#[test]
fn the_book_stands_over_the_pages() {
    let book: toml::Table = file("docs/book.toml").parse().unwrap();
    assert_eq!(book["book"]["src"].as_str(), Some("."));
    assert_eq!(book["build"]["create-missing"].as_bool(), Some(false));
}
