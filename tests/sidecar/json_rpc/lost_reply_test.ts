/** Replies that were dropped: whose they were, and that their asks fail at once. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { codecs, type Malformed } from "@outrider/outrider/protocol";
import { jsonrpc } from "@outrider/outrider";
import { lostReply } from "../../../src/sidecar/json_rpc/answer.ts";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { SidecarProtocolError } from "../../../src/sidecar/sidecar_errors.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

const fault = (sample: string, kind: Malformed["kind"] = "over_cap"): Malformed => ({
  kind,
  bytes: 99,
  sample,
  dropped: true,
});

const samples: readonly [sample: string, whose: number | "any" | "none", kind?: Malformed["kind"]][] = [
  ['{"jsonrpc":"2.0","id":2,"result":{"a":1', 2],
  [' { "id" : "17" , "error" : {', 17],
  ['{"id":2,"result":"\\xff', 2, "invalid_utf8"],
  ['{"id":2,"result":[[[[', 2, "too_deep"],
  ['{"jsonrpc":"2.0","id":2,"result":{"a":1', "none", "truncated"],
  ['{"result":{"content":[{"type":"text"', "any"],
  ['{"jsonrpc":"2.0","error":{', "any"],
  ["Content-Length: 99\\x0d\\x0a\\x0d\\x0a", "any"],
  ['{"result":{"content":', "none", "not_json"],
  ['{"jsonrpc":"2.0","id":2,"method":"sampling/createMessage","params":{', "none"],
  ['{"jsonrpc":"2.0","method":"log","params":{"id":2,"result":', "none"],
  ['{"params":{"id":2,"result":', "none"],
  ['{"id":{"id":2,"result":', "none"],
  ["xxxxxxxxxxx", "none"],
  ["", "none"],
];

Deno.test("a lost frame is a reply when its beginning says so", () => {
  for (const [sample, whose, kind] of samples) {
    assertEquals([sample, lostReply(fault(sample, kind))], [sample, whose]);
  }
});

/** So many requests that wait, and what happens to their replies. */
function waiting(count: number) {
  const pairing = new JsonRpcCorrelation(new RecordedLine(), codecs.ndjson, {});
  const callers = Array.from({ length: count }, () => new Caller());
  for (const caller of callers) pairing.request({ method: "x" }, caller);
  return {
    pairing,
    callers,
    lose: (sample: string) => pairing.lost(() => new Error("lost"), fault(sample)),
    /** The numbers of those that have failed. */
    failed: () => callers.flatMap(({ got }, at) => got[0] instanceof Error ? [at + 1] : []),
  };
}

Deno.test("a lost reply without an id fails the ask that alone waits", () => {
  const { pairing, lose, failed } = waiting(1);
  lose('{"id":77,"result":{');
  assertEquals(failed(), []);
  lose('{"result":{');
  assertEquals([failed(), pairing.size], [[1], 0]);
});

Deno.test("a lost reply without an id fails the last ask that it may be for", () => {
  const { pairing, callers, lose, failed } = waiting(4);
  lose('{"result":{');
  pairing.request({ method: "later" }, new Caller());
  pairing.match({ id: 2, result: 1 });
  callers[3]!.giveUp();
  assertEquals(failed(), []);
  pairing.match({ id: 3, result: 1 });
  assertEquals([failed(), pairing.size], [[1], 1]); // the later one waits
});

Deno.test("several lost replies fail as many asks, once no more of them wait", () => {
  const { pairing, lose, failed } = waiting(4);
  for (let at = 0; at < 2; at++) lose('{"result":{');
  pairing.match({ id: 1, result: 1 });
  assertEquals(failed(), []);
  lose('{"id":3,"result":{');
  assertEquals([failed(), pairing.size], [[2, 3, 4], 0]);
});

for (const framing of ["lines", "headers"] as const) {
  Deno.test(`an ask fails at once, with the cap in its error, when its reply is over it (${framing})`, async () => {
    const long = '{"jsonrpc":"2.0","id":1,"result":"%s"}';
    const header = framing === "lines" ? "" : "Content-Length: 2037\\r\\n\\r\\n";
    const text = `printf '${header}${long}\\n' "$(head -c 2000 /dev/zero | tr '\\0' x)"`;
    await using probe = await Probe.start({
      ...sh(`head -c 1 > /dev/null; ${text}; exec sleep 60`),
      protocol: jsonrpc({ framing }),
      maxFrame: 1_000,
      stop: AT_ONCE,
    });
    // It has no time limit: it would hang.
    const error = await failureOf(probe.ref.ask({ method: "x" }, { timeout: Infinity }));
    assertInstanceOf(error, SidecarProtocolError);
    assertMatch(
      error.message,
      /over_cap, \d+ bytes, more than the 1,000 of its maxFrame, which can be set higher: /,
    );
    assert(probe.ref.isAlive);
  });
}
