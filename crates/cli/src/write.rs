//! Files that are written whole: whoever reads one sees the old bytes or the new ones.

#[cfg(not(target_family = "wasm"))]
use std::fs;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
#[cfg(not(target_family = "wasm"))]
use std::sync::atomic::{AtomicUsize, Ordering};

/// Writes a file, whether it is there or not. What is there and is no file, a device or a pipe, gets the bytes.
#[cfg(feature = "module")]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => replace(path, bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => put(path, bytes, |_| Ok(())),
        _ => OpenOptions::new().write(true).open(path)?.write_all(bytes),
    }
}

/// Puts new bytes in the place of those of a file. WASI knows neither modes nor owners: only a file that stays
/// the same one keeps them.
#[cfg(target_family = "wasm")]
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts new bytes in the place of those of a file, which keeps its mode and its owner.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through links: the file they lead to is to be changed, not the link.
    let path = fs::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    if metadata.permissions().readonly() {
        return Err(io::Error::other("the file is read-only"));
    }
    put(&path, bytes, |temporary| {
        keep_owner(temporary, &metadata);
        fs::set_permissions(temporary, metadata.permissions())
    })
}

/// Writes a file beside the place, makes it `ready`, and moves it there.
#[cfg(not(target_family = "wasm"))]
fn put(path: &Path, bytes: &[u8], ready: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    // Not by its name, which may be as long as names can be.
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_file_name(format!(".transom-{}-{count}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        ready(&temporary)?;
        fs::rename(&temporary, path)
    };
    let written = write();
    if written.is_err() {
        // What is left of it helps nobody; if it cannot be removed either, the first error says why.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Only root may give files away; anybody else keeps what they write.
#[cfg(unix)]
fn keep_owner(file: &Path, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let _ = chown(file, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(windows)]
fn keep_owner(_: &Path, _: &fs::Metadata) {}

#[cfg(all(test, unix, feature = "module"))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_is_there_stays_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        write(&at("new"), b"1").expect("a new file");
        fs::set_permissions(at("new"), fs::Permissions::from_mode(0o600)).expect("a mode");
        symlink(at("new"), at("link")).expect("a link");
        write(&at("link"), b"2").expect("through the link");
        assert_eq!(fs::read(at("new")).expect("the file"), b"2");
        assert!(fs::symlink_metadata(at("link")).expect("the link").is_symlink());
        assert_eq!(fs::metadata(at("new")).expect("the file").permissions().mode() & 0o777, 0o600);

        symlink("/dev/null", at("null")).expect("a link");
        write(&at("null"), b"3").expect("a device takes it");
        assert!(!fs::metadata(at("null")).expect("the device").is_file());

        assert!(write(folder.path(), b"4").is_err(), "a folder");
        assert!(write(&at("no/file"), b"4").is_err(), "no folder");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 3, "nothing is left behind");
    }
}
