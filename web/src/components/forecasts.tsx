import { useEffect, useState } from "react";
import { Failure, fetchForecasts, isAccessWithdrawn } from "../lib/api";
import { byDay, type Day } from "../lib/forecasts";
import type { Session } from "../lib/session";
import { shortMonthAndDay } from "../lib/words";
import { DayCard } from "./day-card";
import styles from "./forecasts.module.css";
import { Week } from "./week";
import { Wordmark } from "./wordmark";

type Outcome = { days: Day[] } | { failure: string };

/** What a signed-in owner sees. `onLeave` signs out, saying why when it was not their wish. */
export function Forecasts({ session, onLeave }: { session: Session; onLeave: (why: string | null) => void }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [withdrawn, setWithdrawn] = useState(false);

  async function load(cancelled?: AbortSignal) {
    try {
      setOutcome({ days: byDay(await fetchForecasts(session, cancelled)) });
    } catch (error) {
      if (cancelled?.aborted) {
        return;
      }
      if (error instanceof Failure && error.signedOut) {
        onLeave(error.message);
        return;
      }
      setOutcome({ failure: error instanceof Failure ? error.message : "This page could not show your forecasts." });
    }
  }

  useEffect(() => {
    const leaving = new AbortController();
    void load(leaving.signal);
    void isAccessWithdrawn(session, leaving.signal).then(setWithdrawn);
    return () => leaving.abort();
  }, [session]); // `load` is new with each render; only another session has other forecasts

  const retry = () => {
    setOutcome(null);
    void load();
  };

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <Wordmark />
        <a className={styles.owner} href="/password" title="Change your password">
          {session.email}
        </a>
        <a href="/team">Team</a>
        <button type="button" className="quiet" onClick={() => onLeave(null)}>
          Sign out
        </button>
      </header>
      <main aria-busy={outcome === null}>
        {withdrawn && <Withdrawn />}
        {outcome === null && <Loading />}
        {outcome && "failure" in outcome && <Failed why={outcome.failure} onRetry={retry} />}
        {outcome && "days" in outcome && (outcome.days.length > 0 ? <Days days={outcome.days} /> : <Empty />)}
      </main>
    </div>
  );
}

function Days({ days }: { days: Day[] }) {
  const scale = Math.max(1, ...days.flatMap((day) => day.forecasts.map((forecast) => forecast.upper)));
  const versions = [...new Set(days.flatMap((day) => day.forecasts.map((forecast) => forecast.modelVersion)))];
  const first = days[0]?.date ?? "";
  const last = days.at(-1)?.date ?? first;
  return (
    <>
      <div className={styles.title}>
        <h1>The coming days</h1>
        <p>
          {shortMonthAndDay(first)} – {shortMonthAndDay(last)}
        </p>
      </div>
      <Week days={days} />
      <p className={styles.legend}>
        <span className={styles.legendBand} aria-hidden="true">
          <span />
        </span>
        The line marks the portions we expect; the band is the range four days in five fall into.
      </p>
      <div className={styles.days}>
        {days.map((day) => (
          <DayCard key={day.date} day={day} scale={scale} />
        ))}
      </div>
      <footer className={styles.footer}>Renewed every night from your sales. Model {versions.join(", ")}.</footer>
    </>
  );
}

function Withdrawn() {
  return (
    <div className={styles.notice} role="alert">
      <strong>Square no longer lets Flux read your sales.</strong> New sales are missing from these forecasts. Connect
      Flux to Square again; if you did not end the connection, ask whoever manages your Square account.
    </div>
  );
}

function Loading() {
  return (
    <div className={styles.loading}>
      <p role="status" className="unseen">
        Loading your forecasts…
      </p>
      {["title", "week", "card", "card"].map((part, index) => (
        <div key={index} className={styles[part]} aria-hidden="true" />
      ))}
    </div>
  );
}

function Failed({ why, onRetry }: { why: string; onRetry: () => void }) {
  return (
    <div className={styles.message} role="alert">
      <h1>Your forecasts could not be loaded</h1>
      <p className="failure">{why}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

function Empty() {
  return (
    <div className={styles.message}>
      <h1>No forecasts yet</h1>
      <p>
        Flux makes the first one the night after your first sales arrive. Once your point of sale is connected, there is
        nothing else to do: come back tomorrow.
      </p>
    </div>
  );
}
