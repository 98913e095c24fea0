//! The target `csv` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hence_tests::fuzzing::targets::csv(data));
