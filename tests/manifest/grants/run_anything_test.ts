/** Programs that can run any other: known by name, and deno by its arguments. */
import { assertEquals } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import { reasonsText } from "../../../src/manifest/grants/reasons.ts";
import { RUNS_ANYTHING, runsAnything } from "../../../src/manifest/grants/run_anything.ts";
import { unrestrictedPrograms } from "../../../src/manifest/grants/wide_programs.ts";
import { FILE, treeOf } from "../probe.ts";

Deno.test("a program is known by the last part of its path, without a version and an ending of Windows", () => {
  for (
    const name of ["sh", "/bin/sh", "busybox", "C:\\Windows\\System32\\cmd.exe", "PowerShell.EXE", "bash-5.2"]
  ) assertEquals(runsAnything(name), "is a shell", name);
  for (
    const name of ["node", "node22", "/opt/python3.12", "python3", "pypy3.10", "lua5.4", "perl5.36.0", "ruby"]
  ) {
    assertEquals(runsAnything(name), "is an interpreter", name);
  }
  for (
    const name of ["env", "setpriv", "nice", "timeout", "xargs", "find", "systemd-run", "bwrap", "linux32"]
  ) {
    assertEquals(runsAnything(name), "starts the program that its arguments name", name);
  }
  const others = { sudo: "another user", docker: "container", ssh: "another machine", npx: "package" };
  for (const [name, what] of Object.entries(others)) assertEquals(runsAnything(name)?.includes(what), true);
});

Deno.test("runsAnything does not flag unknown programs, whatever they begin or end with", () => {
  for (const name of ["cat", "ps", "kill", "./run.sh", "shasum", "envoy", "sh/tool", "nodes", "7", "", "/"]) {
    assertEquals(runsAnything(name), undefined, name);
  }
});

Deno.test("no name stands in the table twice, and each is found by itself", () => {
  assertEquals(new Set(RUNS_ANYTHING).size, RUNS_ANYTHING.length);
  for (const name of RUNS_ANYTHING) assertEquals(typeof runsAnything(name), "string", name);
});

Deno.test("deno is flagged where its arguments let it run anything, and else not", () => {
  const all = "has all permissions (-A)";
  const FFI = "may load libraries, which no permission holds (--allow-ffi)";
  const INSTALLS = "installs any package, or a program of any module with any permissions";
  const SET = "has the permissions of a set, which is not known here (-P)";
  const cases: [string, string | undefined][] = [
    ["", undefined],
    ["run x.ts", undefined],
    ["run --allow-read --allow-net x.ts", undefined],
    ["run --allow-run=git x.ts", undefined],
    ["run -A x.ts", all],
    ["-A x.ts", all],
    ["run --allow-all x.ts", all],
    ["run -qA x.ts", all],
    ["run -RWA x.ts", all],
    ["run --config deno.json -A x.ts", all],
    ["-L info run -A x.ts", all],
    ["test --allow-run", "may run any program (--allow-run)"],
    ["run --allow-run=git,/bin/bash x.ts", "may run /bin/bash, which can run any program"],
    ["run --allow-run=deno x.ts", "may run deno, which can run any program"],
    // What comes behind the module is the module's.
    ["run x.ts -A", undefined],
    ["x.ts --allow-run", undefined],
    ["run x.ts eval", undefined],
    ["eval 1", "runs its argument with all permissions"],
    ["task start", "runs the commands of a task"],
    ["run --allow-ffi x.ts", FFI],
    ["run --allow-ffi=/lib/a.so x.ts", FFI],
    ["test --no-check --allow-ffi", FFI],
    ["repl", undefined],
    ["repl -A", all],
    ["repl --eval -A", undefined],
    ["repl --eval 1 --allow-run", "may run any program (--allow-run)"],
    ["install", INSTALLS],
    ["install -A -g x.ts", INSTALLS],
    ["i npm:x", INSTALLS],
    ["add npm:x", INSTALLS],
    ["-q install", INSTALLS],
    ["x npm:cowsay", "fetches any package and runs it"],
    ["create vite", "fetches any package and runs it"],
    ["compile -o a x.ts", "makes a program of any module, with any permissions"],
    ["upgrade", "replaces deno with another version"],
    ["jupyter", "runs what a notebook tells it, with all permissions"],
    ["run -P x.ts", SET],
    ["run -P=most x.ts", SET],
    ["run --permission-set=most x.ts", SET],
    ["run -qP x.ts", SET],
    ["cache --allow-scripts x.ts", "may run the scripts of packages (--allow-scripts)"],
    ["run --allow-run=git,deno2.9 x.ts", "may run deno2.9, which can run any program"],
    ["run build", 'runs the task "build", if there is one'],
    ["run --allow-read build", 'runs the task "build", if there is one'],
    // The value of an option is not a module, be the option known or not.
    ["run --lock a.lock -A x.ts", all],
    ["run --import-map a.json --allow-ffi x.ts", FFI],
    ["run --of-the-future a.json -A x.ts", all],
    ["--of-the-future value run -A x.ts", all],
    ["run --no-lock --cached-only --v8-flags=--expose-gc x.ts -A", undefined],
    ["run --unstable-kv --env-file=.env --check x.ts -A", undefined],
    ["run -- x.ts -A", undefined],
    ["lsp", undefined],
    ["fmt --check", undefined],
  ];
  for (const [line, expected] of cases) {
    assertEquals(runsAnything("/opt/deno", line.split(" ").filter((arg) => arg !== "")), expected, line);
  }
  assertEquals(runsAnything("deno", "any"), "takes any arguments, -A among them");
  assertEquals(runsAnything("cat", "any"), undefined);
});

