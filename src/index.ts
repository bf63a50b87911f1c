import { createApp } from "./app.ts";

export { ObservationRoom } from "./rooms/room.ts";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
