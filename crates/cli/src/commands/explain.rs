//! `hence explain`

use anyhow::bail;
use hence_diagnostics::{Code, explain, nearest};

use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A code such as `H1003`, or its name such as `unknown-field`. Without one, all are listed.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let Some(written) = &arguments.code else {
        for code in Code::ALL {
            output::result(&format!("{code}  {}\n", code.name()));
        }
        return Ok(Ending::Well);
    };
    match explain::page(written) {
        Some(page) => {
            output::result(page);
            Ok(Ending::Well)
        }
        None => {
            let names = Code::ALL.iter().flat_map(|code| [code.as_str(), code.name()]);
            match nearest(written, names) {
                Some(near) => bail!("there is no code `{written}`; did you mean `{near}`?"),
                None => bail!("there is no code `{written}`; `hence explain` lists all"),
            }
        }
    }
}
