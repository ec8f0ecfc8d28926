/** Flux's API on the page's own origin. Whatever goes wrong becomes a Failure that says it in plain words. */

import { type Forecast, readForecasts } from "./forecasts";
import type { Session } from "./session";

const PATIENCE = 20_000; // ms; the API itself gives up after 10 s

export class Failure extends Error {
  constructor(
    message: string,
    /** The token is no longer accepted: the owner has to sign in again. */
    readonly signedOut = false,
  ) {
    super(message);
  }
}

/** What a form says of an error: a Failure's own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Failure ? error.message : "Something went wrong on this page. Please reload it.";
}

export async function openSession(email: string, password: string): Promise<Session> {
  const response = await send("/api/v1/auth/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (response.status === 401) {
    throw new Failure("That email and password do not match. Please check both and try again.");
  }
  const body = (await understood(response)) as { access_token: string; expires_in: number };
  return { token: body.access_token, email, expiresAt: Date.now() + body.expires_in * 1000 };
}

/** Another password for one's own account. */
export async function changePassword(session: Session, current: string, wanted: string): Promise<void> {
  await answerOf(session, "PUT", "auth/password", { current_password: current, new_password: wanted });
}

/** A password for whom a link was made; `token` is what follows the # in it. */
export async function choosePassword(token: string, wanted: string): Promise<void> {
  const response = await send("/api/v1/auth/password-link", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, new_password: wanted }),
  });
  await understood(response);
}

export async function fetchForecasts(session: Session, cancelled?: AbortSignal): Promise<Forecast[]> {
  return readForecasts(await answerOf(session, "GET", "forecasts", undefined, cancelled));
}

/** What the API answers to who is signed in; null where a good answer has no body. */
export async function answerOf(
  session: Session,
  method: string,
  path: string,
  body?: object,
  cancelled?: AbortSignal,
): Promise<unknown> {
  const response = await send(`/api/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${session.token}`, ...(body && { "Content-Type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    ...(cancelled && { signal: cancelled }),
  });
  if (response.status === 401) {
    throw new Failure("You were signed out because some time has passed. Please sign in again.", true);
  }
  return understood(response);
}

/** Whether the point of sale refuses Flux, so that no sales come. Nothing here may keep forecasts from being shown. */
export async function isAccessWithdrawn(session: Session, cancelled?: AbortSignal): Promise<boolean> {
  try {
    const body = (await answerOf(session, "GET", "connections", undefined, cancelled)) as { items: { state: string }[] };
    return body.items.some((connection) => connection.state === "access_withdrawn");
  } catch {
    return false; // an older API, or a moment's trouble: the forecasts' own request says what is wrong
  }
}

async function send(path: string, request: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(path, {
      ...request,
      cache: "no-store",
      signal: request.signal ? AbortSignal.any([request.signal, patience]) : patience,
    });
  } catch (error) {
    if (request.signal?.aborted) {
      throw error;
    }
    throw new Failure("Flux cannot be reached. Check your internet connection, then try again.");
  }
}

/** The body of a good answer; a Failure from the problem+json (RFC 9457) of a bad one. */
async function understood(response: Response): Promise<unknown> {
  if (response.status === 204) {
    return null;
  }
  if (response.ok) {
    return response.json().catch(() => {
      throw new Failure("Flux answered something this page does not understand. Please reload it.");
    });
  }
  if (response.status === 429) {
    throw new Failure("Too many tries in a short time. Wait a minute, then try again.");
  }
  if (response.status >= 500) {
    throw new Failure("Flux has a problem right now. It is not your doing: please try again in a few minutes.");
  }
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Failure(problem.detail ?? problem.title ?? "Flux could not answer that.");
}
