/** Random trees that stop within a random time, some of whose children end early and some never by themselves. */

import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { StopShares } from "../../src/supervision/stop_shares.ts";
import { longestStop, type Stopping } from "../../src/supervision/stop_time.ts";

/** A child that stops: its steps, and how long it takes by itself; a group of such. */
interface Leaf {
  readonly steps: readonly number[];
  readonly takes: number;
  readonly after: readonly number[];
}
interface Group {
  readonly how: "chained" | "unordered" | "dependent";
  readonly members: readonly (Leaf | Group)[];
  readonly after: readonly number[];
}

const leaf: fc.Arbitrary<Leaf> = fc.record({
  steps: fc.oneof(
    fc.array(fc.constantFrom(1, 100, 5_000, 10_000, 600_000), { minLength: 1, maxLength: 3 }),
    fc.constant([Infinity]),
  ),
  takes: fc.constantFrom(0, 10, 500, 9_000, Infinity),
  after: fc.array(fc.nat(4), { maxLength: 2 }),
});
const { group } = fc.letrec<{ group: Group; member: Leaf | Group }>((tie) => ({
  group: fc.record({
    how: fc.constantFrom("chained", "unordered", "dependent"),
    members: fc.array(tie("member"), { minLength: 1, maxLength: 4 }),
    after: fc.array(fc.nat(4), { maxLength: 2 }),
  }),
  member: fc.oneof({ maxDepth: 2, withCrossShrink: true }, leaf, tie("group")),
}));

const sum = (times: readonly number[]) => times.reduce((total, ms) => total + ms, 0);

/** `position`: among its siblings; in a dependent group it starts after some of those before it. */
function stoppingOf(one: Leaf | Group, position: number, isDependent: boolean): Stopping {
  const before = position === 0 ? [] : one.after.map((at) => ({ id: String(at % position) }));
  const shared = { id: String(position), ...isDependent && { after: before } };
  if ("steps" in one) {
    const steps = sum(one.steps);
    return { ...shared, own: steps + 3_000, steps, children: [], isUnordered: false };
  }
  const children = one.members.map((member, at) => stoppingOf(member, at, one.how === "dependent"));
  return { ...shared, own: 0, steps: 0, children, isUnordered: one.how === "unordered" };
}

/** What came of a leaf. */
interface Ended {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
  readonly isCut: boolean;
}

/** Stops `one` from `begin` on, in its order, and returns when all of it has ended. */
function run(
  one: Leaf | Group,
  path: string,
  begin: number,
  walk: { shares: StopShares; seen: Ended[] },
): number {
  if ("steps" in one) {
    let at = begin;
    let isCut = true;
    for (const [index, ms] of one.steps.entries()) {
      const has = walk.shares.stepTime(path, { ms, after: sum(one.steps.slice(index + 1)), elapsed: at });
      assert(has > 0 && has <= ms, `${path} has ${has} of ${ms} ms`);
      at = Math.min(at + has, begin + one.takes);
      if (at < begin + one.takes) continue;
      isCut = false;
      break;
    }
    walk.seen.push({ path, begin, end: at, isCut: isCut && at - begin < sum(one.steps) * (1 - 1e-9) });
    return at;
  }
  const below = (at: number) => path === "/" ? String(at) : `${path}/${at}`;
  const ends: number[] = [];
  for (let at = one.members.length - 1; at >= 0; at--) {
    const waitsFor = one.how === "unordered"
      ? []
      : Object.keys(ends).map(Number).filter((other) =>
        one.how === "chained" || one.members[other]!.after.some((index) => index % other === at)
      );
    ends[at] = run(
      one.members[at]!,
      below(at),
      Math.max(begin, ...waitsFor.map((other) => ends[other]!)),
      walk,
    );
  }
  return Math.max(...ends);
}

