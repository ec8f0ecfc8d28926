import styles from "./wordmark.module.css";

/** Flux's name beside its mark: three days, one of them busy. */
export function Wordmark() {
  return (
    <span className={styles.wordmark}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <rect x="1" y="10" width="4.5" height="9" rx="2.25" />
        <rect x="7.75" y="1" width="4.5" height="18" rx="2.25" />
        <rect x="14.5" y="6" width="4.5" height="13" rx="2.25" />
      </svg>
      Flux
    </span>
  );
}
