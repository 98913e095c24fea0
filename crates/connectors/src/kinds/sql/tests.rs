//! Statements on a database in a folder of its own.

use std::sync::Arc;

use hence_types::{Field, Record};
use indexmap::IndexMap;
use serde_json::Map;

use super::*;

const SCHEMA: &str = "
    CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT, active INTEGER, score REAL, tags TEXT, photo BLOB);
    INSERT INTO members VALUES ('m1', 'Robin', 1, 62.5, '[\"a\",\"b\"]', NULL), ('m2', NULL, 0, NULL, '[]', NULL);
    CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
";

struct Setup {
    folder: tempfile::TempDir,
    databases: Databases,
    settings: IndexMap<String, String>,
}

impl Setup {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(folder.path().join("members.db")).unwrap().execute_batch(SCHEMA).unwrap();
        let settings = IndexMap::from([("database".to_owned(), "sqlite:members.db".to_owned())]);
        Self { databases: Databases::new(folder.path().to_owned()), folder, settings }
    }

    fn own(&self) -> Connection {
        Connection::open(self.folder.path().join("members.db")).unwrap()
    }

    fn count(&self, table: &str) -> i64 {
        self.own().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    async fn call(
        &self,
        key: &str,
        statements: &[&str],
        unchanged: Option<&str>,
        result: Option<Type>,
        arguments: Json,
    ) -> Result<Response, Failure> {
        self.perform(key, statements, unchanged, result, arguments, false).await
    }

    async fn read(&self, statement: &str, result: Type, arguments: Json) -> Result<Json, String> {
        let done = self.perform("key", &[statement], None, Some(result), arguments, true).await;
        done.map(|response| response.result).map_err(|failure| failure.message)
    }

    async fn perform(
        &self,
        key: &str,
        statements: &[&str],
        unchanged: Option<&str>,
        result: Option<Type>,
        arguments: Json,
        read: bool,
    ) -> Result<Response, Failure> {
        let sql = SqlCall {
            statements: statements.iter().map(|&text| text.to_owned()).collect(),
            unchanged: unchanged.map(str::to_owned),
        };
        let purpose = if read { Purpose::Ask } else { Purpose::Do };
        let Json::Object(arguments) = arguments else { panic!("no object") };
        let request = Request {
            action: "crm.act".into(),
            arguments,
            key: key.to_owned(),
            attempt: 1,
            timeout: None,
            ..Request::default()
        };
        let scope = Scope { arguments: &request.arguments, settings: &self.settings, key: &request.key };
        call(&self.databases, &sql, scope, &request, (purpose, result.as_ref()), &Mask::default()).await
    }
}

fn member() -> Type {
    let field =
        |ty: Type| Field { ty, wire: Default::default(), doc: String::new(), sensitive: false, origin: None };
    let fields = [
        ("id", Type::String),
        ("active", Type::Bool),
        ("score", Type::Decimal.optional()),
        ("tags", Type::List(Arc::new(Type::String))),
    ];
    let fields = fields.into_iter().map(|(name, ty)| (Arc::from(name), field(ty))).collect();
    Type::Record(Arc::new(Record { fields, ..Record::default() }))
}

#[tokio::test]
async fn a_call_that_is_made_twice_is_done_once_and_has_its_first_result() {
    let setup = Setup::new();
    let insert = "INSERT INTO tasks (title) VALUES ({title}) RETURNING id";
    let result = Some(Type::Int);
    let first = setup.call("k1", &[insert], None, result.clone(), json!({"title": "a"})).await.unwrap();
    assert_eq!(first.result, json!(1));
    assert_eq!(first.detail["response"], json!({"rows": 1, "changed": 1, "done_before": false}));
    let again = setup.call("k1", &[insert], None, result.clone(), json!({"title": "a"})).await.unwrap();
    assert_eq!(again.result, json!(1));
    assert_eq!(again.detail["response"]["done_before"], json!(true));
    let other = setup.call("k2", &[insert], None, result, json!({"title": "a"})).await.unwrap();
    assert_eq!(other.result, json!(2));
    assert_eq!(setup.count("tasks"), 2);
}

#[tokio::test]
async fn calls_are_forgotten_some_months_after_they_were_done() {
    let setup = Setup::new();
    let insert = ["INSERT INTO tasks (title) VALUES ('a')"];
    setup.call("k1", &insert, None, None, json!({})).await.unwrap();
    setup.own().execute("UPDATE hence_calls SET done_at = done_at - 91 * 86400", []).unwrap();
    setup.call("k2", &insert, None, None, json!({})).await.unwrap();
    setup.call("k3", &insert, None, None, json!({})).await.unwrap();
    assert_eq!(setup.count("hence_calls"), 2);
}

