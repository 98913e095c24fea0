use super::*;

#[test]
fn the_shipped_integrations_load_without_a_diagnostic() {
    for (id, text) in SHIPPED {
        let mut sources = Sources::new();
        let file = sources.add(format!("{id}.json"), *text);
        let shown: Vec<String> = catalog(&mut sources, &[file])
            .1
            .iter()
            .map(|found| {
                let span = found.primary.span;
                let place = sources.get(span.file).map(|source| source.line_column(span.start)).unwrap();
                format!(
                    "{}:{}:{} {} {} {}",
                    sources.name(span.file),
                    place.line,
                    place.column,
                    found.code,
                    found.message,
                    found.helps.join("; ")
                )
            })
            .collect();
        assert_eq!(shown, Vec::<String>::new());
    }
}
