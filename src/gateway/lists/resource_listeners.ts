/**
 * Which client wants to hear of which resource: a server is subscribed to once, however many do.
 */

import type { Backend } from "../backend.ts";
import type { GatewayClient } from "../client.ts";

/** A resource, by its server and the URI that is its own there. */
export interface OwnedResource {
  readonly backend: Backend;
  readonly uri: string;
}

/** The subscriptions of all clients. */
export class ResourceListeners {
  /** By server, then by URI; each client with the URI that it knows. */
  readonly #all = new Map<Backend, Map<string, Map<GatewayClient, string>>>();

  /** Notes that `client` wants to hear of it; whether it is the first to do so. */
  add(client: GatewayClient, { backend, uri, shown }: OwnedResource & { readonly shown: string }): boolean {
    const ofBackend = this.#all.get(backend) ?? new Map<string, Map<GatewayClient, string>>();
    this.#all.set(backend, ofBackend);
    const clients = ofBackend.get(uri) ?? new Map<GatewayClient, string>();
    ofBackend.set(uri, clients);
    const isFirst = clients.size === 0;
    clients.set(client, shown);
    return isFirst;
  }

  /** Notes that `client` does not any more; whether it was the last that did. */
  remove(client: GatewayClient, { backend, uri }: OwnedResource): boolean {
    const clients = this.#all.get(backend)?.get(uri);
    if (!clients?.delete(client) || clients.size > 0) return false;
    this.#all.get(backend)!.delete(uri);
    return true;
  }

  /** The clients that want to hear of it, each with the URI that it knows. */
  of(backend: Backend, uri: unknown): readonly (readonly [GatewayClient, string])[] {
    return [...this.#all.get(backend)?.get(uri as string) ?? []];
  }

  /** Forgets a client; gives what nobody wants to hear of any more. */
  leave(client: GatewayClient): readonly OwnedResource[] {
    const all = [...this.#all].flatMap(([backend, ofBackend]) =>
      [...ofBackend.keys()].map((uri) => ({ backend, uri }))
    );
    return all.filter((resource) => this.remove(client, resource));
  }
}
