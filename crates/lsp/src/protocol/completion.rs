//! Requests of a text that is being written: completion, its documentation, signature help.

use std::path::PathBuf;

use lsp_types::request::{self, Request as _};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionList, CompletionResponse,
    CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent, MarkupKind, ParameterInformation,
    ParameterLabel, SignatureHelp, SignatureInformation, TextDocumentPositionParams, TextEdit,
};
use serde_json::{Value as Json, json};

use super::convert;
use super::server::{Answer, Server};
use crate::features::completion::{self, Kind, Proposal};
use crate::features::signature;

/// Proposals that were given.
#[derive(Debug, Default)]
pub(super) struct Proposed {
    path: PathBuf,
    /// Tells them from those given before.
    number: u64,
    proposals: Vec<Proposal>,
}

impl Server<'_> {
    pub(super) fn writing(&mut self, method: &str, params: Json) -> Answer<Json> {
        match method {
            request::Completion::METHOD => self.on::<request::Completion>(params, |server, params| {
                Ok(server.complete(&params.text_document_position))
            }),
            request::ResolveCompletionItem::METHOD => {
                self.on::<request::ResolveCompletionItem>(params, |server, item| Ok(server.document(item)))
            }
            request::SignatureHelpRequest::METHOD => self
                .on::<request::SignatureHelpRequest>(params, |server, params| {
                    Ok(server.signature(&params.text_document_position_params))
                }),
            _ => self.running(method, params),
        }
    }

    fn complete(&mut self, at: &TextDocumentPositionParams) -> Option<CompletionResponse> {
        let (encoding, snippets) = (self.client.encoding, self.client.snippets);
        let path = self.cache.naming.path(&at.text_document.uri)?;
        let view = self.workspace.view(&path)?;
        let source = view.source()?;
        let offset = encoding.offset(source, convert::place(at.position));
        let found = completion::completion(view, offset)?;
        let range = convert::range(encoding, source, found.replaces);
        let number = self.proposed.number + 1;
        let mut items = Vec::with_capacity(found.proposals.len());
        for (index, proposal) in found.proposals.iter().enumerate() {
            let snippet = proposal.snippet.as_ref().filter(|_| snippets);
            let text = snippet.unwrap_or(&proposal.text).clone();
            let extra = proposal
                .extra
                .as_ref()
                .map(|edit| convert::edits(encoding, source, std::slice::from_ref(edit)));
            items.push(CompletionItem {
                label: proposal.label.clone(),
                label_details: (!proposal.detail.is_empty()).then(|| CompletionItemLabelDetails {
                    detail: None,
                    description: Some(proposal.detail.clone()),
                }),
                kind: Some(kind(proposal.kind)),
                sort_text: Some(format!("{index:03}")),
                filter_text: (proposal.label != proposal.text).then(|| proposal.text.clone()),
                insert_text_format: snippet.map(|_| InsertTextFormat::SNIPPET),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text })),
                additional_text_edits: extra,
                data: Some(json!([number, index])),
                ..CompletionItem::default()
            });
        }
        let cut = found.cut;
        self.proposed = Proposed { path, number, proposals: found.proposals };
        Some(CompletionResponse::List(CompletionList { is_incomplete: cut, items }))
    }

    /// Adds the documentation to a proposal that was given last.
    fn document(&mut self, mut item: CompletionItem) -> CompletionItem {
        let place =
            item.data.as_ref().and_then(|data| Some((data.get(0)?.as_u64()?, data.get(1)?.as_u64()?)));
        let Some((number, index)) = place else { return item };
        if number != self.proposed.number {
            return item;
        }
        let Some(proposal) = self.proposed.proposals.get(index as usize).cloned() else { return item };
        let path = self.proposed.path.clone();
        if let Some(view) = self.workspace.view(&path)
            && let Some(value) = completion::documentation(view, &proposal)
        {
            let content = MarkupContent { kind: MarkupKind::Markdown, value };
            item.documentation = Some(Documentation::MarkupContent(content));
        }
        item.detail = (!proposal.detail.is_empty()).then_some(proposal.detail);
        item
    }

    fn signature(&mut self, at: &TextDocumentPositionParams) -> Option<SignatureHelp> {
        let (view, offset) = self.point(&at.text_document.uri, at.position)?;
        let found = signature::signature(view, offset)?;
        let markdown =
            |value: String| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value });
        let label = found.label.clone();
        // The protocol counts in units of UTF-16 here, whatever was agreed.
        let units = |at: usize| label.get(..at).unwrap_or_default().encode_utf16().count() as u32;
        let parameters = found.parameters.into_iter().map(|(range, doc)| ParameterInformation {
            label: ParameterLabel::LabelOffsets([units(range.start), units(range.end)]),
            documentation: (!doc.is_empty()).then(|| markdown(doc)),
        });
        let active = found.active.map(|active| active as u32);
        let information = SignatureInformation {
            label: found.label.clone(),
            documentation: (!found.documentation.is_empty()).then(|| markdown(found.documentation)),
            parameters: Some(parameters.collect()),
            active_parameter: active,
        };
        Some(SignatureHelp {
            signatures: vec![information],
            active_signature: Some(0),
            active_parameter: active,
        })
    }
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Keyword => CompletionItemKind::KEYWORD,
        Kind::Operator => CompletionItemKind::OPERATOR,
        Kind::Integration => CompletionItemKind::MODULE,
        Kind::Event => CompletionItemKind::EVENT,
        Kind::Action => CompletionItemKind::METHOD,
        Kind::Field => CompletionItemKind::FIELD,
        Kind::Variable => CompletionItemKind::VARIABLE,
        Kind::Constant => CompletionItemKind::CONSTANT,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Argument => CompletionItemKind::PROPERTY,
        Kind::Value => CompletionItemKind::ENUM_MEMBER,
        Kind::Type => CompletionItemKind::STRUCT,
        Kind::Unit => CompletionItemKind::UNIT,
        Kind::Rule => CompletionItemKind::CLASS,
        Kind::File => CompletionItemKind::FILE,
    }
}
