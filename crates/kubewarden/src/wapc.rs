//! The waPC protocol: what the host calls, and what it offers.
//!
//! The host says how long a request is, the guest makes room for it, and the host writes it there.
//! Answers are copied by the host while it is told of them.
#![allow(unsafe_code, unreachable_pub, reason = "the protocol passes addresses, and is public to whoever loads this")]

use crate::policy;

#[link(wasm_import_module = "wapc")]
unsafe extern "C" {
    /// Writes the operation and the payload of the request at hand.
    fn __guest_request(operation: *mut u8, payload: *mut u8);
    /// Takes the answer.
    fn __guest_response(answer: *const u8, len: usize);
    /// Takes the reason why there is no answer.
    fn __guest_error(reason: *const u8, len: usize);
    /// Asks the host; 1 where it has an answer.
    fn __host_call(
        binding: *const u8,
        binding_len: usize,
        namespace: *const u8,
        namespace_len: usize,
        operation: *const u8,
        operation_len: usize,
        payload: *const u8,
        payload_len: usize,
    ) -> i32;
    /// How long the host's answer is.
    fn __host_response_len() -> usize;
    /// Writes the host's answer.
    fn __host_response(answer: *mut u8);
}

/// Answers a request; 1 where there is an answer, 0 where there is a reason why not.
#[unsafe(no_mangle)]
pub extern "C" fn __guest_call(operation_len: usize, payload_len: usize) -> i32 {
    let mut operation = vec![0; operation_len];
    let mut payload = vec![0; payload_len];
    // SAFETY: there is room for as many bytes as the host said it would write.
    unsafe { __guest_request(operation.as_mut_ptr(), payload.as_mut_ptr()) };
    let operation = String::from_utf8_lossy(&operation);
    match policy::answer(&operation, &payload, &ask_kubernetes) {
        Ok(answer) => {
            // SAFETY: the host reads the answer and keeps nothing of it.
            unsafe { __guest_response(answer.as_ptr(), answer.len()) };
            1
        }
        Err(reason) => {
            // SAFETY: as above.
            unsafe { __guest_error(reason.as_ptr(), reason.len()) };
            0
        }
    }
}

/// Asks for objects of the cluster; nothing where the host refuses or fails.
fn ask_kubernetes(operation: &str, request: &str) -> Option<String> {
    let (binding, namespace) = ("kubewarden", "kubernetes");
    // SAFETY: the host reads these texts and keeps nothing of them.
    let is_answered = unsafe {
        __host_call(
            binding.as_ptr(),
            binding.len(),
            namespace.as_ptr(),
            namespace.len(),
            operation.as_ptr(),
            operation.len(),
            request.as_ptr(),
            request.len(),
        )
    };
    if is_answered != 1 {
        return None;
    }
    // SAFETY: there is an answer.
    let mut answer = vec![0; unsafe { __host_response_len() }];
    // SAFETY: there is room for as many bytes as the host said it would write.
    unsafe { __host_response(answer.as_mut_ptr()) };
    String::from_utf8(answer).ok()
}
