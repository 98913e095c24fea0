//! Whether a text is one of some constants: by length, then by words.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Type, types};
use hence_types::Text;
use hence_vm::predicate::Operand;

use super::{Emitter, Place, Scope, Ways};

/// Longer texts, and more of them, are not worth code of their own.
const LONGEST: usize = 64;
const MOST: usize = 32;

impl Emitter<'_, '_> {
    pub(super) fn text_in(
        &mut self,
        operand: &Operand,
        texts: &[Text],
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        if texts.len() > MOST || texts.iter().any(|text| text.len() > LONGEST) {
            return None;
        }
        let place = self.operand(operand, scope, ways.slow)?;
        let otherwise = self.missing_block(place, ways);
        self.wants(place, self.layout.tags.text, otherwise);
        let (length, base) = self.text(place);
        let data = Place { base, offset: 0 };
        let mut lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        for own in lengths {
            let [same, other] = std::array::from_fn(|_| self.builder.create_block());
            let has = self.builder.ins().icmp_imm_s(IntCC::Equal, length, own as i64);
            self.builder.ins().brif(has, same, &[], other, &[]);
            self.builder.switch_to_block(same);
            let words = self.words(data, own);
            for text in texts.iter().filter(|text| text.len() == own) {
                let Some(differs) = self.difference(&words, text) else {
                    // The empty text has no words.
                    self.builder.ins().jump(ways.yes, &[]);
                    let unreached = self.builder.create_block();
                    self.builder.switch_to_block(unreached);
                    continue;
                };
                let next = self.builder.create_block();
                self.builder.ins().brif(differs, next, &[], ways.yes, &[]);
                self.builder.switch_to_block(next);
            }
            self.builder.ins().jump(ways.no, &[]);
            self.builder.switch_to_block(other);
        }
        self.builder.ins().jump(ways.no, &[]);
        Some(())
    }

    /// Whether a text begins or ends with a constant.
    pub(super) fn text_part(
        &mut self,
        operand: &Operand,
        at_end: bool,
        part: &Text,
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        if part.is_empty() || part.len() > LONGEST {
            return None;
        }
        let place = self.operand(operand, scope, ways.slow)?;
        self.wants(place, self.layout.tags.text, ways.slow);
        let (length, mut base) = self.text(place);
        let own = part.len() as i64;
        let has_room = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, length, own);
        self.require(has_room, ways.no);
        if at_end {
            let start = self.builder.ins().iadd_imm_s(length, -own);
            base = self.builder.ins().iadd(base, start);
        }
        let words = self.words(Place { base, offset: 0 }, part.len());
        let differs = self.difference(&words, part)?;
        self.builder.ins().brif(differs, ways.no, &[], ways.yes, &[]);
        Some(())
    }

    /// The length of a text and the address of its bytes, which stand in the value or elsewhere.
    fn text(&mut self, place: Place) -> (ir::Value, ir::Value) {
        let start = self.layout.text;
        let first = self.load(types::I64, place, start);
        let last = self.load(types::I64, place, start.saturating_add(8));
        let stands_here = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, last, 0);
        let tagged = self.builder.ins().ushr_imm_u(last, 56);
        let short = self.builder.ins().band_imm_u(tagged, 0x7f);
        let here = self.builder.ins().iadd_imm_s(place.base, i64::from(place.offset.saturating_add(start)));
        let length = self.builder.ins().select(stands_here, short, last);
        (length, self.builder.ins().select(stands_here, here, first))
    }

    /// Loads the words of a text of so many bytes.
    fn words(&mut self, data: Place, length: usize) -> Vec<Word> {
        let load = |(ty, start)| (ty, start, self.load(ty, data, start as i32));
        words(length).into_iter().map(load).collect()
    }

    /// What is not zero if words are other than those of a text; nothing for no words.
    fn difference(&mut self, words: &[Word], text: &str) -> Option<ir::Value> {
        let mut differs = None;
        for (ty, start, word) in words {
            let difference = self.builder.ins().bxor_imm_s(*word, constant(text, *ty, *start));
            let difference = if *ty == types::I64 {
                difference
            } else {
                self.builder.ins().uextend(types::I64, difference)
            };
            differs = Some(match differs {
                None => difference,
                Some(before) => self.builder.ins().bor(before, difference),
            });
        }
        differs
    }
}

/// A word of a text: its type, where it begins, and what was loaded.
type Word = (Type, usize, ir::Value);

/// The words that cover a text of so many bytes, and where they begin. Some may overlap, none goes beyond.
fn words(length: usize) -> Vec<(Type, usize)> {
    let all = |size: usize, ty| {
        let mut starts: Vec<usize> = (0..length / size).map(|word| word * size).collect();
        if !length.is_multiple_of(size) {
            starts.push(length - size);
        }
        starts.into_iter().map(|start| (ty, start)).collect()
    };
    match length {
        0 => Vec::new(),
        1 => vec![(types::I8, 0)],
        2..4 => all(2, types::I16),
        4..8 => all(4, types::I32),
        8.. => all(8, types::I64),
    }
}

/// The bytes of a text from a place on, as a number.
fn constant(text: &str, ty: Type, start: usize) -> i64 {
    let bytes = text.as_bytes().iter().skip(start).take(ty.bytes() as usize);
    let word = bytes.rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    // Immediates are as wide as what they are combined with, and have its sign.
    match ty.bytes() {
        1 => i64::from(word as u8 as i8),
        2 => i64::from(word as u16 as i16),
        4 => i64::from(word as u32 as i32),
        _ => word.cast_signed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cover_a_text_and_go_not_beyond_it() {
        for length in 0..70 {
            let mut covered = vec![false; length];
            for (ty, start) in words(length) {
                covered[start..start + ty.bytes() as usize].fill(true);
            }
            assert!(covered.into_iter().all(|covered| covered), "{length}");
        }
    }
}
