/** Who is signed in, for this tab only: the token is forgotten with the tab, and after its own half hour. */

const KEY = "flux.session";

export type Session = { token: string; email: string; expiresAt: number };

let current: Session | null | undefined; // undefined: not read from the tab's storage yet
const listeners = new Set<() => void>();

export function session(): Session | null {
  if (current === undefined) {
    current = read();
  }
  return current;
}

export function signIn(opened: Session): void {
  change(opened);
}

export function signOut(): void {
  change(null);
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: Session | null): void {
  current = next;
  try {
    if (next) {
      sessionStorage.setItem(KEY, JSON.stringify(next));
    } else {
      sessionStorage.removeItem(KEY);
    }
  } catch {
    // Storage is switched off in this browser: the session then lasts until the page is left.
  }
  for (const listener of listeners) {
    listener();
  }
}

function read(): Session | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Session | null;
    return kept && kept.expiresAt > Date.now() ? kept : null;
  } catch {
    return null;
  }
}
