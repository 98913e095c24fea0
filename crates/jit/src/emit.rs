//! From predicates to machine code: one function for each, with a block or a few for each step.
//!
//! INVARIANT: what is read of a value is read after its tag was asked for, and what is read of a text, a list or a
//! record lies within its length. So code reads what is there, whatever the slots hold.

mod number;
mod operand;
mod text;

use std::sync::{Arc, OnceLock};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, AbiParam, Block, InstBuilder, MemFlagsData, SigRef, Signature, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, default_libcall_names};
use hence_vm::Predicate;
use hence_vm::predicate::{Operand, Step, Target, Test};

use crate::layout::Layout;
use crate::native::{Helpers, Unsupported};

/// Finished code of predicates.
pub(crate) struct Emitted {
    pub(crate) module: JITModule,
    /// The functions, in the order of the predicates.
    pub(crate) functions: Vec<Function>,
}

/// A finished function.
pub(crate) struct Function {
    pub(crate) id: FuncId,
    /// How many slots it reads at most.
    pub(crate) slots: usize,
}

/// Returns where the parts of values are, looked at once.
fn layout() -> Option<Layout> {
    static LAYOUT: OnceLock<Option<Layout>> = OnceLock::new();
    *LAYOUT.get_or_init(Layout::measure)
}

/// Makes code of predicates.
pub(crate) fn module(predicates: &[Arc<Predicate>]) -> Result<Emitted, Unsupported> {
    let refused = |reason: &dyn std::fmt::Display| Unsupported(reason.to_string());
    if cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))) {
        return Err(refused(&"its processor is of no kind that code is made for"));
    }
    let layout = layout().ok_or_else(|| refused(&"values are laid out in an unknown way"))?;
    let verified = if cfg!(debug_assertions) { "true" } else { "false" };
    let flags = [("opt_level", "speed"), ("enable_verifier", verified)];
    let builder = JITBuilder::with_flags(&flags, default_libcall_names()).map_err(|error| refused(&error))?;
    let mut module = JITModule::new(builder);
    let (mut context, mut scratch) = (module.make_context(), FunctionBuilderContext::new());
    let mut functions = Vec::with_capacity(predicates.len());
    for predicate in predicates {
        context.func.signature = signature(&module, 2);
        let mut builder = FunctionBuilder::new(&mut context.func, &mut scratch);
        let slots = Emitter::function(&mut builder, &module, layout, predicate);
        builder.finalize(module.target_config());
        let id = module.declare_anonymous_function(&context.func.signature);
        let id = id.map_err(|error| refused(&error))?;
        module.define_function(id, &mut context).map_err(|error| refused(&error))?;
        module.clear_context(&mut context);
        functions.push(Function { id, slots });
    }
    module.finalize_definitions().map_err(|error| refused(&error))?;
    Ok(Emitted { module, functions })
}

/// The signature of a function of so many pointers that returns a small number; every function here has it.
fn signature(module: &JITModule, pointers: usize) -> Signature {
    let mut signature = module.make_signature();
    signature.params.resize(pointers, AbiParam::new(types::I64));
    signature.returns.push(AbiParam::new(types::I32));
    signature
}

/// Where a step stands.
#[derive(Clone, Copy)]
struct Scope {
    place: Inside,
    /// Where to go on if the answer is open.
    open: Block,
}

/// What is around a step.
#[derive(Clone, Copy)]
enum Inside {
    /// Nothing.
    Rule,
    /// A step without a quantifier.
    Step,
    /// A quantifier of the outermost level, which looks at this element.
    Quantifier(ir::Value),
}

/// Where a test goes on.
#[derive(Clone, Copy)]
struct Ways {
    yes: Block,
    no: Block,
    /// To ask the step of the predicate itself.
    slow: Block,
}

/// A value in memory: an address and a distance from it.
#[derive(Clone, Copy)]
struct Place {
    base: ir::Value,
    offset: i32,
}

struct Emitter<'e, 'f> {
    builder: &'e mut FunctionBuilder<'f>,
    layout: Layout,
    helpers: Helpers,
    /// The first slot.
    values: ir::Value,
    frame: ir::Value,
    /// Signatures of functions of two and of three pointers.
    two: SigRef,
    three: SigRef,
    /// How many slots are read at most.
    slots: usize,
    /// Blocks that are to be filled: for a value that is not of the kind that was wanted.
    pending: Vec<(Block, Place, Ways)>,
}

