"use client";

import { type FormEvent, useState, useSyncExternalStore } from "react";
import { changePassword, choosePassword, Failure, wordsOf } from "../lib/api";
import { onSessionChange, session, type Session, signOut } from "../lib/session";
import styles from "./password.module.css";
import { Wordmark } from "./wordmark";

const SHORTEST = 15; // as the API has it (lambdas/api/passwords.py)

const onHashChange = (listener: () => void) => {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
};

/** Choosing a password: by the link in the address, or for who is signed in. */
export function Password() {
  // What follows the # is the link's secret. The prerendered page knows neither it nor a session.
  const token = useSyncExternalStore(onHashChange, () => window.location.hash.slice(1), () => null);
  const opened = useSyncExternalStore(onSessionChange, session, () => null);
  const [done, setDone] = useState(false);

  return (
    <main className={styles.page}>
      <Wordmark />
      {done ? (
        <Done signedIn={!token} />
      ) : token === null ? null : token || opened ? (
        <Form token={token} session={opened} onDone={() => setDone(true)} />
      ) : (
        <Nobody />
      )}
    </main>
  );
}

function Form({ token, session, onDone }: { token: string; session: Session | null; onDone: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const [shown, setShown] = useState(false);
  const kind = shown ? "text" : "password";

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted = String(form.get("new"));
    setWaiting(true);
    setFailure(null);
    try {
      if (token) {
        await choosePassword(token, wanted);
      } else if (session) {
        await changePassword(session, String(form.get("current")), wanted);
      }
      onDone();
    } catch (error) {
      if (error instanceof Failure && error.signedOut) {
        signOut();
      }
      setFailure(wordsOf(error));
      setWaiting(false);
    }
  }

  return (
    <form className={styles.card} method="post" onSubmit={submit} aria-labelledby="choose">
      <h1 id="choose">Choose a password</h1>
      <div role="alert">{failure && <p className="failure">{failure}</p>}</div>
      {/* For password managers: whose password it is. */}
      {!token && session && <input className="unseen" autoComplete="username" value={session.email} readOnly tabIndex={-1} aria-hidden="true" />}
      {!token && (
        <label>
          Current password
          <input name="current" type={kind} autoComplete="current-password" required />
        </label>
      )}
      <label>
        New password
        <input name="new" type={kind} autoComplete="new-password" minLength={SHORTEST} maxLength={1024} required aria-describedby="rule" />
      </label>
      <p id="rule" className={styles.rule}>
        At least {SHORTEST} characters. A few words that only you put together are easy to remember and hard to guess.
      </p>
      <label className={styles.show}>
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        Show what I type
      </label>
      <button type="submit" disabled={waiting}>
        {waiting ? "Saving…" : "Save password"}
      </button>
    </form>
  );
}

function Done({ signedIn }: { signedIn: boolean }) {
  return (
    <section className={styles.card} role="status">
      <h1>Your new password is saved</h1>
      <p>{signedIn ? "Use it the next time you sign in." : "Sign in with it now. The link that brought you here works no more."}</p>
      <a className="button" href="/">
        {signedIn ? "Back to your forecasts" : "Sign in"}
      </a>
    </section>
  );
}

function Nobody() {
  return (
    <section className={styles.card}>
      <h1>Sign in first</h1>
      <p>You can change your password once you are signed in. If you forgot it, ask whoever set Flux up for you for a link.</p>
      <a className="button" href="/">
        Sign in
      </a>
    </section>
  );
}
