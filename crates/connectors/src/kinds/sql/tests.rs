//! Statements on a database of their own: what holds for every kind of database, on each of them.

use std::sync::Arc;

use hence_types::{Field, Record};
use indexmap::IndexMap;
use serde_json::Map;

use super::postgres::Address;
use super::*;
use crate::cluster::{self, Cluster};
use crate::guard::Guard;

const SQLITE: &str = "
    CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT, active INTEGER, score REAL, tags TEXT, photo BLOB);
    INSERT INTO members VALUES ('m1', 'Robin', 1, 62.5, '[\"a\",\"b\"]', NULL), ('m2', NULL, 0, NULL, '[]', NULL);
    CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
";

const POSTGRES: &str = "
    CREATE TABLE members (id text PRIMARY KEY, name text, active boolean, score numeric, tags text[], photo bytea);
    INSERT INTO members VALUES ('m1', 'Robin', true, 62.5, '{a,b}', NULL), ('m2', NULL, false, NULL, '{}', NULL);
    CREATE TABLE tasks (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL);
";

pub(super) struct Setup {
    pub(super) folder: tempfile::TempDir,
    pub(super) databases: Databases,
    pub(super) settings: IndexMap<String, String>,
}

impl Setup {
    pub(super) fn sqlite() -> Self {
        Self::of(&[(DATABASE, "sqlite:members.db")], SQLITE)
    }

    pub(super) fn postgres() -> Self {
        Self::of(&[(DATABASE, &Cluster::shared().database()), (PASSWORD, cluster::PASSWORD)], POSTGRES)
    }

    fn of(settings: &[(&str, &str)], schema: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = settings.iter().map(text).collect();
        let guard = Guard::new(vec!["127.0.0.1".parse().unwrap()]);
        let setup = Self { databases: Databases::new(folder.path().to_owned(), guard), folder, settings };
        setup.own(schema);
        setup
    }

    pub(super) fn database(&self) -> &str {
        &self.settings[DATABASE]
    }

    /// Does statements beside the connectors; returns the first value of the last.
    pub(super) fn own(&self, statements: &str) -> String {
        if Address::is_meant(self.database()) {
            return Cluster::shared().psql(self.database(), statements);
        }
        let file = rusqlite::Connection::open(self.folder.path().join("members.db")).unwrap();
        if statements.starts_with("SELECT") {
            let text =
                |row: &rusqlite::Row<'_>| row.get_ref(0)?.as_str().map(str::to_owned).map_err(Into::into);
            return file.query_row(&format!("SELECT CAST(({statements}) AS TEXT)"), [], text).unwrap();
        }
        file.execute_batch(statements).unwrap();
        String::new()
    }

    pub(super) fn count(&self, table: &str) -> String {
        self.own(&format!("SELECT count(*) FROM {table}"))
    }

    pub(super) async fn call(
        &self,
        key: &str,
        statements: &[&str],
        unchanged: Option<&str>,
        result: Option<Type>,
        arguments: Json,
    ) -> Result<Response, Failure> {
        self.perform(key, statements, unchanged, result, arguments, false).await
    }

    pub(super) async fn read(&self, statement: &str, result: Type, arguments: Json) -> Result<Json, String> {
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

/// Has tests run on each kind of database.
macro_rules! on_each {
    ($($name:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Setup::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Setup::postgres()).await;
            })*
        }
    };
}

on_each! {
    a_call_that_is_made_twice_is_done_once_and_has_its_first_result,
    calls_at_the_same_time_under_one_key_are_done_once,
    calls_are_forgotten_some_months_after_they_were_done,
    statements_are_done_all_or_none,
    none_of_the_statements_ends_the_transaction,
    a_value_is_never_a_part_of_a_statement,
    what_changes_nothing_is_a_failure_where_the_call_says_so,
    rows_are_spelt_as_the_schema_says,
    numbers_keep_their_digits,
    a_mistake_is_not_tried_again,
    a_database_that_is_not_there_is_tried_again_later,
    a_statement_that_never_ends_is_broken_off,
    no_more_rows_are_given_than_are_wanted,
}

async fn a_call_that_is_made_twice_is_done_once_and_has_its_first_result(setup: Setup) {
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
    assert_eq!(setup.count("tasks"), "2");
}

async fn calls_at_the_same_time_under_one_key_are_done_once(setup: Setup) {
    let insert = ["INSERT INTO tasks (title) VALUES ({title}) RETURNING id"];
    let call = || setup.call("k", &insert, None, Some(Type::Int), json!({"title": "a"}));
    let all = futures_util::future::join_all(std::iter::repeat_with(call).take(12)).await;
    let results: Vec<_> = all.into_iter().map(|done| done.unwrap().result).collect();
    assert_eq!(results, vec![json!(1); 12]);
    assert_eq!(setup.count("tasks"), "1");
}

