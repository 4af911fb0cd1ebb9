// @ts-check
/** How long a product may be kept quiet, as moments its silence ends. Pure. */

const HOUR_MS = 3_600_000;
const LENGTHS = /** @type {[number, string][]} */ ([[1, "For 1 hour"], [8, "For 8 hours"], [24, "For 1 day"], [168, "For 7 days"]]);

/**
 * The moment each choice ends at, and its name.
 * @param {number} now milliseconds since 1970
 * @returns {[string, string][]}
 */
export function ends(now) {
  return LENGTHS.map(([hours, name]) => [`${new Date(now + hours * HOUR_MS).toISOString().slice(0, 19)}Z`, name]);
}
