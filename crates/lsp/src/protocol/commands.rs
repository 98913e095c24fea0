//! Commands that editors call by name.