impl<'e, 'f> Emitter<'e, 'f> {
    /// Fills a function and returns how many slots it reads at most.
    fn function(
        builder: &'e mut FunctionBuilder<'f>,
        module: &JITModule,
        layout: Layout,
        predicate: &Predicate,
    ) -> usize {
        let two = builder.import_signature(signature(module, 2));
        let three = builder.import_signature(signature(module, 3));
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let parameters = builder.block_params(entry);
        let (values, frame) = match parameters {
            [values, frame] => (*values, *frame),
            // The signature has two.
            _ => return 0,
        };
        let helpers = Helpers::new();
        let (slots, pending) = (0, Vec::new());
        let mut emitter = Emitter { builder, layout, helpers, values, frame, two, three, slots, pending };
        let [yes, no, open] = std::array::from_fn(|_| emitter.builder.create_block());
        emitter.steps(&predicate.steps, Scope { place: Inside::Rule, open }, yes, no);
        for (block, answer) in [(yes, 1), (no, 0), (open, 2)] {
            emitter.builder.switch_to_block(block);
            let answer = emitter.builder.ins().iconst(types::I32, answer);
            emitter.builder.ins().return_(&[answer]);
        }
        emitter.builder.seal_all_blocks();
        emitter.slots
    }

    fn cold_block(&mut self) -> Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// Emits steps, beginning in the current block.
    fn steps(&mut self, steps: &[Step], scope: Scope, yes: Block, no: Block) {
        let blocks: Vec<Block> = steps.iter().map(|_| self.builder.create_block()).collect();
        let first = blocks.first().copied().unwrap_or(scope.open);
        self.builder.ins().jump(first, &[]);
        for (place, (step, block)) in steps.iter().zip(&blocks).enumerate() {
            let target = |target: Target| match target {
                Target::True => yes,
                Target::False => no,
                // As the predicate goes on: forward only.
                Target::Step(next) => {
                    blocks.get((next as usize).max(place + 1)).copied().unwrap_or(scope.open)
                }
            };
            let ways = Ways { yes: target(step.yes), no: target(step.no), slow: self.cold_block() };
            self.builder.switch_to_block(*block);
            if self.test(step, scope, ways).is_none() {
                self.ask(step, scope, ways);
            }
            self.fill_pending();
            self.builder.switch_to_block(ways.slow);
            self.ask(step, scope, ways);
        }
    }

