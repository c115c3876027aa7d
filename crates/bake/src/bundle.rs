//! A bundle of OPA is a gzipped archive, of which one member is the module.

use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::{Error, module};

const GZIP: &[u8] = b"\x1f\x8b";

pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP)
}

pub(crate) fn bake(bundle: &[u8], settings: &str) -> Result<Vec<u8>, Error> {
    let mut out = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    let mut is_done = false;
    for member in tar::Archive::new(GzDecoder::new(bundle)).entries().map_err(not_a_bundle)? {
        let mut member = member.map_err(not_a_bundle)?;
        let mut header = member.header().clone();
        let mut content = Vec::new();
        member.read_to_end(&mut content).map_err(not_a_bundle)?;
        if module::takes_settings(&content) {
            content = module::bake(&content, settings)?;
            header.set_size(content.len() as u64);
            header.set_cksum();
            is_done = true;
        }
        out.append(&header, &*content).map_err(not_a_bundle)?;
    }
    let bytes = out.into_inner().and_then(GzEncoder::finish).map_err(not_a_bundle)?;
    if is_done { Ok(bytes) } else { Err(Error::NoHooks) }
}

fn not_a_bundle(error: std::io::Error) -> Error {
    Error::NotWasm(format!(", and no bundle of OPA, though gzipped: {error}"))
}
