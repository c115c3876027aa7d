//! OPA's ABI 1.3: what hosts call.
//!
//! Hosts pass values around without looking into them; here a value is a JSON text. There are two
//! ways to evaluate: step by step through a context, and at once by [`opa_eval`]. Nothing but the
//! host's data outlives an evaluation: see [`heap`](crate::heap).
#![allow(unsafe_code, unreachable_pub, reason = "the exports of a module are unsafe, and public to whoever loads it")]

use std::alloc::Layout;
use std::borrow::Cow;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::Range;

use crate::heap::{self, Heap};
use crate::json::{self, Astray};
use crate::policy::{self, Answer, ENTRYPOINTS, Entrypoint};
use crate::rego;

#[global_allocator]
static HEAP: Heap = Heap::new();

/// A value as hosts hold it.
pub struct Value {
    json: Cow<'static, str>,
    /// It is the results of a query: in Rego a set, not an array.
    answer: Option<Answer>,
}

/// What one evaluation by steps is about.
#[derive(Default)]
pub struct Context {
    input: Option<&'static Value>,
    data: Option<&'static Value>,
    entrypoint: i32,
    result: Option<Answer>,
}

static BUILTINS: Value = Value { json: Cow::Borrowed("{}"), answer: None };
static NAMES: Value = Value { json: Cow::Borrowed(policy::NAMES), answer: None };

/// Outcomes of changes to a value.
const DONE: i32 = 0;
const INTERNAL: i32 = 1;
const INVALID_TYPE: i32 = 2;
const INVALID_PATH: i32 = 3;

/// The builtins the host must have: none.
#[unsafe(no_mangle)]
pub extern "C" fn builtins() -> &'static Value {
    &BUILTINS
}

/// The names of the entrypoints and their numbers.
#[unsafe(no_mangle)]
pub extern "C" fn entrypoints() -> &'static Value {
    &NAMES
}

/// Memory for `size` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn opa_malloc(size: usize) -> *mut u8 {
    let Ok(layout) = layout(size) else { heap::exhausted() };
    // SAFETY: the layout is not of size zero; in front of what the host gets stands its size.
    unsafe {
        let block = std::alloc::alloc(layout);
        *block.cast::<usize>() = size;
        block.add(HEADER)
    }
}

/// What stands in front of memory that hosts hold.
const HEADER: usize = 8;

fn layout(size: usize) -> Result<Layout, std::alloc::LayoutError> {
    Layout::from_size_align(size.saturating_add(HEADER), HEADER)
}

/// Gives back what [`opa_malloc`] or a dump gave.
///
/// # Safety
/// `address` must be of such memory, not given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opa_free(address: *mut u8) {
    if address.is_null() {
        return;
    }
    // SAFETY: the caller's promise; the size stands in front of the memory.
    unsafe {
        let block = address.sub(HEADER);
        if let Ok(layout) = layout(*block.cast::<usize>()) {
            std::alloc::dealloc(block, layout);
        }
    }
}

/// A text for the host, with a zero byte behind it.
fn c_string(text: &str) -> *const u8 {
    let memory = opa_malloc(text.len() + 1);
    // SAFETY: the memory is as long as the text and the zero.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), memory, text.len());
        *memory.add(text.len()) = 0;
    }
    memory
}

/// # Safety
/// There must be `len` bytes at `address`.
unsafe fn bytes<'t>(address: *const u8, len: usize) -> &'t [u8] {
    if address.is_null() || len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(address, len) }
}

/// Takes a JSON text in; null where it is none.
///
/// # Safety
/// There must be `len` bytes at `address`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opa_json_parse(address: *const u8, len: usize) -> *mut Value {
    // SAFETY: the caller's promise.
    let Ok(text) = std::str::from_utf8(unsafe { bytes(address, len) }) else { return std::ptr::null_mut() };
    let json = rego::to_json(text);
    if !json::is_json(&json) {
        return std::ptr::null_mut();
    }
    Box::into_raw(Box::new(Value { json: Cow::Owned(json.into_owned()), answer: None }))
}

