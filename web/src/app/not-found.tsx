import { Wordmark } from "../components/wordmark";
import styles from "./not-found.module.css";

export default function NotFound() {
  return (
    <main className={styles.page}>
      <Wordmark />
      <h1>This page is not on the menu.</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      {/* A plain link: a wrong address needs the whole site anew. */}
      <a className="button" href="/">
        Go to your forecasts
      </a>
    </main>
  );
}
