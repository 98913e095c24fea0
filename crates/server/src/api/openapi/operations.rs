//! The operations, in the order of the document.

use super::{Answer, Body, Operation, Parameter, Type};

const CURSOR: Parameter = Parameter("cursor", Type::Text, "Where the list goes on, as the page before said.");
const LIMIT: Parameter = Parameter("limit", Type::Limit, "How many are wanted.");
const RULE: Parameter = Parameter("rule", Type::Text, "Of this rule.");
const SINCE: Parameter = Parameter("since", Type::Instant, "At or after this instant.");

/// A request that only asks.
const fn get(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    query: &'static [Parameter],
    answer: Answer,
) -> Operation {
    Operation { method: "get", path, tag, summary, query, body: Body::None, answer, problems: &[] }
}

/// A request that has something done.
const fn post(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    body: Body,
    answer: Answer,
    problems: &'static [u16],
) -> Operation {
    Operation { method: "post", path, tag, summary, query: &[], body, answer, problems }
}

const NO_SUCH: &[u16] = &[404];

/// All operations.
pub(super) const OPERATIONS: &[Operation] = &[
    post(
        "/v1/events",
        "events",
        "Takes CloudEvents 1.0: structured, in batches, or binary with headers `ce-…`. They are durable when this answers.",
        Body::CloudEvents,
        Answer::Json(202, "Taken"),
        &[404, 415, 429, 507],
    ),
    get(
        "/v1/events",
        "events",
        "Lists events, latest first, without their payloads.",
        &[
            Parameter("event", Type::Text, "Of this full name, such as `shop.order.created`."),
            Parameter("source", Type::Text, "From this source."),
            Parameter("state", Type::Choice(&["accepted", "matched"]), "In this state."),
            Parameter("schema_mismatch", Type::Boolean, "Whether the payload breaks its schema."),
            SINCE,
            CURSOR,
            LIMIT,
        ],
        Answer::Page("Event"),
    ),
    Operation {
        query: &[
            Parameter(
                "id",
                Type::Text,
                "By which the event is known: the same again is acknowledged and runs nothing.",
            ),
            Parameter("time", Type::Instant, "When it happened."),
        ],
        ..post(
            "/v1/events/{integration}/{event}",
            "events",
            "Takes an event; the body is its payload. It is durable when this answers.",
            Body::Json,
            Answer::Json(202, "Acknowledged"),
            &[404, 429, 507],
        )
    },
    post(
        "/hooks/{integration}",
        "events",
        "Takes a webhook of a provider, whose signature is checked.",
        Body::Json,
        Answer::Json(202, "AcknowledgedAll"),
        &[401, 404, 429, 507],
    ),
    Operation {
        query: &[Parameter("explain", Type::Boolean, "Whether to tell why each rule matched or did not.")],
        ..post(
            "/v1/decide/{entry_point}",
            "decisions",
            "Decides: a context in, what its rules answer out. Nothing is kept.",
            Body::Json,
            Answer::Json(200, "Decision"),
            &[404, 422],
        )
    },
    get(
        "/v1/executions",
        "executions",
        "Lists executions, latest first.",
        &[
            RULE,
            Parameter("status", Type::Status, "In this state."),
            Parameter("event", Type::Text, "Started by an event of this full name."),
            Parameter("event_id", Type::Text, "Started by an event of this id."),
            SINCE,
            CURSOR,
            LIMIT,
        ],
        Answer::Page("Execution"),
    ),
    Operation {
        problems: NO_SUCH,
        ..get(
            "/v1/executions/{id}",
            "executions",
            "Shows an execution with its steps.",
            &[],
            Answer::Json(200, "ExecutionWithSteps"),
        )
    },
    Operation {
        problems: &[404, 409],
        ..get(
            "/v1/executions/{id}/explanation",
            "executions",
            "Tells why the rule of an execution matched, computed again from the recorded event.",
            &[Parameter("format", Type::Choice(&["json", "text"]), "How it is told.")],
            Answer::JsonOrText("Explanation"),
        )
    },
    post(
        "/v1/executions/{id}/cancel",
        "executions",
        "Ends an execution. A call under way is not taken back.",
        Body::None,
        Answer::Json(200, "Execution"),
        &[404, 409],
    ),
    post(
        "/v1/executions/{id}/pause",
        "executions",
        "Holds an execution: no further step begins.",
        Body::None,
        Answer::Json(200, "Execution"),
        &[404, 409],
    ),
    post(
        "/v1/executions/{id}/resume",
        "executions",
        "Has an execution go on that was held.",
        Body::None,
        Answer::Json(200, "Execution"),
        &[404, 409],
    ),
    post(
        "/v1/executions/{id}/retry",
        "executions",
        "Has an execution that failed go on with the step that failed, or with the one after it.",
        Body::Maybe("Retry"),
        Answer::Json(200, "Execution"),
        &[404, 409],
    ),
    get(
        "/v1/dead-letters",
        "executions",
        "Lists the executions that failed for good, latest first.",
        &[RULE, CURSOR, LIMIT],
        Answer::Page("Execution"),
    ),
    post(
        "/v1/dead-letters/{id}/redrive",
        "executions",
        "The same as `retry`.",
        Body::Maybe("Retry"),
        Answer::Json(200, "Execution"),
        &[404, 409],
    ),
    get("/v1/rules", "rules", "Lists the rules in the order they run.", &[], Answer::Json(200, "Rules")),
    Operation {
        problems: NO_SUCH,
        ..get("/v1/rules/{name}", "rules", "Shows a rule.", &[], Answer::Json(200, "Rule"))
    },
    post(
        "/v1/rules/{name}/run",
        "rules",
        "Starts a rule with `when manual`; the body has the values it asks for.",
        Body::Maybe("Values"),
        Answer::Json(202, "Started"),
        &[404, 409, 422, 429, 507],
    ),
    get(
        "/v1/tasks",
        "tasks",
        "Lists what rules ask people: open tasks, or all.",
        &[
            Parameter("state", Type::Choice(&["open", "all"]), "Which ones."),
            Parameter("role", Type::Text, "For this role."),
            CURSOR,
            LIMIT,
        ],
        Answer::Page("Task"),
    ),
    Operation {
        problems: NO_SUCH,
        ..get("/v1/tasks/{id}", "tasks", "Shows a task.", &[], Answer::Json(200, "Task"))
    },
    post(
        "/v1/tasks/{id}/answer",
        "tasks",
        "Answers a task. Of two answers the first counts.",
        Body::Of("TaskAnswer"),
        Answer::Nothing(202),
        &[404, 409, 429, 507],
    ),
    get("/v1/tokens", "access", "Lists tokens, never what they are.", &[], Answer::Json(200, "Tokens")),
    post(
        "/v1/tokens",
        "access",
        "Makes a token. The answer is the only place where it ever stands.",
        Body::Of("NewToken"),
        Answer::Json(201, "MadeToken"),
        &[409, 507],
    ),
    Operation {
        method: "delete",
        problems: &[404, 507],
        ..get("/v1/tokens/{name}", "access", "Revokes a token.", &[], Answer::Nothing(204))
    },
    get(
        "/v1/audit",
        "access",
        "Lists who changed what, latest first.",
        &[Parameter("cursor", Type::Number, "Where the list goes on, as the page before said."), LIMIT],
        Answer::Page("Audited"),
    ),
    post(
        "/v1/session",
        "access",
        "Signs a browser in with a token or a link. The session is a cookie; what changes something repeats `csrf` in the header `hence-csrf`.",
        Body::Of("SignIn"),
        Answer::Json(201, "Session"),
        &[401, 403, 507],
    ),
    get("/v1/session", "access", "Tells who asks.", &[], Answer::Json(200, "Session")),
    Operation {
        method: "delete",
        problems: &[409, 507],
        ..get("/v1/session", "access", "Signs a browser out.", &[], Answer::Nothing(204))
    },
    Operation {
        problems: &[403],
        ..get(
            "/sign-in",
            "access",
            "The page that a link to sign in leads to.",
            &[Parameter("link", Type::Text, "What the link holds.")],
            Answer::Text("text/html"),
        )
    },
    get("/v1/stats", "daemon", "Tells how much there is.", &[], Answer::Json(200, "Stats")),
    Operation {
        problems: &[429],
        ..get(
            "/v1/live",
            "daemon",
            "Tells what happens from now on, as server-sent events: `event`, `execution`, `step`.",
            &[],
            Answer::Text("text/event-stream"),
        )
    },
    get("/v1/openapi.json", "daemon", "This document.", &[], Answer::Json(200, "Values")),
    get(
        "/metrics",
        "daemon",
        "What the daemon counts and measures.",
        &[],
        Answer::Text("application/openmetrics-text"),
    ),
    get("/healthz", "daemon", "The process lives.", &[], Answer::Json(200, "Health")),
    get("/readyz", "daemon", "The daemon can do its work.", &[], Answer::Json(200, "Readiness")),
    Operation {
        problems: &[426, 429],
        ..get(
            "/lsp",
            "daemon",
            "The language server, as a WebSocket of the protocol `hence.lsp`.",
            &[],
            Answer::Socket,
        )
    },
];
