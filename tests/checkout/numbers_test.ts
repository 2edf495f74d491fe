/** The numbers in the pages about what is promised: each is that of the code. */
import { assertEquals } from "@std/assert";
import { MAX_PENDING_REQUESTS } from "../../src/sidecar/replies/pending_requests.ts";
import { CLOSED_GRACE_MS } from "../../src/sidecar/incarnation/writer.ts";
import { MAX_REQUESTS_AT_ONCE } from "../../src/sidecar/json_rpc/message_router.ts";
import { MAX_HANDLED_AT_ONCE } from "../../src/sidecar/json_rpc/handlers.ts";
import { DEFAULT_LIMITS_FOR_MS, LIMITS_TICK_MS, MAX_LIMITS_FOR_MS } from "../../src/sidecar/health/limits.ts";
import { MAX_UNANSWERED_PINGS } from "../../src/sidecar/health/probe_checks.ts";
import { MAX_HEAD_BYTES } from "../../src/sidecar/health/probe_http.ts";
import { READY_LINE_CAP } from "../../src/sidecar/health/output_lines.ts";
import { REPLY_STREAM_CAPACITY } from "../../src/sidecar/replies/reply_stream.ts";
import { TAP_CAP, TAP_CAPACITY, TAP_FLUSH_MS } from "../../actors/tap.ts";
import { WORKER_LINGER_MS } from "../../actors/deno_worker/worker.ts";
import { ITEM_CREDIT } from "../../actors/deno_worker/wire.ts";
import { DEFAULT_ATTEMPTS } from "../../src/actor/mailbox/delivery.ts";
import { EVENT_BUFFER, EVENT_BYTES } from "../../src/actor/events/event.ts";
import { MAX_WAITING } from "../../src/actor/mailbox/mailbox.ts";
import { DEFAULT_CAPACITY } from "../../src/actor/mailbox/options.ts";
import {
  SUBSCRIPTION_BYTES,
  SUBSCRIPTION_CAPACITY,
  SUBSCRIPTION_OVERSHOOT,
  SUBSCRIPTION_OVERSHOOT_BYTES,
} from "../../src/actor/events/subscription.ts";
import { DEFAULT_ACTION_TIMEOUT_MS } from "../../src/cli/control/request.ts";
import { GUARD_RESTART_MS } from "../../src/containment/guard.ts";
import { LEDGER_DEAD_LINES } from "../../src/containment/ledger.ts";
import { MAX_OUTER_RUN_IDS } from "../../src/containment/run_ids.ts";
import { READING_GAP_MS } from "../../src/containment/orphan_reaper.ts";
import { SWEEP_TERM_MS } from "../../src/containment/guarantees.ts";
import { START_TOLERANCE_MS, SWEEP_WITHIN_MS } from "../../src/containment/sweep.ts";
import { TAKE_OVER_TERM_MS } from "../../src/containment/acquire_lock.ts";
import { DEFAULT_CONTROL_TIMEOUT_MS } from "../../src/control/client.ts";
import {
  CLIENT_IDLE_MS,
  MAX_CLIENTS,
  MAX_PENDING,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  REPLY_WITHIN_MS,
} from "../../src/control/protocol.ts";
import { CLOSE_WITHIN_MS } from "../../src/control/server.ts";
import { PIPE_DRAIN_MS } from "../../src/options/presets.ts";
import { SAMPLE_CHARS } from "../../src/process/framing/framing.ts";
import { LIGHT_JSON, MAX_JSON_WEIGHT } from "../../src/process/codecs/json_shape.ts";
import { LARGEST_READ } from "../../src/process/pipes/pipe_reader.ts";
import { SECRET_BYTES } from "../../src/process/secrets/secret.ts";
import { LOGGED_TAIL_LINES, REPLACED_TAIL_LINES } from "../../src/process/pipes/line_tail.ts";
import { REPLACED_LINE_EVERY_MS } from "../../src/process/pipes/logged_lines.ts";
import { STDERR_PIECE } from "../../src/process/pipes/stderr.ts";
import { promptPause } from "../../src/sidecar/health/awaited_line.ts";
import { WRITE_HIGH_WATER } from "../../src/process/pipes/stdin.ts";
import { STOP_DEADLINE_MS } from "../../src/launch/app.ts";
import { DEFAULT_START_MS } from "../../src/supervision/child_spec.ts";
import { PATTERN_REACH } from "../../src/text/pattern.ts";

const count = (value: number) => value.toLocaleString("en-US");
const seconds = (ms: number) => ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
const size = (bytes: number) => bytes < 2 ** 20 ? `${bytes / 2 ** 10} KiB` : `${bytes / 2 ** 20} MiB`;

