/**
 * Web streams on an actor: its published values, its messages, and both as a transform.
 *
 * Used by `ActorRef`. The invariant: a stream into a process belongs to one incarnation. It fails with that
 * incarnation, and none of its chunks reaches another one.
 */

import { ActorStoppedError, IncarnationEndedError, OptionError } from "./actor_errors.ts";
import type { Address, AddressWatcher } from "./address.ts";
import { asError, type Exit } from "./exit.ts";
import type { Subscription } from "./events/subscription.ts";
import { Tell } from "./mailbox/delivery.ts";

/** A pair of streams, for `pipeThrough`. */
export interface ActorTransform<Message, Published> {
  /** The actor's published values. */
  readonly readable: ReadableStream<Published>;
  /** The actor's messages. */
  readonly writable: WritableStream<Message>;
}

/** The behaviour of an actor whose spec says `takesStreams`. */
export interface StreamTaking {
  /** Handles one step, in its turn among the messages. Never rejects: the stream has the error. */
  takeStep(step: StreamStep): Promise<void>;
}

/** One step of a stream, on its way through the mailbox of a process: a chunk, or the end of its input. */
export class StreamStep extends Tell {
  /** Whether it is the end of the input, and not a chunk. */
  readonly isEnd: boolean;
  /** Of the incarnation that it is for. */
  readonly generation: number;
  /** Settled when the process has taken it. */
  readonly taken: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Whether the process takes no more input: no fault of the chunk. */
  isUnreadable = false;

  /** For incarnation `generation`; the end of the input without `chunk`. */
  constructor(generation: number, chunk?: { readonly message: unknown }) {
    super(chunk?.message, undefined);
    this.isEnd = chunk === undefined;
    this.generation = generation;
    this.taken.promise.catch(() => {}); // the stream has failed by then
  }

  /** Itself, as no other incarnation handles it. */
  override again(): unknown {
    return this;
  }
}

/** A stream of the values that the actor publishes from now on. Cancelling it ends the subscription. */
export function readableOf<Published>(subscription: Subscription<Published>): ReadableStream<Published> {
  return new ReadableStream<Published>({
    async pull(controller) {
      const { value, done } = await subscription.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await subscription.return();
    },
  }, { highWaterMark: 0 });
}

/** The input of an actor: each write waits until its message was taken. Closing it ends the stdin of a sidecar. */
export function writableOf<Message>(address: Address): WritableStream<Message> {
  return address.takesStreams
    ? new ProcessInput(address).writable as WritableStream<Message>
    : plainInput(address);
}

function plainInput<Message>(address: Address): WritableStream<Message> {
  return new WritableStream<Message>({
    async write(message) {
      await address.mailbox.offer(message);
    },
  }, { highWaterMark: 1 });
}

/**
 * The input and the output of one incarnation. What it publishes comes out, to its end; it ends once its input has.
 *
 * @throws {OptionError} another transform has it
 */
export function transformOf<Message, Published>(
  address: Address,
  subscribe: () => Subscription<Published>,
): ActorTransform<Message, Published> {
  const { path } = address;
  if (!address.takesStreams) {
    throw new OptionError(`Cannot make a transform of '${path}': it is not a sidecar with a protocol`);
  }
  if (address.hasTransform) {
    throw new OptionError(
      `Cannot make a second transform of '${path}' at a time: its one process has one input; a filter or a pool has more`,
    );
  }
  address.hasTransform = true;
  const subscription = subscribe();
  const input = new ProcessInput(address, (exit, generation) => {
    address.hasTransform = false;
    if (exit === undefined) subscription.fail(new ActorStoppedError(path, "it has ended"));
    else if (exit.reason === "normal") subscription.end();
    else subscription.fail(new IncarnationEndedError(path, generation, exit));
  });
  const output = readableOf(subscription).getReader();
  const readable = new ReadableStream<Published>({
    async pull(controller) {
      const { value, done } = await output.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      input.giveUp(reason);
      await output.cancel(reason);
    },
  }, { highWaterMark: 0 });
  input.onFailed = (reason) => subscription.fail(asError(reason));
  return { readable, writable: input.writable as WritableStream<Message> };
}