async fn calls_are_forgotten_some_months_after_they_were_done(setup: Setup) {
    let insert = ["INSERT INTO tasks (title) VALUES ('a')"];
    setup.call("k1", &insert, None, None, json!({})).await.unwrap();
    let earlier = match Address::is_meant(setup.database()) {
        true => "done_at - interval '91 days'",
        false => "done_at - 91 * 86400",
    };
    setup.own(&format!("UPDATE hence_calls SET done_at = {earlier}"));
    setup.call("k2", &insert, None, None, json!({})).await.unwrap();
    setup.call("k3", &insert, None, None, json!({})).await.unwrap();
    assert_eq!(setup.count("hence_calls"), "2");
}

async fn statements_are_done_all_or_none(setup: Setup) {
    let statements =
        ["INSERT INTO tasks (title) VALUES ({title})", "INSERT INTO tasks (title) VALUES (NULL)"];
    let failure = setup.call("k", &statements, None, None, json!({"title": "a"})).await.unwrap_err();
    let told = match Address::is_meant(setup.database()) {
        true => {
            "null value in column \"title\" of relation \"tasks\" violates not-null constraint \
                 (Failing row contains (2, null).)"
        }
        false => "NOT NULL constraint failed: tasks.title",
    };
    assert_eq!(failure.message, format!("the database says: {told}"));
    assert!(failure.certain && !failure.retryable);
    assert_eq!(setup.count("tasks"), "0");
    // And nothing remembers it as done.
    setup.call("k", &statements[..1], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!(setup.count("tasks"), "1");
}

async fn none_of_the_statements_ends_the_transaction(setup: Setup) {
    let statements = ["INSERT INTO tasks (title) VALUES ('a')", "/* now */ commit"];
    let failure = setup.call("k", &statements, None, None, json!({})).await.unwrap_err();
    assert_eq!(
        failure.message,
        "the statements of a call are one transaction: none of them begins or ends another"
    );
    assert!(failure.certain && !failure.retryable);
    assert_eq!(setup.count("tasks"), "0");
}

async fn a_value_is_never_a_part_of_a_statement(setup: Setup) {
    let evil = "x'); DROP TABLE tasks; --";
    let insert = "INSERT INTO tasks (title) VALUES ({title})";
    setup.call("k", &[insert], None, None, json!({"title": evil})).await.unwrap();
    assert_eq!(setup.own("SELECT title FROM tasks"), evil);
}

async fn what_changes_nothing_is_a_failure_where_the_call_says_so(setup: Setup) {
    let update = "UPDATE members SET name = {name} WHERE id = {user}";
    let unchanged = Some("there is no member {user}");
    let arguments = |user: &str| json!({"user": user, "name": "Kim"});
    setup.call("k1", &[update], unchanged, None, arguments("m1")).await.unwrap();
    let failure = setup.call("k2", &[update], unchanged, None, arguments("m9")).await.unwrap_err();
    assert_eq!(failure.message, "there is no member m9");
    assert!(failure.certain && !failure.retryable);
    setup.call("k3", &[update], None, None, arguments("m9")).await.unwrap();
}

async fn rows_are_spelt_as_the_schema_says(setup: Setup) {
    let select = "SELECT id, active, score, tags FROM members WHERE id = {id}";
    let robin = setup.read(select, member(), json!({"id": "m1"})).await.unwrap();
    assert_eq!(robin, json!({"id": "m1", "active": true, "score": 62.5, "tags": ["a", "b"]}));
    let all = Type::List(Arc::new(member()));
    let all = setup.read("SELECT id, active FROM members ORDER BY id", all, json!({})).await.unwrap();
    assert_eq!(all, json!([{"id": "m1", "active": true}, {"id": "m2", "active": false}]));
    assert_eq!(setup.read(select, member().optional(), json!({"id": "m9"})).await.unwrap(), Json::Null);
    let count = setup.read("SELECT count(*) FROM members", Type::Int, json!({})).await.unwrap();
    assert_eq!(count, json!(2));
    setup.own("UPDATE members SET photo = '00'");
    setup.own(if Address::is_meant(setup.database()) { "" } else { "UPDATE members SET photo = x'00'" });
    let blob = setup.read("SELECT photo FROM members", member(), json!({})).await.unwrap_err();
    let told = match Address::is_meant(setup.database()) {
        true => {
            "the column `photo` is of type `bytea`, which rules have no type for: let the statement say \
                 `::text` or `to_jsonb(…)`"
        }
        false => "the column `photo` is a blob, which rules have no type for",
    };
    assert_eq!(blob, told);
    let broken = setup.read("SELECT 'x' AS tags", member(), json!({})).await.unwrap_err();
    assert!(broken.starts_with("the column `tags` is no JSON: "), "{broken}");
}

async fn numbers_keep_their_digits(setup: Setup) {
    for number in ["0.1", "12.50", "-7", "9007199254740993", "0.1234567890123456789"] {
        let value: Json = serde_json::from_str(number).unwrap();
        let equal = setup.read("SELECT {n} = CAST({n} AS NUMERIC)", Type::Bool, json!({"n": value})).await;
        assert_eq!(equal.unwrap(), json!(true), "{number}");
    }
    let sum = setup.read("SELECT CAST({a} AS NUMERIC) + 0", Type::Decimal, json!({"a": 19.9})).await.unwrap();
    assert_eq!(sum.to_string(), "19.9");
}

async fn a_mistake_is_not_tried_again(setup: Setup) {
    let failure =
        setup.call("k", &["INSERT INTO nowhere VALUES (1)"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.contains("nowhere"), "{}", failure.message);
    assert!(failure.certain && !failure.retryable);

    let two = setup.call("k", &["SELECT 1; SELECT 2"], None, None, json!({})).await.unwrap_err();
    assert!(two.certain && !two.retryable, "{}", two.message);
}

async fn a_database_that_is_not_there_is_tried_again_later(setup: Setup) {
    let database = match Address::is_meant(setup.database()) {
        true => Cluster::shared().url("elsewhere"),
        false => "sqlite:elsewhere/members.db".to_owned(),
    };
    let settings = IndexMap::from([(DATABASE.to_owned(), database)]);
    let setup = Setup {
        settings: IndexMap::from_iter([setup.settings.clone(), settings].into_iter().flatten()),
        ..setup
    };
    let failure = setup.call("k", &["SELECT 1"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.starts_with("the database `"), "{}", failure.message);
    assert!(failure.certain && failure.retryable);
    assert!(!setup.folder.path().join("elsewhere").exists());
}

async fn a_statement_that_never_ends_is_broken_off(setup: Setup) {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let scope = Scope { arguments: &Map::new(), settings: &setup.settings, key: "" };
    let work = Work::of(vec![template::statement(endless, scope).unwrap()], Shape::Nothing);
    let done = setup.databases.perform("crm", &setup.settings, Duration::from_millis(300), work).await;
    let problem = done.unwrap_err();
    assert!(problem.certain && problem.retryable, "{}", problem.message());
}

async fn no_more_rows_are_given_than_are_wanted(setup: Setup) {
    let select = "SELECT id FROM members";
    let scope = Scope { arguments: &Map::new(), settings: &setup.settings, key: "" };
    let statements = vec![template::statement(select, scope).unwrap()];
    let work = Work { most: 1, ..Work::of(statements, Shape::All(None)) };
    let done = setup.databases.perform("crm", &setup.settings, TOTAL_TIMEOUT, work).await;
    assert_eq!(done.unwrap_err().message(), "the statement gives more than 1 rows");
    // And what is left of them is in nobody's way.
    setup.read(select, Type::String, json!({})).await.unwrap();
}

#[test]
fn an_address_names_a_database() {
    let problem = |address: &str| {
        settings_problem(&IndexMap::from([("database".to_owned(), address.to_owned())]))
            .map(|(_, problem)| problem)
    };
    assert_eq!(problem("sqlite:members.db"), None);
    assert_eq!(problem("postgres://me@localhost/members"), None);
    for address in ["", "members.db", "sqlite:", "mysql://me@localhost/members"] {
        let told = problem(address).unwrap();
        assert!(
            told.contains("it is given as `sqlite:` and the path of its file, or as `postgres://"),
            "{told}"
        );
    }
    let told = problem("postgres://localhost/members").unwrap();
    assert!(told.starts_with("the URL of the database names no user"), "{told}");
}

#[test]
fn the_scope_of_statements_is_that_of_other_texts() {
    let arguments = Map::from_iter([("a".to_owned(), json!(1))]);
    let settings = IndexMap::from([("b".to_owned(), "two".to_owned())]);
    let scope = Scope { arguments: &arguments, settings: &settings, key: "k" };
    let statement =
        template::statement("SELECT {a}, {connection.b}, {call.key}, {c}, '{{}}'", scope).unwrap();
    assert_eq!(statement.text('?'), "SELECT ?1, ?2, ?3, ?4, '{}'");
    assert_eq!(statement.text('$'), "SELECT $1, $2, $3, $4, '{}'");
    assert_eq!(statement.values, [json!(1), json!("two"), json!("k"), Json::Null]);
}
