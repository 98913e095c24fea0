//! What can be run: lenses, the commands behind them, and hints between the words.

use hence_types::jiff::Timestamp;
use lsp_server::ErrorCode;
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeLens, Command, ExecuteCommandParams, InlayHint, InlayHintKind, InlayHintLabel, InlayHintTooltip,
    MessageType, Range, ShowMessageParams, Uri, notification,
};
use serde_json::{Value as Json, json};

use super::activity::{Activity, Daemon};
use super::convert;
use super::server::{Answer, Refusal, Server};
use crate::features::inlay::{self, Tells};
use crate::features::lenses::{self, Runs};

const RUN_TESTS: &str = "hence.runTests";
const EXPLAIN: &str = "hence.explain";
const LIST_TESTS: &str = "hence.listTests";

/// The names of the commands.
pub(super) const NAMES: [&str; 3] = [RUN_TESTS, EXPLAIN, LIST_TESTS];

/// Returns a lens with what a daemon says of its rule. Without an answer it says so, as it has to say something.
pub(super) fn resolved(daemon: &Daemon, mut lens: CodeLens) -> CodeLens {
    let rule = lens.data.as_ref().and_then(|data| data.get("rule")?.as_str());
    if let Some(rule) = rule {
        let told = daemon.of(rule).map_or_else(|| "the daemon does not answer".to_owned(), Activity::title);
        lens.command = Some(Command { title: told, command: String::new(), arguments: None });
    }
    lens
}

impl Server<'_> {
    pub(super) fn running(&mut self, method: &str, params: Json) -> Answer<Json> {
        match method {
            request::InlayHintRequest::METHOD => self
                .on::<request::InlayHintRequest>(params, |server, params| {
                    Ok(server.hints(&params.text_document.uri, params.range))
                }),
            request::CodeLensRequest::METHOD => self
                .on::<request::CodeLensRequest>(params, |server, params| {
                    Ok(server.lenses(&params.text_document.uri))
                }),
            request::ExecuteCommand::METHOD => {
                self.on::<request::ExecuteCommand>(params, |server, params| server.execute(&params))
            }
            _ => Err(Refusal { code: ErrorCode::MethodNotFound, message: format!("no method `{method}`") }),
        }
    }

    fn hints(&mut self, uri: &Uri, range: Range) -> Option<Vec<InlayHint>> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let source = view.source()?;
        let span = convert::span(encoding, source, view.file, range);
        let shown = inlay::hints(view, span, Timestamp::now()).into_iter().map(|hint| InlayHint {
            position: convert::position(encoding.place(source, hint.at)),
            label: InlayHintLabel::String(hint.text),
            kind: match hint.tells {
                Tells::Type => Some(InlayHintKind::TYPE),
                Tells::Parameter => Some(InlayHintKind::PARAMETER),
                Tells::Times => None,
            },
            text_edits: None,
            tooltip: (!hint.more.is_empty()).then_some(InlayHintTooltip::String(hint.more)),
            padding_left: Some(hint.tells == Tells::Times),
            padding_right: None,
            data: None,
        });
        Some(shown.collect())
    }

    fn lenses(&mut self, uri: &Uri) -> Option<Vec<CodeLens>> {
        let has_daemon = self.has_daemon();
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let source = view.source()?;
        let mut shown: Vec<CodeLens> = Vec::new();
        if has_daemon {
            // What it says is filled in for those that are looked at.
            shown.extend(lenses::rules(view).into_iter().map(|(name, span)| CodeLens {
                range: convert::range(encoding, source, span),
                command: None,
                data: Some(json!({ "rule": name })),
            }));
        }
        let runs = lenses::lenses(view).into_iter().map(|lens| {
            let (command, arguments) = match lens.runs {
                Runs::Tests(titles) => (RUN_TESTS, vec![json!(uri), json!(titles)]),
                Runs::Rule(name) => (EXPLAIN, vec![json!(uri), json!(name)]),
            };
            CodeLens {
                range: convert::range(encoding, source, lens.span),
                command: Some(Command {
                    title: lens.title,
                    command: command.to_owned(),
                    arguments: Some(arguments),
                }),
                data: None,
            }
        });
        shown.extend(runs);
        Some(shown)
    }

    fn execute(&mut self, params: &ExecuteCommandParams) -> Answer<Option<Json>> {
        let refuse = |message: &str| Refusal { code: ErrorCode::InvalidParams, message: message.to_owned() };
        let uri = params.arguments.first().and_then(|uri| uri.as_str()?.parse::<Uri>().ok());
        let uri = uri.ok_or_else(|| refuse("the first argument is the URI of a file"))?;
        let second = params.arguments.get(1);
        match params.command.as_str() {
            RUN_TESTS => {
                let titles = second.and_then(Json::as_array).into_iter().flatten();
                let titles: Vec<String> =
                    titles.filter_map(|title| title.as_str().map(str::to_owned)).collect();
                Ok(self.run_tests(&uri, &titles))
            }
            EXPLAIN => {
                let name =
                    second.and_then(Json::as_str).ok_or_else(|| refuse("the second argument is a rule"))?;
                let view = self.view(&uri).ok_or_else(|| refuse("no such file"))?;
                let text = lenses::explain(view, name, Timestamp::now());
                let text =
                    text.ok_or_else(|| refuse("the rule cannot be run: it has mistakes or no event"))?;
                self.show(MessageType::INFO, &text);
                Ok(Some(json!({ "text": text })))
            }
            LIST_TESTS => Ok(self.list_tests(&uri)),
            other => Err(refuse(&format!("no command `{other}`"))),
        }
    }

    fn run_tests(&mut self, uri: &Uri, titles: &[String]) -> Option<Json> {
        let cancellation = self.cancellation();
        let goes_on = || !cancellation.is_cancelled();
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let ran = lenses::run_tests(view, titles, &goes_on);
        let failed = ran.iter().filter(|one| !one.passed).count();
        let mut text = format!("{} passed, {failed} failed", ran.len() - failed);
        for one in ran.iter().filter(|one| !one.passed) {
            text.push_str(&format!("\n\n✗ {}\n{}", one.name, one.report));
        }
        let tests: Vec<Json> = ran
            .iter()
            .map(|one| {
                let at = one.failed_at.and_then(|span| {
                    let source = view.project().sources.get(span.file)?;
                    Some(convert::range(encoding, source, span))
                });
                json!({ "name": one.name, "passed": one.passed, "report": one.report, "failedAt": at })
            })
            .collect();
        self.show(if failed == 0 { MessageType::INFO } else { MessageType::ERROR }, &text);
        Some(json!({ "tests": tests, "failed": failed }))
    }

    fn list_tests(&mut self, uri: &Uri) -> Option<Json> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let source = view.source()?;
        let tests: Vec<Json> = lenses::lenses(view)
            .into_iter()
            .filter_map(|lens| match lens.runs {
                Runs::Tests(titles) if lens.title == "run test" => Some(
                    json!({ "name": titles.first(), "range": convert::range(encoding, source, lens.span) }),
                ),
                _ => None,
            })
            .collect();
        Some(json!(tests))
    }

    fn show(&mut self, typ: MessageType, message: &str) {
        self.tell::<notification::ShowMessage>(ShowMessageParams { typ, message: message.to_owned() });
    }
}
