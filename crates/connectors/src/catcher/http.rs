//! As much of HTTP/1.1 as it takes to be sent a request.

use std::io;

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Shared;

/// The largest head and the largest body, in bytes.
const LIMIT: u64 = 10 << 20;

/// An HTTP request that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtRequest {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl CaughtRequest {
    /// Returns the first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON; null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Returns a line for people: `http  POST /members {"id":1}`.
    pub fn line(&self) -> String {
        format!("http  {} {} {}", self.method, self.path, self.body.replace(['\r', '\n'], " "))
            .trim_end()
            .to_owned()
    }
}

pub(super) async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await? {
        let closes = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let answer = shared.caught().http_answers.pop_front();
        let (status, body) = answer.unwrap_or_else(|| (200, "{}".to_owned()));
        shared.keep_request(request);
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} Caught\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.get_mut().write_all(format!("{head}{body}").as_bytes()).await?;
        if closes {
            break;
        }
    }
    Ok(())
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<Option<CaughtRequest>> {
    let mut head = String::new();
    loop {
        let before = head.len();
        let length = (&mut *stream).take(LIMIT).read_line(&mut head).await?;
        if length == 0 || head.len() as u64 > LIMIT {
            return Ok(None);
        }
        if head.trim_end_matches(['\r', '\n']).len() <= before {
            break;
        }
    }
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let mut request =
        CaughtRequest { method, path, headers: lines.filter_map(header).collect(), body: String::new() };
    if request.header("expect").is_some() {
        stream.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let body = if request.header("transfer-encoding").is_some() {
        read_chunks(stream).await?
    } else {
        let length =
            request.header("content-length").and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
        let mut body = Vec::new();
        (&mut *stream).take(length.min(LIMIT)).read_to_end(&mut body).await?;
        body
    };
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        (&mut *stream).take(1024).read_line(&mut line).await?;
        let size = u64::from_str_radix(line.trim().split(';').next().unwrap_or_default(), 16).unwrap_or(0);
        (&mut *stream).take(size.min(LIMIT)).read_to_end(&mut body).await?;
        let mut end = String::new();
        (&mut *stream).take(1024).read_line(&mut end).await?;
        if size == 0 || body.len() as u64 > LIMIT {
            return Ok(body);
        }
    }
}
