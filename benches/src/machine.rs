//! What the figures were measured on.

/// Prints processor, compiler and what matters for SHA-256.
pub fn print() {
    println!("processor: {}", model());
    println!("compiler:  {}", rustc().as_deref().unwrap_or("unknown"));
    println!("SHA-256 instructions: {}", sha_instructions());
}

pub fn model() -> String {
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    model.unwrap_or_else(|| "unknown processor".into())
}

/// The compiler that cargo would use here; a build made with another one is not noticed.
fn rustc() -> Option<String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = std::process::Command::new(rustc).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn sha_instructions() -> &'static str {
    if std::arch::is_x86_feature_detected!("sha") { "SHA-NI" } else { "none" }
}

#[cfg(target_arch = "aarch64")]
fn sha_instructions() -> &'static str {
    if std::arch::is_aarch64_feature_detected!("sha2") { "ARMv8 SHA2" } else { "none" }
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn sha_instructions() -> &'static str {
    "unknown"
}
