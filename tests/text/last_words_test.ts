/** The cause of a failure in what programs really write when they fail. */
import { assertEquals } from "@std/assert";
import { lastWordsOf } from "../../src/text/last_words.ts";

const FRAMES = [
  "    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)",
  "    at async ModuleLoader.import (node:internal/modules/esm/loader:606:24)",
];
const NODE = ["", "Node.js v20.20.2"];
const NODE_TRACE = [
  "file:///srv/a.mjs:1",
  'function boot() { throw new TypeError("the real reason"); }',
  "                        ^",
  "",
  "TypeError: the real reason",
  "    at boot (file:///srv/a.mjs:1:25)",
  ...FRAMES,
  ...NODE,
];
const PYTHON_TRACE = [
  "Traceback (most recent call last):",
  '  File "/srv/c.py", line 3, in f',
  '    open("/no/such")',
  "FileNotFoundError: [Errno 2] No such file or directory: '/no/such'",
  "",
  "The above exception was the direct cause of the following exception:",
  "",
  "Traceback (most recent call last):",
  '  File "/srv/c.py", line 6, in <module>',
  "    f()",
  '  File "/srv/c.py", line 5, in f',
  '    raise ValueError("cannot open\\n  the database") from e',
  "           ^^^^^^^^^^^^^",
  "ValueError: cannot open",
  "  the database",
];
const RUST_FRAMES = [
  "stack backtrace:",
  "   0: __rustc::rust_begin_unwind",
  "             at /rustc/5980/library/std/src/panicking.rs:689:5",
  "   1: r::main",
  "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
];
const JAVA_TRACE = [
  'Exception in thread "main" java.lang.IllegalStateException: cannot open the database',
  "\tat A.main(A.java:3)",
  "Caused by: java.io.IOException: disk is full",
  "\tat A.open(A.java:2)",
  "\tat java.base/java.lang.reflect.Method.invoke(Method.java:569)",
  "\t... 3 more",
];
const GO_TRACE = [
  "panic: runtime error: invalid memory address or nil pointer dereference",
  "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45f2a1]",
  "",
  "goroutine 1 [running]:",
  "main.main()",
  "\t/srv/main.go:8 +0x1d",
  "exit status 2",
];

