//! Tables of aligned columns, of which the last is wrapped.

use textwrap::core::display_width;

use crate::report::rows::wrap;

/// Blanks between two columns.
const GAP: usize = 2;

/// `rows` one below the other, `width` columns wide: the first column to the left, the last wrapped, all between to the
/// right. Where the last column has no room beside the others, it stands below them. Each row has as many cells as the others.
pub(super) fn table(rows: &[Vec<String>], width: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.saturating_sub(1))
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max().unwrap_or(0))
        .collect();
    let used: usize = widths.iter().map(|column| column + GAP).sum();
    let last = |row: &Vec<String>| row.get(widths.len()).cloned().unwrap_or_default();
    let longest = rows.iter().flat_map(|row| last(row).split(' ').map(display_width).collect::<Vec<_>>()).max();
    let beside = width >= used + longest.unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, (cell, column)) in row.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(column.saturating_sub(display_width(cell)));
            let (before, after) = if index == 0 { ("", blanks.as_str()) } else { (blanks.as_str(), "") };
            line.push_str(&format!("{before}{cell}{after}{}", " ".repeat(GAP)));
        }
        let lines = match last(row) {
            empty if empty.is_empty() => vec![line],
            cell if beside => wrap(&cell, width, &line, &" ".repeat(used)),
            cell => {
                let below = " ".repeat(2 * GAP);
                [vec![line], wrap(&cell, width, &below, &below)].concat()
            }
        };
        for line in lines.iter().map(|line| line.trim_end()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;

    fn rows() -> Vec<Vec<String>> {
        [["", "open", "at work"], ["production/us", "62.5", "eu 12.5, apac 40"], ["beta", "168", ""]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn the_last_column_is_wrapped_within_itself() {
        let expected = "               open  at work\nproduction/us  62.5  eu 12.5, apac\n                     40\nbeta            168\n";
        assert_eq!(table(&rows(), 34), expected);
    }

    #[test]
    fn where_there_is_no_room_the_last_column_stands_below() {
        let expected =
            "               open\n    at work\nproduction/us  62.5\n    eu 12.5, apac 40\nbeta            168\n";
        assert_eq!(table(&rows(), 24), expected);
    }
}
