import type { Day, Forecast } from "../lib/forecasts";
import { monthAndDay, nearness, portions, range, weekday } from "../lib/words";
import styles from "./day-card.module.css";

/** One day: its dishes, each with the expected portions and their range. `scale` is the widest bar's upper end. */
export function DayCard({ day, scale }: { day: Day; scale: number }) {
  const near = nearness(day.date);
  return (
    <section id={`day-${day.date}`} className={styles.card} aria-labelledby={`name-${day.date}`} data-day={day.date}>
      <header>
        <h2 id={`name-${day.date}`}>
          {weekday(day.date)}
          {near && <span className={styles.near}>{near}</span>}
        </h2>
        <p>
          {monthAndDay(day.date)} · {day.total > 0 ? `${portions(day.total)} portions` : "no sales expected"}
        </p>
      </header>
      {day.total > 0 && (
        <ul>
          {day.forecasts.map((forecast) => (
            <Dish key={forecast.itemId} forecast={forecast} scale={scale} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Dish({ forecast, scale }: { forecast: Forecast; scale: number }) {
  const { item, quantity, lower, upper } = forecast;
  const along = (value: number) => (100 * Math.max(0, Math.min(value, scale))) / scale;
  return (
    <li className={styles.dish} data-item={item} data-quantity={quantity}>
      <span className={styles.name}>{item}</span>
      <span className={styles.numbers}>
        <strong>{portions(quantity)}</strong>
        <span className={styles.range}>
          <span className="unseen">, likely between </span>
          {range(lower, upper)}
        </span>
      </span>
      <svg className={styles.bar} aria-hidden="true">
        <rect className={styles.track} width="100%" height="100%" />
        <rect className={styles.band} x={`${along(lower)}%`} width={`${along(upper) - along(lower)}%`} height="100%" />
        <line className={styles.mark} x1={`${along(quantity)}%`} x2={`${along(quantity)}%`} y1="0" y2="100%" />
      </svg>
    </li>
  );
}
