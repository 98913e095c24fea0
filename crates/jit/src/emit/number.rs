//! Numbers of one word: what is read, computed and compared.

use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, Block, InstBuilder, MemFlagsData, types};
use hence_types::jiff::Timestamp;
use hence_vm::predicate::{Arithmetic, Bound, Kind, Number, Operand, Relation, SCALES, Short, Unit};

use super::{Emitter, Place, Scope, Ways};

/// Powers of ten that have room in a word.
static POWERS: [i64; 19] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
    10_000_000_000_000,
    100_000_000_000_000,
    1_000_000_000_000_000,
    10_000_000_000_000_000,
    100_000_000_000_000_000,
    1_000_000_000_000_000_000,
];

/// More constants than this are not worth code of their own.
const MOST: usize = 16;

/// A number in code.
#[derive(Clone, Copy)]
struct Read {
    mantissa: ir::Value,
    scale: Scale,
    unit: Counts,
    /// Whether the mantissa may be `i64::MIN`, which stands for what has no room in tables.
    may_be_least: bool,
}

#[derive(Clone, Copy)]
enum Scale {
    Fixed(u32),
    /// Less than [`SCALES`].
    Read(ir::Value),
}

#[derive(Clone, Copy)]
enum Counts {
    Fixed(Unit),
    /// A currency.
    Read(ir::Value),
}

impl Emitter<'_, '_> {
    /// A comparison with a constant.
    pub(super) fn bound(
        &mut self,
        number: &Number,
        relation: Relation,
        bound: &Arc<Bound>,
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        if !self.is_quick(number, scope) {
            return None;
        }
        let read = if let Number::Value(operand, kind) = number {
            let place = self.operand(operand, scope, ways.slow)?;
            let otherwise =
                if relation == Relation::Equal { self.missing_block(place, ways) } else { ways.slow };
            self.value(place, *kind, otherwise, ways.slow)
        } else {
            self.number(number, scope, ways.slow)?
        };
        self.decide(read, relation, bound, ways);
        Some(())
    }

    /// A comparison of two numbers.
    pub(super) fn compare(
        &mut self,
        left: &Number,
        relation: Relation,
        right: &Number,
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        if !self.is_quick(left, scope) || !self.is_quick(right, scope) {
            return None;
        }
        let left = self.number(left, scope, ways.slow)?;
        let right = self.number(right, scope, ways.slow)?;
        self.same_unit(left.unit, right.unit, ways.slow);
        let (left, right, _) = self.aligned(left, right, ways.slow);
        let code = match relation {
            Relation::Equal => IntCC::Equal,
            Relation::Less => IntCC::SignedLessThan,
            Relation::LessOrEqual => IntCC::SignedLessThanOrEqual,
            Relation::Greater => IntCC::SignedGreaterThan,
            Relation::GreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
        };
        let holds = self.builder.ins().icmp(code, left, right);
        self.builder.ins().brif(holds, ways.yes, &[], ways.no, &[]);
        Some(())
    }

    /// Whether a number is one of some constants.
    pub(super) fn number_in(
        &mut self,
        operand: &Operand,
        kind: Kind,
        bounds: &[Arc<Bound>],
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        if bounds.len() > MOST {
            return None;
        }
        let place = self.operand(operand, scope, ways.slow)?;
        let otherwise = self.missing_block(place, ways);
        let read = self.value(place, kind, otherwise, ways.slow);
        for bound in bounds {
            let next = self.builder.create_block();
            self.decide(read, Relation::Equal, bound, Ways { no: next, ..ways });
            self.builder.switch_to_block(next);
        }
        self.builder.ins().jump(ways.no, &[]);
        Some(())
    }

