//! The files of a description: read once, with all files that they refer to, and the way from a reference to what it means.
//!
//! A file is read as JSON where its text begins like JSON, and as YAML else. Addresses are never fetched. An
//! `$id` or `$anchor` within a file that was read is known by its name.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use hence_diagnostics::{Code, Diagnostic, FileId, Sources, Span, nearest};
use hence_schema::json::{self, Node};
use percent_encoding::percent_decode_str;

use crate::yaml;

/// The largest file, in bytes.
const LARGEST: u64 = 64 << 20;

/// How many files a description may be.
const MOST_FILES: usize = 2_000;

/// How many references may lead from one to the next.
const LONGEST_CHAIN: usize = 100;

/// Why a description cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is no such file, or it may not be read.
    #[error("cannot read {}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The folder has no file that could be one.
    #[error("{} has no file that ends in .json, .yaml or .yml", .0.display())]
    Empty(PathBuf),
}

struct File {
    path: PathBuf,
    root: Option<Node>,
}

/// What a reference means.
#[derive(Debug, Clone)]
pub(crate) struct Target<'a> {
    pub(crate) node: &'a Node,
    /// The last part of the reference, from which a name can be made.
    pub(crate) name: String,
}

/// The files that were read.
pub(crate) struct Files {
    sources: Sources,
    files: Vec<File>,
    by_path: HashMap<PathBuf, Result<usize, String>>,
    /// Values that have an `$id` or `$anchor`: the file and the JSON pointer.
    ids: HashMap<String, (usize, String)>,
    /// How many of the files were named, and not referred to.
    named: usize,
    problems: Vec<Diagnostic>,
}

