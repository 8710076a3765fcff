//! Headers of two rows: 2020年 over 城市 and 农村. The words above a column are those of both rows.

/// The words of a header above its columns, the upper and the lower row.
pub(super) type Names = Vec<(String, String)>;

/// The header that two rows make; `None` where the second is no part of it.
///
/// What a word processor merges across columns comes out as a name with blanks behind it, what it merges down as a
/// name over a blank, or over itself. A second row that has other words under a name of a single column is a row of the
/// table, as a row below a header that has no blanks is.
pub(super) fn two_rows(upper: &[String], lower: &[String]) -> Option<Names> {
    let at = |row: &[String], i: usize| row.get(i).map_or("", |c| c.trim()).to_owned();
    let width = lower.len();
    if upper.len() > width || width < 3 || at(upper, 0).is_empty() {
        return None;
    }
    let mut names = Names::new();
    let mut over = String::new();
    let mut groups = 0;
    for i in 0..width {
        let (above, below) = (at(upper, i), at(lower, i));
        // the first column of a group has a name above, the next ones have none
        let opens =
            !above.is_empty() && i + 1 < width && at(upper, i + 1).is_empty() && !at(lower, i + 1).is_empty();
        match (above.is_empty(), below.is_empty()) {
            (true, true) => return None,
            (true, false) => groups += 1,
            (false, true) => over = String::new(),
            (false, false) if opens => over.clone_from(&above),
            // merged down and written twice
            (false, false) if above == below => over = String::new(),
            (false, false) => return None,
        }
        names.push(match (above.is_empty(), below.is_empty()) {
            (true, _) if over.is_empty() => return None,
            (true, _) => (over.clone(), below),
            (false, _) if opens => (above, below),
            _ => (above, String::new()),
        });
    }
    (groups > 0).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(upper: &str, lower: &str) -> Option<Vec<String>> {
        let cells = |t: &str| t.split('|').map(str::to_owned).collect::<Vec<_>>();
        two_rows(&cells(upper), &cells(lower))
            .map(|n| n.into_iter().map(|(a, b)| format!("{a}{b}")).collect())
    }

    #[test]
    fn two_rows_of_names_and_what_looks_like_them() {
        let names = rows("指标|单位|2020年||2025年|", "||城市|农村|城市|农村").unwrap();
        assert_eq!(names, ["指标", "单位", "2020年城市", "2020年农村", "2025年城市", "2025年农村"]);
        assert_eq!(
            rows("指标|2020年||备注", "指标|城市|农村|备注").unwrap()[1..3],
            ["2020年城市", "2020年农村"]
        );
        // blanks at the end of a line may be lost
        assert_eq!(rows("指标|2020年", "|城市|农村").unwrap()[1..], ["2020年城市", "2020年农村"]);
        for (upper, lower) in [
            ("项目|内容|投资", "养老院|新建|续建"),
            ("项目|内容|投资", "一、养老||"),
            ("项目|内容|", "养老院|新建|续建"),
            ("|2020年|", "指标|城市|农村"),
        ] {
            assert_eq!(rows(upper, lower), None, "{upper} / {lower}");
        }
    }
}
