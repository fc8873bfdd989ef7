//! The program under test, and a folder for what it reads.
#![allow(dead_code)] // each test uses its part

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a run left.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub error: String,
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.error))
    }
}

/// Runs `countermark` with these arguments, without a terminal.
pub fn countermark<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Run {
    let output = command().args(arguments).output().unwrap();
    of(&output)
}

/// The same with this on its standard input.
pub fn countermark_reading<A: AsRef<std::ffi::OsStr>>(arguments: &[A], input: &[u8]) -> Run {
    use std::io::Write;
    let mut child =
        command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input closes it: that is no failure of the test's.
    let _ = child.stdin.take().unwrap().write_all(input);
    of(&child.wait_with_output().unwrap())
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countermark"));
    command.stdin(Stdio::null()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn of(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Run { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), error: text(&output.stderr) }
}

/// A folder of this test's own, removed behind it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("countermark-cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of this name lies, or would.
    pub fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_string()
    }

    /// Writes a file and tells where.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.join(name), content).unwrap();
        self.at(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The secret of HS256 keys in these tests.
pub const SECRET: &str = "a secret of at least thirty-two bytes";

/// The same as a JWK Set.
pub fn jwks() -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    format!(r#"{{"keys":[{{"kty":"oct","alg":"HS256","k":"{}"}}]}}"#, Base64UrlUnpadded::encode_string(SECRET.as_bytes()))
}

/// A token under that secret, by the library.
pub fn token(claims: &str) -> String {
    use countermark::{Algorithm, Mint, Signer};
    let signer = Signer::of_secret(Algorithm::HS256, None, SECRET.as_bytes()).unwrap();
    let mint = Mint { claims, allow_missing_exp: true, ..Mint::default() };
    let (mut scratch, mut out) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    signer.issue(&mint, &mut scratch, &mut out).unwrap().to_string()
}
