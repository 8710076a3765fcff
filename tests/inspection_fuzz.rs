//! Readers on damaged files: an error or a register, never a panic of ours, never memory beyond reason.
//!
//! Two hundred files of each kind in a plain run; `MINSUAN_FUZZ_ROUNDS=1000000 cargo test --release --test
//! inspection_fuzz` goes on for as long as it takes, and `MINSUAN_FUZZ_SEED` starts elsewhere.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{Cursor, Read, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use minsuan::draws::Stream;
use minsuan::organizations::{Options, Rules, Treatment, annual_table, due, read_path};
use minsuan::tables::Table;

static OURS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static THEIRS: AtomicUsize = AtomicUsize::new(0);

const TEXT: &str = "统一社会信用代码,名称,类型,登记日期,年度,结论,注销日期,撤销日期,法定代表人身份证号\n\
52433101MJK000006G,甲服务中心,民办非企业单位,2015-03-01,2022,不合格,,,433101195202290008\n\
52433101MJK000006G,\"甲\n服务,中心\",社会服务机构,2015年3月1日,2023,未参检,,,\n\
51433101MJK000006K,乙协会,社会团体,41216,２０２３,基本合格,2024.1.5,,\n\
5.24331E+17,丙,基金会,二〇一二年十一月三日,2022年度,合格,,2023/11/3,\n";

fn rounds() -> u64 {
    std::env::var("MINSUAN_FUZZ_ROUNDS").ok().and_then(|v| v.parse().ok()).unwrap_or(200)
}

fn below(stream: &mut Stream, n: usize) -> usize {
    ((stream.uniform() * n as f64) as usize).min(n.saturating_sub(1))
}

