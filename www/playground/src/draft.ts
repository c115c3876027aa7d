// What was open when the page went away: kept by the browser for this tab alone, until the tab is closed.
import type { Coming } from "./input.js";

const KEY = "draft";

interface Draft {
  files: Coming[];
  settings: string;
}

/** Keeps what is open, or forgets what was. */
export function keep(draft: Draft | undefined): void {
  const alone = draft && { ...draft, files: draft.files.map(({ name, text }) => ({ name, text })) };
  for (const kept of [draft, alone]) {
    try {
      sessionStorage.removeItem(KEY);
      if (kept) sessionStorage.setItem(KEY, JSON.stringify({ ...kept, address: location.href }));
      return;
    } catch {
      // More than the browser keeps, or it may keep nothing.
    }
  }
}

/** What was open; where the address asks for something itself, only when the same page is loaded again. */
export function kept(): Draft | undefined {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as (Draft & { address: string }) | null;
    const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const isSame = draft?.address === location.href && visit?.type !== "navigate";
    return draft && draft.files.length > 0 && (isSame || (location.hash.length < 2 && location.search.length < 2)) ? draft : undefined;
  } catch {
    return undefined;
  }
}
