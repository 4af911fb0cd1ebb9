// @ts-check
/** Watches taken off the list, with the way back: what was removed is kept until its toast is gone. */

import { api } from "../api.js";
import { count } from "../format.js";
import { toast } from "../parts.js";

/**
 * @param {string[][]} keys
 * @param {string} name what the person knows it by, if it is one
 */
export async function remove(keys, name) {
  const { watches } = await api.removeWatches(keys);
  const what = keys.length === 1 ? name : `${count(keys.length)} products`;
  toast(`${what}: watched no longer. The history stays.`, "good", "", async () => {
    await api.addWatch({ watches });
    return `${what}: watched again`;
  });
}
