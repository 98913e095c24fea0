//! `traceparent`: which trace something is a part of, and under which span of it (W3C Trace Context, level 1).

use std::fmt;

/// The flag of a trace whose spans are kept.
const SAMPLED: u8 = 1;

/// A place in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Context {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

impl Context {
    /// Returns the beginning of a trace whose spans are kept.
    pub(crate) fn new(trace: [u8; 16], span: [u8; 8]) -> Self {
        Self { trace, span, flags: SAMPLED }
    }

    /// Reads a header. What is none is as good as not there, as the specification has it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = bytes::<1>(version)?;
        let context = Self { trace: bytes(trace)?, span: bytes(span)?, flags: bytes::<1>(flags)?[0] };
        // Later versions may add parts at the end.
        let is_known = version != 0xff && (version > 0 || parts.next().is_none());
        (is_known && context.trace != [0; 16] && context.span != [0; 8]).then_some(context)
    }

    /// Returns another span of the same trace.
    pub(crate) fn with_span(self, span: [u8; 8]) -> Self {
        Self { span, ..self }
    }

    /// Returns whether the spans of the trace are kept.
    pub(crate) fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    pub(super) fn trace_text(&self) -> String {
        hex(&self.trace)
    }

    pub(super) fn span_text(&self) -> String {
        hex(&self.span)
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", hex(&self.trace), hex(&self.span), self.flags)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads so many bytes in lower case.
fn bytes<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    let is_lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 2 * COUNT || !is_lower {
        return None;
    }
    let mut read = [0; COUNT];
    for (index, byte) in read.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_and_written() {
        let context = Context::parse(HEADER).unwrap();
        assert_eq!(context.to_string(), HEADER);
        assert!(context.is_sampled());
        assert!(!Context::parse(&HEADER.replace("-01", "-00")).unwrap().is_sampled());
        let other = context.with_span([1; 8]);
        assert_eq!(other.to_string(), "00-0af7651916cd43dd8448eb211c80319c-0101010101010101-01");
        // A later version is read as far as it is known.
        let later = format!("{}-what-comes", HEADER.replacen("00", "cc", 1));
        assert_eq!(Context::parse(&later), Some(context));
    }

    #[test]
    fn what_is_no_header_is_none() {
        for text in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é-01",
        ] {
            assert_eq!(Context::parse(text), None, "{text}");
        }
    }
}
