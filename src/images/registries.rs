//! Registries that hold the same images under several names.
//!
//! As of 2026-11-21. Sources: kubernetes/website `blog/2022-11-28-registry-k8s-io…` and
//! `2023-02-06-k8s-gcr-io-freeze…` (`k8s.gcr.io` is the old name); awsdocs/
//! amazon-eks-user-guide@1cc6ebb4a `latest/ug/workloads/add-ons-images.adoc` (one account
//! a group of regions, the same repositories in each).

/// What the table calls the registries of EKS add-ons.
const EKS: &str = "602401143452.dkr.ecr.*.amazonaws.com";

/// AWS accounts that hold EKS add-on images, sorted.
#[rustfmt::skip]
const EKS_ACCOUNTS: &[&str] = &[
    "013241004608", "066635153087", "121268973566", "151742754352", "296578399912", "333609536671",
    "455263428931", "491585149902", "533267051163", "558608220178", "590381155156", "602401143452",
    "730335286997", "759879836304", "761377655185", "800184023465", "877085696533", "877088126301",
    "900612956339", "900889452093", "918309763551", "961992271922",
];

/// The name a registry has in the table of repositories.
pub(super) fn canonical(registry: &str) -> &str {
    match registry {
        "k8s.gcr.io" => "registry.k8s.io",
        // The account number comes first; few other names begin with a digit.
        _ if registry.starts_with(|c: char| c.is_ascii_digit()) && is_eks(registry) => EKS,
        _ => registry,
    }
}

/// `<account>.dkr.ecr.<region>.amazonaws.com`, also `.com.cn` and `.eu`.
fn is_eks(registry: &str) -> bool {
    let Some((account, rest)) = registry.split_once('.') else { return false };
    let region = rest.strip_prefix("dkr.ecr.").and_then(|region| region.split_once('.'));
    let Some((_region, domain)) = region else { return false };
    matches!(domain, "amazonaws.com" | "amazonaws.com.cn" | "amazonaws.eu")
        && EKS_ACCOUNTS.binary_search(&account).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(EKS_ACCOUNTS.is_sorted());
        assert_eq!(canonical("k8s.gcr.io"), "registry.k8s.io");
        assert_eq!(canonical("602401143452.dkr.ecr.us-west-2.amazonaws.com"), EKS);
        assert_eq!(canonical("918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn"), EKS);
        for other in ["123456789012.dkr.ecr.us-west-2.amazonaws.com", "602401143452.dkr.ecr.x", ""] {
            assert_eq!(canonical(other), other);
        }
    }
}