/// A few random injuries: bytes changed, cut out, doubled, moved; numbers at their limits; words of the format.
fn injure(bytes: &mut Vec<u8>, stream: &mut Stream, words: &[&[u8]]) {
    for _ in 0..1 + below(stream, 6) {
        if bytes.is_empty() {
            return;
        }
        let at = below(stream, bytes.len());
        let length = (1 + below(stream, 24)).min(bytes.len() - at);
        match below(stream, 8) {
            0 => bytes[at] = (stream.uniform() * 256.0) as u8,
            1 => bytes[at] ^= 1 << below(stream, 8),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = below(stream, bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => bytes.truncate(at),
            5 => {
                let limits: [&[u8]; 5] = [
                    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
                    b"\xff\xff\xff\x7f",
                    b"\0\0\0\0",
                    b"\x80",
                    b"999999999999",
                ];
                let limit = limits[below(stream, limits.len())];
                let end = (at + limit.len()).min(bytes.len());
                bytes.splice(at..end, limit.iter().copied());
            }
            6 => {
                let word = words[below(stream, words.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            _ => {
                let piece = bytes[at..at + length].to_vec();
                for _ in 0..below(stream, 64) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
    }
}

/// Reads, and asks everything of what could be read.
fn try_out(bytes: &[u8], ending: &str) -> bool {
    let path = std::env::temp_dir().join(format!("minsuan-fuzz-{}-{ending}.{ending}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    // the doors for any table and for last year's report take the same files
    let _ = minsuan::tables::read(&path, None).map(|input| input.table.column_names());
    if ending == "xlsx" {
        let _ = minsuan::annual::read_workbook(&path);
    }
    let Ok(register) = read_path(&path, &Options::default(), &|_, _| true) else { return false };
    let rules = Rules::shipped("jishou").unwrap();
    let _ = register.problems().table(None, &[]).unwrap();
    if let Some((first, last)) = register.span() {
        for year in [first, last] {
            let _ = annual_table(&register, year, 6, 0.95, minsuan::organizations::Interval::Wilson).unwrap();
            let _ = due(&register, year, &rules, &Treatment::default()).unwrap();
        }
    }
    true
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|v| v.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (i, line) in TEXT.lines().filter(|l| !l.contains('"') && !l.starts_with("服务")).enumerate() {
        for (j, cell) in line.split(',').enumerate() {
            match cell.parse::<f64>() {
                Ok(number) if j == 4 => sheet.write_number(i as u32, j as u16, number).unwrap(),
                _ => sheet.write_string(i as u32, j as u16, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// The workbook with one part of its archive injured, stored whole so that the damage reaches the XML reader.
fn injured_workbook(good: &[u8], stream: &mut Stream) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(good)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let hurt = below(stream, archive.len());
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let sheet = name.contains("sheet1.xml") || name.contains("sharedStrings");
        if i == hurt || (sheet && below(stream, 2) == 0) {
            injure(
                &mut bytes,
                stream,
                &[
                    b"<c r=\"XFD1048576\"><v>1</v></c>",
                    b"<row r=\"4294967295\">",
                    b" t=\"s\"",
                    b"&#x0;",
                    b"<si><t>",
                    b"</row>",
                    b" r=\"A0\"",
                ],
            );
        }
        writer
            .start_file(
                name,
                zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
            )
            .unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn parquet_file() -> Vec<u8> {
    let rows: Vec<Vec<&str>> =
        TEXT.lines().skip(1).filter(|l| l.starts_with('5')).map(|l| l.split(',').collect()).collect();
    let mut builder = Table::builder("x");
    for (j, name) in TEXT.lines().next().unwrap().split(',').enumerate() {
        builder = builder.opt_text(name, name, rows.iter().map(|r| r.get(j).copied()));
    }
    let path = std::env::temp_dir().join(format!("minsuan-fuzz-{}-seed.parquet", std::process::id()));
    minsuan::tables::parquet::write(&builder.build().unwrap(), &path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn damaged_files() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        // A panic of a parser that we rest on is caught and told as a damaged file; one of our own is a fault.
        if place.contains(".cargo") || place.contains("/rustc/") || place.contains("library/") {
            THEIRS.fetch_add(1, Ordering::Relaxed);
        } else {
            OURS.lock().unwrap().push(format!("{place}: {info}"));
        }
    }));
    let seed = std::env::var("MINSUAN_FUZZ_SEED").ok().and_then(|v| v.parse().ok()).unwrap_or(0);
    let (book, parquet) = (workbook(), parquet_file());
    let gb = encoding_rs::GB18030.encode(TEXT).0.into_owned();
    for (bytes, ending) in [(TEXT.as_bytes(), "csv"), (&gb, "csv"), (&book, "xlsx"), (&parquet, "parquet")] {
        assert!(try_out(bytes, ending), "the undamaged {ending} is read");
    }
    let mut read = [0u64; 3];
    for round in 0..rounds() {
        let mut stream = Stream::new(seed, "fuzz", "", round);
        let mut bytes = if round % 2 == 0 { TEXT.as_bytes().to_vec() } else { gb.clone() };
        injure(
            &mut bytes,
            &mut stream,
            &[
                "\"".as_bytes(),
                b",",
                b"\n",
                "　".as_bytes(),
                "不合格".as_bytes(),
                b"\xff\xfe",
                b"\r",
                b"\0",
                b"1e400",
            ],
        );
        read[0] += u64::from(try_out(&bytes, "csv"));
        read[1] += u64::from(try_out(&injured_workbook(&book, &mut stream), "xlsx"));
        let mut bytes = parquet.clone();
        injure(
            &mut bytes,
            &mut stream,
            &[b"PAR1", b"\x15\x04", b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\xff\x0f"],
        );
        read[2] += u64::from(try_out(&bytes, "parquet"));
        let ours = OURS.lock().unwrap().clone();
        assert!(ours.is_empty(), "seed {seed} round {round}: {ours:?}");
        if round % 10_000 == 9_999 {
            println!(
                "{} rounds: read {read:?}, panics of parsers caught {}, peak {} MB",
                round + 1,
                THEIRS.load(Ordering::Relaxed),
                peak_megabytes()
            );
        }
    }
    assert!(peak_megabytes() < 2048, "{} MB", peak_megabytes());
    let _ = std::panic::take_hook();
    println!(
        "rounds {}, read {read:?}, panics of parsers caught {}, peak {} MB",
        rounds(),
        THEIRS.load(Ordering::Relaxed),
        peak_megabytes()
    );
    assert!(read.iter().all(|n| *n > 0), "some damage leaves a readable file");
}
