//! As much of SMTP as it takes to be sent a mail: no encryption, any password.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Mail, Shared};

/// The longest line, in bytes.
const LINE_LIMIT: u64 = 64 * 1024;
/// The largest mail, in bytes.
const MAIL_LIMIT: usize = 10 << 20;

pub(super) async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    reply(&mut stream, "220 catcher ready").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    while let Some(line) = read_line(&mut stream).await? {
        let (verb, argument) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                reply(&mut stream, "250-catcher\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN")
                    .await?
            }
            "HELO" | "NOOP" => reply(&mut stream, "250 ok").await?,
            "AUTH" => authenticate(&mut stream, argument).await?,
            "RSET" => {
                (from, to) = (String::new(), Vec::new());
                reply(&mut stream, "250 ok").await?;
            }
            "MAIL" => {
                from = address(argument);
                reply(&mut stream, "250 ok").await?;
            }
            "RCPT" => {
                to.push(address(argument));
                reply(&mut stream, "250 ok").await?;
            }
            "DATA" => {
                reply(&mut stream, "354 go on").await?;
                let Some(source) = read_mail(&mut stream).await? else { return Ok(()) };
                let refusal = shared.caught().mail_answers.pop_front();
                match refusal {
                    Some(answer) => reply(&mut stream, &answer).await?,
                    None => {
                        shared.keep_mail(Mail {
                            from: std::mem::take(&mut from),
                            to: std::mem::take(&mut to),
                            source,
                        });
                        reply(&mut stream, "250 caught").await?;
                    }
                }
            }
            "QUIT" => return reply(&mut stream, "221 bye").await,
            _ => reply(&mut stream, "502 unknown command").await?,
        }
    }
    Ok(())
}

async fn reply(stream: &mut BufReader<TcpStream>, line: &str) -> io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let length = stream.take(LINE_LIMIT).read_until(b'\n', &mut line).await?;
    let text = String::from_utf8_lossy(&line);
    Ok((length > 0).then(|| text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Takes any password, in one line or asked for in two.
async fn authenticate(stream: &mut BufReader<TcpStream>, argument: &str) -> io::Result<()> {
    let asked = match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["LOGIN"] => 2,
        [_, _, ..] => 0,
        _ => 1,
    };
    for question in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"].iter().take(asked) {
        reply(stream, question).await?;
        read_line(stream).await?;
    }
    reply(stream, "235 welcome").await
}

/// Reads up to the line with a single dot, taking away the dot that was put before lines beginning with one.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut source = String::new();
    while let Some(line) = read_line(stream).await? {
        if line == "." {
            return Ok(Some(source));
        }
        if source.len() > MAIL_LIMIT {
            return Ok(None);
        }
        source.push_str(line.strip_prefix('.').unwrap_or(&line));
        source.push('\n');
    }
    Ok(None)
}

/// The address in `FROM:<ann@example.org> BODY=8BITMIME`.
fn address(argument: &str) -> String {
    let inner =
        argument.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inner.unwrap_or(argument).to_owned()
}
