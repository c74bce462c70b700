//! The commands of a line of a shell, as far as they stand there as they are.

/// A command, its words as the shell would hand them on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellCommand {
    /// `NAME=VALUE` before the command.
    pub variables: Vec<String>,
    /// The program and its arguments.
    pub words: Vec<String>,
}

/// Words that begin something else than a command.
const KEYWORDS: [&str; 17] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "select",
    "{", "}", "[[",
];

/// The commands of a line: what `;`, `&&`, `||`, `|`, `&` and line ends divide.
///
/// ```
/// use freezegate::change::command::shell_commands;
///
/// let commands = shell_commands("cd /srv && A=1 kubectl delete pod 'x y' >out 2>&1").unwrap();
/// assert_eq!(commands[0].words, ["cd", "/srv"]);
/// assert_eq!(commands[1].variables, ["A=1"]);
/// assert_eq!(commands[1].words, ["kubectl", "delete", "pod", "x y"]);
/// assert!(shell_commands("kubectl delete pod $NAME").is_err());
/// ```
///
/// # Errors
///
/// What only a shell can read: expansions, subshells, here-documents, loops and conditions; for people.
pub fn shell_commands(text: &str) -> Result<Vec<ShellCommand>, String> {
    let mut reader = ShellLineReader {
        rest: text.chars().peekable(),
        commands: Vec::new(),
        words: Vec::new(),
        word: None,
        is_target: false,
    };
    while let Some(character) = reader.rest.next() {
        reader.take(character)?;
    }
    reader.end_command()?;
    Ok(reader.commands)
}

struct ShellLineReader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    commands: Vec<ShellCommand>,
    /// The words of the command at hand, each with whether a part of it is quoted.
    words: Vec<(String, bool)>,
    word: Option<(String, bool)>,
    /// True if the next word is the file of a redirection.
    is_target: bool,
}

impl ShellLineReader<'_> {
    fn take(&mut self, character: char) -> Result<(), String> {
        match character {
            ' ' | '\t' | '\r' => self.end_word(),
            ';' | '\n' | '|' => self.end_command()?,
            '&' if self.rest.peek() == Some(&'>') => self.end_word(),
            '&' if self.is_target && self.word.is_none() => self.push('&', false),
            '&' => self.end_command()?,
            '>' | '<' => {
                // `2>`: the number is not a word
                let is_number =
                    |(word, quoted): &(String, bool)| !*quoted && word.bytes().all(|byte| byte.is_ascii_digit());
                if !self.word.as_ref().is_some_and(is_number) {
                    self.end_word();
                }
                self.word = None;
                if character == '<' && matches!(self.rest.peek(), Some('<' | '(')) {
                    return Err("a here-document".to_owned());
                }
                if self.rest.peek() == Some(&'(') {
                    return Err("a process substitution".to_owned());
                }
                while matches!(self.rest.peek(), Some('>' | '|')) {
                    self.rest.next();
                }
                self.is_target = true;
            }
            '\'' => loop {
                self.word.get_or_insert_default().1 = true;
                match self.rest.next() {
                    Some('\'') => break,
                    Some(quoted) => self.push(quoted, true),
                    None => return Err("a quote that is not closed".to_owned()),
                }
            },
            '"' => self.double_quoted()?,
            '\\' => match self.rest.next() {
                Some('\n') => {}
                Some(escaped) => self.push(escaped, true),
                None => return Err("a backslash at the end".to_owned()),
            },
            '$' | '`' => return Err("an expansion".to_owned()),
            '(' | ')' => return Err("a subshell".to_owned()),
            '~' if self.word.is_none() => return Err("a home folder".to_owned()),
            '#' if self.word.is_none() => {
                while self.rest.peek().is_some_and(|next| *next != '\n') {
                    self.rest.next();
                }
            }
            other => self.push(other, false),
        }
        Ok(())
    }

    fn double_quoted(&mut self) -> Result<(), String> {
        self.word.get_or_insert_default().1 = true;
        loop {
            match self.rest.next() {
                Some('"') => return Ok(()),
                Some('$' | '`') => return Err("an expansion".to_owned()),
                Some('\\') => match self.rest.next() {
                    Some('\n') => {}
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => self.push(escaped, true),
                    Some(other) => {
                        self.push('\\', true);
                        self.push(other, true);
                    }
                    None => return Err("a quote that is not closed".to_owned()),
                },
                Some(quoted) => self.push(quoted, true),
                None => return Err("a quote that is not closed".to_owned()),
            }
        }
    }

    fn push(&mut self, character: char, quoted: bool) {
        let word = self.word.get_or_insert_default();
        word.0.push(character);
        word.1 |= quoted;
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_target)
        {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) -> Result<(), String> {
        self.end_word();
        self.is_target = false;
        let mut command = ShellCommand::default();
        for (word, quoted) in std::mem::take(&mut self.words) {
            let is_first = command.words.is_empty();
            let is_assignment = || word.split_once('=').is_some_and(|(name, _)| is_name(name));
            if is_first && !quoted && KEYWORDS.contains(&word.as_str()) {
                return Err(format!("`{word}` of a shell"));
            }
            if is_first && word == "!" && !quoted {
            } else if is_first && is_assignment() {
                command.variables.push(word);
            } else {
                command.words.push(word);
            }
        }
        if !command.words.is_empty() || !command.variables.is_empty() {
            self.commands.push(command);
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::shell_commands;

    #[test]
    fn a_line_is_divided_as_a_shell_does_it() {
        for (text, expected) in [
            ("", ""),
            ("a b", "[a][b]"),
            ("a;b&&c||d|e&f\ng", "[a] / [b] / [c] / [d] / [e] / [f] / [g]"),
            ("a 'b c' \"d \\\" e\" f\\ g", "[a][b c][d \" e][f g]"),
            ("a '' \"\"", "[a][][]"),
            ("a '$x' '`'", "[a][$x][`]"),
            ("A=1 B='2 3' a C=4", "A=1 B=2 3 [a][C=4]"),
            ("a >out b 2>&1 <in >>log c &>all", "[a][b][c]"),
            ("a 2 >out", "[a][2]"),
            ("a # b\nc", "[a] / [c]"),
            ("a b#c", "[a][b#c]"),
            ("! a", "[a]"),
            ("a \\\n b", "[a][b]"),
            ("A=1", "A=1 "),
        ] {
            let commands = shell_commands(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let told = commands.iter().map(|command| {
                let variables: String = command.variables.iter().map(|one| format!("{one} ")).collect();
                let words: String = command.words.iter().map(|word| format!("[{word}]")).collect();
                format!("{variables}{words}")
            });
            assert_eq!(told.collect::<Vec<_>>().join(" / "), expected, "{text}");
        }
        for text in [
            "a $b",
            "a \"$b\"",
            "a `b`",
            "(a)",
            "a <<E",
            "a <(b)",
            "a 'b",
            "a \"b",
            "a \\",
            "if a; then b; fi",
            "for a in b",
            "{ a; }",
            "a ~/b",
            "a && while b",
        ] {
            assert!(shell_commands(text).is_err(), "{text}");
        }
    }
}
