//! Paths and the URIs that editors name files by.
//!
//! An editor on this machine names files by where they are, `file:///home/…`. One that is elsewhere is served a single
//! folder and names what is in it by its path there, `hence:///rules/orders.rule`, or `hence:/rules/orders.rule` as some
//! write the same; nothing else has a name for it.

use std::path::{Component, Path, PathBuf};

use lsp_types::Uri;

/// What the URIs of an editor that is elsewhere begin with.
const ELSEWHERE: &str = "hence://";

/// How an editor names files.
#[derive(Debug, Clone, Default)]
pub(super) struct Naming {
    /// The folder that is served, for an editor that is elsewhere.
    root: Option<PathBuf>,
}

impl Naming {
    /// Returns the naming of an editor on this machine, or of one that is served a folder.
    pub(super) fn new(root: Option<&Path>) -> Self {
        Self { root: root.map(canonical) }
    }

    /// Returns the folder that is served, for an editor that is elsewhere.
    pub(super) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Returns the path of a URI, links resolved where the file is there; nothing for what is not served.
    pub(super) fn path(&self, uri: &Uri) -> Option<PathBuf> {
        let Some(root) = &self.root else {
            let path = decoded(uri.as_str(), "file://")?;
            return Some(canonical(Path::new(without_drive_slash(&path))));
        };
        let inside = PathBuf::from(decoded(&canonical_uri(uri), ELSEWHERE)?.trim_start_matches('/'));
        let stays = inside.components().all(|part| matches!(part, Component::Normal(_)));
        // A link in the folder may lead out of it.
        let path = stays.then(|| canonical(&root.join(inside)))?;
        path.starts_with(root).then_some(path)
    }

    /// Returns the URI of a path.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        match &self.root {
            None => encoded("file://", path),
            Some(root) => encoded(ELSEWHERE, path.strip_prefix(root).ok()?),
        }
    }
}

/// Returns a URI of an editor elsewhere as it is written here.
pub(super) fn canonical_uri(uri: &Uri) -> String {
    match uri.as_str().strip_prefix("hence:/") {
        Some(path) if !path.starts_with('/') => format!("{ELSEWHERE}/{path}"),
        Some(_) | None => uri.as_str().to_owned(),
    }
}

/// Returns the path in a URI that begins so.
fn decoded(uri: &str, scheme: &str) -> Option<String> {
    let rest = uri.strip_prefix(scheme)?;
    // What stands before the path is the machine; only this one has files for us.
    decode(rest.get(rest.find('/')?..)?)
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

fn encoded(scheme: &str, path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    let mut encoded = String::from(scheme);
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
        let naming = Naming::default();
        for path in ["/a/b.rule", "/no such folder/ä日#?%.rule", "/a:b/c+d.rule"] {
            let uri = naming.uri(Path::new(path)).unwrap();
            assert_eq!(naming.path(&uri), Some(PathBuf::from(path)), "{path}");
        }
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        let naming = Naming::default();
        assert_eq!(naming.path(&"untitled:Untitled-1".parse().unwrap()), None);
        assert_eq!(naming.path(&"https://example.org/a.rule".parse().unwrap()), None);
    }

    #[test]
    fn an_editor_elsewhere_names_what_is_in_the_folder_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = canonical(folder.path());
        let naming = Naming::new(Some(folder.path()));
        let uri = naming.uri(&root.join("rules/a b.rule")).unwrap();
        assert_eq!(uri.as_str(), "hence:///rules/a%20b.rule");
        assert_eq!(naming.path(&uri), Some(root.join("rules/a b.rule")));
        assert_eq!(naming.path(&"hence:/rules/a%20b.rule".parse().unwrap()), naming.path(&uri));
        assert_eq!(naming.uri(Path::new("/etc/passwd")), None);
        let inside = format!("file://{}/a.rule", root.display());
        for outside in
            ["hence:///../a.rule", "hence:///rules/%2e%2e/%2e%2e/a.rule", "file:///etc/passwd", &inside]
        {
            assert_eq!(naming.path(&outside.parse().unwrap()), None, "{outside}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("out")).unwrap();
        let naming = Naming::new(Some(folder.path()));
        assert_eq!(naming.path(&"hence:///out/passwd".parse().unwrap()), None);
    }
}
