/**
 * The errors of sidecars, workers and servers, explained.
 *
 * @module
 */

import type { PoolErrorCode } from "../../../actors/pool/options.ts";
import type { SidecarErrorCode } from "../../sidecar/sidecar_errors.ts";
import type { ExplainedCode } from "./entry.ts";

const TAIL = "`stderrTail`: its last lines on stderr, oldest first";

/** The codes of `SidecarError`, and those of the handshakes of servers. */
export const SIDECAR_ERRORS: Readonly<
  Record<SidecarErrorCode | "mcp_version" | "lsp_capabilities" | "pattern_unsupported", ExplainedCode>
> = {
  sidecar_exited: {
    classes: ["SidecarExitedError"],
    what: "The process ended unasked, with another exit code than 0 or by a signal.",
    causes: [
      "the program failed: its last words on stderr say more",
      "SIGKILL: out of memory, or another process ended it",
      "SIGSEGV and its like: a fault of the program",
    ],
    remedy:
      "Run the program by hand, in the same folder and with the same environment. List an exit code that is not a failure in `restart.prevent` (in code `rules.prevent`): it is not restarted after that one.",
    example: "Cannot go on: the process of 'db' exited with code 1, its last words: no such table",
    fields: ["`exitCode`", "`signal`: if one ended it", TAIL, "`lastWords`: the last of them"],
  },
  sidecar_not_ready: {
    classes: ["SidecarNotReadyError"],
    what: "What readiness waits for did not come, so the start failed and the process was ended.",
    causes: [
      "the pattern of `ready` does not match the line that the program prints, or it prints to the other stream",
      "the program holds its output back because stdout is not a terminal",
      "it takes longer than `ready.within`",
      "it ended first: then the cause says how",
    ],
    remedy:
      "See what it prints: 'outrider up FILE' shows lines of stderr, and of stdout where no protocol is spoken. Correct the pattern, or give it longer.",
    example: "Cannot use 'db': it did not get ready within 30000 ms",
    fields: [TAIL],
  },
  sidecar_probe_failed: {
    classes: ["SidecarProbeError"],
    what: "One check of a probe failed. It is the cause of what follows from it, if anything does.",
    causes: ["what the message says: a status, a refused connection, an exit code, a time that is over"],
    remedy: "Try the same check by hand while the sidecar runs. docs/probes.md has every kind.",
    example: "Cannot pass the readiness probe of 'api': GET /healthz gave 503",
    fields: ["`probe`: which one", "`why`: as a clause"],
  },
  sidecar_unhealthy: {
    classes: ["SidecarUnhealthyError"],
    what:
      "The liveness probe failed too often in a row, so the process was ended. The last failure is the cause.",
    causes: [
      "the program hangs",
      "the machine is so busy that the check takes longer than `probes.liveness.timeout`",
      "a probe that asks for what is not up yet: a startup probe holds it back until then",
    ],
    remedy:
      "Look at the cause. Where it was only slow, raise `probes.liveness.timeout` or `probes.liveness.failureThreshold`.",
    example:
      "Cannot go on: the liveness probe of 'api' failed 3 times in a row, at last: GET /healthz gave 503",
    fields: [TAIL],
  },
  sidecar_protocol: {
    classes: ["SidecarProtocolError"],
    what: "The sidecar wrote what its protocol does not allow, and is strict; or its reply was lost to that.",
    causes: [
      "the program prints log lines to stdout",
      "a frame longer than `maxFrame`",
      "a program that speaks another protocol",
    ],
    remedy: 'Let it log to stderr. Where stray output is harmless, `"strict": false` drops and reports it.',
    example: "Cannot read what 'db' wrote: not_json, 14 bytes: WARN: not json",
    fields: ["`fault`: its kind, its size and a sample"],
  },
  sidecar_deaf: {
    classes: ["SidecarDeafError"],
    what: "The sidecar asks and does not read the answers, so it was ended before they fill the memory.",
    causes: ["a program that writes requests and never reads its stdin"],
    remedy: "Let the program read while it writes.",
    example: "Cannot answer 'db': it does not read its stdin, where 8388608 bytes of answers wait",
    fields: ["`unread`: bytes"],
  },
  sidecar_output_cut: {
    classes: ["SidecarOutputCutError"],
    what:
      "The process ended well, but another that it had started still held its stdout. Whether all of its output came is not known.",
    causes: ["a program that leaves a process in the background"],
    remedy: "Let it wait for what it starts, or start that with an stdout of its own.",
    example:
      "Cannot read all that 'convert' wrote: its process has ended, and 2000 ms later another still held its stdout",
  },
  sidecar_schema: {
    classes: ["SidecarSchemaError"],
    what: "A message to or from the sidecar is not what its schema says. One to it was not sent.",
    causes: [
      "a caller, or a program, of another version than the schema",
      "a schema that throws, or that answers with a promise: the cause tells",
    ],
    remedy: "Correct the message or the schema; the issues name every field.",
    example: 'Cannot use this reply of \'db\': total: expected a number: {"total":"7"}',
    fields: [
      "`role`: which message",
      "`field`: the first that is wrong",
      "`issues`: all that is wrong",
      "`sample`: its beginning",
    ],
  },
  sidecar_over_limit: {
    classes: ["SidecarOverLimitError"],
    what:
      "The sidecar, with all that it started, used more than its limits allow, for longer than they allow.",
    causes: ["a leak", "more work than was thought, such as a larger message", "a limit that is too low"],
    remedy:
      "It is restarted, as its `restart` says. Look at what it did, or raise `limits.memory` or `limits.cpu`.",
    example: "Cannot go on: 'db' used 250 MB, for 5.2 s more than the 200 MB that its limits allow",
    fields: ["`excess`: which limit, what it allows, what was used, for how long", TAIL],
  },
  sidecar_mute: {
    classes: ["SidecarMuteError"],
    what: "The sidecar closed its stdout and lives on: it takes messages, and can answer none.",
    causes: ["a program that closes its standard output or hands it away", "a worker thread of it that died"],
    remedy: "Restart it, or find out in the program what closed its stdout.",
    example: "Cannot get a reply from 'db': it closed its stdout and runs on; restart it, or only tell",
  },
  sidecar_no_replies: {
    classes: ["SidecarNoRepliesError"],
    what: "The sidecar was asked, and its protocol has no replies, or it has no protocol.",
    causes: ["a sidecar without `protocol`", "a protocol such as `bytes`, which says nothing of replies"],
    remedy: "Give it a `protocol` with replies, or use `tell` and `subscribe`.",
    example: "Cannot talk to 'clock': it has no protocol; give it one in the manifest",
  },
  sidecar_too_many_asks: {
    classes: ["SidecarTooManyAsksError"],
    what: "More asks are unanswered than are kept account of, so this one was refused.",
    causes: ["asks without a `timeout` to a sidecar that does not answer"],
    remedy: "Ask less at a time, and give each ask a `timeout`.",
    example: "Cannot ask 'db': 65536 asks are unanswered; ask less at a time or set timeouts",
  },
  worker_threw: {
    classes: ["WorkerThrewError"],
    what: "A handler of the Deno worker threw. The cause has its name, message and stack.",
    causes: [
      "a fault in the handler, or arguments that it does not take",
      "NotCapable: the worker has only what its option `permissions` grants",
    ],
    remedy: "Look at the cause's stack, which is from the worker's own code.",
    example: "Cannot do 'square' in 'workers/w1': RangeError: too far",
    fields: ["`call`: the handler"],
  },
  pattern_unsupported: {
    classes: ["PatternError"],
    what:
      "A regular expression that lines of a sidecar are searched for has a part that can't be matched in linear time.",
    causes: ["a lookahead or lookbehind, a backreference, or repetitions that are too many when written out"],
    remedy:
      "Leave that part out, or match more of the line: a line only has to contain the pattern. Manifests and options are told where it stands.",
    example:
      "Cannot search lines for that pattern: a lookahead, `(?=…)`, is not supported, as it can't be matched in linear time; a line only has to contain the pattern, so leave it out, or match more of the line",
  },
  mcp_version: {
    classes: ["McpVersionError"],
    what: "The MCP server speaks no revision of the protocol that we do, so its start failed.",
    causes: ["a server that is much older or newer", "an option `versions` that is too narrow"],
    remedy:
      "Use another version of the server, or name its revision in `versions` if that is enough for you.",
    example: "Cannot speak with a server that offers 2023-01-01: it takes one of 2025-06-18",
    fields: ["`offered`: what the server wants", "`versions`: what we speak"],
  },
  lsp_capabilities: {
    classes: ["LspCapabilitiesError"],
    what: "The language server's answer to initialize does not tell what it can do, so its start failed.",
    causes: ["a program that speaks JSON-RPC and is not a language server"],
    remedy: "Name the server's program and arguments; many want --stdio.",
    example: "Cannot work with a server that does not tell its capabilities: null",
    fields: ["`sample`: the beginning of its answer"],
  },
};

