#![no_main]

libfuzzer_sys::fuzz_target!(init: transom_fuzz::load_module(), |data: &[u8]| transom_fuzz::wasm(data));
