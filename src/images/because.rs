//! Why an image is taken for Linux or Windows, in a few words.

use core::fmt;

use super::Os;
use super::reference::Repository;

/// What in the reference decided, so that a finding can say so.
///
/// Prints as a phrase: "tag `nanoserver-ltsc2022`", "repository docker.io/library/nginx is
/// Linux only". Nothing is allocated before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because<'a> {
    /// Words of the tag.
    Tag(&'a str),
    /// Every tag of the repository holds the same system.
    Repository(&'a str, Repository<'a>, Os),
    /// What this tag of the repository holds.
    TagOf(&'a str, &'a str, Repository<'a>, Os),
    /// The path is that of a Microsoft repository, on another registry.
    Mirror(&'static str, Os),
    /// Words of the tag, one for Windows, one for Linux.
    Contradiction(&'a str, &'a str),
    /// A word of the tag for Windows, in a repository that holds only Linux.
    Misplaced(&'a str, &'a str, Repository<'a>),
    /// There is a digest and no tag.
    Digest,
    /// Nothing in the reference tells.
    Nothing,
}

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Because::Tag(words) => write!(f, "tag `{words}`"),
            Because::Repository(registry, repository, os) => {
                write!(f, "repository {registry}/{repository} is {}", holds(os))
            }
            Because::TagOf(tag, registry, repository, os) => {
                write!(f, "tag `{tag}` of {registry}/{repository} is {}", holds(os))
            }
            Because::Mirror(path, os) => {
                write!(f, "path of mcr.microsoft.com/{path}, which is {}", holds(os))
            }
            Because::Contradiction(windows, linux) => {
                write!(f, "tag says both `{windows}` and `{linux}`")
            }
            Because::Misplaced(words, registry, repository) => {
                write!(f, "tag `{words}`, but {registry}/{repository} is Linux only")
            }
            Because::Digest => f.write_str("a digest does not tell"),
            Because::Nothing => f.write_str("nothing in the reference tells for sure"),
        }
    }
}

fn holds(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux only",
        Os::Windows => "Windows only",
        Os::Multi => "built for Linux and Windows",
        Os::Unknown => "of unknown systems",
    }
}
