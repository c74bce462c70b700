//! Policies whose targets know commands.

/// An environment that is always open, and `count` targets of commands, of which `fleet 8 --env=lab …` matches the one of its number.
///
/// One in four begins with any text, one in four asks for a context too.
pub(crate) fn targets(count: usize) -> String {
    let mut text = "\n[environments.lab]\nduring_core_hours = \"off\"\n".to_owned();
    for number in 0..count {
        let words = match number % 4 {
            0 => format!("[\"fleet\", \"{number}\", \"--env={{environment}}\", \"**\"]"),
            1 => format!("[\"fleet\", \"{number}\", \"**\", \"--where={{environment}}\"]"),
            2 => format!("[\"fleet-*\", \"**\", \"--number={number}\", \"**\"]"),
            _ => format!("[\"kubectl\", \"**\", \"app-{number}\"]"),
        };
        text += &format!("\n[[targets]]\ncommand = {words}\n");
        text += match number % 4 {
            0 | 1 => "kind = \"maintenance\"\n",
            2 => "environment = \"lab\"\n",
            _ => "contexts = [\"{environment}-7\"]\n",
        };
    }
    text
}
