//! The files of comma-separated values that tables take their rows from.

use std::path::{Component, Path};

use hence_diagnostics::{FileId, Sources};
use hence_syntax::Parsed;

use crate::files::{self, Buffers};

/// Reads the files of all tables. Their paths are relative to the project's folder and stay in it. A file that is
/// among the sources already is not read again.
pub(crate) fn read(root: &Path, buffers: &Buffers, sources: &mut Sources, parsed: &mut [Parsed]) {
    for file in parsed {
        hence_syntax::read_tables(sources, file, |sources, path| open(root, buffers, sources, path));
    }
}

/// Says of tables with files that there is no folder to read them from.
pub(crate) fn refuse(sources: &mut Sources, parsed: &mut Parsed) {
    hence_syntax::read_tables(sources, parsed, |_, _| Err("the rules are in no folder".to_owned()));
}

fn open(root: &Path, buffers: &Buffers, sources: &mut Sources, path: &str) -> Result<FileId, String> {
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return Err("it is not in the project's folder".to_owned());
    }
    let full = root.join(path);
    let name = files::display(root, &full);
    if let Some((file, _)) = sources.iter().find(|(_, source)| source.name() == name) {
        return Ok(file);
    }
    let bytes = buffers.read(&full).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Ok(sources.add(name, text))
}
