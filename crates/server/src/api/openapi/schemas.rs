//! The schemas of bodies and answers.

use hence_engine::{Status, StepStatus};
use hence_store::Role;
use serde_json::{Map, Value, json};

/// Returns all schemas by name.
pub(super) fn all() -> Value {
    let mut schemas = Map::new();
    for group in [common(), events(), executions(), rules_and_tasks(), access()] {
        if let Value::Object(group) = group {
            schemas.extend(group);
        }
    }
    Value::Object(schemas)
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn maybe_instant() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An object that always has all of these members.
fn object(properties: Value) -> Value {
    let required: Vec<String> =
        properties.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default();
    json!({"type": "object", "required": required, "properties": properties})
}

fn common() -> Value {
    json!({
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail", "code"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "What is wrong, for people."},
                "code": {"type": "string", "description": "What is wrong, for programs."},
                "did_you_mean": {"type": "string"},
                "errors": {"type": "array", "items": reference("Mismatch")},
                "pointer": {"type": "string"},
            },
        },
        "Mismatch": object(json!({
            "pointer": {"type": "string", "description": "The JSON pointer to the place."},
            "expected": {"type": "string"},
            "found": {"type": "string"},
        })),
        "Values": {"type": "object"},
        "Stats": object(json!({
            "rules": {"type": "integer"},
            "events": {"type": "integer"},
            "unmatched": {"type": "integer"},
            "schema_mismatches": {"type": "integer"},
            "executions": {"type": "object", "additionalProperties": {"type": "integer"}},
        })),
        "Health": object(json!({"status": {"const": "ok"}})),
        "Readiness": object(json!({
            "status": {"const": "ready"},
            "events": {"type": "integer"},
            "unmatched": {"type": "integer"},
        })),
    })
}

fn events() -> Value {
    json!({
        "CloudEvent": {
            "type": "object",
            "required": ["specversion", "id", "source", "type"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "minLength": 1, "maxLength": 256},
                "source": {"type": "string", "minLength": 1, "maxLength": 256},
                "type": {"type": "string", "minLength": 1, "description": "The event's full name, such as `shop.order.created`."},
                "time": instant(),
                "data": {},
                "data_base64": {"type": "string"},
            },
        },
        "Acknowledged": object(json!({
            "id": {"type": "string"},
            "event": {"type": "string"},
            "duplicate": {"type": "boolean", "description": "Whether it was there before; it runs nothing then."},
            "schema_mismatches": {"type": "array", "items": reference("Mismatch")},
        })),
        "AcknowledgedAll": object(json!({"events": {"type": "array", "items": reference("Acknowledged")}})),
        "Taken": {"anyOf": [reference("Acknowledged"), reference("AcknowledgedAll")]},
        "Event": object(json!({
            "id": {"type": "string"},
            "event": {"type": "string"},
            "source": {"type": "string"},
            "sequence": {"type": "integer"},
            "state": {"enum": ["accepted", "matched"]},
            "received_at": instant(),
            "occurred_at": instant(),
            "schema_mismatch": {"type": "boolean"},
            "schema_mismatches": {"type": "array", "items": reference("Mismatch")},
        })),
        "Decision": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "Explanation": {"type": "object"},
    })
}

