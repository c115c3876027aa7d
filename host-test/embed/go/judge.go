// The command judge: a Decision for each line of JSON on standard input.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/tetratelabs/wazero"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: judge MODULE [SETTINGS] < documents")
		os.Exit(2)
	}
	if err := judge(context.Background(), os.Args[1], os.Args[2:]); err != io.EOF {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func judge(ctx context.Context, module string, settings []string) error {
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(4096)) // 256 MiB
	defer runtime.Close(ctx)
	wasm, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	transom, err := Load(ctx, runtime, wasm)
	if err != nil {
		return err
	}
	for _, file := range settings {
		document, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if answer, err := transom.Call(ctx, "configure", document); err != nil {
			return err
		} else if verdict := (struct{ Valid bool }{}); json.Unmarshal(answer, &verdict) != nil || !verdict.Valid {
			return fmt.Errorf("the settings are wrong: %s", answer)
		}
	}
	for input := bufio.NewReader(os.Stdin); ; {
		line, err := input.ReadBytes('\n')
		if len(line) == 0 {
			return err // io.EOF where there are no more.
		}
		answer, err := transom.Call(ctx, "evaluate", bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			return err
		}
		fmt.Println(string(answer))
	}
}
