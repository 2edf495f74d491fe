import { assertEquals, assertInstanceOf } from "@std/assert";
import { SidecarError, SidecarNoRepliesError, SidecarTooManyAsksError } from "@outrider/outrider/protocol";
import { SidecarExitedError, SidecarNotReadyError, SidecarProtocolError } from "@outrider/outrider";

const fault = { kind: "not_json", bytes: 3, sample: "foo", dropped: true } as const;

Deno.test("errors have a stable code, the path, and a sentence that names it", () => {
  const errors: SidecarError[] = [
    new SidecarExitedError("w/a", { code: 3, signal: undefined }, ["no"]),
    new SidecarExitedError("w/a", { code: 137, signal: "SIGKILL" }, []),
    new SidecarNotReadyError("w/a", "it slept", { stderrTail: [] }),
    new SidecarProtocolError("w/a", fault),
    new SidecarNoRepliesError("w/a", "bytes"),
    new SidecarNoRepliesError("w/a", "none"),
    new SidecarTooManyAsksError("w/a", 7),
  ];
  for (const error of errors) assertInstanceOf(error, SidecarError);
  assertEquals(errors.map(({ name, code, path, message }) => [name, code, path, message]), [
    [
      "SidecarExitedError",
      "sidecar_exited",
      "w/a",
      "Cannot go on: the process of 'w/a' exited with code 3, its last words: no",
    ],
    [
      "SidecarExitedError",
      "sidecar_exited",
      "w/a",
      "Cannot go on: the process of 'w/a' was ended by SIGKILL",
    ],
    ["SidecarNotReadyError", "sidecar_not_ready", "w/a", "Cannot use 'w/a': it slept"],
    [
      "SidecarProtocolError",
      "sidecar_protocol",
      "w/a",
      "Cannot read what 'w/a' wrote: not_json, 3 bytes: foo",
    ],
    [
      "SidecarNoRepliesError",
      "sidecar_no_replies",
      "w/a",
      "Cannot ask 'w/a': the protocol bytes has no replies; use tell and subscribe",
    ],
    [
      "SidecarNoRepliesError",
      "sidecar_no_replies",
      "w/a",
      `Cannot talk to 'w/a': it has no protocol; give it one, such as protocol: "lines"`,
    ],
    [
      "SidecarTooManyAsksError",
      "sidecar_too_many_asks",
      "w/a",
      "Cannot ask 'w/a': 7 asks are unanswered; ask less at a time or set timeouts",
    ],
  ]);
});

Deno.test("last words are the last line that starts at the margin, without colours", () => {
  const words = (...tail: string[]) =>
    new SidecarExitedError("a", { code: 1, signal: undefined }, tail).lastWords;
  assertEquals(words("first", "\x1b[31mError: no\x1b[0m", "    at x:1", "\tat y:2", ""), "Error: no");
  assertEquals(words("  all", "  indented"), "  indented");
  assertEquals(words(), undefined);
});
