//! Paths and the URIs that editors name files by.

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// Returns the path of a `file:` URI, links resolved where the file is there.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let text = uri.as_str();
    let rest = text.strip_prefix("file://")?;
    // What stands before the path is the machine; only this one has files for us.
    let encoded = rest.get(rest.find('/')?..)?;
    let decoded = decode(encoded)?;
    let path = PathBuf::from(without_drive_slash(&decoded));
    Some(canonical(&path))
}

/// Resolves links in a path, or in the folders of one that is not there.
pub(super) fn canonical(path: &Path) -> PathBuf {
    if let Ok(found) = std::fs::canonicalize(path) {
        return found;
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder != path => canonical(folder).join(name),
        _ => path.to_owned(),
    }
}

/// `/C:/x` is `C:/x`.
fn without_drive_slash(path: &str) -> &str {
    let bytes = path.as_bytes();
    if cfg!(windows) && bytes.get(2) == Some(&b':') { path.get(1..).unwrap_or(path) } else { path }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Returns the URI of a path.
pub(super) fn uri(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    let mut encoded = String::from("file://");
    if !text.starts_with('/') {
        encoded.push('/');
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_whatever_is_in_them() {
        for path in ["/a/b.rule", "/no such folder/ä日#?%.rule", "/a:b/c+d.rule"] {
            assert_eq!(super::path(&uri(Path::new(path)).unwrap()), Some(PathBuf::from(path)), "{path}");
        }
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        assert_eq!(path(&"untitled:Untitled-1".parse().unwrap()), None);
        assert_eq!(path(&"https://example.org/a.rule".parse().unwrap()), None);
    }
}