Deno.test("each child has time for its signal, and all end in time, when a stop is shorter than their sequences", () => {
  fc.assert(fc.property(group, fc.integer({ min: 1, max: 700_000 }), (tree, deadline) => {
    const shares = new StopShares(stoppingOf(tree, 0, false), deadline);
    const seen: Ended[] = [];
    const end = run(tree, "/", 0, { shares, seen });
    assert(end <= deadline * (1 + 1e-9), `over after ${end} of ${deadline} ms`);
    const least = new Map([...shares.leastTimes()].map(({ path, least }) => [path, least]));
    for (const { path, begin, end, isCut } of seen) {
      if (isCut) assert(end - begin >= least.get(path)! * (1 - 1e-9), `${path} has less than its least`);
    }
  }));
});

Deno.test("a child is ended early only when those that stop after it need all the time that is left", () => {
  fc.assert(fc.property(group, fc.integer({ min: 1, max: 700_000 }), (tree, deadline) => {
    const root = stoppingOf(tree, 0, false);
    const seen: Ended[] = [];
    run(tree, "/", 0, { shares: new StopShares(root, deadline), seen });
    for (const { path, end, isCut } of seen) {
      if (!isCut) continue;
      const left = deadline * 0.9 - end;
      const needed = behind(root, path.split("/"), deadline);
      assert(left <= needed * (1 + 1e-9) + 1e-6, `${path} is cut with ${left} ms left for ${needed}`);
    }
  }));
});

/** The longest way behind the child at `path`, a child without a limit counted as the whole deadline. */
function behind(
  { children, isUnordered }: Stopping,
  [id, ...rest]: readonly string[],
  deadline: number,
): number {
  const at = Number(id);
  const child = children[at]!;
  const way = (one: Stopping): number => longestStop(bounded(one, deadline * 0.9));
  const below = rest.length === 0 ? 0 : behind(child, rest, deadline);
  if (isUnordered) return below;
  if (children.every(({ after }) => after === undefined)) return below + sum(children.slice(0, at).map(way));
  const after = (one: Stopping): number =>
    Math.max(
      0,
      ...(one.after ?? []).map(({ id }) => way(children[Number(id)]!) + after(children[Number(id)]!)),
    );
  return below + after(child);
}

function bounded(one: Stopping, most: number): Stopping {
  const steps = Math.min(one.steps, most);
  return { ...one, own: steps, steps, children: one.children.map((child) => bounded(child, most)) };
}

Deno.test("a child has all the time that the one before it has left over", () => {
  const child = (id: string, steps: number) => ({ id, own: steps, steps, children: [], isUnordered: false });
  const root = { ...child("", 0), children: [child("db", 10_000), child("worker", 600_000)] };
  const shares = new StopShares(root, 20_000);
  assertEquals(Math.round(shares.stepTime("worker", { ms: 600_000, after: 0, elapsed: 0 })), 11_571);
  assertEquals(shares.stepTime("db", { ms: 10_000, after: 0, elapsed: 16 }), 10_000);
});

Deno.test("a child has the time in which those that stop after it wait for another", () => {
  const child = (id: string, steps: number, ...after: string[]) => (
    { id, own: steps, steps, children: [], isUnordered: false, after: after.map((id) => ({ id })) }
  );
  const children = [child("db", 1_000), child("web", 9_000, "db"), child("worker", 99_000, "db")];
  const shares = new StopShares({ ...child("", 0), children }, 10_000);
  assertEquals(Math.round(shares.stepTime("worker", { ms: 99_000, after: 0, elapsed: 0 })), 8_100);
  assertEquals(Math.round(shares.stepTime("web", { ms: 9_000, after: 0, elapsed: 0 })), 8_100);
});

Deno.test("a child has its share of a stop when it is one of 200,000 that stop at once", () => {
  const child = (id: string) => ({ id, own: 10, steps: 10, children: [], isUnordered: false });
  const children = Array.from({ length: 200_000 }, (_, index) => child(String(index)));
  const shares = new StopShares({ ...child(""), own: 0, steps: 0, children, isUnordered: true }, 5);
  assertEquals(shares.stepTime("7", { ms: 10, after: 0, elapsed: 0 }), 4.5);
});
