//! A project as texts by their paths, without a folder: what a release is, and what comes over the network.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::Sources;

use crate::files::{Buffers, Located, MANIFEST, TEMPLATES};
use crate::{LintLevel, Manifest, Project};

/// The texts that a project is made of, by their paths from its folder, with `/` between the parts.
///
/// Of `hence.toml` it has what belongs to the rules: name, zone, lints, former names. Connections and the settings of the
/// daemon are matters of the place where it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(BTreeMap<String, Arc<str>>);

/// A path that no file of a project has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is no file of a project: {reason}")]
pub struct NoFile {
    /// The path.
    pub path: String,
    /// Why not.
    pub reason: &'static str,
}

impl Texts {
    /// Takes texts by their paths.
    ///
    /// # Errors
    ///
    /// A path leads elsewhere, or no project reads such a file.
    pub fn new(texts: impl IntoIterator<Item = (String, Arc<str>)>) -> Result<Texts, NoFile> {
        let texts: BTreeMap<String, Arc<str>> = texts.into_iter().collect();
        for path in texts.keys() {
            let refuse = |reason| NoFile { path: path.clone(), reason };
            let mut parts = Path::new(path).components();
            if path.is_empty()
                || path.contains('\\')
                || !parts.all(|part| matches!(part, Component::Normal(_)))
            {
                return Err(refuse("it is a path below the project's folder, with `/` between its parts"));
            }
            if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
                return Err(refuse("hidden files and folders are none"));
            }
            let is_read = [".rule", ".json", ".csv"].iter().any(|end| path.ends_with(end));
            let is_template =
                hence_schema::is_template(path) && Path::new(path).parent() == Some(Path::new(TEMPLATES));
            if path != MANIFEST && !is_read && !is_template {
                return Err(refuse(
                    "a project has `hence.toml`, `.rule` files, integrations, tables and `templates/*.txt` and `.html`",
                ));
            }
        }
        Ok(Texts(texts))
    }

    /// Returns the texts in order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text))
    }

    /// Returns a text.
    pub fn get(&self, path: &str) -> Option<&Arc<str>> {
        self.0.get(path)
    }

    /// Puts a text at the path of one that is there, or of a new rule file.
    ///
    /// # Errors
    ///
    /// See [`Texts::new`].
    pub fn with(&self, path: &str, text: Option<Arc<str>>) -> Result<Texts, NoFile> {
        let mut texts = self.0.clone();
        match text {
            Some(text) => texts.insert(path.to_owned(), text),
            None => texts.remove(path),
        };
        Texts::new(texts)
    }

    /// Returns the BLAKE3 hash of paths and texts, in hexadecimal digits: the same for the same project.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in self.0.iter().flat_map(|(path, text)| [path.as_str(), text]) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl Project {
    /// Loads a project of texts alone: nothing is read from any disk.
    pub fn of_texts(texts: &Texts) -> Project {
        let buffers = texts.0.iter().map(|(path, text)| (PathBuf::from(path), Arc::clone(text)));
        let manifest = texts.get(MANIFEST).map(|_| PathBuf::from(MANIFEST));
        let buffers = Buffers::alone(buffers);
        Self::of_located(Located { root: PathBuf::new(), manifest, single: None, buffers })
    }

    /// Returns the texts that the project is made of.
    pub fn texts(&self) -> Texts {
        let mut texts = of_sources(&self.sources, |name| self.relative(name));
        texts.insert(MANIFEST.to_owned(), of_rules(&self.manifest).into());
        Texts(texts)
    }
}

fn of_sources(sources: &Sources, relative: impl Fn(&str) -> String) -> BTreeMap<String, Arc<str>> {
    let own = sources.iter().map(|(_, source)| source).filter(|source| {
        !hence_schema::is_shipped(source.name())
            && Path::new(source.name()).extension().is_none_or(|extension| extension != "toml")
    });
    own.map(|source| (relative(source.name()), Arc::clone(source.text()))).collect()
}

