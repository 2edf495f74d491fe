import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { SupervisionError } from "../../src/supervision/errors.ts";
import { type Caller, JobQueue } from "../../src/supervision/job_queue.ts";
import { failureOf, Gate, stateOf } from "../support/probes.ts";

function queue() {
  const seen: string[] = [];
  const state = { over: false };
  const jobs = new JobQueue({
    path: "pool",
    isOver: () => state.over,
    onOver: () => void seen.push("over"),
    onFault: (thrown) => {
      seen.push(`fault ${(thrown as Error).message}`);
      state.over = true;
    },
  });
  return { jobs, seen, state };
}

Deno.test("nothing is done before it is open; then one thing after the other, in the order they came", async () => {
  const { jobs, seen } = queue();
  const gate = new Gate();
  jobs.push(async () => {
    seen.push("a begins");
    await gate.passed;
    seen.push("a ends");
  });
  jobs.push(() => void seen.push("b"));
  assertEquals([seen, jobs.isOpen], [[], false]);
  jobs.open();
  assertEquals([await stateOf(gate.passed), seen, jobs.isOpen], ["pending", ["a begins"], true]);
  gate.open();
  await stateOf(undefined);
  assertEquals(seen, ["a begins", "a ends", "b"]);
});

Deno.test("a caller is answered by what the job tells, also long after the job, or by what it throws", async () => {
  const { jobs } = queue();
  jobs.open();
  let caller: Caller<string> | undefined;
  const later = jobs.request<string>((given) => void (caller = given));
  assertEquals([await stateOf(later), await jobs.request<string>(({ resolve }) => resolve("now"))], [
    "pending",
    "now",
  ]);
  caller!.resolve("later");
  assertEquals(await later, "later");
  const boom = new Error("boom");
  assertStrictEquals(
    await failureOf(jobs.request(() => {
      throw boom;
    })),
    boom,
  );
});

Deno.test("at the end no job is begun, and whoever was not answered is refused", async () => {
  const { jobs, seen, state } = queue();
  jobs.open();
  const unanswered = jobs.request(() => {});
  state.over = true;
  jobs.push(() => void seen.push("begun"));
  jobs.refuseAll();
  for (const refused of [unanswered, jobs.request(() => {})]) {
    const error = await failureOf(refused);
    assertInstanceOf(error, SupervisionError);
    assertEquals([error.code, error.message], ["no_supervisor", "Cannot reach 'pool': it has ended"]);
  }
  jobs.wake();
  assertEquals(seen, ["over"]);
});

Deno.test("a job that throws, which is nobody's request, is a fault", async () => {
  const { jobs, seen } = queue();
  jobs.push(() => {
    throw new Error("boom");
  });
  jobs.push(() => void seen.push("begun"));
  jobs.open();
  await stateOf(undefined);
  assertEquals(seen, ["fault boom", "over"]);
});