/** What each page says with a number in it; without a page's line breaks and the spaces that align a table. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  "docs/guarantees.md": [
    `A mailbox is bounded: ${count(DEFAULT_CAPACITY)} messages`,
    `at most ${count(MAX_WAITING)} senders waiting before it`,
    `at most \`attempts\` incarnations (${DEFAULT_ATTEMPTS}) have it`,
    `closed ${seconds(PIPE_DRAIN_MS)} after its end`,
    `\`startWithin\` (${seconds(DEFAULT_START_MS)} by default`,
    `credit in frames (${count(REPLY_STREAM_CAPACITY)}) and in bytes (${size(SUBSCRIPTION_BYTES)})`,
    `at most ${
      count(MAX_PENDING_REQUESTS)
    } of ours without an answer, ${MAX_HANDLED_AT_ONCE} of the sidecar's`,
    `a batch of more than ${count(MAX_REQUESTS_AT_ONCE)} of them`,
    `last ${LOGGED_TAIL_LINES} lines`,
    `of a run of them the last ${REPLACED_TAIL_LINES} are`,
    `longer than ${count(STDERR_PIECE)} bytes in pieces`,
    `at most ${count(SUBSCRIPTION_CAPACITY)} messages, or ${size(SUBSCRIPTION_BYTES)} of messages`,
    `cut off ${count(SUBSCRIPTION_OVERSHOOT)} messages, or ${size(SUBSCRIPTION_OVERSHOOT_BYTES)} beside`,
    `one chunk of ${size(LARGEST_READ)} ahead`,
    `than its reader gave credit for (${ITEM_CREDIT})`,
    `Writes wait when ${size(WRITE_HIGH_WATER)} are on their way`,
    `takes at most ${seconds(STOP_DEADLINE_MS)} for it`,
    `they are refused, ${seconds(CLOSED_GRACE_MS)} after the first`,
    `no more than ${count(EVENT_BUFFER)} of them and ${size(EVENT_BYTES)}`,
  ],
  "docs/security.md": [
    `on ${count(PATTERN_REACH)} characters of a line at most`,
  ],
  "docs/containment.md": [
    `the pipes it holds, for ${seconds(PIPE_DRAIN_MS)}`,
    `SIGKILL ${
      seconds(SWEEP_TERM_MS)
    } later. Readings of the process table go on until two in a row find nothing, ` +
    `for ${seconds(SWEEP_WITHIN_MS)} at most`,
    `comes within some ${seconds(READING_GAP_MS)}`,
    `(of ${MAX_OUTER_RUN_IDS} runs at most)`,
    `started when the record says, within ${seconds(START_TOLERANCE_MS)}`,
    `another one takes its place ${
      GUARD_RESTART_MS === 1_000 ? "a second" : seconds(GUARD_RESTART_MS)
    } later`,
    `rewritten after ${count(LEDGER_DEAD_LINES)} ends`,
    `until it has stopped its tree (${seconds(TAKE_OVER_TERM_MS)} at most)`,
  ],
  "docs/confinement.md": [
    `of at most ${count(SECRET_BYTES)} bytes`,
    `a sample of ${SAMPLE_CHARS} characters`,
    `| \`for\` | \`${DEFAULT_LIMITS_FOR_MS / 1_000}s\` | a duration, ${LIMITS_TICK_MS / 1_000}s to ${
      MAX_LIMITS_FOR_MS / 60_000
    }m |`,
  ],
  "docs/control.md": [
    `| bytes of a request | ${count(MAX_REQUEST_BYTES)} |`,
    `| connections | ${MAX_CLIENTS} |`,
    `that wait, over all clients | ${MAX_PENDING} |`,
    `asks nothing and waits for nothing | ${seconds(CLIENT_IDLE_MS)} |`,
    `does not read a reply | ${seconds(REPLY_WITHIN_MS)} |`,
    `bytes of a reply that the client takes | ${count(MAX_REPLY_BYTES)} |`,
    `due when the tree has ended | ${seconds(CLOSE_WITHIN_MS)} |`,
    `the answer, ${seconds(DEFAULT_CONTROL_TIMEOUT_MS)} |`,
    `that it is ready, ${seconds(DEFAULT_ACTION_TIMEOUT_MS)} |`,
  ],
  "docs/output.md": [
    `longer than ${count(STDERR_PIECE)} bytes comes in pieces`,
    `${REPLACED_LINE_EVERY_MS === 1_000 ? "One a second" : REPLACED_LINE_EVERY_MS} is logged`,
    `once it has not changed for ${seconds(promptPause(0))}`,
  ],
  "docs/probes.md": [
    `Of stdout, lines up to ${count(READY_LINE_CAP)} bytes are looked at; of stderr, pieces of ` +
    `${count(STDERR_PIECE)} bytes`,
    `the head of the answer, up to ${count(MAX_HEAD_BYTES)} bytes`,
    `after ${MAX_UNANSWERED_PINGS} unanswered ones`,
  ],
  "docs/protocols.md": [
    `a message of more than ${count(LIGHT_JSON)} characters is weighed first`,
    `over a weight of ${count(MAX_JSON_WEIGHT)}`,
  ],
  "docs/actors.md": [
    `at most ${ITEM_CREDIT} items ahead of the reader`,
    `for another ${seconds(WORKER_LINGER_MS)} (\`linger\`)`,
    `Up to ${count(TAP_CAPACITY)} entries wait`,
    `the sink has ${seconds(TAP_FLUSH_MS)} for what is left`,
    `up to \`cap\` characters (${count(TAP_CAP)})`,
  ],
};

for (const [page, sentences] of Object.entries(SAID)) {
  Deno.test(`${page} says the numbers of the code`, () => {
    const text = Deno.readTextFileSync(new URL(`../../${page}`, import.meta.url)).replace(/\s+/g, " ");
    assertEquals(sentences.filter((sentence) => !text.includes(sentence)), []);
  });
}

Deno.test("each test that a page names is there", () => {
  const root = new URL("../../", import.meta.url);
  const tests: string[] = [];
  const walk = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
      if (isDirectory) walk(`${folder}${name}/`);
      else tests.push(folder + name);
    }
  };
  walk("tests/");
  const isThere = (name: string) =>
    name.endsWith("/")
      ? tests.some((test) => test.startsWith(name))
      : tests.some((test) => `/${test}`.endsWith(`/${name}`));
  const pages = [...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => `docs/${name}`);
  const named = pages.flatMap((page) =>
    [...Deno.readTextFileSync(new URL(page, root)).matchAll(/`([\w/]+_test\.ts|tests\/[\w/]+\/)`/g)].map((
      [, name],
    ) => [page, name!] as const)
  );
  assertEquals(named.length > 60, true);
  assertEquals(named.filter(([, name]) => !isThere(name)), []);
});
