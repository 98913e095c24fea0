//! `hence test --watch`: the tests once more whenever a file of the project changes.
//! It ends when it is interrupted.

use std::path::Path;
use std::time::Duration;

use hence_project::Stamp;

use crate::{Ending, output};

/// How often files are asked.
const INTERVAL: Duration = Duration::from_millis(400);

pub(super) fn run(path: &Path, mut once: impl FnMut() -> anyhow::Result<Ending>) -> anyhow::Result<Ending> {
    loop {
        let before = Stamp::of(path, None);
        if let Err(error) = once() {
            output::error(&error);
        }
        output::remark("\nwaiting for changes; Ctrl-C ends");
        while Stamp::of(path, None) == before {
            std::thread::sleep(INTERVAL);
        }
        output::remark("");
    }
}