fn executions() -> Value {
    let execution = json!({
        "id": {"type": "string", "format": "uuid"},
        "rule": {"type": "string"},
        "rule_version": {"type": "string"},
        "event": object(json!({"id": {"type": "string"}, "name": {"type": "string"}, "sequence": {"type": "integer"}})),
        "status": reference("Status"),
        "branch": {"enum": ["then", "otherwise"]},
        "variant": {"type": ["string", "null"]},
        "step_count": {"type": "integer"},
        "error": {"type": ["object", "null"], "properties": {"code": {"type": "string"}, "message": {"type": "string"}}},
        "reason": {"type": ["string", "null"]},
        "started_at": instant(),
        "ended_at": maybe_instant(),
        "wake_at": maybe_instant(),
    });
    let mut with_steps = execution.clone();
    if let Some(members) = with_steps.as_object_mut() {
        members.insert("steps".to_owned(), json!({"type": "array", "items": reference("Step")}));
    }
    json!({
        "Status": {"type": "string", "enum": Status::ALL.map(Status::as_str)},
        "Execution": object(execution),
        "ExecutionWithSteps": object(with_steps),
        "Step": object(json!({
            "sequence": {"type": "integer"},
            "attempt": {"type": "integer"},
            "action": {"type": "string"},
            "label": {"type": ["string", "null"]},
            "status": {"enum": StepStatus::ALL.map(StepStatus::as_str)},
            "idempotency_key": {"type": "string"},
            "arguments": {"type": "object"},
            "request": {},
            "response": {},
            "error": {"type": ["string", "null"]},
            "started_at": instant(),
            "ended_at": maybe_instant(),
        })),
        "Retry": {
            "type": "object",
            "additionalProperties": false,
            "properties": {"skip": {"type": "boolean", "default": false, "description": "Whether the step that failed is passed over."}},
        },
    })
}

fn rules_and_tasks() -> Value {
    json!({
        "Rule": object(json!({
            "name": {"type": "string"},
            "title": {"type": "string"},
            "doc": {"type": "string"},
            "version": {"type": "string"},
            "priority": {"type": "integer", "minimum": 1, "maximum": 10},
            "triggers": {"type": "array", "items": {"type": "string"}},
            "asks_for": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
            "disabled": {"type": "boolean"},
            "owner": {"type": ["string", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "timezone": {"type": ["string", "null"]},
            "active": object(json!({"from": maybe_instant(), "until": maybe_instant()})),
        })),
        "Rules": object(json!({"items": {"type": "array", "items": reference("Rule")}})),
        "Started": object(json!({"event": {"type": "string"}, "duplicate": {"type": "boolean"}})),
        "Task": object(json!({
            "id": {"type": "string"},
            "state": {"enum": ["open", "answered", "closed"]},
            "rule": {"type": ["string", "null"]},
            "execution": {"type": ["string", "null"]},
            "role": {"type": ["string", "null"]},
            "question": {"type": ["string", "null"]},
            "opened_at": instant(),
            "due_at": maybe_instant(),
            "answer": {"type": ["object", "null"]},
        })),
        "TaskAnswer": {
            "type": "object",
            "required": ["approved"],
            "additionalProperties": false,
            "properties": {"approved": {"type": "boolean"}, "comment": {"type": ["string", "null"]}},
        },
    })
}

fn access() -> Value {
    let role = json!({"enum": Role::ALL.map(Role::as_str)});
    let name = json!({"type": "string", "pattern": "^[A-Za-z0-9._@-]{1,64}$"});
    json!({
        "Token": object(json!({
            "name": name,
            "role": role,
            "created_at": instant(),
            "expires_at": maybe_instant(),
            "revoked_at": maybe_instant(),
            "last_used_at": maybe_instant(),
        })),
        "SignIn": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "token": {"type": ["string", "null"], "description": "The text of a token."},
                "link": {"type": ["string", "null"], "description": "What a link to sign in holds; it is good once."},
            },
        },
        "Session": object(json!({
            "token": name,
            "role": role,
            "expires_at": maybe_instant(),
            "csrf": {"type": ["string", "null"], "description": "What a page repeats in the header `hence-csrf`."},
        })),
        "Tokens": object(json!({"items": {"type": "array", "items": reference("Token")}})),
        "NewToken": {
            "type": "object",
            "required": ["name", "role"],
            "additionalProperties": false,
            "properties": {
                "name": name,
                "role": role,
                "expires_in_days": {"type": ["integer", "null"], "minimum": 0, "maximum": 65535},
            },
        },
        "MadeToken": object(json!({
            "name": name,
            "role": role,
            "expires_at": maybe_instant(),
            "token": {"type": "string"},
        })),
        "Audited": object(json!({
            "at": instant(),
            "who": {"type": "string"},
            "role": role,
            "action": {"type": "string"},
            "target": {"type": "string"},
            "status": {"type": "integer"},
            "before": {},
            "after": {},
        })),
    })
}
