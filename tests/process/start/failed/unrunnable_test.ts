/** Why the system does not run a file that is there. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ProgramNotFoundError } from "@outrider/outrider";
import { ProgramNotExecutableError, spawn } from "@outrider/outrider/process";
import { findProgram } from "../../../../src/permissions/find_program.ts";
import { whyDenied, whyReadByShell, whyUnrunnable } from "../../../../src/process/start/failed/unrunnable.ts";
import { commandOf } from "../../../../src/sidecar/options.ts";
import { output } from "../../fixture.ts";

/** A program in Linux's format for `machine`, of 512 bytes; its one segment names a loader, or is of so many bytes. */
function elf(
  machine: number,
  { loader, loaded = 512 }: { loader?: string; loaded?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  if (loader === undefined) {
    view.setUint32(64, 1, true);
    view.setBigUint64(64 + 32, BigInt(loaded), true);
  } else {
    view.setUint32(64, 3, true);
    view.setBigUint64(64 + 8, 256n, true);
    view.setBigUint64(64 + 32, BigInt(loader.length + 1), true);
    bytes.set(new TextEncoder().encode(loader), 256);
  }
  return bytes;
}

/** A program in the format of Windows for `machine`. */
function pe(machine: number): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4d, 0x5a]);
  view.setUint32(60, 128, true);
  view.setUint32(128, 0x50450000);
  view.setUint16(132, machine, true);
  return bytes;
}

const text = (content: string) => new TextEncoder().encode(content);
const OWN = Deno.build.arch === "x86_64" ? 62 : 183;
const OTHER = Deno.build.arch === "x86_64" ? 183 : 62;
const HERE = `and this is Linux on ${Deno.build.arch}; use the build for this one`;

const FILES: Readonly<Record<string, readonly [content: Uint8Array, why: string]>> = {
  "a script whose first line ends in CR LF": [
    text("#!/bin/sh\r\necho hi\r\n"),
    'its first line ends in CR LF, as on Windows, so that the system looks for an interpreter "/bin/sh\\r"; ' +
    "save the file with LF alone",
  ],
  "a script for env whose first line ends in CR LF": [
    text("#!/usr/bin/env python3\r\n"),
    'its first line ends in CR LF, as on Windows, so that the system looks for an interpreter "python3\\r"; ' +
    "save the file with LF alone",
  ],
  "a script whose interpreter is missing": [
    text("#!/opt/none/bin/python3 -u\nprint()\n"),
    'its first line names the interpreter "/opt/none/bin/python3", which is missing; install that or correct the line',
  ],
  "a script whose interpreter is not executable": [
    text("#!/etc/passwd\n"),
    'its first line names the interpreter "/etc/passwd", which is not executable',
  ],
  "a script whose interpreter has no absolute path": [
    text("#!python3\n"),
    'its first line names the interpreter "python3" by no absolute path; write "#!/usr/bin/env python3"',
  ],
  "a program whose end is missing": [
    elf(OWN).subarray(0, 100),
    "its end is missing; copy or download it again",
  ],
  "a program whose last segment is missing": [
    elf(OWN, { loaded: 513 }),
    "its end is missing; copy or download it again",
  ],
  "a program for musl": [
    elf(OWN, { loader: "/lib/ld-musl-none.so.1" }),
    'its loader "/lib/ld-musl-none.so.1" is missing: it was built for musl, as on Alpine; use its build for glibc, or ' +
    "a static one",
  ],
  "a program for glibc": [
    elf(OWN, { loader: "/lib64/ld-linux-none.so.2" }),
    'its loader "/lib64/ld-linux-none.so.2" is missing: it was built for glibc; use its build for musl, or a static one',
  ],
  "a program for another processor": [
    elf(OTHER),
    `it is a program for Linux on ${Deno.build.arch === "x86_64" ? "aarch64" : "x86_64"}, ${HERE}`,
  ],
  "a program for macOS": [
    new Uint8Array([0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1, 0, 0, 0, 0]),
    `it is a program for macOS on aarch64, ${HERE}`,
  ],
  "a program for macOS on several processors": [
    new Uint8Array([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2, 0, 0, 0, 0]),
    `it is a program for macOS, ${HERE}`,
  ],
  "a program for Windows": [pe(0x8664), `it is a program for Windows on x86_64, ${HERE}`],
  "data": [new Uint8Array([1, 2, 0, 3]), "it is not a program for this machine"],
  "an empty file": [new Uint8Array(), "the file is empty"],
};

