//! Lines of `.gitattributes` by which a checkout or an archive has another content than the commit (gitattributes(5)).

/// The attributes that do it: `working-tree-encoding` encodes, `filter` runs a program, `ident` and `export-subst` fill in.
const ALTERING: [&str; 4] = ["working-tree-encoding", "filter", "ident", "export-subst"];

/// A line that may give a file another content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlteringLine {
    /// Its number, from 1.
    pub number: usize,
    /// The attribute.
    pub attribute: &'static str,
    /// In lower case; `None`: it may match any file.
    pattern: Option<String>,
}

impl AlteringLine {
    /// The lines of a file that alter something, whether a later line takes that back or not.
    ///
    /// ```
    /// use freezegate::change::git::AlteringLine;
    ///
    /// let lines = AlteringLine::all(b"*.png binary\n*.yaml working-tree-encoding=UTF-16BE\n*.txt -filter\n");
    /// assert_eq!((lines.len(), lines[0].number, lines[0].attribute), (1, 2, "working-tree-encoding"));
    /// assert!(lines[0].may_match("apps/e.yaml") && !lines[0].may_match("apps/e.yml"));
    /// ```
    #[must_use]
    pub fn all(text: &[u8]) -> Vec<Self> {
        let lines = text.split(|byte| *byte == b'\n').zip(1..);
        lines.filter_map(|(line, number)| Self::of(line, number)).collect()
    }

    fn of(line: &[u8], number: usize) -> Option<Self> {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let pattern = words.next().filter(|pattern| !pattern.starts_with(b"#"))?;
        let name = |word: &[u8]| {
            let name = word.split(|byte| *byte == b'=').next().unwrap_or(word);
            ALTERING.into_iter().find(|attribute| attribute.as_bytes() == name)
        };
        let attribute = words.find_map(name)?;
        // a macro may be used by any line, and what is quoted or not ASCII is not read
        let is_plain = pattern.is_ascii() && !pattern.starts_with(b"[attr]") && !pattern.starts_with(b"\"");
        let text = std::str::from_utf8(pattern).ok().filter(|_| is_plain);
        let pattern = text.map(|text| text.trim_start_matches('/').to_ascii_lowercase());
        Some(Self { number, attribute, pattern })
    }

    /// Returns whether it may match a file, by its path from the folder of the attributes, with `/` between. Rather too much matches than too little:
    /// of a pattern only its first folder and its last part are compared, without regard to case.
    #[must_use]
    pub fn may_match(&self, path: &str) -> bool {
        let Some(pattern) = &self.pattern else {
            return true;
        };
        let path = path.to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or(&path);
        let Some((folders, last)) = pattern.rsplit_once('/') else {
            return part_may_match(pattern, name);
        };
        let (first, folder) = (folders.split('/').next(), path.split_once('/').map(|(folder, _)| folder));
        let is_below =
            first.is_none_or(|first| first == "**" || folder.is_some_and(|folder| part_may_match(first, folder)));
        is_below && part_may_match(last, name)
    }
}

/// Returns whether a part of a pattern may match a name: what stands before its first `*` and after its last one is compared.
fn part_may_match(part: &str, name: &str) -> bool {
    if part.contains(['[', '\\', '?']) {
        return true;
    }
    match (part.split_once('*'), part.rsplit_once('*')) {
        (Some((start, _)), Some((_, end))) => name.starts_with(start) && name.ends_with(end),
        (None, _) | (_, None) => part == name,
    }
}
