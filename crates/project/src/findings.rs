//! What is wrong with a project, kept by file, so that after a change only the files that it concerns are gone through.

use std::collections::{BTreeMap, BTreeSet};

use hence_check::{Changes, Checked, ItemPlace};
use hence_diagnostics::{Diagnostic, FileId};
use hence_schema::Catalog;
use hence_syntax::Parsed;
use rayon::prelude::*;

use crate::manifest::Manifest;

/// What is wrong, by file. Everything has the level that the project gives it and is in the order of printing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    /// What is wrong before any rule is read.
    loading: Vec<Diagnostic>,
    /// What is wrong with rule files, by the index of each.
    files: Vec<OfFile>,
    /// What is wrong with other texts, and was found by looking at the rules.
    elsewhere: Vec<Diagnostic>,
}

/// What is wrong with a rule file.
#[derive(Debug, Clone, Default)]
struct OfFile {
    /// The rules that are too large, by the index of each.
    too_large: BTreeMap<usize, Diagnostic>,
    /// Everything, what is wrong with the files that tables take their rows from included.
    shown: Vec<Diagnostic>,
    file: FileId,
    /// Whether some of it is of another file.
    is_foreign: bool,
}

impl Findings {
    pub(crate) fn of_loading(loading: Vec<Diagnostic>, manifest: &Manifest) -> Self {
        Self { loading: manifest.apply_levels(loading), ..Self::default() }
    }

    /// Takes over what an update of the rules brought. Returns the texts of which something else may be wrong.
    pub(crate) fn update(
        &mut self,
        files: &[Parsed],
        checked: &Checked,
        catalog: &Catalog,
        manifest: &Manifest,
        changes: Changes,
    ) -> BTreeSet<FileId> {
        if self.files.len() != files.len() {
            self.files = vec![OfFile::default(); files.len()];
        }
        let mut changed = changes.files;
        let measured = |place: &ItemPlace| {
            let found = hence_compile::too_large(files, checked, catalog, &manifest.zone, *place);
            (*place, found)
        };
        // In a file that changed a rule may have the index that another had.
        let mut places: BTreeSet<ItemPlace> = changes.items.into_iter().collect();
        for file in &changed {
            if let (Some(of_file), Some(parsed)) = (self.files.get_mut(*file), files.get(*file)) {
                of_file.too_large.clear();
                places.extend((0..parsed.items.len()).map(|item| ItemPlace { file: *file, item }));
            }
        }
        let places: Vec<ItemPlace> = places.into_iter().collect();
        let measured: Vec<(ItemPlace, Option<Diagnostic>)> = places.par_iter().map(measured).collect();
        for (place, found) in measured {
            let Some(of_file) = self.files.get_mut(place.file) else { continue };
            let was = match found {
                Some(found) => of_file.too_large.insert(place.item, found.clone()) != Some(found),
                None => of_file.too_large.remove(&place.item).is_some(),
            };
            if was {
                changed.insert(place.file);
            }
        }
        let mut texts: BTreeSet<FileId> = BTreeSet::new();
        for file in &changed {
            let (Some(of_file), Some(parsed)) = (self.files.get_mut(*file), files.get(*file)) else {
                continue;
            };
            texts.insert(parsed.file);
            texts.extend(of_file.shown.iter().map(|one| one.primary.span.file));
            let found =
                parsed.diagnostics.iter().chain(checked.found(*file)).chain(of_file.too_large.values());
            of_file.file = parsed.file;
            of_file.shown = manifest.apply_levels(found.cloned().collect());
            hence_diagnostics::sort(&mut of_file.shown);
            of_file.shown.shrink_to_fit();
            texts.extend(of_file.shown.iter().map(|one| one.primary.span.file));
            of_file.is_foreign = of_file.shown.iter().any(|one| one.primary.span.file != parsed.file);
        }
        texts.extend(self.elsewhere.iter().map(|one| one.primary.span.file));
        let elsewhere = checked.found_elsewhere().cloned().chain(manifest.check_renamed(checked));
        self.elsewhere = manifest.apply_levels(elsewhere.collect());
        texts.extend(self.elsewhere.iter().map(|one| one.primary.span.file));
        texts
    }

    /// Returns everything, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        let of_files = self.files.iter().flat_map(|of_file| &of_file.shown);
        self.loading.iter().chain(of_files).chain(&self.elsewhere)
    }

    /// Returns everything, in the order of printing.
    pub(crate) fn all(&self) -> Vec<Diagnostic> {
        let mut all: Vec<Diagnostic> = self.iter().cloned().collect();
        hence_diagnostics::sort(&mut all);
        all
    }

    /// Returns what is wrong with a text, in the order of printing.
    pub(crate) fn of(&self, file: FileId) -> Vec<&Diagnostic> {
        let of_files = self.files.iter().filter(|of_file| of_file.file == file || of_file.is_foreign);
        let of_files = of_files.flat_map(|of_file| &of_file.shown);
        let all = self.loading.iter().chain(of_files).chain(&self.elsewhere);
        let mut all: Vec<&Diagnostic> = all.filter(|one| one.primary.span.file == file).collect();
        hence_diagnostics::sort_references(&mut all);
        all
    }
}