Deno.test("a program is flagged by a name of Debian's, of BSD's or of a version", () => {
  for (
    const name of [
      ..."python3.11 perl5.36 /usr/local/bin/awk mawk original-awk vim.basic nc.openbsd ld-linux-x86-64.so.2"
        .split(" "),
      ..."make gmake strace gdb docker sudo su systemd-run nohup timeout script xargs busybox setsid ssh"
        .split(" "),
      ..."npx uvx pipx bunx vim tclsh8.6 lua5.4 php8.2 ruby3.1 nodejs22 gcc:no bash-5.2 ksh93 luajit-2.1"
        .split(" "),
    ]
  ) {
    const [program, no] = name.split(":");
    assertEquals(runsAnything(program!) === undefined, no === "no", name);
  }
});

Deno.test("runsAnything flags a program by arguments that name another one, and by any", () => {
  const cases: [string, boolean][] = [
    ["git log", false],
    ["git -c core.pager=sh log", true],
    ["git clone --upload-pack=sh x", true],
    ["git clone ext::sh", true],
    ["tar -xf a.tar", false],
    ["tar -cf a --checkpoint-action=exec=sh --checkpoint=1 b", true],
    ["tar -I sh -xf a.tar", true],
    ["gtar --to-command=sh -xf a", true],
    ["sed -n s/e/e/p", false],
    ["sed s/a/b/e", true],
    ["sed s,a,b,2e;p", true],
    ["sed ssasbse", true],
    ["sed s/a/b/;s,c/e,d,", false],
    ["sed s/a/b/;1e", true],
    ["sed -f script", true],
    ["sort --compress-program=sh", true],
    ["sort -u", false],
    ["split --filter=sh", true],
    ["gcc-12 -wrapper sh,-c a.c", true],
    ["gcc-12 -O2 a.c", false],
  ];
  for (const [line, expected] of cases) {
    const [program, ...args] = line.split(" ");
    assertEquals(runsAnything(program!, args) !== undefined, expected, line);
  }
  for (const program of ["git", "tar", "sed", "sort"]) {
    assertEquals(typeof runsAnything(program, "any"), "string");
  }
});

/** Each with what it is and why it is run. */
function wideIn(children: unknown[], more: Record<string, unknown> = {}): string[] {
  const text = JSON.stringify({ ...JSON.parse(treeOf(...children)), ...more });
  return unrestrictedPrograms(parse(text, { file: FILE })).map(({ program, what, why }) =>
    `${program} ${what}: ${reasonsText(why)}`
  );
}