impl Files {
    /// Reads a file, or all files of a folder, and the files they refer to.
    pub(crate) fn open(path: &Path) -> Result<Self, Unreadable> {
        let unreadable = |source| Unreadable::File { path: path.to_owned(), source };
        let mut files = Files {
            sources: Sources::new(),
            files: Vec::new(),
            by_path: HashMap::new(),
            ids: HashMap::new(),
            named: 0,
            problems: Vec::new(),
        };
        let mut named = vec![path.to_owned()];
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            let entries = std::fs::read_dir(path).map_err(unreadable)?;
            named = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| is_readable(path))
                .collect();
            named.sort();
        }
        if named.is_empty() {
            return Err(Unreadable::Empty(path.to_owned()));
        }
        for path in &named {
            files.read(path).map_err(|source| Unreadable::File { path: path.clone(), source })?;
        }
        files.named = files.files.len();
        let mut next = 0;
        while next < files.files.len() {
            files.follow(next);
            next += 1;
        }
        Ok(files)
    }

    /// Reads a file. What is wrong within it is kept as a problem.
    fn read(&mut self, path: &Path) -> std::io::Result<usize> {
        let size = std::fs::metadata(path)?.len();
        if size > LARGEST {
            let message = format!("it has {size} bytes, and no more than {LARGEST} are read");
            return Err(std::io::Error::other(message));
        }
        let bytes = std::fs::read(path)?;
        let text = String::from_utf8(bytes)
            .map_err(|error| std::io::Error::other(format!("it is not UTF-8: {}", error.utf8_error())))?;
        let id = self.sources.add(path.to_string_lossy(), text.as_str());
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let is_json = start.starts_with(['{', '['])
            && !path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let parsed = if is_json { json::parse(id, &text) } else { yaml::parse(id, &text) };
        let index = self.files.len();
        self.problems.extend(parsed.diagnostics);
        if let Some(root) = &parsed.root {
            self.note_ids(index, root, &mut String::new());
        }
        self.by_path.insert(clean(path), Ok(index));
        self.files.push(File { path: path.to_owned(), root: parsed.root });
        Ok(index)
    }

    /// Remembers what has a name of its own.
    fn note_ids(&mut self, file: usize, node: &Node, pointer: &mut String) {
        for (member, prefix) in [("$id", ""), ("id", ""), ("$anchor", "#"), ("$dynamicAnchor", "#")] {
            if let Some(id) = node.get(member).and_then(Node::as_text)
                && (member != "id" || id.contains(':'))
            {
                let id = format!("{prefix}{}", id.trim_end_matches('#'));
                self.ids.entry(id).or_insert_with(|| (file, pointer.clone()));
            }
        }
        let length = pointer.len();
        for (name, member) in node.members() {
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            self.note_ids(file, &member.value, pointer);
            pointer.truncate(length);
        }
        for (index, item) in node.items().enumerate() {
            pointer.push_str(&format!("/{index}"));
            self.note_ids(file, item, pointer);
            pointer.truncate(length);
        }
    }

    /// Reads the files that a file refers to.
    fn follow(&mut self, index: usize) {
        let Some(file) = self.files.get(index) else { return };
        let mut references = Vec::new();
        if let Some(root) = &file.root {
            collect(root, &mut references);
        }
        let paths: Vec<PathBuf> =
            references.iter().filter_map(|reference| path_of(&file.path, reference)).collect();
        for path in paths {
            let key = clean(&path);
            if self.by_path.contains_key(&key) {
                continue;
            }
            let read = if self.files.len() >= MOST_FILES {
                Err(std::io::Error::other(format!("no more than {MOST_FILES} files are read")))
            } else {
                self.read(&path)
            };
            self.by_path.insert(key, read.map_err(|error| error.to_string()));
        }
    }

    /// Returns the contents of the files that were named, in order.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &Node> {
        self.files.iter().take(self.named).filter_map(|file| file.root.as_ref())
    }

    /// Returns the name of a file without its folder and endings.
    pub(crate) fn stem_of(&self, file: FileId) -> &str {
        let path = self.files.get(file.index()).map(|file| file.path.as_path());
        let name = path.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
        let ends = [".json", ".yaml", ".yml", ".schema"];
        ends.iter().fold(name, |name, end| name.strip_suffix(end).unwrap_or(name))
    }

    /// Returns the name of the first file without its folder and endings.
    pub(crate) fn stem(&self) -> String {
        self.roots().next().map(|root| self.stem_of(root.span.file).to_owned()).unwrap_or_default()
    }

    /// Returns what is wrong with the texts.
    pub(crate) fn take_problems(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.problems)
    }

    pub(crate) fn into_sources(self) -> Sources {
        self.sources
    }

    /// Follows a reference, and the references it leads to, to their end. Of an address, which is not fetched, the error
    /// has the code [`Code::NotCarried`].
    pub(crate) fn resolve<'a>(&'a self, reference: &'a Node) -> Result<Target<'a>, Box<Diagnostic>> {
        let first = reference;
        let mut reference = reference;
        for _ in 0..LONGEST_CHAIN {
            let target = self.step(reference)?;
            match target.node.get("$ref") {
                Some(next) if target.node.members().count() == 1 => reference = next,
                Some(_) | None => return Ok(target),
            }
        }
        let text = first.as_text().unwrap_or_default();
        Err(unknown(first.span, format!("the reference `{text}` leads back to itself")))
    }

    fn step<'a>(&'a self, reference: &'a Node) -> Result<Target<'a>, Box<Diagnostic>> {
        let span = reference.span;
        let Some(text) = reference.as_text() else {
            return Err(unknown(span, format!("a reference is a text, not {}", reference.kind())));
        };
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let file = self.file_of(span, text, path)?;
        let fragment = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        let (file, base) = file;
        let root = self.root(file).ok_or_else(|| unknown(span, format!("`{path}` could not be read")))?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{base}{fragment}")
        } else {
            let anchor = self.ids.get(&format!("#{fragment}")).filter(|(anchored, _)| *anchored == file);
            let anchor = anchor.or_else(|| self.ids.get(text));
            anchor
                .map(|(_, pointer)| pointer.clone())
                .ok_or_else(|| unknown(span, format!("nothing has the anchor `{fragment}`")))?
        };
        let Some(node) = root.pointer(&pointer) else {
            return Err(self.nothing_at(span, root, text, &pointer));
        };
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty());
        let name = match last {
            Some(last) => last.replace("~1", "/").replace("~0", "~"),
            None => self.stem_of(node.span.file).to_owned(),
        };
        Ok(Target { node, name })
    }

    /// Returns the file that the part of a reference before `#` names, and where in it.
    fn file_of(&self, span: Span, text: &str, path: &str) -> Result<(usize, String), Box<Diagnostic>> {
        let own = span.file.index();
        if path.is_empty() {
            return Ok((own, String::new()));
        }
        if let Some((file, pointer)) = self.ids.get(text).or_else(|| self.ids.get(path)) {
            return Ok((*file, pointer.clone()));
        }
        let from = self.files.get(own).map(|file| file.path.as_path()).unwrap_or(Path::new(""));
        let Some(target) = path_of(from, text) else {
            let message = format!("`{text}` is an address, which is not fetched: any JSON stands for it");
            let help = "keep the file beside the description and refer to it by its path";
            return Err(Box::new(Diagnostic::new(Code::NotCarried, span, message).help(help)));
        };
        match self.by_path.get(&clean(&target)) {
            Some(Ok(file)) => Ok((*file, String::new())),
            Some(Err(reason)) => Err(unknown(span, format!("cannot read `{path}`: {reason}"))),
            None => Err(unknown(span, format!("`{path}` was not read"))),
        }
    }

    fn root(&self, file: usize) -> Option<&Node> {
        self.files.get(file)?.root.as_ref()
    }

    /// Tells that a pointer leads nowhere, with the name that was probably meant.
    fn nothing_at(&self, span: Span, root: &Node, text: &str, pointer: &str) -> Box<Diagnostic> {
        let diagnostic = unknown(span, format!("there is nothing at `{text}`"));
        let Some((parent, last)) = pointer.rsplit_once('/') else { return diagnostic };
        let known = root.pointer(parent).into_iter().flat_map(Node::members).map(|(name, _)| name);
        match nearest(last, known) {
            Some(near) => Box::new(diagnostic.help(format!("did you mean `{near}`?"))),
            None => diagnostic,
        }
    }
}

fn unknown(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(Code::UnknownReference, span, message))
}

fn is_readable(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    path.is_file() && ["json", "yaml", "yml"].contains(&end)
}

fn collect<'a>(node: &'a Node, references: &mut Vec<&'a str>) {
    references.extend(node.get("$ref").and_then(Node::as_text));
    node.members().for_each(|(_, member)| collect(&member.value, references));
    node.items().for_each(|item| collect(item, references));
}

/// The file that a reference names, seen from the file it stands in; nothing for one within the file, or an address.
fn path_of(from: &Path, reference: &str) -> Option<PathBuf> {
    let path = reference.split('#').next().filter(|path| !path.is_empty())?;
    let scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    if scheme || path.starts_with("//") {
        return None;
    }
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    Some(from.parent().unwrap_or(Path::new("")).join(path))
}

/// A path without `.` and, where that is sure, without `..`, so that a file is read once however it is referred to.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        let after_name = matches!(cleaned.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if after_name => {
                cleaned.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::ParentDir | Component::Normal(_) => {
                cleaned.push(component);
            }
        }
    }
    cleaned
}
