//! Which conditions are made ready, and which are compiled: those that are evaluated often.
//!
//! ```text
//! interpreter ── WARM evaluations ──► predicate ── HOT evaluations ──► machine code
//! ```
//!
//! Compiling is never waited for: a condition that has become hot is handed to a thread of its own, and is evaluated
//! as before until its code is there. All tiers give the same answers, so nobody can see which one did.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;

use hence_builtins::Context;
use hence_ir::{Program, Rule, RuleId};
use hence_vm::{Conditions, Evaluator, Failure, InTiers, Predicate, Slots};

use crate::native::{Compiled, compile};

/// So many evaluations make a condition worth being made ready.
const WARM: u32 = 8;

/// So many make it worth being compiled: compiling costs about as much as a thousand evaluations save.
const HOT: u32 = 2_000;

/// So many conditions are compiled together at most: they share pages of memory.
const TOGETHER: usize = 64;

/// When conditions are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Never.
    Off,
    /// When they are evaluated often, in the background.
    #[default]
    Auto,
    /// Before they are evaluated for the first time.
    Always,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 3] = [Mode::Off, Mode::Auto, Mode::Always];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Auto => "auto",
            Mode::Always => "always",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(word: &str) -> Result<Mode, String> {
        let mode = Mode::ALL.into_iter().find(|mode| mode.as_str() == word);
        mode.ok_or_else(|| format!("`{word}` is none of off, auto, always"))
    }
}

/// Evaluates conditions in the tier that each deserves.
#[derive(Debug)]
pub struct Tiers {
    mode: Mode,
    /// Where hot conditions are handed to, begun with the first program; nothing in it if there can be no thread.
    compiler: OnceLock<Option<Sender<Hot>>>,
    /// The thread behind it. It ends when nobody can hand over more.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Tiers {
    /// Returns tiers of a mode.
    pub fn new(mode: Mode) -> Tiers {
        Tiers { mode, compiler: OnceLock::new(), thread: Mutex::default() }
    }

    fn compiler(&self) -> Option<Sender<Hot>> {
        let start = || {
            let (sender, receiver) = channel();
            let thread = std::thread::Builder::new().name("compile".to_owned());
            let thread = thread.spawn(move || work(&receiver)).ok()?;
            *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
            Some(sender)
        };
        self.compiler.get_or_init(start).clone()
    }

    fn loaded(&self, program: &Program) -> Loaded {
        let compiler = if self.mode == Mode::Auto { self.compiler() } else { None };
        let rules = program.rules.iter().map(|_| Tier::default()).collect();
        Loaded { mode: self.mode, rules: Arc::new(rules), compiler }
    }
}

impl Evaluator for Tiers {
    fn load(&self, program: &Arc<Program>) -> Box<dyn Conditions> {
        Box::new(self.loaded(program))
    }
}

/// The conditions of a program.
#[derive(Debug)]
struct Loaded {
    mode: Mode,
    rules: Arc<Rules>,
    compiler: Option<Sender<Hot>>,
}

/// By the numbers of the rules.
type Rules = Vec<Tier>;

/// What is known of a condition.
#[derive(Debug, Default)]
struct Tier {
    evaluations: AtomicU32,
    predicate: OnceLock<Arc<Predicate>>,
    /// Nothing in it where it cannot be compiled.
    compiled: OnceLock<Option<Box<Compiled>>>,
}

impl Tier {
    fn predicate(&self, rule: &Rule) -> &Arc<Predicate> {
        self.predicate.get_or_init(|| Arc::new(Predicate::new(rule)))
    }
}

/// A condition to be compiled, unless its program is gone by then.
#[derive(Debug)]
struct Hot {
    rules: Weak<Rules>,
    place: usize,
}

impl Conditions for Loaded {
    fn tiers(&self) -> InTiers {
        let mut counted = InTiers::default();
        for tier in self.rules.iter() {
            match (tier.compiled.get(), tier.predicate.get()) {
                (Some(Some(_)), _) => counted.compiled += 1,
                (Some(None), _) => counted.declined += 1,
                (None, Some(_)) => counted.ready += 1,
                (None, None) => {}
            }
        }
        counted
    }

    fn verdict(&self, id: RuleId, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
        let place = id.0 as usize;
        let Some(tier) = self.rules.get(place) else { return hence_vm::verdict(rule, slots, context) };
        if let Some(Some(compiled)) = tier.compiled.get() {
            return compiled.verdict(rule, slots, context);
        }
        if self.mode == Mode::Always {
            let compiled = tier.compiled.get_or_init(|| {
                let compiled = compile(std::slice::from_ref(tier.predicate(rule)));
                compiled.ok().and_then(|compiled| compiled.into_iter().next()).map(Box::new)
            });
            return match compiled {
                Some(compiled) => compiled.verdict(rule, slots, context),
                None => tier.predicate(rule).verdict(rule, slots, context),
            };
        }
        if let Some(predicate) = tier.predicate.get() {
            self.count(place, tier);
            return predicate.verdict(rule, slots, context);
        }
        if tier.evaluations.fetch_add(1, Ordering::Relaxed) < WARM {
            return hence_vm::verdict(rule, slots, context);
        }
        tier.predicate(rule).verdict(rule, slots, context)
    }
}

impl Loaded {
    /// Counts an evaluation; the one that makes a condition hot hands it over.
    fn count(&self, place: usize, tier: &Tier) {
        let Some(compiler) = &self.compiler else { return };
        if tier.evaluations.load(Ordering::Relaxed) <= HOT
            && tier.evaluations.fetch_add(1, Ordering::Relaxed) == HOT
        {
            // Should the thread be gone, the condition stays in the tier it is in.
            let _ = compiler.send(Hot { rules: Arc::downgrade(&self.rules), place });
        }
    }
}

/// Compiles what is handed over, those together that wait together, until nobody can hand over more.
fn work(hot: &Receiver<Hot>) {
    while let Ok(first) = hot.recv() {
        let mut all = vec![first];
        all.extend(hot.try_iter().take(TOGETHER - 1));
        let mut tiers: Vec<(Arc<Rules>, usize)> = Vec::with_capacity(all.len());
        tiers.extend(all.into_iter().filter_map(|hot| Some((hot.rules.upgrade()?, hot.place))));
        let of = |(rules, place): &(Arc<Rules>, usize)| rules.get(*place)?.predicate.get().cloned();
        tiers.retain(|tier| of(tier).is_some());
        let predicates: Vec<Arc<Predicate>> = tiers.iter().filter_map(of).collect();
        let compiled = compile(&predicates).unwrap_or_default();
        let compiled = compiled.into_iter().map(|compiled| Some(Box::new(compiled)));
        for ((rules, place), compiled) in tiers.iter().zip(compiled.chain(std::iter::repeat_with(|| None))) {
            if let Some(tier) = rules.get(*place) {
                let _ = tier.compiled.set(compiled);
            }
        }
    }
}

#[cfg(test)]
mod tests;
