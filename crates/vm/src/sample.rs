//! Rules for tests, built by hand.
