//! `hence import`

use crate::support::{folder, hence};

const PETS: &str = "\
openapi: 3.0.3
info: { title: Pet Shop, version: 1.0.0 }
servers: [{ url: https://pets.example.com }]
paths:
  /pets:
    post:
      operationId: createPet
      tags: [pets]
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [name], properties: { name: { type: string } } } } }
      responses: { '201': { description: Made. } }
";

const RULE: &str = "\
/// Makes a pet of a customer's first order.
rule first_pet \"First pet\"
when shop.order.created
if   number is present
then pets.create_pet(name: number)
";

#[test]
fn what_is_made_checks_in_a_project_that_uses_it() {
    let project =
        folder(&[("hence.toml", "name = \"pets\"\n"), ("pets.yaml", PETS), ("rules/first.rule", RULE)]);
    let ran =
        hence(project.path(), &["import", "openapi", "pets.yaml", "-o", "integrations/pets.json"]).exits(0);
    assert_eq!(ran.out, "");
    let expected = "\
not carried over (1; hence explain H0207):
  the tags of an operation
      pets.yaml:8:7
guessed (1; hence explain H0208):
  the class `at_most_once`: nothing says that `POST` is harmless to repeat
      pets.yaml:7:20
integration `pets`: 0 types, 0 events, 1 actions, written to integrations/pets.json
";
    assert_eq!(ran.err, expected);
    let ran = hence(project.path(), &["check"]).exits(0);
    assert!(!ran.err.contains("pets.json"), "{ran:#?}");
}

#[test]
fn without_a_path_the_integration_goes_to_standard_output() {
    let folder = folder(&[("pets.yaml", PETS)]);
    let ran = hence(folder.path(), &["import", "openapi", "pets.yaml"]).exits(0);
    assert_eq!(ran.json()["id"], "pet_shop");
    let ran = hence(folder.path(), &["import", "openapi", "pets.yaml", "--format", "json", "--id", "pets"])
        .exits(0);
    let document = ran.json();
    assert_eq!(document["integration"]["content"]["id"], "pets");
    assert_eq!(document["diagnostics"][0]["code"], "H0207");
    assert_eq!(document["summary"]["notes"], 1);
}

#[test]
fn losses_fail_only_where_that_is_asked_for_and_mistakes_always() {
    let folder =
        folder(&[("pets.yaml", PETS), ("wrong.yaml", "openapi: 3.0.3\npaths: {\n"), ("broken.json", "{")]);
    hence(folder.path(), &["import", "openapi", "pets.yaml", "--strict"]).exits(1);
    let ran = hence(folder.path(), &["import", "openapi", "wrong.yaml", "-o", "out"]).exits(2);
    assert!(ran.err.starts_with("error[H0205]: this is no YAML"), "{ran:#?}");
    assert!(ran.err.ends_with("hence: nothing is made of wrong.yaml\n"), "{ran:#?}");
    assert!(!folder.path().join("out").exists());
    let ran = hence(folder.path(), &["import", "openapi", "broken.json", "--format", "json"]).exits(2);
    assert_eq!(ran.json()["diagnostics"][0]["code"], "H0201");
    let ran = hence(folder.path(), &["import", "openapi", "gone.yaml"]).exits(2);
    assert!(ran.err.starts_with("hence: cannot read gone.yaml: "), "{ran:#?}");
    let ran = hence(folder.path(), &["import", "openapi", "pets.yaml", "--id", "Pets"]).exits(2);
    assert!(ran.err.contains("`Pets` cannot be the id of an integration"), "{ran:#?}");
    let ran = hence(folder.path(), &["import", "openapi", "pets.yaml", "--id", "a", "-o", "b.json"]).exits(2);
    assert!(ran.err.contains("stands in a file of the name a.json"), "{ran:#?}");
}
