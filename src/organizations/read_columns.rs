//! Which column of a chunk holds what, copied out of the layout once.

use super::header::{Field, Layout};

/// What is known of the columns, copied out of the layout once.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) code: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) registered: Option<usize>,
    pub(super) year: Option<usize>,
    pub(super) conclusion: Option<usize>,
    pub(super) deregistered: Option<usize>,
    pub(super) revoked: Option<usize>,
    pub(super) closed: Option<usize>,
    pub(super) status: Option<usize>,
    /// Of a workbook with a sheet a year.
    pub(super) fixed: Option<i16>,
    pub(super) identities: Vec<usize>,
    pub(super) wide: Vec<(i16, usize)>,
    pub(super) headers: Vec<String>,
}

impl Columns {
    pub(super) fn of(layout: &Layout) -> Self {
        let at = |field| layout.columns.iter().position(|c| c.field == field);
        let mut wide: Vec<(i16, usize)> = Vec::new();
        let mut identities = Vec::new();
        for (i, column) in layout.columns.iter().enumerate() {
            match column.field {
                Field::Of(year) => wide.push((year, i)),
                Field::Identity => identities.push(i),
                _ => {}
            }
        }
        wide.sort_unstable();
        Self {
            code: at(Field::Code),
            name: at(Field::Name),
            kind: at(Field::Kind),
            registered: at(Field::Registered),
            year: at(Field::Year),
            conclusion: at(Field::Conclusion),
            deregistered: at(Field::Deregistered),
            revoked: at(Field::Revoked),
            closed: at(Field::Closed),
            status: at(Field::Status),
            fixed: layout.year,
            identities,
            wide,
            headers: layout.columns.iter().map(|c| c.header.clone()).collect(),
        }
    }
    pub(super) fn header(&self, column: Option<usize>) -> &str {
        column.and_then(|c| self.headers.get(c)).map_or("", String::as_str)
    }
}
