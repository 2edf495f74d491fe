/**
 * A running tree, as its owner holds it.
 *
 * @module
 */

import type { SystemEvent } from "../events.ts";
import type { Exit } from "../actor/exit.ts";
import type { ActorRef } from "../actor/ref.ts";
import { ActorSystem, type ActorSystemOptions } from "../actor/system.ts";
import type { StartOutcome } from "../actor/incarnation.ts";
import { Child, type ChildNotice } from "./child.ts";
import { type ActorSpec, type ChildSpec, pathOf } from "./child_spec.ts";
import { StartCancelledError, StartError, SupervisionError } from "./supervision_errors.ts";
import { type Supervisor, supervisorIn } from "./supervisor.ts";
import { type ChildCount, type ChildStatus, countOf } from "./status.ts";

/** A tree of supervised actors. */
export class System {
  /** Settles once, when nothing of the tree runs any more. Never rejects. */
  readonly ended: Promise<Exit>;
  readonly #actors: ActorSystem;
  readonly #root: Child;
  readonly #settleEnded: (exit: Exit) => void;
  readonly #started = Promise.withResolvers<void>();
  #starting: Promise<void> | undefined;
  #ending: Promise<Exit> | undefined;
  #isOver = false;

  /** Plants `spec`; nothing runs before {@linkcode System.start}. */
  constructor(spec: ChildSpec, options?: ActorSystemOptions) {
    this.#actors = new ActorSystem(options);
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.#root = new Child(spec, "/", {
      system: this.#actors,
      onReport: (report) => this.#onReport(report),
    });
    plantPlaces(this.#actors, "/", spec.children);
  }

  /**
   * Starts everything, in order; fulfilled when all are ready. A system starts once: while it starts or runs, another
   * call comes to the same; once it has ended, or is to, there is no starting it again.
   *
   * @throws {StartError} and then nothing runs
   */
  start(): Promise<void> {
    if (this.#ending !== undefined && this.#starting === undefined) {
      return Promise.reject(new StartError("/", new StartCancelledError()));
    }
    if (this.#starting !== undefined && (this.#ending !== undefined || this.#isOver)) {
      const why = "Cannot start a tree that has ended, or is to: make a new System";
      return Promise.reject(new StartError("/", new SupervisionError("no_supervisor", why)));
    }
    if (this.#starting === undefined) {
      this.#starting = this.#started.promise;
      this.#root.start();
    }
    return this.#starting;
  }

  #onReport(report: ChildNotice): void {
    if (report.of !== "start") return this.#over(report.exit);
    if (report.outcome !== "failed") return this.#started.resolve();
    const { cause } = report;
    this.#over(this.#ending === undefined ? { reason: "crash", cause } : { reason: "shutdown" });
    this.#started.reject(cause);
  }

  /**
   * The address of the actor that `spec` describes, with its types. A spec that stands at more than one place is to be
   * asked for by path.
   *
   * @throws {UnknownActorError}
   *
   * @example
   * ```ts
   * import { actor, start, supervisor } from "@outrider/outrider";
   *
   * const double = actor("double", () => ({ receive: (n: number) => 2 * n }));
   * await using system = await start(supervisor("root", [double]));
   * const four: number = await system.ref(double).ask(2);
   * console.log(four); // 4
   * ```
   */
  ref<Message, Value, Published>(
    spec: ActorSpec<Message, Value, Published>,
  ): ActorRef<Message, Value, Published>;
  /** The address of the actor at `path`, such as `workers/w1`. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types behind a path can't be known here; the caller names them
  ref<Message = any, Value = any, Published = any>(path: string): ActorRef<Message, Value, Published>;
  ref(actor: string | ChildSpec): ActorRef<never, unknown, unknown> {
    return this.#actors.ref(typeof actor === "string" ? actor : this.#actors.pathOf(actor));
  }

  /** What happens, from now on. A reader that is too slow loses the oldest events, and is told how many. */
  events(): AsyncIterableIterator<SystemEvent> {
    return this.#actors.events.read();
  }

  /** The tree as it stands. */
  status(): readonly ChildStatus[] {
    return supervisorIn(this.#root.incarnation)?.status() ?? [];
  }

  /** Whether anything runs, or will without anybody's doing. */
  get active(): boolean {
    if (this.#isOver || this.#root.state === "starting") return !this.#isOver;
    return supervisorIn(this.#root.incarnation)?.active ?? this.#root.state !== "idle";
  }

  // --- Requests to supervisors ------------------------------------------------------

  /**
   * Adds a child to the supervisor at `path` (`/` is the root), behind the others, and starts it; fulfilled when it is
   * ready. A child that can't be started is not kept. A supervisor that starts anew knows only the children that it
   * was made with. What its `after` names is not waited for: it has to be so already.
   *
   * @throws {SupervisionError} `no_supervisor`, `bad_combination`, `already_started`, `already_present`,
   * `max_children`, `unknown_dependency`
   * @throws {StartError}
   * @throws {OptionError} an id that can't be part of a path
   *
   * @example
   * ```ts
   * import { actor, dynamicSupervisor, start, supervisor } from "@outrider/outrider";
   *
   * const ann = actor("ann", () => ({ receive: (name: string) => `Hello ${name}` }));
   * await using system = await start(supervisor("root", [dynamicSupervisor("guests")]));
   * await system.startChild("guests", ann);
   * console.log(await system.ref("guests/ann").ask("world")); // Hello world
   * await system.terminateChild("guests/ann");
   * console.log(system.countChildren("guests").active); // 0
   * ```
   */
  async startChild(path: string, spec: ChildSpec): Promise<StartOutcome> {
    return await this.#supervisorAt(path).startChild(spec);
  }

  /**
   * Stops the child at `path` within its shutdown time. Its supervisor keeps it, not started, unless it is temporary, the
   * supervisor is dynamic, or it is new and was not ready yet. A start that is under way is cut short. A child that does
   * not run is left as it is; one that waits for a restart waits no more.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`
   */
  async terminateChild(path: string): Promise<void> {
    const { supervisor, id } = this.#parentOf(path);
    await supervisor.terminateChild(id);
  }

  /**
   * Starts the child at `path`, which its supervisor knows and which does not run, or is in quarantine; fulfilled when
   * it is ready. It does not count as a restart.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} and then it stays stopped
   */
  async restartChild(path: string): Promise<StartOutcome> {
    const { supervisor, id } = this.#parentOf(path);
    return await supervisor.restartChild(id);
  }

  /**
   * Makes its supervisor forget the child at `path`, which does not run.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`, `running`, `restarting`, `dynamic`
   */
  async deleteChild(path: string): Promise<void> {
    const { supervisor, id } = this.#parentOf(path);
    await supervisor.deleteChild(id);
  }

  /**
   * The children of the supervisor at `path`, in start order, as they stand now: it does not wait for what the
   * supervisor is doing.
   *
   * @throws {SupervisionError} `no_supervisor`
   */
  whichChildren(path: string = "/"): readonly ChildStatus[] {
    return this.#supervisorAt(path).status();
  }

  /** How many children the supervisor at `path` has, as they stand now. @throws {SupervisionError} `no_supervisor` */
  countChildren(path: string = "/"): ChildCount {
    return countOf(this.#supervisorAt(path).status());
  }

  #supervisorAt(path: string): Supervisor {
    let at = supervisorIn(this.#root.incarnation);
    if (path !== "/") { for (const id of path.split("/")) at = at?.supervisorAt(id); }
    if (at !== undefined) return at;
    throw new SupervisionError("no_supervisor", `Cannot reach '${path}': no supervisor runs there`);
  }

  #parentOf(path: string): { supervisor: Supervisor; id: string } {
    const cut = path.lastIndexOf("/");
    return { supervisor: this.#supervisorAt(cut < 0 ? "/" : path.slice(0, cut)), id: path.slice(cut + 1) };
  }

  // --- End --------------------------------------------------------------------------

  /** Stops everything in reverse start order, each child within its shutdown time. */
  stop(): Promise<Exit> {
    if (this.#ending === undefined) {
      this.#ending = this.ended;
      this.#stop();
    }
    return this.#ending;
  }

  /** Ends everything by force, at once. */
  kill(): Promise<Exit> {
    const ended = this.stop();
    this.#root.kill();
    return ended;
  }

  /** {@linkcode System.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #stop(): void {
    if (this.#root.state === "starting") this.#root.cutShort();
    else if (this.#root.state === "running") this.#root.stop();
    else this.#over({ reason: "shutdown" });
  }

  #over(exit: Exit): void {
    this.#isOver = true;
    this.#actors.dissolveAddresses("/", "its tree has ended");
    this.#actors.close();
    this.#settleEnded(exit);
  }
}

/**
 * Starts a tree; fulfilled when all its children are ready.
 *
 * That is all: it listens to no signal and keeps nothing on record. Where the program ends in another way than by stopping
 * the tree (Ctrl-C, SIGTERM, an uncaught error, `Deno.exit`), sidecars live on. A program's own tree is for `launch`.
 *
 * @throws {StartError} and then nothing runs
 */
export async function start(root: ChildSpec, options?: ActorSystemOptions): Promise<System> {
  const system = new System(root, options);
  await system.start();
  return system;
}

function plantPlaces(actors: ActorSystem, parent: string, specs: readonly ChildSpec[]): void {
  for (const spec of specs) {
    const path = pathOf(parent, spec.id);
    actors.address(path, spec.mailbox);
    actors.register(spec, path);
    plantPlaces(actors, path, spec.children);
  }
}