    /// How an instant compares with a constant.
    pub(super) fn moment(
        &mut self,
        operand: &Operand,
        relation: Relation,
        bound: &Timestamp,
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        let place = self.operand(operand, scope, ways.slow)?;
        let otherwise = if relation == Relation::Equal { self.missing_block(place, ways) } else { ways.slow };
        self.wants(place, self.layout.tags.instant, otherwise);
        let own = i64::from(place.offset) + i64::from(self.layout.instant);
        let own = self.builder.ins().iadd_imm_s(place.base, own);
        let bound = self.address(std::ptr::from_ref(bound).addr());
        let order = self.call(self.two, self.helpers.instants, &[own, bound])?;
        let code = match relation {
            Relation::Equal => IntCC::Equal,
            Relation::Less => IntCC::SignedLessThan,
            Relation::LessOrEqual => IntCC::SignedLessThanOrEqual,
            Relation::Greater => IntCC::SignedGreaterThan,
            Relation::GreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
        };
        let holds = self.builder.ins().icmp_imm_s(code, order, 0);
        self.builder.ins().brif(holds, ways.yes, &[], ways.no, &[]);
        Some(())
    }

    /// Whether code can be made for a number: asked before any is.
    fn is_quick(&self, number: &Number, scope: Scope) -> bool {
        match number {
            Number::Value(operand, _) => self.is_near(operand, scope),
            Number::Constant(_) => true,
            Number::Result(_, left, right) => self.is_quick(left, scope) && self.is_quick(right, scope),
        }
    }

    fn number(&mut self, number: &Number, scope: Scope, slow: Block) -> Option<Read> {
        match number {
            Number::Value(operand, kind) => {
                let place = self.operand(operand, scope, slow)?;
                Some(self.value(place, *kind, slow, slow))
            }
            Number::Constant(Short { mantissa, scale, unit }) => Some(Read {
                mantissa: self.builder.ins().iconst(types::I64, *mantissa),
                scale: Scale::Fixed(*scale),
                unit: Counts::Fixed(*unit),
                may_be_least: false,
            }),
            Number::Result(arithmetic, left, right) => {
                let left = self.number(left, scope, slow)?;
                let right = self.number(right, scope, slow)?;
                Some(self.result(*arithmetic, left, right, slow))
            }
        }
    }

    /// Reads a number. What is of another kind goes to `otherwise`, what has no room in a word to `slow`.
    fn value(&mut self, place: Place, kind: Kind, otherwise: Block, slow: Block) -> Read {
        let (layout, tags) = (self.layout, self.layout.tags);
        let (tag, decimal) = match kind {
            Kind::Int => {
                self.wants(place, tags.int, otherwise);
                let mantissa = self.load(types::I64, place, layout.int);
                let unit = Counts::Fixed(Unit::NONE);
                return Read { mantissa, scale: Scale::Fixed(0), unit, may_be_least: true };
            }
            Kind::Decimal => (tags.decimal, layout.decimal),
            Kind::Percent => (tags.percent, layout.percent),
            Kind::Money => (tags.money, layout.amount),
        };
        self.wants(place, tag, otherwise);
        let unit = match kind {
            Kind::Int | Kind::Decimal => Counts::Fixed(Unit::NONE),
            Kind::Percent => Counts::Fixed(Unit::PERCENT),
            Kind::Money => {
                let letters = self.load(types::I32, place, layout.currency);
                Counts::Read(self.builder.ins().band_imm_s(letters, 0x00ff_ffff))
            }
        };
        let first = self.load(types::I64, place, decimal);
        let digits = self.load(types::I64, place, decimal.saturating_add(8));
        // The highest digits are in the upper half of the first word; those of a word leave its sign alone.
        let above = self.builder.ins().ushr_imm_u(first, 32);
        let sign = self.builder.ins().sshr_imm_u(digits, 63);
        let beyond = self.builder.ins().bor(above, sign);
        let fits = self.builder.ins().icmp_imm_s(IntCC::Equal, beyond, 0);
        self.require(fits, slow);
        let upwards = self.builder.ins().ishl_imm_u(first, 32);
        let negative = self.builder.ins().sshr_imm_u(upwards, 63);
        let turned = self.builder.ins().bxor(digits, negative);
        let mantissa = self.builder.ins().isub(turned, negative);
        let scale = self.builder.ins().ushr_imm_u(first, 16);
        let scale = self.builder.ins().band_imm_s(scale, 0xff);
        self.has_table(scale, slow);
        Read { mantissa, scale: Scale::Read(scale), unit, may_be_least: false }
    }

