//! Diagnostics as text, the place underlined.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Place, Severity, Sources};

/// `diagnostics` one below the other, `width` columns wide; with terminal colours if `styled`.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, width: usize, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let mut text = String::new();
    for diagnostic in diagnostics {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push('\n');
    }
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        level.primary_title(diagnostic.cause.as_str()).id(diagnostic.code.as_str()).elements(Vec::<Origin<'_>>::new());
    let primary = diagnostic.place.map(|place| (place, diagnostic.label.as_deref(), AnnotationKind::Primary));
    let related =
        diagnostic.related.iter().map(|(place, label)| (*place, Some(label.as_str()), AnnotationKind::Context));
    // places of one file share a snippet, as one snippet shows each line once
    let mut marks: Vec<(Place, Option<&str>, AnnotationKind)> = primary.into_iter().chain(related).collect();
    while let Some((first, _, _)) = marks.first().copied() {
        let (here, elsewhere) = marks.into_iter().partition(|(place, _, _)| place.file == first.file);
        marks = elsewhere;
        if let Some(file) = sources.file(first.file) {
            let here: Vec<(Place, Option<&str>, AnnotationKind)> = here;
            let annotations =
                here.into_iter().map(|(place, label, kind)| kind.span(clamp(place, &file.text)).label(label));
            group =
                group.element(Snippet::source(file.text.as_str()).path(file.path.as_str()).annotations(annotations));
        }
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The place as a range that lies on character borders of `text`.
fn clamp(place: Place, text: &str) -> std::ops::Range<usize> {
    let range = place.range();
    let start = text.floor_char_boundary(range.start.min(text.len()));
    start..text.ceil_char_boundary(range.end.clamp(start, text.len()))
}
