//! Which rows of a table can match together, which never count, and what no row matches.
//!
//! A row is a box: a set of segments for each column. A sweep over one column at a time keeps the rows that are
//! still possible; what is left of a cell that is not understood is neither counted on nor ruled out.

use std::collections::HashSet;

use super::axis::Set;

/// How much work an analysis may be before it gives up.
const BUDGET: u64 = 20_000_000;

/// The rows of a table as boxes.
#[derive(Debug, Clone, Default)]
pub(super) struct Boxes {
    /// How many segments each column has.
    pub(super) columns: Vec<u32>,
    /// The cells of each row.
    pub(super) rows: Vec<Vec<Set>>,
    /// The rows that ask for given segments of the first column, and those that do not say.
    first: Option<(Vec<Vec<u32>>, Vec<u32>)>,
    /// For each row the column from which on it takes everything.
    tails: Vec<usize>,
    spent: u64,
}

/// A segment of each column.
pub(super) type Witness = Vec<u32>;

/// The analysis was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

impl Boxes {
    pub(super) fn new(columns: Vec<u32>, rows: Vec<Vec<Set>>) -> Self {
        let tail =
            |cells: &Vec<Set>| cells.len() - cells.iter().rev().take_while(|c| **c == Set::Any).count();
        let tails = rows.iter().map(tail).collect();
        let mut boxes = Self { columns, rows, first: None, tails, spent: 0 };
        boxes.first = boxes.index();
        boxes
    }

