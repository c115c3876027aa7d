//! The tolerations of Windows pods, by what a ConfigMap says of the cluster.
//!
//! Which taints the Windows nodes carry is in the settings, and a policy sees no settings. It has
//! parameters instead: a ConfigMap with some of the settings, written as CEL can read them.

use serde_json::{Value, json};
use transom::platform::labels::{ARCH, ARCH_BETA, OS, OS_BETA, WINDOWS_BUILD};
use transom::platform::{Os, Taint, taints};
use transom::rules::{self, Rule};
use transom::settings::{Platform, Settings, platform_name};
use transom::suppress::ANNOTATION;

use super::condition::{Condition, Name, Text, all, any, item, not, spec};
use super::facts::REQUIRED;
use super::policy::unless_ignored;
use super::text::{print, quoted};

/// The key of the ConfigMap for `platform`.
pub const PLATFORM: &str = "platform";

/// Its key for `windows.taints`, written as `kubectl taint` takes them, with white space or commas between.
pub const TAINTS: &str = "windows.taints";

/// Its key for the rules that are `off`: names or ids, with white space or commas between.
pub const OFF: &str = "rules.off";

/// The rules of which these are the fixes: a toleration that is missing, and one of another letter case.
pub fn rules() -> Vec<&'static Rule> {
    ["WIN109", "WIN110"].map(|id| rules::find(id).unwrap_or_else(|| panic!("there is no rule {id}"))).into()
}

/// What the ConfigMap says before anybody has written to it: that nothing is known.
pub fn nothing_known() -> Value {
    json!({PLATFORM: platform_name(Platform::Generic), TAINTS: "", OFF: ""})
}

/// The entry of the ConfigMap, or an empty text.
fn parameter(key: &str) -> String {
    format!("params.?data[?{}].orValue('')", quoted(key))
}

/// The words of a text.
fn words(text: &str) -> String {
    format!("{text}.replace(',', ' ').replace('\\n', ' ').replace('\\t', ' ').split(' ').filter(w, w != '')")
}

/// The names of the annotations that would hide findings of the rules that are off.
pub fn ignored() -> String {
    format!("{}.map(w, {} + w.lowerAscii())", words(&parameter(OFF)), quoted(ANNOTATION))
}

/// The variables, each after those that it uses.
pub fn variables() -> [(String, String); 3] {
    let named = |name: &str, text: String| (name.to_owned(), text);
    [
        named("taints", taints()),
        named("untolerated", untolerated()),
        named("tolerate", unless_ignored(&print(&may_use_windows_nodes(), 0), &rules())),
    ]
}

/// Those that are set, else the platform's.
fn taints() -> String {
    let of = |platform| Settings { platform, ..Settings::default() }.taints().unwrap_or_default();
    let written = |taint: &Taint| format!("{}={}:{}", taint.key, taint.value, taint.effect);
    let platforms = [Platform::Aks, Platform::Eks, Platform::Gke, Platform::OpenShift];
    let presets = platforms.into_iter().filter(|platform| !of(*platform).is_empty()).map(|platform| {
        let taints: Vec<String> = of(platform).iter().map(written).collect();
        format!("{}: {}", quoted(platform_name(platform)), quoted(&taints.join(" ")))
    });
    let preset = format!("{{{}}}[?{}].orValue('')", presets.collect::<Vec<_>>().join(", "), parameter(PLATFORM));
    let text = format!("({0} != '' ? {0} : {preset})", parameter(TAINTS));
    let effects: Vec<&str> =
        ["NoSchedule", "PreferNoSchedule", "NoExecute"].into_iter().filter(|effect| taints::repels(effect)).collect();
    // `key=value:effect` or `key:effect`. What is none of these is passed over.
    format!(
        "{}\n.filter(w, w.matches('^[^=:]+(=[^=:]*)?:({})$'))\n\
         .map(w, {{'key': w.split(':')[0].split('=')[0], 'value': (w.split(':')[0] + '=').split('=')[1], 'effect': w.split(':')[1]}})",
        words(&text),
        effects.join("|"),
    )
}

/// The taints that no toleration of the pod meets, as `corev1.Toleration.ToleratesTaint` decides it. On
/// GKE a webhook of its own adds the toleration where the nodeSelector asks for Windows.
fn untolerated() -> String {
    let gke = platform_name(Platform::Gke);
    let by_webhook: Vec<String> = Settings { platform: Platform::Gke, ..Settings::default() }
        .taints()
        .iter()
        .flatten()
        .map(|taint| format!("t.key == {} && t.value == {}", quoted(&taint.key), quoted(&taint.value)))
        .collect();
    format!(
        "variables.taints\n\
         .filter(t, !({} == {} && {} && ({})))\n\
         .filter(t, !variables.spec.?tolerations.orValue([]).exists(o,\n\
         o.?effect.orValue('') in ['', t.effect] && o.?key.orValue('') in ['', t.key] &&\n\
         (o.?operator.orValue('') == 'Exists' || (o.?operator.orValue('') in ['', 'Equal'] && o.?value.orValue('') == t.value))))",
        parameter(PLATFORM),
        quoted(gke),
        print(&spec("/nodeSelector").key(OS).is([Os::Windows.label()]), 0),
        by_webhook.join(" || "),
    )
}

/// The pod is surely for Windows, goes through the scheduler, and nothing in it keeps it off all Windows nodes.
fn may_use_windows_nodes() -> Condition {
    let label = |key: &str| spec("/nodeSelector").key(key);
    let is_or_absent = |key: &str, text: Text| any([not(label(key).given()), Condition::Is(label(key), text)]);
    let windows = || Text::Named(vec![Os::Windows.label().to_owned()]);
    let amd64 = || Text::OneOf(vec!["amd64".to_owned()]);
    let systems = [OS, OS_BETA];
    let expression = any([
        not(item("/key").is([OS, OS_BETA, ARCH, ARCH_BETA, WINDOWS_BUILD])),
        all([
            item("/key").is(systems),
            item("/operator").is(["In"]),
            item("/values").every(item("").names([Os::Windows.label()])),
        ]),
    ]);
    let terms = spec(REQUIRED).key("nodeSelectorTerms");
    let is_hindered = item("/matchExpressions").some(not(expression));
    all([
        Condition::Known(Name::SurelyWindows),
        not(spec("/nodeName").filled()),
        not(spec("/runtimeClassName").filled()),
        is_or_absent(OS, windows()),
        is_or_absent(OS_BETA, windows()),
        is_or_absent(ARCH, amd64()),
        is_or_absent(ARCH_BETA, amd64()),
        is_or_absent(WINDOWS_BUILD, Text::Build),
        not(terms.some(any([is_hindered, item("/matchFields").filled()]))),
    ])
}

/// The expression that gives the operations of JSON Patch.
pub fn expression() -> String {
    let toleration = "{'key': t.key, 'operator': 'Equal', 'value': t.value, 'effect': t.effect}";
    let path = "variables.path + '/tolerations";
    format!(
        "(!variables.tolerate || size(variables.untolerated) == 0 ? [] :\n\
         variables.spec.?tolerations.hasValue() ?\n\
         variables.untolerated.map(t, JSONPatch{{op: 'add', path: {path}/-', value: {toleration}}}) :\n\
         [JSONPatch{{op: 'add', path: {path}', value: variables.untolerated.map(t, {toleration})}}])"
    )
}