    fn has_table(&mut self, scale: ir::Value, slow: Block) {
        let has = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThan, scale, SCALES as i64);
        self.require(has, slow);
    }

    /// Ends the block with the answer of a comparison with a constant.
    fn decide(&mut self, read: Read, relation: Relation, bound: &Arc<Bound>, ways: Ways) {
        self.same_unit(read.unit, Counts::Fixed(bound.unit), ways.slow);
        let is_saturated = match read.scale {
            Scale::Fixed(scale) => {
                let at = |table: &[i64; SCALES]| table.get(scale as usize) == Some(&i64::MIN);
                at(&bound.at_most) || at(&bound.less)
            }
            Scale::Read(_) => true,
        };
        if read.may_be_least && is_saturated {
            let is_other = self.builder.ins().icmp_imm_s(IntCC::NotEqual, read.mantissa, i64::MIN);
            self.require(is_other, ways.slow);
        }
        // A number is greater than the constant if its mantissa is greater than the greatest at most the constant.
        let above = |emitter: &mut Self, table: &[i64; SCALES]| {
            let limit = emitter.entry(table, read.scale);
            emitter.builder.ins().icmp(IntCC::SignedGreaterThan, read.mantissa, limit)
        };
        let (holds, yes, no) = match relation {
            Relation::Greater => (above(self, &bound.at_most), ways.yes, ways.no),
            Relation::LessOrEqual => (above(self, &bound.at_most), ways.no, ways.yes),
            Relation::GreaterOrEqual => (above(self, &bound.less), ways.yes, ways.no),
            Relation::Less => (above(self, &bound.less), ways.no, ways.yes),
            Relation::Equal => {
                let not_less = above(self, &bound.less);
                let greater = above(self, &bound.at_most);
                (self.builder.ins().band_not(not_less, greater), ways.yes, ways.no)
            }
        };
        self.builder.ins().brif(holds, yes, &[], no, &[]);
    }

    /// An entry of a table of the predicate.
    fn entry(&mut self, table: &[i64], scale: Scale) -> ir::Value {
        match scale {
            Scale::Fixed(scale) => {
                let entry = table.get(scale as usize).copied().unwrap_or_default();
                self.builder.ins().iconst(types::I64, entry)
            }
            Scale::Read(scale) => {
                let base = self.address(table.as_ptr().addr());
                let offset = self.builder.ins().ishl_imm_u(scale, 3);
                let address = self.builder.ins().iadd(base, offset);
                self.builder.ins().load(types::I64, MemFlagsData::trusted(), address, 0)
            }
        }
    }

    fn same_unit(&mut self, left: Counts, right: Counts, slow: Block) {
        let same = match (left, right) {
            (Counts::Fixed(left), Counts::Fixed(right)) if left == right => return,
            (Counts::Fixed(_), Counts::Fixed(_)) => self.builder.ins().iconst(types::I8, 0),
            (Counts::Read(read), Counts::Fixed(unit)) | (Counts::Fixed(unit), Counts::Read(read)) => {
                self.builder.ins().icmp_imm_s(IntCC::Equal, read, i64::from(unit.0))
            }
            (Counts::Read(left), Counts::Read(right)) => self.builder.ins().icmp(IntCC::Equal, left, right),
        };
        self.require(same, slow);
    }

    /// Computes; what has no room in a word, or is not to be computed so, goes to `slow`.
    fn result(&mut self, arithmetic: Arithmetic, left: Read, right: Read, slow: Block) -> Read {
        if let Arithmetic::Multiply = arithmetic {
            return self.product(left, right, slow);
        }
        self.same_unit(left.unit, right.unit, slow);
        self.no_percentage(left.unit, slow);
        let unit = left.unit;
        let (left, right, scale) = self.aligned(left, right, slow);
        let (mantissa, overflows) = match arithmetic {
            Arithmetic::Subtract => self.builder.ins().ssub_overflow(left, right),
            Arithmetic::Add | Arithmetic::Multiply => self.builder.ins().sadd_overflow(left, right),
        };
        self.refuse(overflows, slow);
        Read { mantissa, scale, unit, may_be_least: true }
    }

    fn product(&mut self, left: Read, right: Read, slow: Block) -> Read {
        self.no_percentage(left.unit, slow);
        self.no_percentage(right.unit, slow);
        let unit = match (left.unit, right.unit) {
            (unit, Counts::Fixed(Unit::NONE)) | (Counts::Fixed(Unit::NONE), unit) => unit,
            // Amounts are not multiplied with each other.
            (unit, _) => {
                let never = self.builder.ins().iconst(types::I8, 0);
                self.require(never, slow);
                unit
            }
        };
        let (mantissa, overflows) = self.builder.ins().smul_overflow(left.mantissa, right.mantissa);
        self.refuse(overflows, slow);
        let scale = match (left.scale, right.scale) {
            (Scale::Fixed(0), scale) | (scale, Scale::Fixed(0)) => scale,
            (left, right) => {
                let (left, right) = (self.scale(left), self.scale(right));
                let sum = self.builder.ins().iadd(left, right);
                self.has_table(sum, slow);
                Scale::Read(sum)
            }
        };
        Read { mantissa, scale, unit, may_be_least: true }
    }

    fn no_percentage(&mut self, unit: Counts, slow: Block) {
        if let Counts::Fixed(Unit::PERCENT) = unit {
            let never = self.builder.ins().iconst(types::I8, 0);
            self.require(never, slow);
        }
    }

    fn refuse(&mut self, truth: ir::Value, otherwise: Block) {
        let next = self.builder.create_block();
        self.builder.ins().brif(truth, otherwise, &[], next, &[]);
        self.builder.switch_to_block(next);
    }

    fn scale(&mut self, scale: Scale) -> ir::Value {
        match scale {
            Scale::Fixed(scale) => self.builder.ins().iconst(types::I64, i64::from(scale)),
            Scale::Read(scale) => scale,
        }
    }

    /// Brings two numbers to the greater of their scales.
    fn aligned(&mut self, left: Read, right: Read, slow: Block) -> (ir::Value, ir::Value, Scale) {
        if let (Scale::Fixed(own), Scale::Fixed(other)) = (left.scale, right.scale)
            && own == other
        {
            return (left.mantissa, right.mantissa, left.scale);
        }
        let (own, other) = (self.scale(left.scale), self.scale(right.scale));
        let [same, differs, join] = std::array::from_fn(|_| self.builder.create_block());
        let [first, second, scale] =
            std::array::from_fn(|_| self.builder.append_block_param(join, types::I64));
        let equal = self.builder.ins().icmp(IntCC::Equal, own, other);
        self.builder.ins().brif(equal, same, &[], differs, &[]);
        self.builder.switch_to_block(same);
        self.builder.ins().jump(join, &[left.mantissa.into(), right.mantissa.into(), own.into()]);
        self.builder.switch_to_block(differs);
        let greater = self.builder.ins().umax(own, other);
        let larger = self.raised(left.mantissa, greater, own, slow);
        let larger_right = self.raised(right.mantissa, greater, other, slow);
        self.builder.ins().jump(join, &[larger.into(), larger_right.into(), greater.into()]);
        self.builder.switch_to_block(join);
        (first, second, Scale::Read(scale))
    }

    /// A mantissa at a greater scale.
    fn raised(&mut self, mantissa: ir::Value, scale: ir::Value, own: ir::Value, slow: Block) -> ir::Value {
        let more = self.builder.ins().isub(scale, own);
        let has = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThan, more, POWERS.len() as i64);
        self.require(has, slow);
        let power = self.entry(&POWERS, Scale::Read(more));
        let (raised, overflows) = self.builder.ins().smul_overflow(mantissa, power);
        self.refuse(overflows, slow);
        raised
    }
}
