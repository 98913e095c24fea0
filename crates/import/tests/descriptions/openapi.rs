//! OpenAPI 3.0 and 3.1, Swagger 2.

use hence_import::Kind;
use serde_json::json;

use crate::support::{Made, made_of};

const PETS: &str = r##"
openapi: 3.0.3
info: { title: Pet Shop, version: 1.2.0, description: Pets and their keepers. }
servers:
  - url: https://{region}.pets.example.com/v1/
    variables: { region: { default: eu } }
security: [{ key: [] }]
paths:
  /pets:
    get:
      operationId: listPets
      summary: Lists pets
      tags: [pets]
      parameters:
        - { name: limit, in: query, description: How many., schema: { type: integer, format: int32, maximum: 100 } }
        - { name: kinds, in: query, schema: { type: array, items: { type: string } } }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: session, in: cookie, schema: { type: string } }
      responses:
        "200":
          description: All.
          content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Pet" } } } }
        default:
          description: Wrong.
          content: { application/json: { schema: { $ref: "#/components/schemas/Problem" } } }
    post:
      operationId: createPet
      parameters: [{ name: Idempotency-Key, in: header, schema: { type: string } }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
      responses: { "201": { description: Made., content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } } }
  /pets/{petId}:
    parameters: [{ name: petId, in: path, required: true, schema: { type: string, format: uuid } }]
    delete: { responses: { "204": { description: Gone. } } }
    patch:
      security: []
      requestBody: { content: { application/json: { schema: { type: array, items: {} } } } }
      responses: { "200": { description: Changed. } }
  /pets/{petId}/photo:
    put:
      operationId: putPhoto
      requestBody: { required: true, content: { image/png: {} } }
      responses: { "204": { description: Kept. } }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Api-Key }
  schemas:
    Problem: { type: object, properties: { title: { type: string } } }
    Pet:
      type: object
      required: [name, kind]
      properties:
        id: { type: string, format: uuid, readOnly: true }
        name: { type: string, example: Rex }
        kind: { type: string, enum: [dog, cat] }
        born: { type: string, format: date, nullable: true }
        mother: { $ref: "#/components/schemas/Pet" }
        keeper: { nullable: true, allOf: [{ $ref: "#/components/schemas/Keeper" }] }
        weight: { type: number, minimum: 0, exclusiveMinimum: true }
        extra: { type: object, additionalProperties: { type: string } }
    Keeper:
      type: object
      properties: { email: { type: string, format: email } }
"##;

fn pets() -> Made {
    let made = made_of(Kind::OpenApi, &[("pets.yaml", PETS)]);
    assert_eq!(made.errors, Vec::<String>::new());
    made
}

#[test]
fn operations_become_actions_with_parameters_of_all_places() {
    let pets = pets();
    assert_eq!(pets.at("/id"), "pet_shop");
    let list = pets.at("/actions/list_pets");
    assert_eq!(list["description"], "Lists pets");
    assert_eq!(
        list["call"],
        json!({
            "kind": "http", "method": "GET", "url": "/pets",
            "query": { "limit": "{limit}", "kinds": "{kinds}" },
            "headers": { "x-trace": "{x_trace}", "x-api-key": "{connection.key}" },
        })
    );
    assert_eq!(
        list["params"]["properties"]["limit"],
        json!({ "type": "integer", "format": "int32", "maximum": 100, "description": "How many." })
    );
    assert_eq!(list["result"], json!({ "type": "array", "items": { "$ref": "#/types/Pet" } }));
    assert_eq!(pets.at("/connection/settings/base_url/default"), "https://eu.pets.example.com/v1");
    assert_eq!(pets.at("/connection/settings/key/secret"), true);
    pets.says_lost("the parameter `session` in `cookie`");
    pets.says_lost("what answers say that are not the first success");
    pets.says_lost("the tags of an operation");
}

#[test]
fn fields_of_a_body_become_parameters_but_those_that_only_the_system_sets() {
    let pets = pets();
    let create = pets.at("/actions/create_pet");
    assert_eq!(create["params"]["required"], json!(["name", "kind"]));
    assert!(create["params"]["properties"].get("id").is_none());
    assert_eq!(create["call"]["body"]["name"], "{name}");
    let patch = pets.at("/actions/patch_pets_pet_id");
    assert_eq!(patch["call"]["body"], "{body}");
    assert_eq!(patch["call"].get("headers"), None);
    assert_eq!(patch["params"]["required"], json!(["petId"]));
}