/** Takes inputs that were never closed, and that nothing can write to any more, off their address. */
const forgotten = new FinalizationRegistry<{ readonly address: WeakRef<Address>; readonly key: object }>(
  ({ address, key }) => address.deref()?.watchers.delete(key),
);

/** Tells `input`, while there is one, of the ends of its address. */
function watcherOf(input: () => ProcessInput | undefined): AddressWatcher {
  return {
    onEnd: (generation, exit) => input()?.ended(generation, exit),
    onGone: () => input()?.over(undefined),
  };
}

/** Not in the class: a closure there would hold on to `this`. */
function watchWeakly(address: Address, key: object, input: ProcessInput): void {
  forgotten.register(input, { address: new WeakRef(address), key });
  address.watchers.set(key, watcherOf(weakly(input)));
}

function weakly<Value extends object>(value: Value): () => Value | undefined {
  const reference = new WeakRef(value);
  return () => reference.deref();
}

class ProcessInput {
  readonly writable: WritableStream<unknown>;
  /** Called when its writer has aborted it, or a chunk could not be sent. */
  onFailed: ((reason: unknown) => void) | undefined;
  readonly #address: Address;
  readonly #generation: number;
  /** The step that is on its way: a stream writes one at a time. */
  #step: StreamStep | undefined;
  readonly #onEnded: ((exit: Exit | undefined, generation: number) => void) | undefined;
  #controller!: WritableStreamDefaultController;
  #isOver = false;
  /** Its registered watcher; not itself, so that a stream without a writer can be collected. */
  readonly #key = {};

  /** `onEnded` is called once, when the incarnation has ended, or none follows. */
  constructor(address: Address, onEnded?: (exit: Exit | undefined, generation: number) => void) {
    this.#address = address;
    this.#onEnded = onEnded;
    // One that is to start is next.
    this.#generation = address.lastExit === undefined ? address.generation : address.generation + 1;
    this.writable = new WritableStream({
      start: (controller) => void (this.#controller = controller),
      write: (message) => this.#send(new StreamStep(this.#generation, { message })),
      close: () => this.#send(new StreamStep(this.#generation)),
      abort: (reason) => {
        this.onFailed?.(reason);
        this.#endInput();
      },
    }, { highWaterMark: 1 });
    if (address.isGone) this.over(undefined);
    else if (onEnded !== undefined) address.watchers.set(this.#key, watcherOf(() => this));
    else watchWeakly(address, this.#key, this);
  }

  /** Its reader has left: nothing more is to be written, and the process is told that its input is over. */
  giveUp(reason: unknown): void {
    this.#controller.error(reason);
    this.#endInput();
  }

  async #send(step: StreamStep): Promise<void> {
    this.#step = step;
    try {
      const sent = this.#address.mailbox.offer(step);
      if (sent !== undefined) await Promise.race([sent, step.taken.promise]);
      await step.taken.promise;
    } catch (thrown) {
      // The stream fails with it. What a process that takes no more input has to say still comes.
      if (!this.#isOver && !step.isUnreadable) {
        this.onFailed?.(thrown);
        if (this.onFailed !== undefined) this.#endInput();
      }
      throw thrown;
    } finally {
      this.#step = undefined;
    }
  }

  #endInput(): void {
    void Promise.resolve(this.#address.mailbox.offer(new StreamStep(this.#generation))).catch(() => {});
  }

  ended(generation: number, exit: Exit): void {
    if (generation === this.#generation) this.over(exit);
  }

  /** Its incarnation has ended, or, without `exit`, none follows. */
  over(exit: Exit | undefined): void {
    const { path, watchers } = this.#address;
    this.#isOver = true;
    watchers.delete(this.#key);
    const error = exit === undefined
      ? new ActorStoppedError(path, "it has ended")
      : new IncarnationEndedError(path, this.#generation, exit);
    this.#step?.taken.reject(error);
    this.#controller.error(error); // nothing happens to one that was closed
    this.#onEnded?.(exit, this.#generation);
  }
}
