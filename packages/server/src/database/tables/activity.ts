/** How often an event happened in a past hour; a counted hour has a row for each event. */
export type ActivityTable = {
  /** When the hour begins. */
  hour: number;
  event: string;
  count: number;
};
