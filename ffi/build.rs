//! A second prefix for every exported name, so that two versions can live in one program: `COUNTERMARK_PREFIX=app_`.

fn main() {
    println!("cargo:rerun-if-env-changed=COUNTERMARK_PREFIX");
    let prefix = std::env::var("COUNTERMARK_PREFIX").unwrap_or_default();
    println!("cargo:rustc-env=COUNTERMARK_PREFIX={prefix}");
}
