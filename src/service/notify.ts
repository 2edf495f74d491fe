/**
 * Tells systemd how the service is: sd_notify(3), for units of `Type=notify`, and the watchdog of the event loop.
 *
 * Each message is one datagram to the socket that systemd names in `NOTIFY_SOCKET`. Deno sends datagrams only from a
 * socket of its own (`--unstable-net`); it stands in the unit's `RuntimeDirectory`.
 */

import { join } from "../permissions/path.ts";
import { ServiceError } from "./service_errors.ts";

/** The variables that systemd says it with. */
export const NOTIFY_VARIABLES: readonly string[] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "RUNTIME_DIRECTORY"];

/** Where the messages go, and come from. */
export interface NotifyPlace {
  /** The socket of systemd. */
  readonly to: string;
  /** The socket that they are sent from. */
  readonly from: string;
  /** Milliseconds within which systemd wants a sign of life; `undefined`: it does not. */
  readonly watchdog: number | undefined;
}

/** Reads what systemd has set; the variables may be read. @throws {ServiceError} it is not there, or is not usable */
export function notifyPlace(env: { get(name: string): string | undefined } = Deno.env): NotifyPlace {
  const [to, watchdog, folder] = NOTIFY_VARIABLES.map((name) => env.get(name));
  if (to === undefined || to === "") {
    throw new ServiceError(
      "not_notified",
      "Cannot notify systemd: NOTIFY_SOCKET is not set; --notify is for a unit of Type=notify",
    );
  }
  if (!to.startsWith("/")) {
    throw new ServiceError(
      "not_notified",
      `Cannot notify systemd: Deno can't send to the abstract socket ${to}`,
    );
  }
  if (folder === undefined || folder === "") {
    throw new ServiceError(
      "not_notified",
      "Cannot notify systemd: RUNTIME_DIRECTORY is not set; the unit needs RuntimeDirectory=, for a socket of ours",
    );
  }
  const limit = Number(watchdog) / 1_000;
  return { to, from: join(folder.split(":")[0]!, "notify"), watchdog: limit > 0 ? limit : undefined };
}

/** Part of Deno's unstable API that is used here. */
interface Datagrams {
  listenDatagram?: (options: { transport: "unixpacket"; path: string }) => {
    send(message: Uint8Array, to: { transport: "unixpacket"; path: string }): Promise<number>;
    close(): void;
  };
}

/** Sends messages. */
export class Notifier implements Disposable {
  readonly #place: NotifyPlace;
  readonly #socket: ReturnType<NonNullable<Datagrams["listenDatagram"]>>;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #sending: Promise<void> = Promise.resolve();
  #status = "";

  /** @throws {ServiceError} without `--unstable-net` @throws {Deno.errors.NotCapable} */
  constructor(place: NotifyPlace) {
    const { listenDatagram } = Deno as Datagrams;
    if (listenDatagram === undefined) {
      throw new ServiceError(
        "not_notified",
        "Cannot notify systemd: Deno sends datagrams only with --unstable-net; add it to deno run",
      );
    }
    this.#place = place;
    try {
      Deno.removeSync(place.from); // what a killed run has left
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#socket = listenDatagram({ transport: "unixpacket", path: place.from });
    if (place.watchdog === undefined) return;
    // Half of it, as systemd advises. A loop that is held sends nothing, and systemd ends the service.
    this.#timer = setInterval(() => this.send("WATCHDOG=1"), place.watchdog / 2);
    Deno.unrefTimer(this.#timer);
  }

  /** The service has started. */
  ready(): void {
    this.send("READY=1");
  }

  /** The service is about to stop. */
  stopping(): void {
    this.send("STOPPING=1");
  }

  /** One line that `systemctl status` shows; said again only where it has changed. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.send(`STATUS=${text.replace(/\s+/g, " ")}`);
  }

  /** Messages go in order; one that can't be sent is lost, as with sd_notify(3) itself. */
  send(message: string): void {
    const bytes = new TextEncoder().encode(message);
    const to = { transport: "unixpacket", path: this.#place.to } as const;
    this.#sending = this.#sending.then(() => this.#socket.send(bytes, to)).then(() => {}, () => {});
  }

  /** Fulfilled when all was sent. */
  get sent(): Promise<void> {
    return this.#sending;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
    try {
      Deno.removeSync(this.#place.from);
    } catch {
      // systemd removes the folder.
    }
  }
}
