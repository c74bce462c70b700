//! Command lines of programs that read them with the Go packages cobra and pflag: subcommands and options, in any order.

/// The value of an option: required, optional or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// None, or one behind `=`.
    Nothing,
    /// One, behind `=`, in the same word or in the next one.
    Value,
}

/// An option of a subcommand.
#[derive(Debug, Clone, Copy)]
struct CobraOption {
    short: Option<u8>,
    long: &'static str,
    takes: Takes,
}

/// The subcommands of a program, with their options.
pub(super) struct Grammar {
    /// The options of every subcommand.
    shared: Vec<CobraOption>,
    commands: Vec<(Vec<&'static str>, Vec<CobraOption>)>,
}

/// A command line as it was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CobraLine {
    /// The subcommand, word by word, by the names of the grammar.
    pub(super) path: Vec<&'static str>,
    /// The options in their order, by their long names; those without a value have `true`.
    pub(super) options: Vec<(&'static str, Vec<u8>)>,
    /// The other words, those behind `--` left out.
    pub(super) words: Vec<Vec<u8>>,
    /// The words behind `--`.
    pub(super) behind: Vec<Vec<u8>>,
}

/// The reason why a command line can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CobraFault {
    /// A subcommand that the grammar lacks.
    Command(Vec<u8>),
    /// An option that the subcommand lacks.
    Option(Vec<u8>),
    /// An option without its value.
    NoValue(Vec<u8>),
}

impl std::fmt::Display for CobraFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, what) = match self {
            Self::Command(word) => (word, "is not a known subcommand"),
            Self::Option(word) => (word, "is not a known option"),
            Self::NoValue(word) => (word, "has no value"),
        };
        write!(f, "`{}` {what}", String::from_utf8_lossy(word))
    }
}

/// A subcommand with its options, and the words that are left.
struct FoundSubcommand<'g, 'w> {
    path: Vec<&'static str>,
    own: &'g [CobraOption],
    rest: Vec<&'w Vec<u8>>,
}

