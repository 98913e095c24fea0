//! Requests about the shape of texts: outlines, search, colours, folds, selections, links.

use lsp_types::request::{self, Request as _};
use lsp_types::{
    DocumentLink, DocumentSymbol, DocumentSymbolResponse, FoldingRange, FoldingRangeKind, Location, OneOf,
    Position, Range, SelectionRange, SemanticToken, SemanticTokens, SymbolInformation, SymbolKind, Uri,
    WorkspaceSymbol, WorkspaceSymbolResponse,
};
use serde_json::Value as Json;

use super::convert;
use super::server::{Answer, Server};
use crate::features::links::{self, Target};
use crate::features::semantic::{self, Kind as Meaning};
use crate::features::symbols::{self, Declared, Kind};
use crate::features::{folding, selection};
use crate::place::Encoding;
use crate::view::View;

impl Server<'_> {
    pub(super) fn shapes(&mut self, method: &str, params: Json) -> Answer<Json> {
        match method {
            request::DocumentSymbolRequest::METHOD => self
                .on::<request::DocumentSymbolRequest>(params, |server, params| {
                    Ok(server.outline(&params.text_document.uri))
                }),
            request::WorkspaceSymbolRequest::METHOD => self
                .on::<request::WorkspaceSymbolRequest>(params, |server, params| {
                    Ok(server.search(&params.query))
                }),
            request::SemanticTokensFullRequest::METHOD => self
                .on::<request::SemanticTokensFullRequest>(params, |server, params| {
                    Ok(server.colours(&params.text_document.uri, None).map(Into::into))
                }),
            request::SemanticTokensRangeRequest::METHOD => {
                self.on::<request::SemanticTokensRangeRequest>(params, |server, params| {
                    Ok(server.colours(&params.text_document.uri, Some(params.range)).map(Into::into))
                })
            }
            request::FoldingRangeRequest::METHOD => self
                .on::<request::FoldingRangeRequest>(params, |server, params| {
                    Ok(server.folds(&params.text_document.uri))
                }),
            request::SelectionRangeRequest::METHOD => self
                .on::<request::SelectionRangeRequest>(params, |server, params| {
                    Ok(server.selections(&params.text_document.uri, &params.positions))
                }),
            request::DocumentLinkRequest::METHOD => self
                .on::<request::DocumentLinkRequest>(params, |server, params| {
                    Ok(server.links(&params.text_document.uri))
                }),
            _ => self.writing(method, params),
        }
    }

    fn outline(&mut self, uri: &Uri) -> Option<DocumentSymbolResponse> {
        let (encoding, nested) = (self.client.encoding, self.client.nested_symbols);
        let view = self.view(uri)?;
        let found = symbols::outline(view);
        if nested {
            let all = found.iter().filter_map(|one| document_symbol(encoding, view, one)).collect();
            return Some(DocumentSymbolResponse::Nested(all));
        }
        let flat = found.into_iter().filter_map(|one| {
            let range = convert::range(encoding, view.source()?, one.span);
            #[expect(deprecated, reason = "the field has no default")]
            Some(SymbolInformation {
                name: one.name,
                kind: symbol_kind(one.kind),
                tags: None,
                deprecated: None,
                location: Location { uri: uri.clone(), range },
                container_name: None,
            })
        });
        Some(DocumentSymbolResponse::Flat(flat.collect()))
    }

    fn search(&mut self, query: &str) -> Option<WorkspaceSymbolResponse> {
        let encoding = self.client.encoding;
        self.workspace.sync();
        let views = self.workspace.projects().filter_map(|(_, live)| {
            let file = live.project().files.first()?.file;
            Some(View::new(live, file))
        });
        let mut found = Vec::new();
        for (view, declared) in symbols::search(views, query) {
            let Some(location) =
                convert::location(encoding, view.live(), &mut self.cache, declared.name_span)
            else {
                continue;
            };
            found.push(WorkspaceSymbol {
                name: declared.name,
                kind: symbol_kind(declared.kind),
                tags: None,
                container_name: None,
                location: OneOf::Left(location),
                data: None,
            });
        }
        Some(WorkspaceSymbolResponse::Nested(found))
    }

    fn colours(&mut self, uri: &Uri, range: Option<Range>) -> Option<SemanticTokens> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let source = view.source()?;
        let span = range.map(|range| convert::span(encoding, source, view.file, range));
        let mut data = Vec::new();
        let mut before = Position::default();
        for part in semantic::parts(view, span) {
            let at = convert::range(encoding, source, part.span);
            if at.end.line != at.start.line {
                continue;
            }
            let line = at.start.line - before.line;
            let from = if line == 0 { before.character } else { 0 };
            let kind = Meaning::ALL.iter().position(|(kind, _)| *kind == part.kind).unwrap_or_default();
            data.push(SemanticToken {
                delta_line: line,
                delta_start: at.start.character - from,
                length: at.end.character - at.start.character,
                token_type: kind as u32,
                token_modifiers_bitset: u32::from(part.declares)
                    | u32::from(part.of_language) << 1
                    | u32::from(part.constant) << 2,
            });
            before = at.start;
        }
        Some(SemanticTokens { result_id: None, data })
    }

    fn folds(&mut self, uri: &Uri) -> Option<Vec<FoldingRange>> {
        let (encoding, lines) = (self.client.encoding, self.client.folds_lines);
        let view = self.view(uri)?;
        let source = view.source()?;
        let shown = folding::folds(view).into_iter().map(|fold| {
            let range = convert::range(encoding, source, fold.span);
            // Where whole lines fold, a closing bracket stays in sight.
            let closes = view.slice(fold.span).ends_with(['}', ')', ']']);
            let end_line =
                range.end.line - u32::from(lines && closes && range.end.line > range.start.line + 1);
            FoldingRange {
                start_line: range.start.line,
                start_character: (!lines).then_some(range.start.character),
                end_line,
                end_character: (!lines).then_some(range.end.character),
                kind: fold.comment.then_some(FoldingRangeKind::Comment),
                collapsed_text: None,
            }
        });
        Some(shown.collect())
    }

    fn selections(&mut self, uri: &Uri, positions: &[Position]) -> Option<Vec<SelectionRange>> {
        let encoding = self.client.encoding;
        let view = self.view(uri)?;
        let source = view.source()?;
        let shown = positions.iter().map(|position| {
            let offset = encoding.offset(source, convert::place(*position));
            let mut whole: Option<SelectionRange> = None;
            for span in selection::ranges(view, offset).into_iter().rev() {
                let range = convert::range(encoding, source, span);
                whole = Some(SelectionRange { range, parent: whole.map(Box::new) });
            }
            whole.unwrap_or(SelectionRange { range: Range::new(*position, *position), parent: None })
        });
        Some(shown.collect())
    }

    fn links(&mut self, uri: &Uri) -> Option<Vec<DocumentLink>> {
        let encoding = self.client.encoding;
        let naming = self.cache.naming.clone();
        let view = self.view(uri)?;
        let source = view.source()?;
        let shown = links::links(view).into_iter().map(|link| DocumentLink {
            range: convert::range(encoding, source, link.span),
            target: match link.target {
                Target::File(path) => naming.uri(&path),
                Target::Address(address) => address.parse().ok(),
            },
            tooltip: None,
            data: None,
        });
        Some(shown.collect())
    }
}

