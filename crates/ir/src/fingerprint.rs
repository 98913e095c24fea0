//! The fingerprint of a rule: what its version is made of.
//!
//! Two rules have one fingerprint if they do the same: where they stand in a file, their titles and documentation
//! do not count. It is taken of the stored form, which holds everything that running a rule needs, so nothing that
//! changes what a rule does can be forgotten here.

use std::sync::Arc;

use hence_diagnostics::{Sources, Span};

use crate::bundle::{self, Bundle};
use crate::{Header, Program, Rule, Step};

/// Returns the fingerprint of a rule that runs in a zone: 16 hexadecimal digits. The rule's own version is left out.
pub fn fingerprint(rule: &Rule, zone: &str) -> String {
    let mut bare = rule.clone();
    bare.title = String::new();
    bare.doc = String::new();
    bare.version = Arc::from("");
    // The zone is given; whether a rule runs, and who looks after it, does not change what it does.
    bare.header = Header { exits: std::mem::take(&mut bare.header.exits), ..Header::default() };
    for exit in &mut bare.header.exits {
        exit.span = Span::default();
    }
    bare.span = Span::default();
    for node in &mut bare.code.nodes {
        node.span = Span::default();
    }
    for step in bare.then.iter_mut().chain(bare.otherwise.iter_mut().flatten()) {
        match step {
            Step::Act { span, .. }
            | Step::Let { span, .. }
            | Step::Branch { span, .. }
            | Step::Stop { span }
            | Step::StopAll { span }
            | Step::Wait { span, .. }
            | Step::Each { span, .. }
            | Step::Answer { span, .. }
            | Step::Attempt { span, .. }
            | Step::Emit { span, .. }
            | Step::Parallel { span, .. }
            | Step::Batches { span, .. } => {
                *span = Span::default();
            }
            Step::Await(wait) => wait.span = Span::default(),
            Step::Jump(_) | Step::Resolve { .. } | Step::Join => {}
        }
    }
    let program = Arc::new(Program { rules: vec![bare], events: Vec::new() });
    let bundle = Bundle {
        name: String::new(),
        zone: zone.to_owned(),
        program,
        sources: Sources::new(),
        integrations: Vec::new(),
    };
    let hash = blake3::hash(&bundle::write(&bundle)).to_hex();
    hash.get(..16).unwrap_or_default().to_owned()
}
