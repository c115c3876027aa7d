//! The memory above the ABI's heap pointer.
//!
//! The host owns the memory. It writes inputs where the heap pointer stands, and sets the pointer
//! back after each evaluation: everything above is free then, whoever had it. An allocator with
//! tables of its own would go on using what the host has overwritten. So this one keeps nothing but
//! the pointer and lists of freed blocks, and forgets these when the pointer is set.
//!
//! The host keeps what lies below the pointer it sets: this is the floor, and what is above it at the end of a
//! change to the data stays for good. So the blocks above are counted, for [`abi`](crate::abi) to know when none of
//! them is anybody's but its own.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ops::Range;

const PAGE: usize = 65_536;
/// Blocks are as large as a power of two, at least this one, and aligned to it: room for the link of a free block.
pub(crate) const SMALLEST: usize = 16;

/// One for each power of two.
const CLASSES: usize = usize::BITS as usize;

/// The allocator of the module.
pub(crate) struct Heap {
    state: UnsafeCell<State>,
}

struct State {
    /// Where the next block goes; zero before the first.
    next: usize,
    /// What `next` was set to last.
    floor: usize,
    /// How many blocks above the floor are somebody's.
    above: usize,
    /// The first free block of each size, as a power of two; in each block stands where the next is.
    free: [usize; CLASSES],
}

// SAFETY: the module has one thread.
unsafe impl Sync for Heap {}

unsafe extern "C" {
    static __heap_base: u8;
}

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// The host's: ends the call with a message.
    fn opa_abort(message: *const u8) -> !;
}

/// Tells the host that it gives too little memory.
pub(crate) fn exhausted() -> ! {
    // SAFETY: the message ends with a zero byte.
    unsafe { opa_abort(c"transom: out of memory".as_ptr().cast()) }
}

impl Heap {
    /// An empty heap.
    pub(crate) const fn new() -> Self {
        Heap { state: UnsafeCell::new(State { next: 0, floor: 0, above: 0, free: [0; CLASSES] }) }
    }

    #[allow(clippy::mut_from_ref, reason = "one thread, and nobody keeps it")]
    fn state(&self) -> &mut State {
        // SAFETY: the module has one thread, and no two of these live at once.
        let state = unsafe { &mut *self.state.get() };
        if state.next == 0 {
            state.next = (&raw const __heap_base).addr();
            state.floor = state.next;
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
        *state = State { next: pointer, floor: pointer, above: 0, free: [0; CLASSES] };
    }

    /// Where free memory began when that was said last.
    pub(crate) fn floor(&self) -> usize {
        self.state().floor
    }

    /// How many blocks above the floor are somebody's.
    pub(crate) fn above(&self) -> usize {
        self.state().above
    }

    /// Whether there is memory for a text of `len` bytes, or the host gives it.
    pub(crate) fn has_room(&self, len: usize) -> bool {
        let size = len.max(SMALLEST).checked_next_power_of_two();
        size.is_some_and(|size| self.state().place(SMALLEST, size).is_some())
    }
}

impl State {
    /// Where a block goes behind all others; `None` where the host does not give the memory.
    fn place(&self, align: usize, size: usize) -> Option<Range<usize>> {
        let start = self.next.checked_next_multiple_of(align)?;
        let end = start.checked_add(size)?;
        let there = core::arch::wasm32::memory_size(0) * PAGE;
        let is_there = end <= there || core::arch::wasm32::memory_grow(0, (end - there).div_ceil(PAGE)) != usize::MAX;
        is_there.then_some(start..end)
    }
}

/// The block of a text, which is a larger one than the text.
pub(crate) fn block(text: &String) -> Range<usize> {
    let start = text.as_ptr().addr();
    start..start + text.capacity().max(SMALLEST).next_power_of_two()
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
            state.above += usize::from(block.addr() >= state.floor);
            return block.cast();
        }
        let Some(place) = state.place(layout.align().max(SMALLEST), 1 << class) else { exhausted() };
        state.next = place.end;
        state.above += 1;
        place.start as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let state = self.state();
        state.above -= usize::from(block.addr() >= state.floor && state.above > 0);
        let free = &mut state.free[class(layout) as usize];
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
