/** The way of a child's end, with something that fails on it: the way is gone to its end all the same, and it is told. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { RunningProcess, SpawnOptions } from "../../src/process/child_process.ts";
import { SpawnedProcess } from "../../src/process/child.ts";
import { ExitUnknownError } from "../../src/process/process_errors.ts";
import { ProcessGroup } from "../../src/process/group.ts";
import { spawn } from "../../src/process/spawn.ts";
import { command, ended } from "./fixture.ts";

const PIPE_BROKE = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");

/** A process whose pipes and end are in a test's hand. */
class Played implements RunningProcess {
  readonly pid = 4_999_999;
  readonly #status = Promise.withResolvers<{ code: number; signal: Deno.Signal | null }>();
  readonly #failing = Promise.withResolvers<void>();
  readonly #let = Promise.withResolvers<void>();
  readonly #begun = Promise.withResolvers<void>();
  #out!: ReadableStreamDefaultController<Uint8Array>;
  #err!: ReadableStreamDefaultController<Uint8Array>;
  readonly status = this.#status.promise;
  readonly stdin = new WritableStream<Uint8Array>({
    // As Deno's own: the pipe is told of the failure a little before the write is over.
    write: async (_, pipe) => {
      this.#begun.resolve();
      await this.#failing.promise;
      pipe.error(PIPE_BROKE);
      await this.#let.promise;
    },
  });
  readonly stdout = new ReadableStream<Uint8Array>({ start: (control) => void (this.#out = control) });
  readonly stderr = new ReadableStream<Uint8Array>({ start: (control) => void (this.#err = control) });
  /** A write is in flight. */
  readonly writing = this.#begun.promise;

  kill(): void {
    throw new TypeError("Child process has already terminated");
  }

  /** The write in flight fails, and is over with {@linkcode Played.letGo}. */
  breakPipe(): void {
    this.#failing.resolve();
  }

  letGo(): void {
    this.#let.resolve();
  }

  /** The pipes that it wrote to end, or fail. */
  endOutput(failure?: Error): void {
    for (const pipe of [this.#out, this.#err]) failure === undefined ? pipe.close() : pipe.error(failure);
  }

  exit(code = 0): void {
    this.#status.resolve({ code, signal: null });
  }

  failToWait(error: Error): void {
    this.#status.reject(error);
  }
}

function played(options: SpawnOptions = {}): { process: Played; child: SpawnedProcess } {
  const process = new Played();
  const child = new SpawnedProcess(process, options);
  void child.readStdout(() => {}).catch(() => {});
  return { process, child };
}

/** A turn of the event loop: by then, what was rejected and not handled has ended the runtime. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

const WELL = { status: { code: 0, signal: undefined }, pipesHeld: false };

Deno.test("child closes when it ends while a write breaks its pipe", async () => {
  const { process, child } = played();
  child.write("in flight", "flying");
  await process.writing;
  child.write("behind it", "waiting");
  process.breakPipe();
  await turn();
  process.exit();
  process.endOutput();
  await turn(); // stdin was given up, with the write still under way
  process.letGo();
  assertEquals(await child.closed, WELL);
  assertEquals([child.failed(), child.unsent()], [["flying"], ["waiting"]]);
});

Deno.test("child closes when its stdout and stderr fail", async () => {
  const { process, child } = played();
  process.endOutput(new Error("input/output error"));
  await turn();
  process.exit(3);
  const error = await assertRejects(() => child.closed, Error, "input/output error");
  assertEquals(await child.exited, { code: 3, signal: undefined });
  assertInstanceOf(error, Error);
});

Deno.test("child reports an unknown end when the system does not say how its process ended", async () => {
  const { process, child } = played();
  process.failToWait(new Error("No child processes (os error 10)"));
  process.endOutput();
  await child.exited;
  const error = await assertRejects(() => child.closed, ExitUnknownError, "No child processes; if Outrider");
  assertEquals([error.code, error.pid], ["exit_unknown", process.pid]);
  assertEquals(child.signal("SIGKILL"), false);
});

Deno.test("child keeps an error on the way to its end from spreading when no caller awaits it", async () => {
  const child = spawn(command("sh", "-c", "echo a >&2; exit 3"), {
    onStderr: () => {
      throw new RangeError("listener");
    },
  });
  assertEquals(await child.exited, { code: 3, signal: undefined });
  while (!child.stderrTail.includes("a")) await turn();
  await turn();
  await assertRejects(() => child.closed, RangeError, "listener");
});

/** A group whose members can't be reached. */
class Unreachable extends ProcessGroup {
  readonly tried: string[] = [];

  constructor() {
    super(4_999_999, "none");
  }

  override left(): Promise<boolean> {
    this.tried.push("left");
    return Promise.resolve(true);
  }

  override end(): Promise<boolean> {
    this.tried.push("end");
    return Promise.reject(new Error("Resource temporarily unavailable"));
  }
}

Deno.test("child closes after its pipes have ended when its remaining group cannot be ended", async () => {
  const group = new Unreachable();
  const { process, child } = played({ group });
  let isClosed = false;
  child.closed.catch(() => isClosed = true);
  process.exit();
  await turn();
  assertEquals([isClosed, group.tried], [false, ["left"]]);
  process.endOutput();
  await assertRejects(() => child.closed, Error, "Resource temporarily unavailable");
  assertEquals(group.tried, ["left", "end"]);
});

Deno.test("spawn fails and leaves no process when onWarning throws", async () => {
  const program = await Deno.makeTempFile();
  await Deno.writeTextFile(program, "#!/bin/sh\nexec sleep 60\n");
  await Deno.chmod(program, 0o777);
  const onWarning = () => {
    throw new RangeError("listener");
  };
  await assertRejects(
    async () => await spawn(command(program), { onWarning }).exited,
    RangeError,
    "listener",
  );
  await Deno.remove(program);
});

Deno.test("child goes on when a signal reaches neither its group nor its leader", async () => {
  const child = spawn(command("sleep", "60"));
  const reached = Promise.withResolvers<void>();
  // A group of no number: the program `kill` refuses it, and no other process is told.
  new ProcessGroup(child.pid, "kill").signal("SIGNONE" as Deno.Signal, () => {
    reached.resolve();
    throw new Deno.errors.PermissionDenied("not this one either");
  });
  await reached.promise;
  await turn();
  child.signal("SIGKILL");
  await child.closed;
  await ended(child.pid);
});

Deno.test("child closes at the deadline when a grandchild neither reads nor refuses the write in flight", async () => {
  const { process, child } = played({ drainDeadline: 20 });
  child.write("in flight");
  await process.writing;
  process.endOutput();
  await turn();
  process.exit();
  assertEquals(await child.closed, { ...WELL, pipesHeld: true });
  process.breakPipe();
  process.letGo();
});