impl Grammar {
    /// Reads a table: a line for each subcommand, with other names behind commas; a tab; its options. `f:filename=` has a short form and
    /// takes a value, `cascade?` only behind `=`. The first line has the options of all.
    pub(super) fn of(table: &'static str) -> Self {
        let mut shared = Vec::new();
        let mut commands = Vec::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let (path, options) = line.split_once('\t').unwrap_or((line, ""));
            let options = options.split_whitespace().map(option).collect();
            if path.is_empty() {
                shared = options;
            } else {
                commands.push((path.split(' ').collect(), options));
            }
        }
        Self { shared, commands }
    }

    /// The subcommand of the words behind the program, word by word.
    pub(super) fn subcommand(&self, words: &[Vec<u8>]) -> Result<Vec<&'static str>, CobraFault> {
        self.find(words).map(|found| found.path)
    }

    /// Reads the words behind the program.
    pub(super) fn read(&self, words: &[Vec<u8>]) -> Result<CobraLine, CobraFault> {
        let FoundSubcommand { path, own, rest } = self.find(words)?;
        let mut line = CobraLine { path, ..CobraLine::default() };
        self.options(&rest, own, &mut line)?;
        Ok(line)
    }

    fn find<'w>(&self, words: &'w [Vec<u8>]) -> Result<FoundSubcommand<'_, 'w>, CobraFault> {
        let mut path: Vec<&'static str> = Vec::new();
        let mut own: &[CobraOption] = &[];
        let mut rest: Vec<&Vec<u8>> = words.iter().collect();
        while let Some(place) = self.next_word(&rest, own) {
            let Some(word) = rest.get(place) else {
                break;
            };
            match self.below(&path, word) {
                Some((name, options)) => {
                    path.push(name);
                    own = options;
                    rest.remove(place);
                }
                None if path.is_empty() => return Err(CobraFault::Command((*word).clone())),
                None => break,
            }
        }
        Ok(FoundSubcommand { path, own, rest })
    }

    /// The place of the first word that is no option and no value of one, as cobra looks for subcommands.
    fn next_word(&self, words: &[&Vec<u8>], own: &[CobraOption]) -> Option<usize> {
        let mut place = 0;
        while let Some(word) = words.get(place) {
            if word.as_slice() == b"--" {
                return None;
            }
            let takes_next = if word.starts_with(b"--") {
                !word.contains(&b'=') && self.long(word.get(2..).unwrap_or_default(), own) != Some(Takes::Nothing)
            } else if word.starts_with(b"-") {
                let letter = word.get(1).copied();
                word.len() == 2
                    && letter.is_some_and(|letter| letter != b'=')
                    && letter.and_then(|letter| self.short(letter, own)).map(|one| one.takes) != Some(Takes::Nothing)
            } else if word.is_empty() {
                false
            } else {
                return Some(place);
            };
            place += if takes_next { 2 } else { 1 };
        }
        None
    }

    /// The subcommand of this name below a path.
    fn below(&self, path: &[&'static str], word: &[u8]) -> Option<(&'static str, &[CobraOption])> {
        self.commands.iter().find_map(|(known, options)| {
            let (last, above) = known.split_last()?;
            let is_above = above.len() == path.len()
                && above.iter().zip(path).all(|(one, other)| one.split(',').next() == Some(*other));
            let is_named = last.split(',').any(|name| name.as_bytes() == word);
            (is_above && is_named).then_some((last.split(',').next().unwrap_or(last), options.as_slice()))
        })
    }

    fn long(&self, name: &[u8], own: &[CobraOption]) -> Option<Takes> {
        self.long_option(name, own).map(|one| one.takes)
    }

    fn long_option(&self, name: &[u8], own: &[CobraOption]) -> Option<CobraOption> {
        // both programs take `_` for `-`
        let name: Vec<u8> = name.iter().map(|byte| if *byte == b'_' { b'-' } else { *byte }).collect();
        own.iter().chain(&self.shared).find(|one| one.long.as_bytes() == name).copied()
    }

    fn short(&self, letter: u8, own: &[CobraOption]) -> Option<CobraOption> {
        own.iter().chain(&self.shared).find(|one| one.short == Some(letter)).copied()
    }

    fn options(&self, words: &[&Vec<u8>], own: &[CobraOption], line: &mut CobraLine) -> Result<(), CobraFault> {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word.as_slice() == b"--" {
                line.behind = words.map(|word| (*word).clone()).collect();
                return Ok(());
            }
            if let Some(long) = word.strip_prefix(b"--") {
                let (name, value) = match long.iter().position(|byte| *byte == b'=') {
                    Some(at) => (long.get(..at).unwrap_or(long), long.get(at + 1..)),
                    None => (long, None),
                };
                let known = self.long_option(name, own).ok_or_else(|| CobraFault::Option((*word).clone()))?;
                let value = match (value, known.takes) {
                    (Some(value), _) => value.to_vec(),
                    (None, Takes::Nothing) => b"true".to_vec(),
                    (None, Takes::Value) => words
                        .next()
                        .map(|value| (*value).clone())
                        .ok_or_else(|| CobraFault::NoValue((*word).clone()))?,
                };
                line.options.push((known.long, value));
            } else if word.len() > 1 && word.starts_with(b"-") {
                let mut letters = word.get(1..).unwrap_or_default();
                while let Some((letter, after)) = letters.split_first() {
                    let known = self.short(*letter, own).ok_or_else(|| CobraFault::Option((*word).clone()))?;
                    let (value, left): (Vec<u8>, &[u8]) = match (after.strip_prefix(b"="), known.takes) {
                        (Some(value), _) if !value.is_empty() => (value.to_vec(), &[]),
                        (_, Takes::Nothing) => (b"true".to_vec(), after),
                        (_, Takes::Value) if !after.is_empty() => (after.to_vec(), &[]),
                        (_, Takes::Value) => {
                            let next = words.next().map(|value| (*value).clone());
                            (next.ok_or_else(|| CobraFault::NoValue((*word).clone()))?, &[])
                        }
                    };
                    line.options.push((known.long, value));
                    letters = left;
                }
            } else {
                line.words.push((*word).clone());
            }
        }
        Ok(())
    }
}

fn option(text: &'static str) -> CobraOption {
    let (short, long) = match text.split_once(':') {
        Some((short, long)) => (short.bytes().next(), long),
        None => (None, text),
    };
    let (long, takes) = match (long.strip_suffix('='), long.strip_suffix('?')) {
        (Some(long), _) => (long, Takes::Value),
        (None, Some(long)) => (long, Takes::Nothing),
        (None, None) => (long, Takes::Nothing),
    };
    CobraOption { short, long, takes }
}

impl CobraLine {
    /// The last value of an option that is not empty.
    pub(super) fn last(&self, name: &str) -> Option<&[u8]> {
        let value = self.options.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_slice());
        value.filter(|value| !value.is_empty())
    }

    /// All values of an option.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.options.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_slice())
    }

    /// Returns whether an option without a value is set, as strconv.ParseBool reads its text.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.last(name).is_some_and(|value| !matches!(value, b"false" | b"False" | b"FALSE" | b"f" | b"F" | b"0"))
    }
}
