//! Links of Markdown files to files of the repository: what they point to exists.

use std::collections::BTreeSet;

use super::Problem;
use crate::tree::File;

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut known = BTreeSet::new();
    for file in files {
        let mut path = file.path.as_str();
        known.insert(path);
        while let Some((folder, _)) = path.rsplit_once('/') {
            known.insert(folder);
            path = folder;
        }
    }
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut fenced = false;
        for (number, line) in file.lines() {
            fenced ^= line.trim_start().starts_with("```");
            for target in targets(line).filter(|_| !fenced) {
                let exists = resolve(&file.path, target).is_some_and(|path| known.contains(path.as_str()));
                if !exists {
                    problems.push(Problem::at(&file.path, number, format!("`{target}` does not exist")));
                }
            }
        }
    }
    problems
}

/// Returns the targets of links on a line, without those elsewhere and without the part after `#`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.match_indices("](").filter_map(|(start, opener)| {
        let (target, _) = line.get(start + opener.len()..)?.split_once(')')?;
        target.split('#').next()
    });
    links.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// Returns the path from the root, or nothing where a link leads out of the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." | "" => {}
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_a_problem() {
        let page =
            "see [a](../a.md#part), [the folder](..), [b](b.md)\n[web](https://example.com) [here](#x)\n";
        let files = [File::new("docs/page.md", page), File::new("docs/c.md", ""), File::new("a.md", "")];
        let found: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["docs/page.md:1: `..` does not exist", "docs/page.md:1: `b.md` does not exist"]);
    }

    #[test]
    fn code_is_not_searched_for_links() {
        let files = [File::new("a.md", "```\nlist[0](b)\n```\n[c](d.md)\n")];
        assert_eq!(check(&files).len(), 1);
    }

    #[test]
    fn folders_exist_through_their_files() {
        assert_eq!(check(&[File::new("a.md", "[docs](docs/x/)"), File::new("docs/x/y.md", "")]), []);
    }
}
