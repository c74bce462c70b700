//! Persons: whether two texts name the same one.
//!
//! Who asks for a grant, wrote the change, pushes it and signs are compared as persons. The texts come from everywhere: the
//! roster, `git config user.email`, trailers, a server's variables, a CI provider's login. In doubt two texts name the same
//! person: that only ever excludes somebody from signing.
//!
//! 1. Case, Unicode compatibility forms (NFKC), invisible characters and characters that look like ASCII are made one
//!    ([`fold`]).
//! 2. Display names, quotes and comments are taken away: `Ada <ada@example.com>` and `ada@example.com (oncall)` are
//!    `ada@example.com`. An address within a comment counts too. A text without an address is a login, and so is each of its
//!    words.
//! 3. Sub-addresses ([RFC 5233]) are dropped: `ada+dev@example.com` is `ada@example.com`. At `gmail.com` and
//!    `googlemail.com`, which are one, dots before the `@` are dropped too; elsewhere they count.
//! 4. Some addresses only give a login: those of a forge that hide the real one (`1234+ada@users.noreply.github.com`,
//!    `1234-ada@users.noreply.gitlab.com`, `ada@noreply.example.com`), and those that git makes up from the name of a machine
//!    (`ada@laptop`, `ada@laptop.local`).
//! 5. Two addresses name the same person if both parts are equal; one host may be a subdomain of the other. A login names
//!    whoever has it before the `@`, whatever the host; `.`, `-` and `_` don't count there.
//!
//! [RFC 5233]: https://www.rfc-editor.org/rfc/rfc5233

use std::collections::HashMap;

use crate::pattern::fold;

/// The persons that one text names, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonNames(Vec<PersonName>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum PersonName {
    Address { local: String, host: String },
    Login(String),
}

/// Returns whether two texts name the same person, by the rules of this module.
///
/// ```
/// use freezegate::policy::person::same_person;
///
/// assert!(same_person("ada+dev@example.com", "Ada <ADA@example.com> (oncall)"));
/// assert!(same_person("1234+ada@users.noreply.github.com", "ada@example.com"));
/// assert!(!same_person("ada@example.com", "ben@example.com"));
/// ```
#[must_use]
pub fn same_person(one: &str, other: &str) -> bool {
    PersonNames::of(one).meets(&PersonNames::of(other))
}

/// Puts each of `people` into a group with all who may be the same person: their groups, as numbers that are equal for one
/// person and differ for two.
///
/// Whoever is the same as two others makes those two the same as well.
#[must_use]
pub fn grouped(people: &[&str]) -> Vec<usize> {
    let mut groups: Vec<usize> = Vec::new();
    // whoever meets has a login in common, so that only those are compared
    let mut by_login: HashMap<String, Vec<(usize, PersonNames)>> = HashMap::new();
    for (index, person) in people.iter().enumerate() {
        let names = PersonNames::of(person);
        let mut own = index;
        let mut met: Vec<usize> = Vec::new();
        for login in names.0.iter().map(PersonName::login) {
            for (known, others) in by_login.get(&login).into_iter().flatten() {
                if let Some(group) = groups.get(*known)
                    && others.meets(&names)
                    && !met.contains(group)
                {
                    met.push(*group);
                    own = own.min(*group);
                }
            }
        }
        if met.len() > 1 {
            groups.iter_mut().filter(|group| met.contains(group)).for_each(|group| *group = own);
        }
        groups.push(own);
        for login in names.0.iter().map(PersonName::login) {
            by_login.entry(login).or_default().push((index, names.clone()));
        }
    }
    groups
}

