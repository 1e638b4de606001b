//! Who may depend on whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// A test that is a program. It looks into the database behind the adapters' backs, so it may know
/// what they know.
const BENCH: &str = "countersign-bench";
const TORTURE: &str = "countersign-torture";

fn workspace() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let packages = metadata.packages.into_iter();
    packages
        .map(|package| (package.name.to_string(), package))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is a folder of the workspace")
}

fn dependencies(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter();
    normal
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

#[test]
fn the_core_depends_on_nothing_that_reaches_outside() {
    let workspace = workspace();
    let allowed = BTreeSet::from(["async-trait", "chrono", "sha2", "thiserror", "unicase"]);
    assert_eq!(dependencies(&workspace["countersign-core"]), allowed);
}

#[test]
fn the_core_does_not_reach_outside_by_itself() {
    let outside = [
        "fs::",
        "net::",
        "env::",
        "process::",
        "io::",
        "{fs",
        "{net",
        "{env",
        "{process",
        "{io",
        " fs,",
        " net,",
        " env,",
        " process,",
        " io,",
        "SystemTime",
        "Utc::now",
        "Local::now",
        "println!",
        "eprintln!",
        "serde",
        "sea_orm",
        "poem",
    ];
    let mut paths = sources(&root().join("src"));
    paths.retain(|path| !path.ends_with("tests.rs"));
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let source = fs::read_to_string(&path).expect("a source file");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for word in outside {
            assert!(!code.contains(word), "{} says {word}", path.display());
        }
    }
}

/// The files in a folder, and in those in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let all = paths.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    });
    all.collect()
}

#[test]
fn no_adapter_depends_on_another_but_the_composition_root() {
    let workspace = workspace();
    let own: BTreeSet<&str> = workspace.keys().map(String::as_str).collect();
    for (name, package) in &workspace {
        // The benchmarks compose servers, too, with stores that no operator would want, and
        // `countersign-torture` one that does not wait for the disk, to see that it notices. What
        // they compose never ships.
        let composed = ["countersign", "countersign-tests", BENCH, TORTURE];
        if name == "countersign-core" || composed.contains(&name.as_str()) {
            continue;
        }
        let neighbours = dependencies(package);
        let neighbours: Vec<&str> = neighbours.intersection(&own).copied().collect();
        assert!(
            matches!(neighbours.as_slice(), [] | ["countersign-core"]),
            "{name} depends on {neighbours:?}"
        );
    }
}

#[test]
fn each_technology_has_one_home() {
    let workspace = workspace();
    for (technology, home) in [
        ("sea-orm", "countersign-sea-orm"),
        ("sea-orm-migration", "countersign-sea-orm"),
        ("rusqlite", "countersign-sea-orm"),
        ("hyper", "countersign-http"),
        ("poem", "countersign-http"),
        ("poem-openapi", "countersign-http"),
        ("ring", "countersign-hmac"),
        ("prometheus", "countersign-telemetry"),
        ("opentelemetry-otlp", "countersign-telemetry"),
        ("ureq", "countersign-telemetry"),
        ("tracing-subscriber", "countersign-telemetry"),
        ("clap", "countersign"),
    ] {
        let homes: Vec<&str> = workspace
            .iter()
            // They look for what was acknowledged with SQLite itself, so that they need not believe
            // the server.
            .filter(|(name, _)| ![BENCH, TORTURE].contains(&name.as_str()))
            .filter(|(_, package)| dependencies(package).contains(technology))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(homes, [home], "{technology}");
    }
}

#[test]
fn the_benchmarks_are_nobodys_dependency() {
    for package in workspace().values() {
        let mut names = package
            .dependencies
            .iter()
            .map(|dependency| &dependency.name);
        assert!(!names.any(|name| name == "countersign-bench"));
    }
}

#[test]
fn the_tests_are_nobodys_dependency_and_depend_for_testing_only() {
    let workspace = workspace();
    assert!(dependencies(&workspace["countersign-tests"]).is_empty());
    for package in workspace.values() {
        let names = package
            .dependencies
            .iter()
            .map(|dependency| dependency.name.as_str());
        let names = names.collect::<Vec<_>>();
        assert!(!names.contains(&"countersign-tests") && !names.contains(&TORTURE));
    }
}
