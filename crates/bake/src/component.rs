//! A component is a list of sections, of which one holds the core module.

use wasm_encoder::Encode as _;
use wasmparser::BinaryReader;

use crate::{Error, module};

/// `\0asm`, version 13 and layer 1.
const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// The number of the section that holds a core module.
const CORE_MODULE: u8 = 1;

pub(crate) fn is_one(wasm: &[u8]) -> bool {
    wasm.starts_with(HEADER)
}

pub(crate) fn bake(component: &[u8], settings: &str) -> Result<Vec<u8>, Error> {
    let mut out = HEADER.to_vec();
    let mut is_done = false;
    let mut reader = BinaryReader::new(&component[HEADER.len()..], HEADER.len());
    while !reader.eof() {
        let id = reader.read_u8().map_err(not_wasm)?;
        let mut section = reader.read_reader().map_err(not_wasm)?;
        let content = section.read_bytes(section.bytes_remaining()).map_err(not_wasm)?;
        out.push(id);
        if id == CORE_MODULE && module::takes_settings(content) {
            module::bake(content, settings)?.encode(&mut out);
            is_done = true;
        } else {
            content.encode(&mut out);
        }
    }
    if is_done { Ok(out) } else { Err(Error::NoHooks) }
}

fn not_wasm(error: wasmparser::BinaryReaderError) -> Error {
    Error::NotWasm(format!(": {error}"))
}
