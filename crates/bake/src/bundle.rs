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

/// Whether a member of the archive is WebAssembly.
pub(crate) fn has_module(bundle: &[u8]) -> bool {
    let is_module = |member: std::io::Result<tar::Entry<'_, _>>| {
        let mut start = [0; module::MAGIC.len()];
        member.and_then(|mut member| member.read_exact(&mut start)).is_ok() && start == *module::MAGIC
    };
    tar::Archive::new(GzDecoder::new(bundle)).entries().is_ok_and(|mut members| members.any(is_module))
}

fn not_a_bundle(error: std::io::Error) -> Error {
    Error::NotWasm(format!(", and no bundle of OPA, though gzipped: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::Write::write_all(&mut out, bytes).expect("memory");
        out.finish().expect("memory")
    }

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = tar::Builder::new(Vec::new());
        for (name, content) in members {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            out.append_data(&mut header, name, *content).expect("memory");
        }
        gzip(&out.into_inner().expect("memory"))
    }

    #[test]
    fn what_is_a_bundle_with_a_module() {
        let module: &[u8] = b"\0asm\x01\0\0\0";
        assert!(crate::is_module(&archive(&[(".manifest", b"{}"), ("policy.wasm", module)])));
        assert!(crate::is_module(module));
        let others =
            [archive(&[(".manifest", b"{}"), ("policy.rego", b"")]), archive(&[]), gzip(module), GZIP.to_vec(), vec![]];
        assert!(!others.iter().any(|other| crate::is_module(other)));
    }
}