#[test]
fn the_class_goes_by_the_method_and_by_a_header_with_a_key_and_is_told() {
    let pets = pets();
    for (name, class) in [
        ("list_pets", "idempotent"),
        ("create_pet", "idempotent"),
        ("delete_pets_pet_id", "idempotent"),
        ("patch_pets_pet_id", "at_most_once"),
    ] {
        assert_eq!(pets.at(&format!("/actions/{name}/class")), class, "{name}");
    }
    assert_eq!(pets.at("/actions/create_pet/call/headers/idempotency-key"), "{call.key}");
    assert!(pets.guessed.iter().any(|guess| guess == "the class `at_most_once`: nothing says that `PATCH` is harmless to repeat"));
    assert!(
        pets.guessed.iter().any(|guess| guess.starts_with("the class `idempotent`: a header with the key"))
    );
}

#[test]
fn an_operation_that_cannot_be_called_is_left_out_and_told() {
    let pets = pets();
    assert!(pets.json["actions"].get("put_photo").is_none());
    pets.says_lost("a body of the type `image/png`");
    pets.says_lost("the operation `put_photo`, which needs a body");
}

#[test]
fn types_keep_formats_nulls_circles_and_maps() {
    let pets = pets();
    let pet = pets.at("/types/Pet");
    assert_eq!(pet["required"], json!(["name", "kind"]));
    let properties = &pet["properties"];
    assert_eq!(properties["born"], json!({ "type": ["string", "null"], "format": "date" }));
    assert_eq!(properties["mother"], json!({ "$ref": "#/types/Pet" }));
    assert_eq!(properties["keeper"], json!({ "$ref": "#/types/Keeper" }));
    assert_eq!(
        properties["extra"],
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    );
    assert_eq!(properties["name"], json!({ "type": "string", "examples": ["Rex"] }));
    pets.says_lost("the keyword `exclusiveMinimum` of schemas");
}

