//! The names that Windows containers run as.
//!
//! Which names the API server takes is read in `validateWindowsSecurityContextOptions`
//! (pkg/apis/core/validation/validation.go of Kubernetes 1.36.2); it decides with regular
//! expressions, which are spelled out here.

/// The longest domain, in bytes, is one shorter.
const DOMAIN_LIMIT: usize = 256;
/// The longest user, in bytes.
const USER_LIMIT: usize = 104;

/// Domain and user of a `runAsUserName`.
pub fn split(name: &str) -> (Option<&str>, &str) {
    name.split_once('\\').map_or((None, name), |(domain, user)| (Some(domain), user))
}

/// A name as a message can show it: no control characters, and not at any length.
pub fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).take(64).collect()
}

/// Why the API server refuses a `runAsUserName`; `None` where it does not.
pub fn refusal(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.bytes().any(|b| b.is_ascii_control()) {
        return Some("it holds control characters");
    }
    let (domain, user) = split(name);
    if user.contains('\\') {
        return Some("it has more than one backslash");
    }
    if let Some(domain) = domain {
        if domain.len() >= DOMAIN_LIMIT {
            return Some("its domain is longer than 255 bytes");
        }
        if !is_net_bios_name(domain) && !is_dns_name(domain) {
            return Some("its domain is neither a NetBIOS name (at most 15 characters) nor a DNS name");
        }
    }
    if user.is_empty() {
        return Some("it names no user after the domain");
    }
    if user.len() > USER_LIMIT {
        return Some("its user is longer than 104 bytes");
    }
    if user.bytes().all(|b| matches!(b, b'.' | b' ')) {
        return Some("its user is nothing but dots and spaces");
    }
    if user.contains('@') {
        return Some("its user contains @ (a `user@domain` is written `DOMAIN\\user` here)");
    }
    if user.contains(['"', '/', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '[', ']']) {
        return Some("its user contains one of \"/:;|=,+*?<>[]");
    }
    None
}

/// 1 to 15 characters, the first no dot.
fn is_net_bios_name(domain: &str) -> bool {
    !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|'])
        && domain.chars().nth(15).is_none()
}

/// Labels of 1 to 63 letters, digits and inner dashes, with dots between them.
fn is_dns_name(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// Whether the kubelet takes the name for the administrator, as it does for `runAsNonRoot`: this
/// name alone, in any letter case (`verifyRunAsNonRoot` in pkg/kubelet/kuberuntime).
pub fn is_container_administrator(name: &str) -> bool {
    name.eq_ignore_ascii_case("ContainerAdministrator")
}

/// Whether the name is an administrator's whom the kubelet does not take for one.
pub fn is_administrator_in_disguise(name: &str) -> bool {
    let (domain, user) = split(name);
    let is_local = domain.is_none_or(is_built_in_domain);
    // Windows itself does not mind spaces and dots at the end of a name.
    let user = user.trim_end_matches(['.', ' ']);
    const NAMES: &[&str] = &["Administrator", "ContainerAdministrator", "LocalSystem", "SYSTEM"];
    is_local && !is_container_administrator(name) && NAMES.iter().any(|admin| user.eq_ignore_ascii_case(admin))
}

/// Whether the user is one of the two that every ordinary container has.
pub fn is_container_user(user: &str) -> bool {
    user.eq_ignore_ascii_case("ContainerUser") || user.eq_ignore_ascii_case("ContainerAdministrator")
}

/// Whether a domain is one that every Windows has.
pub fn is_built_in_domain(domain: &str) -> bool {
    ["NT AUTHORITY", "NT SERVICE", "BUILTIN", "User Manager"].iter().any(|known| domain.eq_ignore_ascii_case(known))
}

/// Whether the user is one of the services of `NT AUTHORITY`; Windows minds neither letter case nor spaces.
pub fn is_service_account(user: &str) -> bool {
    let is = |account: &str| {
        let mut letters = user.bytes().filter(|b| *b != b' ').map(|b| b.to_ascii_lowercase());
        account.bytes().all(|b| letters.next() == Some(b)) && letters.next().is_none()
    };
    is("system") || is("localservice") || is("networkservice")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_server_takes_these_names() {
        for name in [
            "ContainerUser",
            r"NT AUTHORITY\SYSTEM",
            r"corp.example.com\svc",
            r"CORP\svc$",
            "日本",
            r"fifteen_letters\svc",
            r"日本語のドメイン名前は長い\svc",
            "a. .b",
        ] {
            assert_eq!(refusal(name), None, "{name}");
        }
    }

    #[test]
    fn the_api_server_refuses_these_names() {
        let long = "u".repeat(105);
        let domain = format!(r"{}\svc", ["abc."; 64].concat() + "com");
        for name in [
            "",
            "\t",
            "a\\b\\c",
            r"\svc",
            r".corp\svc",
            r"sixteen_letters_\svc",
            r"CORP\",
            ". .",
            "svc@corp",
            "a/b",
            "[x]",
            &long,
            &domain,
        ] {
            assert!(refusal(name).is_some(), "{name}");
        }
    }

    #[test]
    fn service_accounts() {
        assert!(["SYSTEM", "Local service", "NetworkService", "NETWORK SERVICE"].into_iter().all(is_service_account));
        assert!(!is_service_account("System2") && !is_service_account("Sys"));
    }
}
