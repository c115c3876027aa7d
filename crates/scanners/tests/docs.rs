//! The page about other scanners has the table as it is. `BLESS=1` rewrites that part.

use std::path::Path;
use std::{env, fs};

use transom_scanners::peers;

/// Behind this line the page is made of the table.
const TABLE: &str = "## The table\n";

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scanners.md");
    let page = fs::read_to_string(&path).expect("the page").replace('\r', "");
    let (written, _) = page.split_once(TABLE).expect("the heading of the table");
    let current = format!("{written}{TABLE}\nAs of {}.\n{}", peers::AS_OF, peers::markdown());
    if env::var_os("BLESS").is_some() {
        fs::write(path, current).expect("written");
    } else {
        assert!(page == current, "docs/scanners.md is not current: BLESS=1 cargo test -p transom-scanners");
    }
}
