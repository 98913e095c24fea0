//! What a PostgreSQL does that no file can: connections that break, conflicts, types of its own, TLS.

use hence_types::{Type, Wire};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::tests::Setup;
use super::super::{DATABASE, Databases, PASSWORD};
use super::*;
use crate::cluster::{self, Cluster};

const INSERT: &str = "INSERT INTO tasks (title) VALUES ({title}) RETURNING id";

/// A way to a database that breaks when it has let a commit through, before the answer. Returns its port.
async fn breaking_at_commit(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let asked = &asked[..read.unwrap()];
                    server.write_all(asked).await.unwrap();
                    if asked.starts_with(b"Q") && asked.windows(6).any(|word| word == b"COMMIT") {
                        // It is done when the database answers; nobody hears of it.
                        assert_ne!(server.read(&mut answered).await.unwrap(), 0);
                        return;
                    }
                }
                read = server.read(&mut answered) => client.write_all(&answered[..read.unwrap()]).await.unwrap(),
            }
        }
    });
    here
}

#[tokio::test]
async fn a_commit_without_an_answer_is_uncertain_and_done_once_under_its_key() {
    let setup = Setup::postgres();
    // The table of calls is there, so that the commit is that of the call.
    setup.call("other", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    let port = Cluster::shared().port();
    let broken = setup.database().replace(&port.to_string(), &breaking_at_commit(port).await.to_string());
    let direct = setup.settings.clone();
    let setup = Setup {
        settings: IndexMap::from_iter([
            (DATABASE.into(), broken),
            (PASSWORD.into(), cluster::PASSWORD.into()),
        ]),
        ..setup
    };
    let failure = setup.call("k", &[INSERT], None, Some(Type::Int), json!({"title": "b"})).await.unwrap_err();
    assert!(!failure.certain && failure.retryable, "{}", failure.message);
    assert!(failure.message.starts_with("whether it was done is not known: "), "{}", failure.message);

    let setup = Setup { settings: direct, ..setup };
    let again = setup.call("k", &[INSERT], None, Some(Type::Int), json!({"title": "b"})).await.unwrap();
    assert_eq!((again.result, &again.detail["response"]["done_before"]), (json!(2), &json!(true)));
    assert_eq!(setup.count("tasks"), "2");
}

#[tokio::test]
async fn a_connection_that_is_lost_before_the_commit_has_done_nothing() {
    let setup = Setup::postgres();
    let statements = [INSERT, "SELECT pg_terminate_backend(pg_backend_pid())"];
    let failure = setup.call("k", &statements, None, None, json!({"title": "a"})).await.unwrap_err();
    assert!(failure.certain && failure.retryable, "{}", failure.message);
    assert_eq!((setup.count("tasks"), setup.count("hence_calls")), ("0".to_owned(), "0".to_owned()));
    setup.call("k", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!(setup.count("tasks"), "1");
}

#[tokio::test]
async fn connections_that_broke_while_nobody_used_them_are_replaced() {
    let setup = Setup::postgres();
    let own = "SELECT pg_backend_pid()";
    let first = setup.read(own, Type::Int, json!({})).await.unwrap();
    assert_eq!(setup.read(own, Type::Int, json!({})).await.unwrap(), first, "it is used again");
    setup.own(&format!("SELECT pg_terminate_backend({first})"));
    assert_ne!(setup.read(own, Type::Int, json!({})).await.unwrap(), first);
}

#[tokio::test]
async fn conflicts_are_tried_again_and_mistakes_are_not() {
    let setup = Setup::postgres();
    for (state, is_passing) in [
        ("40001", true),
        ("40P01", true),
        ("55P03", true),
        ("57014", true),
        ("53300", true),
        ("25006", true),
        ("23505", false),
        ("22012", false),
        ("42501", false),
    ] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$");
        let failure =
            setup.call("k", &[INSERT, &raise], None, None, json!({"title": "a"})).await.unwrap_err();
        assert_eq!((failure.certain, failure.retryable), (true, is_passing), "{state}: {}", failure.message);
        assert_eq!(failure.message, "the database says: no");
    }
    assert_eq!(setup.count("tasks"), "0");
}

#[tokio::test]
async fn of_two_calls_in_each_others_way_one_is_tried_again() {
    let setup = Setup::postgres();
    let add = |id: &str| format!("UPDATE members SET score = coalesce(score, 0) + 1 WHERE id = '{id}'");
    // Each takes its first row, waits until the other has its own, and then wants the other's.
    let both_have = "DO $$ BEGIN
        PERFORM pg_advisory_xact_lock_shared(7);
        WHILE (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND database =
            (SELECT oid FROM pg_database WHERE datname = current_database())) < 2
        LOOP PERFORM pg_sleep(0.005); END LOOP;
    END $$";
    let (one, two) = (add("m1"), add("m2"));
    let (first, second) = ([&*one, both_have, &*two], [&*two, both_have, &*one]);
    let (a, b) = tokio::join!(
        setup.call("a", &first, None, None, json!({})),
        setup.call("b", &second, None, None, json!({})),
    );
    let failures: Vec<_> = [a, b].into_iter().filter_map(Result::err).collect();
    let [failure] = &failures[..] else { panic!("{failures:?}") };
    assert!(
        failure.certain && failure.retryable && failure.message.contains("deadlock"),
        "{}",
        failure.message
    );
    assert_eq!(setup.own("SELECT string_agg(score::text, ' ' ORDER BY id) FROM members"), "63.5 1");
}

#[tokio::test]
async fn the_first_call_of_all_does_not_hold_up_the_next() {
    let setup = Setup::postgres();
    // Both find no table; the first goes on only when the second is done.
    let until_second = "DO $$ BEGIN
        WHILE (SELECT count(*) FROM tasks WHERE title = 'second') = 0 LOOP PERFORM pg_sleep(0.005); END LOOP;
    END $$";
    let (wait, insert) = ([until_second], ["INSERT INTO tasks (title) VALUES ('second')"]);
    let (first, second) = tokio::join!(
        setup.call("a", &wait, None, None, json!({})),
        setup.call("b", &insert, None, None, json!({})),
    );
    first.unwrap();
    second.unwrap();
}

#[tokio::test]
async fn statements_that_nobody_waits_for_any_more_are_broken_off() {
    let setup = Setup::postgres();
    let sleep = ["SELECT pg_sleep(3600)"];
    let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%sleep(36%' AND state = 'active' AND pid <> pg_backend_pid()";
    {
        let mut call = Box::pin(setup.call("k", &sleep, None, None, json!({})));
        while setup.own(running) == "0" {
            tokio::select! {
                biased;
                _ = &mut call => panic!("it ended"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    let ending = async {
        while setup.own(running) != "0" {
            tokio::task::yield_now().await;
        }
    };
    // Sooner than the database would by itself.
    tokio::time::timeout(Duration::from_secs(20), ending).await.unwrap();
}

#[tokio::test]
async fn values_of_its_types_are_spelt_as_rules_read_them() {
    let setup = Setup::postgres();
    setup.own("CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN age AS integer CHECK (VALUE > 0)");
    let all = Type::List(std::sync::Arc::new(Type::Json));
    let read = async |select: &str| {
        let rows = setup.read(&format!("SELECT {select} AS x"), all.clone(), json!({})).await;
        rows.map(|rows| rows[0]["x"].to_string())
    };
    for (select, json) in [
        ("true", "true"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1.1::real", "1.1"),
        ("0.1::float8", "0.1"),
        ("12.50::numeric(10, 2)", "12.50"),
        ("-0.00012::numeric", "-0.00012"),
        ("12345678.0000901", "12345678.0000901"),
        ("100000000::numeric", "100000000"),
        ("0::numeric", "0"),
        ("'bad'::mood", "\"bad\""),
        ("7::age", "7"),
        ("'a'::char(3)", "\"a  \""),
        ("'{\"a\": [1, 2.50]}'::json", "{\"a\":[1,2.50]}"),
        ("'{\"a\": [1, 2.50]}'::jsonb", "{\"a\":[1,2.50]}"),
        ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
        ("'2026-03-14'::date", "\"2026-03-14\""),
        ("'11:30'::time", "\"11:30:00\""),
        ("'2026-03-14 11:00:00.5+01'::timestamptz", "\"2026-03-14T10:00:00.5Z\""),
        ("'2026-03-14 11:00:00'::timestamp", "\"2026-03-14T11:00:00\""),
        ("'1 month 2 days 90 seconds'::interval", "\"P1M2DT90S\""),
        ("ARRAY['a', NULL]", "[\"a\",null]"),
        ("'{}'::int[]", "[]"),
        ("NULL::int", "null"),
    ] {
        assert_eq!(
            read(&select.replace('{', "{{").replace('}', "}}")).await.as_deref(),
            Ok(json),
            "{select}"
        );
    }
    for (select, told) in [
        ("'NaN'::numeric", "the column `x` is no number"),
        ("'Infinity'::float8", "the column `x` is no number"),
        (
            "'10.0.0.1'::inet",
            "the column `x` is of type `inet`, which rules have no type for: let the statement say `::text` or \
             `to_jsonb(…)`",
        ),
        (
            "ARRAY[ARRAY[1], ARRAY[2]]",
            "the column `x` of type `_int4` cannot be read: array contains too many dimensions",
        ),
    ] {
        assert_eq!(read(select).await.unwrap_err(), told);
    }
    assert!(read("'infinity'::date").await.unwrap_err().starts_with("the column `x` of type `date` cannot"));
}

#[tokio::test]
async fn the_schema_says_how_numbers_and_instants_are_spelt() {
    let setup = Setup::postgres();
    let read = async |select: &str, ty: Type, wire: Wire| {
        let field = hence_types::Field { ty, wire, doc: String::new(), sensitive: false, origin: None };
        let fields = [(std::sync::Arc::from("x"), field)].into_iter().collect();
        let record = Type::Record(std::sync::Arc::new(hence_types::Record { fields, ..Default::default() }));
        setup.read(&format!("SELECT {select} AS x"), record, json!({})).await.unwrap()["x"].clone()
    };
    let at = "'2026-03-14 10:00:00'";
    assert_eq!(read("19.90", Type::Decimal, Wire::Text).await, json!("19.90"));
    assert_eq!(read("1", Type::Bool, Wire::Plain).await, json!(true));
    let local = format!("{at}::timestamp");
    assert_eq!(read(&local, Type::DateTime, Wire::Plain).await, json!("2026-03-14T10:00:00Z"));
    let instant = format!("timezone('UTC', {at}::timestamp)");
    assert_eq!(read(&instant, Type::DateTime, Wire::EpochSeconds).await, json!(1_773_482_400));
    assert_eq!(read(&instant, Type::DateTime, Wire::EpochMillis).await, json!(1_773_482_400_000_i64));
}

#[tokio::test]
async fn values_of_parameters_are_of_the_type_that_the_statement_wants() {
    let setup = Setup::postgres();
    setup.own("CREATE TABLE kinds (a int, b numeric, c boolean, d jsonb, e text[], f timestamptz, g uuid, h interval, i date)");
    let insert = "INSERT INTO kinds VALUES ({a}, {b}, {c}, {d}, {e}, {f}, {g}, {h}, {i})";
    let arguments = json!({
        "a": true, "b": serde_json::from_str::<Json>("12345678901234567890.10").unwrap(), "c": false,
        "d": {"a": "it's"}, "e": ["a,b", "\"", null], "f": "2026-03-14T11:00:00+01:00",
        "g": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "h": "PT90M", "i": "2026-03-14",
    });
    setup.call("k", &[insert], None, None, arguments).await.unwrap();
    assert_eq!(
        setup.own("SET timezone = 'UTC'; SELECT * FROM kinds"),
        "1|12345678901234567890.10|f|{\"a\": \"it's\"}|{\"a,b\",\"\\\"\",NULL}|2026-03-14 10:00:00+00|\
         a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|01:30:00|2026-03-14"
    );
    let failure = setup.call("x", &[insert], None, None, json!({"i": "soon"})).await.unwrap_err();
    assert_eq!(failure.message, "the database says: invalid input syntax for type date: \"soon\"");
    assert!(failure.certain && !failure.retryable);
}

#[tokio::test]
async fn what_is_shown_of_a_database_has_no_password() {
    let setup = Setup::postgres();
    let done = setup.call("k", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!(done.detail["request"]["database"], json!(setup.database()));
    assert_eq!(
        done.detail["request"]["statements"],
        json!(["INSERT INTO tasks (title) VALUES ($1) RETURNING id"])
    );
    assert!(!done.detail.to_string().contains(cluster::PASSWORD));
}

#[tokio::test]
async fn a_wrong_password_is_told_and_tried_again_later() {
    let setup = Setup::postgres();
    let settings =
        [(DATABASE.to_owned(), setup.database().to_owned()), (PASSWORD.to_owned(), "wrong".to_owned())];
    let setup = Setup { settings: settings.into_iter().collect(), ..setup };
    let failure = setup.call("k", &["SELECT 1"], None, None, json!({})).await.unwrap_err();
    assert!(
        failure.message.ends_with("password authentication failed for user \"hence\""),
        "{}",
        failure.message
    );
    assert!(failure.certain && failure.retryable);
}

#[tokio::test]
async fn a_table_that_is_taken_away_while_connections_know_it_is_made_again() {
    let setup = Setup::postgres();
    setup.call("a", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    setup.own("DROP TABLE hence_calls");
    let failure = setup.call("b", &[INSERT], None, None, json!({"title": "a"})).await.unwrap_err();
    assert_eq!(failure.message, "the table `hence_calls` is gone");
    assert!(failure.certain && failure.retryable);
    setup.call("b", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!((setup.count("tasks"), setup.count("hence_calls")), ("2".to_owned(), "1".to_owned()));
}

#[tokio::test]
async fn what_was_prepared_before_a_table_changed_is_prepared_anew() {
    let setup = Setup::postgres();
    setup.call("a", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    setup.own("ALTER TABLE tasks ALTER COLUMN id TYPE bigint");
    let failure = setup.call("b", &[INSERT], None, None, json!({"title": "a"})).await.unwrap_err();
    assert!(failure.certain && failure.retryable, "{}", failure.message);
    setup.call("b", &[INSERT], None, None, json!({"title": "a"})).await.unwrap();
    assert_eq!(setup.count("tasks"), "2");
}

#[tokio::test]
async fn a_private_address_is_not_asked_unless_it_is_allowed() {
    let setup = Setup::postgres();
    let guarded = Databases::new(setup.folder.path().to_owned(), Guard::default());
    let setup = Setup { databases: guarded, ..setup };
    let failure = setup.call("k", &["SELECT 1"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.contains("is an address of a private network"), "{}", failure.message);
    let socket = Cluster::shared().folder().to_str().unwrap().replace('/', "%2F");
    let settings = [(DATABASE.to_owned(), format!("postgres://hence@{socket}/postgres"))];
    let setup = Setup { settings: settings.into_iter().collect(), ..setup };
    let failure = setup.call("k", &["SELECT 1"], None, None, json!({})).await.unwrap_err();
    assert!(failure.message.ends_with("is not in `[network] allow` of hence.toml"), "{}", failure.message);
}

#[tokio::test]
async fn connections_are_encrypted_and_the_certificate_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let other = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("server.pem", &own.pem());
    write("server.key", &key.serialize_pem());
    write("other.pem", &other.pem());
    allow_reading(folder.path());
    let cluster = Cluster::start(Some(folder.path()));
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
    let databases = Databases::new(folder.path().to_owned(), guard);
    let setup = Setup { databases, ..Setup::sqlite() };
    let read = async |host: &str, query: &str| {
        let url = cluster.url("postgres").replace("127.0.0.1", host);
        let settings = [
            (DATABASE.to_owned(), format!("{url}?{query}")),
            (PASSWORD.to_owned(), cluster::PASSWORD.to_owned()),
        ];
        let settings: IndexMap<_, _> = settings.into_iter().collect();
        let scope =
            crate::template::Scope { arguments: &serde_json::Map::new(), settings: &settings, key: "" };
        let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let statement = crate::template::statement(ssl, scope).unwrap();
        let work = Work::of(vec![statement], super::super::Shape::Value(Type::Bool));
        let done = setup.databases.perform("crm", &settings, KEPT, work).await;
        done.map(|done| done.result).map_err(|problem| problem.message().to_owned())
    };
    assert_eq!(read("localhost", "sslrootcert=server.pem").await, Ok(json!(true)));
    assert_eq!(read("localhost", "sslmode=disable").await, Ok(json!(false)));
    for (host, query) in [
        ("localhost", "sslmode=verify-full"),
        ("127.0.0.1", "sslrootcert=server.pem"),
        ("localhost", "sslrootcert=nowhere.pem"),
    ] {
        let told = read(host, query).await.unwrap_err();
        assert!(told.contains("cannot be opened: "), "{host} {query}: {told}");
        assert!(told.to_lowercase().contains("certificate"), "{host} {query}: {told}");
    }
}

/// A folder of the tests is theirs alone; the database runs as somebody else.
fn allow_reading(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