impl PersonNames {
    /// Reads the persons that `text` names; none of a text without letters or digits.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = String::from_utf8_lossy(&fold(text.as_bytes())).replace("%40", "@").replace('%', "@");
        let plain: String = folded.chars().filter(|c| !matches!(c, '"' | '\'' | '`')).collect();
        let (bare, comments) = without_comments(&plain);
        let mut names = Self::default();
        names.add_addresses(&bare);
        if names.0.is_empty() {
            names.add_logins(&bare);
        }
        if names.0.is_empty() {
            names.add_logins(&comments);
        }
        names.add_addresses(&comments);
        names
    }

    /// Returns whether nobody is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether both name a person in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|two| one.meets(two)))
    }

    /// Adds those whom the other text names.
    pub fn join(&mut self, other: Self) {
        other.0.into_iter().for_each(|name| self.add(name));
    }

    fn add(&mut self, name: PersonName) {
        if !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    fn add_login(&mut self, text: &str) {
        let login = before_tag(text).trim_matches(['.', '@']);
        if login.chars().any(char::is_alphanumeric) {
            self.add(PersonName::Login(squeezed(login)));
        }
    }

    fn add_addresses(&mut self, text: &str) {
        for word in words(&text.replace(" @", "@").replace("@ ", "@")) {
            let mut parts = word.split('@');
            let local = parts.next().unwrap_or(word);
            let hosts: Vec<&str> = parts.map(|host| host.trim_matches('.')).filter(|host| !host.is_empty()).collect();
            if local.is_empty() {
                // `@ada`, as forges have it
                hosts.first().into_iter().for_each(|login| self.add_login(login));
                continue;
            }
            if hosts.is_empty() && word.contains('@') {
                self.add_login(local);
            }
            for host in hosts {
                self.add_address(local, host);
            }
        }
    }

    fn add_address(&mut self, local: &str, host: &str) {
        if host.split('.').any(|label| matches!(label, "noreply" | "no-reply")) {
            return self.add_hidden(local);
        }
        if is_machine(host) {
            return self.add_login(local);
        }
        let local = before_tag(local);
        let is_google = matches!(host, "gmail.com" | "googlemail.com");
        let (local, host) = if is_google { (local.replace('.', ""), "gmail.com") } else { (local.to_owned(), host) };
        self.add(PersonName::Address { local, host: host.to_owned() });
    }

    /// Adds the login that an address of a forge hides behind: `ada`, `1234+ada` or `1234-ada`; where it can be read in two
    /// ways, both.
    fn add_hidden(&mut self, local: &str) {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut logins: Vec<&str> = local.split('+').collect();
        if let Some((number, login)) = local.split_once('-')
            && is_number(number)
        {
            logins.push(login);
        }
        let named: Vec<&str> = logins.iter().copied().filter(|login| !is_number(login)).collect();
        for login in if named.is_empty() { logins } else { named } {
            self.add_login(login);
        }
    }

    fn add_logins(&mut self, text: &str) {
        let words: Vec<&str> = words(text).flat_map(|word| word.split('/')).filter(|word| !word.is_empty()).collect();
        for word in &words {
            self.add_login(word);
        }
        // `Ada Lovelace` may be `ada.lovelace`
        self.add_login(&words.concat());
    }
}

impl PersonName {
    /// Returns what all names of this person have in common.
    fn login(&self) -> String {
        match self {
            Self::Address { local, .. } => squeezed(local),
            Self::Login(login) => login.clone(),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Login(one), Self::Login(two)) => one == two,
            (Self::Login(login), Self::Address { local, .. }) | (Self::Address { local, .. }, Self::Login(login)) => {
                *login == squeezed(local)
            }
            (Self::Address { local: one, host: here }, Self::Address { local: two, host: there }) => {
                one == two && (here == there || is_below(here, there) || is_below(there, here))
            }
        }
    }
}

/// Returns whether `host` is a subdomain of `domain`.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Returns whether a host is a machine's own name, which says nothing of whose address it is: one without a dot, or below a
/// domain for local use ([RFC 6762], [RFC 8375], ICANN's `internal`, and what routers hand out).
///
/// [RFC 6762]: https://www.rfc-editor.org/rfc/rfc6762
/// [RFC 8375]: https://www.rfc-editor.org/rfc/rfc8375
fn is_machine(host: &str) -> bool {
    const LOCAL: [&str; 6] = [".local", ".localdomain", ".lan", ".home", ".internal", ".home.arpa"];
    !host.contains('.') || LOCAL.iter().any(|domain| host.ends_with(domain))
}

/// The text before the first `+` or `/`, where something stands there.
fn before_tag(local: &str) -> &str {
    match local.split_once(['+', '/']) {
        Some((name, _)) if !name.is_empty() => name,
        Some(_) | None => local,
    }
}

/// A login as it is compared: without what forges and mail servers write differently.
fn squeezed(login: &str) -> String {
    let squeezed: String = login.chars().filter(|c| !matches!(c, '.' | '-' | '_')).collect();
    if squeezed.is_empty() { login.to_owned() } else { squeezed }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let divides = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, ',' | ';' | ':' | '<' | '>' | '(' | ')' | '{' | '}' | '|' | '\\' | '=')
    };
    text.split(divides).filter(|word| !word.is_empty())
}

/// The text outside of parentheses, and that inside. A parenthesis that is not closed reaches to the end.
fn without_comments(text: &str) -> (String, String) {
    let (mut bare, mut comments) = (String::new(), String::new());
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            inside if depth > 0 => comments.push(inside),
            outside => bare.push(outside),
        }
        if matches!(character, '(' | ')') {
            comments.push(' ');
        }
    }
    (bare, comments)
}

