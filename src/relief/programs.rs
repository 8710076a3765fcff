//! The programs of a county as data: what is counted, what drives it, who is eligible, where it breaks.

use super::national::rows;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

const FILE: &str = "standards/programs.csv";
const COLUMNS: [(&str, &str); 11] = [
    ("program", "项目"),
    ("label", "项目名称"),
    ("unit", "单位"),
    ("counts", "计人或计次"),
    ("driver", "驱动因素"),
    ("ages", "年龄条件"),
    ("standard", "发放标准"),
    ("part_of", "为何项之其中项"),
    ("also_in", "可同时享受"),
    ("breaks", "断点"),
    ("basis", "依据"),
];

/// `program, label, unit, counts, driver, ages, standard, part_of, also_in, breaks, basis`, a row a program.
pub fn programs() -> Result<Table> {
    let rows = rows(FILE)?;
    if let Some(bad) = rows.iter().position(|r| r.len() != COLUMNS.len()) {
        let problem = Problem::new("a table of the library cannot be read").file(FILE).row(bad + 2);
        return Err(Error::model(problem));
    }
    let mut table = Table::builder("救助与福利项目")
        .note("counts：persons按人、cases按人次；part_of：其中项，不另加总；also_in：同一人可同时领取，人数去重、金额不去重");
    for (i, (name, label)) in COLUMNS.into_iter().enumerate() {
        let cells = rows.iter().map(|r| Some(r[i].as_str()).filter(|c| !c.is_empty()));
        table = table.opt_text(name, label, cells);
    }
    table.build()
}
