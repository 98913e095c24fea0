//! The example club, from a row that changes to rows that rules change: `cargo run --example members`.
//!
//! Makes the database of `database.sql` in a folder of its own, starts a catcher for mails and calls on loopback and the
//! daemon with the rules of this folder. Then things happen in the database, and the rules answer. The daemon goes on
//! running for you to try; with `--once` it ends instead.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hence_connectors::catcher::Catcher;
use hence_connectors::{ConnectionSettings, Secrets};
use hence_jit::{Mode, Tiers};
use hence_project::Project;
use hence_server::{Options, SystemClock};
use hence_store::Sqlite;
use rusqlite::Connection;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/members");

/// What happens in the club, in order.
const STORY: &[(&str, &str)] = &[
    (
        "Kim from Berlin becomes a member, without a name",
        "INSERT INTO members (id, email, city) VALUES ('m1', 'kim@example.com', 'Berlin')",
    ),
    ("Kim's payment fails", "INSERT INTO payments VALUES ('p1', 'm1', 2900, 0, 'expired card')"),
    ("Kim moves to Hamburg", "UPDATE members SET city = 'Hamburg' WHERE id = 'm1'"),
    (
        "Kim pays: what was begun for the failed payment ends",
        "INSERT INTO payments VALUES ('p2', 'm1', 2900, 1, NULL)",
    ),
    ("Kim subscribes", "INSERT INTO subscriptions VALUES ('s1', 'm1', 'Plus, yearly', 29000, NULL, NULL)"),
];

/// What is shown of the database at the end.
const SHOWN: &[(&str, &str)] = &[
    ("members", "SELECT id || ' ' || email || ' is ' || status FROM members"),
    ("tags", "SELECT member || ' ' || tag FROM tags ORDER BY tag"),
    ("segments", "SELECT member || ' ' || segment FROM segment_members ORDER BY segment"),
    ("tasks", "SELECT title || ', due on ' || due_on FROM tasks"),
    ("notifications", "SELECT message FROM notifications ORDER BY id"),
];

fn main() -> anyhow::Result<()> {
    let once = std::env::args().any(|argument| argument == "--once");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demonstrate(once))
}

async fn demonstrate(once: bool) -> anyhow::Result<()> {
    let project = Project::load(Path::new(FOLDER))?;
    if project.has_errors() {
        bail!("the example has mistakes: run `hence check examples/members`");
    }
    let folder = std::env::temp_dir().join(format!("hence-example-members-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let club = Connection::open(folder.join("members.db"))?;
    club.busy_timeout(Duration::from_secs(10))?;
    club.execute_batch(&std::fs::read_to_string(Path::new(FOLDER).join("database.sql"))?)?;
    // Where `hence.toml` and the rules send things to.
    let [mail, web] = [1025, 8028].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let catcher = Catcher::listen(mail, web, |line| println!("      {line}"))
        .await
        .context("the example needs the ports 1025 and 8028 of this machine")?;
    let store = Arc::new(Sqlite::open(&folder.join("hence.db"))?);
    let options = Options {
        loaded: project.clone().into(),
        source: None,
        watch: None,
        connections: connections(&project, &folder, &catcher)?,
        secrets: Secrets::none(),
        store: Arc::clone(&store) as _,
        access: Arc::clone(&store) as _,
        records: Arc::clone(&store) as _,
        releases: store,
        clock: Arc::new(SystemClock),
        listen: if once { SocketAddr::from(([127, 0, 0, 1], 0)) } else { project.manifest.server.listen },
        evaluator: Arc::new(Tiers::new(Mode::Auto)),
        keep_days: 0,
        surface: hence_server::Surface::default(),
        traces: None,
        project: Some(project.root.clone()),
    };
    let daemon = hence_server::serve(options, hence_server::signalled()).await?;
    println!("The daemon runs on http://{} with {} rules.", daemon.address(), project.program().rules.len());
    println!("The database of the club is {}.", folder.join("members.db").display());
    println!("What the rules send is caught on this machine:\n");
    for (told, statement) in STORY {
        println!("{told}");
        club.execute(statement, [])?;
        // What a row causes is easier to follow before the next one changes.
        taken(&club).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("\nWhat the rules have left in the database:\n");
    for (table, query) in SHOWN {
        let mut query = club.prepare(query)?;
        for line in query.query_map([], |row| row.get::<_, Option<String>>(0))? {
            println!("  {table:<14} {}", line?.unwrap_or_default());
        }
    }
    if once {
        daemon.stop();
    } else {
        println!("\nThe daemon goes on; Ctrl-C ends it. Change something, in another terminal:");
        println!(
            "  sqlite3 {} \"UPDATE members SET status = 'lapsed'\"",
            folder.join("members.db").display()
        );
    }
    daemon.stopped().await?;
    drop(club);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// The connections of `hence.toml`, with the database where this demonstration made it.
fn connections(project: &Project, folder: &Path, catcher: &Catcher) -> anyhow::Result<ConnectionSettings> {
    let mut settings = ConnectionSettings::default();
    settings.set_root(folder);
    for (integration, connection) in &project.manifest.connections {
        for (name, value) in connection {
            settings.set(integration, name, value);
        }
    }
    settings.allow(catcher.http_address().to_string().parse()?);
    Ok(settings)
}

/// Waits until the daemon has taken what happened.
async fn taken(club: &Connection) -> anyhow::Result<()> {
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if club.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(());
        }
    }
    bail!("the daemon did not take what happened within ten seconds")
}
