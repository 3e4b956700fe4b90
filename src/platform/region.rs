//! Where a machine of the platform stands, by its name. Guesses at nothing.

/// The zone of a routing engine by the beginning of its name; nothing where the name does not tell.
#[must_use]
pub fn region(engine: &str) -> Option<&'static str> {
    // Names as seen: fr1js3, am2js1.
    let is_europe = ["fr", "am"].iter().any(|it| engine.starts_with(it));
    is_europe.then_some("Europe")
}