/** The codes of `PoolError`. */
export const POOL_ERRORS: Readonly<Record<PoolErrorCode, ExplainedCode>> = {
  no_pool: {
    classes: ["PoolError"],
    what: "There is no pool at that path, or it has ended.",
    causes: ["a misspelt path", "a request before the tree has started, or after it has ended"],
    remedy: "Use the path of the pool itself, such as workers, not that of a copy.",
    example: "Cannot reach the pool 'workers': none runs there",
    fields: ["`path`: as it was asked for"],
  },
  not_replaced: {
    classes: ["PoolError"],
    what:
      "A new copy did not get ready, so replacing the copies stopped there. The old copies that are left go on; the cause says why.",
    causes: ["the new version does not start", "the pool was stopped meanwhile"],
    remedy: "Deal with the cause, then replace again.",
    example: "Cannot replace 'workers/2': it is told to stop",
    fields: ["`path`: the copy", "`replaced`: the copies that are new by then"],
  },
};

/** `JsonRpcError` has the numbers of JSON-RPC: a server may use others. These are the ones that Outrider knows. */
export const JSON_RPC_ERRORS: Readonly<Record<string, ExplainedCode>> = {
  "-32601": {
    classes: ["JsonRpcError"],
    what: "The one who was asked has no such method.",
    causes: ["a misspelt method", "a server that does not have it, or not in this state"],
    remedy: "See what the server says it can do, in its answer to initialize.",
    example: "Method not found: textDocument/hover",
    fields: ["`data`: what came with it"],
  },
  "-32602": {
    classes: ["JsonRpcError"],
    what: "The params are not what the method takes.",
    causes: ["a field that is missing, or of another type"],
    remedy: "Compare with the server's documentation; `data` may say more.",
    example: "Invalid params",
    fields: ["`data`: what came with it"],
  },
  "-32603": {
    classes: ["JsonRpcError"],
    what: "The one who was asked failed at it: for a handler of yours, it threw.",
    causes: ["a fault in the handler, or in the server"],
    remedy: "Look at the message, and at the server's stderr.",
    example: "Internal error",
    fields: ["`data`: what came with it"],
  },
  "-32000": {
    classes: ["JsonRpcError"],
    what: "The sidecar asks more at once than is handled at a time, so this request of it was refused.",
    causes: ["a program that sends requests without waiting for answers", "handlers of yours that take long"],
    remedy: "Let the program ask less at a time, or the handlers answer sooner.",
    example: "Too many requests at once: 256 are being handled",
    fields: ["`data`: what came with it"],
  },
  "-32800": {
    classes: ["JsonRpcError"],
    what: "A request of a language server, or to it, was taken back before it was answered.",
    causes: ["an ask that was aborted or timed out, a newer request that made it needless"],
    remedy: "Nothing, if that was meant.",
    example: "Request cancelled",
    fields: ["`data`: what came with it"],
  },
};
