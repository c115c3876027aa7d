// What the page says in words: to everybody, or only to those who do not see it.
import { $ } from "./dom.js";

/** How long after the last key the result is said to those who do not see it, in milliseconds. */
const PAUSE = 1_000;
/** How long everybody can read what was said, in milliseconds. */
const SHOWN = 4_000;

/** What was found, in short. */
let found = "";
/** What of it was said. */
let announced = "";
let announcement: ReturnType<typeof setTimeout> | undefined;
let toast: ReturnType<typeof setTimeout> | undefined;

/** Says what was found once nobody types any more, where that is something else than before. */
export function announce(status: string): void {
  found = status;
  clearTimeout(announcement);
  announcement = setTimeout(() => found !== announced && tell((announced = found)), PAUSE);
}

/** Something else is looked at: what is found in it is said, also where it is the same. */
export function announceAnew(): void {
  announced = "";
}

/** Says something to those who do not see it. */
export function tell(text: string): void {
  $("say").textContent = text;
}

/** Says something to everybody, instead of what was found. */
export function say(text: string): void {
  clearTimeout(announcement);
  announced = found;
  tell(text);
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast);
  toast = setTimeout(() => (box.hidden = true), SHOWN);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Says why something went wrong. */
export const fail = (error: unknown): void => say(messageOf(error));
