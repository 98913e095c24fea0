//! Requests about names: hover, where they are declared and used, other names for them, who calls whom.

use hence_diagnostics::Span;
use lsp_server::ErrorCode;
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, DocumentHighlight,
    DocumentHighlightKind, GotoDefinitionResponse, Hover, HoverContents, Location, LocationLink,
    MarkupContent, MarkupKind, Position, PrepareRenameResponse, Range, TextDocumentPositionParams, TextEdit,
    Uri, WorkspaceEdit,
};
use serde_json::{Value as Json, json};

use super::server::{Answer, Refusal, Server};
use super::{convert, shapes};
use crate::features::calls::{self, Callable};
use crate::features::definition::{self, Target};
use crate::features::{highlight, hover, references, rename};
use crate::names::Role;
use crate::view::View;

impl Server<'_> {
    pub(super) fn navigation(&mut self, method: &str, params: Json) -> Answer<Json> {
        match method {
            request::HoverRequest::METHOD => self.on::<request::HoverRequest>(params, |server, params| {
                Ok(server.hover(&params.text_document_position_params))
            }),
            request::GotoDefinition::METHOD => {
                self.on::<request::GotoDefinition>(params, |server, params| {
                    Ok(server.target(&params.text_document_position_params, definition::definition))
                })
            }
            request::GotoDeclaration::METHOD => {
                self.on::<request::GotoDeclaration>(params, |server, params| {
                    Ok(server.target(&params.text_document_position_params, definition::definition))
                })
            }
            request::GotoTypeDefinition::METHOD => {
                self.on::<request::GotoTypeDefinition>(params, |server, params| {
                    Ok(server.target(&params.text_document_position_params, definition::type_definition))
                })
            }
            request::References::METHOD => self.on::<request::References>(params, |server, params| {
                let declaration = params.context.include_declaration;
                Ok(server.references(&params.text_document_position, declaration))
            }),
            request::DocumentHighlightRequest::METHOD => self
                .on::<request::DocumentHighlightRequest>(params, |server, params| {
                    Ok(server.highlights(&params.text_document_position_params))
                }),
            request::PrepareRenameRequest::METHOD => self
                .on::<request::PrepareRenameRequest>(params, |server, params| server.prepare_rename(&params)),
            request::Rename::METHOD => self.on::<request::Rename>(params, |server, params| {
                server.rename(&params.text_document_position, &params.new_name)
            }),
            request::CallHierarchyPrepare::METHOD => self
                .on::<request::CallHierarchyPrepare>(params, |server, params| {
                    Ok(server.prepare_calls(&params.text_document_position_params))
                }),
            request::CallHierarchyIncomingCalls::METHOD => {
                self.on::<request::CallHierarchyIncomingCalls>(params, |server, params| {
                    let found = server.calls(&params.item, calls::incoming);
                    let call = |(from, from_ranges)| CallHierarchyIncomingCall { from, from_ranges };
                    Ok(Some(found.into_iter().map(call).collect()))
                })
            }
            request::CallHierarchyOutgoingCalls::METHOD => {
                self.on::<request::CallHierarchyOutgoingCalls>(params, |server, params| {
                    let found = server.calls(&params.item, calls::outgoing);
                    let call = |(to, from_ranges)| CallHierarchyOutgoingCall { to, from_ranges };
                    Ok(Some(found.into_iter().map(call).collect()))
                })
            }
            _ => self.shapes(method, params),
        }
    }

    /// Returns a file and the byte of a place in it.
    pub(super) fn point(&mut self, uri: &Uri, position: Position) -> Option<(View<'_>, u32)> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let offset = encoding.offset(view.source()?, convert::place(position));
        Some((view, offset))
    }

    fn hover(&mut self, at: &TextDocumentPositionParams) -> Option<Hover> {
        let encoding = self.client.encoding;
        let (view, offset) = self.point(&at.text_document.uri, at.position)?;
        let found = hover::hover(view, offset)?;
        let range = convert::range(encoding, view.source()?, found.span);
        let contents = MarkupContent { kind: MarkupKind::Markdown, value: found.text };
        Some(Hover { contents: HoverContents::Markup(contents), range: Some(range) })
    }

    fn target(
        &mut self,
        at: &TextDocumentPositionParams,
        find: impl FnOnce(View<'_>, u32) -> Option<Target>,
    ) -> Option<GotoDefinitionResponse> {
        let (encoding, links) = (self.client.encoding, self.client.links);
        let path = self.cache.naming.path(&at.text_document.uri)?;
        let view = self.workspace.view(&path)?;
        let offset = encoding.offset(view.source()?, convert::place(at.position));
        let target = find(view, offset)?;
        let location = convert::location(encoding, view.live(), &mut self.cache, target.target)?;
        if !links {
            return Some(GotoDefinitionResponse::Scalar(location));
        }
        Some(GotoDefinitionResponse::Link(vec![LocationLink {
            origin_selection_range: Some(convert::range(encoding, view.source()?, target.origin)),
            target_uri: location.uri,
            target_range: location.range,
            target_selection_range: location.range,
        }]))
    }

    fn references(&mut self, at: &TextDocumentPositionParams, declaration: bool) -> Option<Vec<Location>> {
        let encoding = self.client.encoding;
        let path = self.cache.naming.path(&at.text_document.uri)?;
        let view = self.workspace.view(&path)?;
        let offset = encoding.offset(view.source()?, convert::place(at.position));
        let found = references::references(view, offset, declaration);
        let places = found.iter().map(|one| one.span);
        Some(
            places
                .filter_map(|span| convert::location(encoding, view.live(), &mut self.cache, span))
                .collect(),
        )
    }

    fn highlights(&mut self, at: &TextDocumentPositionParams) -> Option<Vec<DocumentHighlight>> {
        let encoding = self.client.encoding;
        let (view, offset) = self.point(&at.text_document.uri, at.position)?;
        let source = view.source()?;
        let shown = highlight::highlights(view, offset).into_iter().map(|one| DocumentHighlight {
            range: convert::range(encoding, source, one.span),
            kind: Some(match one.role {
                Role::Declares => DocumentHighlightKind::WRITE,
                Role::Uses => DocumentHighlightKind::READ,
            }),
        });
        Some(shown.collect())
    }

    fn prepare_rename(&mut self, at: &TextDocumentPositionParams) -> Answer<Option<PrepareRenameResponse>> {
        let encoding = self.client.encoding;
        let Some((view, offset)) = self.point(&at.text_document.uri, at.position) else { return Ok(None) };
        let span = rename::prepare(view, offset).map_err(refusal)?;
        let range = view.source().map(|source| convert::range(encoding, source, span));
        Ok(range.map(PrepareRenameResponse::Range))
    }

    fn rename(&mut self, at: &TextDocumentPositionParams, new: &str) -> Answer<Option<WorkspaceEdit>> {
        let encoding = self.client.encoding;
        let Some(path) = self.cache.naming.path(&at.text_document.uri) else { return Ok(None) };
        let Some(view) = self.workspace.view(&path) else { return Ok(None) };
        let Some(source) = view.source() else { return Ok(None) };
        let offset = encoding.offset(source, convert::place(at.position));
        let edits = rename::rename(view, offset, new).map_err(refusal)?;
        #[expect(
            clippy::mutable_key_type,
            reason = "the protocol's URIs hash by their text, which never changes"
        )]
        let mut changes = std::collections::HashMap::new();
        for of_file in edits.chunk_by(|a, b| a.span.file == b.span.file) {
            let Some(file) = of_file.first().map(|edit| edit.span.file) else { continue };
            let path = view.path(file);
            let uri =
                path.and_then(|path| self.uris.get(&path).cloned().or_else(|| self.cache.naming.uri(&path)));
            let (Some(uri), Some(source)) = (uri, view.project().sources.get(file)) else { continue };
            let edits: Vec<TextEdit> = convert::edits(encoding, source, of_file);
            changes.insert(uri, edits);
        }
        Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
    }

    fn prepare_calls(&mut self, at: &TextDocumentPositionParams) -> Option<Vec<CallHierarchyItem>> {
        let encoding = self.client.encoding;
        let path = self.cache.naming.path(&at.text_document.uri)?;
        let view = self.workspace.view(&path)?;
        let offset = encoding.offset(view.source()?, convert::place(at.position));
        let found = calls::prepare(view, offset)?;
        Some(vec![self.call_item(&path, &found)?])
    }

    fn call_item(&mut self, home: &std::path::Path, callable: &Callable) -> Option<CallHierarchyItem> {
        let encoding = self.client.encoding;
        let view = self.workspace.view(home)?;
        let place = |span: Span, cache: &mut super::cache::Cache| {
            convert::location(encoding, view.live(), cache, span)
        };
        let whole = place(callable.span, &mut self.cache)?;
        let name = place(callable.name_span, &mut self.cache)?;
        Some(CallHierarchyItem {
            name: callable.name.clone(),
            kind: shapes::symbol_kind(callable.kind),
            tags: None,
            detail: (!callable.detail.is_empty()).then(|| callable.detail.clone()),
            uri: whole.uri,
            range: whole.range,
            selection_range: name.range,
            data: Some(json!({ "home": self.cache.naming.uri(home) })),
        })
    }

    fn calls(
        &mut self,
        item: &CallHierarchyItem,
        find: impl FnOnce(View<'_>, &str) -> Vec<calls::Call>,
    ) -> Vec<(CallHierarchyItem, Vec<Range>)> {
        let encoding = self.client.encoding;
        let home = item.data.as_ref().and_then(|data| data.get("home")?.as_str()?.parse::<Uri>().ok());
        let Some(path) = home.as_ref().and_then(|uri| self.cache.naming.path(uri)) else { return Vec::new() };
        let Some(view) = self.workspace.view(&path) else { return Vec::new() };
        let found: Vec<(Callable, Vec<Range>)> = find(view, &item.name)
            .into_iter()
            .map(|call| {
                let ranges = call.places.iter().filter_map(|span| {
                    let source = view.project().sources.get(span.file)?;
                    Some(convert::range(encoding, source, *span))
                });
                (call.other, ranges.collect())
            })
            .collect();
        let item =
            |(callable, ranges): (Callable, Vec<Range>)| Some((self.call_item(&path, &callable)?, ranges));
        found.into_iter().filter_map(item).collect()
    }
}

fn refusal(message: String) -> Refusal {
    Refusal { code: ErrorCode::RequestFailed, message }
}
