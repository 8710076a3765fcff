//! Tables of a register in Chinese words, for a file that leaves for an office: the data keep their codes.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, StringArray, cast::AsArray};

use super::kinds::{Conclusion, Kind};
use super::problems::Finding;
use super::rules::Action;
use crate::error::Result;
use crate::tables::Table;

/// What a code of a column says; `None` for what is no code there.
fn word(column: &str, code: &str) -> Option<&'static str> {
    let kind = || Kind::ALL.into_iter().find(|k| k.name() == code).map(Kind::label);
    let conclusion = || Conclusion::ALL.into_iter().find(|c| c.name() == code).map(Conclusion::label);
    match column {
        "type" if code == "total" => Some("合计"),
        "type" => kind(),
        "action" => {
            [Action::Rectify, Action::Revoke].into_iter().find(|a| a.name() == code).map(Action::label)
        }
        "conclusion" | "from" | "to" => conclusion(),
        "kind" => Finding::ALL.into_iter().find(|f| f.name() == code).map(Finding::label),
        _ => None,
    }
}

/// The same table with words in the place of codes.
///
/// # Errors
/// None in practice: the columns keep their lengths.
pub fn in_words(table: &Table) -> Result<Table> {
    let mut builder = Table::builder(table.title());
    for note in table.notes() {
        builder = builder.note(note);
    }
    let (names, labels, units) = (table.column_names(), table.labels(), table.units());
    let said = |of: &[(String, String)], name: &str| {
        of.iter().find(|(n, _)| n == name).map_or_else(String::new, |(_, said)| said.clone())
    };
    for (name, array) in names.iter().zip(table.batch().columns()) {
        let array: ArrayRef = match array.as_string_opt::<i32>() {
            Some(texts) => {
                let put = |t: Option<&str>| t.map(|t| word(name, t).unwrap_or(t).to_owned());
                Arc::new(texts.iter().map(put).collect::<StringArray>())
            }
            None => Arc::clone(array),
        };
        debug_assert_eq!(array.len(), table.num_rows());
        builder = builder.array(name, &said(&labels, name), &said(&units, name), array);
    }
    builder.build()
}
