export function story(url: string, email: string): Promise<string[]>;
export const EXPECTED: readonly string[];
