//! The schemas of bodies and answers.

use hence_engine::{End, Level, Status, StepStatus, TaskPriority};
use hence_store::{Origin, Role};
use serde_json::{Map, Value, json};

/// Returns all schemas by name.
pub(super) fn all() -> Value {
    let mut schemas = Map::new();
    for group in [common(), events(), executions(), rules(), tasks(), records(), releases(), access()] {
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

fn rules() -> Value {
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
        "Rules": object(json!({
            "items": {"type": "array", "items": reference("Rule")},
            "release": release_or_none(),
        })),
        "RuleWithText": {"allOf": [reference("Rule"), object(json!({
            "text": {"type": ["string", "null"], "description": "With the comments above it; null where a bundle runs."},
            "file": {"type": ["string", "null"]},
        }))]},
        "NewRule": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": false,
            "properties": {
                "text": {"type": "string", "description": "One rule or more, and what belongs to them."},
                "file": {"type": ["string", "null"], "description": "The file they are put into; one of the first rule's name in `rules` by default."},
                "note": note(),
            },
        },
        "RuleText": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": false,
            "properties": {"text": {"type": "string"}, "note": note()},
        },
        "RulePatch": {
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "properties": {"text": {"type": ["string", "null"]}, "enabled": {"type": ["boolean", "null"]}, "note": note()},
        },
        "Switched": object(json!({"name": {"type": "string"}, "enabled": {"type": "boolean"}})),
        "Check": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "text": {"type": ["string", "null"], "description": "The text of a rule file."},
                "file": {"type": ["string", "null"], "description": "The file it stands in, in place of the one that runs."},
                "files": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "Checked": object(json!({
            "version": {"type": "integer"},
            "diagnostics": {"type": "array", "items": {"type": "object"}},
            "summary": {"type": "object"},
            "rendered": {"type": "string", "description": "As `hence check` prints it."},
        })),
        "Evaluate": {
            "type": "object",
            "required": ["data"],
            "additionalProperties": false,
            "properties": {
                "event": {"type": ["string", "null"], "description": "The full name of the event that the data is a payload of."},
                "entry_point": {"type": ["string", "null"], "description": "Or the entry point that it is a context of."},
                "data": {},
                "rule": {"type": ["string", "null"], "description": "Only this rule."},
                "group": {"type": ["string", "null"], "description": "Only the rules of this group."},
                "text": {"type": ["string", "null"], "description": "The text of a rule file; only its rules are asked then."},
                "now": maybe_instant(),
            },
        },
        "Evaluated": {
            "type": "object",
            "required": ["items", "now", "schema_mismatches"],
            "properties": {
                "items": {"type": "array", "items": {"type": "object"}, "description": "Why each rule matched or did not."},
                "now": instant(),
                "schema_mismatches": {"type": "array", "items": reference("Mismatch")},
                "decision": {"type": "object"},
            },
        },
        "Started": object(json!({"event": {"type": "string"}, "duplicate": {"type": "boolean"}})),
    })
}

fn tasks() -> Value {
    json!({
        "Task": {"oneOf": [reference("Question"), reference("Assignment")]},
        "Question": object(json!({
            "id": {"type": "string"},
            "kind": {"const": "question"},
            "state": {"enum": ["open", "answered", "closed"]},
            "rule": {"type": ["string", "null"]},
            "execution": {"type": ["string", "null"]},
            "role": {"type": ["string", "null"]},
            "question": {"type": ["string", "null"]},
            "opened_at": instant(),
            "due_at": maybe_instant(),
            "answer": {"type": ["object", "null"]},
        })),
        "Assignment": object(json!({
            "id": {"type": "string", "description": "The key of the call that created it."},
            "kind": {"const": "assignment"},
            "state": {"enum": ["open", End::Completed.as_str(), End::Cancelled.as_str()]},
            "title": {"type": "string", "description": "What is to be done."},
            "description": {"type": "string", "description": "The details; empty if there are none."},
            "assignee": {"type": ["string", "null"], "description": "Who is to do it."},
            "list": {"type": ["string", "null"], "description": "The list it stands on."},
            "priority": {"enum": TaskPriority::ALL.map(TaskPriority::as_str), "description": "How much it presses."},
            "link": {"type": ["string", "null"], "description": "Where it leads: a path, or an address of `http` or `https`."},
            "reference": {"type": ["string", "null"], "description": "What it is about."},
            "opened_at": instant(),
            "due_at": maybe_instant(),
            "ended": {"anyOf": [{"type": "null"}, object(json!({
                "by": {"type": "string", "description": "The name of the token that said so."},
                "person": {"type": ["string", "null"]},
                "outcome": {"type": ["string", "null"]},
                "note": {"type": ["string", "null"]},
                "at": instant(),
            }))]},
        })),
        "TaskAnswer": {
            "type": "object",
            "required": ["approved"],
            "additionalProperties": false,
            "properties": {"approved": {"type": "boolean"}, "comment": {"type": ["string", "null"]}},
        },
        "TaskCompletion": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "person": {"type": ["string", "null"], "description": "Who did it, as the application knows them."},
                "outcome": {"type": ["string", "null"], "description": "What came of it, in a word that rules can ask for."},
                "note": {"type": ["string", "null"], "description": "What they say to it."},
            },
        },
        "TaskCancellation": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "person": {"type": ["string", "null"], "description": "Who decided so, as the application knows them."},
                "note": {"type": ["string", "null"], "description": "Why."},
            },
        },
    })
}

