//! Diagnostics as text, the place underlined.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, FileId, LineStarts, Place, Severity, SourceFile, Sources};
use crate::escape::for_terminal;
use crate::shell::{GLUE, unbroken};

/// As many bytes of one message are shown; a longer one repeats a text that the place shows too.
const LONGEST_MESSAGE: usize = 400;

/// As many bytes of a file are shown around one place: of a longer line nobody sees which part is meant.
const LONGEST_SNIPPET: usize = 4_096;

/// As many diagnostics are shown: a policy with more was not written by hand, or has one fault at its root.
pub const MOST_RENDERED: usize = 400;

/// The first [`MOST_RENDERED`] of `diagnostics` one below the other, `width` columns wide; with terminal colours if `styled`.
///
/// Nothing in a policy or a message reaches the terminal as anything but text.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, width: usize, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let mut files: HashMap<FileId, (&SourceFile, LineStarts<'_>)> = HashMap::new();
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST_RENDERED) {
        for place in diagnostic.related.iter().map(|(place, _)| *place).chain(diagnostic.place) {
            if let Some(file) = sources.file(place.file) {
                files.entry(place.file).or_insert_with(|| (file, LineStarts::of(&file.text)));
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group(diagnostic, &files, width)]));
        text.push('\n');
    }
    let more = diagnostics.len().saturating_sub(MOST_RENDERED);
    if more > 0 {
        text.push_str(&format!("\nand {more} more; fix these first\n"));
    }
    text
}

fn group<'a>(
    diagnostic: &'a Diagnostic,
    files: &HashMap<FileId, (&'a SourceFile, LineStarts<'a>)>,
    width: usize,
) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(broken(&diagnostic.cause, width, "warning[]: ".len() + diagnostic.code.as_str().len()))
        .id(diagnostic.code.as_str())
        .elements(Vec::<Origin<'_>>::new());
    let primary = diagnostic.place.map(|place| (place, diagnostic.label.as_deref(), AnnotationKind::Primary));
    let related =
        diagnostic.related.iter().map(|(place, label)| (*place, Some(label.as_str()), AnnotationKind::Context));
    // places of one file share a snippet, as one snippet shows each line once
    let mut marks: Vec<SourceMark<'_>> = primary.into_iter().chain(related).collect();
    while let Some(first) = marks.first().copied() {
        let (here, elsewhere) = marks.into_iter().partition(|(place, _, _)| place.file == first.0.file);
        marks = elsewhere;
        if let Some((file, lines)) = files.get(&first.0.file) {
            let alone = vec![first];
            group = match [here, alone].into_iter().find(|marks| is_short(file, lines, marks)) {
                Some(marks) => group.element(snippet(file, lines, marks, width)),
                None => group.element(origin(file, lines, first.0)),
            };
        }
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(broken(help, width, "    = help: ".len()))),
        None => group,
    }
}

/// A place, what stands there, and whether it is the one at fault.
type SourceMark<'a> = (Place, Option<&'a str>, AnnotationKind);

/// The first of the lines that hold `marks`, and the bytes of all of them.
fn lines_of(file: &SourceFile, lines: &LineStarts<'_>, marks: &[SourceMark<'_>]) -> (usize, Range<usize>) {
    let spans = || marks.iter().map(|(place, _, _)| clamp(*place, &file.text));
    let first = lines.of_byte(spans().map(|span| span.start).min().unwrap_or(0));
    let last = lines.of_byte(spans().map(|span| span.end).max().unwrap_or(0));
    (first, lines.start(first)..lines.end(last))
}

fn is_short(file: &SourceFile, lines: &LineStarts<'_>, marks: &[SourceMark<'_>]) -> bool {
    lines_of(file, lines, marks).1.len() <= LONGEST_SNIPPET
}

/// Where a place is, without its line.
fn origin<'a>(file: &SourceFile, lines: &LineStarts<'_>, place: Place) -> Origin<'a> {
    let start = clamp(place, &file.text).start;
    let line = lines.of_byte(start);
    let before = file.text.get(lines.start(line)..start).unwrap_or_default();
    Origin::path(for_terminal(&file.path).into_owned()).line(line + 1).char_column(before.chars().count() + 1)
}

