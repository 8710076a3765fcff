//! `include_dir!` does not watch the folder it embeds; this does.
fn main() {
    println!("cargo:rerun-if-changed=data");
}
