//! The page of the numbers that `/metrics` has.

use std::fmt::Write as _;

use calltriage::metrics::FAMILIES;

use super::{cell, check};

#[test]
fn the_page_of_metrics_is_fresh() {
    let mut page = String::from(
        "# Metrics\n\nWhat `/metrics` of `[http] listen` tells Prometheus. Made by `UPDATE_DOCS=1 cargo test docs::`.\n\n\
         | Name | Kind | Labels | Tells |\n|---|---|---|---|\n",
    );
    for family in FAMILIES {
        let (name, kind) = (family.name, family.kind.name());
        let (labels, help) = (family.labels.join(", "), cell(family.help));
        writeln!(page, "| `{name}` | {kind} | {labels} | {help} |").unwrap();
    }
    check("metrics.md", &page);
}
