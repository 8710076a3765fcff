//! Cells as people write them: full-width digits, stray blanks and the marks that Excel leaves.

use std::borrow::Cow;

/// A cell without surrounding blanks, with full-width ASCII (`０`–`９`, `Ａ`–`Ｚ`, `．`, `／`, `（`) made
/// half-width and zero-width characters dropped. Borrowed where nothing has to change.
pub fn clean(cell: &str) -> Cow<'_, str> {
    let trimmed = cell.trim_matches(is_blank);
    if trimmed.bytes().all(|b| b.is_ascii() && b >= 0x20) {
        return Cow::Borrowed(trimmed);
    }
    if !trimmed.chars().any(|c| is_wide(c) || is_invisible(c) || c.is_control()) {
        return Cow::Borrowed(trimmed);
    }
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        c if is_wide(c) => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c if c.is_control() => ' ',
        c => c,
    };
    let text: String = trimmed.chars().filter(|c| !is_invisible(*c)).map(narrow).collect();
    Cow::Owned(text.trim_matches(is_blank).to_owned())
}

/// A cell without surrounding blanks and marks that nobody sees, otherwise as it is written.
pub fn trimmed(cell: &str) -> &str {
    cell.trim_matches(is_blank)
}

/// The cell as a key: cleaned, without any blank, ASCII letters in lower case.
pub fn key(cell: &str) -> String {
    clean(cell).chars().filter(|c| !is_blank(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// What stands for "nothing": blank, dashes, slashes, 无, 空, NA.
pub fn is_nothing(cell: &str) -> bool {
    let text = cell.trim_matches(is_blank);
    text.is_empty()
        || (text.len() <= 12
            && matches!(
                key(text).as_str(),
                "" | "-"
                    | "--"
                    | "—"
                    | "——"
                    | "–"
                    | "/"
                    | "\\"
                    | "."
                    | "…"
                    | "无"
                    | "空"
                    | "na"
                    | "n/a"
                    | "nan"
                    | "nat"
                    | "none"
                    | "null"
                    | "<na>"
                    | "#n/a"
            ))
}

/// Number of single-character edits from one text to another (Levenshtein 1966).
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left_up = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitution = left_up + usize::from(x != *y);
            left_up = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(left_up + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The word of `known` with the fewest edits to `word`, where at most half of it has to change; of two as near the
/// longer, since people leave characters out.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = key(word).chars().take(40).collect();
    let length = word.chars().count();
    known
        .into_iter()
        .map(|k| (distance(&word, &key(k)), k))
        .filter(|(d, k)| 2 * d <= length.max(k.chars().count()))
        .min_by_key(|(d, k)| (*d, std::cmp::Reverse(k.chars().count())))
        .map(|(_, k)| k)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{3000}' || is_invisible(c)
}

fn is_wide(c: char) -> bool {
    ('\u{FF01}'..='\u{FF5E}').contains(&c) || c == '\u{3000}'
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{00AD}' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_invisible_characters_are_made_plain() {
        assert_eq!(clean("\u{feff}　２０２３年\u{200b} "), "2023年");
        assert_eq!(clean("５２４３３１０１ＭＪＫ"), "52433101MJK");
        assert!(matches!(clean(" plain "), Cow::Borrowed("plain")));
        assert_eq!(key(" Basically Qualified "), "basicallyqualified");
    }

    #[test]
    fn nothing_has_many_faces() {
        for cell in ["", " ", "—", "/", "无", "NaN", "　", "#N/A"] {
            assert!(is_nothing(cell), "{cell:?}");
        }
        assert!(!is_nothing("0"));
        assert!(!is_nothing("无锡"));
    }

    #[test]
    fn the_nearest_word_is_named_only_when_near() {
        assert_eq!(nearest("基本合格了", ["合格", "基本合格", "不合格"]), Some("基本合格"));
        assert_eq!(nearest("基合格", ["合格", "基本合格", "不合格"]), Some("基本合格"));
        assert_eq!(nearest("完全不同的东西", ["合格", "基本合格"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
