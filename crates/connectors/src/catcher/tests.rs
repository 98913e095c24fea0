//! What the catcher keeps.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[test]
fn a_mail_is_read_as_people_read_it() {
    let source = "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n =?utf-8?q?_an_alle?= da\nX-Other: 1\n\
        Content-Transfer-Encoding: quoted-printable\n\nf=C3=BCnf =\nEuro\n=3D=ZZ\n";
    let mail = Mail { from: "a@x.org".into(), to: vec!["b@x.org".into()], source: source.into() };
    assert_eq!(mail.subject(), "Grüße an alle da");
    assert_eq!(mail.text(), "fünf Euro\n==ZZ");
    assert_eq!(mail.line(), "mail  b@x.org  Grüße an alle da");
    assert_eq!((mail.count_of("x-other"), mail.count_of("bcc")), (1, 0));
}

#[tokio::test]
async fn requests_in_pieces_and_chunks_are_kept_and_printed() {
    let (sender, printed) = std::sync::mpsc::channel();
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let catcher =
        Catcher::listen(anywhere, anywhere, move |line| sender.send(line.to_owned()).unwrap()).await.unwrap();
    catcher.answer_next(503, r#"{"error":"later"}"#);
    let mut stream = TcpStream::connect(catcher.http_address()).await.unwrap();
    stream.write_all(b"POST /a?b=1 HTTP/1.1\r\nContent-Le").await.unwrap();
    stream.write_all(b"ngth: 3\r\n\r\n{}\n").await.unwrap();
    stream
        .write_all(b"PUT /c HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    stream.write_all(b"3\r\n{\"x\r\n4\r\n\":1}\r\n0\r\n\r\n").await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert!(answers.starts_with("HTTP/1.1 503 ") && answers.contains("HTTP/1.1 200 "), "{answers}");
    let requests = catcher.wait_for_requests(2, Duration::from_secs(5)).await.unwrap();
    assert_eq!(requests[0].path, "/a?b=1");
    assert_eq!(requests[1].json(), serde_json::json!({"x": 1}));
    assert_eq!(printed.try_iter().collect::<Vec<_>>(), ["http  POST /a?b=1 {}", r#"http  PUT /c {"x":1}"#]);
}