/// Returns the `hence.toml` that has what belongs to the rules.
fn of_rules(manifest: &Manifest) -> String {
    let mut table = toml::Table::new();
    let mut set = |name: &str, value: toml::Value| table.insert(name.to_owned(), value);
    set("name", manifest.name.clone().into());
    set("timezone", manifest.zone.iana_name().unwrap_or("UTC").into());
    let integrations = manifest.integrations.components().map(|part| part.as_os_str().to_string_lossy());
    set("integrations", integrations.collect::<Vec<_>>().join("/").into());
    let lints = manifest.lints.iter().map(|(code, level)| {
        let level = match level {
            LintLevel::Allow => "allow",
            LintLevel::Warn => "warn",
            LintLevel::Deny => "deny",
        };
        (code.name().to_owned(), level.into())
    });
    let lints: toml::Table = lints.collect();
    let renamed = manifest.renamed.iter();
    let renamed: toml::Table =
        renamed.map(|(present, renamed)| (present.clone(), renamed.first.clone().into())).collect();
    for (name, values) in [("lints", lints), ("renamed", renamed)] {
        if !values.is_empty() {
            set(name, values.into());
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "rule hello\nwhen shop.order.created as o\nif o.total > 10 EUR\nthen\n  log.write(message: \"hello\")\n";

    fn texts(texts: &[(&str, &str)]) -> Result<Texts, NoFile> {
        Texts::new(texts.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(*text))))
    }

    fn versions(project: &Project) -> Vec<(&str, &str)> {
        project.program().rules.iter().map(|rule| (&*rule.name, &*rule.version)).collect()
    }

    #[test]
    fn a_project_of_texts_is_that_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "name = \"mine\"\ntimezone = \"Europe/Berlin\"\n[connections.shop]\nwebhook_secret = \"secret:SHOP\"\n";
        std::fs::write(folder.path().join("hence.toml"), manifest).unwrap();
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        std::fs::write(folder.path().join("rules/a.rule"), RULE).unwrap();
        let of_folder = Project::load(folder.path()).unwrap();
        let texts = of_folder.texts();
        let paths: Vec<&str> = texts.iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["hence.toml", "rules/a.rule"]);
        assert!(!texts.get("hence.toml").unwrap().contains("secret"));
        let again = Project::of_texts(&texts);
        assert_eq!(again.diagnostics(), of_folder.diagnostics());
        assert_eq!(again.manifest.name, "mine");
        assert_eq!(again.manifest.zone, of_folder.manifest.zone);
        assert_eq!(versions(&again), versions(&of_folder));
        assert_eq!(again.texts(), texts);
    }

    #[test]
    fn nothing_is_read_from_the_disk() {
        // The tests run in the folder of this crate.
        const FILE: &str = "fixtures/rates.csv";
        let rows = std::fs::read_to_string(FILE).unwrap();
        let table = "table rates(name: string) -> int? from \"fixtures/rates.csv\"\n";
        let table = ("a.rule", table);
        let with = Project::of_texts(&texts(&[table, (FILE, &rows)]).unwrap());
        let errors = |project: &Project| {
            project
                .diagnostics()
                .into_iter()
                .filter(|one| one.severity == hence_diagnostics::Severity::Error)
                .count()
        };
        assert_eq!(errors(&with), 0, "{:?}", with.diagnostics());
        assert_eq!(errors(&Project::of_texts(&texts(&[table]).unwrap())), 1);
    }

    #[test]
    fn the_hash_tells_paths_and_texts_apart() {
        let hashes = [
            &[("a.rule", "b")][..],
            &[("b.rule", "b")],
            &[("a.rule", "c")],
            &[("a.rule", "b"), ("b.rule", "")],
        ]
        .map(|one| texts(one).unwrap().hash());
        let different: std::collections::BTreeSet<&String> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
        assert_eq!(texts(&[("a.rule", "b")]).unwrap().hash(), hashes[0]);
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in [
            "",
            "/etc/a.rule",
            "../a.rule",
            "a/../b.rule",
            "a\\b.rule",
            ".git/a.rule",
            "a//b.rule",
            "sub/hence.toml",
            "a.exe",
        ] {
            assert!(texts(&[(path, "")]).is_err(), "{path}");
        }
        assert!(
            texts(&[("hence.toml", ""), ("a/b.rule", ""), ("integrations/x.json", "{}"), ("t.csv", "")])
                .is_ok()
        );
    }
}