Deno.test("widePrograms flags each program that Outrider itself would run, once", () => {
  const command = ["sh", "-c", "true"];
  assertEquals(
    wideIn([
      { id: "a", command: "sh" },
      { id: "b", command: "cat", probes: { liveness: { command } } },
      { id: "s", children: [{ id: "c", command: "sh" }] },
      { id: "pool", size: 2, sidecar: { command: "node" } },
      // Its program is started by its launcher, which is one whatever it is called.
      { id: "d", command: "bash", launcher: ["./only_this"] },
      { id: "e", command: "deno", args: ["run", "-A", "x.ts"] },
      { id: "f", command: "deno", args: ["run", "x.ts"] },
    ], { onHostDeath: "guard" }),
    [
      "sh is a shell: program of a, s/c; probe of b; the guardian",
      "node is an interpreter: program of pool",
      "/srv/only_this is a launcher: it starts the program that its arguments name: launcher of d",
      "deno has all permissions (-A): program of e",
    ],
  );
  assertEquals(wideIn([{ id: "a", command: "cat" }]), []);
});

Deno.test("widePrograms flags a link by its target, unless that is one file for many programs", () => {
  const ends: Record<string, string> = {
    "/srv/tool": "/usr/bin/mawk",
    "/srv/cat": "/bin/busybox",
    "/srv/sh": "/bin/dash",
  };
  const text = treeOf(...Object.keys(ends).map((command, index) => ({ id: `c${index}`, command })));
  const wide = unrestrictedPrograms(parse(text, { file: FILE }), (program) => ends[program]);
  assertEquals(wide.map(({ program, what }) => `${program} ${what}`), [
    "/srv/tool leads to /usr/bin/mawk, which is an interpreter",
    "/srv/sh is a shell",
  ]);
});

Deno.test("a template is flagged by the arguments that are fixed, or by taking any", () => {
  const templates = [
    { id: "any", command: "deno", args: true },
    { id: "fixed", command: "deno", args: ["run", "--allow-run", { validator: "[a-z]+\\.ts" }] },
    { id: "held", command: "deno", args: ["run", { validator: "[a-z]+\\.ts" }] },
  ];
  assertEquals(wideIn([], { templates }), [
    "deno takes any arguments, -A among them: program of any (template)",
    "deno may run any program (--allow-run): program of fixed (template)",
  ]);
});

/** The command lines that the table of the security page names, as a program and its arguments. */
function named(page: string): string[][] {
  const [, section = ""] = page.split("\n## Programs that can run any other\n");
  const rows = section.split("\n## ")[0]!.split("\n").filter((line) => line.startsWith("| ")).slice(2);
  return rows.flatMap((row) => {
    const [, kind = "", examples = ""] = row.split("|");
    const words = [...examples.matchAll(/`([^`]+)`/g)].map(([, word]) => word!.replaceAll("…", "a"));
    if (!kind.includes("`deno`")) return words.map((word) => word.split(" "));
    return words.map((word) => word.startsWith("-") ? ["deno", "run", word, "x.ts"] : ["deno", word, "x"]);
  });
}

Deno.test("each program that the security page names is flagged", () => {
  const lines = named(Deno.readTextFileSync(new URL("../../../docs/security.md", import.meta.url)));
  assertEquals(lines.length > 45, true, String(lines.length));
  for (const [program, ...args] of lines) {
    assertEquals([program, ...args, typeof runsAnything(program!, args)], [program, ...args, "string"]);
  }
});

Deno.test("a script of sed is looked through in a moment, and one too long for that counts as one that runs programs", () => {
  const started = performance.now();
  assertEquals(runsAnything("sed", ["s/".repeat(2_000)]), undefined);
  assertEquals(runsAnything("sed", ["s/1/1".padEnd(4_000, "1")]), undefined);
  const took = performance.now() - started;
  assertEquals(took < 20_000, true, `${took} ms`);
  const what = runsAnything("sed", ["s/".repeat(400_000)])!;
  assertEquals(what.length < 200, true, what.slice(0, 300));
});
