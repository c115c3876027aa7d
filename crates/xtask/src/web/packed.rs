//! A module of WebAssembly as small as it can be sent, for `www/playground/src/unpack.ts`.
//!
//! What is alike is put together: opcodes in one stream, numbers of locals in another, and so on; each is
//! compressed by LZMA with the parameters that suit it. That is a tenth less than LZMA of the module, and
//! two fifths less than gzip. What follows from the rest is left out: how long functions are, and how loads
//! and stores are aligned where that is natural.
//!
//! The file: the size of the module, the size of each packed stream (all `u32`, little endian), the streams
//! as `.lzma` files.

use std::io::Write as _;

use anyhow::{Context as _, bail, ensure};
use lzma_rust2::{LzmaOptions, LzmaWriter};
use wasmparser::Parser;

/// What a stream has.
#[derive(Clone, Copy)]
enum Of {
    /// What comes before the code.
    Before,
    /// What comes behind it.
    After,
    Opcodes,
    /// Those operands that are few.
    Rare,
    /// How many functions there are, and which locals they declare.
    Locals,
    /// The local that is read, by how many others the function has used since.
    Read,
    /// The same of one that is written.
    Written,
    Label,
    Call,
    /// By how much less than naturally a load or store is aligned.
    Alignment,
    Offset,
    /// Constants of 32 bits that are added to something.
    Added,
    /// And those of other arithmetic.
    Arithmetic,
    Constant,
    Constant64,
}

/// The section with the functions.
const CODE: u8 = 10;
const STREAMS: usize = Of::Constant64 as usize + 1;

/// The exponents of the natural alignments of the loads and stores, from opcode 0x28.
const NATURAL: &[u8; 23] = b"\x02\x03\x02\x03\0\0\x01\x01\0\0\x01\x01\x02\x02\x02\x03\x02\x03\0\x01\0\x01\x02";

struct Packer<'m> {
    streams: [Vec<u8>; STREAMS],
    rest: &'m [u8],
    /// The locals of the function at hand, what was used last first; those behind the end have their own places.
    recent: Vec<usize>,
}

pub(super) fn pack(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packer = Packer { streams: Default::default(), rest: module, recent: Vec::new() };
    let mut sections = Parser::new(0).parse_all(module).filter_map(|payload| payload.ok()?.as_section());
    let code = sections.find(|(id, _)| *id == CODE).context("the module has no code")?.1;
    let (start, end) = (code.start, code.end);
    // Sizes are left out, so they have to be what anybody would write.
    let size = leb(end - start);
    ensure!(module[..start].ends_with(&size), "the size of the code is not written as short as it can be");
    packer.bytes(Of::Before, start - size.len());
    packer.rest = &packer.rest[size.len()..end - start + size.len()];
    let functions = packer.number(Of::Locals)?;
    for _ in 0..functions {
        packer.function()?;
    }
    ensure!(packer.rest.is_empty(), "there is something behind the functions");
    packer.rest = &module[end..];
    packer.bytes(Of::After, module.len() - end);

    let packed: Vec<Vec<u8>> = packer.streams.iter().map(|stream| smallest(stream)).collect::<anyhow::Result<_>>()?;
    let mut file = u32::try_from(module.len())?.to_le_bytes().to_vec();
    for stream in &packed {
        file.extend(u32::try_from(stream.len())?.to_le_bytes());
    }
    file.extend(packed.concat());
    Ok(file)
}

