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
/// What a change of a rule may meet.
const CHANGE: &[u16] = &[404, 409, 412, 422, 507];

/// Which executions are listed.
const EXECUTIONS: &[Parameter] = &[
    RULE,
    Parameter("status", Type::Status, "In this state."),
    Parameter("event", Type::Text, "Started by an event of this full name."),
    Parameter("event_id", Type::Text, "Started by an event of this id."),
    SINCE,
    CURSOR,
    LIMIT,
];

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
        EXECUTIONS,
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
    post(
        "/v1/check",
        "rules",
        "Checks texts together with the project that runs. Nothing is changed.",
        Body::Of("Check"),
        Answer::Json(200, "Checked"),
        &[],
    ),
    post(
        "/v1/evaluate",
        "rules",
        "Evaluates rules against sample data and tells why. Nothing is done or kept.",
        Body::Of("Evaluate"),
        Answer::Json(200, "Evaluated"),
        &[403, 404, 422],
    ),
    get(
        "/v1/releases",
        "releases",
        "Lists releases, latest first, with the one that runs.",
        &[Parameter("cursor", Type::Number, "Where the list goes on, as the page before said."), LIMIT],
        Answer::Json(200, "Releases"),
    ),
    Operation {
        query: &[
            Parameter("note", Type::Text, "What is to be said of it."),
            Parameter("activate", Type::Boolean, "Whether it is to run at once, as it does by default."),
            Parameter("dry_run", Type::Boolean, "Whether it is checked only."),
        ],
        ..post(
            "/v1/releases",
            "releases",
            "Makes a release of the texts of a project or of a bundle, after the checks and tests that CI runs.",
            Body::Release,
            Answer::MadeOrChecked("Made"),
            &[409, 422, 507],
        )
    },
    Operation {
        problems: NO_SUCH,
        ..get(
            "/v1/releases/{id}",
            "releases",
            "Shows a release, with what became of its rules since another one.",
            &[Parameter("against", Type::Number, "Since which one; the one that runs by default.")],
            Answer::Json(200, "ReleaseWithChanges"),
        )
    },
    Operation {
        problems: NO_SUCH,
        ..get(
            "/v1/releases/{id}/content",
            "releases",
            "Gives all that a release is, as it is sent to make one.",
            &[],
            Answer::JsonOrBytes("Texts"),
        )
    },
    post(
        "/v1/releases/{id}/activate",
        "releases",
        "Has a release run.",
        Body::None,
        Answer::Json(200, "Made"),
        &[404, 409, 422, 507],
    ),
    post(
        "/v1/releases/{id}/rollback",
        "releases",
        "Goes back to a release that ran before.",
        Body::None,
        Answer::Json(200, "Made"),
        &[404, 409, 422, 507],
    ),
    post(
        "/v1/releases/{id}/canary",
        "releases",
        "Gives a part of the events to a release, or none any more where it is 0.",
        Body::Of("Share"),
        Answer::Json(200, "Canary"),
        &[404, 409, 422, 507],
    ),
    get("/v1/rules", "rules", "Lists the rules in the order they run.", &[], Answer::Json(200, "Rules")),
    post(
        "/v1/rules",
        "rules",
        "Adds rules; that makes a release.",
        Body::Of("NewRule"),
        Answer::Json(201, "Made"),
        CHANGE,
    ),
    Operation {
        problems: NO_SUCH,
        ..get("/v1/rules/{name}", "rules", "Shows a rule.", &[], Answer::Json(200, "RuleWithText"))
    },
    Operation {
        method: "put",
        ..post(
            "/v1/rules/{name}",
            "rules",
            "Puts a text in place of that of a rule; that makes a release. With `if-match` only while it has that version.",
            Body::Of("RuleText"),
            Answer::Json(200, "Made"),
            CHANGE,
        )
    },
    Operation {
        method: "patch",
        ..post(
            "/v1/rules/{name}",
            "rules",
            "Changes a rule in part: its text, or whether it runs.",
            Body::Of("RulePatch"),
            Answer::Json(200, "Values"),
            CHANGE,
        )
    },
    Operation {
        method: "delete",
        problems: CHANGE,
        ..get(
            "/v1/rules/{name}",
            "rules",
            "Takes a rule away; that makes a release. What it has begun goes on.",
            &[Parameter("note", Type::Text, "What is to be said of it.")],
            Answer::Json(200, "Made"),
        )
    },
    post(
        "/v1/rules/{name}/enable",
        "rules",
        "Has a rule run again that was turned off.",
        Body::None,
        Answer::Json(200, "Switched"),
        CHANGE,
    ),
    post(
        "/v1/rules/{name}/disable",
        "rules",
        "Turns a rule off, whatever releases come. What it has begun goes on.",
        Body::None,
        Answer::Json(200, "Switched"),
        CHANGE,
    ),
    get(
        "/v1/rules/{name}/executions",
        "rules",
        "Lists the executions of a rule, latest first.",
        EXECUTIONS,
        Answer::Page("Execution"),
    ),
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
        "Lists what rules ask people and give them to do: open tasks by id, or all, latest first.",
        &[
            Parameter("state", Type::Choice(&["open", "all"]), "Which ones."),
            Parameter("kind", Type::Choice(&["question", "assignment"]), "Of this kind."),
            Parameter("role", Type::Text, "Questions for this role."),
            Parameter("assignee", Type::Text, "Assignments of this person."),
            Parameter("list", Type::Text, "Assignments on this list."),
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
        "Answers a question. Of two answers the first counts.",
        Body::Of("TaskAnswer"),
        Answer::Nothing(202),
        &[404, 409, 429, 507],
    ),
    post(
        "/v1/tasks/{id}/complete",
        "tasks",
        "Says that an assignment is done, which raises `tasks.task.completed` once.",
        Body::Maybe("TaskCompletion"),
        Answer::Json(200, "Assignment"),
        &[404, 409, 429, 507],
    ),
    post(
        "/v1/tasks/{id}/cancel",
        "tasks",
        "Says that an assignment is not to be done any more, which raises `tasks.task.cancelled` once.",
        Body::Maybe("TaskCancellation"),
        Answer::Json(200, "Assignment"),
        &[404, 409, 429, 507],
    ),
    get(
        "/v1/acknowledgments",
        "decisions",
        "Lists what people agreed to, latest first.",
        &[
            Parameter("subject", Type::Text, "Of this person."),
            Parameter("key", Type::Text, "Of this name, where a person is given."),
            Parameter("cursor", Type::Number, "Where the list goes on, as the page before said."),
            LIMIT,
        ],
        Answer::Page("Acknowledgment"),
    ),
    Operation {
        method: "put",
        body: Body::Of("Agreed"),
        problems: &[429, 507],
        ..get(
            "/v1/acknowledgments",
            "decisions",
            "Keeps that somebody agreed, as of the first time.",
            &[],
            Answer::Json(200, "Acknowledgment"),
        )
    },
    get(
        "/v1/preferences",
        "decisions",
        "Lists what people chose, latest first.",
        &[
            Parameter("subject", Type::Text, "Of this person."),
            Parameter("key", Type::Text, "Of this name, where a person is given."),
            Parameter("cursor", Type::Number, "Where the list goes on, as the page before said."),
            LIMIT,
        ],
        Answer::Page("Preference"),
    ),
    Operation {
        method: "put",
        body: Body::Of("Chosen"),
        problems: &[429, 507],
        ..get(
            "/v1/preferences",
            "decisions",
            "Keeps what somebody chose; the last choice counts.",
            &[],
            Answer::Json(200, "Preference"),
        )
    },
    get(
        "/v1/notifications",
        "people",
        "Lists what rules told people, latest first.",
        &[
            Parameter("for", Type::Text, "Those for this person."),
            Parameter("unread", Type::Boolean, "Those that were not read, or those that were."),
            Parameter("cursor", Type::Number, "Where the list goes on, as the page before said."),
            LIMIT,
        ],
        Answer::Page("Notification"),
    ),
    post(
        "/v1/notifications/{id}/read",
        "people",
        "Keeps that a person read it, as of the first time.",
        Body::None,
        Answer::Json(200, "Notification"),
        &[404, 429, 507],
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
        problems: &[404, 409, 507],
        ..get(
            "/v1/tokens/{name}",
            "access",
            "Revokes a token.",
            &[Parameter("force", Type::Boolean, "Whether also the last valid one of an administrator.")],
            Answer::Nothing(204),
        )
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
