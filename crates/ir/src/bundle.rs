//! Bundles: a program and all it needs to run, in one file.
//!
//! ```text
//! HENCE\0  version  length   payload           checksum
//! 6 bytes  u16 LE   u64 LE   `length` bytes    BLAKE3 of all before, 32 bytes
//! ```
//!
//! The payload is what postcard writes of the types in `wire`. Equal bundles have equal bytes: there are no times and
//! no paths in them, and everything has an order. Reading takes no parser and no checker, and trusts nothing: it
//! never panics, needs memory in proportion to the input, and gives back a program whose numbers lead somewhere. The
//! checksum is against accidents; it proves nothing of who made a bundle.
//!
//! Start with [`Bundle`], [`write`](write()) and [`read`](read()).

mod read;
mod wire;
mod write;

use std::sync::Arc;

use hence_diagnostics::Sources;

use crate::Program;

/// The format version that [`write`](write()) writes. [`read`](read()) reads every version there ever was.
pub const VERSION: u16 = 1;

const MAGIC: &[u8] = b"HENCE\0";
const CHECKSUM: usize = 32;

/// Returns whether bytes begin as those of a bundle do.
pub fn is_bundle(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// A program and all it needs to run, apart from connections and secrets.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// The project's name.
    pub name: String,
    /// The project's time zone by its IANA name.
    pub zone: String,
    /// The rules. Types have lost their documentation and the places where they are declared.
    pub program: Arc<Program>,
    /// The texts that places in the program refer to. Others are not written.
    pub sources: Sources,
    /// The integrations that the program was compiled against, in order of their ids.
    pub integrations: Vec<Pinned>,
}

/// An integration file as it was when the program was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The integration's id.
    pub id: String,
    /// The version that the file gives.
    pub version: String,
    /// The whole file.
    pub text: Arc<str>,
}

impl Pinned {
    /// Returns the BLAKE3 hash of the file, in hexadecimal digits.
    pub fn hash(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex().to_string()
    }
}

/// What the outside of a bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The format version.
    pub version: u16,
    /// The checksum, in hexadecimal digits. Bundles that differ have different ones.
    pub hash: String,
}

/// Why a bundle cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not begin as a bundle does.
    #[error("this is no bundle")]
    NoBundle,
    /// A later version of Hence made it.
    #[error("the bundle has format version {found}, this version of Hence reads up to {VERSION}")]
    Newer {
        /// Its format version.
        found: u16,
    },
    /// It ends too early.
    #[error("the bundle is cut off")]
    Truncated,
    /// Its bytes are not those that were written.
    #[error("the bundle is damaged: its checksum is not that of its content")]
    Damaged,
    /// Its bytes are those that were written, but make no program.
    #[error("the bundle makes no sense: {reason}")]
    Malformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// It calls a function that is not there.
    #[error("the bundle calls `{name}`, a function that this version of Hence does not have")]
    UnknownFunction {
        /// The function.
        name: String,
    },
    /// It has a pattern that is none.
    #[error("the bundle has the pattern `{pattern}`, which cannot be read: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Returns the bytes of a bundle. Equal bundles have equal bytes.
pub fn write(bundle: &Bundle) -> Vec<u8> {
    // Only types that write lists of unknown length make postcard fail, and there are none.
    let (payload, watches, clauses) = write::payload(bundle);
    let mut payload = postcard::to_stdvec(&payload).unwrap_or_default();
    let headers = write::headers(&bundle.program);
    if !headers.is_empty() || !watches.is_empty() || !clauses.is_empty() {
        payload.extend(postcard::to_stdvec(&headers).unwrap_or_default());
    }
    if !watches.is_empty() || !clauses.is_empty() {
        payload.extend(postcard::to_stdvec(&watches).unwrap_or_default());
    }
    if !clauses.is_empty() {
        payload.extend(postcard::to_stdvec(&clauses).unwrap_or_default());
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    bytes
}

/// Reads a bundle.
///
/// # Errors
///
/// The bytes are no bundle, a damaged one, or one made by a later version of Hence.
pub fn read(bytes: &[u8]) -> Result<Bundle, ReadError> {
    let (_, payload) = open(bytes)?;
    read::bundle(payload)
}

/// Reads the outside of a bundle and checks that its bytes are those that were written.
///
/// # Errors
///
/// As of [`read`](read()), apart from what is found in the content.
pub fn header(bytes: &[u8]) -> Result<Header, ReadError> {
    open(bytes).map(|(header, _)| header)
}

/// Returns the header and the payload, which has the right checksum.
fn open(bytes: &[u8]) -> Result<(Header, &[u8]), ReadError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let begun = !bytes.is_empty() && MAGIC.starts_with(bytes);
        return Err(if begun { ReadError::Truncated } else { ReadError::NoBundle });
    };
    let (version, rest) = rest.split_first_chunk().ok_or(ReadError::Truncated)?;
    let version = u16::from_le_bytes(*version);
    if version > VERSION {
        return Err(ReadError::Newer { found: version });
    }
    let (length, rest) = rest.split_first_chunk().ok_or(ReadError::Truncated)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| ReadError::Truncated)?;
    let (payload, checksum) = rest.split_at_checked(length).ok_or(ReadError::Truncated)?;
    if checksum.len() < CHECKSUM {
        return Err(ReadError::Truncated);
    }
    let (content, _) = bytes.split_at(bytes.len() - checksum.len());
    let hash = blake3::hash(content);
    if version == 0 || checksum != hash.as_bytes() {
        return Err(ReadError::Damaged);
    }
    Ok((Header { version, hash: hash.to_hex().to_string() }, payload))
}

#[cfg(test)]
mod tests;
