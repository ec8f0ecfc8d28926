/** Forecasts as the API gives them, and the days they are shown as. */

export type Forecast = {
  date: string; // YYYY-MM-DD
  itemId: string;
  item: string;
  quantity: number; // portions
  lower: number;
  upper: number;
  modelVersion: string;
};

export type Day = { date: string; total: number; forecasts: Forecast[] };

/** The forecasts in an answer of GET /api/v1/forecasts. */
export function readForecasts(body: unknown): Forecast[] {
  const { items } = body as { items: Record<string, unknown>[] };
  return items.map((item) => ({
    date: String(item.date),
    itemId: String(item.menu_item_id),
    item: String(item.menu_item),
    quantity: Number(item.quantity),
    lower: Number(item.lower),
    upper: Number(item.upper),
    modelVersion: String(item.model_version),
  }));
}

/** Days in order; in each, the dishes that sell most come first. */
export function byDay(forecasts: Forecast[]): Day[] {
  const days = Map.groupBy(forecasts, (forecast) => forecast.date);
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([date, ofDay]) => ({
      date,
      total: totalOf(ofDay.map((forecast) => forecast.quantity)),
      forecasts: ofDay.toSorted((a, b) => b.quantity - a.quantity || a.item.localeCompare(b.item)),
    }));
}

/** What the day's numbers, as they are shown, add up to; people check. Where every one is shown as less than 1, their sum. */
function totalOf(quantities: number[]): number {
  const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);
  return sum(quantities.map(Math.round)) || sum(quantities);
}
