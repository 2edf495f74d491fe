/**
 * A running tree, as its owner holds it.
 *
 * @module
 */

import type { SystemEvent } from "../actor/event.ts";
import type { Exit } from "../actor/exit.ts";
import { asError } from "../actor/exit.ts";
import type { ActorRef } from "../actor/ref.ts";
import { ActorSystem } from "../actor/system.ts";
import type { ActorSystemOptions } from "../actor/system.ts";
import { Child } from "./child.ts";
import { pathOf } from "./child_spec.ts";
import type { ChildSpec } from "./child_spec.ts";
import { StartError } from "./errors.ts";
import { Supervisor } from "./supervisor.ts";
import type { ChildStatus } from "./supervisor.ts";

/** A tree of supervised actors. */
export class System {
  /** Settles once, when nothing of the tree runs any more. Never rejects. */
  readonly ended: Promise<Exit>;
  readonly #actors: ActorSystem;
  readonly #root: Child;
  readonly #settleEnded: (exit: Exit) => void;
  #ending: Promise<Exit> | undefined;

  /** Plants `spec`; nothing runs before {@linkcode System.start}. */
  constructor(spec: ChildSpec, options?: ActorSystemOptions) {
    this.#actors = new ActorSystem(options);
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.#root = new Child(spec, "/", {
      system: this.#actors,
      onDeath: ({ exit }) => this.#over(exit),
    });
    plantPlaces(this.#actors, "/", spec.children);
  }

  /** Starts everything, in order; fulfilled when all are ready. @throws {StartError} and then nothing runs */
  async start(): Promise<void> {
    if (this.#ending !== undefined) {
      throw new StartError("/", new Error("Cannot go on: told to stop before the start"));
    }
    try {
      await this.#root.start();
    } catch (thrown) {
      this.#over(this.#ending ? { reason: "shutdown" } : { reason: "crash", cause: asError(thrown) });
      throw thrown;
    }
  }

  /** The address of the actor at `path`, such as `workers/w1`. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types behind a path can't be known here; the caller names them
  ref<Message = any, Value = any, Published = any>(path: string): ActorRef<Message, Value, Published> {
    return this.#actors.ref(path);
  }

  /** What happens, from now on. A reader that is too slow loses the oldest events, and is told how many. */
  events(): AsyncIterableIterator<SystemEvent> {
    return this.#actors.events.read();
  }

  /** The tree as it stands. */
  status(): readonly ChildStatus[] {
    const root = this.#root.incarnation;
    return root instanceof Supervisor ? root.status() : [];
  }

  /** Whether anything runs, or will without anybody's doing. */
  get active(): boolean {
    const root = this.#root.incarnation;
    return root instanceof Supervisor ? root.active : this.#root.active;
  }

  /** Stops everything in reverse start order, each child within its shutdown time. */
  stop(): Promise<Exit> {
    this.#ending ??= this.#stop();
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

  async #stop(): Promise<Exit> {
    if (this.#root.state === "starting") {
      this.#root.interrupt();
      return await this.ended;
    }
    await this.#root.stop();
    this.#over({ reason: "shutdown" });
    return await this.ended;
  }

  #over(exit: Exit): void {
    this.#actors.closePlaces("/", "its tree has ended");
    this.#actors.close();
    this.#settleEnded(exit);
  }
}

/** Starts a tree; fulfilled when all its children are ready. @throws {StartError} and then nothing runs */
export async function start(root: ChildSpec, options?: ActorSystemOptions): Promise<System> {
  const system = new System(root, options);
  await system.start();
  return system;
}

function plantPlaces(actors: ActorSystem, parent: string, specs: readonly ChildSpec[]): void {
  for (const spec of specs) {
    const path = pathOf(parent, spec.id);
    actors.place(path, spec.mailbox);
    plantPlaces(actors, path, spec.children);
  }
}
