//! The memory above the ABI's heap pointer.
//!
//! The host owns the memory. It writes inputs where the heap pointer stands, and sets the pointer
//! back after each evaluation: everything above is free then, whoever had it. An allocator with
//! tables of its own would go on using what the host has overwritten. So this one keeps nothing but
//! the pointer and lists of freed blocks, and forgets these when the pointer is set.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;

const PAGE: usize = 65_536;
/// Blocks are as large as a power of two, at least this one: room for the link of a free block.
const SMALLEST: usize = 16;

/// One for each power of two.
const CLASSES: usize = usize::BITS as usize;

/// The allocator of the module.
pub(crate) struct Heap {
    state: UnsafeCell<State>,
}

struct State {
    /// Where the next block goes; zero before the first.
    next: usize,
    /// The first free block of each size, as a power of two; in each block stands where the next is.
    free: [usize; CLASSES],
}

// SAFETY: the module has one thread.
unsafe impl Sync for Heap {}

unsafe extern "C" {
    static __heap_base: u8;
}

impl Heap {
    /// An empty heap.
    pub(crate) const fn new() -> Self {
        Heap { state: UnsafeCell::new(State { next: 0, free: [0; CLASSES] }) }
    }

    #[allow(clippy::mut_from_ref, reason = "one thread, and nobody keeps it")]
    fn state(&self) -> &mut State {
        // SAFETY: the module has one thread, and no two of these live at once.
        let state = unsafe { &mut *self.state.get() };
        if state.next == 0 {
            state.next = (&raw const __heap_base).addr();
        }
        state
    }

    /// Where free memory begins.
    pub(crate) fn pointer(&self) -> usize {
        self.state().next
    }

    /// Gives all memory from `pointer` on free. Freed blocks are forgotten, not looked at: the host
    /// may have overwritten them already.
    pub(crate) fn reset(&self, pointer: usize) {
        let state = self.state();
        state.next = pointer;
        state.free = [0; CLASSES];
    }
}

/// The size of the block for a layout, as a power of two.
fn class(layout: Layout) -> u32 {
    layout.size().max(layout.align()).max(SMALLEST).next_power_of_two().trailing_zeros()
}

// SAFETY: blocks lie one behind the other above the heap pointer, each as large as its class and
// aligned for it; a block is handed out again only after it was given back.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let state = self.state();
        let class = class(layout);
        let free = &mut state.free[class as usize];
        if *free != 0 {
            let block = *free as *mut usize;
            // SAFETY: the block is free, so its first word is the next one's address.
            *free = unsafe { *block };
            return block.cast();
        }
        let Some(start) = state.next.checked_next_multiple_of(layout.align().max(SMALLEST)) else {
            return std::ptr::null_mut();
        };
        let Some(end) = start.checked_add(1 << class) else { return std::ptr::null_mut() };
        let there = core::arch::wasm32::memory_size(0) * PAGE;
        if end > there && core::arch::wasm32::memory_grow(0, (end - there).div_ceil(PAGE)) == usize::MAX {
            return std::ptr::null_mut();
        }
        state.next = end;
        start as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let free = &mut self.state().free[class(layout) as usize];
        // SAFETY: the block is at least one word long, and nobody's any more.
        unsafe { *block.cast::<usize>() = *free };
        *free = block.addr();
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size, rounded up, is a valid one.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if class(wanted) == class(layout) {
            return block;
        }
        // SAFETY: the new block is another one, and both are as long as what is copied.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
