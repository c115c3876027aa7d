//! The examples of the package's README.

use host_test::root;

/// A block of code.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) code: String,
}

/// All of them, in their order.
pub(crate) fn blocks() -> Vec<Block> {
    let readme = super::text(&root().join("www/package/README.md"));
    let mut blocks = Vec::new();
    let mut rest = readme.as_str();
    while let Some((_, block)) = rest.split_once("\n```") {
        let (language, block) = block.split_once('\n').expect("a block has lines");
        let (code, after) = block.split_once("```").expect("a block ends");
        blocks.push(Block { language: language.to_owned(), code: code.to_owned() });
        rest = after;
    }
    blocks
}