fn release_or_none() -> Value {
    json!({"type": ["integer", "null"], "description": "The number of a release."})
}

fn note() -> Value {
    json!({"type": "string", "maxLength": 1000, "description": "What is to be said of the release."})
}

fn releases() -> Value {
    let names = json!({"type": "array", "items": {"type": "string"}});
    let release = json!({
        "id": {"type": "integer", "minimum": 1},
        "hash": {"type": "string"},
        "origin": {"enum": Origin::ALL.map(Origin::as_str), "description": "From where: the daemon's own folder, sent whole, or a rule changed."},
        "made_at": instant(),
        "made_by": {"type": "string", "description": "The name of a token; empty for the daemon itself."},
        "note": {"type": "string"},
        "rule_count": {"type": "integer"},
        "is_active": {"type": "boolean"},
    });
    let changes = json!({"against": {"type": "integer"}, "added": names, "changed": names, "removed": names});
    json!({
        "Release": object(release),
        "ReleaseWithChanges": {"allOf": [reference("Release"), object(json!({
            "rules": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Versions by names."},
            "changes": {"type": ["object", "null"], "properties": changes},
        }))]},
        "Releases": object(json!({
            "items": {"type": "array", "items": reference("Release")},
            "next": {"type": ["string", "null"]},
            "active": release_or_none(),
            "previous": {"type": ["integer", "null"], "description": "The one that going back leads to."},
            "canary": {"type": ["object", "null"]},
        })),
        "Made": object(json!({"release": release_or_none(), "added": names, "changed": names, "removed": names})),
        "Canary": object(json!({"release": {"type": "integer"}, "percent": {"type": "integer"}})),
        "Share": {
            "type": "object",
            "required": ["percent"],
            "additionalProperties": false,
            "properties": {"percent": {"type": "integer", "minimum": 0, "maximum": 99}},
        },
        "Texts": {
            "type": "object",
            "required": ["files"],
            "additionalProperties": false,
            "properties": {"files": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Texts by their paths from the project's folder."}},
        },
    })
}

fn records() -> Value {
    json!({
        "Notification": object(json!({
            "id": {"type": "string", "description": "The key of the call that sent it."},
            "for": {"type": "string", "description": "Whom it is for."},
            "title": {"type": "string", "description": "What it is about."},
            "body": {"type": "string", "description": "What it says."},
            "link": {"type": ["string", "null"], "description": "Where it leads: a path, or an address of `http` or `https`."},
            "level": {"enum": Level::ALL.map(Level::as_str), "description": "How much it matters."},
            "sent_at": instant(),
            "read_at": maybe_instant(),
        })),
        "Acknowledgment": object(json!({
            "subject": {"type": "string", "description": "Whom it is of."},
            "key": {"type": "string", "description": "What was agreed to."},
            "text": {"type": ["string", "null"], "description": "How it was shown."},
            "by": {"type": "string", "description": "The name of the token by which it was kept."},
            "at": instant(),
        })),
        "Agreed": {
            "type": "object",
            "required": ["subject", "key"],
            "additionalProperties": false,
            "properties": {
                "subject": {"type": "string", "minLength": 1, "maxLength": 256},
                "key": {"type": "string", "minLength": 1, "maxLength": 256},
                "text": {"type": ["string", "null"]},
            },
        },
        "Preference": object(json!({
            "subject": {"type": "string", "description": "Whose it is."},
            "key": {"type": "string", "description": "What was chosen."},
            "value": {},
            "by": {"type": "string", "description": "The name of the token by which it was kept."},
            "at": instant(),
        })),
        "Chosen": {
            "type": "object",
            "required": ["subject", "key", "value"],
            "additionalProperties": false,
            "properties": {
                "subject": {"type": "string", "minLength": 1, "maxLength": 256},
                "key": {"type": "string", "minLength": 1, "maxLength": 256},
                "value": {},
            },
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
                "expires_in_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 65535},
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
