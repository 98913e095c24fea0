//! Where operands are in memory.

use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, types};
use hence_vm::predicate::{FieldAt, Operand, Root};

/// Slots beyond are not asked for directly.
const FARTHEST: i32 = 1 << 16;

use super::{Emitter, Inside, Place, Scope};

impl Emitter<'_, '_> {
    /// Whether there is a quick way to an operand.
    pub(super) fn is_near(&self, operand: &Operand, scope: Scope) -> bool {
        let is_near = match (&operand.root, scope.place) {
            (Root::Slot(slot), _) => i32::try_from(slot.0).is_ok_and(|slot| slot < FARTHEST),
            (Root::Element(0), Inside::Quantifier(_)) => true,
            (Root::Element(_) | Root::Constant(_), _) => false,
        };
        is_near && operand.fields.iter().all(|field| self.offset(field).is_some())
    }

    /// Emits the way to an operand; nothing, and no code, if there is none that is quick.
    pub(super) fn operand(&mut self, operand: &Operand, scope: Scope, slow: Block) -> Option<Place> {
        if !self.is_near(operand, scope) {
            return None;
        }
        let mut place = match (&operand.root, scope.place) {
            (Root::Slot(slot), _) => {
                let slot = usize::try_from(slot.0).ok()?;
                let offset = i32::try_from(slot).ok()?.checked_mul(self.layout.size)?;
                self.slots = self.slots.max(slot.checked_add(1)?);
                Place { base: self.values, offset }
            }
            (Root::Element(0), Inside::Quantifier(element)) => Place { base: element, offset: 0 },
            (Root::Element(_) | Root::Constant(_), _) => return None,
        };
        let indices: Vec<i64> =
            operand.fields.iter().map(|field| self.offset(field)).collect::<Option<_>>()?;
        for (field, offset) in operand.fields.iter().zip(indices) {
            place = self.field(place, field, offset, slow)?;
        }
        let Some(default) = &operand.default else { return Some(place) };
        let join = self.builder.create_block();
        let found = self.builder.append_block_param(join, types::I64);
        let own = self.builder.ins().iadd_imm_s(place.base, i64::from(place.offset));
        let default = self.address(std::ptr::from_ref(default).addr());
        let is_missing = self.has_tag(place, self.layout.tags.missing);
        self.builder.ins().brif(is_missing, join, &[default.into()], join, &[own.into()]);
        self.builder.switch_to_block(join);
        Some(Place { base: found, offset: 0 })
    }

    /// Where a field is among those of its record, in bytes.
    fn offset(&self, field: &FieldAt) -> Option<i64> {
        let (_, place) = field.shape.as_ref()?;
        let index = i64::try_from(*place).ok()?;
        index.checked_mul(i64::from(self.layout.size))
    }

    /// The field of a record that has the declared shape itself; of what is missing, what is missing.
    fn field(&mut self, place: Place, field: &FieldAt, offset: i64, slow: Block) -> Option<Place> {
        let (layout, (shape, _)) = (self.layout, field.shape.as_ref()?);
        let [is_record, otherwise, join] = std::array::from_fn(|_| self.builder.create_block());
        let found = self.builder.append_block_param(join, types::I64);
        let has = self.has_tag(place, layout.tags.record);
        self.builder.ins().brif(has, is_record, &[], otherwise, &[]);

        self.builder.switch_to_block(otherwise);
        let own = self.builder.ins().iadd_imm_s(place.base, i64::from(place.offset));
        let is_missing = self.has_tag(place, layout.tags.missing);
        self.builder.ins().brif(is_missing, join, &[own.into()], slow, &[]);

        self.builder.switch_to_block(is_record);
        let pointer = self.load(types::I64, place, layout.record.0);
        let record = Place { base: pointer, offset: layout.record.1 };
        let own_shape = self.load(types::I64, record, layout.shape.0);
        let data = i64::try_from(Arc::as_ptr(shape).addr()).ok()?;
        let wanted = data - i64::from(layout.shape.1);
        let is_declared = self.builder.ins().icmp_imm_s(IntCC::Equal, own_shape, wanted);
        self.require(is_declared, slow);
        let length = self.load(types::I64, record, layout.fields.length);
        let index = offset / i64::from(layout.size);
        let is_there = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, length, index);
        self.require(is_there, slow);
        let fields = self.load(types::I64, record, layout.fields.pointer);
        let own = self.builder.ins().iadd_imm_s(fields, offset + i64::from(layout.fields.header));
        self.builder.ins().jump(join, &[own.into()]);

        self.builder.switch_to_block(join);
        Some(Place { base: found, offset: 0 })
    }
}
