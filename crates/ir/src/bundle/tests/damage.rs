//! What is no bundle, cut off, damaged, of a later version, or made up.

use proptest::prelude::*;

use super::super::*;
use super::FIXTURE;

/// Puts a payload between a header and the right checksum.
fn sealed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    bytes
}

fn payload() -> Vec<u8> {
    FIXTURE[16..FIXTURE.len() - CHECKSUM].to_vec()
}

#[track_caller]
fn refused(bytes: &[u8], error: &ReadError, message: &str) {
    assert_eq!(read(bytes).map(|bundle| bundle.name), Err(error.clone()));
    assert_eq!(error.to_string(), message);
}

#[test]
fn what_is_no_bundle_is_told_apart() {
    for bytes in [&b""[..], b"{}", b"HENCE\x01 and more", b"hence", &[0; 64]] {
        refused(bytes, &ReadError::NoBundle, "this is no bundle");
    }
}

#[test]
fn a_later_version_is_told_whatever_follows() {
    let mut bytes = FIXTURE.to_vec();
    bytes[6] = 2;
    let message = "the bundle has format version 2, this version of Hence reads up to 1";
    refused(&bytes, &ReadError::Newer { found: 2 }, message);
    refused(&bytes[..8], &ReadError::Newer { found: 2 }, message);
}

#[test]
fn a_bundle_cut_off_anywhere_is_told() {
    for end in 1..FIXTURE.len() {
        refused(&FIXTURE[..end], &ReadError::Truncated, "the bundle is cut off");
    }
}

#[test]
fn every_changed_byte_is_found() {
    for place in 0..FIXTURE.len() {
        let mut bytes = FIXTURE.to_vec();
        bytes[place] ^= 0x10;
        assert!(read(&bytes).is_err(), "byte {place}");
    }
    let mut longer = FIXTURE.to_vec();
    longer.push(0);
    refused(&longer, &ReadError::Damaged, "the bundle is damaged: its checksum is not that of its content");
}

#[test]
fn a_function_that_is_not_there_is_named() {
    let payload = payload();
    let name = b"\x05round";
    let place = payload.windows(name.len()).position(|bytes| bytes == name).unwrap();
    let mut changed = payload.clone();
    changed[place + 1] = b'p';
    let error = ReadError::UnknownFunction { name: "pound".to_owned() };
    refused(
        &sealed(&changed),
        &error,
        "the bundle calls `pound`, a function that this version of Hence does not have",
    );
}

#[test]
fn a_pattern_that_is_none_is_told_with_the_reason() {
    let changed: Vec<u8> = payload().into_iter().map(|byte| if byte == b'^' { b'(' } else { byte }).collect();
    let pattern = "(vip-[0-9]+$".to_owned();
    let error = ReadError::Pattern { pattern, reason: "unclosed group".to_owned() };
    refused(
        &sealed(&changed),
        &error,
        "the bundle has the pattern `(vip-[0-9]+$`, which cannot be read: unclosed group",
    );
}

#[test]
fn lengths_beyond_the_input_are_refused() {
    // A list of 2^32 - 1 words.
    let payload = [0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert!(matches!(read(&sealed(&payload)), Err(ReadError::Malformed { .. })));
}

/// What is read may be anything, but it is printed and written like any other.
fn read_and_used(bytes: &[u8]) {
    if let Ok(bundle) = read(bytes) {
        for rule in &bundle.program.rules {
            let _ = crate::print(rule);
        }
        assert!(read(&write(&bundle)).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        read_and_used(&bytes);
        read_and_used(&sealed(&bytes));
    }

    #[test]
    fn changed_payloads_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let mut payload = payload();
        for (place, byte, kind) in changes {
            let place = place.index(payload.len());
            match kind {
                0 => payload[place] = byte,
                1 => payload.insert(place, byte),
                _ => { payload.remove(place); }
            }
        }
        read_and_used(&sealed(&payload));
    }
}
