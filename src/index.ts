import { createApp } from "./app.ts";

export { ObservationRoom } from "./rooms/room.ts";
export { MetricsHub } from "./telemetry/metrics-hub.ts";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
