import type { Day } from "../lib/forecasts";
import { monthAndDay, portions, shortWeekday, weekday } from "../lib/words";
import styles from "./week.module.css";

/** The days at a glance: a column for each, as high as its portions. Each leads to its day below. */
export function Week({ days }: { days: Day[] }) {
  const busiest = days.reduce((most, day) => (day.total > most.total ? day : most));
  return (
    <nav aria-label="Days" className={styles.week}>
      <ol>
        {days.map((day) => (
          <li key={day.date}>
            <a
              href={`#day-${day.date}`}
              className={day === busiest ? styles.busiest : undefined}
              aria-label={`${weekday(day.date)}, ${monthAndDay(day.date)}: ${portions(day.total)} portions${day === busiest ? ", the busiest day" : ""}`}
            >
              <span className={styles.total}>{portions(day.total)}</span>
              <span className={styles.column} aria-hidden="true">
                <span style={{ height: `${height(day, busiest)}%` }} />
              </span>
              <span className={styles.name}>{shortWeekday(day.date)}</span>
              <span className={styles.number}>{Number(day.date.slice(8))}</span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** In percent of the busiest day's; a day without sales keeps a sliver to click on. */
function height(day: Day, busiest: Day): number {
  return busiest.total > 0 ? Math.max(2, (100 * day.total) / busiest.total) : 2;
}
