//! The yardstick of the benches: what it costs to look at JSON without reading it.
//!
//! Built for wasm it is a module of raw ABI 1 whose `evaluate` skips over the
//! input and answers `null`, so that the same host moves the same bytes in and out.

use serde::de::IgnoredAny;

/// Skips over a JSON text; whether it is one.
pub fn skip(json: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(json).is_ok()
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, unreachable_pub, reason = "the raw ABI is pointers and exported names")]
mod abi {
    #[unsafe(no_mangle)]
    pub extern "C" fn transom_abi() -> i32 {
        1
    }

    #[unsafe(no_mangle)]
    pub extern "C" fn alloc(len: usize) -> *mut u8 {
        Box::into_raw(vec![0_u8; len].into_boxed_slice()).cast()
    }

    /// # Safety
    /// `ptr` and `len` are of a buffer that `alloc` gave.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
        if len != 0 {
            // SAFETY: the caller's promise.
            drop(unsafe { Vec::from_raw_parts(ptr, len, len) });
        }
    }

    /// # Safety
    /// As for `dealloc`.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn evaluate(ptr: *mut u8, len: usize) -> u64 {
        // SAFETY: the caller's promise; `alloc` made a Vec of exactly this layout.
        let input = unsafe { Vec::from_raw_parts(ptr, len, len) };
        answer(if super::skip(&input) { "null" } else { "false" })
    }

    /// # Safety
    /// As for `dealloc`.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn review(ptr: *mut u8, len: usize) -> u64 {
        // SAFETY: the caller's promise.
        unsafe { evaluate(ptr, len) }
    }

    /// # Safety
    /// As for `dealloc`.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn configure(ptr: *mut u8, len: usize) -> u64 {
        // SAFETY: the caller's promise.
        unsafe { dealloc(ptr, len) };
        answer(r#"{"valid":true}"#)
    }

    fn answer(text: &str) -> u64 {
        let text: Box<[u8]> = text.as_bytes().into();
        let len = text.len() as u64;
        ((Box::into_raw(text).cast::<u8>() as u64) << 32) | len
    }
}
