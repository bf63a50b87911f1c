import { createApp } from "./app.ts";
import { runSchedule } from "./schedule.ts";

export { Spool } from "./intake/spool.ts";
export { ObservationRoom } from "./rooms/room.ts";
export { MetricsHub } from "./telemetry/metrics-hub.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: (_controller, env, ctx) => runSchedule(env, ctx),
} satisfies ExportedHandler<Env>;
