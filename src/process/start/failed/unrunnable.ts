/**
 * Explains why the system does not run a file that is there. It says only "No such file or directory" where the file's
 * interpreter or loader is missing, and "Exec format error" for a program of another system.
 *
 * Used where a start has failed, before one for a file that `sh` reads instead, and by `check`. Reads the beginning of the
 * file, and only with Deno's permission.
 */
import { isAbsolute } from "node:path";
import { ifThere } from "../../../permissions/find_program.ts";
import { mayRead } from "../../../permissions/permit.ts";
import { quote } from "../../../text/words.ts";
import { NOT_EXECUTABLE, NOT_FOR_THIS_MACHINE } from "../../process_errors.ts";
import { executableOf, headOf, isCutOff, mayAnybodyRun } from "../runnable.ts";

const ALL_MAY_RUN = 0o111;
/** The bytes that are enough to tell text from a program. */
const SAMPLE = 512;
const EMPTY = "the file is empty";

const SYSTEMS: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", windows: "Windows" };
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: "x86",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv64",
  258: "loongarch64",
};
const MACH_MACHINES: Readonly<Record<number, string>> = {
  7: "x86",
  0x01000007: "x86_64",
  12: "arm",
  0x0100000c: "aarch64",
};
const PE_MACHINES: Readonly<Record<number, string>> = { 0x14c: "x86", 0x8664: "x86_64", 0xaa64: "aarch64" };

/** The system and the processor that a program is for; the latter `undefined` where it has several. */
interface Target {
  readonly os: string;
  readonly arch: string | undefined;
}

/**
 * Returns why the system does not run `file` (absolute), with the way out, as clauses; `undefined` where the file is not
 * there, may not be read, or shows no reason. One that {@linkcode whyReadByShell} explains does run, in a way.
 */
export function whyUnrunnable(file: string): string | undefined {
  if (!mayRead(file)) return undefined;
  const stat = ifThere(() => Deno.statSync(file));
  if (stat === undefined) return undefined;
  if (stat.isDirectory) return "it is a directory; name the program in it";
  if (!stat.isFile) return "it is not a file";
  if (stat.mode !== null && (stat.mode & ALL_MAY_RUN) === 0) return NOT_EXECUTABLE;
  const head = headOf(file);
  if (head.length === 0) return stat.size === 0 ? EMPTY : undefined;
  return whyNoScript(head) ?? whyNoProgram(head, stat.size) ?? whyNoLoader(head);
}

/**
 * Returns why `sh` reads `file` (absolute) as a script, with the way out, as clauses: `execvp` has it do so with each file
 * whose format the system does not know. `undefined` where the system runs it or refuses it, or it may not be read.
 */
export function whyReadByShell(file: string): string | undefined {
  if (!mayRead(file)) return undefined;
  const size = ifThere(() => Deno.statSync(file))?.size;
  const head = headOf(file);
  if (head.length === 0) return size === 0 ? EMPTY : undefined;
  if (head.subarray(0, SAMPLE).includes(0)) return undefined;
  if (!isScript(head)) {
    return 'it is a text without a first line that names an interpreter; begin it with "#!/bin/sh", say, or make the ' +
      "interpreter the command and the file its argument";
  }
  const { name } = firstLineOf(head);
  if (name === "") return `its first line names no interpreter; write "#!/bin/sh", say`;
  if (whyNoScript(head) !== undefined || !isAbsolute(name) || !mayRead(name)) return undefined;
  const interpreter = headOf(name);
  return isScript(interpreter) || (isProgram(interpreter) && whyOtherTarget(interpreter) === undefined)
    ? undefined
    : `its first line names the interpreter ${quote(name)}, which is not a program; correct the line`;
}

/** Returns why the system denies to run `file` (absolute) although its mode lets every user; `undefined` where it does not. */
export function whyDenied(file: string | undefined): string | undefined {
  return file === undefined || !mayAnybodyRun(file)
    ? undefined
    : "the system refuses to run it, though its mode lets " +
      "every user: its file system may be mounted noexec, or a folder above it closed to this user";
}

/** Whether `file` (absolute) is neither a text nor a program for this machine, as far as it may be read. */
export function isNoProgram(file: string): boolean {
  const stat = mayRead(file) ? ifThere(() => Deno.statSync(file)) : undefined;
  return stat !== undefined && whyNoProgram(headOf(file), stat.size) !== undefined;
}

function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

function isProgram(head: Uint8Array): boolean {
  return targetOf(head) !== undefined;
}

