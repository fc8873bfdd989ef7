#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| countermark_checks::targets::cache::check(data));
