//! The power goes while events flow: disks as of random moments, with what was not synced lost or torn, still hold what
//! was acknowledged.
//!
//! Killing a process proves nothing about that, as the kernel keeps what it wrote. So the daemon runs with a library
//! that writes down what it does to the files of its store (`power_cut/trace.c`), and disks are rebuilt from that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use hence_connectors::catcher::Catcher;
use hence_engine::{ExecutionFilter, Status, Store};
use hence_store::Sqlite;
use serde_json::Value as Json;
use tokio::task::JoinSet;

use crate::crash::{Chance, payload, project};
use crate::serve::Daemon;

/// How many events are sent, and how many are on their way at a time.
const EVENTS: usize = 60;
const AT_A_TIME: usize = 6;

/// How many disks are rebuilt, apart from one for each acknowledgement.
const CUTS: u64 = 150;

/// What a disk writes at once.
const SECTOR: usize = 512;

/// What was done to a file.
enum Done {
    Write(usize, Vec<u8>),
    Truncate(usize),
    Remove,
    Sync,
}

/// What was done: up to where the record of it goes, the file, and what.
type Trace = Vec<(u64, String, Done)>;

/// What becomes of that which was not synced.
#[derive(Clone, Copy)]
enum Unsynced {
    Lost,
    Kept,
    /// Some of it, sector by sector.
    Torn,
}

fn library(folder: &Path) -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/power_cut/trace.c");
    let library = folder.join("trace.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).args(["-ldl", "-lpthread"]);
    assert!(compiler.status().unwrap().success());
    library
}

fn read(trace: &[u8]) -> Trace {
    let (mut done, mut at) = (Vec::new(), 0);
    while let Some(end) = trace[at..].iter().position(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(&trace[at..at + end]).unwrap();
        let [op, name, offset, length] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (offset, length): (usize, usize) = (offset.parse().unwrap(), length.parse().unwrap());
        at += end + 1;
        let what = match op {
            "W" => {
                let bytes = trace[at..at + length].to_vec();
                at += length;
                Done::Write(offset, bytes)
            }
            "T" => Done::Truncate(offset),
            "U" => Done::Remove,
            "S" => Done::Sync,
            _ => panic!("{line}"),
        };
        done.push((at as u64, name.to_owned(), what));
    }
    done
}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    file.resize(file.len().max(offset + bytes.len()), 0);
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// Returns the files as a disk has them on which the power went at a place of the trace. `syncs` is whether syncing does
/// anything.
fn disk(
    trace: &Trace,
    cut: u64,
    unsynced: Unsynced,
    syncs: bool,
    chance: &mut Chance,
) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut open: BTreeMap<&str, Vec<&Done>> = BTreeMap::new();
    let before = trace.iter().take_while(|(end, ..)| *end <= cut);
    for (_, name, done) in before {
        let waiting = open.entry(name).or_default();
        match done {
            Done::Sync if syncs => {
                for done in waiting.drain(..) {
                    apply(files.entry(name.clone()).or_default(), done, &mut |_| true);
                }
            }
            Done::Sync => {}
            Done::Remove => {
                waiting.clear();
                files.remove(name);
            }
            Done::Write(..) | Done::Truncate(_) => waiting.push(done),
        }
    }
    for (name, waiting) in open {
        for done in waiting {
            let mut keep = |_: usize| match unsynced {
                Unsynced::Lost => false,
                Unsynced::Kept => true,
                Unsynced::Torn => chance.below(2) == 0,
            };
            apply(files.entry(name.to_owned()).or_default(), done, &mut keep);
        }
    }
    files
}

