/** Where customers live, and what the law there allows leaving to take. */

export interface Place {
  /** Billing country, and for some the state. */
  country: string;
  state?: string;
}

export interface Jurisdiction extends Place {
  name: string;
  jurisdiction: string;
  /** The most presses, from the button that begins to the receipt. */
  clicks_max: number;
}

export const PLACES: readonly Jurisdiction[] = [
  { name: "Germany", country: "DE", clicks_max: 2, jurisdiction: "de" },
  { name: "another member of the Union", country: "FR", clicks_max: 3, jurisdiction: "eu" },
  { name: "the United Kingdom", country: "GB", clicks_max: 3, jurisdiction: "gb" },
  { name: "California", country: "US", state: "CA", clicks_max: 3, jurisdiction: "us_ca" },
  { name: "the United States", country: "US", state: "TX", clicks_max: 3, jurisdiction: "us" },
  { name: "Korea", country: "KR", clicks_max: 3, jurisdiction: "kr" },
  { name: "Türkiye", country: "TR", clicks_max: 3, jurisdiction: "tr" },
  { name: "Japan", country: "JP", clicks_max: 3, jurisdiction: "jp" },
  { name: "somewhere else", country: "BR", clicks_max: 3, jurisdiction: "elsewhere" },
];
