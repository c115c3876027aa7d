//! The Kubernetes objects in YAML texts, judged and fixed where they stand.
//!
//! This is what every front end with a text in its hands needs: the command line, an editor, a
//! page. It does no I/O and reads no clock.
//!
//! 1. [`Content::of`] finds the [`Object`]s of a document: one, the items of a List, or what is in an
//!    AdmissionReview.
//! 2. [`Judge::document`] judges them, with the comments that suppress findings and the objects around
//!    them; [`Examined::span`] is where a finding stands.
//! 3. [`fix`](fix()) applies fixes until there is nothing left to apply.
//! 4. [`Baseline`] knows what was found before, and [`Examined::mark_known`] asks it; [`suppressions`] tells the
//!    comments that hide findings, [`SettingsText`] what is wrong with a `transom.yaml`, [`settings_help`] what may
//!    stand in one, [`is_template`] what has to be rendered first, [`decode`] how a file holds its text.
//!
//! ```
//! use transom_manifests::{Content, Context, Judge, Transom};
//!
//! let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  hostNetwork: true\n  containers: [{name: web, image: iis}]\n";
//! let judge = Judge::new(Transom::new(), "2026-11-21");
//! let stream = transom_yaml::parse(text);
//! let objects = Content::objects(&stream.documents[0]);
//! let examined = judge.document(&stream.documents[0], text, objects, &Context::default());
//! let (object, decision) = examined.objects().next().unwrap();
//! let finding = decision.as_ref().unwrap().findings.iter().find(|finding| finding.rule == "WIN401").unwrap();
//! assert_eq!(&text[examined.span(object, &finding.path)], "hostNetwork: true");
//! ```

mod baseline;
mod decision;
mod encoding;
mod fix;
mod judge;
mod object;
mod path;
mod pointer;
mod settings;
pub mod settings_help;
pub mod suppressions;
mod template;

pub use baseline::{
    Accepted, BASELINE_FILE, Baseline, BaselineFile, Key, NoBaseline, Shares, Subjects, nearest_baseline,
};
pub use decision::{
    Action, Decision, Evidence, Finding, Fix, Location, NoAnswer, Reference, Safety, Target, printable, rule_page,
};
pub use encoding::{Encoding, decode};
pub use fix::{Failure, Fixed, Known, Shared, Wanted, fix, fix_wanted};
pub use judge::{Evaluator, Examined, Judge, TextFix};
pub use object::{Content, Object};
pub use path::{label, relative, simple};
pub use pointer::below;
pub use settings::{MISNAMED, SETTINGS_FILE, SettingsText, Wrong, is_misnamed, is_settings, nearest};
pub use template::{holds_actions, is_template};
pub use transom::Transom;
pub use transom_context::{Context, View};
