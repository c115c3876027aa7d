// A host of OPA's ABI in wazero, and how large the memory is in it after inputs of very different sizes
// and after many small ones: opa-wazero MODULE prints {"before", "after", "answer", "same"}.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const decision = 1 // the entrypoint transom/decision

// A module that has a memory of five pages and a function that traps: in wazero only modules can have a memory.
//
//	(module (memory (export "memory") 5) (func (export "opa_abort") (param i32) unreachable))
var env = []byte("\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x01\x7f\x00\x03\x02\x01\x00\x05\x03\x01\x00\x05" +
	"\x07\x16\x02\x06memory\x02\x00\x09opa_abort\x00\x00\x0a\x05\x01\x03\x00\x00\x0b")

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string) error {
	policy, err := load(ctx, file)
	if err != nil {
		return err
	}
	pod := func(note string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","annotations":{"note":%q}},`+
			`"spec":{"containers":[{"name":"web","image":"mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}`, note)
	}
	policy.setData("{}")
	first := policy.evaluate(decision, pod(""))
	policy.evaluate(decision, pod(strings.Repeat("x", 3_000_000)))
	policy.evaluate(decision, `{"a":1}`)
	policy.evaluate(decision, pod(strings.Repeat("y", 2_000_000)))
	before := policy.memory.Size()
	same := true
	for i := range 100_000 {
		same = same && policy.evaluate(decision, pod("")) == first
		if i%10_000 == 0 {
			policy.setData(fmt.Sprintf(`{"transom":{"settings":{}},"other":%q}`, strings.Repeat("z", i)))
		}
	}
	report := map[string]any{"before": before, "after": policy.memory.Size(), "answer": first, "same": same}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// policy is a loaded module. What should never happen panics.
type policy struct {
	ctx    context.Context
	module api.Module
	memory api.Memory
	// Where memory is free before there is data, and where it is once there is.
	base, heap uint32
	data       uint32
}

func load(ctx context.Context, file string) (*policy, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	runtime := wazero.NewRuntime(ctx)
	host, err := runtime.InstantiateWithConfig(ctx, env, wazero.NewModuleConfig().WithName("env"))
	if err != nil {
		return nil, err
	}
	module, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		return nil, err
	}
	p := &policy{ctx: ctx, module: module, memory: host.ExportedMemory("memory")}
	p.base = p.call("opa_heap_ptr_get")
	return p, nil
}

// setData replaces the document that policies see as `data`.
func (p *policy) setData(document string) {
	p.call("opa_heap_ptr_set", p.base)
	length := uint32(len(document))
	text := p.call("opa_malloc", length)
	p.write(text, document)
	p.data = p.call("opa_json_parse", text, length)
	p.heap = p.call("opa_heap_ptr_get")
}

// evaluate gives the result set as JSON. Whatever lies above the data is free again.
func (p *policy) evaluate(entrypoint uint32, input string) string {
	p.write(p.heap, input)
	length := uint32(len(input))
	answer := p.call("opa_eval", 0, entrypoint, p.data, p.heap, length, p.heap+length, 0)
	rest, _ := p.memory.Read(answer, p.memory.Size()-answer)
	return string(rest[:bytes.IndexByte(rest, 0)])
}

// write puts a text into the memory, which grows where it has to.
func (p *policy) write(at uint32, text string) {
	const page = 65_536
	if end, size := at+uint32(len(text)), p.memory.Size(); end > size {
		p.memory.Grow((end - size + page - 1) / page)
	}
	if !p.memory.WriteString(at, text) {
		panic("the memory does not grow")
	}
}

func (p *policy) call(function string, arguments ...uint32) uint32 {
	wide := make([]uint64, len(arguments))
	for i, argument := range arguments {
		wide[i] = uint64(argument)
	}
	results, err := p.module.ExportedFunction(function).Call(p.ctx, wide...)
	if err != nil {
		panic(err)
	}
	if len(results) == 0 {
		return 0
	}
	return uint32(results[0])
}