/** Those that a launcher, or sh behind it, runs without a complaint. */
const SILENT_BEHIND_LAUNCHER: readonly string[] = [
  "an empty file",
  "a script for env whose first line ends in CR LF",
  "a program whose last segment is missing",
];

const ignore = Deno.build.os !== "linux";

for (const [what, [content, why]] of Object.entries(FILES)) {
  Deno.test({
    name: `the reason is named when what can't be run is ${what}`,
    ignore,
    async fn() {
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeFile(file, content);
        assertMatch(whyUnrunnable(file)!, /chmod \+x/);
        await Deno.chmod(file, 0o755);
        assertEquals(whyUnrunnable(file), why);
      } finally {
        await Deno.remove(file);
      }
    },
  });
}

const NO_FIRST_LINE =
  'it is a text without a first line that names an interpreter; begin it with "#!/bin/sh", say, or make the interpreter ' +
  "the command and the file its argument";

/** Files that the system runs with sh, whatever is in them. */
const TEXTS: Readonly<Record<string, readonly [content: string, why: string]>> = {
  "has no first line for the system": ["echo read by $0\n", NO_FIRST_LINE],
  "names no interpreter": [
    "#!\necho read by $0\n",
    'its first line names no interpreter; write "#!/bin/sh", say',
  ],
  "names an interpreter that is not a program": [
    "#!FOLDER/interpreter\necho read by $0\n",
    'its first line names the interpreter "FOLDER/interpreter", which is not a program; correct the line',
  ],
};

