/** Dates and quantities as people say them. Dates are a restaurant's business days, so no time zone shifts them. */

const inWords = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" });
  return (date: string) => format.format(new Date(`${date}T00:00:00Z`));
};

export const weekday = inWords({ weekday: "long" });
export const shortWeekday = inWords({ weekday: "short" });
export const monthAndDay = inWords({ month: "long", day: "numeric" });
export const shortMonthAndDay = inWords({ month: "short", day: "numeric" });

/** "Today" or "Tomorrow" where the reader is, or nothing. */
export function nearness(date: string, now: Date = new Date()): string | null {
  const midnight = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const days = (Date.parse(`${date}T00:00:00Z`) - midnight) / 86_400_000;
  return days === 0 ? "Today" : days === 1 ? "Tomorrow" : null;
}

/** Whole portions: nobody prepares half a dish. */
export function portions(quantity: number): string {
  return quantity > 0 && quantity < 0.5 ? "<1" : Math.round(quantity).toLocaleString("en-US");
}

export function range(lower: number, upper: number): string {
  return `${Math.floor(lower).toLocaleString("en-US")}–${Math.ceil(upper).toLocaleString("en-US")}`;
}