impl Packer<'_> {
    fn put(&mut self, of: Of, byte: u8) {
        self.streams[of as usize].push(byte);
    }

    fn take(&mut self) -> anyhow::Result<u8> {
        let (first, rest) = self.rest.split_first().context("the code ends too early")?;
        self.rest = rest;
        Ok(*first)
    }

    fn bytes(&mut self, of: Of, count: usize) {
        let (bytes, rest) = self.rest.split_at(count);
        self.streams[of as usize].extend(bytes);
        self.rest = rest;
    }

    /// A number of variable length; gives its lower bits.
    fn number(&mut self, of: Of) -> anyhow::Result<usize> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.take()?;
            self.put(of, byte);
            // Constants may be longer than anything that is counted.
            number |= usize::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte < 0x80 {
                return Ok(number);
            }
        }
    }

    /// A local, whose number most often is one of those that were used just before.
    fn local(&mut self, of: Of) -> anyhow::Result<()> {
        let start = self.streams[of as usize].len();
        let local = self.number(of)?;
        ensure!(self.streams[of as usize][start..] == leb(local), "a local is not written as short as it can be");
        let known = self.recent.len();
        self.recent.extend(known..(local + 1).max(known));
        let rank = self.recent.iter().position(|recent| *recent == local).context("locals are counted from 0")?;
        self.recent[..=rank].rotate_right(1);
        self.streams[of as usize].truncate(start);
        self.streams[of as usize].extend(leb(rank));
        Ok(())
    }

    fn function(&mut self) -> anyhow::Result<()> {
        self.recent.clear();
        let before = self.rest;
        let size = self.number(Of::Locals)?;
        let digits = before.len() - self.rest.len();
        ensure!(before.starts_with(&leb(size)) && digits == leb(size).len(), "a size is not as short as it can be");
        let kept = self.streams[Of::Locals as usize].len() - digits;
        self.streams[Of::Locals as usize].truncate(kept);
        let end = self.rest.len().checked_sub(size).context("a function is longer than the code")?;
        for _ in 0..self.number(Of::Locals)? {
            self.number(Of::Locals)?;
            self.bytes(Of::Locals, 1);
        }
        let mut depth = 1;
        while depth > 0 {
            let opcode = self.take()?;
            self.put(Of::Opcodes, opcode);
            match opcode {
                // A block's type is one byte or the number of one.
                0x02..=0x04 => {
                    self.number(Of::Rare)?;
                    depth += 1;
                }
                0x0B => depth -= 1,
                0x0C | 0x0D => _ = self.number(Of::Label)?,
                0x0E => {
                    for _ in 0..=self.number(Of::Label)? {
                        self.number(Of::Label)?;
                    }
                }
                0x10 => _ = self.number(Of::Call)?,
                0x11 => {
                    self.number(Of::Call)?;
                    self.number(Of::Call)?;
                }
                0x20 => self.local(Of::Read)?,
                0x21 | 0x22 => self.local(Of::Written)?,
                0x23..=0x26 | 0x3F | 0x40 | 0xD0 | 0xD2 => _ = self.number(Of::Rare)?,
                0x28..=0x3E => {
                    let alignment = self.take()?;
                    ensure!(alignment < 4, "there are several memories");
                    self.put(Of::Alignment, NATURAL[usize::from(opcode - 0x28)].wrapping_sub(alignment));
                    self.number(Of::Offset)?;
                }
                0x41 => {
                    let length = self.rest.iter().position(|byte| *byte < 0x80).context("a constant has no end")?;
                    self.number(match self.rest.get(length + 1) {
                        Some(0x6A) => Of::Added,
                        Some(0x6B..=0x78) => Of::Arithmetic,
                        _ => Of::Constant,
                    })?;
                }
                0x42 => _ = self.number(Of::Constant64)?,
                0x43 => self.bytes(Of::Rare, 4),
                0x44 => self.bytes(Of::Rare, 8),
                0xFC => {
                    let operands = match self.number(Of::Rare)? {
                        0..=7 => 0,
                        8 | 10 | 12 | 14 => 2,
                        9 | 11 | 13 | 15..=17 => 1,
                        other => bail!("instruction 0xFC {other} is not known"),
                    };
                    for _ in 0..operands {
                        self.number(Of::Rare)?;
                    }
                }
                0x00 | 0x01 | 0x05 | 0x0F | 0x1A | 0x1B | 0x45..=0xC4 | 0xD1 => {}
                other => bail!("instruction {other:#04X} is not known"),
            }
        }
        ensure!(self.rest.len() == end, "a function does not end where it says");
        Ok(())
    }
}

/// A number as WebAssembly has it.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// Bytes as an LZMA file that names their number, by the parameters that make it smallest.
fn smallest(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut smallest: Option<Vec<u8>> = None;
    for (lc, lp, pb) in [(4, 0, 0), (2, 0, 0), (0, 0, 0), (0, 2, 2)] {
        let options = LzmaOptions { lc, lp, pb, nice_len: 273, dict_size: 1 << 21, ..LzmaOptions::with_preset(9) };
        let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64))?;
        writer.write_all(bytes)?;
        let file = writer.finish()?;
        if smallest.as_ref().is_none_or(|smallest| file.len() < smallest.len()) {
            smallest = Some(file);
        }
    }
    smallest.context("no parameters were tried")
}
