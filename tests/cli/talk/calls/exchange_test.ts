/** A talk in calls with a sidecar of this process. */
import { assertEquals } from "@std/assert";
import { jsonrpc, sidecar, start, supervisor } from "@outrider/outrider";
import { type ExchangedItem, LocalExchange } from "../../../../src/cli/talk/calls/exchange.ts";

/** It writes `flood` notifications at the first line, and answers nothing. */
const script = (flood: number) =>
  `read -r got; seq -f '{"jsonrpc":"2.0","method":"n","params":[%.0f]}' ${flood}; cat > /dev/null`;

async function talk(flood: number) {
  const known = ({ method }: { method: string }) => method === "initialize" ? { known: true } : undefined;
  const protocol = jsonrpc({ known });
  const child = sidecar("a", { command: "sh", args: ["-c", script(flood)], protocol });
  const system = await start(supervisor("root", [child]));
  const exchange = new LocalExchange(system.ref("a"), {
    timeout: Infinity,
    explain: ({ message }) => message,
  });
  return { system, exchange };
}

async function rest(items: AsyncIterable<ExchangedItem>): Promise<ExchangedItem[]> {
  const all: ExchangedItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

Deno.test("an exchange has a reply that is known without the sidecar, and gives the others up when it is closed", async () => {
  const { system, exchange } = await talk(0);
  await using _ = system;
  exchange.send({ number: 1, method: "x", isRequest: true });
  exchange.send({ number: 2, method: "initialize", isRequest: true });
  const received = exchange.received[Symbol.asyncIterator]();
  assertEquals((await received.next()).value, { number: 2, result: { known: true } });
  exchange.close();
  const left = await rest({ [Symbol.asyncIterator]: () => received });
  assertEquals(left.map((item) => "failure" in item && [item.number, item.failure.code]), [[1, "cancelled"]]);
});

Deno.test("an exchange loses no notification, and keeps their order, when its reader is slow", async () => {
  const count = 20_000;
  const { system, exchange } = await talk(count);
  await using _ = system;
  await exchange.send({ number: 1, method: "go", isRequest: false });
  const seen: unknown[] = [];
  for await (const item of exchange.received) {
    if (seen.length % 5_000 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    if ("notification" in item) seen.push((item.notification.params as number[])[0]);
    if (seen.length === count) exchange.close();
  }
  assertEquals(seen, Array.from({ length: count }, (_, at) => at + 1));
});
