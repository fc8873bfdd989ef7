//! Files, by the option that names each. Never by their names: see [`Failure`].

use crate::failure::Failure;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// The longest file that is read whole. Key sets, policies and requests have a few kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The standard input can be read once.
static INPUT_IS_READ: AtomicBool = AtomicBool::new(false);

/// Whether the path means the standard input; a second time it is a mistake, and not an empty file.
pub fn is_input(option: &str, path: &Path) -> Result<bool, Failure> {
    let is_input = path.as_os_str() == "-";
    match is_input && INPUT_IS_READ.swap(true, Ordering::Relaxed) {
        true => Err(Failure::new(format!("{option}: the standard input is another option's already"))),
        false => Ok(is_input),
    }
}

/// Reads a file whole; `-` is the standard input. What was read is wiped when it is dropped.
pub fn read(option: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{option}: the file cannot be read: {}", reason(&error)));
    // Once allocated for good: a buffer that grows leaves copies of a secret behind.
    let mut bytes = Zeroizing::new(Vec::new());
    let reader: Box<dyn Read> = if is_input(option, path)? {
        bytes.reserve(FILE_BYTES_MAX as usize + 1);
        Box::new(stdin().lock())
    } else {
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        bytes.reserve(length.min(FILE_BYTES_MAX) as usize + 1);
        Box::new(file)
    };
    reader.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::new(format!("{option}: the file has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// The same as UTF-8.
pub fn text(option: &str, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = read(option, path)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_string())),
        Err(_) => Err(Failure::new(format!("{option}: the file is not UTF-8"))),
    }
}

/// A secret: every byte counts. A line end at its end is more often an editor's than a secret's, so it is spoken of.
pub fn secret(option: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bytes = read(option, path)?;
    if bytes.ends_with(b"\n") {
        eprintln!("countermark: note: {option}: the secret ends in a line end, which counts as a part of it");
    }
    Ok(bytes)
}

/// What went wrong, without the number that the operating system has for it.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
