//! The kind `log`: a line in the daemon's log, under the target `hence.action`.

use hence_engine::{Failure, Request, Response};
use hence_schema::LogCall;
use serde_json::{Value as Json, json};

use crate::mask::Mask;
use crate::template::{self, Scope};

/// Writes the line.
pub(crate) fn call(
    call: &LogCall,
    scope: Scope<'_>,
    request: &Request,
    mask: &Mask,
) -> Result<Response, Failure> {
    match template::text(&call.message, scope) {
        Ok(line) => {
            let line = mask.text(&line);
            tracing::info!(target: "hence.action", action = %request.action, key = %request.key, "{line}");
            let detail = json!({"request": {"message": super::excerpt(&line, mask)}, "response": null});
            Ok(Response { result: Json::Null, detail })
        }
        Err(error) => Err(super::refused(&error.to_string(), mask)),
    }
}