const CASES: Readonly<Record<string, readonly [lines: readonly string[], cause: string]>> = {
  "Node": [NODE_TRACE, "TypeError: the real reason"],
  "Node, with a cause": [
    [
      "Error: cannot open the database",
      "    at file:///srv/b.mjs:1:22",
      "    at async asyncRunEntryPointWithESMLoader (node:internal/modules/run_main:117:5) {",
      "  [cause]: RangeError: disk is full",
      "      at file:///srv/b.mjs:1:69",
      "      at ModuleJob.run (node:internal/modules/esm/module_job:325:25)",
      "}",
      ...NODE,
    ],
    "Error: cannot open the database; [cause]: RangeError: disk is full",
  ],
  "Node, with fields": [
    [
      "node:fs:573",
      "  return binding.open(",
      "                 ^",
      "",
      "Error: ENOENT: no such file or directory, open '/no/such'",
      "    at Object.openSync (node:fs:573:18)",
      "    at node:internal/main/run_main_module:28:49 {",
      "  errno: -2,",
      "  code: 'ENOENT',",
      "}",
      ...NODE,
    ],
    "Error: ENOENT: no such file or directory, open '/no/such'",
  ],
  "Node, a code in brackets": [
    ["", "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/missing.mjs'", ...FRAMES, ...NODE],
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/missing.mjs'",
  ],
  "Node, a message of several lines": [
    ["", "Error: Cannot find module './nope'", "Require stack:", "- /srv/k.js", ...FRAMES, ...NODE],
    "Error: Cannot find module './nope' Require stack: - /srv/k.js",
  ],
  "Node, an error of a name of its own": [
    ['throw new MyErr("line one\\nline two");', "^", "", "MyErr: line one", "line two", ...FRAMES, ...NODE],
    "MyErr: line one line two",
  ],
  "Node, a thrown text": [
    [
      "/srv/l.js:1",
      'throw "a string";',
      "^",
      "a string",
      "(Use `node --trace-uncaught ...` to show where the exception was thrown)",
      ...NODE,
    ],
    "a string",
  ],
  "Deno": [
    [
      "error: Uncaught (in promise) Error: cannot open the database",
      'Promise.reject(new Error("cannot open the database"));',
      "               ^",
      "    at file:///srv/d.ts:1:16",
    ],
    "error: Uncaught (in promise) Error: cannot open the database",
  ],
  "Deno, with a cause": [
    [
      "error: Uncaught (in promise) Error: boom",
      'throw new Error("boom", {cause: new TypeError("inner")});',
      "      ^",
      "    at file:///srv/m.ts:1:7",
      "Caused by: TypeError: inner",
      "    at file:///srv/m.ts:1:33",
    ],
    "error: Uncaught (in promise) Error: boom; Caused by: TypeError: inner",
  ],
  "Deno, without a trace": [
    ['error: Module not found "file:///srv/nope.ts".', "", "Stack backtrace:", "   0: <unknown>"],
    'error: Module not found "file:///srv/nope.ts".',
  ],
  "Python, a chain": [PYTHON_TRACE, "ValueError: cannot open the database"],
  "Python, an exception without a message": [
    ["Traceback (most recent call last):", '  File "/srv/i.py", line 3, in <module>', "RuntimeError"],
    "RuntimeError",
  ],
  "Python, a fault of syntax": [
    ['  File "/srv/j.py", line 1', "    x = (", "        ^", "SyntaxError: '(' was never closed"],
    "SyntaxError: '(' was never closed",
  ],
  "Rust": [
    [
      "",
      "thread 'main' (7) panicked at src/main.rs:1:92:",
      "index out of bounds: the len is 0",
      ...RUST_FRAMES,
    ],
    "thread 'main' (7) panicked at src/main.rs:1:92: index out of bounds: the len is 0",
  ],
  "Rust, two values": [
    [
      "thread 'main' panicked at src/main.rs:1:12:",
      "assertion `left == right` failed: sums differ",
      "  left: 2",
      " right: 3",
      "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    ],
    "thread 'main' panicked at src/main.rs:1:12: assertion `left == right` failed: sums differ left: 2 right: 3",
  ],
  "Rust, as it was": [
    [
      "thread 'main' panicked at 'no database', src/main.rs:2:5",
      "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    ],
    "thread 'main' panicked at 'no database', src/main.rs:2:5",
  ],
  "Rust, an error that main returns": [
    ["Error: cannot open the database", "", "Caused by:", "    0: cannot read", "    1: disk is full"],
    "Error: cannot open the database; Caused by: disk is full",
  ],
  "Go": [GO_TRACE, "panic: runtime error: invalid memory address or nil pointer dereference"],
  "Java": [
    JAVA_TRACE,
    'Exception in thread "main" java.lang.IllegalStateException: cannot open the database; ' +
    "Caused by: java.io.IOException: disk is full",
  ],
  ".NET": [
    [
      "Unhandled exception. System.InvalidOperationException: no database",
      "   at Program.<Main>$(String[] args)",
    ],
    "Unhandled exception. System.InvalidOperationException: no database",
  ],
  "PHP": [
    [
      "PHP Fatal error:  Uncaught Exception: no database in /srv/x.php:3",
      "Stack trace:",
      "#0 {main}",
      "  thrown in /srv/x.php on line 3",
    ],
    "PHP Fatal error:  Uncaught Exception: no database in /srv/x.php:3",
  ],
  "C++": [
    ["terminate called after throwing an instance of 'std::runtime_error'", "  what():  disk is full"],
    "terminate called after throwing an instance of 'std::runtime_error' what():  disk is full",
  ],
  "a shell whose last line is empty": [["cannot open the database", ""], "cannot open the database"],
  "a program without a trace": [["starting", "fatal: no config", "  see --help"], "fatal: no config"],
  "lines that are all indented": [["  one", "  two"], "  two"],
};

for (const [what, [lines, cause]] of Object.entries(CASES)) {
  Deno.test(`last words name the cause when a failure is of this kind: ${what}`, () => {
    assertEquals(lastWordsOf(lines), cause);
    assertEquals(lastWordsOf(lines.map((line) => line && `\x1b[31m${line}\x1b[0m`)), cause, "in colours");
  });
}

const TRACES: Readonly<Record<string, readonly string[]>> = {
  Node: NODE_TRACE,
  Python: PYTHON_TRACE,
  Rust: CASES.Rust![0],
  Go: GO_TRACE,
  Java: JAVA_TRACE,
};
const VARIANTS: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
  "each line has a time": (lines) => lines.map((line) => `2026-11-29T08:19:40.518Z ${line}`),
  "each line has a time and a name": (lines) => lines.map((line) => `2026-11-29 08:19:40,518 [api] ${line}`),
  "each line has a name": (lines) => lines.map((line) => `api-1  | ${line}`),
  "lines of a log stand before it": (lines) => ["listening on 8080", "error: retrying", "", ...lines],
  "npm speaks after it": (lines) => [
    ...lines,
    "npm ERR! Lifecycle script `start` failed with error:",
    "npm ERR! code 1",
    "npm ERR! path /srv",
  ],
  "make speaks after it": (lines) => [...lines, "make: *** [Makefile:2: run] Error 1", ""],
};
for (const [kind, lines] of Object.entries(TRACES)) {
  for (const [when, change] of Object.entries(VARIANTS)) {
    Deno.test(`last words name the cause of a trace of ${kind} when ${when}`, () => {
      assertEquals(lastWordsOf(change(lines)), lastWordsOf(lines));
    });
  }
}

Deno.test("last words are the last line when a program names a fatal error after a trace", () => {
  assertEquals(
    lastWordsOf([...NODE_TRACE.slice(0, -2), "fatal: the disk is full"]),
    "fatal: the disk is full",
  );
});

Deno.test("last words are absent when there is no line", () => {
  assertEquals(lastWordsOf([]), undefined);
});

Deno.test("last words take the beginning of a line when it is very long", () => {
  assertEquals(lastWordsOf([`TypeError: ${"x".repeat(8_000)}`])?.length, 1_025);
});
