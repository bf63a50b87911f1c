import { createApp } from "./app.ts";

export { Spool } from "./intake/spool.ts";
export { ObservationRoom } from "./rooms/room.ts";
export { MetricsHub } from "./telemetry/metrics-hub.ts";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