#[test]
fn webhooks_of_3_1_become_events_that_a_field_tells_apart() {
    let text = r##"{
      "openapi": "3.1.0", "info": { "title": "Hooks", "version": "1" },
      "webhooks": {
        "order.paid": { "post": { "summary": "An order was paid.", "requestBody": { "content": { "application/json": {
          "schema": { "type": "object", "required": ["type", "total"], "properties": {
            "type": { "const": "order.paid" }, "total": { "type": ["number", "null"] } } },
          "example": { "type": "order.paid", "total": 3 } } } },
          "parameters": [{ "name": "webhook-id", "in": "header", "schema": {} },
                         { "name": "webhook-signature", "in": "header", "schema": {} }] } },
        "orderSent": { "post": { "requestBody": { "content": { "application/json": {
          "schema": { "$ref": "#/components/schemas/Sent" } } } },
          "parameters": [{ "name": "webhook-id", "in": "header", "schema": {} },
                         { "name": "webhook-signature", "in": "header", "schema": {} }] } },
        "text": { "post": { "requestBody": { "content": { "text/plain": {} } } } }
      },
      "components": { "schemas": { "Sent": { "allOf": [
        { "type": "object", "properties": { "type": { "enum": ["order_sent"] } } },
        { "type": "object", "required": ["parcel"], "properties": { "parcel": { "type": "string" } } } ] } } }
    }"##;
    let made = made_of(Kind::OpenApi, &[("hooks.json", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(made.at("/events/order.paid/description"), "An order was paid.");
    assert_eq!(made.at("/events/order.paid/examples/0/total"), 3);
    assert_eq!(made.at("/types/OrderPaid/properties/total/type"), &json!(["number", "null"]));
    assert_eq!(made.at("/types/Sent/required"), &json!(["parcel"]));
    assert_eq!(
        made.at("/webhook"),
        &json!({
            "event": { "body": "/type" },
            "mappings": [
                { "provider": "order.paid", "event": "order.paid" },
                { "provider": "order_sent", "event": "order_sent" },
            ],
            "delivery": { "header": "webhook-id" },
            "signature": { "scheme": "standard-webhooks" },
        })
    );
    made.says_lost("the webhook `text`, whose body is no JSON that is described");
}

#[test]
fn swagger_2_is_read_as_well() {
    let text = r##"{
      "swagger": "2.0", "info": { "title": "Old", "version": "1" },
      "host": "old.example.com", "basePath": "/api", "schemes": ["http", "https"],
      "securityDefinitions": { "login": { "type": "basic" } }, "security": [{ "login": [] }],
      "paths": { "/things/{id}": {
        "get": { "parameters": [
            { "name": "id", "in": "path", "required": true, "type": "integer", "format": "int64" },
            { "name": "fields", "in": "query", "type": "array", "items": { "type": "string" } } ],
          "responses": { "200": { "description": "It.", "schema": { "$ref": "#/definitions/Thing" } } } },
        "post": { "operationId": "renameThing", "parameters": [
            { "name": "id", "in": "path", "required": true, "type": "integer" },
            { "name": "new-name", "in": "formData", "required": true, "type": "string" },
            { "name": "picture", "in": "formData", "type": "file" } ], "responses": { "204": { "description": "Done." } } },
        "put": { "operationId": "putThing", "parameters": [
            { "name": "id", "in": "path", "required": true, "type": "integer" },
            { "name": "thing", "in": "body", "required": true, "schema": { "$ref": "#/definitions/Thing" } } ],
          "responses": {} } } },
      "definitions": { "Thing": { "type": "object", "required": ["id"], "properties": {
          "id": { "type": "integer" }, "name": { "type": "string", "x-nullable": true } } } }
    }"##;
    let made = made_of(Kind::OpenApi, &[("old.json", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(made.at("/connection/settings/base_url/default"), "https://old.example.com/api");
    let get = made.at("/actions/get_things_id");
    assert_eq!(get["call"]["url"], "/things/{id}");
    assert_eq!(get["params"]["properties"]["fields"]["format"], "comma-separated");
    assert_eq!(get["call"]["headers"]["authorization"], "Basic {connection.login}");
    assert_eq!(made.at("/actions/rename_thing/call/form"), &json!({ "new-name": "{new_name}" }));
    // The body's field has the name of the part of the path.
    assert_eq!(made.at("/actions/put_thing/call/body"), &json!({ "id": "{id_2}", "name": "{name}" }));
    assert_eq!(made.at("/types/Thing/properties/name/type"), &json!(["string", "null"]));
    made.says_lost("the file `picture`");
}

#[test]
fn what_is_no_openapi_is_told_where() {
    let errors = |text: &str| made_of(Kind::OpenApi, &[("a.yaml", text)]).errors;
    assert!(errors("info: {}\n")[0].contains("this is no description of OpenAPI"));
    assert_eq!(
        errors("openapi: 4.0.0\n"),
        ["H0206 4.0.0: the version `4.0.0` is not known: 2.0, 3.0 and 3.1 are"]
    );
    assert!(
        errors("openapi: 3.0.0\npaths: { /a: { get: [] } }\n")[0]
            .contains("an operation is an object, not a list")
    );
    let text = "openapi: 3.0.0\npaths: { /a: { get: { security: [{ nokey: [] }] } } }\n";
    assert!(errors(text)[0].contains("there is no security scheme `nokey`"));
    assert!(errors("openapi: 3.0.0\npaths: { /a: {\n")[0].starts_with("H0205 "));
}

#[test]
fn paths_without_parameters_and_ids_still_get_names() {
    let text = "openapi: 3.1.0\ninfo: { title: '', version: 2 }\npaths:\n  /a/{b}:\n    get: { responses: {} }\n  /a/b:\n    get: { responses: {} }\n";
    let made = made_of(Kind::OpenApi, &[("my-api.yaml", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!((made.at("/id"), made.at("/version")), (&json!("my_api"), &json!("2")));
    assert_eq!(made.at("/actions/get_a_b/params/required"), &json!(["b"]));
    assert!(made.json["actions"].get("get_a_b_2").is_some());
    assert!(made.guessed.iter().any(|guess| guess.contains("the name `get_a_b_2`")));
    assert!(made.guessed.iter().any(|guess| guess.contains("nothing of the address")));
}
