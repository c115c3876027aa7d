"""The command judge: a Decision for each line of JSON on standard input."""

import json
import sys

from wasmtime import Engine, Module, Trap, WasmtimeError

from transom import Transom


def judge(module, settings=None):
    engine = Engine()
    transom = Transom(engine, Module.from_file(engine, module))
    if settings:
        with open(settings, "rb") as file:
            verdict = json.loads(transom.call("configure", file.read()))
        if not verdict["valid"]:
            raise ValueError(f"the settings are wrong: {verdict['errors']}")
    for line in sys.stdin.buffer:
        answer = transom.call("evaluate", line.removesuffix(b"\n"))
        sys.stdout.buffer.write(answer + b"\n")
    transom.close()


if len(sys.argv) not in (2, 3):
    sys.exit("usage: judge.py MODULE [SETTINGS] < documents")
try:
    judge(*sys.argv[1:])
except (OSError, ValueError, MemoryError, IndexError, Trap, WasmtimeError) as error:
    sys.exit(f"judge: {error}")
