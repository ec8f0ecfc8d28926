import { type FormEvent, useState, useSyncExternalStore } from "react";
import { openSession, wordsOf } from "../lib/api";
import { signIn } from "../lib/session";
import styles from "./sign-in.module.css";
import { Wordmark } from "./wordmark";

const never = () => () => {};

/** The form an owner signs in with. `notice` says why they have to, when it is not the first time. */
export function SignIn({ notice }: { notice: string | null }) {
  const [failure, setFailure] = useState(notice);
  const [waiting, setWaiting] = useState(false);
  // Before React has taken over the prerendered form, a press on Enter would send it the browser's own way.
  const ready = useSyncExternalStore(never, () => true, () => false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setWaiting(true);
    setFailure(null);
    try {
      signIn(await openSession(String(form.get("email")).trim(), String(form.get("password"))));
    } catch (error) {
      setFailure(wordsOf(error));
      setWaiting(false);
    }
  }

  return (
    <main className={styles.page}>
      <section className={styles.promise}>
        <Wordmark />
        <h1>Know what your guests will order, before they do.</h1>
        <p>
          Flux learns from your sales every night and tells you how much of each dish to prepare for the days ahead.
        </p>
      </section>
      <form className={styles.card} method="post" onSubmit={submit} aria-labelledby="sign-in">
        <h2 id="sign-in">Sign in</h2>
        <div role="alert">{failure && <p className="failure">{failure}</p>}</div>
        <label>
          Email
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit" disabled={!ready || waiting}>
          {waiting ? "Signing in…" : "Sign in"}
        </button>
        <p className={styles.forgotten}>Forgot your password? Ask whoever set Flux up for you for a link.</p>
      </form>
    </main>
  );
}
