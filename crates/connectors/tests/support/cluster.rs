//! A PostgreSQL of the tests' own: in a temporary folder, on a free port, without any care for the disk. It runs as a user
//! without rights, as it refuses to run as root, and ends with the process of the tests, however that ends: a shell looks
//! after it until its own input ends, stops it by the process id that the folder keeps, and takes the folder away.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// The user of the database, and the password, which every connection needs.
pub(crate) const USER: &str = "hence";
/// The password of [`USER`].
pub(crate) const PASSWORD: &str = "known-to-tests-alone";

/// What the shell does: `$1` is where the programs are, `$2` the port, `$3` the password, `$4` certificate and key, if any.
const SCRIPT: &str = r#"
folder=$(mktemp -d "${TMPDIR:-/tmp}/hence-postgres-XXXXXX") || exit 1
trap '' INT TERM HUP
stop() { "$bin/pg_ctl" -D "$folder/data" -m "$1" -w stop > "$folder/control" 2>&1; }
start() {
  "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200 -c deadlock_timeout=50ms $tls" > "$folder/control" 2>&1 ||
    { cat "$folder/log" >&2; return 1; }
}
bin=$1 port=$2 tls=
printf '%s' "$3" > "$folder/password"
"$bin/initdb" -D "$folder/data" -U hence -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C -N --no-instructions > "$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; rm -r "$folder"; exit 1; }
if [ -n "$4" ]; then
  cp "$4/server.pem" "$4/server.key" "$folder/" && chmod 600 "$folder/server.key"
  tls="-c ssl=on -c ssl_cert_file=$folder/server.pem -c ssl_key_file=$folder/server.key"
fi
start || { rm -r "$folder"; exit 1; }
echo "$folder"
while read -r command; do
  case $command in
    stop) stop immediate ;;
    start) start ;;
  esac
  echo done
done
stop immediate 2> /dev/null
rm -r "$folder"
"#;

/// A PostgreSQL that runs.
pub(crate) struct Cluster {
    port: u16,
    folder: PathBuf,
    shell: Mutex<Shell>,
    databases: AtomicU32,
}

struct Shell {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Cluster {
    /// Returns the one that the tests of this process share.
    pub(crate) fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Cluster::start(None))
    }

    /// Starts one; with TLS by `server.pem` and `server.key` of a folder that all may read, if given.
    pub(crate) fn start(certificate: Option<&Path>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let programs = programs();
        let mut command = match user() {
            Some(user) => {
                let mut command = Command::new("setpriv");
                let ids = [format!("--reuid={user}"), "--regid".to_owned(), user];
                command.args(ids).args(["--init-groups", "sh"]);
                command
            }
            None => Command::new("sh"),
        };
        command.args(["-c", SCRIPT, "sh"]).arg(programs).arg(port.to_string()).arg(PASSWORD);
        command.arg(certificate.unwrap_or(Path::new(""))).current_dir("/");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut folder = String::new();
        output.read_line(&mut folder).unwrap();
        assert!(!folder.is_empty(), "PostgreSQL did not start; `cargo xtask setup` installs it");
        let shell = Mutex::new(Shell { _child: child, input, output });
        Self { port, folder: folder.trim().into(), shell, databases: AtomicU32::new(0) }
    }

    /// Makes a database and returns its URL, without the password.
    pub(crate) fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Returns the URL of a database.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }

    /// Returns the folder with the socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stops it as a crash does.
    pub(crate) fn stop(&self) {
        self.tell("stop");
    }

    /// Starts it again.
    pub(crate) fn start_again(&self) {
        self.tell("start");
    }

    fn tell(&self, command: &str) {
        let mut shell = self.shell.lock().unwrap();
        writeln!(shell.input, "{command}").unwrap();
        let mut answer = String::new();
        shell.output.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n");
    }

    /// Has `psql` do statements; returns what it prints, columns separated by `|`.
    ///
    /// # Panics
    /// A statement is wrong.
    pub(crate) fn psql(&self, database: &str, statements: &str) -> String {
        let name = database.rsplit('/').next().unwrap();
        let mut command = Command::new(programs().join("psql"));
        let arguments =
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", USER, "-d", name];
        command.args(arguments).args(["-p", &self.port.to_string(), "-f", "-"]).env("PGPASSWORD", PASSWORD);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
    }
}

/// The folder with PostgreSQL's programs: Debian keeps it out of `PATH`, a folder for each version.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file()) {
        // The others stand beside what this is a link to.
        return folder.join("initdb").canonicalize().unwrap().parent().unwrap().to_owned();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let newest = folders.filter(|folder| folder.join("initdb").is_file()).max();
    newest.unwrap_or_else(|| panic!("PostgreSQL is not installed; `cargo xtask setup` installs it"))
}

/// The user to run it as, where the tests run as root.
fn user() -> Option<String> {
    let id = Command::new("id").arg("-u").output().ok()?;
    let is_root = id.stdout == b"0\n";
    let is_known =
        |user: &&str| Command::new("id").arg(user).output().is_ok_and(|found| found.status.success());
    is_root.then(|| ["postgres", "nobody"].into_iter().find(is_known).unwrap_or("nobody").to_owned())
}
