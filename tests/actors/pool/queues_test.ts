import { assertEquals } from "@std/assert";
import type { PoolCopy, PoolMessage } from "../../../actors/pool/copy.ts";
import { KeyedQueue, SharedQueue } from "../../../actors/pool/queues.ts";
import { rendezvous } from "../../../actors/pool/routing.ts";

type Fake = Pick<PoolCopy, "id" | "dispatched" | "waiting" | "isMember" | "load"> & {
  state: PoolCopy["state"];
  hasRoom: boolean;
};

const fake = (id: string): Fake => ({
  id,
  state: "up",
  hasRoom: true,
  isMember: true,
  load: 0,
  dispatched: new Set(),
  waiting: [],
});

let count = 0;

function item(key: string): PoolMessage {
  const reply = { isOpen: true, resolve() {}, reject() {} };
  return { message: key, key, number: count++, reply, moves: 0 } as Partial<PoolMessage> as PoolMessage;
}

function planted(...ids: string[]) {
  const copies = ids.map(fake);
  const journal: string[] = [];
  const options = {
    copies: () => copies as unknown as readonly PoolCopy[],
    dispatch: ({ key }: PoolMessage, { id, dispatched }: PoolCopy) => {
      dispatched.add(item(key));
      journal.push(`${key}@${id}`);
    },
  };
  return { copies, journal, options };
}

/** A key that belongs to that one of the copies. */
const keyOf = (id: string, ids: readonly string[]): string =>
  [..."abcdefghijklmnop"].find((key) => ids[rendezvous(ids, key)] === id)!;

Deno.test("the keys of a copy that has ended for good go to others when all that it had is settled", () => {
  const { copies, journal, options } = planted("1", "2");
  const line = new KeyedQueue(options);
  const key = keyOf("1", ["1", "2"]);
  line.add(item(key));
  line.pump();
  copies[0]!.hasRoom = false;
  line.add(item(key));
  copies[0]!.state = "gone";
  line.pump();
  assertEquals([journal, line.size], [[`${key}@1`], 1]);
  copies[0]!.dispatched.clear();
  line.done(item(key));
  line.pump();
  assertEquals([journal, line.size], [[`${key}@1`, `${key}@2`], 0]);
});

Deno.test("with no copy at all, keyed messages wait for one, and the line is full", () => {
  const { copies, journal, options } = planted("1");
  const line = new KeyedQueue(options);
  copies[0]!.state = "gone";
  const [first, second] = [item("a"), item("b")];
  line.add(first);
  line.add(second);
  line.pump();
  assertEquals([line.size, line.isFull, journal], [2, true, []]);
  line.drop(first);
  copies[0]!.state = "up";
  line.pump();
  assertEquals([line.size, line.isFull, journal], [0, false, ["b@1"]]);
});

Deno.test("a queue drops abandoned asks, and puts a returned message back in its place", () => {
  const { copies, journal, options } = planted("1");
  for (const line of [new SharedQueue("round-robin", options), new KeyedQueue(options)]) {
    journal.length = 0;
    copies[0]!.hasRoom = false;
    const [first, second, third] = [item("a"), item("b"), item("c")];
    line.add(second);
    line.add(third);
    line.add(first);
    line.add({ ...item("d"), reply: { isOpen: false, resolve() {}, reject() {} } });
    assertEquals(line.size, 3);
    line.drop(second);
    assertEquals(line.takeAll(), [first, third]);
    line.add(third);
    copies[0]!.hasRoom = true;
    line.pump();
    assertEquals(journal, ["c@1"]);
  }
});