fn document_symbol(encoding: Encoding, view: View<'_>, declared: &Declared) -> Option<DocumentSymbol> {
    let source = view.source()?;
    let children: Vec<_> =
        declared.parts.iter().filter_map(|part| document_symbol(encoding, view, part)).collect();
    #[expect(deprecated, reason = "the field has no default")]
    Some(DocumentSymbol {
        name: if declared.name.is_empty() { "?".to_owned() } else { declared.name.clone() },
        detail: (!declared.detail.is_empty()).then(|| declared.detail.clone()),
        kind: symbol_kind(declared.kind),
        tags: None,
        deprecated: None,
        range: convert::range(encoding, source, declared.span),
        selection_range: convert::range(encoding, source, declared.name_span),
        children: (!children.is_empty()).then_some(children),
    })
}

pub(super) fn symbol_kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Rule => SymbolKind::CLASS,
        Kind::Function => SymbolKind::FUNCTION,
        Kind::Constant => SymbolKind::CONSTANT,
        Kind::Table => SymbolKind::ARRAY,
        Kind::Test => SymbolKind::METHOD,
        Kind::Group => SymbolKind::NAMESPACE,
        Kind::Trigger => SymbolKind::EVENT,
        Kind::Condition => SymbolKind::BOOLEAN,
        Kind::Step => SymbolKind::METHOD,
        Kind::Variable => SymbolKind::VARIABLE,
    }
}
