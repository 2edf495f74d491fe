/**
 * The least that can be called an actor in one process: an array and one microtask. It has no bound, no backpressure,
 * no failures, no time slice (a never-idle loop starves the event loop), and asks without timeouts.
 */

/** Tells only: the array holds the messages. */
export class BareLoop<Message> {
  #queue: Message[] = [];
  #scheduled = false;
  readonly #receive: (message: Message) => void;
  readonly #drain = () => {
    const queue = this.#queue;
    for (let i = 0; i < queue.length; i++) this.#receive(queue[i]!);
    this.#queue = [];
    this.#scheduled = false;
  };

  constructor(receive: (message: Message) => void) {
    this.#receive = receive;
  }

  tell(message: Message): void {
    this.#queue.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#drain);
  }
}

/** Asks only: the array holds each message with its promise's resolver. */
export class BareAskLoop<Message, Value> {
  readonly #loop: BareLoop<{ readonly message: Message; readonly resolve: (value: Value) => void }>;

  constructor(receive: (message: Message) => Value) {
    this.#loop = new BareLoop(({ message, resolve }) => resolve(receive(message)));
  }

  ask(message: Message): Promise<Value> {
    return new Promise((resolve) => this.#loop.tell({ message, resolve }));
  }
}