#[tokio::test]
async fn statements_are_done_all_or_none() {
    let setup = Setup::new();
    let statements =
        ["INSERT INTO tasks (title) VALUES ({title})", "INSERT INTO tasks (title) VALUES (NULL)"];
    let failure = setup.call("k", &statements, None, None, json!({"title": "a"})).await.unwrap_err();
    assert_eq!(failure.message, "the database says: NOT NULL constraint failed: tasks.title");
    assert!(failure.certain && !failure.retryable);
    assert_eq!(setup.count("tasks"), 0);
    // And nothing remembers it as done.
    setup.call("k", &statements[..1], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!(setup.count("tasks"), 1);
}

#[tokio::test]
async fn a_value_is_never_a_part_of_a_statement() {
    let setup = Setup::new();
    let evil = "x'); DROP TABLE tasks; --";
    let insert = "INSERT INTO tasks (title) VALUES ({title})";
    setup.call("k", &[insert], None, None, json!({"title": evil})).await.unwrap();
    let title: String = setup.own().query_row("SELECT title FROM tasks", [], |row| row.get(0)).unwrap();
    assert_eq!(title, evil);
}

#[tokio::test]
async fn what_changes_nothing_is_a_failure_where_the_call_says_so() {
    let setup = Setup::new();
    let update = "UPDATE members SET name = {name} WHERE id = {user}";
    let unchanged = Some("there is no member {user}");
    let arguments = |user: &str| json!({"user": user, "name": "Kim"});
    setup.call("k1", &[update], unchanged, None, arguments("m1")).await.unwrap();
    let failure = setup.call("k2", &[update], unchanged, None, arguments("m9")).await.unwrap_err();
    assert_eq!(failure.message, "there is no member m9");
    assert!(failure.certain && !failure.retryable);
    setup.call("k3", &[update], None, None, arguments("m9")).await.unwrap();
}

#[tokio::test]
async fn rows_are_spelt_as_the_schema_says() {
    let setup = Setup::new();
    let select = "SELECT id, active, score, tags FROM members WHERE id = {id}";
    let robin = setup.read(select, member(), json!({"id": "m1"})).await.unwrap();
    assert_eq!(robin, json!({"id": "m1", "active": true, "score": 62.5, "tags": ["a", "b"]}));
    let all = Type::List(Arc::new(member()));
    let all = setup.read("SELECT id, active FROM members ORDER BY id", all, json!({})).await.unwrap();
    assert_eq!(all, json!([{"id": "m1", "active": true}, {"id": "m2", "active": false}]));
    assert_eq!(setup.read(select, member().optional(), json!({"id": "m9"})).await.unwrap(), Json::Null);
    let count = setup.read("SELECT count(*) FROM members", Type::Int, json!({})).await.unwrap();
    assert_eq!(count, json!(2));
    let blob = setup.read("SELECT x'00' AS photo", member(), json!({})).await.unwrap_err();
    assert_eq!(blob, "the column `photo` is a blob, which rules have no type for");
    let broken = setup.read("SELECT 'x' AS tags", member(), json!({})).await.unwrap_err();
    assert!(broken.starts_with("the column `tags` is no JSON: "), "{broken}");
}

#[tokio::test]
async fn numbers_keep_their_digits() {
    let setup = Setup::new();
    for number in ["0.1", "12.50", "-7", "9007199254740993", "0.1234567890123456789"] {
        let value: Json = serde_json::from_str(number).unwrap();
        let equal = setup.read("SELECT {n} = CAST({n} AS NUMERIC)", Type::Int, json!({"n": value})).await;
        assert_eq!(equal.unwrap(), json!(1), "{number}");
    }
    let sum = setup.read("SELECT {a} + 0", Type::Decimal, json!({"a": 19.9})).await.unwrap();
    assert_eq!(sum.to_string(), "19.9");
}

#[tokio::test]
async fn a_database_that_is_held_is_tried_again_later_and_a_mistake_is_not() {
    let setup = Setup::new();
    let failure =
        setup.call("k", &["INSERT INTO nowhere VALUES (1)"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.contains("no such table: nowhere"), "{}", failure.message);
    assert!(failure.certain && !failure.retryable);

    let two = setup.call("k", &["SELECT 1; SELECT 2"], None, None, json!({})).await.unwrap_err();
    assert!(two.certain && !two.retryable, "{}", two.message);

    let gone = Databases::new(setup.folder.path().join("elsewhere"));
    let setup = Setup { databases: gone, ..setup };
    let failure = setup.call("k", &["SELECT 1"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.starts_with("the database `"), "{}", failure.message);
    assert!(failure.certain && failure.retryable);
    assert!(!setup.folder.path().join("elsewhere").exists());
}

#[tokio::test]
async fn a_statement_that_never_ends_is_broken_off() {
    let setup = Setup::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let done = setup.databases.within("crm", &setup.settings, Duration::from_millis(50), move |database| {
        Ok(database.query_row(endless, [], |row| row.get::<_, i64>(0))?)
    });
    let problem = done.await.unwrap_err();
    assert!(problem.certain && problem.retryable, "{}", problem.message());
}

#[test]
fn an_address_names_a_file_of_sqlite() {
    let problem = |address: &str| {
        settings_problem(&IndexMap::from([("database".to_owned(), address.to_owned())]))
            .map(|(_, problem)| problem)
    };
    assert_eq!(problem("sqlite:members.db"), None);
    for address in ["", "members.db", "sqlite:", "postgres://localhost/x"] {
        let told = problem(address).unwrap();
        assert!(told.contains("it is given as `sqlite:` and the path of its file"), "{told}");
    }
}

#[test]
fn the_scope_of_statements_is_that_of_other_texts() {
    let arguments = Map::from_iter([("a".to_owned(), json!(1))]);
    let settings = IndexMap::from([("b".to_owned(), "two".to_owned())]);
    let scope = Scope { arguments: &arguments, settings: &settings, key: "k" };
    let statement =
        template::statement("SELECT {a}, {connection.b}, {call.key}, {c}, '{{}}'", scope).unwrap();
    assert_eq!(statement.text, "SELECT ?1, ?2, ?3, ?4, '{}'");
    assert_eq!(statement.values, [json!(1), json!("two"), json!("k"), Json::Null]);
}
