//! The settings that stand in a module from one request to the next.
//!
//! The raw ABI takes them in by `configure`. Modules of other ABIs get settings with each request,
//! but may be made with some that hold where a request brings none: `transom bake` runs [`configure`]
//! in them beforehand, by the functions of the feature `bake`, which no host calls.

use std::cell::RefCell;

use crate::{Transom, settings};

thread_local! {
    static TRANSOM: RefCell<Transom> = RefCell::new(Transom::new());
}

/// Takes settings in (JSON); answers `{"valid": …, "errors": [{"path", "message"}]}`. Where anything is
/// wrong with them the old ones stay in force.
pub fn configure(text: &[u8]) -> String {
    settings::verdict(TRANSOM.with_borrow_mut(|transom| transom.configure(text)))
}

/// Asks the core with these settings.
pub fn with<T>(ask: impl FnOnce(&Transom) -> T) -> T {
    TRANSOM.with_borrow(ask)
}

#[cfg(all(target_arch = "wasm32", feature = "bake"))]
mod hooks {
    #![allow(unsafe_code, unreachable_pub, reason = "they are called by number, from outside")]

    /// Memory for `len` bytes of settings.
    #[unsafe(no_mangle)]
    pub extern "C" fn transom_bake_alloc(len: usize) -> *mut u8 {
        Box::into_raw(vec![0_u8; len].into_boxed_slice()).cast()
    }

    /// Takes over the settings and takes them in; `(pointer << 32) | length` of the answer.
    ///
    /// # Safety
    /// `ptr` and `len` must be of one buffer that [`transom_bake_alloc`] gave.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn transom_bake(ptr: *mut u8, len: usize) -> u64 {
        // SAFETY: the caller's promise: it is a box of this length that was leaked to the host.
        let settings = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) };
        let answer = super::configure(&settings).into_bytes().into_boxed_slice();
        let len = answer.len() as u64;
        ((Box::into_raw(answer).cast::<u8>() as u64) << 32) | len
    }
}