    /// Asks a step of the predicate, as the end of the current block.
    fn ask(&mut self, step: &Step, scope: Scope, ways: Ways) {
        let step = self.address(std::ptr::from_ref(step).addr());
        let frame = self.frame;
        let answer = match scope.place {
            Inside::Rule => self.call(self.two, self.helpers.step, &[step, frame]),
            Inside::Step => self.call(self.two, self.helpers.inner, &[step, frame]),
            Inside::Quantifier(element) => {
                self.call(self.three, self.helpers.within, &[step, frame, element])
            }
        };
        let Some(answer) = answer else {
            self.builder.ins().jump(scope.open, &[]);
            return;
        };
        let is_open = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, answer, 1);
        let told = self.builder.create_block();
        self.builder.ins().brif(is_open, scope.open, &[], told, &[]);
        self.builder.switch_to_block(told);
        self.builder.ins().brif(answer, ways.yes, &[], ways.no, &[]);
    }

    fn call(&mut self, signature: SigRef, address: usize, arguments: &[ir::Value]) -> Option<ir::Value> {
        let address = self.address(address);
        let call = self.builder.ins().call_indirect(signature, address, arguments);
        self.builder.inst_results(call).first().copied()
    }

    /// An address as a constant.
    fn address(&mut self, address: usize) -> ir::Value {
        self.builder.ins().iconst(types::I64, address as i64)
    }

    /// Emits a test, as the end of the current block; nothing, and no code, if it is for the predicate to ask.
    fn test(&mut self, step: &Step, scope: Scope, ways: Ways) -> Option<()> {
        match &step.test {
            Test::Holds(operand) => {
                let place = self.operand(operand, scope, ways.slow)?;
                self.wants(place, self.layout.tags.bool, ways.slow);
                let truth = self.load(types::I8, place, self.layout.bool);
                self.builder.ins().brif(truth, ways.yes, &[], ways.no, &[]);
                Some(())
            }
            Test::Is(operand, wanted) => {
                let place = self.operand(operand, scope, ways.slow)?;
                let otherwise = self.missing_block(place, ways);
                self.wants(place, self.layout.tags.bool, otherwise);
                let truth = self.load(types::I8, place, self.layout.bool);
                let (first, second) = if *wanted { (ways.yes, ways.no) } else { (ways.no, ways.yes) };
                self.builder.ins().brif(truth, first, &[], second, &[]);
                Some(())
            }
            Test::Present(operand) => {
                let place = self.operand(operand, scope, ways.slow)?;
                let is_missing = self.has_tag(place, self.layout.tags.missing);
                self.builder.ins().brif(is_missing, ways.no, &[], ways.yes, &[]);
                Some(())
            }
            Test::Bound { number, relation, bound } => self.bound(number, *relation, bound, scope, ways),
            Test::Compare { left, relation, right } => self.compare(left, *relation, right, scope, ways),
            Test::NumberIn(operand, kind, bounds) => self.number_in(operand, *kind, bounds, scope, ways),
            Test::TextIn(operand, texts) => self.text_in(operand, texts.all(), scope, ways),
            Test::TextPart { operand, at_end, part } => self.text_part(operand, *at_end, part, scope, ways),
            Test::Search { list, deciding, body } => self.search(list, *deciding, body, scope, ways),
            Test::Inner(predicate) => {
                let Inside::Rule = scope.place else { return None };
                let inner = Scope { place: Inside::Step, open: ways.slow };
                self.steps(&predicate.steps, inner, ways.yes, ways.no);
                Some(())
            }
            Test::Moment { operand, relation, bound } => self.moment(operand, *relation, bound, scope, ways),
            Test::Apply { .. } | Test::Matches(..) | Test::Evaluate => None,
        }
    }

    /// A loop over the elements of a list.
    fn search(
        &mut self,
        list: &Operand,
        deciding: bool,
        body: &Predicate,
        scope: Scope,
        ways: Ways,
    ) -> Option<()> {
        let Inside::Rule = scope.place else { return None };
        let list_layout = self.layout.list;
        let list = self.operand(list, scope, ways.slow)?;
        self.wants(list, self.layout.tags.list, ways.slow);
        let pointer = self.load(types::I64, list, list_layout.pointer);
        let length = self.load(types::I64, list, list_layout.length);
        let first = self.builder.ins().iadd_imm_s(pointer, i64::from(list_layout.header));
        let bytes = self.builder.ins().imul_imm_s(length, i64::from(self.layout.size));
        let end = self.builder.ins().iadd(first, bytes);
        let [head, within, next] = std::array::from_fn(|_| self.builder.create_block());
        let element = self.builder.append_block_param(head, types::I64);
        self.builder.ins().jump(head, &[first.into()]);

        self.builder.switch_to_block(head);
        let is_over = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, element, end);
        // `any` found none that holds, `all` none that does not.
        let over = if deciding { ways.no } else { ways.yes };
        self.builder.ins().brif(is_over, over, &[], within, &[]);

        self.builder.switch_to_block(next);
        let following = self.builder.ins().iadd_imm_s(element, i64::from(self.layout.size));
        self.builder.ins().jump(head, &[following.into()]);

        self.builder.switch_to_block(within);
        let (yes, no) = if deciding { (ways.yes, next) } else { (next, ways.no) };
        let inner = Scope { place: Inside::Quantifier(element), open: ways.slow };
        self.steps(&body.steps, inner, yes, no);
        Some(())
    }

    /// Loads a part of a value.
    fn load(&mut self, ty: ir::Type, place: Place, part: i32) -> ir::Value {
        // Everything that is read is there, but decimals begin at any multiple of four bytes.
        let flags = MemFlagsData::new().with_notrap();
        self.builder.ins().load(ty, flags, place.base, place.offset.saturating_add(part))
    }

    fn has_tag(&mut self, place: Place, tag: u8) -> ir::Value {
        let own = self.load(types::I8, place, 0);
        self.builder.ins().icmp_imm_s(IntCC::Equal, own, i64::from(tag))
    }

    /// Goes on if a value is of a kind, and elsewhere if not.
    fn wants(&mut self, place: Place, tag: u8, otherwise: Block) {
        let has = self.has_tag(place, tag);
        self.require(has, otherwise);
    }

    /// Goes on if something holds, and elsewhere if not.
    fn require(&mut self, truth: ir::Value, otherwise: Block) {
        let next = self.builder.create_block();
        self.builder.ins().brif(truth, next, &[], otherwise, &[]);
        self.builder.switch_to_block(next);
    }

    /// A block for a value of the wrong kind: what is missing equals nothing. It is filled after the current one.
    fn missing_block(&mut self, place: Place, ways: Ways) -> Block {
        let block = self.cold_block();
        self.pending.push((block, place, ways));
        block
    }

    /// Fills the blocks for values of the wrong kind.
    fn fill_pending(&mut self) {
        for (block, place, ways) in std::mem::take(&mut self.pending) {
            self.builder.switch_to_block(block);
            let is_missing = self.has_tag(place, self.layout.tags.missing);
            self.builder.ins().brif(is_missing, ways.no, &[], ways.slow, &[]);
        }
    }
}
