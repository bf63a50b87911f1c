/** Where a Durable Object near a visitor belongs: Cloudflare places objects by these regions only. */

export type Region = DurableObjectLocationHint;

/** The region of observers who come from nowhere in particular. */
export const ANYWHERE = "any";

/** @param room id of the room's object */
export function relayName(room: string, region: string, number: number): string {
  return `${room}/${region}/${number}`;
}

/** Whoever speaks to a relay first makes it, and a hint counts only then: so nobody leaves it out. */
export function relayStub<Room extends Rpc.DurableObjectBranded | undefined>(
  rooms: DurableObjectNamespace<Room>,
  name: string,
): DurableObjectStub<Room> {
  const region = regionIn(name);
  return rooms.getByName(name, region === ANYWHERE ? {} : { locationHint: region as Region });
}

export function regionIn(name: string): string {
  return name.split("/")[1] ?? ANYWHERE;
}

const MIDDLE_EAST = new Set("AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE".split(" "));

/** Longitudes that cut Europe and North America in two, in degrees. */
const EASTERN_EUROPE_FROM = 16;
const EASTERN_AMERICA_FROM = -97;

/** @param cf `request.cf`, of which nothing is certain: outside Cloudflare there is none */
export function regionOf(
  cf: { continent?: unknown; country?: unknown; longitude?: unknown } | undefined,
): Region | undefined {
  const longitude = Number(cf?.longitude);
  if (typeof cf?.country === "string" && MIDDLE_EAST.has(cf.country)) return "me";
  switch (cf?.continent) {
    case "AF":
      return "afr";
    case "AS":
      return "apac";
    case "EU":
      return longitude >= EASTERN_EUROPE_FROM ? "eeur" : "weur";
    case "NA":
      return longitude < EASTERN_AMERICA_FROM ? "wnam" : "enam";
    case "OC":
      return "oc";
    case "SA":
      return "sam";
    default:
      return undefined;
  }
}