/// The lines from the first to the last of `marks`: the renderer would read the whole of a longer text.
fn snippet<'a>(
    file: &'a SourceFile,
    lines: &LineStarts<'a>,
    marks: Vec<SourceMark<'a>>,
    width: usize,
) -> Snippet<'a, Annotation<'a>> {
    let spans: Vec<Range<usize>> = marks.iter().map(|mark| marked(file, lines, mark, width)).collect();
    let (first, Range { start, end }) = lines_of(file, lines, &marks);
    let annotations = marks.into_iter().zip(spans).map(|((_, label, kind), span)| {
        kind.span(span.start.saturating_sub(start)..span.end.saturating_sub(start)).label(label.map(message))
    });
    Snippet::source(visible(file.text.get(start..end).unwrap_or_default()))
        .path(for_terminal(&file.path))
        .line_start(first + 1)
        .annotations(annotations.collect::<Vec<_>>())
}

/// The range of a mark; only its beginning if the label would not fit behind all of it in `width` columns.
fn marked(file: &SourceFile, lines: &LineStarts<'_>, (place, label, _): &SourceMark<'_>, width: usize) -> Range<usize> {
    let span = clamp(*place, &file.text);
    let (line, last) = (lines.of_byte(span.start), lines.of_byte(span.end));
    let Some(label) = label.filter(|_| line == last) else {
        return span;
    };
    let columns = |range: Range<usize>| file.text.get(range).map_or(0, |text| text.chars().count());
    let frame = last.saturating_add(1).to_string().len() + FRAME;
    let used = frame + columns(lines.start(line)..span.start) + 1 + message(label).chars().count();
    let room = width.saturating_sub(used).max(1);
    let end = file.text.get(span.clone()).and_then(|text| text.char_indices().nth(room));
    end.map_or(span.clone(), |(at, _)| span.start..span.start + at)
}

/// The columns that a frame takes beside the number of a line.
const FRAME: usize = 3;

/// A message in lines that fit behind `used` columns; the renderer aligns them. A command, or an option with what it takes, is there
/// to be copied: no line ends within one.
fn broken(text: &str, width: usize, used: usize) -> String {
    let options = textwrap::Options::new(width.saturating_sub(used).max(20))
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    // it has been made harmless, so that no such blank is in it
    textwrap::wrap(&unbroken(&message(text)), options).join("\n").replace(GLUE, " ")
}

/// A message, of which what others wrote is a part.
fn message(text: &str) -> Cow<'_, str> {
    let end = text.floor_char_boundary(LONGEST_MESSAGE);
    match text.get(..end) {
        Some(head) if end < text.len() => Cow::Owned(format!("{}…", for_terminal(head))),
        Some(_) | None => for_terminal(text),
    }
}

/// `source` with a visible character of the same length for each that would act on the terminal or can't be seen.
///
/// The renderer itself does so with most controls.
fn visible(source: &str) -> Cow<'_, str> {
    // after a letter, as a mark that belongs to one is escaped only where it stands alone
    let acts = |c: char| !c.is_ascii() && matches!(for_terminal(&format!("a{c}")), Cow::Owned(_));
    if !source.contains(acts) {
        return Cow::Borrowed(source);
    }
    let shown = |c: char| match (acts(c), c.len_utf8()) {
        (false, _) | (true, 0 | 1) => c.to_string(),
        (true, 2) => "¿".to_owned(),
        (true, 3) => "\u{fffd}".to_owned(),
        (true, _) => "?\u{fffd}".to_owned(),
    };
    Cow::Owned(source.chars().map(shown).collect())
}

/// The place as a range that lies on character borders of `text`.
fn clamp(place: Place, text: &str) -> Range<usize> {
    let range = place.range();
    let start = text.floor_char_boundary(range.start.min(text.len()));
    start..text.ceil_char_boundary(range.end.clamp(start, text.len()))
}
