// What was open when the page went away: kept by the browser for this tab alone, until the tab is closed.
import type { Shared } from "./share.js";

const KEY = "draft";

/** Keeps what is open, or forgets what was. */
export function keep(shared: Shared | undefined): void {
  try {
    sessionStorage.removeItem(KEY);
    if (shared) sessionStorage.setItem(KEY, JSON.stringify({ ...shared, address: location.href }));
  } catch {
    // More than the browser keeps, or it may keep nothing.
  }
}

/** What was open; where the address asks for something itself, only when the same page is loaded again. */
export function kept(): Shared | undefined {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as (Shared & { address: string }) | null;
    const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const isSame = draft?.address === location.href && visit?.type !== "navigate";
    return draft && draft.files.length > 0 && (isSame || (location.hash.length < 2 && location.search.length < 2)) ? draft : undefined;
  } catch {
    return undefined;
  }
}
