/**
 * Caches for a second where the system finds a program: a restart, or a fleet, looks a name up once.
 *
 * Used by `leader.ts` and `start_warnings.ts`. A program with a checksum is looked up at each start (`checksum.ts`).
 */
import { isAbsolute } from "../../permissions/path.ts";
import {
  type CandidateFiles,
  candidateFiles,
  foldersOf,
  type LookupContext,
} from "../../permissions/find_program.ts";
import { isPath } from "../../permissions/permit.ts";

const LOOKUP_MS = 1_000;
const MAX_LOOKUPS = 100;
const lookups = new Map<string, { readonly places: CandidateFiles; readonly at: number }>();

/** Returns the places of a name as they were at most {@linkcode LOOKUP_MS} ago; those of a path as they are now. */
export function knownPlaces(program: string, { cwd, path }: LookupContext): CandidateFiles {
  if (isPath(program)) return candidateFiles(program, {});
  const around = foldersOf(path).every((folder) => isAbsolute(folder)) ? { path } : { path, cwd };
  const key = [program, path, around.cwd].join("\0");
  const known = lookups.get(key);
  const at = performance.now();
  if (known !== undefined && at - known.at < LOOKUP_MS) return known.places;
  const places = candidateFiles(program, around);
  if (lookups.size >= MAX_LOOKUPS) lookups.clear();
  lookups.set(key, { places, at });
  return places;
}