/// Takes a Rego term in; null where it is none.
///
/// # Safety
/// There must be `len` bytes at `address`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opa_value_parse(address: *const u8, len: usize) -> *mut Value {
    // SAFETY: the caller's promise.
    unsafe { opa_json_parse(address, len) }
}

/// A value as JSON.
#[unsafe(no_mangle)]
pub extern "C" fn opa_json_dump(value: &Value) -> *const u8 {
    match &value.answer {
        Some(answer) => c_string(&answer.to_json()),
        None => c_string(&value.json),
    }
}

/// A value as a Rego term.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_dump(value: &Value) -> *const u8 {
    match &value.answer {
        Some(answer) => c_string(&answer.to_rego()),
        None => c_string(&rego::from_json(&value.json)),
    }
}

/// Gives a value back.
///
/// # Safety
/// `value` must come from a function here and must not be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opa_value_free(value: *mut Value) {
    let is_ours = [&raw const BUILTINS, &raw const NAMES].contains(&value.cast_const());
    if !value.is_null() && !is_ours {
        // SAFETY: the caller's promise: it is a box that was leaked to the host.
        drop(unsafe { Box::from_raw(value) });
    }
}

/// Puts `value` into the object `base`, at a path of names. The value is the object's then: see [`Change`].
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_add_path(base: &mut Value, path: &Value, value: &Value) -> i32 {
    let Some(names) = json::strings(&path.json) else { return INVALID_PATH };
    match json::place(&base.json, &names) {
        Ok((place, before)) => change(base, place, &before, Some(value)),
        Err(astray) => outcome(astray),
    }
}

/// Takes what is at a path of names out of the object `base`.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_remove_path(base: &mut Value, path: &Value) -> i32 {
    let Some(names) = json::strings(&path.json) else { return INVALID_PATH };
    let mut done = INVALID_PATH;
    // A name may be there more than once.
    loop {
        match json::whole(&base.json, &names) {
            Ok(place) => done = change(base, place, "", None),
            Err(Astray::Path) => return done,
            Err(astray) => return outcome(astray),
        }
    }
}

fn outcome(astray: Astray) -> i32 {
    match astray {
        Astray::Path => INVALID_PATH,
        Astray::Type => INVALID_TYPE,
    }
}

/// Writes `before` and a value in the place of a part of `base`: into the same memory where it is large enough.
fn change(base: &mut Value, place: Range<usize>, before: &str, value: Option<&Value>) -> i32 {
    let address = &raw mut *base;
    let text = base.json.to_mut();
    let was = heap::block(text);
    let added = value.map_or("", |value| &value.json);
    let len = text.len() - place.len() + before.len() + added.len();
    if len > was.len() && !HEAP.has_room(len) {
        return INTERNAL;
    }
    text.reserve_exact(len.saturating_sub(text.len()));
    let start = place.start;
    text.drain(place);
    text.insert_str(start, before);
    text.insert_str(start + before.len(), added);
    CHANGE.set(Some(Change { base: address, was, value: value.map_or(0, Value::blocks) }));
    DONE
}

impl Value {
    /// How many blocks above the heap's floor it has.
    fn blocks(&self) -> usize {
        let texts = [Some(&*self.json), self.answer.as_ref().map(|answer| &*answer.json)];
        let texts = texts.into_iter().flatten().map(|text| text.as_ptr().addr());
        texts.chain([(&raw const *self).addr()]).filter(|address| *address >= HEAP.floor()).count()
    }
}

/// A change to a value, which the host says is over by [`opa_heap_blocks_stash`]. opa keeps what lies below the heap
/// pointer then: without what is done here that would be, for good, the value that was put in, and every text for
/// which the memory of the one before was too short.
struct Change {
    base: *mut Value,
    /// The block that the text of `base` had before.
    was: Range<usize>,
    /// How many blocks above the floor the value has that was put in.
    value: usize,
}

