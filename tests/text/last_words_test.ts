/** The cause of a failure in what programs really write when they fail. */
import { assertEquals, assertLess } from "@std/assert";
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
  "Node, an error event that nothing listens for": [
    [
      "node:events:502",
      "      throw er; // Unhandled 'error' event",
      "      ^",
      "",
      "Error: listen EADDRINUSE: address already in use 127.0.0.1:38471",
      "    at Server.setupListenHandle [as _listen2] (node:net:1908:16)",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:83:21)",
      "Emitted 'error' event on Server instance at:",
      "    at emitErrorNT (node:net:1944:8)",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {",
      "  code: 'EADDRINUSE',",
      "  port: 38471",
      "}",
      ...NODE,
    ],
    "Error: listen EADDRINUSE: address already in use 127.0.0.1:38471",
  ],
  "Node, an error event without frames of its own": [
    [
      "node:events:502",
      "      throw er; // Unhandled 'error' event",
      "      ^",
      "",
      "Error: ENOENT: no such file or directory, open '/no/such'",
      "Emitted 'error' event on ReadStream instance at:",
      "    at emitErrorNT (node:internal/streams/destroy:169:8)",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {",
      "  errno: -2,",
      "}",
      ...NODE,
    ],
    "Error: ENOENT: no such file or directory, open '/no/such'",
  ],
  "Node, an error event of an emitter without a name": [
    [
      "TypeError: boom",
      "    at Object.<anonymous> (/srv/f.cjs:1:41)",
      "    at node:internal/main/run_main_module:28:49",
      "Emitted 'error' event at:",
      "    at Object.<anonymous> (/srv/f.cjs:1:27)",
      "    [... lines matching original stack trace ...]",
      "    at node:internal/main/run_main_module:28:49",
      ...NODE,
    ],
    "TypeError: boom",
  ],
  "Deno, a source line that is not there": [
    [
      "error: Uncaught Error: listen EADDRINUSE: address already in use 127.0.0.1:38471",
      "Warning Couldn't format source line: Line 5 is out of bounds (source may have changed at runtime)",
      "    at Server._setupListenHandle [as _listen2] (ext:deno_node/net.ts:1:29118)",
    ],
    "error: Uncaught Error: listen EADDRINUSE: address already in use 127.0.0.1:38471",
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
  "Node, a message with empty lines": [
    ["/srv/a.js:1", "throw e", "^", "", "MyErr: first", "", "third after blank", ...FRAMES, ...NODE],
    "MyErr: first",
  ],
  "Node, an assertion": [
    [
      "node:assert:90",
      "  throw new AssertionError(obj);",
      "  ^",
      "",
      "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:",
      "",
      "1 !== 2",
      "",
      ...FRAMES.slice(0, -1),
      `${FRAMES.at(-1)} {`,
      "  generatedMessage: true,",
      "  actual: 1,",
      "}",
      ...NODE,
    ],
    "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 1 !== 2",
  ],
  "Node, an assertion about objects": [
    [
      "",
      "AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal:",
      "+ actual - expected",
      "",
      "  {",
      "    b: [",
      "+     2",
      "-     3",
      "    ]",
      "  }",
      ...FRAMES,
      ...NODE,
    ],
    "AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal: + actual - expected",
  ],
  "Node, several errors": [
    [
      "AggregateError: two things",
      `${FRAMES[0]} {`,
      "  [errors]: [",
      "    Error: a1",
      "        at [eval]:1:27",
      "    TypeError: b2",
      "        at [eval]:1:43",
      "  ]",
      "}",
      ...NODE,
    ],
    "AggregateError: two things",
  ],
  "Node, out of memory": [
    [
      "<--- JS stacktrace --->",
      "",
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      "----- Native stack trace -----",
      "",
      " 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]",
      "10: 0x195e476  [node]",
    ],
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ],
  "Deno, out of memory": [
    [
      "#",
      "# Fatal JavaScript out of memory: Reached heap limit",
      "#",
      "==== C stack trace ===============================",
      "",
      "    /usr/bin/deno(+0x28b0d2e) [0x55f3ce0b2d2e]",
    ],
    "# Fatal JavaScript out of memory: Reached heap limit",
  ],
  "Deno, a fault of syntax": [
    [
      "error: SyntaxError: Expression expected",
      "  |",
      "1 | let a = ;",
      "  |         ~",
      "    at file:///srv/x.ts:1:9",
      "",
      "Stack backtrace:",
      "   0: <unknown>",
    ],
    "error: SyntaxError: Expression expected",
  ],
  "Deno, an assertion": [
    [
      "error: Uncaught (in promise) AssertionError: Expected values to be strictly equal:",
      "",
      "1 !== 2",
      "",
      "strictEqual(1, 2)",
      "^",
      "    at file:///srv/x.ts:1:42",
    ],
    "error: Uncaught (in promise) AssertionError: Expected values to be strictly equal: 1 !== 2",
  ],
  "Bun": [
    [
      '1 | function f() { throw new Error("boom") } f()',
      "                             ^",
      "error: boom",
      "      at f (/srv/b.js:1:25)",
      "",
      "Bun v1.4.5 (Linux x64)",
    ],
    "error: boom",
  ],
  "Python, a group": [
    [
      "  + Exception Group Traceback (most recent call last):",
      '  |   File "<string>", line 1, in <module>',
      "  | ExceptionGroup: two things (2 sub-exceptions)",
      "  +-+---------------- 1 ----------------",
      "    | ValueError: a1",
      "    +---------------- 2 ----------------",
      "    | TypeError: b2",
      "    +------------------------------------",
    ],
    "ExceptionGroup: two things (2 sub-exceptions)",
  ],
  "Python, a crash in native code": [
    [
      "Fatal Python error: Segmentation fault",
      "",
      "Current thread 0x00007f86a9c5fb80 (most recent call first):",
      '  File "<string>", line 1 in <module>',
      "",
      "Extension modules: numpy.core._multiarray_umath (total: 1)",
    ],
    "Fatal Python error: Segmentation fault",
  ],
  "Python, a command line's box": [
    [
      "Usage: app [OPTIONS] COMMAND [ARGS]...",
      "Try 'app --help' for help.",
      "╭─ Error ───────────────────╮",
      "│ No such command 'foo'.    │",
      "╰───────────────────────────╯",
    ],
    "No such command 'foo'.",
  ],
  "Go, many goroutines": [
    [
      "panic: licence expired",
      "",
      "goroutine 1 [running]:",
      "main.f(0x0?)",
      "\t/srv/g.go:3 +0x5f",
      "",
      "goroutine 18 [sleep]:",
      "net/http.(*conn).serve(0xc000080050, {0x7f, 0xc1})",
      "\t/usr/lib/go/src/net/http/server.go:1995 +0x5f",
      "created by net/http.(*Server).Serve in goroutine 1",
      "\t/usr/lib/go/src/net/http/server.go:3089 +0x5f",
    ],
    "panic: licence expired",
  ],
  "Go, a deadlock": [
    ["fatal error: all goroutines are asleep - deadlock!", "", "goroutine 1 [chan receive]:", "main.main()"],
    "fatal error: all goroutines are asleep - deadlock!",
  ],
  ".NET, with a cause": [
    [
      "Unhandled exception. System.InvalidOperationException: cannot start",
      " ---> System.IO.IOException: disk is full",
      "   at A.B() in /srv/A.cs:line 3",
      "   --- End of inner exception stack trace ---",
      "   at A.C() in /srv/A.cs:line 5",
    ],
    "Unhandled exception. System.InvalidOperationException: cannot start; ---> System.IO.IOException: disk is full",
  ],
  "Java, a class that is missing": [
    [
      "Error: Could not find or load main class Nope",
      "Caused by: java.lang.ClassNotFoundException: Nope",
    ],
    "Error: Could not find or load main class Nope; Caused by: java.lang.ClassNotFoundException: Nope",
  ],
  "Elixir": [
    [
      "[error] GenServer #PID<0.109.0> terminating",
      "** (RuntimeError) no database",
      "    x.exs:4: A.handle_info/2",
      "    (stdlib 4.2) gen_server.erl:1123: :gen_server.try_dispatch/4",
      "Last message: :tick",
    ],
    "** (RuntimeError) no database",
  ],
  "Erlang": [
    ["init terminating in do_boot ({undef,[]})", "", "Crash dump is being written to: erl_crash.dump...done"],
    "init terminating in do_boot ({undef,[]})",
  ],
  "Lua": [["lua: x.lua:1: boom", "stack traceback:", "\t[C]: in function 'error'"], "lua: x.lua:1: boom"],
  "Haskell": [
    ["prog: no database", "CallStack (from HasCallStack):", "  error, called at x.hs:1:8 in main:Main"],
    "prog: no database",
  ],
  "AddressSanitizer": [
    [
      "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60",
      "    #0 0x7f in memset",
      "",
      "SUMMARY: AddressSanitizer: heap-buffer-overflow m.c:3 in main",
      "Shadow bytes around the buggy address:",
      "  0x0c: fa fa",
      "==7==ABORTING",
    ],
    "SUMMARY: AddressSanitizer: heap-buffer-overflow m.c:3 in main",
  ],
  "glibc, and the shell behind it": [
    ["malloc(): corrupted top size", "Aborted (core dumped)"],
    "malloc(): corrupted top size; Aborted (core dumped)",
  ],
  "gcc, a note": [
    [
      "c.c: In function ‘main’:",
      "c.c:1:20: error: ‘x’ undeclared (first use in this function)",
      "    1 | int main(){ return x; }",
      "      |                    ^",
      "c.c:1:20: note: each undeclared identifier is reported only once for each function it appears in",
    ],
    "c.c:1:20: error: ‘x’ undeclared (first use in this function)",
  ],
  "clang": [
    ["c.c:1:20: error: no 'x'", "int main(){ return x; }", "                   ^", "1 error generated."],
    "c.c:1:20: error: no 'x'",
  ],
  "npm, of its own": [
    [
      "npm error code ENOENT",
      "npm error syscall open",
      "npm error path /srv/package.json",
      "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory",
      "npm error enoent This is related to npm not being able to find a file.",
      "npm error enoent",
      "npm error A complete log of this run can be found in: /srv/debug-0.log",
    ],
    "npm error code ENOENT; npm error enoent Could not read package.json: Error: ENOENT: no such file or directory",
  ],
  "ffmpeg": [
    [
      "video:1800kB audio:0kB muxing overhead: 0.000000%",
      "Error closing file /dev/full: No space left on device",
      "Conversion failed!",
    ],
    "Error closing file /dev/full: No space left on device; Conversion failed!",
  ],
  "a usage that points elsewhere": [
    ["ls: unrecognized option '--foo'", "Try 'ls --help' for more information."],
    "ls: unrecognized option '--foo'; Try 'ls --help' for more information.",
  ],
  "a shell misses a command": [
    ["building", "run.sh: line 3: foo: command not found"],
    "run.sh: line 3: foo: command not found",
  ],
  "a program that goes on after a trace": [
    [...NODE_TRACE.slice(4, -2), ...Array.from({ length: 12 }, (_, i) => `INFO served ${i}`)],
    "INFO served 11",
  ],
  "logging goes on after a trace in Python, for a few lines": [
    [...PYTHON_TRACE, "2026-11-29 08:00:00 INFO closing", "2026-11-29 08:00:01 INFO bye"],
    "ValueError: cannot open the database",
  ],
  "a shell whose last line is empty": [["cannot open the database", ""], "cannot open the database"],
  "a terminal is set right in the end": [["port 8080 is taken", "\x1b[?25h"], "port 8080 is taken"],
  "a terminal is set right in many lines": [
    [
      "Error: port 8080 in use",
      "\x1b[?25h",
      "\x1b[0K",
      "\x1b[1G",
      "\x1b[0m\x1b[?25h\x1b[?1049l",
      "\x1b]0;\x07",
    ],
    "Error: port 8080 in use",
  ],
  "a line is written over a spinner": [
    ["\x1b[?25l- working", "\x1b[2K\x1b[1GError: port 8080 in use", "\x1b[?25h"],
    "Error: port 8080 in use",
  ],
  "a cursor is hidden before the message": [["\x1b[?25lFATAL bad", "\x1b[2K\x1b[0m"], "FATAL bad"],
  "a trace begins behind a sequence": [
    [
      "\x1b[?25hTraceback (most recent call last):",
      '\x1b[K  File "a.py", line 1',
      "\x1b[KValueError: bad port",
    ],
    "ValueError: bad port",
  ],
  "its last line is a secret": [["***"], "***"],
  "its last line is a quoted secret": [["starting", '"***"'], '"***"'],
  "a line across stands last": [["cannot open the database", "*****"], "cannot open the database"],
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

Deno.test("last words are absent when no line says anything", () => {
  const silent = [[], [""], [...FRAMES, "}"], ["{", "}"], ["1 | let a = ;", "  |     ^"], ["----"], [
    "\tat A.main(A.java)",
  ]];
  for (const lines of silent) assertEquals(lastWordsOf(lines), undefined);
});

Deno.test("last words are found in a time that grows with the length of the lines when they look like parts of a trace", () => {
  const units = ["a.", "(", "a/", "a: ", " ", "Error ", "| ", "1:", "^", "E", "a.(*a)", "/x:1:"];
  for (const unit of units) {
    const lines = Array.from({ length: 50 }, () => unit.repeat(8_192 / unit.length));
    const began = performance.now();
    lastWordsOf([...lines, "    at f"]);
    lastWordsOf(lines.map((line) => `${line})`));
    assertLess(performance.now() - began, 5_000, unit);
  }
});

Deno.test("last words take the beginning of a line when it is very long", () => {
  assertEquals(lastWordsOf([`TypeError: ${"x".repeat(8_000)}`])?.length, 1_025);
});
