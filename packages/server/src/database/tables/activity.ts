/** How often something happened in an hour that is over; a counted hour has a row for each of the events. */
export type ActivityTable = {
  /** When the hour begins. */
  hour: number;
  event: string;
  count: number;
};