thread_local! {
    static CHANGE: Cell<Option<Change>> = const { Cell::new(None) };
}

impl Change {
    /// Where nobody has anything above the floor but this change, moves the text down to where the one before was,
    /// or to the floor, and lets the heap end behind it.
    fn settle(self) {
        let floor = HEAP.floor();
        if self.base.addr() >= floor {
            return;
        }
        // SAFETY: it is below the floor, which has not been set since the change: the host has it still.
        let text = unsafe { &mut *self.base }.json.to_mut();
        let has_moved = heap::block(text).start >= floor;
        if HEAP.above() != self.value + usize::from(has_moved) {
            return;
        }
        if self.was.end == floor {
            move_to(self.was.start, text);
        } else if has_moved {
            move_to(floor.next_multiple_of(heap::SMALLEST), text);
        } else {
            return HEAP.reset(floor);
        }
        HEAP.reset(heap::block(text).end);
    }
}

/// Moves a text down in memory, into a block just large enough.
fn move_to(start: usize, text: &mut String) {
    let old = ManuallyDrop::new(std::mem::take(text));
    let len = old.len();
    // SAFETY: the new block begins below the old one, or with it, and is not larger; nobody has it.
    *text = unsafe {
        let start = start as *mut u8;
        std::ptr::copy(old.as_ptr(), start, len);
        String::from_raw_parts(start, len, len)
    };
}

/// Where free memory begins.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_ptr_get() -> usize {
    HEAP.pointer()
}

/// Gives all memory from an address on free.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_ptr_set(address: usize) {
    reset(address);
}

fn reset(address: usize) {
    CHANGE.take();
    HEAP.reset(address);
}

/// A change to the data is over, and the host will keep what lies below the heap pointer. Blocks of earlier evaluations
/// are not kept.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_blocks_stash() {
    if let Some(change) = CHANGE.take() {
        change.settle();
    }
}

/// Nothing to do.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_blocks_restore() {}

/// Nothing to do.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_stash_clear() {}

/// A context for an evaluation by steps.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_new() -> *mut Context {
    Box::into_raw(Box::default())
}

/// What is to be judged.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_input(context: &mut Context, input: Option<&'static Value>) {
    context.input = input;
}

/// OPA's base document.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_data(context: &mut Context, data: Option<&'static Value>) {
    context.data = data;
}

/// What is asked for, by its number.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_entrypoint(context: &mut Context, entrypoint: i32) {
    context.entrypoint = entrypoint;
}

/// Evaluates; 0 where that went well, which it always does.
#[unsafe(no_mangle)]
pub extern "C" fn eval(context: &mut Context) -> i32 {
    let input = context.input.map_or("", |input| &input.json).as_bytes();
    let data = context.data.map_or("", |data| &data.json);
    context.result = Some(policy::answer(named(context.entrypoint), input, data));
    0
}

/// The results of the evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_get_result(context: &mut Context) -> *mut Value {
    let answer = context.result.clone();
    Box::into_raw(Box::new(Value { json: Cow::Borrowed("[]"), answer }))
}

/// Evaluates at once. The input is text below `heap`, from where on all memory is free. The results
/// come as JSON (format 0) or as a Rego term (format 1).
///
/// # Safety
/// There must be `len` bytes at `input`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opa_eval(
    _reserved: i32,
    entrypoint: i32,
    data: Option<&Value>,
    input: *const u8,
    len: usize,
    heap: usize,
    format: i32,
) -> *const u8 {
    reset(heap);
    // SAFETY: the caller's promise.
    let input = unsafe { bytes(input, len) };
    let answer = policy::answer(named(entrypoint), input, data.map_or("", |data| &data.json));
    c_string(&if format == 0 { answer.to_json() } else { answer.to_rego() })
}

fn named(entrypoint: i32) -> Entrypoint {
    let entrypoint = usize::try_from(entrypoint).ok().and_then(|number| ENTRYPOINTS.get(number));
    entrypoint.map_or(Entrypoint::Main, |(entrypoint, _)| *entrypoint)
}