#[cfg(test)]
mod tests {
    use super::{PersonNames, grouped, same_person};

    /// Texts by which one person may be known, each a group of its own.
    const PEOPLE: [&[&str]; 6] = [
        &[
            "ada@example.com",
            "ADA@Example.COM",
            "Ada <ada@example.com>",
            "\"Lovelace, Ada\" <ada@example.com>",
            "Ben <ada@example.com>",
            "ada@example.com (oncall)",
            "(oncall) ada@example.com",
            "ada(oncall)@example.com",
            " ada @ example.com ",
            "ada@example.com.",
            "<ada@example.com>",
            "mailto:ada@example.com",
            "\"ada\"@example.com",
            "ada%40example.com",
            "ada+dev@example.com",
            "Ada+Ops+more@example.com",
            "ada@mail.example.com",
            "ada/admin@EXAMPLE.COM",
            "ada@laptop",
            "ada@laptop.local",
            "ada@laptop.(none)",
            "1234+ada@users.noreply.github.com",
            "ada@users.noreply.github.com",
            "1234-ada@users.noreply.gitlab.com",
            "1234-Ada@users.noreply.gitlab.example.com",
            "ada@noreply.example.org",
            "ada@noreply.codeberg.org",
            "Ada",
            "@ada",
            "ada+dev",
            "ada (oncall)",
            "EXAMPLE\\ada",
            "CN=ada,O=Example",
            "https://github.com/ada",
            // fullwidth, a zero-width space, Cyrillic letters that look like Latin ones
            "ａｄａ@example.com",
            "a\u{200b}da@example.com",
            "\u{430}d\u{430}@example.com",
            "ada@ex\u{430}mple.com",
        ],
        &["ben@example.com", "Ben", "55+ben@users.noreply.github.com", "ben+x@example.com"],
        &["chen-wu@example.com", "chen-wu", "chen.wu", "1234-chen-wu@users.noreply.gitlab.com"],
        &["d.e.f@gmail.com", "def@googlemail.com", "de.f+x@gmail.com", "def"],
        &["Grace Hopper", "grace.hopper@example.com", "gracehopper", "grace-hopper@users.noreply.github.com"],
        &["1234@example.com", "1234@users.noreply.github.com", "1234"],
    ];

    #[test]
    fn names_of_one_person_are_the_same_both_ways_and_of_two_are_not() {
        let all = PEOPLE.iter().enumerate().flat_map(|(who, names)| names.iter().map(move |name| (who, *name)));
        let all: Vec<(usize, &str)> = all.collect();
        for (who, one) in &all {
            for (other, two) in &all {
                // a login without a host fits each of its group; two that name the login in two ways need not meet
                assert_eq!(same_person(one, two), same_person(two, one), "`{one}` and `{two}`");
                if who != other {
                    assert!(!same_person(one, two), "`{one}` and `{two}`");
                }
            }
        }
        for names in PEOPLE {
            for name in names {
                assert!(same_person(names[0], name), "`{}` and `{name}`", names[0]);
                assert!(same_person(name, name), "`{name}`");
            }
        }
    }

    #[test]
    fn other_people_are_other_people() {
        for (one, two) in [
            ("ada@example.com", "ada@example.org"),
            ("ada@example.com", "ada@badexample.com"),
            ("a.da@example.com", "ada@example.com"),
            ("adam@example.com", "ada@example.com"),
            ("dev+ada@example.com", "ada@example.com"),
            ("ada@example.com", "Ada Lovelace <ben@example.com>"),
        ] {
            assert!(!same_person(one, two) && !same_person(two, one), "`{one}` and `{two}`");
        }
    }

    #[test]
    fn an_address_in_a_comment_counts_too() {
        let both = "ben@example.com (for ada@example.com)";
        assert!(same_person(both, "ada@example.com") && same_person(both, "ben@example.com"));
        assert!(same_person("ada@example.com, ben@example.com", "ben@example.com"));
    }

    #[test]
    fn a_text_without_letters_names_nobody() {
        for text in ["", " ", "<>", "@", "()", "...", "\u{200b}"] {
            assert!(PersonNames::of(text).is_empty(), "`{text}`");
        }
    }

    #[test]
    fn groups_join_whoever_is_the_same_as_two_others() {
        let groups = grouped(&["ada@example.com", "ben@example.com", "ada@example.org", "ada+x@example.com"]);
        assert_eq!(groups, [0, 1, 2, 0]);
        let groups = grouped(&["ada@example.com", "ben@example.com", "ada@example.org", "ada"]);
        assert_eq!(groups, [0, 1, 0, 0]);
    }
}
