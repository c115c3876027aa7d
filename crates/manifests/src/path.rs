//! Paths as they are shown, and as reports and baselines name files.

use std::path::{Component, Path, PathBuf};

/// A path as it is shown, and as reports and baselines name it: with forward slashes on every system.
#[must_use]
pub fn label(path: &Path) -> String {
    let label = path.display().to_string();
    if cfg!(windows) { of_windows(&label) } else { label }
}

/// A path of Windows with forward slashes, and without `\\?\`, by which Windows takes a path as it stands.
fn of_windows(path: &str) -> String {
    let path = match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
    };
    path.replace('\\', "/")
}

/// The way from one folder to a file or folder, both absolute and as [`simple`] writes them.
#[must_use]
pub fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let (mut from_parts, mut to_parts) = (from.components().peekable(), to.components().peekable());
    let mut is_same_root = false;
    while let (Some(one), Some(other)) = (from_parts.peek(), to_parts.peek()) {
        if one != other {
            break;
        }
        is_same_root = true;
        from_parts.next();
        to_parts.next();
    }
    // On Windows there is no way from one drive to another.
    is_same_root.then(|| from_parts.map(|_| Component::ParentDir).chain(to_parts).collect())
}

/// A path without `.`, and without the `..` that can be taken out of it.
#[must_use]
pub fn simple(path: &Path) -> PathBuf {
    let mut simple = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if matches!(simple.components().next_back(), Some(Component::Normal(_))) => {
                simple.pop();
            }
            Component::CurDir => {}
            other => simple.push(other),
        }
    }
    simple
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_windows_are_shown_as_everywhere() {
        for (path, shown) in [
            (r"deploy\web.yaml", "deploy/web.yaml"),
            (r".\deploy/web.yaml", "./deploy/web.yaml"),
            (r"C:\work\web.yaml", "C:/work/web.yaml"),
            (r"\\?\C:\work\web.yaml", "C:/work/web.yaml"),
            (r"\\?\UNC\server\share\web.yaml", "//server/share/web.yaml"),
        ] {
            assert_eq!(of_windows(path), shown);
        }
    }

    #[test]
    fn finds_the_way() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).map(|path| label(&path));
        assert_eq!(way("/a/b", "/a/c/d"), Some("../c/d".to_owned()));
        assert_eq!(way("/a", "/a/c"), Some("c".to_owned()));
        assert_eq!(simple(Path::new("k/overlay/../base/./x.yaml")), Path::new("k/base/x.yaml"));
        assert_eq!(simple(Path::new("../x")), Path::new("../x"));
    }
}
