//! What a rule has to say: findings, and how they are collected.

use std::borrow::Cow;

use crate::fix::Fix;
use crate::pointer::Pointer;
use crate::rules::Rule;
use crate::settings::{Settings, Switch};
use crate::words::words;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Advice.
    Info,
    /// It works, but not as written, or it depends.
    Warning,
    /// It will not work.
    Error,
}

/// What admission does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    Info,
    /// A warning to the client.
    Warn,
    /// The request is refused.
    Deny,
}

/// Where the user would otherwise have met the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The API server refuses the object.
    ApiServer,
    /// The pod stays Pending, or lands on the wrong node.
    Scheduler,
    /// The kubelet refuses the pod, or cannot prepare it.
    Kubelet,
    /// The container runtime cannot make the sandbox or the container.
    Runtime,
    /// The image cannot be pulled or unpacked.
    ImagePull,
    /// The process does not start, or does not do what was meant.
    Process,
    /// Nowhere: it is ignored without a word.
    Silent,
}

words!(Severity: Info = "info", Warning = "warning", Error = "error");
words!(Action: Info = "info", Warn = "warn", Deny = "deny");
words!(Stage:
    ApiServer = "api-server",
    Scheduler = "scheduler",
    Kubelet = "kubelet",
    Runtime = "runtime",
    ImagePull = "image-pull",
    Process = "process",
    Silent = "silent",
);

#[cfg(feature = "docs")]
impl Stage {
    /// What happens there, for who reads about a rule.
    pub const fn explanation(self) -> &'static str {
        match self {
            Stage::ApiServer => "the API server refuses the object",
            Stage::Scheduler => "the pod stays Pending, or lands on the wrong node",
            Stage::Kubelet => "the kubelet refuses the pod, or cannot prepare it",
            Stage::Runtime => "the sandbox or the container cannot be made",
            Stage::ImagePull => "the image cannot be pulled or unpacked",
            Stage::Process => "the process does not start, or does not do what was meant",
            Stage::Silent => "nowhere, it is ignored without a word",
        }
    }

    /// The word for it, and what happens there.
    pub fn described(self) -> String {
        format!("{self}: {}", self.explanation())
    }
}

impl From<Severity> for Action {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Action::Deny,
            Severity::Warning => Action::Warn,
            Severity::Info => Action::Info,
        }
    }
}

/// One thing that is wrong, where, why, and how to mend it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: &'static Rule,
    /// How bad it is, before settings.
    pub severity: Severity,
    /// What admission does about it, after settings.
    pub action: Action,
    /// Where.
    pub path: Pointer,
    /// What is wrong, then why.
    pub message: String,
    /// What to do, as an imperative; empty where the message says it all.
    pub help: Cow<'static, str>,
    /// Where the user would otherwise have met it.
    pub stage: Stage,
    /// The change that mends it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// Sets what to do about it.
    pub fn help(&mut self, help: impl Into<Cow<'static, str>>) -> &mut Self {
        self.help = help.into();
        self
    }

    /// Sets the severity where it is not the rule's own.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Sets the stage where it is not the rule's own.
    pub fn stage(&mut self, stage: Stage) -> &mut Self {
        self.stage = stage;
        self
    }

    /// Offers a change that mends it.
    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(fix);
        self
    }
}

/// Takes the findings of one rule after another.
#[derive(Debug)]
pub struct Report<'a> {
    rule: &'static Rule,
    settings: &'a Settings,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(settings: &'a Settings, first: &'static Rule) -> Self {
        Report { rule: first, settings, findings: Vec::new() }
    }

    /// Begins the findings of `rule`.
    pub(crate) fn begin(&mut self, rule: &'static Rule) {
        self.rule = rule;
    }

    /// Adds a finding at `path` with the rule's own severity and stage. The message says what is
    /// wrong, naming field and container, then why; no full stop at its end.
    pub fn finding(&mut self, path: Pointer, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding {
            rule: self.rule,
            severity: self.rule.severity,
            action: Action::Info,
            path,
            message: message.into(),
            help: Cow::Borrowed(""),
            stage: self.rule.stage,
            fix: None,
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// The findings, with the actions that settings give them.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let Report { settings, mut findings, .. } = self;
        for finding in &mut findings {
            finding.action = match settings.switch(finding.rule) {
                Some(Switch::Action(action)) => action,
                _ => finding.severity.into(),
            };
        }
        findings
    }
}