    /// Lists the rows by the segments of the first column, if that is not too much.
    fn index(&self) -> Option<(Vec<Vec<u32>>, Vec<u32>)> {
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); *self.columns.first()? as usize];
        let mut others = Vec::new();
        let mut entries = 0usize;
        for (row, cells) in self.rows.iter().enumerate() {
            if let Some(Set::Ranges(ranges)) = cells.first() {
                for (start, end) in ranges {
                    entries += (end - start) as usize + 1;
                    if entries > 2_000_000 {
                        return None;
                    }
                    for list in lists.iter_mut().take(*end as usize + 1).skip(*start as usize) {
                        list.push(row as u32);
                    }
                }
            } else {
                others.push(row as u32);
            }
        }
        Some((lists, others))
    }

    fn cell(&self, row: u32, column: usize) -> &Set {
        self.rows.get(row as usize).and_then(|cells| cells.get(column)).unwrap_or(&Set::Opaque)
    }

    fn spend(&mut self, work: usize) -> Result<(), TooMuch> {
        self.spent += work as u64;
        if self.spent > BUDGET { Err(TooMuch) } else { Ok(()) }
    }

    /// Returns the rows above a row that can match in the first column what it matches, in order.
    fn candidates(&self, row: u32) -> Vec<u32> {
        let (Some((lists, others)), Set::Ranges(ranges)) = (&self.first, self.cell(row, 0)) else {
            return (0..row).collect();
        };
        let mut found: Vec<u32> = others.iter().copied().take_while(|other| *other < row).collect();
        for (start, end) in ranges {
            for list in lists.iter().take(*end as usize + 1).skip(*start as usize) {
                found.extend(list.iter().take_while(|other| **other < row));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the first row above a row that can match together with it and is not `alike`, and a witness. The
    /// flag says whether they do for sure.
    pub(super) fn overlap(
        &mut self,
        row: u32,
        alike: impl Fn(u32, u32) -> bool,
    ) -> Result<Option<(u32, Witness, bool)>, TooMuch> {
        let candidates = self.candidates(row);
        self.spend(candidates.len() * self.columns.len())?;
        for other in candidates {
            if !alike(other, row)
                && let Some((witness, sure)) = self.common(row, other)
            {
                return Ok(Some((other, witness, sure)));
            }
        }
        Ok(None)
    }

    /// Returns a segment of each column in both rows.
    fn common(&self, row: u32, other: u32) -> Option<(Witness, bool)> {
        let mut witness = Vec::new();
        let mut sure = true;
        for (column, length) in self.columns.iter().enumerate() {
            let (one, two) = (self.cell(row, column), self.cell(other, column));
            sure &= *one != Set::Opaque && *two != Set::Opaque;
            witness.push(first_common(one, two, *length)?);
        }
        Some((witness, sure))
    }

    /// Returns whether the rows above a row match all that it matches.
    pub(super) fn is_covered(&mut self, row: u32) -> Result<bool, TooMuch> {
        let above = self.candidates(row);
        Ok(self.uncovered(0, &above, Some(row), &mut Vec::new())?.is_none())
    }

    /// Returns what no row is sure to match.
    pub(super) fn gap(&mut self) -> Result<Option<Witness>, TooMuch> {
        let all: Vec<u32> = (0..self.rows.len() as u32).collect();
        self.uncovered(0, &all, None, &mut Vec::new())
    }

    /// Returns whether some row may match a witness.
    pub(super) fn may_match(&self, witness: &[u32]) -> bool {
        self.rows.iter().any(|cells| {
            cells.iter().zip(witness).all(|(cell, segment)| match cell {
                Set::Any | Set::Opaque => true,
                Set::Ranges(ranges) => contains(ranges, *segment),
            })
        })
    }

    /// Sweeps over a column: returns segments of this and all further columns within a row's box, or anywhere,
    /// that none of the active rows covers.
    fn uncovered(
        &mut self,
        column: usize,
        active: &[u32],
        within: Option<u32>,
        path: &mut Witness,
    ) -> Result<Option<Witness>, TooMuch> {
        self.spend(active.len() + 1)?;
        let Some(length) = self.columns.get(column).copied() else {
            return Ok(active.is_empty().then(|| path.clone()));
        };
        let domain: Vec<(u32, u32)> = match within.map(|row| self.cell(row, column)) {
            Some(Set::Ranges(ranges)) => ranges.clone(),
            Some(Set::Any | Set::Opaque) | None => vec![(0, length.saturating_sub(1))],
        };
        let covers = |row: &u32| self.tails.get(*row as usize).is_some_and(|tail| *tail <= column);
        if length == 0 || active.iter().any(covers) {
            return Ok(None);
        }
        let mut edges: Vec<u32> = Vec::new();
        let mut always: Vec<u32> = Vec::new();
        let mut starts: Vec<(u32, u32, u32)> = Vec::new();
        for row in active {
            match self.cell(*row, column) {
                Set::Any => always.push(*row),
                Set::Opaque => {}
                Set::Ranges(ranges) => {
                    for (start, end) in ranges {
                        edges.extend([*start, end + 1]);
                        starts.push((*start, end + 1, *row));
                    }
                }
            }
        }
        for (start, end) in &domain {
            edges.extend([*start, end + 1]);
        }
        edges.sort_unstable();
        edges.dedup();
        starts.sort_unstable();
        self.spend(edges.len() + starts.len())?;
        let mut seen: HashSet<Vec<u32>> = HashSet::new();
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut starts = starts.into_iter().peekable();
        for edge in edges {
            open.retain(|(end, _)| *end > edge);
            while let Some((_, end, row)) = starts.next_if(|(start, ..)| *start <= edge) {
                open.push((end, row));
            }
            if edge >= length || !contains(&domain, edge) {
                continue;
            }
            let mut here: Vec<u32> = open.iter().map(|(_, row)| *row).chain(always.iter().copied()).collect();
            here.sort_unstable();
            self.spend(here.len())?;
            if seen.contains(&here) {
                continue;
            }
            path.push(edge);
            let found = self.uncovered(column + 1, &here, within, path)?;
            path.pop();
            if found.is_some() {
                return Ok(found);
            }
            seen.insert(here);
        }
        Ok(None)
    }
}

fn contains(ranges: &[(u32, u32)], segment: u32) -> bool {
    let at = ranges.partition_point(|(_, end)| *end < segment);
    ranges.get(at).is_some_and(|(start, _)| *start <= segment)
}

fn first_common(one: &Set, two: &Set, length: u32) -> Option<u32> {
    match (one, two) {
        (Set::Ranges(one), Set::Ranges(two)) => {
            let (mut first, mut second) = (one.iter().peekable(), two.iter().peekable());
            loop {
                let ((a, b), (c, d)) = (first.peek()?, second.peek()?);
                let start = (*a).max(*c);
                if start <= (*b).min(*d) {
                    return Some(start);
                }
                if b < d {
                    first.next();
                } else {
                    second.next();
                }
            }
        }
        (Set::Ranges(ranges), Set::Any | Set::Opaque) | (Set::Any | Set::Opaque, Set::Ranges(ranges)) => {
            ranges.first().map(|(start, _)| *start)
        }
        (Set::Any | Set::Opaque, Set::Any | Set::Opaque) => (length > 0).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = Set> {
        prop_oneof![
            2 => Just(Set::Any),
            5 => (0u32..5, 0u32..5).prop_map(|(a, b)| Set::Ranges(vec![(a.min(b), a.max(b))])),
            1 => Just(Set::Ranges(vec![(0, 0), (3, 4)])),
            1 => Just(Set::Ranges(Vec::new())),
        ]
    }

    fn matches(row: &[Set], point: [u32; 2]) -> bool {
        row.iter().zip(point).all(|(set, at)| match set {
            Set::Any => true,
            Set::Opaque => false,
            Set::Ranges(ranges) => ranges.iter().any(|(start, end)| (*start..=*end).contains(&at)),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_sweep_finds_what_trying_every_point_finds(
            rows in proptest::collection::vec((set(), set()), 0..6),
        ) {
            let rows: Vec<Vec<Set>> = rows.into_iter().map(|(a, b)| vec![a, b]).collect();
            let points: Vec<[u32; 2]> = (0..5).flat_map(|x| (0..5).map(move |y| [x, y])).collect();
            let mut boxes = Boxes::new(vec![5, 5], rows.clone());
            let gap = boxes.gap().unwrap();
            prop_assert_eq!(gap.is_some(), points.iter().any(|p| !rows.iter().any(|row| matches(row, *p))));
            if let Some(witness) = gap {
                prop_assert!(!boxes.may_match(&witness));
            }
            for (at, row) in rows.iter().enumerate() {
                let above = &rows[..at];
                let hidden = points
                    .iter()
                    .filter(|p| matches(row, **p))
                    .all(|p| above.iter().any(|other| matches(other, *p)));
                prop_assert_eq!(boxes.is_covered(at as u32).unwrap(), hidden);
                let meets = above.iter().position(|other| {
                    points.iter().any(|p| matches(row, *p) && matches(other, *p))
                });
                let found = boxes.overlap(at as u32, |_, _| false).unwrap();
                prop_assert_eq!(found.as_ref().map(|(other, ..)| *other as usize), meets);
                if let Some((other, witness, _)) = found {
                    let point = [witness[0], witness[1]];
                    prop_assert!(matches(row, point) && matches(&rows[other as usize], point));
                }
            }
        }
    }
}
