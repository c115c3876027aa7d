//! The answer to an AdmissionReview, and settings that come and go.

use serde_json::{Value, json};
use transom::Transom;

fn pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {
        "securityContext": {"runAsUser": 1000},
        "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}})
}

fn ask(transom: &Transom, object: &Value) -> Value {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "7c1f", "operation": "CREATE", "object": object}});
    serde_json::from_str(&transom.review(review.to_string().as_bytes())).expect("JSON")
}

fn with(settings: Value) -> Transom {
    let mut transom = Transom::new();
    transom.configure(settings.to_string().as_bytes()).expect("right settings");
    transom
}

#[test]
fn a_refusal_says_what_and_how_and_echoes_the_uid() {
    let answer = ask(&Transom::new(), &pod());
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
    let response = &answer["response"];
    assert_eq!(
        (&response["uid"], &response["allowed"], &response["status"]["code"]),
        (&json!("7c1f"), &json!(false), &json!(403))
    );
    let message = response["status"]["message"].as_str().expect("a message");
    assert!(message.starts_with("WIN101 windows-pod-not-pinned at /spec\n"), "{message}");
    assert!(message.lines().count() <= 3, "{message}");
    assert!(response.get("patch").is_none());
    let warnings = response["warnings"].as_array().expect("warnings");
    assert!(!warnings.is_empty());
    for warning in warnings {
        assert!(warning.as_str().expect("text").len() <= 120, "{warning}");
    }
}

#[test]
fn what_the_patch_mends_is_not_refused() {
    use base64::Engine as _;
    let answer = ask(&with(json!({"mutate": "safe"})), &pod());
    let response = &answer["response"];
    assert_eq!((&response["allowed"], &response["patchType"]), (&json!(true), &json!("JSONPatch")));
    let patch = base64::prelude::BASE64_STANDARD.decode(response["patch"].as_str().expect("a patch")).expect("base64");
    let patch: json_patch::Patch = serde_json::from_slice(&patch).expect("a JSON Patch");
    let mut object = pod();
    json_patch::patch(&mut object, &patch).expect("it applies");
    assert_eq!(object["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));
    assert_eq!(object["spec"]["os"], json!({"name": "windows"}));
    let again = ask(&with(json!({"mutate": "safe"})), &object);
    assert!(again["response"].get("patch").is_none(), "{again}");
}

#[test]
fn the_version_that_asks_is_the_version_that_is_answered() {
    let review = json!({"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "DELETE"}});
    let answer: Value = serde_json::from_str(&Transom::new().review(review.to_string().as_bytes())).expect("JSON");
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1beta1");
    assert_eq!(answer["response"], json!({"uid": "1", "allowed": true}));
}

#[test]
fn wrong_settings_leave_the_old_ones_in_force() {
    let mut transom = with(json!({"rules": {"windows-pod-not-pinned": "off"}}));
    let mistakes = transom.configure(br#"{"platform": "azure", "cni": 5}"#).expect_err("wrong settings");
    let paths: Vec<&str> = mistakes.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths, ["/cni", "/platform"]);
    assert!(ask(&transom, &pod())["response"]["allowed"] == true);
}

#[test]
fn a_request_may_bring_its_own_settings() {
    let transom = with(json!({"rules": {"windows-pod-not-pinned": "off"}}));
    let judge = |settings: Value| -> Value {
        let input = json!({"request": pod(), "settings": settings});
        serde_json::from_str(&transom.evaluate(input.to_string().as_bytes())).expect("JSON")
    };
    assert_eq!(judge(json!({}))["allowed"], false);
    let wrong = judge(json!({"platfrom": "aks"}));
    assert_eq!(wrong["findings"][0]["path"], "/settings/platfrom", "{wrong}");
    assert!(
        wrong["findings"].as_array().expect("findings").iter().all(|f| f["rule"] != "WIN101"),
        "the old ones are in force"
    );
}
