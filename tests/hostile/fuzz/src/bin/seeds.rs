//! Writes the good samples below the folder that is named, one file each: what fuzzing begins with.

use std::path::PathBuf;

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("name a folder")?).join("wires");
    std::fs::create_dir_all(&folder)?;
    for (number, sample) in hostile::samples::all().iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.json")), sample)?;
    }
    Ok(())
}
