//! The settings of one running calltriage, read from TOML, environment and secret files, and checked as a whole.
