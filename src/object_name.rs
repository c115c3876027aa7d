//! The names that the API server lets objects have.

/// Whether this can be the name of an object: an RFC 1123 subdomain, as names of most objects are.
pub fn is_object_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

/// Whether this can be the name of a Namespace: an RFC 1123 label, 1 to 63 small letters, digits and inner dashes.
pub fn is_dns_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

fn is_part(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}