/** Returns the first line of a script, after `#!`, and the interpreter in it, without a CR. */
function firstLineOf(
  head: Uint8Array,
): { readonly line: string; readonly interpreter: string; readonly name: string } {
  const [line = ""] = new TextDecoder().decode(head).slice(2).split("\n");
  const [interpreter = ""] = line.trimStart().split(/[ \t]/);
  return { line, interpreter, name: interpreter.replace(/\r$/, "") };
}

/** A script whose interpreter can't be run. */
function whyNoScript(head: Uint8Array): string | undefined {
  if (!isScript(head)) return undefined;
  const { line, interpreter, name } = firstLineOf(head);
  if (name === "") return undefined;
  if (line.endsWith("\r") && (interpreter.endsWith("\r") || name.endsWith("/env"))) {
    return `its first line ends in CR LF, as on Windows, so that the system looks for an interpreter ` +
      `${quote(line.split(/[ \t]/).at(-1)!)}; save the file with LF alone`;
  }
  if (!isAbsolute(name)) {
    return `its first line names the interpreter ${
      quote(name)
    } by no absolute path; write "#!/usr/bin/env ${name}"`;
  }
  if (!mayRead(name)) return undefined;
  const stat = ifThere(() => Deno.statSync(name));
  if (stat === undefined) {
    return `its first line names the interpreter ${
      quote(name)
    }, which is missing; install that or correct the line`;
  }
  const mayRun = stat.isFile && (stat.mode === null || (stat.mode & ALL_MAY_RUN) !== 0);
  return mayRun ? undefined : `its first line names the interpreter ${quote(name)}, which is not executable`;
}

/** A program for another system or processor. */
function whyOtherTarget(head: Uint8Array): string | undefined {
  const target = targetOf(head);
  if (target === undefined) return undefined;
  const { os, arch } = Deno.build;
  const isOtherSystem = target.os !== os && !(target.os === "linux" && SYSTEMS[os] === undefined);
  if (!isOtherSystem && (target.arch === undefined || target.arch === arch)) return undefined;
  const here = { os, arch };
  return `it is a program for ${nameOf(target)}, and this is ${nameOf(here)}; use the build for this one`;
}

function nameOf({ os, arch }: Target): string {
  const system = SYSTEMS[os] ?? os;
  return arch === undefined ? system : `${system} on ${arch}`;
}

function targetOf(head: Uint8Array): Target | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 8) return undefined;
  const magic = view.getUint32(0);
  if (magic === 0x7f454c46 && head.length >= 20) {
    const machine = view.getUint16(18, head[5] === 1);
    return { os: "linux", arch: ELF_MACHINES[machine] ?? `processor ${machine}` };
  }
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) {
    return { os: "darwin", arch: MACH_MACHINES[view.getUint32(4, true)] };
  }
  // Java's classes begin the same; their version, in the place of a count, is larger.
  if (magic === 0xcafebabe && view.getUint32(4) < 20) return { os: "darwin", arch: undefined };
  if (head[0] === 0x4d && head[1] === 0x5a) {
    const at = head.length >= 64 ? view.getUint32(60, true) : head.length;
    const isKnown = at + 6 <= head.length && view.getUint32(at) === 0x50450000;
    return { os: "windows", arch: isKnown ? PE_MACHINES[view.getUint16(at + 4, true)] : undefined };
  }
}

/** A program for this processor whose loader is missing: most often, it was built for another C library. */
function whyNoLoader(head: Uint8Array): string | undefined {
  const loader = executableOf(head)?.loader;
  if (loader === undefined || !mayRead(loader)) return undefined;
  if (ifThere(() => Deno.statSync(loader)) !== undefined) return undefined;
  const library = loader.includes("musl")
    ? "musl, as on Alpine; use its build for glibc, or a static one"
    : loader.includes("ld-linux")
    ? "glibc; use its build for musl, or a static one"
    : "another system; use its build for this one";
  return `its loader ${quote(loader)} is missing: it was built for ${library}`;
}

/** Data, or a program that this machine does not run; of `size` bytes. */
function whyNoProgram(head: Uint8Array, size: number): string | undefined {
  const other = whyOtherTarget(head);
  if (other !== undefined) return other;
  if (isCutOff(head, size)) return "its end is missing; copy or download it again";
  if (isScript(head) || isProgram(head)) return undefined;
  return head.subarray(0, SAMPLE).includes(0) ? NOT_FOR_THIS_MACHINE : undefined;
}
