//! Strands within a run: begun by a step, joined at their ends, and ended together where one of them fails.

use hence_diagnostics::Code;
use hence_ir::Step;

use super::{Run, internal, looping, set};
use crate::strand::{MAIN, State, Strand};
use crate::{Change, Effect, ExecutionError, Status, journal};

/// How many strands an execution may have beside the main one.
const MOST: usize = 1_000;

impl Run<'_> {
    /// Takes another strand up; whether there is one of this number.
    pub(crate) fn switch(&mut self, id: u32) -> bool {
        if self.strand.id == id {
            return true;
        }
        let Some(next) = self.others.strands.remove(&id) else { return false };
        let before = std::mem::replace(&mut self.strand, next);
        self.others.strands.insert(before.id, before);
        true
    }

    /// Takes the strand up whose call, in this attempt, is under way, if there is one.
    pub(crate) fn switch_to_call(&mut self, sequence: u32, attempt: u32) -> bool {
        let is_meant = |strand: &Strand| {
            strand.state == State::Calling && (strand.sequence, strand.attempt) == (sequence, attempt)
        };
        if is_meant(&self.strand) {
            return true;
        }
        let found = self.others.strands.values().find(|strand| is_meant(strand)).map(|strand| strand.id);
        found.is_some_and(|id| self.switch(id))
    }

    /// Returns the numbers of all strands, rising.
    pub(crate) fn strands(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.others.strands.keys().copied().chain([self.strand.id]).collect();
        ids.sort_unstable();
        ids
    }

    /// Takes a call out, in this attempt, that was under way when its strand or the execution was ended; whether it was.
    pub(crate) fn take_if_abandoned(&mut self, sequence: u32, attempt: u32) -> bool {
        let before = self.others.abandoned.len();
        self.others.abandoned.retain(|call| *call != (sequence, attempt));
        self.others.abandoned.len() < before
    }

    /// Takes the calls out that nobody waits for any more.
    pub(crate) fn take_abandoned(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.others.abandoned)
    }

    /// Takes the next strand up that can go on; whether there is one.
    pub(super) fn next_ready(&mut self) -> bool {
        while let Some(id) = self.ready.pop_front() {
            if self.switch(id) {
                return true;
            }
        }
        false
    }

    /// Begins strands at the step that the strand stands at, which waits for them.
    pub(super) fn fork(&mut self) -> Result<(), ExecutionError> {
        self.strand.state = State::Held;
        if let Some(Step::Parallel { strands, .. }) = self.step() {
            for place in strands {
                self.begin_strand(*place, self.strand.locals.clone())?;
            }
        }
        self.go_on_held()
    }

    /// Ends the strand, and goes on with the one that began it as far as that can.
    pub(super) fn join(&mut self) -> Result<(), ExecutionError> {
        let parent = self.others.strands.remove(&self.strand.parent);
        // The strand itself is gone with this.
        self.strand = parent.ok_or_else(|| internal("a strand has no other to join"))?;
        self.go_on_held()
    }

    /// Begins the strands of further elements, or moves past the step if all have joined.
    fn go_on_held(&mut self) -> Result<(), ExecutionError> {
        let end = match self.step() {
            Some(Step::Parallel { end, .. }) => *end,
            Some(Step::Batches { list, position, element, at_a_time, end, .. }) => {
                let mut locals = self.locals()?;
                while self.children() < *at_a_time as usize
                    && let Some(value) = looping::next(&mut locals, *list, *position)?
                {
                    let mut own = locals.clone();
                    set(&mut own, element.0, value)?;
                    self.begin_strand(self.strand.place.saturating_add(1), journal::encode(&own).into())?;
                }
                self.strand.locals = journal::encode(&locals).into();
                *end
            }
            Some(_) | None => return Err(internal("strands end where none begin")),
        };
        if self.children() == 0 {
            self.strand.place = end;
            self.strand.state = State::Ready;
            self.ready.push_back(self.strand.id);
        }
        Ok(())
    }

    fn begin_strand(&mut self, place: u32, locals: std::sync::Arc<str>) -> Result<(), ExecutionError> {
        if self.others.strands.len() >= MOST {
            let message = format!("more than {MOST} strands at the same time");
            return Err(ExecutionError { code: Code::TooManySteps, message });
        }
        self.others.last = self.others.last.saturating_add(1);
        let id = self.others.last;
        let strand = Strand {
            id,
            parent: self.strand.id,
            state: State::Ready,
            place,
            locals,
            sequence: 0,
            attempt: 0,
            called_at: None,
            wake_at: None,
        };
        self.others.strands.insert(id, strand);
        self.ready.push_back(id);
        Ok(())
    }

    fn children(&self) -> usize {
        self.others.strands.values().filter(|strand| strand.parent == self.strand.id).count()
    }

    /// Returns the first place that belongs to the strand rather than to the one that began it.
    pub(super) fn beginning(&self) -> u32 {
        let parent = self.others.strands.get(&self.strand.parent).filter(|_| self.strand.id != MAIN);
        parent.map_or(0, |parent| parent.place.saturating_add(1))
    }

    /// Ends the strand and all that its parent began, and takes the parent up; false for the main strand.
    pub(super) fn leave(&mut self) -> bool {
        if self.strand.id == MAIN {
            return false;
        }
        let Some(parent) = self.others.strands.remove(&self.strand.parent) else { return false };
        let left = std::mem::replace(&mut self.strand, parent);
        let mut family = self.others.take_descendants(self.strand.id);
        family.extend(self.others.take_descendants(left.id));
        family.push(left);
        family.iter().for_each(|strand| self.abandon(strand));
        true
    }

    /// Ends all strands; the main one then stands where the last one that ran does.
    pub(super) fn abandon_all(&mut self) {
        let mut strand = self.strand.clone();
        self.abandon(&strand);
        for other in std::mem::take(&mut self.others.strands).into_values() {
            self.abandon(&other);
        }
        if strand.id != MAIN {
            strand.id = MAIN;
        }
        strand.state = State::Ready;
        strand.wake_at = None;
        self.strand = strand;
        self.others.paused = None;
        self.ready.clear();
    }

    /// Lets go of what a strand does. A call or wait that only this command begins is not begun at all.
    fn abandon(&mut self, strand: &Strand) {
        self.begun_waits.retain(|wait| wait.strand != strand.id);
        if strand.state != State::Calling {
            return;
        }
        let (sequence, attempt) = (strand.sequence, strand.attempt);
        let before = self.begun.len();
        self.begun.retain(|change| {
            !matches!(change, Change::StepStarted(step) if (step.sequence, step.attempt) == (sequence, attempt))
        });
        if self.begun.len() == before {
            self.others.abandoned.push((sequence, attempt));
        } else {
            self.effects.retain(|effect| !matches!(effect, Effect::Call(call) if call.sequence == sequence));
        }
    }

    /// Writes the strands into the execution.
    pub(super) fn put_back(&mut self) {
        self.switch(MAIN);
        if !self.execution.status.is_ended() {
            let all = || self.others.strands.values().chain([&self.strand]);
            let is_calling = all().any(|strand| strand.state == State::Calling);
            let is_waiting = all().any(|strand| strand.state == State::Waiting);
            let earliest = all().filter_map(|strand| strand.wake_at).min();
            if self.execution.status == Status::Paused {
                self.others.paused = Some(self.strand.state);
            } else if is_calling {
                self.execution.status = Status::Running;
            } else if is_waiting {
                self.execution.status = Status::Waiting;
            }
            self.execution.wake_at = earliest;
        }
        self.execution.strands = journal::strands::encode(&self.others).into();
        self.execution.place = self.strand.place;
        self.execution.locals = self.strand.locals.clone();
        self.execution.attempt = self.strand.attempt;
        self.execution.called_at = self.strand.called_at;
    }
}
