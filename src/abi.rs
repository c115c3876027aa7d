//! The raw ABI: what `transom.wasm` exports to any WebAssembly runtime.
//!
//! The host writes UTF-8 JSON into memory that [`alloc`] gave it and calls [`configure`],
//! [`evaluate`] or [`review`] with pointer and length. The call takes that buffer over and returns
//! `(pointer << 32) | length` of its answer, also UTF-8 JSON, which the host hands back with
//! [`dealloc`]. The module imports nothing.
#![allow(unsafe_code, unreachable_pub, reason = "the exports of a module are unsafe, and public to whoever loads it")]

use std::alloc::Layout;

use crate::standing;

/// The version of this interface.
const ABI: i32 = 1;

/// The version of this interface.
#[unsafe(no_mangle)]
pub extern "C" fn transom_abi() -> i32 {
    ABI
}

/// Memory for `len` bytes, or 0 where there is none left.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    match Layout::array::<u8>(len.max(1)) {
        // SAFETY: the layout is not of size zero.
        Ok(layout) => unsafe { std::alloc::alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

/// Gives back what [`alloc`] or an answer took.
///
/// # Safety
/// `ptr` and `len` must be of one buffer that `alloc` or an answer gave and that was not given back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    if let (false, Ok(layout)) = (ptr.is_null(), Layout::array::<u8>(len.max(1))) {
        // SAFETY: the caller promises that the buffer was allocated with this layout.
        unsafe { std::alloc::dealloc(ptr, layout) }
    }
}

/// Takes new settings; answers `{"valid": …, "errors": […]}`.
///
/// # Safety
/// `ptr` and `len` must be of one buffer that `alloc` gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn configure(ptr: *mut u8, len: usize) -> u64 {
    // SAFETY: the caller's promise is passed on.
    unsafe { call(ptr, len, standing::configure) }
}

/// Judges one input; answers a Decision.
///
/// # Safety
/// `ptr` and `len` must be of one buffer that `alloc` gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evaluate(ptr: *mut u8, len: usize) -> u64 {
    // SAFETY: the caller's promise is passed on.
    unsafe { call(ptr, len, |input| standing::with(|transom| transom.evaluate(input))) }
}

/// Judges an AdmissionReview; answers an AdmissionReview.
///
/// # Safety
/// `ptr` and `len` must be of one buffer that `alloc` gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn review(ptr: *mut u8, len: usize) -> u64 {
    // SAFETY: the caller's promise is passed on.
    unsafe { call(ptr, len, |input| standing::with(|transom| transom.review(input))) }
}

/// Takes over the input buffer, and leaks the answer to the host.
unsafe fn call(ptr: *mut u8, len: usize, answer: impl FnOnce(&[u8]) -> String) -> u64 {
    let input = if ptr.is_null() || len == 0 {
        // An empty buffer is still one byte long, and is given back as such.
        // SAFETY: the caller's promise is passed on.
        unsafe { dealloc(ptr, len) };
        Vec::new()
    } else {
        // SAFETY: `alloc` made this buffer with exactly this layout, and the caller gives it up.
        unsafe { Vec::from_raw_parts(ptr, len, len) }
    };
    let answer = answer(&input);
    drop(input);
    let answer = answer.into_bytes().into_boxed_slice();
    let len = answer.len() as u64;
    ((Box::into_raw(answer).cast::<u8>() as u64) << 32) | len
}
