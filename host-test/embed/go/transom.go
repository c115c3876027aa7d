package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Transom is an instance of transom.wasm. It serves one goroutine at a time; after an error, Close it
// and load another.
type Transom struct{ module api.Module }

// Load makes an instance. The module imports nothing: no WASI, no host functions.
func Load(ctx context.Context, runtime wazero.Runtime, wasm []byte) (*Transom, error) {
	module, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		return nil, err
	}
	version := module.ExportedFunction("transom_abi")
	if version == nil {
		return nil, errors.New("this is not transom.wasm")
	}
	if abi, err := version.Call(ctx); err != nil || abi[0] != 1 {
		return nil, fmt.Errorf("the module speaks ABI %v, and this is written for 1", abi)
	}
	return &Transom{module}, nil
}

// Call gives JSON to "evaluate", "review" or "configure", and the JSON that comes back.
func (t *Transom) Call(ctx context.Context, function string, input []byte) ([]byte, error) {
	length, memory := uint64(len(input)), t.module.Memory()
	pointer, err := t.module.ExportedFunction("alloc").Call(ctx, length)
	if err != nil {
		return nil, err
	}
	if pointer[0] == 0 || !memory.Write(uint32(pointer[0]), input) {
		return nil, fmt.Errorf("the module has no memory for %d bytes", length)
	}
	// The function takes the buffer over, so that only the answer has to be given back.
	packed, err := t.module.ExportedFunction(function).Call(ctx, pointer[0], length)
	if err != nil {
		return nil, err // It trapped.
	}
	at, size := packed[0]>>32, packed[0]&0xffffffff
	view, ok := memory.Read(uint32(at), uint32(size))
	if !ok {
		return nil, errors.New("the module's answer lies outside its memory")
	}
	answer := bytes.Clone(view) // What the view shows is the module's again after dealloc.
	_, err = t.module.ExportedFunction("dealloc").Call(ctx, at, size)
	return answer, err
}

// Close gives the instance's memory back.
func (t *Transom) Close(ctx context.Context) error { return t.module.Close(ctx) }