for (const [what, [content, why]] of Object.entries(TEXTS)) {
  Deno.test({
    name: `a start warns of a file that sh reads when it ${what}`,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(`${folder}/interpreter`, "true\n", { mode: 0o755 });
        const file = `${folder}/tool`;
        await Deno.writeTextFile(file, content.replace("FOLDER", folder), { mode: 0o755 });
        const reason = why.replace("FOLDER", folder);
        assertEquals([whyUnrunnable(file), whyReadByShell(file)], [undefined, reason]);
        for (const launcher of [undefined, ["nice"]]) {
          const warnings: string[] = [];
          const child = spawn(commandOf({ command: file, launcher }), {
            onWarning: (each) => void warnings.push(each),
          });
          assertEquals(await output(child), `read by ${file}\n`);
          await child.closed;
          assertEquals(warnings, [`${file} is read by sh: ${reason}`]);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "no reason is named when a file can be run, or is not there",
  ignore,
  fn() {
    for (const file of ["/bin/sh", Deno.execPath(), "/no/such"]) {
      assertEquals([whyUnrunnable(file), whyReadByShell(file)], [undefined, undefined]);
    }
    assertMatch(whyUnrunnable("/bin")!, /^it is a directory/);
    // The system may deny even a program whose mode is right.
    assertMatch(whyDenied("/bin/sh")!, /mounted noexec/);
    assertEquals(whyDenied("/etc/passwd"), undefined);
  },
});

for (const what of ["a script whose interpreter is missing", "a program for musl"]) {
  Deno.test({
    name: `a start is refused with the reason, by path and by name, when the program is ${what}`,
    ignore,
    async fn() {
      const [content, why] = FILES[what]!;
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeFile(`${folder}/tool`, content, { mode: 0o755 });
        for (const options of [{ command: `${folder}/tool` }, { command: "tool", env: { PATH: folder } }]) {
          const error = assertThrows(() => spawn(commandOf(options)), ProgramNotExecutableError);
          assertEquals(error.message, `Cannot start "${options.command}": ${why}`);
          assertEquals(error.code, "program_not_executable");
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "a program for another system is reported as one when a shell has read it as a script",
  ignore,
  async fn() {
    const [content, why] = FILES["a program for macOS"]!;
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/tool`, content, { mode: 0o755 });
      for (const _start of ["first", "second"]) {
        let refused: Error | undefined;
        try {
          const child = spawn(commandOf({ command: `${folder}/tool`, env: { LC_ALL: "C" } }));
          const reading = child.readStdout(() => {});
          refused = (await child.closed).refused;
          await reading;
        } catch (error) {
          refused = error as Error;
        }
        assertEquals(refused?.message, `Cannot start "${folder}/tool": ${why}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Wrapper commands, each with its own way to say that it could not run its program. */
const LAUNCHERS: Readonly<Record<string, { launcher: [string, ...string[]] } | { pty: true }>> = {
  "a coreutil": { launcher: ["nice"] },
  "a program of util-linux": { launcher: ["prlimit", "--nofile=100"] },
  "sh": { launcher: ["sh", "-c", 'exec "$@"', "wrapper"] },
  "the one of a terminal": { pty: true },
};

const has = (program: string) => findProgram(program, { path: Deno.env.get("PATH")! }).state === "found";

for (const [which, options] of Object.entries(LAUNCHERS)) {
  const first = "launcher" in options ? options.launcher[0] : "script";
  const skipped = has(first) ? "" : ` (skipped: needs ${first})`;
  Deno.test({
    name: `a launcher's failure is reported as its program's reason when the launcher is ${which}${skipped}`,
    ignore: ignore || skipped !== "",
    async fn() {
      const folder = await Deno.makeTempDir();
      const unrunnable = Object.entries(FILES).filter(([what]) => !SILENT_BEHIND_LAUNCHER.includes(what));
      try {
        for (const [what, [content, why]] of unrunnable) {
          await Deno.writeFile(`${folder}/tool`, content, { mode: 0o755 });
          // What sh takes for a redirection in a program makes a file.
          const child = spawn(commandOf({ command: `${folder}/tool`, cwd: folder, ...options }));
          const read = child.readStdout(() => {});
          const { refused } = await child.closed;
          await read;
          assertEquals([what, refused?.message], [what, `Cannot start "${folder}/tool": ${why}`]);
          assertEquals(refused?.code, "program_not_executable");
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name:
    "a launcher's program is reported as it ended when it was run, and exits as a launcher does that can't run it",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/tool`;
    const complaint = `no-such-command ${file}\n`;
    const cases = [
      { content: `#!/bin/sh\necho "bad: ${file}" >&2; exit 127\n`, mode: 0o755, launcher: ["nice"] },
      // The launcher itself reads the file, which is no program.
      { content: complaint, mode: 0o644, launcher: ["sh"] },
      { content: complaint, mode: 0o755, launcher: ["nice"] },
    ] as const;
    try {
      for (const { content, mode, launcher } of cases) {
        await Deno.writeTextFile(file, content, { mode });
        await Deno.chmod(file, mode);
        const child = spawn(commandOf({ command: file, launcher: [...launcher] }));
        const read = child.readStdout(() => {});
        const { status, refused } = await child.closed;
        await read;
        assertEquals([status.code, refused], [127, undefined]);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a missing program may be a missing interpreter when its file may not be read",
  permissions: { run: true, read: false, env: true },
  ignore,
  fn() {
    const error = assertThrows(() => spawn(commandOf({ command: "/no/such/tool" })), ProgramNotFoundError);
    assertEquals(
      error.message,
      'Cannot start "/no/such/tool": there is no such file; or the interpreter or loader that it needs is missing ' +
        "(add --allow-read=/no/such/tool to learn which)",
    );
  },
});
