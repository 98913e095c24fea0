//! Requests → features → answers.

use hence_diagnostics::Span;
use hence_types::jiff::Timestamp;
use lsp_server::ErrorCode;
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentOnTypeFormattingParams, Range,
    TextEdit, Uri, WorkspaceEdit,
};
use serde_json::{Value as Json, json};

use super::server::{Answer, Refusal, Server};
use super::{convert, publish};
use crate::features::code_actions::{self, Action, ActionKind};
use crate::features::formatting::{self, Edit};
use crate::features::refactor;
use crate::view::View;

/// A request of version 3.18 of the protocol.
const TEXT_CONTENT: &str = "workspace/textDocumentContent";

impl Server<'_> {
    pub(super) fn answer(&mut self, method: &str, params: Json) -> Answer<Json> {
        match method {
            request::DocumentDiagnosticRequest::METHOD => self
                .on::<request::DocumentDiagnosticRequest>(params, |server, params| {
                    Ok(server.document_diagnostic(&params))
                }),
            request::WorkspaceDiagnosticRequest::METHOD => self
                .on::<request::WorkspaceDiagnosticRequest>(params, |server, params| {
                    Ok(server.workspace_diagnostic(&params))
                }),
            request::Formatting::METHOD => self.on::<request::Formatting>(params, |server, params| {
                Ok(server.edits(&params.text_document.uri, formatting::whole))
            }),
            request::RangeFormatting::METHOD => {
                self.on::<request::RangeFormatting>(params, |server, params| {
                    let range = params.range;
                    Ok(server.edits_at(&params.text_document.uri, range, formatting::range))
                })
            }
            request::OnTypeFormatting::METHOD => {
                self.on::<request::OnTypeFormatting>(params, |server, params| Ok(server.on_type(&params)))
            }
            request::CodeActionRequest::METHOD => self
                .on::<request::CodeActionRequest>(params, |server, params| Ok(server.code_actions(&params))),
            request::CodeActionResolveRequest::METHOD => self
                .on::<request::CodeActionResolveRequest>(params, |server, action| {
                    Ok(server.resolve_action(action))
                }),
            TEXT_CONTENT => self.text_content(&params),
            _ => self.navigation(method, params),
        }
    }

    /// `workspace/textDocumentContent`: the text of what an editor elsewhere has a URI for and no file.
    fn text_content(&mut self, params: &Json) -> Answer<Json> {
        let uri = params.get("uri").and_then(Json::as_str).and_then(|uri| uri.parse::<Uri>().ok());
        let shipped = uri.as_ref().and_then(|uri| self.cache.text(uri)).map(str::to_owned);
        let text = shipped.or_else(|| Some(self.view(uri.as_ref()?)?.text().to_owned()));
        match text {
            Some(text) => Ok(json!({ "text": text })),
            None => {
                Err(Refusal { code: ErrorCode::InvalidParams, message: "there is no such text".to_owned() })
            }
        }
    }

    /// Returns a file with all that is known of it.
    pub(super) fn view(&mut self, uri: &Uri) -> Option<View<'_>> {
        let path = self.cache.naming.path(uri)?;
        self.workspace.view(&path)
    }

    fn edits(&mut self, uri: &Uri, edits: impl FnOnce(View<'_>) -> Vec<Edit>) -> Option<Vec<TextEdit>> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        Some(convert::edits(encoding, view.source()?, &edits(view)))
    }

    fn edits_at(
        &mut self,
        uri: &Uri,
        range: Range,
        edits: impl FnOnce(View<'_>, Span) -> Vec<Edit>,
    ) -> Option<Vec<TextEdit>> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let span = convert::span(encoding, view.source()?, view.file, range);
        Some(convert::edits(encoding, view.source()?, &edits(view, span)))
    }

    fn on_type(&mut self, params: &DocumentOnTypeFormattingParams) -> Option<Vec<TextEdit>> {
        let at = params.text_document_position.position;
        let typed = params.ch.chars().next()?;
        self.edits_at(&params.text_document_position.text_document.uri, Range::new(at, at), |view, span| {
            formatting::on_type(view, span.start, typed)
        })
    }

    fn code_actions(&mut self, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
        let encoding = self.client.encoding;
        let uri = &params.text_document.uri;
        let resolves = self.client.resolves_edits;
        let view = self.workspace.view(&self.cache.naming.path(uri)?)?;
        let source = view.source()?;
        let wanted = |kind: &CodeActionKind| {
            params.context.only.as_ref().is_none_or(|only| only.iter().any(|only| is_kind(kind, only)))
        };
        let span = convert::span(encoding, source, view.file, params.range);
        let mut shown = Vec::new();
        let now = Timestamp::now();
        let rewrites = refactor::at(view, span, now).into_iter();
        for action in code_actions::at(view, span).into_iter().chain(rewrites) {
            let kind = kind(&action);
            if !wanted(&kind) {
                continue;
            }
            let edits = match (&action.edits, action.kind) {
                (Some(edits), _) => Some(edits.clone()),
                (None, _) if resolves => None,
                (None, _) => Some(code_actions::fix_all(view)),
            };
            let edit = edits.map(|edits| one_file(uri, convert::edits(encoding, source, &edits)));
            let mended = action.mends.map(|one| publish::shown(encoding, view.live(), &mut self.cache, one));
            let data = edit.is_none().then(|| json!({ "uri": uri }));
            shown.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: action.title,
                kind: Some(kind),
                diagnostics: mended.map(|mended| vec![mended]),
                edit,
                is_preferred: action.preferred.then_some(true),
                data,
                ..CodeAction::default()
            }));
        }
        Some(shown)
    }

    fn resolve_action(&mut self, mut action: CodeAction) -> CodeAction {
        let uri = action.data.as_ref().and_then(|data| data.get("uri")?.as_str()?.parse::<Uri>().ok());
        if let Some(uri) = uri {
            let edits = self.edits(&uri, code_actions::fix_all);
            action.edit = edits.map(|edits| one_file(&uri, edits));
        }
        action
    }
}

fn kind(action: &Action<'_>) -> CodeActionKind {
    match action.kind {
        ActionKind::Fix => CodeActionKind::QUICKFIX,
        ActionKind::FixAll => CodeActionKind::SOURCE_FIX_ALL,
        ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        ActionKind::Extract => CodeActionKind::REFACTOR_EXTRACT,
        ActionKind::Create => CodeActionKind::REFACTOR,
    }
}

/// Whether a kind is another or one of its kinds.
fn is_kind(kind: &CodeActionKind, of: &CodeActionKind) -> bool {
    let rest = kind.as_str().strip_prefix(of.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || of.as_str().is_empty())
}

/// An edit of one file.
pub(super) fn one_file(uri: &Uri, edits: Vec<TextEdit>) -> WorkspaceEdit {
    #[expect(
        clippy::mutable_key_type,
        reason = "the protocol's URIs hash by their text, which never changes"
    )]
    let changes = [(uri.clone(), edits)].into_iter().collect();
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}
