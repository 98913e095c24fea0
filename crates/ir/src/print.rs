//! The printed form of IR, stable enough for snapshots.
