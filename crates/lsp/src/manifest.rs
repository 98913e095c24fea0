//! `hence.toml` as a text that is being written.
