/**
 * Gives each program of another tool's file an id that no other of its list has. Pure.
 */

import { plainName } from "../tauri/gather.ts";

/** The ids of a list. */
export class FreeIds {
  readonly #taken = new Set<string>();
  /** The number of the next of a name: counted from 1 each time, thousands with one name would take a minute. */
  readonly #nth = new Map<string, number>();

  /** The id of what is called `name`; `otherwise` stands for a name that has nothing of an id. */
  give(name: string, otherwise: string): string {
    const plain = plainName(name) || otherwise;
    let nth = this.#nth.get(plain) ?? 1;
    let id = nth === 1 ? plain : `${plain}-${nth}`;
    while (this.#taken.has(id)) id = `${plain}-${++nth}`;
    this.#nth.set(plain, nth + 1);
    this.#taken.add(id);
    return id;
  }
}