/// Does something to a file, those sectors of it that are kept.
fn apply(file: &mut Vec<u8>, done: &Done, keep: &mut impl FnMut(usize) -> bool) {
    match done {
        Done::Write(offset, bytes) => {
            let mut at = 0;
            while at < bytes.len() {
                let sector = (offset + at) / SECTOR;
                let end = ((sector + 1) * SECTOR - offset).min(bytes.len());
                if keep(sector) {
                    write(file, offset + at, &bytes[at..end]);
                }
                at = end;
            }
        }
        Done::Truncate(length) if keep(0) => file.resize(*length, 0),
        Done::Truncate(_) | Done::Remove | Done::Sync => {}
    }
}

/// Opens the store of a disk, and returns which of the events it does not have.
fn lost<'e>(files: &BTreeMap<String, Vec<u8>>, events: impl Iterator<Item = &'e String>) -> Vec<&'e String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let store = Sqlite::open(&folder.path().join("hence.db")).unwrap();
    events.filter(|event| store.events_of_id(event).unwrap().is_empty()).collect()
}

/// Sends events; returns how far the trace was when each was acknowledged.
async fn send(daemon: &Daemon, trace: &Path) -> BTreeMap<String, u64> {
    let (mut sending, mut acknowledged) = (JoinSet::new(), BTreeMap::new());
    for number in 0..EVENTS {
        let event = format!("e{number}");
        let address = format!("{}/v1/events/shop/order.created?id={event}", daemon.address);
        let request = daemon.client.post(address).body(payload(&event));
        let trace = trace.to_owned();
        sending.spawn(async move {
            assert_eq!(request.send().await.unwrap().status(), 202);
            (event, std::fs::metadata(trace).unwrap().len())
        });
        if sending.len() >= AT_A_TIME {
            acknowledged.extend(sending.join_next().await.map(Result::unwrap));
        }
    }
    acknowledged.extend(sending.join_all().await);
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_power() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let (library, log) = (library(project.path()), project.path().join("trace"));
    let folder = project.path().canonicalize().unwrap().join("data");
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("HENCE_TRACE_FOLDER", folder.to_str().unwrap()),
        ("HENCE_TRACE_LOG", log.to_str().unwrap()),
    ];
    let daemon = Daemon::serving_in(project.path(), &[], &environment);
    let acknowledged = send(&daemon, &log).await;
    let none_left = |page: &Json| page["items"].as_array().is_some_and(Vec::is_empty);
    for path in
        ["/v1/events?state=accepted", "/v1/executions?status=pending", "/v1/executions?status=running"]
    {
        daemon.until(path, none_left).await;
    }
    let end = std::fs::metadata(&log).unwrap().len();
    drop(daemon);

    let trace = read(&std::fs::read(&log).unwrap());
    assert!(trace.iter().filter(|(.., done)| matches!(done, Done::Sync)).count() > 10);
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let first = *acknowledged.values().min().unwrap();
    let cuts = acknowledged.values().copied().collect::<BTreeSet<_>>().into_iter();
    let cuts: Vec<u64> = cuts.chain((0..CUTS).map(|_| first + chance.below(end - first))).collect();
    for (number, cut) in cuts.iter().enumerate() {
        let unsynced = [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn, Unsynced::Torn][number % 4];
        let files = disk(&trace, *cut, unsynced, true, &mut chance);
        let promised = acknowledged.iter().filter(|(_, at)| *at <= cut).map(|(event, _)| event);
        assert_eq!(lost(&files, promised), Vec::<&String>::new(), "the power went at {cut}");
    }

    // What the daemon said is done is done.
    let files = disk(&trace, end, Unsynced::Lost, true, &mut chance);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let store = Sqlite::open(&folder.path().join("hence.db")).unwrap();
    let completed = ExecutionFilter { status: Some(Status::Completed), ..ExecutionFilter::default() };
    assert_eq!(store.executions(&completed, None, 1000).unwrap().items.len(), EVENTS);

    // A disk that only says it has synced would be found out.
    let files = disk(&trace, end, Unsynced::Lost, false, &mut chance);
    assert_eq!(lost(&files, acknowledged.keys()).len(), EVENTS);
}
